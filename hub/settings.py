"""One frozen settings object, read once from the environment. Every limit of the hub stands here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hub.admission import RequestLimits, SigningIn, number, requests_from, signing_in_from
from hub.errors import FlowError

HOME = Path(__file__).resolve().parent.parent
KEPT_DAYS, HALF_A_YEAR = 200, 184
"""Days that Airflow's logs and rows are kept; the law keeps logs of networks for six months at least."""


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """How much one reading of a source may take; what lies before a limit is kept, and the next goes on from there.

    pages: so many of them. empty: so many without a record one after the other. bytes: of all records.
    """

    pages: int = 100_000
    empty: int = 10_000
    bytes: int = 50_000_000_000


ANSWER_BYTES = 1_000_000
"""What others than partners answer is small."""


@dataclass(frozen=True, slots=True)
class Oidc:
    """The identity provider at which people sign in.

    scope: what is asked of it. account_claim, department_claim, role_claim: where its token names account, unit and
    groups. roles: (group, role) in their order; somebody in none of these groups needs an account that was opened for
    them. timeout_seconds: how long one answer may take, answer_bytes: how large it may be; keys_seconds: how long its
    keys are believed.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str = "openid profile groups"
    account_claim: str = "preferred_username"
    department_claim: str = "department"
    role_claim: str = "groups"
    roles: tuple[tuple[str, str], ...] = ()
    timeout_seconds: float = 10.0
    keys_seconds: float = 3600.0
    answer_bytes: int = ANSWER_BYTES


@dataclass(frozen=True, slots=True)
class Bounds:
    """From where on an account's reading of a day stands out; all of them our own choice.

    factor, least: more records than so many times the account's own median of a day with reads, and at least so many.
    habit_days: over how many days before that median is taken. opens, closes: the hours outside which people rarely
    work; off_hours: how many reads outside them, or on days off, are too many. projects: how many projects without an
    open case. refusals: how many refusals in a row.
    """

    factor: float = 5.0
    least: int = 500
    habit_days: int = 28
    opens: int = 7
    closes: int = 20
    off_hours: int = 20
    projects: int = 30
    refusals: int = 5


@dataclass(frozen=True, slots=True)
class ShapeBounds:
    """From where on a change counts.

    sample: how many decoded records of a batch are looked at; on suspicion all are. least: in so
    many records a field must be missing, or of another type. sure: so many records say what is
    usual, also for records that were never met before. formerly: what this share of records has
    is usual.
    empty: so many records must lack its value. share, codes: this share of a batch, and at least
    so many records, have codes unknown before (or, of a field, values of another type). sweep: so
    many records in the last complete sweep make an empty one strange. known: so many distinct
    codes of a field are remembered. batches: so many batches of a flow are held at most; then its
    reading ends. told_seconds: how long a change that is only told stays an alert.
    """

    sample: int = 200
    least: int = 2
    sure: int = 20
    formerly: float = 0.9
    empty: int = 20
    share: float = 0.2
    codes: int = 50
    sweep: int = 100
    known: int = 500
    batches: int = 50
    told_seconds: int = 604_800


@dataclass(frozen=True, slots=True)
class Starting:
    """How long `make up` and `make demo` wait before they say that something is late; they go on all the same.

    part_seconds: a part is late that shows no progress for so long (its processes use no CPU, its
    log does not grow). part_most: and one that takes longer than this, whatever it shows.
    probe_seconds: how long one look may take whether a part serves. answer_seconds: how long
    Airflow may take for one answer; airflow_seconds: and to give any at all. parse_seconds: an
    opening is late when no further DAG is read for so long. act_seconds: an act is late when no
    run begins or ends for so long. stop_seconds: until a part that was asked to stop is asked again, and until
    it is ended. down_seconds: how long `make down` waits. ports_seconds: until a taken port is told.
    log_bytes: a log of a part that is longer is begun anew. answer_bytes: Airflow gives no longer answer.
    """

    part_seconds: float = 120.0
    part_most: float = 1800.0
    probe_seconds: float = 10.0
    answer_seconds: float = 60.0
    airflow_seconds: float = 600.0
    parse_seconds: float = 300.0
    act_seconds: float = 300.0
    stop_seconds: float = 10.0
    down_seconds: float = 90.0
    ports_seconds: float = 30.0
    log_bytes: int = 50_000_000
    answer_bytes: int = 50_000_000


@dataclass(frozen=True, slots=True)
class Waits:
    """How long the hub waits, in seconds, before it gives up and says so.

    connect, pool: for the database to let in, for a free connection. lock: for what another
    transaction holds; statement: for one statement; idle: between two statements of a transaction,
    which a stopped process would keep open for ever; transaction: for all of it.
    ask_lock, ask_statement: instead of these where somebody waits for an answer (pages and API).
    long_statement: instead of both statement and transaction where one is honestly long (verify,
    migrate, rehearsals, facts).
    lease: a run that has not said for so long that it lives is over. stall: and one that lives and
    gets no further for so long. fit: after so long it is asked again whether this program may
    write to the database. months: for so many months to come there are partitions.
    """

    connect: float = 10.0
    pool: float = 10.0
    lock: float = 180.0
    statement: float = 900.0
    idle: float = 120.0
    transaction: float = 3600.0
    ask_lock: float = 10.0
    ask_statement: float = 60.0
    long_statement: float = 21_600.0
    lease: float = 180.0
    stall: float = 1800.0
    fit: float = 5.0
    months: int = 3


@dataclass(frozen=True, slots=True)
class HealthBounds:
    """From where on the machine and the database are short of something.

    seconds: how long one look may take; again: and how long it is good for. disk_paths: folders
    whose file systems are watched; disk_warn, disk_least: bytes that should be, and must be, free
    there. connections: the share of the database's connections that may be in use. clock: how many
    seconds the database's clock may be apart from ours, or behind what it has committed.
    """

    seconds: float = 5.0
    again: float = 1.0
    disk_paths: tuple[Path, ...] = (HOME,)
    disk_warn: int = 5_000_000_000
    disk_least: int = 500_000_000
    connections: float = 0.8
    clock: float = 5.0


@dataclass(frozen=True, slots=True)
class Witnessing:
    """Where the newest checkpoint goes by itself, outside of this machine.

    file: a file that is only appended to, on a write-once share. syslog: udp://, tcp:// or tls://HOST:PORT, or
    unix:///dev/log; syslog_ca: whom a log server's certificate is checked by. tsa: an authority of RFC 3161;
    tsa_ca: whose stamps are believed. every_seconds, stamp_seconds: no more often than that, a stamp.
    timeout_seconds: so long may one
    of them take, answer_bytes: so large may an answer be. behind_seconds: who has had none for longer
    is told. compared: so many last lines of the file are compared with the ledger at each look.
    """

    file: Path | None = None
    syslog: str = ""
    syslog_ca: Path | None = None
    tsa: str = ""
    tsa_ca: Path | None = None
    every_seconds: float = 60.0
    stamp_seconds: float = 3600.0
    timeout_seconds: float = 10.0
    behind_seconds: float = 900.0
    compared: int = 1000
    answer_bytes: int = ANSWER_BYTES


@dataclass(frozen=True, slots=True)
class Settings:
    """What a process of the hub needs to know before it starts.

    database_url: libpq URL of the database `hub`. home: the folder that holds schemas/ and mappings/.
    hash_key: secret bytes that key the payload hashes (at most 64). digest_key: and those that the verb `digest` gives.
    batch_records: records a transaction takes in.
    drift_share, drift_least: a batch is held when more than this share of it, and at least so many records, fail for
    one cause. shape: from where on a change of a source's shape counts.
    payload_bytes: the longest record taken. hold_seconds: how long a delivery may be under way before it is
    repeated. attempts: how often a delivery is tried before it is dead, alone from half of them on.
    backoff_seconds, backoff_most: first and
    longest wait between attempts. receipt_seconds: a delivery whose verdict takes longer is handed over again under
    its key. seal_lag_seconds: intake stops when the oldest unsealed batch is older.
    reconcile_records, reconcile_keys: how many records a comparison may have listed by a source a night, and for how
    many deliveries it may ask a target. restore_sendings: so many sendings of one record may have been lost with what
    a restoration has not brought back. marker: a file by which this machine remembers what was last sent from it.
    reconcile_share: a comparison stops when more than this share differs. reconcile_absences: in how many complete
    listings in a row a record must be absent before it counts as deleted.
    alert_urls: where alerts go (apprise URLs, blank-separated). alert_seconds, alert_bytes: how long telling one of
    them may take, and how much memory. alert_again_seconds: how soon a cause that has been
    told may be told again. link_sure: a record is linked by itself to a project that is its own with this likelihood.
    link_maybe: with this likelihood a person is asked. link_signs: so many signs of a name or an address are compared.
    waiting_hours: a record that waits longer is reported.
    seal_key, seal_sm2_key: files of the Ed25519 and SM2 keys that sign the ledger's checkpoints. proof_links: how many
    seals a proof may reach over at most. unusual: from where on reading stands out. recall_seconds: how long a
    recall may be open before somebody is told. session_idle_seconds, session_seconds: a sign-in at the console lapses
    when it is not used for so long, and at the latest after so long. airflow_url: where people reach Airflow's pages.
    signing_in: how people are let in. oidc: the identity provider, where there is one.
    overview_count: how far the overview counts what is open of a flow. notes_days: of so many last days it tells what
    runs have met that is remarkable and no fault.
    grant_days: how long a grant lasts where nothing else is said. grant_warning_days: so many days before grants lapse
    people are told. kept_answers_bytes: how many bytes of prefilled forms a process keeps for when they are asked for
    again. search_projects: among how many projects of a name or code those are looked for that a reader may see.
    verify_findings: so many wrong rows are listed by a verification; all are counted. verify_days: an alert says when
    nothing was verified as a whole for longer.
    contracts_seconds: how often the web process looks whether a contract file has changed. waits: how long the hub
    waits for its own database and for runs that say nothing. requests: what a request may take of the web process.
    reading: what one reading of a source may take. batch_bytes: bytes of the records of one batch.
    health: from where on the machine and the database are short of something. witnessing: where checkpoints go.
    airflow_days: so long Airflow's task logs and its own rows are kept.
    """

    database_url: str = field(repr=False)
    home: Path = HOME
    hash_key: bytes = field(default=b"", repr=False)
    batch_records: int = 20_000
    drift_share: float = 0.2
    drift_least: int = 50
    shape: ShapeBounds = field(default_factory=ShapeBounds)
    payload_bytes: int = 1_000_000
    hold_seconds: int = 300
    attempts: int = 8
    backoff_seconds: float = 5.0
    backoff_most: float = 3600.0
    receipt_seconds: int = 604_800
    seal_lag_seconds: int = 3600
    reconcile_records: int = 200_000
    reconcile_keys: int = 20_000
    restore_sendings: int = 8
    marker: Path | None = None
    reconcile_share: float = 0.2
    reconcile_absences: int = 2
    alert_urls: tuple[str, ...] = field(default=(), repr=False)
    alert_again_seconds: int = 86_400
    alert_seconds: float = 60.0
    alert_bytes: int = 100_000_000
    link_sure: float = 0.8
    link_maybe: float = 0.3
    link_signs: int = 250
    waiting_hours: float = 168.0
    seal_key: Path | None = None
    seal_sm2_key: Path | None = None
    proof_links: int = 20_000
    unusual: Bounds = field(default_factory=Bounds)
    recall_seconds: int = 604_800
    session_idle_seconds: int = 1800
    session_seconds: int = 43_200
    airflow_url: str = ""
    signing_in: SigningIn = field(default_factory=SigningIn)
    oidc: Oidc | None = None
    overview_count: int = 1000
    notes_days: int = 7
    grant_days: int = 365
    grant_warning_days: int = 30
    kept_answers_bytes: int = 64_000_000
    search_projects: int = 20_000
    verify_findings: int = 1000
    verify_days: int = 3
    contracts_seconds: float = 2.0
    waits: Waits = Waits()
    health: HealthBounds = HealthBounds()
    digest_key: bytes = field(default=b"", repr=False)
    requests: RequestLimits = field(default_factory=RequestLimits)
    reading: ReadingLimits = ReadingLimits()
    batch_bytes: int = 100_000_000
    witnessing: Witnessing = Witnessing()
    airflow_days: int = KEPT_DAYS


def settings_from(environ: Mapping[str, str]) -> Settings:
    """Read HUB_* variables; raise FlowError naming the one that is missing or unusable.

    HUB_DATABASE_URL is required; every other one has the default that `Settings` shows.
    """
    url = environ.get("HUB_DATABASE_URL")
    if not url:
        raise FlowError("settings.missing", name="HUB_DATABASE_URL")
    seal_key, seal_sm2_key = environ.get("HUB_SEAL_KEY"), environ.get("HUB_SEAL_SM2_KEY")
    return Settings(
        database_url=url.replace("postgresql+psycopg://", "postgresql://"),
        home=Path(environ.get("HUB_HOME", HOME)),
        hash_key=environ.get("HUB_HASH_KEY", "").encode()[:64],
        batch_records=number(environ, "HUB_BATCH_RECORDS", 20_000),
        drift_share=number(environ, "HUB_DRIFT_SHARE", 0.2),
        drift_least=number(environ, "HUB_DRIFT_LEAST", 50),
        shape=_shape(environ),
        payload_bytes=number(environ, "HUB_PAYLOAD_BYTES", 1_000_000),
        batch_bytes=number(environ, "HUB_BATCH_BYTES", 100_000_000),
        reading=ReadingLimits(
            pages=number(environ, "HUB_RUN_PAGES", 100_000),
            empty=number(environ, "HUB_RUN_EMPTY_PAGES", 10_000),
            bytes=number(environ, "HUB_RUN_BYTES", 50_000_000_000),
        ),
        hold_seconds=number(environ, "HUB_HOLD_SECONDS", 300),
        attempts=number(environ, "HUB_ATTEMPTS", 8),
        backoff_seconds=number(environ, "HUB_BACKOFF_SECONDS", 5.0),
        backoff_most=number(environ, "HUB_BACKOFF_MOST", 3600.0),
        receipt_seconds=number(environ, "HUB_RECEIPT_SECONDS", 604_800),
        seal_lag_seconds=number(environ, "HUB_SEAL_LAG_SECONDS", 3600),
        reconcile_records=number(environ, "HUB_RECONCILE_RECORDS", 200_000),
        reconcile_keys=number(environ, "HUB_RECONCILE_KEYS", 20_000),
        restore_sendings=number(environ, "HUB_RESTORE_SENDINGS", 8),
        marker=Path(environ["HUB_MARKER"]) if environ.get("HUB_MARKER") else None,
        reconcile_share=number(environ, "HUB_RECONCILE_SHARE", 0.2),
        reconcile_absences=number(environ, "HUB_RECONCILE_ABSENCES", 2),
        alert_urls=tuple(environ.get("HUB_ALERT_URLS", "").split()),
        alert_again_seconds=number(environ, "HUB_ALERT_AGAIN_SECONDS", 86_400),
        alert_seconds=number(environ, "HUB_ALERT_SECONDS", 60.0),
        alert_bytes=number(environ, "HUB_ALERT_BYTES", 100_000_000),
        link_sure=number(environ, "HUB_LINK_SURE", 0.8),
        link_maybe=number(environ, "HUB_LINK_MAYBE", 0.3),
        link_signs=number(environ, "HUB_LINK_SIGNS", 250),
        waiting_hours=number(environ, "HUB_WAITING_HOURS", 168.0),
        seal_key=Path(seal_key) if seal_key else None,
        seal_sm2_key=Path(seal_sm2_key) if seal_sm2_key else None,
        proof_links=number(environ, "HUB_PROOF_LINKS", 20_000),
        unusual=_unusual(environ),
        recall_seconds=number(environ, "HUB_RECALL_SECONDS", 604_800),
        session_idle_seconds=number(environ, "HUB_SESSION_IDLE_SECONDS", 1800),
        session_seconds=number(environ, "HUB_SESSION_SECONDS", 43_200),
        airflow_url=environ.get("HUB_AIRFLOW_URL", "").rstrip("/"),
        signing_in=signing_in_from(environ),
        oidc=_oidc(environ),
        overview_count=number(environ, "HUB_OVERVIEW_COUNT", 1000),
        notes_days=number(environ, "HUB_NOTES_DAYS", 7),
        grant_days=number(environ, "HUB_GRANT_DAYS", 365),
        grant_warning_days=number(environ, "HUB_GRANT_WARNING_DAYS", 30),
        kept_answers_bytes=number(environ, "HUB_KEPT_ANSWERS_BYTES", 64_000_000),
        search_projects=number(environ, "HUB_SEARCH_PROJECTS", 20_000),
        contracts_seconds=number(environ, "HUB_CONTRACTS_SECONDS", 2.0),
        verify_findings=number(environ, "HUB_VERIFY_FINDINGS", 1000),
        verify_days=number(environ, "HUB_VERIFY_DAYS", 3),
        waits=waits_from(environ),
        health=_health(environ),
        digest_key=environ.get("HUB_DIGEST_KEY", "").encode(),
        requests=requests_from(environ),
        witnessing=_witnessing(environ),
        airflow_days=airflow_days(environ),
    )


def kept_since(days: int) -> datetime:
    """From when on Airflow's task logs and its own rows are kept."""
    return datetime.now(UTC) - timedelta(days=days)


def airflow_days(environ: Mapping[str, str]) -> int:
    """How many days they are kept; FlowError where that is shorter than the law has it."""
    days = number(environ, "HUB_AIRFLOW_KEEP_DAYS", KEPT_DAYS)
    if days < HALF_A_YEAR:
        raise FlowError("settings.kept_too_short", name="HUB_AIRFLOW_KEEP_DAYS", value=days, least=HALF_A_YEAR)
    return days


def starting_from(environ: Mapping[str, str]) -> Starting:
    """Read how long the start of everything waits; FlowError naming a variable that is unusable."""
    usual = Starting()
    return Starting(
        part_seconds=number(environ, "HUB_START_PART_SECONDS", usual.part_seconds),
        part_most=number(environ, "HUB_START_PART_MOST", usual.part_most),
        probe_seconds=number(environ, "HUB_START_PROBE_SECONDS", usual.probe_seconds),
        answer_seconds=number(environ, "HUB_START_ANSWER_SECONDS", usual.answer_seconds),
        airflow_seconds=number(environ, "HUB_START_AIRFLOW_SECONDS", usual.airflow_seconds),
        parse_seconds=number(environ, "HUB_START_PARSE_SECONDS", usual.parse_seconds),
        act_seconds=number(environ, "HUB_START_ACT_SECONDS", usual.act_seconds),
        stop_seconds=number(environ, "HUB_START_STOP_SECONDS", usual.stop_seconds),
        down_seconds=number(environ, "HUB_START_DOWN_SECONDS", usual.down_seconds),
        ports_seconds=number(environ, "HUB_START_PORTS_SECONDS", usual.ports_seconds),
        log_bytes=number(environ, "HUB_START_LOG_BYTES", usual.log_bytes),
        answer_bytes=number(environ, "HUB_START_ANSWER_BYTES", usual.answer_bytes),
    )


def waits_from(environ: Mapping[str, str]) -> Waits:
    """Read how long the hub waits; FlowError naming a variable that is unusable."""
    usual = Waits()
    return Waits(
        connect=number(environ, "HUB_CONNECT_SECONDS", usual.connect),
        pool=number(environ, "HUB_POOL_SECONDS", usual.pool),
        lock=number(environ, "HUB_LOCK_WAIT_SECONDS", usual.lock),
        statement=number(environ, "HUB_STATEMENT_SECONDS", usual.statement),
        idle=number(environ, "HUB_IDLE_SECONDS", usual.idle),
        transaction=number(environ, "HUB_TRANSACTION_SECONDS", usual.transaction),
        ask_lock=number(environ, "HUB_ASK_LOCK_SECONDS", usual.ask_lock),
        ask_statement=number(environ, "HUB_ASK_STATEMENT_SECONDS", usual.ask_statement),
        long_statement=number(environ, "HUB_LONG_STATEMENT_SECONDS", usual.long_statement),
        lease=number(environ, "HUB_LEASE_SECONDS", usual.lease),
        stall=number(environ, "HUB_STALL_SECONDS", usual.stall),
        fit=number(environ, "HUB_FIT_SECONDS", usual.fit),
        months=number(environ, "HUB_MONTHS_AHEAD", usual.months),
    )


def _witnessing(environ: Mapping[str, str]) -> Witnessing:
    usual = Witnessing()
    paths = {
        name: Path(environ[variable]) if environ.get(variable) else None
        for name, variable in (
            ("file", "HUB_WITNESS_FILE"),
            ("syslog_ca", "HUB_WITNESS_SYSLOG_CA"),
            ("tsa_ca", "HUB_WITNESS_TSA_CA"),
        )
    }
    return Witnessing(
        file=paths["file"],
        syslog=environ.get("HUB_WITNESS_SYSLOG", ""),
        syslog_ca=paths["syslog_ca"],
        tsa=environ.get("HUB_WITNESS_TSA", ""),
        tsa_ca=paths["tsa_ca"],
        every_seconds=number(environ, "HUB_WITNESS_SECONDS", usual.every_seconds),
        stamp_seconds=number(environ, "HUB_WITNESS_STAMP_SECONDS", usual.stamp_seconds),
        timeout_seconds=number(environ, "HUB_WITNESS_TIMEOUT_SECONDS", usual.timeout_seconds),
        behind_seconds=number(environ, "HUB_WITNESS_BEHIND_SECONDS", usual.behind_seconds),
        compared=number(environ, "HUB_WITNESS_COMPARED", usual.compared),
        answer_bytes=number(environ, "HUB_ANSWER_BYTES", usual.answer_bytes),
    )


def _oidc(environ: Mapping[str, str]) -> Oidc | None:
    issuer = environ.get("HUB_OIDC_ISSUER", "").rstrip("/")
    if not issuer:
        return None
    needed = ("HUB_OIDC_CLIENT_ID", "HUB_OIDC_CLIENT_SECRET", "HUB_PUBLIC_URL")
    if missing := [name for name in needed if not environ.get(name)]:
        raise FlowError("settings.missing", name=", ".join(missing))
    pairs = [pair.partition("=") for pair in environ.get("HUB_OIDC_ROLES", "").split(",") if pair.strip()]
    return Oidc(
        issuer,
        environ["HUB_OIDC_CLIENT_ID"],
        environ["HUB_OIDC_CLIENT_SECRET"],
        scope=environ.get("HUB_OIDC_SCOPE", "openid profile groups"),
        account_claim=environ.get("HUB_OIDC_ACCOUNT_CLAIM", "preferred_username"),
        department_claim=environ.get("HUB_OIDC_DEPARTMENT_CLAIM", "department"),
        role_claim=environ.get("HUB_OIDC_ROLE_CLAIM", "groups"),
        roles=tuple((group.strip(), role.strip()) for group, _, role in pairs),
        timeout_seconds=number(environ, "HUB_OIDC_TIMEOUT_SECONDS", 10.0),
        keys_seconds=number(environ, "HUB_OIDC_KEYS_SECONDS", 3600.0),
        answer_bytes=number(environ, "HUB_ANSWER_BYTES", ANSWER_BYTES),
    )


def _shape(environ: Mapping[str, str]) -> ShapeBounds:
    usual = ShapeBounds()
    return ShapeBounds(
        sample=number(environ, "HUB_SHAPE_SAMPLE", usual.sample),
        least=number(environ, "HUB_SHAPE_LEAST", usual.least),
        sure=number(environ, "HUB_SHAPE_SURE", usual.sure),
        formerly=number(environ, "HUB_SHAPE_FORMERLY", usual.formerly),
        empty=number(environ, "HUB_SHAPE_EMPTY", usual.empty),
        share=number(environ, "HUB_SHAPE_SHARE", usual.share),
        codes=number(environ, "HUB_SHAPE_CODES", usual.codes),
        sweep=number(environ, "HUB_SHAPE_SWEEP", usual.sweep),
        known=number(environ, "HUB_SHAPE_KNOWN", usual.known),
        batches=number(environ, "HUB_HELD_BATCHES", usual.batches),
        told_seconds=number(environ, "HUB_SHAPE_TOLD_SECONDS", usual.told_seconds),
    )


def _health(environ: Mapping[str, str]) -> HealthBounds:
    usual = HealthBounds()
    named = tuple(Path(place) for place in environ.get("HUB_DISK_PATHS", "").split(":") if place.strip())
    return HealthBounds(
        seconds=number(environ, "HUB_HEALTH_SECONDS", usual.seconds),
        again=number(environ, "HUB_HEALTH_AGAIN_SECONDS", usual.again),
        disk_paths=named or (Path(environ.get("HUB_HOME", HOME)),),
        disk_warn=number(environ, "HUB_DISK_WARN_BYTES", usual.disk_warn),
        disk_least=number(environ, "HUB_DISK_LEAST_BYTES", usual.disk_least),
        connections=number(environ, "HUB_CONNECTIONS_WARN", usual.connections),
        clock=number(environ, "HUB_CLOCK_SECONDS", usual.clock),
    )


def _unusual(environ: Mapping[str, str]) -> Bounds:
    usual = Bounds()
    return Bounds(
        factor=number(environ, "HUB_UNUSUAL_FACTOR", usual.factor),
        least=number(environ, "HUB_UNUSUAL_LEAST", usual.least),
        habit_days=number(environ, "HUB_UNUSUAL_HABIT_DAYS", usual.habit_days),
        opens=number(environ, "HUB_UNUSUAL_OPENS", usual.opens),
        closes=number(environ, "HUB_UNUSUAL_CLOSES", usual.closes),
        off_hours=number(environ, "HUB_UNUSUAL_OFF_HOURS", usual.off_hours),
        projects=number(environ, "HUB_UNUSUAL_PROJECTS", usual.projects),
        refusals=number(environ, "HUB_UNUSUAL_REFUSALS", usual.refusals),
    )

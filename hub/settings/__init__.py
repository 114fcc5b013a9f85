"""The hub's settings: one frozen object, read once from the environment, with every limit."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hub.errors import FlowError
from hub.settings.intake import ReadingLimits, ShapeBounds
from hub.settings.kinds import HOME, Address, DatabaseUrl, Key, Secret, Words
from hub.settings.outside import HealthBounds, LogSettings, Retention, Witnessing
from hub.settings.people import Bounds, Oidc, RequestLimits, SigningIn
from hub.settings.section import REQUIRED, changed, read, section, setting
from hub.settings.waiting import Starting, Timeouts

__all__ = [
    "HOME",
    "Bounds",
    "HealthBounds",
    "LogSettings",
    "Oidc",
    "ReadingLimits",
    "RequestLimits",
    "Retention",
    "Settings",
    "ShapeBounds",
    "SigningIn",
    "Starting",
    "Timeouts",
    "Witnessing",
    "changed",
    "kept_since",
    "read",
    "settings_from",
]


@section
class Settings:
    """What a process of the hub needs to know before it starts."""

    database_url: DatabaseUrl = setting(
        REQUIRED,
        "HUB_DATABASE_URL",
        "the hub's database, `postgresql://user:password@host:port/hub`, PostgreSQL 15 or newer",
        secret=True,
    )
    home: Path = setting(
        HOME,
        "HUB_HOME",
        "the folder that holds `schemas/`, `mappings/` and `dags/`",
        shown="the checkout; from a wheel, the folder where it is started",
    )
    files: Path | None = setting(
        None,
        "HUB_FILES",
        "the folder in which files that records name are held, each under its digest; the same for "
        "every process of the hub. Back it up with the database",
        shown="`.run/files` in the folder of `HUB_HOME`",
    )
    hash_key: Key = setting(
        b"",
        "HUB_HASH_KEY",
        "keys the payload hashes, at most 64 bytes. With an empty key short payloads could be "
        "guessed from their hash; `make up` makes a random one. Keep it: with another key every "
        "record looks changed once, and `hub verify` names every payload",
        secret=True,
        shown="empty",
    )
    batch_records: int = setting(
        20_000,
        "HUB_BATCH_RECORDS",
        "records taken in by one transaction",
    )
    drift_share: float = setting(
        0.2,
        "HUB_DRIFT_SHARE",
        (
            "a batch is held when more than this share of it, and at least so many records, fail "
            "for one cause"
        ),
    )
    drift_least: int = setting(50, "HUB_DRIFT_LEAST")
    shape: ShapeBounds = ShapeBounds()
    validator_audit: int = setting(
        1000,
        "HUB_VALIDATOR_AUDIT",
        "of the records taken in one in so many is judged by the reference implementation of "
        "JSON Schema "
        "besides; where it differs the record is set aside "
        "([record.validators_differ](errors.md#recordvalidators_differ)). 0: none (our own choice)",
        or_none=True,
    )
    columns: int = setting(
        32,
        "HUB_COLUMNS",
        "so many new records of a batch, or more, are mapped by columns, each distinct value of a "
        "field once; fewer one by one, which gives the same. 0: always one by one, for whoever "
        "doubts it",
        or_none=True,
    )
    payload_bytes: int = setting(
        1_000_000,
        "HUB_PAYLOAD_BYTES",
        "a longer record is set aside ([record.too_long](errors.md#recordtoo_long)); of a file "
        "or entry that cannot be read so many bytes are kept",
    )
    hold_seconds: int = setting(
        300,
        "HUB_HOLD_SECONDS",
        "how long a delivery may be under way before another worker repeats it; must be longer "
        "than the longest call to a partner",
    )
    attempts: int = setting(
        8,
        "HUB_ATTEMPTS",
        "attempts without an answer, without a verdict, or during which the process died, "
        "before a delivery is given up and set aside; from half of them on it goes out alone",
    )
    backoff_seconds: float = setting(
        5.0,
        "HUB_BACKOFF_SECONDS",
        "first and longest wait between attempts; each doubles the one before",
    )
    backoff_most: float = setting(3600.0, "HUB_BACKOFF_MOST")
    receipt_seconds: float = setting(
        604_800.0,
        "HUB_RECEIPT_SECONDS",
        (
            "a delivery whose verdict takes longer is handed over again under its key, "
            "`HUB_ATTEMPTS` times at most"
        ),
    )
    seal_lag_seconds: int = setting(
        3600,
        "HUB_SEAL_LAG_SECONDS",
        "intake stops when the oldest unsealed batch is older; at half of it an alert is raised",
    )
    reconcile_records: int = setting(
        200_000,
        "HUB_RECONCILE_RECORDS",
        (
            "how many records a comparison may have listed by a source a night; the next night "
            "goes on behind them"
        ),
    )
    reconcile_keys: int = setting(
        20_000,
        "HUB_RECONCILE_KEYS",
        "for how many deliveries it may ask a target a night, some of which answer one at a time",
    )
    restore_sendings: int = setting(
        8,
        "HUB_RESTORE_SENDINGS",
        "so many sendings of one record may have been lost with what a restoration did not "
        "bring back; a target that is asked by keys is asked for so many "
        "([restore.md](restore.md))",
    )
    marker: Path | None = setting(
        None,
        "HUB_MARKER",
        "a file outside the database by which this machine remembers which push it began last: "
        "a database that does not know that run was put back to an older state "
        "([restore.md](restore.md)). Keep it out of the backup",
        shown="empty; `make up`: `.run/sent.json`",
    )
    reconcile_share: float = setting(
        0.2,
        "HUB_RECONCILE_SHARE",
        "a comparison stops, and repairs nothing, when more than this share differs (and at "
        "least `HUB_DRIFT_LEAST` records)",
    )
    reconcile_absences: int = setting(
        2,
        "HUB_RECONCILE_ABSENCES",
        (
            "in how many complete listings in a row a record must be absent before it counts as "
            "deleted"
        ),
    )
    alert_urls: Words = setting(
        (),
        "HUB_ALERT_URLS",
        "where alerts go: apprise URLs with blanks between them; [alerts.md](alerts.md)",
        secret=True,
    )
    alert_again_seconds: int = setting(
        86_400,
        "HUB_ALERT_AGAIN_SECONDS",
        "how soon a cause that has been told may be told again",
    )
    alert_seconds: float = setting(
        60.0,
        "HUB_ALERT_SECONDS",
        "how long telling one address may take, whatever it answers, and how much memory; a "
        "process of its own does it and is ended beyond them",
    )
    alert_bytes: int = setting(100_000_000, "HUB_ALERT_BYTES")
    link_sure: float = setting(
        0.8,
        "HUB_LINK_SURE",
        "a record without a code is linked by itself to the project that is its own with this "
        "likelihood; [linking](flow/linking.md)",
    )
    link_maybe: float = setting(
        0.3,
        "HUB_LINK_MAYBE",
        "with this likelihood that it is one of the projects found, a person is asked",
    )
    link_signs: int = setting(
        250,
        "HUB_LINK_SIGNS",
        (
            "so many signs of a name or an address are compared; what follows does not count "
            "(our own choice)"
        ),
    )
    waiting_hours: float = setting(
        168.0,
        "HUB_WAITING_HOURS",
        "a record that waits longer for its project is reported by an alert",
    )
    seal_key: Path | None = setting(
        None,
        "HUB_SEAL_KEY",
        "file with the Ed25519 key (PEM) that signs the ledger; without it seals are not signed",
    )
    seal_sm2_key: Path | None = setting(
        None,
        "HUB_SEAL_SM2_KEY",
        "file with an SM2 key (PEM) that signs the ledger beside it ([proof](proof.md))",
    )
    proof_links: int = setting(
        20_000,
        "HUB_PROOF_LINKS",
        "how many seals a [proof](proof.md) may reach over",
    )
    unusual: Bounds = Bounds()
    recall_seconds: int = setting(
        604_800,
        "HUB_RECALL_SECONDS",
        (
            "a recall that is open longer with receivers owed is told "
            "([flow/recall.md](flow/recall.md))"
        ),
    )
    session_idle_seconds: int = setting(
        1800,
        "HUB_SESSION_IDLE_SECONDS",
        "a sign-in at the console lapses when it is not used for so long",
    )
    session_seconds: int = setting(
        43_200,
        "HUB_SESSION_SECONDS",
        "a sign-in lapses after so long at the latest",
    )
    airflow_url: Address = setting(
        "",
        "HUB_AIRFLOW_URL",
        (
            "where people reach Airflow's pages; the supervisor sets it. Without it the console "
            "links to no task"
        ),
    )
    signing_in: SigningIn = SigningIn()
    oidc: Oidc | None = None
    overview_count: int = setting(
        1000,
        "HUB_OVERVIEW_COUNT",
        "how far the overview counts what is open of a flow; beyond that it shows `1000+`, so "
        "that it is quick at any size",
    )
    notes_days: int = setting(
        7,
        "HUB_NOTES_DAYS",
        "of how many last days the overview and the page of failures tell what runs have met "
        "that is remarkable and no fault",
    )
    grant_days: int = setting(
        365,
        "HUB_GRANT_DAYS",
        "how long a grant lasts where nothing else is said, and what the form of an application "
        "offers (our own choice)",
    )
    grant_warning_days: int = setting(
        30,
        "HUB_GRANT_WARNING_DAYS",
        (
            "so many days before grants lapse the unit and the administrators are told (our own "
            "choice)"
        ),
    )
    kept_answers_bytes: int = setting(
        64_000_000,
        "HUB_KEPT_ANSWERS_BYTES",
        "how many bytes of prefilled forms a process keeps for when they are asked for again; "
        "each is proven true in the database before it is given again ([decision "
        "0040](decisions/0040-a-prefilled-form-is-kept-under-a-stamp-of-its-rows.md), our own "
        "choice)",
    )
    search_projects: int = setting(
        20_000,
        "HUB_SEARCH_PROJECTS",
        (
            "among how many projects of a name or code those are looked for that a reader may "
            "see (our own choice)"
        ),
    )
    verify_findings: int = setting(
        1000,
        "HUB_VERIFY_FINDINGS",
        (
            "so many wrong rows are listed by one verification; all are counted, table by table "
            "(our own choice)"
        ),
    )
    verify_days: int = setting(
        3,
        "HUB_VERIFY_DAYS",
        (
            "an alert says when everything was last verified longer ago than so many days (our "
            "own choice)"
        ),
    )
    contracts_seconds: float = setting(
        2.0,
        "HUB_CONTRACTS_SECONDS",
        "how often the web process looks whether a contract file has changed "
        "([contracts.md](contracts.md), our own choice)",
    )
    waits: Timeouts = Timeouts()
    health: HealthBounds = HealthBounds()
    digest_key: Secret = setting(
        b"",
        "HUB_DIGEST_KEY",
        "keys what the verb `digest` gives; without it every value that goes through `digest` "
        "is set aside (`record.digest_key`). Keep it: with another key the same text gives "
        "another digest, and mappings that use it count as changed",
        secret=True,
        shown="empty",
    )
    requests: RequestLimits = RequestLimits()
    reading: ReadingLimits = ReadingLimits()
    batch_bytes: int = setting(
        100_000_000,
        "HUB_BATCH_BYTES",
        "bytes of the records of one batch; beyond, a page is taken in by several (our own choice)",
    )
    witnessing: Witnessing = Witnessing()
    keeping: Retention = Retention()
    logs: LogSettings = LogSettings()

    @property
    def files_folder(self) -> Path:
        """The folder in which files are held."""
        return self.files or self.home / ".run" / "files"


def settings_from(environ: Mapping[str, str]) -> Settings:
    """Read HUB_* variables; FlowError naming the one that is missing or invalid.

    Only HUB_DATABASE_URL is required.
    """
    found = read(Settings, environ)
    if not environ.get("HUB_DISK_PATHS"):
        found = changed(found, health=changed(found.health, disk_paths=(found.home,)))
    if not environ.get("HUB_OIDC_ISSUER"):
        return found
    if not found.signing_in.public_url:
        raise FlowError("settings.missing", name="HUB_PUBLIC_URL")
    return changed(found, oidc=read(Oidc, environ))


def kept_since(days: int) -> datetime:
    """The moment before which Airflow's task logs and rows are deleted."""
    return datetime.now(UTC) - timedelta(days=days)

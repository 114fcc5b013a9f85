"""Settings: timeouts of the hub, and of its start."""

from hub.settings.section import section, setting


@section
class Timeouts:
    """How long the hub waits, in seconds, before it gives up and says so."""

    connect: float = setting(
        10.0,
        "HUB_CONNECT_SECONDS",
        (
            "for the database to let in (whole seconds, 2 at least), and for a free connection "
            "of this process"
        ),
    )
    pool: float = setting(10.0, "HUB_POOL_SECONDS")
    lock: float = setting(
        180.0,
        "HUB_LOCK_WAIT_SECONDS",
        "for what another transaction holds; then "
        "[database.lock_held](errors.md#databaselock_held) names who holds it. Longer than "
        "`HUB_IDLE_SECONDS`, so that who waits for a stopped process sees its end",
    )
    statement: float = setting(
        900.0,
        "HUB_STATEMENT_SECONDS",
        "for one statement",
    )
    idle: float = setting(
        120.0,
        "HUB_IDLE_SECONDS",
        "between two statements of a transaction: a stopped process keeps what it holds no "
        "longer. Raise it where mapping 20,000 records takes a machine longer",
    )
    transaction: float = setting(
        3600.0,
        "HUB_TRANSACTION_SECONDS",
        "for a whole transaction (PostgreSQL 17 or newer)",
    )
    ask_lock: float = setting(
        10.0,
        "HUB_ASK_LOCK_SECONDS",
        "instead of these in the web process, where somebody waits for the answer",
    )
    ask_statement: float = setting(60.0, "HUB_ASK_STATEMENT_SECONDS")
    long_statement: float = setting(
        21_600.0,
        "HUB_LONG_STATEMENT_SECONDS",
        "instead of statement and transaction where either is honestly long: `hub verify`, `hub "
        "migrate`, rehearsals, facts",
    )
    lease: float = setting(
        180.0,
        "HUB_LEASE_SECONDS",
        "a run whose process has not said for so long that it lives is over: another may take "
        "its flow over, and upkeep ends it as aborted",
    )
    stall: float = setting(
        1800.0,
        "HUB_STALL_SECONDS",
        "a run that gets no further for so long (no page, no batch, no answer of a partner) no "
        "longer says that it lives",
    )
    fit: float = setting(
        5.0,
        "HUB_FIT_SECONDS",
        "after so long it is asked again whether this program may write to the database: an "
        "older one refuses once the structure is newer",
    )
    months: int = setting(
        3,
        "HUB_MONTHS_AHEAD",
        "for so many months to come upkeep and `hub migrate` make partitions",
    )


@section
class Starting:
    """How long `make up` and `make demo` wait before they say that something is late; they go on
    all the same.
    """

    part_seconds: float = setting(
        120.0,
        "HUB_START_PART_SECONDS",
        (
            "a part is late that shows no progress for so long: its processes use no CPU and its "
            "log does not grow"
        ),
    )
    part_most: float = setting(
        1800.0,
        "HUB_START_PART_MOST",
        "a part is late that takes longer, whatever it shows",
    )
    probe_seconds: float = setting(
        10.0,
        "HUB_START_PROBE_SECONDS",
        "how long one look may take whether a part serves",
    )
    answer_seconds: float = setting(
        60.0,
        "HUB_START_ANSWER_SECONDS",
        "how long Airflow may take for one answer before it is asked again",
    )
    airflow_seconds: float = setting(
        600.0,
        "HUB_START_AIRFLOW_SECONDS",
        "for how long it is asked again before it is said that it is silent",
    )
    parse_seconds: float = setting(
        300.0,
        "HUB_START_PARSE_SECONDS",
        "the demo says so when Airflow has read no further DAG for so long",
    )
    act_seconds: float = setting(
        300.0,
        "HUB_START_ACT_SECONDS",
        "an act of the demo is late when no run has begun or ended for so long",
    )
    stop_seconds: float = setting(
        10.0,
        "HUB_START_STOP_SECONDS",
        "until a part that was asked to stop is asked again; after half of that again it is ended",
    )
    down_seconds: float = setting(
        90.0,
        "HUB_START_DOWN_SECONDS",
        "how long `make down` waits",
    )
    ports_seconds: float = setting(
        30.0,
        "HUB_START_PORTS_SECONDS",
        "until a taken port is told: what a killed supervisor leaves behind stops by itself",
    )
    log_bytes: int = setting(
        50_000_000,
        "HUB_START_LOG_BYTES",
        (
            "a log below `.run/logs` that is longer is begun anew; the former is kept once, as "
            "`.log.1`"
        ),
    )
    answer_bytes: int = setting(
        50_000_000,
        "HUB_START_ANSWER_BYTES",
        "how large one answer of Airflow may be that the demo reads",
    )

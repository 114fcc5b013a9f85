"""Settings: health limits, witnesses (external checkpoints), retention, logs."""

from pathlib import Path
from typing import Literal

from hub.settings.kinds import HOME, AirflowDays, Folders
from hub.settings.section import section, setting


@section
class HealthBounds:
    """From where on the machine and the database are short of something."""

    seconds: float = setting(
        5.0,
        "HUB_HEALTH_SECONDS",
        (
            "how long one look may take, whatever the database does; and for how long its result "
            "is given to all who ask"
        ),
    )
    again: float = setting(1.0, "HUB_HEALTH_AGAIN_SECONDS")
    disk_paths: Folders = setting(
        (HOME,),
        "HUB_DISK_PATHS",
        "folders, with `:` between them, whose file systems are watched: where the database's "
        "data directory and `pg_wal` lie, if that is this machine, and where logs go",
        shown="the folder of `HUB_HOME`; `make up` adds the database's",
    )
    disk_warn: int = setting(
        5_000_000_000,
        "HUB_DISK_WARN_BYTES",
        (
            "so many bytes free: below the first it is told, below the second the hub counts as "
            "not ready"
        ),
    )
    disk_least: int = setting(500_000_000, "HUB_DISK_LEAST_BYTES")
    connections: float = setting(
        0.8,
        "HUB_CONNECTIONS_WARN",
        "the share of the database's connections in use from which on it is told",
    )
    clock: float = setting(
        5.0,
        "HUB_CLOCK_SECONDS",
        (
            "so many seconds the database's clock may be apart from this machine's, or behind "
            "what it has committed"
        ),
    )


@section
class Witnessing:
    """Where the newest checkpoint goes by itself, outside of this machine."""

    file: Path | None = setting(
        None,
        "HUB_WITNESS_FILE",
        "a file that is only appended to, best on a write-once share; the hub compares its last "
        "lines with the ledger at each look",
    )
    syslog: str = setting(
        "",
        "HUB_WITNESS_SYSLOG",
        "a log server (RFC 5424): `udp://HOST:PORT`, `tcp://HOST:PORT`, `tls://HOST:PORT` or "
        "`unix:///dev/log`; certificates (PEM) by which a `tls` one is checked, those of the "
        "machine without",
    )
    syslog_ca: Path | None = setting(None, "HUB_WITNESS_SYSLOG_CA")
    tsa: str = setting(
        "",
        "HUB_WITNESS_TSA",
        "address of a time stamping authority (RFC 3161); certificates (PEM) by which its "
        "stamps are checked: without, only that they are of what was asked",
    )
    tsa_ca: Path | None = setting(None, "HUB_WITNESS_TSA_CA")
    every_seconds: float = setting(
        60.0,
        "HUB_WITNESS_SECONDS",
        "a checkpoint goes out, is stamped, no more often than that",
    )
    stamp_seconds: float = setting(3600.0, "HUB_WITNESS_STAMP_SECONDS")
    timeout_seconds: float = setting(
        10.0,
        "HUB_WITNESS_TIMEOUT_SECONDS",
        "so long may one of them take",
    )
    behind_seconds: float = setting(
        900.0,
        "HUB_WITNESS_BEHIND_SECONDS",
        "who has had no checkpoint for longer, though there is a newer one, is an alert "
        "([alert.witness_behind](errors.md#alertwitness_behind))",
    )
    compared: int = setting(
        1000,
        "HUB_WITNESS_COMPARED",
        (
            "so many last lines of the file are compared at each look; `hub checkpoint --compare "
            "FILE` compares all"
        ),
    )
    answer_bytes: int = setting(
        1_000_000,
        "HUB_ANSWER_BYTES",
        "how large one answer of the identity provider or of a time stamping authority may be",
    )


@section
class Retention:
    """How long what is not the hub's own is kept."""

    airflow_days: AirflowDays = setting(
        200,
        "HUB_AIRFLOW_KEEP_DAYS",
        "so many days Airflow's task logs and the rows of its own database are kept "
        "([airflow.md](airflow.md#what-is-kept)); fewer than 184 are refused: logs of networks "
        "are kept for six months at least (《网络安全法》第二十一条)",
    )


@section
class LogSettings:
    """What the log of a process looks like."""

    format: Literal["text", "json"] = setting(
        "text",
        "HUB_LOG_FORMAT",
        "`json`: one JSON object a line, with run, flow and trace; of the web process and of the "
        "command line. Tasks "
        "write to Airflow's log",
    )
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = setting(
        "WARNING",
        "HUB_LOG_LEVEL",
        (
            "from where on lines are written; `INFO` tells of every run, batch, delivery, "
            "refusal and retry"
        ),
    )

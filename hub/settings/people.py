"""Settings: sign-in, limits of requests, identity provider, anomalies in reading."""

from hub.settings.kinds import Address, Header, Networks, Roles
from hub.settings.section import REQUIRED, section, setting


@section
class SigningIn:
    """How people and programs are let in."""

    lock_failures: int = setting(
        5,
        "HUB_LOCK_FAILURES",
        "so many wrong passwords of an account from one address cost nothing; each one more "
        "makes that address wait, first so long, then twice as long each time, up to the last "
        "([decision 0110](decisions/0110-wrong-passwords-slow-down-and-lock-nobody-out.md))",
    )
    lock_seconds: int = setting(900, "HUB_LOCK_SECONDS")
    attempts_a_minute: int = setting(
        30,
        "HUB_SIGN_INS_A_MINUTE",
        "attempts to sign in from one address; more are refused until the minute is over",
    )
    requests_a_minute: int = setting(
        3000,
        "HUB_REQUESTS_A_MINUTE",
        (
            "requests of one account to one process of the hub; more are answered 429 with "
            "`Retry-After`"
        ),
    )
    password_length: int = setting(
        10,
        "HUB_PASSWORD_LENGTH",
        (
            "the least length of a password that somebody chooses; from which length on it needs "
            "no three kinds of signs"
        ),
    )
    passphrase_length: int = setting(16, "HUB_PASSPHRASE_LENGTH")
    password_history: int = setting(
        5,
        "HUB_PASSWORD_HISTORY",
        "so many former passwords do not come back",
    )
    password_days: int | None = setting(
        None,
        "HUB_PASSWORD_DAYS",
        "after so many days a password is changed at the next sign-in; without it never",
    )
    token_days: int = setting(
        365,
        "HUB_TOKEN_DAYS",
        "how long a token lets in from when it is given",
    )
    slow_seconds: float = setting(1.0, "HUB_SLOW_SECONDS")
    account_failures: int = setting(
        30,
        "HUB_ACCOUNT_FAILURES",
        "so many wrong passwords of an account from all addresses where it has not signed in "
        "well for so many days; from there on these wait likewise. Where it has signed in well, "
        "what fails elsewhere does not count",
    )
    known_days: int = setting(90, "HUB_KNOWN_DAYS")
    hashes_at_once: int = setting(
        2,
        "HUB_HASHES_AT_ONCE",
        "so many passwords are weighed at a time by one process (128 MiB each), and so many may "
        "wait; more are answered 503 with `Retry-After` ([access.busy](errors.md#accessbusy))",
    )
    hashes_waiting: int = setting(20, "HUB_HASHES_WAITING")
    public_url: Address = setting(
        "",
        "HUB_PUBLIC_URL",
        "where people reach the console, such as `https://hub.example.org`; pages take forms "
        "and sockets from there only. Without it: from the host that the browser asked. "
        "Airflow's pages show the console from there "
        "([airflow.md](airflow.md#the-console-inside-airflow)); without it from 127.0.0.1 at "
        "`HUB_PORT_BASE` + 4",
    )
    trusted_proxies: Networks = setting(
        (),
        "HUB_TRUSTED_PROXIES",
        "addresses and networks (`10.0.0.5, 10.1.0.0/16`) of the proxies before the hub. Only "
        "of these is believed who asks and by which scheme (`X-Forwarded-Proto`): the "
        "right-most address that is no such proxy's. Nobody is trusted unless set, this machine "
        "included",
    )
    proxy_header: Header = setting(
        "x-forwarded-for",
        "HUB_PROXY_HEADER",
        "or `forwarded` (RFC 7239): the one header that those proxies set themselves; the other "
        "is not read, since it would come from whoever asks",
    )


@section
class RequestLimits:
    """What one request, and one connection, may take of the web process."""

    body_bytes: int = setting(
        4_000_000,
        "HUB_REQUEST_BYTES",
        "the longest body; more is answered 413 ([ask.too_large](errors.md#asktoo_large))",
    )
    body_seconds: float = setting(
        30.0,
        "HUB_REQUEST_SECONDS",
        "how long a body may take to arrive; then 408 ([ask.too_slow](errors.md#asktoo_slow))",
    )
    header_seconds: float = setting(
        15.0,
        "HUB_HEADER_SECONDS",
        "how long a connection may take to say what it wants: its first request, and the next "
        "one after an answer; then it is closed",
    )
    header_bytes: int = setting(
        65_536,
        "HUB_HEADER_BYTES",
        "the longest request line with its headers",
    )
    connections: int = setting(
        1000,
        "HUB_CONNECTIONS",
        "connections at a time to one process, and from one address; more are closed at once. "
        "Addresses in `HUB_TRUSTED_PROXIES` stand for many and have no limit of their own",
    )
    address_connections: int = setting(200, "HUB_CONNECTIONS_AN_ADDRESS")
    intake_a_minute: int = setting(
        600,
        "HUB_INTAKE_A_MINUTE",
        "calls of one partner that pushes to the hub or fetches from it, to one process, where "
        "its `limits.per_minute` says nothing else; more are answered 429 with `Retry-After`",
    )


@section
class Oidc:
    """The identity provider at which people sign in."""

    issuer: Address = setting(
        REQUIRED,
        "HUB_OIDC_ISSUER",
        "the provider's address; its description is read from "
        "`/.well-known/openid-configuration` below it. `HUB_PUBLIC_URL` must be set too",
    )
    client_id: str = setting(
        REQUIRED,
        "HUB_OIDC_CLIENT_ID",
        "as whom the hub is known there; its address is `HUB_PUBLIC_URL`/oidc/back",
    )
    client_secret: str = setting(
        REQUIRED,
        "HUB_OIDC_CLIENT_SECRET",
        secret=True,
    )
    scope: str = setting(
        "openid profile groups",
        "HUB_OIDC_SCOPE",
        "what is asked of it",
    )
    account_claim: str = setting(
        "preferred_username",
        "HUB_OIDC_ACCOUNT_CLAIM",
        "where its token names account, unit and groups",
    )
    department_claim: str = setting("department", "HUB_OIDC_DEPARTMENT_CLAIM")
    role_claim: str = setting("groups", "HUB_OIDC_ROLE_CLAIM")
    roles: Roles = setting(
        (),
        "HUB_OIDC_ROLES",
        "groups that stand for a role, such as `hub-audit=auditor,hub-admin=administrator`; "
        "without it only accounts opened with `hub accounts expect` come in",
    )
    timeout_seconds: float = setting(
        10.0,
        "HUB_OIDC_TIMEOUT_SECONDS",
        "how long one whole answer of the provider may take",
    )
    keys_seconds: float = setting(
        3600.0,
        "HUB_OIDC_KEYS_SECONDS",
        "how long its description and keys are believed before they are read again",
    )
    answer_bytes: int = setting(
        1_000_000,
        "HUB_ANSWER_BYTES",
        "how large one answer of the identity provider or of a time stamping authority may be",
    )


@section
class Bounds:
    """From where on an account's reading of a day stands out; all of them our own choice."""

    factor: float = setting(
        5.0,
        "HUB_UNUSUAL_FACTOR",
        "more records in a day than so many times the account's own median, and at least so many",
    )
    least: int = setting(500, "HUB_UNUSUAL_LEAST")
    habit_days: int = setting(
        28,
        "HUB_UNUSUAL_HABIT_DAYS",
        "over how many days before that median is taken",
    )
    opens: int = setting(
        7,
        "HUB_UNUSUAL_OPENS",
        "so many reads of a person before or after these hours (Beijing), or on a day off",
    )
    closes: int = setting(20, "HUB_UNUSUAL_CLOSES")
    off_hours: int = setting(20, "HUB_UNUSUAL_OFF_HOURS")
    projects: int = setting(
        30,
        "HUB_UNUSUAL_PROJECTS",
        "so many projects in a day on which the account's unit has no open case",
    )
    refusals: int = setting(
        5,
        "HUB_UNUSUAL_REFUSALS",
        "so many refusals in a row",
    )

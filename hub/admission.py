"""How people, programs and connections are let in: settings of their own, and how a number is read from a variable."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from math import inf
from typing import Literal, TypeVar

from hub.errors import FlowError

T = TypeVar("T", int, float)
W = TypeVar("W", bound=str)


@dataclass(frozen=True, slots=True)
class SigningIn:
    """How people and programs are let in.

    lock_failures: so many wrong passwords of one account from one address cost nothing, and account_failures of it from
    all addresses where it has not signed in well for known_days; each one more doubles the wait for the next, from
    slow_seconds on to lock_seconds. hashes_at_once, hashes_waiting: so many guesses are weighed at a time, and so many
    may wait for it. passphrase_length: from here on a password needs no three kinds of signs. password_history: so
    many former ones do not come back. password_days: then it is changed at the next sign-in, None: never.
    token_days: how long a token lets in.
    attempts_a_minute: attempts to sign in from one address. requests_a_minute: requests of one account, by process.
    password_length: the least of a password that somebody chooses. public_url: where people reach the console; pages
    take forms and sockets from there only (from the host that was asked, where it is not set). trusted_proxies:
    addresses and networks of the proxies before the hub, whose proxy_header says who asks; nobody else's is believed.
    """

    lock_failures: int = 5
    lock_seconds: int = 900
    attempts_a_minute: int = 30
    requests_a_minute: int = 3000
    password_length: int = 10
    passphrase_length: int = 16
    password_history: int = 5
    password_days: int | None = None
    token_days: int = 365
    slow_seconds: float = 1.0
    account_failures: int = 30
    known_days: int = 90
    hashes_at_once: int = 2
    hashes_waiting: int = 20
    public_url: str = ""
    trusted_proxies: tuple[str, ...] = ()
    proxy_header: Literal["x-forwarded-for", "forwarded"] = "x-forwarded-for"


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """What one request, and one connection, may take of the web process.

    body_bytes, body_seconds: how long a body may be, and how long it may take to come. header_seconds: how long a
    connection may take to say what it wants, its first request or the next. header_bytes: how long a request line and
    its headers may be together. connections: how many there may be at a time, address_connections: from one address.
    """

    body_bytes: int = 4_000_000
    body_seconds: float = 30.0
    header_seconds: float = 15.0
    header_bytes: int = 65_536
    connections: int = 1000
    address_connections: int = 200


def signing_in_from(environ: Mapping[str, str]) -> SigningIn:
    """Read how people and programs are let in."""
    return SigningIn(
        lock_failures=number(environ, "HUB_LOCK_FAILURES", 5),
        lock_seconds=number(environ, "HUB_LOCK_SECONDS", 900),
        attempts_a_minute=number(environ, "HUB_SIGN_INS_A_MINUTE", 30),
        requests_a_minute=number(environ, "HUB_REQUESTS_A_MINUTE", 3000),
        password_length=number(environ, "HUB_PASSWORD_LENGTH", 10),
        passphrase_length=number(environ, "HUB_PASSPHRASE_LENGTH", 16),
        password_history=number(environ, "HUB_PASSWORD_HISTORY", 5),
        password_days=number(environ, "HUB_PASSWORD_DAYS", 90) if environ.get("HUB_PASSWORD_DAYS") else None,
        token_days=number(environ, "HUB_TOKEN_DAYS", 365),
        slow_seconds=number(environ, "HUB_SLOW_SECONDS", 1.0),
        account_failures=number(environ, "HUB_ACCOUNT_FAILURES", 30),
        known_days=number(environ, "HUB_KNOWN_DAYS", 90),
        hashes_at_once=number(environ, "HUB_HASHES_AT_ONCE", 2),
        hashes_waiting=number(environ, "HUB_HASHES_WAITING", 20),
        public_url=environ.get("HUB_PUBLIC_URL", "").rstrip("/"),
        trusted_proxies=_proxies(environ),
        proxy_header=_one_of(environ, "HUB_PROXY_HEADER", "x-forwarded-for", "forwarded"),
    )


def _proxies(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Addresses and networks, parted by commas or blanks."""
    listed = tuple(environ.get("HUB_TRUSTED_PROXIES", "").replace(",", " ").split())
    for one in listed:
        try:
            ip_network(one, strict=False)
        except ValueError:
            raise FlowError("settings.invalid", name="HUB_TRUSTED_PROXIES", value=one) from None
    return listed


def _one_of(environ: Mapping[str, str], name: str, *words: W) -> W:
    """A word of a few; the first where none is set."""
    text = environ.get(name, "").lower()
    found = next((word for word in words if word == text), None)
    if text and found is None:
        raise FlowError("settings.invalid", name=name, value=text)
    return found or words[0]


def requests_from(environ: Mapping[str, str]) -> RequestLimits:
    """Read what a request and a connection may take."""
    usual = RequestLimits()
    return RequestLimits(
        body_bytes=number(environ, "HUB_REQUEST_BYTES", usual.body_bytes),
        body_seconds=number(environ, "HUB_REQUEST_SECONDS", usual.body_seconds),
        header_seconds=number(environ, "HUB_HEADER_SECONDS", usual.header_seconds),
        header_bytes=number(environ, "HUB_HEADER_BYTES", usual.header_bytes),
        connections=number(environ, "HUB_CONNECTIONS", usual.connections),
        address_connections=number(environ, "HUB_CONNECTIONS_AN_ADDRESS", usual.address_connections),
    )


def number(environ: Mapping[str, str], name: str, default: T) -> T:
    """A number above zero; FlowError for what is none, NaN and infinity among it."""
    text = environ.get(name, "")
    if not text:
        return default
    try:
        value = type(default)(text)
    except ValueError:
        raise FlowError("settings.invalid", name=name, value=text) from None
    if not 0 < value < inf:  # NaN is neither
        raise FlowError("settings.invalid", name=name, value=text)
    return value

"""Signing in with a password, and who is signed in."""

import hashlib
import secrets
from base64 import b64decode, b64encode
from threading import BoundedSemaphore

from hub import governance
from hub.errors import FlowError
from hub.governance import Reader
from hub.settings import Settings
from hub.store import accounts, sessions
from hub.store.database import Database, Transaction
from hub.store.sessions import SignIn

# OWASP's figures for scrypt: 128 MiB and about a tenth of a second a guess.
COST, BLOCK, LANES, MEMORY = 2**17, 8, 1, 256 * 1024 * 1024
NOBODY = "scrypt$AAAAAAAAAAAAAAAAAAAAAA==$AAAA"
MINUTE = 60.0
AT_ONCE = BoundedSemaphore(2)
"""So many guesses are weighed at the same time: a crowd at the door must not take all memory."""


def set_password(tx: Transaction, account: str, password: str) -> None:
    """Give an account a password of its own; it is signed out everywhere, and failed attempts are forgotten."""
    if not sessions.set_password(tx, account, _hashed(password, secrets.token_bytes(16))):
        raise FlowError("access.account_unknown", account=account)
    sessions.end_sessions(tx, account)
    sessions.forget(tx, account)


def new_password(tx: Transaction, account: str) -> str:
    """Give an account a random password; it is shown this once."""
    password = secrets.token_urlsafe(12)
    set_password(tx, account, password)
    return password


def sign_in(database: Database, settings: Settings, account: str, password: str, *, address: str) -> str:
    """Open a session and give the value of its cookie; FlowError where name and password do not belong together.

    address: where the attempt comes from. Too many attempts from there, or under this name, are refused unweighed.
    """
    _weigh(database, settings, account, password, address=address)
    with database.transaction() as tx:
        sessions.forget(tx, account)
        return open_session(tx, account)


def open_session(tx: Transaction, account: str) -> str:
    """Open a session for somebody who has shown who they are; give the value of its cookie."""
    token = secrets.token_urlsafe(32)
    sessions.open_session(tx, account, _token_hash(token))
    return token


def change_password(database: Database, settings: Settings, token: str, old: str, new: str, *, address: str) -> None:
    """Take a new password from whoever is signed in with this cookie; other sessions of the account end."""
    with database.transaction() as tx:
        account = reader(tx, token, settings).account.name
    least = settings.signing_in.password_length
    if len(new) < least or new in {old, account}:
        raise FlowError("access.password_weak", least=least)
    _weigh(database, settings, account, old, address=address)
    hashed = _hashed(new, secrets.token_bytes(16))
    with database.transaction() as tx:
        sessions.forget(tx, account)
        sessions.set_password(tx, account, hashed)
        sessions.end_sessions(tx, account, but=_token_hash(token))


def reader(tx: Transaction, token: str, settings: Settings) -> Reader:
    """Who is signed in with this cookie, and what they may see now; FlowError when nobody is."""
    found = sessions.account_of(
        tx, _token_hash(token), idle=settings.session_idle_seconds, most=settings.session_seconds
    )
    if found is None:
        raise FlowError("access.signed_out")
    return governance.reader_of(found, accounts.grants_in_force(tx, [found.name]).get(found.name, ()))


def sign_ins(tx: Transaction, account: str, token: str, settings: Settings) -> list[SignIn]:
    """Where an account is signed in now."""
    idle, most = settings.session_idle_seconds, settings.session_seconds
    return sessions.open_sessions(tx, account, _token_hash(token), idle=idle, most=most)


def sign_out(tx: Transaction, token: str) -> None:
    """End a session."""
    sessions.end_session(tx, _token_hash(token))


def sign_out_everywhere(tx: Transaction, account: str) -> int:
    """End all sessions of an account; how many there were."""
    return sessions.end_sessions(tx, account)


def _weigh(database: Database, settings: Settings, account: str, password: str, *, address: str) -> None:
    """Refuse what is not the account's password. No transaction is open while the slow hash is made.

    An attempt is counted before it is weighed, so that many at the same time gain nothing; one that is refused
    unweighed is not, so that the wait has an end.
    """
    limits = settings.signing_in
    with database.transaction() as tx:
        times, wait = sessions.count(tx, "address", address, seconds=MINUTE, prolong=False)
        if times > limits.attempts_a_minute:
            raise FlowError("access.too_many", seconds=wait)
        times, wait = sessions.count(tx, "account", account, seconds=limits.lock_seconds, prolong=True)
        if times > limits.lock_failures:
            raise FlowError("access.locked", seconds=wait)
        kept = sessions.password_hash(tx, account)
    salt = b64decode((kept or NOBODY).split("$")[1])
    # A name that is not known takes as long as one that is.
    if not secrets.compare_digest(_hashed(password, salt), kept or NOBODY):
        raise FlowError("access.password_wrong")


def _hashed(password: str, salt: bytes) -> str:
    with AT_ONCE:
        made = hashlib.scrypt(password.encode(), salt=salt, n=COST, r=BLOCK, p=LANES, maxmem=MEMORY, dklen=32)
    return f"scrypt${b64encode(salt).decode()}${b64encode(made).decode()}"


def _token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()

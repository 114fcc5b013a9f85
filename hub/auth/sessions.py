"""Password sign-in and sessions: a random cookie value, of which only the hash is stored."""

import hashlib
import math
import secrets

from hub import auth
from hub.auth import Reader, hashing
from hub.auth.rate_limit import wait_after
from hub.db.access import accounts, sessions
from hub.db.access.sessions import SignIn
from hub.db.database import Database, Transaction
from hub.domain.passwords import weakness
from hub.errors import FlowError
from hub.settings import Settings, SigningIn
from hub.texts import both

# OWASP's figures for scrypt: 128 MiB and about a tenth of a second a guess.
COST = 2**17
MINUTE = 60.0


def set_password(tx: Transaction, account: str, password: str, *, given: bool = False) -> None:
    """Set an account's password; its sessions end and its failed attempts are forgotten.

    given: somebody else chose it, so that it must be changed at the first sign-in. The API token
    ends too, unless this is the account's first password.
    """
    made = hashing.hashed(password, secrets.token_bytes(16), COST)
    if not sessions.set_password(tx, account, made, given=given):
        raise FlowError("access.account_unknown", account=account)
    sessions.end_sessions(tx, account)
    sessions.forget(tx, account)


def new_password(tx: Transaction, account: str) -> str:
    """Set a random password, to be changed at the first sign-in; it is returned this once."""
    password = secrets.token_urlsafe(12)
    set_password(tx, account, password, given=True)
    return password


def sign_in(
    database: Database, settings: Settings, account: str, password: str, *, address: str
) -> str:
    """Check the password, open a session and give the value of its cookie.

    address: the client's. Raises FlowError: access.password_wrong; access.too_many or
    access.slowed, for which the password is not even checked.
    """
    kept = _weigh(database, settings, account, password, address=address)
    made = None
    if hashing.is_outdated(kept, COST):
        made = hashing.hashed(password, secrets.token_bytes(16), COST)
    with database.write() as tx:
        if made is not None:
            # Compare and set: only if the hash is still `kept`, as the password may have changed
            # meanwhile.
            sessions.remake(tx, account, kept, made)
        return open_session(tx, account)


def open_session(tx: Transaction, account: str) -> str:
    """Open a session for an account already authenticated; give the value of its cookie."""
    token = secrets.token_urlsafe(32)
    sessions.open_session(tx, account, _token_hash(token))
    return token


def must_change(tx: Transaction, account: str, settings: Settings) -> bool:
    """Whether the password was set by somebody else or is too old, and so must be changed first."""
    given, days = sessions.password_state(tx, account)
    most = settings.signing_in.password_days
    return given or (most is not None and days > most)


def change_password(
    database: Database, settings: Settings, token: str, old: str, new: str, *, address: str
) -> None:
    """Change the password of the account signed in with this cookie; its other sessions end.

    Raises FlowError: access.password_weak, or as `sign_in`.
    """
    rules = settings.signing_in
    account = reader(database, token, settings).account.name
    if weak := weakness(new, account=account, rules=rules):
        raise _weak(weak, rules)
    _weigh(database, settings, account, old, address=address)
    with database.read() as tx:
        former = sessions.former(tx, account, rules.password_history)
    with _room(rules).place():
        if new == old or any(hashing.is_of(new, one, COST) for one in former):
            raise _weak("former", rules)
        made = hashing.hashed(new, secrets.token_bytes(16), COST)
    with database.write() as tx:
        sessions.set_password(tx, account, made, given=False)
        sessions.end_sessions(tx, account, but=_token_hash(token))


def reader(database: Database, token: str, settings: Settings) -> Reader:
    """The reader signed in with this cookie; FlowError (access.signed_out) where there is none.

    The time of the last request is written at intervals only.
    """
    hashed = _token_hash(token)
    idle, most = settings.session_idle_seconds, settings.session_seconds
    with database.read() as tx:
        found = sessions.account_of(tx, hashed, idle=idle, most=most)
        if found is None:
            raise FlowError("access.signed_out")
        account, to_note = found
        grants = accounts.grants_in_force(tx, [account.name]).get(account.name, ())
    if to_note:
        with database.write() as tx:
            sessions.seen(tx, hashed)
    return auth.reader_of(account, grants)


def sign_ins(tx: Transaction, account: str, token: str, settings: Settings) -> list[SignIn]:
    """The open sessions of an account, and which of them is this cookie's."""
    idle, most = settings.session_idle_seconds, settings.session_seconds
    return sessions.open_sessions(tx, account, _token_hash(token), idle=idle, most=most)


def sign_out(tx: Transaction, token: str) -> None:
    """End a session."""
    sessions.end_session(tx, _token_hash(token))


def sign_out_everywhere(tx: Transaction, account: str) -> int:
    """End all sessions of an account; how many there were."""
    return sessions.end_sessions(tx, account)


def _weigh(
    database: Database, settings: Settings, account: str, password: str, *, address: str
) -> str:
    """Check a password and give its stored hash. No transaction is open while scrypt runs.

    An attempt is counted as failed before the check, so that parallel guesses gain nothing; one
    that is refused by the rate limit is not counted, so that the wait ends.
    """
    rules = settings.signing_in
    with _room(rules).place():
        with database.write() as tx:
            times, wait = sessions.count(tx, "address", address, seconds=MINUTE)
            if times > rules.attempts_a_minute:
                raise FlowError("access.too_many", seconds=wait)
            _slow_down(tx, rules, account, address)
            kept = sessions.password_hash(tx, account)
        # An unknown name takes as much work as a known one: timing does not tell them apart.
        if not hashing.is_of(password, kept, COST) or kept is None:
            raise FlowError("access.password_wrong")
        with database.write() as tx:
            sessions.forget(tx, account, address)
            sessions.know(tx, account, address, days=rules.known_days)
    return kept


def _slow_down(tx: Transaction, rules: SigningIn, account: str, address: str) -> None:
    """Refuse an attempt during the backoff after failures; else count it as a failure beforehand.

    Failures count by account and address; those of unknown addresses by account too. An address
    where the account has signed in before is spared these, so that nobody can lock the owner out.
    Unknown names are slowed down alike.
    """
    counted = [("pair", sessions.pair(account, address), rules.lock_failures)]
    if not sessions.is_known(tx, account, address):
        counted.append(("account", account, rules.account_failures))
    stand = [(kind, name, free, *sessions.failures(tx, kind, name)) for kind, name, free in counted]
    if (wait := max(left for *_, left in stand)) > 0:
        raise FlowError("access.slowed", seconds=math.ceil(wait))
    for kind, name, free, times, _ in stand:
        after = wait_after(times + 1, free=free, first=rules.slow_seconds, most=rules.lock_seconds)
        sessions.fail(
            tx, kind, name, times=times + 1, wait=after, lapses=rules.lock_seconds + after
        )


def _room(rules: SigningIn) -> hashing.HashingPool:
    return hashing.room(rules.hashes_at_once, rules.hashes_waiting)


def _weak(why: str, rules: SigningIn) -> FlowError:
    facts = {
        "least": rules.password_length,
        "long": rules.passphrase_length,
        "past": rules.password_history,
    }
    zh, en = both(f"{why}|password", **facts)
    return FlowError("access.password_weak", why_zh=zh, why_en=en)


def _token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()

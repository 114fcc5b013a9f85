"""Signing in with a password, and who is signed in."""

import hashlib
import secrets
from base64 import b64decode, b64encode

from hub import governance
from hub.errors import FlowError
from hub.governance import Reader
from hub.settings import Settings
from hub.store import accounts, sessions
from hub.store.database import Transaction

# OWASP's figures for scrypt: 128 MiB and about a tenth of a second a guess.
COST, BLOCK, LANES, MEMORY = 2**17, 8, 1, 256 * 1024 * 1024
NOBODY = "scrypt$AAAAAAAAAAAAAAAAAAAAAA==$AAAA"


def set_password(tx: Transaction, account: str, password: str) -> None:
    """Give an account a password of its own."""
    if not sessions.set_password(tx, account, _hashed(password, secrets.token_bytes(16))):
        raise FlowError("access.account_unknown", account=account)


def new_password(tx: Transaction, account: str) -> str:
    """Give an account a random password; it is shown this once."""
    password = secrets.token_urlsafe(12)
    set_password(tx, account, password)
    return password


def sign_in(tx: Transaction, account: str, password: str) -> str:
    """Open a session and give the value of its cookie; FlowError when name and password do not belong together."""
    kept = sessions.password_hash(tx, account)
    salt = b64decode((kept or NOBODY).split("$")[1])
    # A name that is not known takes as long as one that is.
    if not secrets.compare_digest(_hashed(password, salt), kept or NOBODY):
        raise FlowError("access.password_wrong")
    token = secrets.token_urlsafe(32)
    sessions.open_session(tx, account, _token_hash(token))
    return token


def reader(tx: Transaction, token: str, settings: Settings) -> Reader:
    """Who is signed in with this cookie, and what they may see now; FlowError when nobody is."""
    found = sessions.account_of(
        tx, _token_hash(token), idle=settings.session_idle_seconds, most=settings.session_seconds
    )
    if found is None:
        raise FlowError("access.signed_out")
    return governance.reader_of(found, accounts.grants_in_force(tx, [found.name]).get(found.name, ()))


def sign_out(tx: Transaction, token: str) -> None:
    """End a session."""
    sessions.end_session(tx, _token_hash(token))


def _hashed(password: str, salt: bytes) -> str:
    made = hashlib.scrypt(password.encode(), salt=salt, n=COST, r=BLOCK, p=LANES, maxmem=MEMORY, dklen=32)
    return f"scrypt${b64encode(salt).decode()}${b64encode(made).decode()}"


def _token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()

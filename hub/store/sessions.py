"""Sign-ins at the console. Neither a password nor the value of a cookie is kept: their hashes are."""

from hub.store.accounts import Account
from hub.store.database import Transaction

KEPT = "select password_hash from hub.account where name = %s and ended_at is null"
GIVE = "update hub.account set password_hash = %s where name = %s and ended_at is null"
OPEN = "insert into hub.session (token_hash, account) values (%s, %s)"
WHOSE = """
    select a.name, a.role, a.department, a.created_at, a.ended_at
      from hub.session s join hub.account a on a.name = s.account
     where s.token_hash = %(token)s and s.ended_at is null and a.ended_at is null
       and s.seen_at > now() - make_interval(secs => %(idle)s) and s.opened_at > now() - make_interval(secs => %(most)s)
"""
# Once a minute is enough to know that somebody is there.
SEEN = "update hub.session set seen_at = now() where token_hash = %s and seen_at < now() - interval '1 minute'"
END = "update hub.session set ended_at = now() where token_hash = %s and ended_at is null"


def password_hash(tx: Transaction, account: str) -> str | None:
    """The hash of an account's password; None where there is no such account in use, or it has none."""
    row = tx.execute(KEPT, (account,)).fetchone()
    return row[0] if row else None


def set_password(tx: Transaction, account: str, hashed: str) -> bool:
    """Give an account a password; False when there is no such account in use."""
    return tx.execute(GIVE, (hashed, account)).rowcount == 1


def open_session(tx: Transaction, account: str, token_hash: bytes) -> None:
    """Note a sign-in."""
    tx.execute(OPEN, (token_hash, account))


def account_of(tx: Transaction, token_hash: bytes, *, idle: float, most: float) -> Account | None:
    """Who is signed in; idle, most: seconds after which a sign-in has lapsed, unused or at all."""
    row = tx.execute(WHOSE, {"token": token_hash, "idle": idle, "most": most}).fetchone()
    if row is None:
        return None
    tx.execute(SEEN, (token_hash,))
    return Account(*row)


def end_session(tx: Transaction, token_hash: bytes) -> None:
    """Sign out."""
    tx.execute(END, (token_hash,))

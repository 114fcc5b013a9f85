"""Sign-ins at the console. Neither a password nor the value of a cookie is kept: their hashes are."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

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
END_ALL = """
    update hub.session set ended_at = now() where account = %s and ended_at is null and token_hash is distinct from %s
"""
OPEN_NOW = """
    select opened_at, seen_at, token_hash = %(token)s as this from hub.session
     where account = %(account)s and ended_at is null
       and seen_at > now() - make_interval(secs => %(idle)s) and opened_at > now() - make_interval(secs => %(most)s)
     order by seen_at desc
"""
COUNT = """
    insert into hub.sign_in_count as c (kind, name, times, until_at)
    values (%(kind)s, %(name)s, 1, now() + make_interval(secs => %(seconds)s))
    on conflict (kind, name) do update
       set times = case when c.until_at < now() then 1 else c.times + 1 end,
           until_at = case when c.until_at < now() or %(prolong)s then excluded.until_at else c.until_at end
    returning times, ceil(extract(epoch from until_at - now()))::integer
"""
FORGET = "delete from hub.sign_in_count where until_at < now() or (kind = 'account' and name = %s)"
END = "update hub.session set ended_at = now() where token_hash = %s and ended_at is null"


@dataclass(frozen=True, slots=True)
class SignIn:
    """One sign-in that has not ended. this: the one that asks."""

    opened_at: datetime
    seen_at: datetime
    this: bool


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


def end_sessions(tx: Transaction, account: str, *, but: bytes | None = None) -> int:
    """Sign an account out everywhere, but for one sign-in if wanted; how many ended."""
    return tx.execute(END_ALL, (account, but)).rowcount


def open_sessions(tx: Transaction, account: str, token_hash: bytes, *, idle: float, most: float) -> list[SignIn]:
    """Where an account is signed in, the latest used first."""
    wanted = {"account": account, "token": token_hash, "idle": idle, "most": most}
    with tx.cursor(row_factory=class_row(SignIn)) as cursor:
        return cursor.execute(OPEN_NOW, wanted).fetchall()


def count(tx: Transaction, kind: str, name: str, *, seconds: float, prolong: bool) -> tuple[int, int]:
    """Note one more attempt; how many count, and for how many seconds. prolong: every attempt begins the term anew."""
    row = tx.execute(COUNT, {"kind": kind, "name": name, "seconds": seconds, "prolong": prolong}).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def forget(tx: Transaction, account: str) -> None:
    """An attempt went well: the failed ones before it count no more."""
    tx.execute(FORGET, (account,))

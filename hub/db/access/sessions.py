"""Console sessions, passwords, sign-in throttling. Passwords and cookies are stored as hashes."""

from dataclasses import dataclass
from datetime import datetime

from hub.db.access.accounts import Account
from hub.db.database import Transaction
from hub.db.rows import rows

KEPT = "select password_hash from hub.account where name = %s and ended_at is null"
# A new password ends the token that was given beside the old one; with the first there is none to
# end.
GIVE = """
    update hub.account set password_hash = %(hash)s, password_at = now(),
        password_given = %(given)s,
           token_until = case when password_hash is null then token_until else least(token_until,
               now()) end
     where name = %(account)s and ended_at is null
"""
OPEN = "insert into hub.session (token_hash, account) values (%s, %s)"
# Written at most once a minute: enough for "last used".
WHOSE = """
    select s.seen_at < now() - interval '1 minute', a.name, a.role, a.department, a.created_at,
        a.ended_at, a.regions
      from hub.session s join hub.account a on a.name = s.account
     where s.token_hash = %(token)s and s.ended_at is null and a.ended_at is null
       and s.seen_at > now() - make_interval(secs => %(idle)s)
           and s.opened_at > now() - make_interval(secs => %(most)s)
"""
SEEN = "update hub.session set seen_at = now() where token_hash = %s"
END_ALL = """
    update hub.session set ended_at = now() where account = %s and ended_at is null
        and token_hash is distinct from %s
"""
OPEN_NOW = """
    select opened_at, seen_at, token_hash = %(token)s as this from hub.session
     where account = %(account)s and ended_at is null
       and seen_at > now() - make_interval(secs => %(idle)s)
           and opened_at > now() - make_interval(secs => %(most)s)
     order by seen_at desc
"""
COUNT = """
    insert into hub.sign_in_count as c (kind, name, times, until_at)
    values (%(kind)s, %(name)s, 1, now() + make_interval(secs => %(seconds)s))
    on conflict (kind, name) do update
       set times = case when c.until_at < now() then 1 else c.times + 1 end,
           until_at = case when c.until_at < now() then excluded.until_at else c.until_at end
    returning times, ceil(extract(epoch from until_at - now()))::integer
"""
BEGIN = """
    insert into hub.sign_in_count (kind, name, times, until_at) values (%s, %s, 0, now())
        on conflict do nothing
"""
STANDS = """
    select case when until_at < now() then 0 else times end, greatest(0, extract(epoch
        from next_at - now()))
      from hub.sign_in_count where kind = %s and name = %s for update
"""
FAIL = """
    update hub.sign_in_count set times = %(times)s, until_at = now() + make_interval(secs =>
        %(lapses)s),
           next_at = now() + make_interval(secs => %(wait)s)
     where kind = %(kind)s and name = %(name)s
"""
KNOW = """
    insert into hub.sign_in_count (kind, name, times, until_at)
    values ('known', %(pair)s, 1, now() + make_interval(days => %(days)s))
    on conflict (kind, name) do update set until_at = excluded.until_at
"""
KNOWN = "select true from hub.sign_in_count where kind = 'known' and name = %s and until_at > now()"
FORGET = """
    delete from hub.sign_in_count
     where until_at < now() or (kind = 'account' and name = %(account)s)
        or (kind = 'pair' and (name = %(pair)s or (%(everywhere)s and starts_with(name,
            %(prefix)s))))
"""
STATE = """
    select password_given, extract(epoch from now() - password_at) / 86400 from hub.account
     where name = %s and ended_at is null and password_hash is not null
"""
PAST = """
    select password_hash from hub.password_past where account = %s order by id desc limit %s
"""
KEEP = "insert into hub.password_past (account, password_hash) values (%s, %s)"
REMAKE = "update hub.account set password_hash = %s where name = %s and password_hash = %s"
END = "update hub.session set ended_at = now() where token_hash = %s and ended_at is null"


@dataclass(frozen=True, slots=True)
class SignIn:
    """One open session. this: the one that asks."""

    opened_at: datetime
    seen_at: datetime
    this: bool


def password_hash(tx: Transaction, account: str) -> str | None:
    """An account's password hash; None without a password or an active account."""
    row = tx.execute(KEPT, (account,)).fetchone()
    return row[0] if row else None


def set_password(tx: Transaction, account: str, hashed: str, *, given: bool) -> bool:
    """Set a password; False without an active account. given: by somebody else (to be changed)."""
    if tx.execute(GIVE, {"hash": hashed, "account": account, "given": given}).rowcount != 1:
        return False
    tx.execute(KEEP, (account, hashed))
    return True


def remake(tx: Transaction, account: str, was: str, hashed: str) -> None:
    """Replace a password hash by another of the same password, if it is still `was`."""
    tx.execute(REMAKE, (hashed, account, was))


def password_state(tx: Transaction, account: str) -> tuple[bool, float]:
    """Whether somebody else set the password, and its age in days."""
    row = tx.execute(STATE, (account,)).fetchone()
    return (bool(row[0]), float(row[1] or 0)) if row else (False, 0.0)


def former(tx: Transaction, account: str, most: int) -> list[str]:
    """Hashes of an account's last passwords, the current one included."""
    return [row[0] for row in tx.execute(PAST, (account, most))]


def open_session(tx: Transaction, account: str, token_hash: bytes) -> None:
    """Store a session under its token's hash."""
    tx.execute(OPEN, (token_hash, account))


def account_of(
    tx: Transaction, token_hash: bytes, *, idle: float, most: float
) -> tuple[Account, bool] | None:
    """The account of a session, and whether to store its use (`seen`); None: no session.

    idle, most: seconds after which a session expires, unused or at all.
    """
    row = tx.execute(WHOSE, {"token": token_hash, "idle": idle, "most": most}).fetchone()
    return (Account(*row[1:]), bool(row[0])) if row else None


def seen(tx: Transaction, token_hash: bytes) -> None:
    """Store that a session is in use now."""
    tx.execute(SEEN, (token_hash,))


def end_session(tx: Transaction, token_hash: bytes) -> None:
    """Sign out."""
    tx.execute(END, (token_hash,))


def end_sessions(tx: Transaction, account: str, *, but: bytes | None = None) -> int:
    """End all sessions of an account, except one; gives how many."""
    return tx.execute(END_ALL, (account, but)).rowcount


def open_sessions(
    tx: Transaction, account: str, token_hash: bytes, *, idle: float, most: float
) -> list[SignIn]:
    """Open sessions of an account, the latest used first."""
    wanted = {"account": account, "token": token_hash, "idle": idle, "most": most}
    return rows(tx, SignIn, OPEN_NOW, wanted)


def count(tx: Transaction, kind: str, name: str, *, seconds: float) -> tuple[int, int]:
    """Count an attempt in a window of seconds; gives (count, seconds left)."""
    row = tx.execute(COUNT, {"kind": kind, "name": name, "seconds": seconds}).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def failures(tx: Transaction, kind: str, name: str) -> tuple[int, float]:
    """(failures, seconds until the next attempt is allowed); locks the row, so others wait."""
    tx.execute(BEGIN, (kind, name))
    row = tx.execute(STANDS, (kind, name)).fetchone()
    return (int(row[0]), float(row[1])) if row else (0, 0.0)


def fail(tx: Transaction, kind: str, name: str, *, times: int, wait: float, lapses: float) -> None:
    """Store a failure count: the next attempt waits; `lapses` seconds without one reset it."""
    tx.execute(FAIL, {"kind": kind, "name": name, "times": times, "wait": wait, "lapses": lapses})


def pair(account: str, address: str) -> str:
    """The name under which failures of an account from an address are counted."""
    return f"{account}\n{address}"


def is_known(tx: Transaction, account: str, address: str) -> bool:
    """Whether an account has signed in from this address recently."""
    return tx.execute(KNOWN, (pair(account, address),)).fetchone() is not None


def know(tx: Transaction, account: str, address: str, *, days: int) -> None:
    """Store a successful sign-in of an account from an address."""
    tx.execute(KNOW, {"pair": pair(account, address), "days": days})


def forget(tx: Transaction, account: str, address: str | None = None) -> None:
    """Reset failures, of an account or of it from one address: signed in, or new password."""
    whose = {"account": account, "pair": pair(account, address or ""), "prefix": pair(account, "")}
    tx.execute(FORGET, whose | {"everywhere": address is None})

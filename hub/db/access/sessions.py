"""Sign-ins at the console. Neither a password nor the value of a cookie is kept: their hashes
are.
"""

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
# Once a minute is enough to know that somebody is there.
WHOSE = """
    select s.seen_at < now() - interval '1 minute', a.name, a.role, a.department, a.created_at,
        a.ended_at
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
    """One sign-in that has not ended. this: the one that asks."""

    opened_at: datetime
    seen_at: datetime
    this: bool


def password_hash(tx: Transaction, account: str) -> str | None:
    """The hash of an account's password; None where there is no such account in use, or it has
    none.
    """
    row = tx.execute(KEPT, (account,)).fetchone()
    return row[0] if row else None


def set_password(tx: Transaction, account: str, hashed: str, *, given: bool) -> bool:
    """Give an account a password; False when there is no such account in use. given: by somebody
    else.
    """
    if tx.execute(GIVE, {"hash": hashed, "account": account, "given": given}).rowcount != 1:
        return False
    tx.execute(KEEP, (account, hashed))
    return True


def remake(tx: Transaction, account: str, was: str, hashed: str) -> None:
    """Keep the same password by another hash."""
    tx.execute(REMAKE, (hashed, account, was))


def password_state(tx: Transaction, account: str) -> tuple[bool, float]:
    """Whether somebody else made the password of an account, and how many days old it is."""
    row = tx.execute(STATE, (account,)).fetchone()
    return (bool(row[0]), float(row[1] or 0)) if row else (False, 0.0)


def former(tx: Transaction, account: str, most: int) -> list[str]:
    """The hashes of an account's last passwords, that of today among them."""
    return [row[0] for row in tx.execute(PAST, (account, most))]


def open_session(tx: Transaction, account: str, token_hash: bytes) -> None:
    """Note a sign-in."""
    tx.execute(OPEN, (token_hash, account))


def account_of(
    tx: Transaction, token_hash: bytes, *, idle: float, most: float
) -> tuple[Account, bool] | None:
    """Who is signed in, and whether it is time to note that he is there (`seen`).

    idle, most: seconds after which a sign-in has lapsed, unused or at all.
    """
    row = tx.execute(WHOSE, {"token": token_hash, "idle": idle, "most": most}).fetchone()
    return (Account(*row[1:]), bool(row[0])) if row else None


def seen(tx: Transaction, token_hash: bytes) -> None:
    """Note that whoever is signed in is there now."""
    tx.execute(SEEN, (token_hash,))


def end_session(tx: Transaction, token_hash: bytes) -> None:
    """Sign out."""
    tx.execute(END, (token_hash,))


def end_sessions(tx: Transaction, account: str, *, but: bytes | None = None) -> int:
    """Sign an account out everywhere, but for one sign-in if wanted; how many ended."""
    return tx.execute(END_ALL, (account, but)).rowcount


def open_sessions(
    tx: Transaction, account: str, token_hash: bytes, *, idle: float, most: float
) -> list[SignIn]:
    """Where an account is signed in, the latest used first."""
    wanted = {"account": account, "token": token_hash, "idle": idle, "most": most}
    return rows(tx, SignIn, OPEN_NOW, wanted)


def count(tx: Transaction, kind: str, name: str, *, seconds: float) -> tuple[int, int]:
    """Note one more attempt; how many count, and for how many seconds."""
    row = tx.execute(COUNT, {"kind": kind, "name": name, "seconds": seconds}).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def failures(tx: Transaction, kind: str, name: str) -> tuple[int, float]:
    """How many failures count, and in how many seconds the next attempt may come; nobody else
    counts meanwhile.
    """
    tx.execute(BEGIN, (kind, name))
    row = tx.execute(STANDS, (kind, name)).fetchone()
    return (int(row[0]), float(row[1])) if row else (0, 0.0)


def fail(tx: Transaction, kind: str, name: str, *, times: int, wait: float, lapses: float) -> None:
    """So many failures count now: the next attempt waits, and after `lapses` seconds without one
    all are forgotten.
    """
    tx.execute(FAIL, {"kind": kind, "name": name, "times": times, "wait": wait, "lapses": lapses})


def pair(account: str, address: str) -> str:
    """An account and an address as one name."""
    return f"{account}\n{address}"


def is_known(tx: Transaction, account: str, address: str) -> bool:
    """Whether an account has signed in well from an address lately."""
    return tx.execute(KNOWN, (pair(account, address),)).fetchone() is not None


def know(tx: Transaction, account: str, address: str, *, days: int) -> None:
    """An account has signed in well from an address."""
    tx.execute(KNOW, {"pair": pair(account, address), "days": days})


def forget(tx: Transaction, account: str, address: str | None = None) -> None:
    """An attempt from an address went well, or the password is another: failures before it count no
    more.
    """
    whose = {"account": account, "pair": pair(account, address or ""), "prefix": pair(account, "")}
    tx.execute(FORGET, whose | {"everywhere": address is None})

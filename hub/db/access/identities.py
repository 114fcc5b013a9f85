"""Sign-in of accounts: by password, or bound to a subject at the identity provider (OIDC)."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from hub.db.database import Transaction
from hub.db.rows import first_row, rows

# seen_at: of those sign-ins that have not ended.
PEOPLE = """
    select a.name, a.role, a.department, a.created_at, a.ended_at, a.sign_in_by = 'oidc' as
        elsewhere, a.by_groups,
           a.password_hash is not null as has_password,
           (select max(s.seen_at) from hub.session s where s.account = a.name
               and s.ended_at is null) as seen_at,
           (select c.next_at from hub.sign_in_count c
             where c.kind = 'account' and c.name = a.name and c.next_at > now()
                 and c.until_at > now()) as slowed_until,
           a.token_until, a.regions
      from hub.account a where %(name)s::text is null or a.name = %(name)s
     order by a.ended_at is not null, a.name
"""
OF_SUBJECT = """
    select name, by_groups, ended_at is not null as ended from hub.account where oidc_subject = %s
"""
EXPECT = """
    update hub.account set sign_in_by = 'oidc', password_hash = null where name = %s
        and ended_at is null
"""
BIND = """
    update hub.account set oidc_subject = %s
     where name = %s and sign_in_by = 'oidc' and oidc_subject is null and ended_at is null
"""
FOLLOW = """
    update hub.account set role = %(role)s, department = %(unit)s,
        regions = case when %(role)s = 'supervisor' then regions else '{}' end
     where name = %(name)s and (role, department) is distinct from (%(role)s, %(unit)s)
"""
ELSEWHERE = "select sign_in_by = 'oidc' from hub.account where name = %s"
# No token fits: the hash is of a value that was never given out.
MAKE = """
    insert into hub.account (name, role, department, token_hash, sign_in_by, oidc_subject,
        by_groups)
    values (%s, %s, %s, %s, 'oidc', %s, true) on conflict do nothing
"""


@dataclass(frozen=True, slots=True)
class Identity:
    """An account bound to a subject. by_groups: role and unit follow the provider's groups."""

    name: str
    by_groups: bool
    ended: bool


@dataclass(frozen=True, slots=True)
class Person:
    """An account and its way to sign in. seen_at: last use of a sign-in that is still open."""

    name: str
    role: str
    department: str
    created_at: datetime
    ended_at: datetime | None
    elsewhere: bool
    by_groups: bool
    has_password: bool
    seen_at: datetime | None
    slowed_until: datetime | None
    token_until: datetime | None
    regions: list[str]


def people(tx: Transaction, *, name: str | None = None) -> list[Person]:
    """All accounts, or one; active first. slowed_until: when unknown addresses may try it again."""
    return rows(tx, Person, PEOPLE, name=name)


def of_subject(tx: Transaction, subject: str) -> Identity | None:
    """The account bound to this subject at the provider."""
    return first_row(tx, Identity, OF_SUBJECT, (subject,))


def signs_in_elsewhere(tx: Transaction, account: str) -> bool:
    """Whether an account signs in at the provider."""
    row = tx.execute(ELSEWHERE, (account,)).fetchone()
    return row is not None and bool(row[0])


def expect(tx: Transaction, account: str) -> bool:
    """Make an active account sign in at the provider only; False when there is no such account."""
    return tx.execute(EXPECT, (account,)).rowcount == 1


def bind(tx: Transaction, account: str, subject: str) -> bool:
    """Bind a waiting account to a subject; False when it does not wait."""
    return tx.execute(BIND, (subject, account)).rowcount == 1


def follow(tx: Transaction, account: str, *, role: str, department: str) -> None:
    """Set role and unit of an account by its groups."""
    tx.execute(FOLLOW, {"name": account, "role": role, "unit": department})


def make(tx: Transaction, name: str, role: str, *, department: str, subject: str) -> bool:
    """Create an account for a subject by its groups; False when the name is taken."""
    return (
        tx.execute(MAKE, (name, role, department, secrets.token_bytes(32), subject)).rowcount == 1
    )

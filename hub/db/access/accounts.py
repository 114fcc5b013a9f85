"""Accounts, grants, and writing the access log. Only the hash of a token is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import orjson
from psycopg.types.json import Jsonb

from hub.db.database import Transaction
from hub.db.rows import first_row, rows
from hub.domain.rights import Ground, Limited

ADD = """
    insert into hub.account (name, role, department, regions, token_hash, token_until)
    values (%s, %s, %s, %s, %s, now() + make_interval(days => %s)) on conflict do nothing
"""
NAMED = """
    select name, role, department, created_at, ended_at, regions from hub.account
     where name = %s and ended_at is null
"""
SET_REGIONS = "update hub.account set regions = %s where name = %s"
RENEW = """
    update hub.account set token_hash = %s, token_at = now(),
        token_until = now() + make_interval(days => %s)
     where name = %s and ended_at is null
"""
REVOKE = (
    "update hub.account set token_until = least(token_until, now()) where name = %s and ended_at "
    "is null"
)
END = "update hub.account set ended_at = now() where name = %s and ended_at is null"
ACCOUNTS = (
    "select name, role, department, created_at, ended_at, regions from hub.account order by name"
)
WHOSE = """
    select name, role, department, created_at, ended_at, regions, token_hash from hub.account
     where token_hash = any(%s) and ended_at is null and (token_until is null
         or token_until > now())
"""
ADD_GRANT = """
    insert into hub.access_grant (account, entity, classes, regions, open_case_only, purpose,
        valid_from, valid_until)
    select a.name, %(entity)s, %(classes)s, %(regions)s, %(open_case_only)s, %(purpose)s,
        %(valid_from)s,
           %(valid_until)s
      from hub.account a where a.name = %(account)s and a.ended_at is null
    returning id
"""
END_GRANT = "update hub.access_grant set ended_at = now() where id = %s and ended_at is null"
GRANTS = """
    select id, account, entity, classes, regions, open_case_only, purpose, valid_from, valid_until,
           application_id, ended_at is null and current_date between valid_from and valid_until as
               in_force
      from hub.access_grant
     where %(account)s::text is null or account = %(account)s
     order by account, entity, id
"""
GRANTS_IN_FORCE = """
    select id, account, entity, classes, regions, open_case_only, purpose, valid_from, valid_until,
           application_id, true as in_force
      from hub.access_grant
     where account = any(%s) and ended_at is null and current_date between valid_from
         and valid_until
     order by entity, id
"""
GROUND = "select hub.region_of(%(code)s), hub.has_open_case(%(unit)s, %(code)s)"
READS = """
    insert into hub.access (id, account, route, purpose, project_code, record_ids, refused, address)
    select hub.event_base(now()) + nextval('hub.event_seq'), account, route, purpose, project_code,
           array(select jsonb_array_elements(record_ids)::bigint), refused, address
      from jsonb_to_recordset(%s)
           as r (account text, route text, purpose text, project_code text, record_ids jsonb,
               refused boolean,
                 address text)
"""


@dataclass(frozen=True, slots=True)
class Account:
    """An account of a person or a program. regions: of a supervisor, digits of region codes."""

    name: str
    role: str
    department: str
    created_at: datetime
    ended_at: datetime | None
    regions: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Grant:
    """What an account may read of an entity, for what purpose and how long.

    regions: leading digits of region codes, none for all. open_case_only: only where its unit has
    an open case. application_id: the application that it comes from.
    """

    id: int
    account: str
    entity: str
    classes: list[str]
    regions: list[str]
    open_case_only: bool
    purpose: str
    valid_from: date
    valid_until: date
    in_force: bool
    application_id: int | None


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """One read or refused read to log. address: client address, "" on the hub's own machine."""

    account: str
    route: str
    purpose: str = ""
    project_code: str | None = None
    record_ids: Sequence[int] = ()
    refused: bool = False
    address: str = ""


def add(
    tx: Transaction,
    name: str,
    role: str,
    *,
    department: str,
    token_hash: bytes,
    days: int,
    regions: Sequence[str] = (),
) -> bool:
    """Create an account whose token is valid for `days`; False when the name is taken."""
    made = tx.execute(ADD, (name, role, department, list(regions), token_hash, days))
    return made.rowcount == 1


def set_regions(tx: Transaction, name: str, regions: Sequence[str]) -> None:
    """Set the regions of a supervisor's account."""
    tx.execute(SET_REGIONS, (list(regions), name))


def named(tx: Transaction, name: str) -> Account | None:
    """The account of this name; None where there is none or it has been closed."""
    return first_row(tx, Account, NAMED, (name,))


def renew(tx: Transaction, name: str, token_hash: bytes, *, days: int) -> bool:
    """Replace a token; the old one is invalid at once. False without such an active account."""
    return tx.execute(RENEW, (token_hash, days, name)).rowcount == 1


def revoke(tx: Transaction, name: str) -> bool:
    """Invalidate a token. False when there is no such active account."""
    return tx.execute(REVOKE, (name,)).rowcount == 1


def end(tx: Transaction, name: str) -> bool:
    """Close an account for good."""
    return tx.execute(END, (name,)).rowcount == 1


def accounts(tx: Transaction) -> list[Account]:
    """All accounts, closed ones too."""
    return rows(tx, Account, ACCOUNTS)


def of_tokens(tx: Transaction, token_hashes: Sequence[bytes]) -> dict[bytes, Account]:
    """Account by token hash; unknown tokens and closed accounts are left out."""
    rows = tx.execute(WHOSE, (list(token_hashes),)).fetchall()
    return {token_hash: Account(*about) for *about, token_hash in rows}


def add_grant(
    tx: Transaction,
    account: str,
    limits: Limited,
    *,
    purpose: str,
    valid_from: date,
    valid_until: date,
) -> int | None:
    """Grant an active account an entity within limits; gives the id, None: no such account."""
    row = tx.execute(
        ADD_GRANT,
        {
            "account": account,
            "entity": limits.entity,
            "classes": sorted(limits.classes),
            "regions": list(limits.regions),
            "open_case_only": limits.open_case_only,
            "purpose": purpose,
            "valid_from": valid_from,
            "valid_until": valid_until,
        },
    ).fetchone()
    return int(row[0]) if row else None


def end_grant(tx: Transaction, grant_id: int) -> bool:
    """End a grant at once."""
    return tx.execute(END_GRANT, (grant_id,)).rowcount == 1


def grants(tx: Transaction, account: str | None = None) -> list[Grant]:
    """Grants, lapsed ones too."""
    return rows(tx, Grant, GRANTS, account=account)


def grants_in_force(tx: Transaction, names: Sequence[str]) -> dict[str, list[Grant]]:
    """Grants in force today, by account name."""
    found: dict[str, list[Grant]] = {}
    for grant in rows(tx, Grant, GRANTS_IN_FORCE, (list(names),)):
        found.setdefault(grant.account, []).append(grant)
    return found


def ground(tx: Transaction, project_code: str, *, department: str) -> Ground:
    """What grant limits are checked against, for one project and one unit."""
    row = tx.execute(GROUND, {"code": project_code, "unit": department}).fetchone()
    return Ground(str(row[0]), bool(row[1])) if row else Ground("", open_case=False)


def write_reads(tx: Transaction, reads: Sequence[AccessEntry]) -> None:
    """Log reads; the caller must commit before any answer is sent."""
    tx.execute(READS, (Jsonb(reads, dumps=orjson.dumps),))

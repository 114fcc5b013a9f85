"""What stood at a past moment: golden versions by the time of their batches, and accounts with the grants of then."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from hub.model import Record
from hub.rules.contracts import Entity
from hub.store import typed
from hub.store.accounts import Account, Grant
from hub.store.database import Transaction

FORMER = """
    select h.record_id, h.version, h.body, h.provenance, a.run_id, a.committed_at as since, u.committed_at as until
      from hub.history h
      join hub.batch a on a.id = h.batch_id
      join hub.batch u on u.id = h.until_batch
     where h.record_id = any(%(ids)s) and a.committed_at <= %(at)s and u.committed_at > %(at)s
"""
FORMER_MEMBERS = """
    select distinct r.id, r.entity from hub.history h join hub.record r on r.id = h.record_id
     where h.body->>'project_code' = %s
"""
COMMITTED = "select id, committed_at from hub.batch where id = any(%s)"
ACCOUNT = """
    select name, role, department, created_at, ended_at from hub.account
     where name = %(name)s and created_at <= %(at)s and (ended_at is null or ended_at > %(at)s)
"""
GRANTS = """
    select id, account, entity, classes, regions, open_case_only, purpose, valid_from, valid_until, application_id,
           true as in_force
      from hub.access_grant
     where account = %(name)s and granted_at <= %(at)s and (ended_at is null or ended_at > %(at)s)
       and (%(at)s at time zone 'Asia/Shanghai')::date between valid_from and valid_until
     order by entity, id
"""


@dataclass(frozen=True, slots=True)
class FormerRow:
    """A golden version that has been replaced since."""

    record_id: int
    version: int
    body: Record
    provenance: list[int]
    run_id: int
    since: datetime
    until: datetime


def former(tx: Transaction, record_ids: Iterable[int], at: datetime) -> dict[int, FormerRow]:
    """The versions of these records that stood then and do so no more."""
    with tx.cursor(row_factory=class_row(FormerRow)) as cursor:
        return {row.record_id: row for row in cursor.execute(FORMER, {"ids": list(record_ids), "at": at})}


def former_members(tx: Transaction, project_code: str) -> dict[int, str]:
    """Records that have belonged to a project in some former version, with their entities."""
    return dict(tx.execute(FORMER_MEMBERS, (project_code,)).fetchall())


def committed(tx: Transaction, batch_ids: Iterable[int]) -> dict[int, datetime]:
    """When these batches were committed."""
    return dict(tx.execute(COMMITTED, (sorted(set(batch_ids)),)).fetchall())


def sources(tx: Transaction, entity: Entity, provenance: list[int]) -> Mapping[str, int]:
    """Field -> landing, as a version's provenance says."""
    return {name: landing for name, landing in zip(typed.ordinals(tx, entity), provenance, strict=False) if landing}


def account(tx: Transaction, name: str, at: datetime) -> tuple[Account, list[Grant]] | None:
    """An account that was in use then, and its grants in force at that moment; None when there was no such account."""
    asked = {"name": name, "at": at}
    with tx.cursor(row_factory=class_row(Account)) as cursor:
        found = cursor.execute(ACCOUNT, asked).fetchone()
    if found is None:
        return None
    with tx.cursor(row_factory=class_row(Grant)) as cursor:
        return found, cursor.execute(GRANTS, asked).fetchall()

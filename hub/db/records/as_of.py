"""As-of queries: golden versions, accounts and grants at a past moment."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from hub.db import entity_tables
from hub.db.access.accounts import Account, Grant
from hub.db.database import Transaction
from hub.db.rows import first_row, rows
from hub.domain.contracts import Entity
from hub.model import Record

# A batch has its place among all others: a clock that was ahead and put right changes nothing in
# what came after what.
REACHED = """
    select event_order, id from hub.batch where committed_at <= %(at)s or now() <= %(at)s
     order by event_order desc, id desc limit 1
"""
FORMER = """
    select distinct on (h.record_id)
           h.record_id, h.version, h.body, h.provenance, h.batch_id, h.until_batch, a.committed_at
               as since,
           u.committed_at as until
      from hub.history h
      join hub.batch a on a.id = h.batch_id
      join hub.batch u on u.id = h.until_batch
     where h.record_id = any(%(ids)s) and (a.event_order, a.id) <= (%(event_order)s, %(batch)s)
     order by h.record_id, h.version desc
"""
FORMER_MEMBERS = """
    select distinct r.id, r.entity from hub.history h join hub.record r on r.id = h.record_id
     where h.body->>'project_code' = %s
"""
COMMITTED = """
    select id, committed_at from hub.batch
     where id = any(%(ids)s) and (event_order, id) <= (%(event_order)s, %(batch)s)
"""
ACCOUNT = """
    select name, role, department, created_at, ended_at, regions from hub.account
     where name = %(name)s and created_at <= %(at)s and (ended_at is null or ended_at > %(at)s)
"""
GRANTS = """
    select id, account, entity, classes, regions, open_case_only, purpose, valid_from, valid_until,
        application_id,
           true as in_force
      from hub.access_grant
     where account = %(name)s and granted_at <= %(at)s and (ended_at is null or ended_at > %(at)s)
       and (%(at)s at time zone 'Asia/Shanghai')::date between valid_from and valid_until
     order by entity, id
"""


@dataclass(frozen=True, slots=True)
class Reached:
    """The hub at a moment: the last batch committed by then, and its place among all events."""

    event_order: int
    batch: int


@dataclass(frozen=True, slots=True)
class FormerRow:
    """A golden version that has been replaced."""

    record_id: int
    version: int
    body: Record
    provenance: list[int]
    batch_id: int
    until_batch: int
    since: datetime
    until: datetime


def reached(tx: Transaction, at: datetime) -> Reached:
    """The last batch committed by a moment; every batch where that moment is not over yet."""
    row = tx.execute(REACHED, {"at": at}).fetchone()
    return Reached(*row) if row else Reached(0, 0)


def former(tx: Transaction, record_ids: Iterable[int], last: Reached) -> dict[int, FormerRow]:
    """Record id -> the version current when this batch was committed, of those replaced since."""
    found = rows(tx, FormerRow, FORMER, {"ids": list(record_ids), **asdict(last)})
    return {row.record_id: row for row in found}


def former_members(tx: Transaction, project_code: str) -> dict[int, str]:
    """Record id -> entity, of records that belonged to a project in some former version."""
    return dict(tx.execute(FORMER_MEMBERS, (project_code,)).fetchall())


def committed(tx: Transaction, batch_ids: Iterable[int], last: Reached) -> dict[int, datetime]:
    """Batch id -> commit time; batches after the last one are left out."""
    return dict(tx.execute(COMMITTED, {"ids": sorted(set(batch_ids)), **asdict(last)}).fetchall())


def sources(tx: Transaction, entity: Entity, provenance: list[int]) -> Mapping[str, int]:
    """Field -> landing id, from a version's stored provenance."""
    return {
        name: landing
        for name, landing in zip(entity_tables.ordinals(tx, entity), provenance, strict=False)
        if landing
    }


def account(tx: Transaction, name: str, at: datetime) -> tuple[Account, list[Grant]] | None:
    """An account in use at that moment, with its grants then in force; None: no such account."""
    asked = {"name": name, "at": at}
    found = first_row(tx, Account, ACCOUNT, asked)
    if found is None:
        return None
    return found, rows(tx, Grant, GRANTS, asked)

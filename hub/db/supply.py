"""What units without a system handed in by workbook or form: who, when, which file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from psycopg import sql

from hub.db import entity_tables
from hub.db.database import Transaction
from hub.db.rows import rows
from hub.domain.contracts import PullFlow

SupplyKind = Literal["workbook", "entry", "withdrawal"]

# One file is taken once: the second of two at once finds the row of the first.
ADD = """
    insert into hub.supply (flow, kind, account, department, file, digest, rows, key, reason,
        inbound_id)
    values (%(flow)s, %(kind)s, %(account)s, %(department)s, %(file)s, %(digest)s, %(rows)s,
        %(key)s, %(reason)s, %(inbound)s)
    on conflict (flow, digest) where kind = 'workbook' do nothing returning id
"""
SEEN = """
    select account, at from hub.supply
     where flow = %(flow)s and digest = %(digest)s and kind = 'workbook'
"""
LISTED = """
    select id, flow, kind, account, at, file, encode(digest, 'hex') as digest, rows, key, reason,
           inbound_id
      from hub.supply where flow = %(flow)s order by id desc limit %(most)s
"""
BY_RECEIPT = """
    select id, flow, kind, account, at, file, encode(digest, 'hex') as digest, rows, key, reason,
           inbound_id
      from hub.supply where flow = %(flow)s and inbound_id = any(%(receipts)s)
"""
CODES = "select source_key, project_code from {} where flow = %s and source_key = any(%s)"
OWN = """
    select source_key as key, record_id, project_code, landing_id from {}
     where flow = %s and (%s::text is null or source_key = %s)
     order by landing_id desc limit %s
"""
SHOWN = "select record_id from {} where record_id = any(%s)"
CELLS = "select id, position, payload from hub.landing where id = any(%s)"


@dataclass(frozen=True, slots=True)
class SupplyAct:
    """A workbook taken, a record entered, or one withdrawn.

    file, digest: of the workbook (SHA-256). key, reason: of a withdrawal. inbound_id: its receipt.
    """

    id: int
    flow: str
    kind: SupplyKind
    account: str
    at: datetime
    file: str
    digest: str | None
    rows: int
    key: str | None
    reason: str | None
    inbound_id: int


@dataclass(frozen=True, slots=True)
class SeenFile:
    """By whom and when a file was taken."""

    account: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """A record that a flow says today, by its source key."""

    key: str
    record_id: int
    project_code: str | None
    landing_id: int


@dataclass(frozen=True, slots=True)
class LandedCells:
    """The payload of a landing, and where it came from."""

    id: int
    position: str
    payload: bytes | None


def add(
    tx: Transaction,
    flow: str,
    kind: SupplyKind,
    *,
    account: str,
    department: str,
    inbound: int,
    about: Mapping[str, object],
) -> int | None:
    """Store what was handed in; None where the same file has been taken before.

    about: file, digest (bytes), rows, key, reason, as far as there are any.
    """
    said = {"file": "", "digest": None, "rows": 1, "key": None, "reason": None, **about}
    row = tx.execute(
        ADD,
        {
            **said,
            "flow": flow,
            "kind": kind,
            "account": account,
            "department": department,
            "inbound": inbound,
        },
    ).fetchone()
    return None if row is None else int(row[0])


def seen(tx: Transaction, flow: str, digest: bytes) -> SeenFile | None:
    """By whom and when this file was taken; None where it is new."""
    return next(iter(rows(tx, SeenFile, SEEN, flow=flow, digest=digest)), None)


def listed(tx: Transaction, flow: str, *, most: int) -> list[SupplyAct]:
    """What was handed in last, newest first."""
    return rows(tx, SupplyAct, LISTED, flow=flow, most=most)


def of_receipts(tx: Transaction, flow: str, receipts: Iterable[int]) -> dict[int, SupplyAct]:
    """Receipt -> the act by which it was handed in."""
    found = rows(tx, SupplyAct, BY_RECEIPT, flow=flow, receipts=list(receipts))
    return {one.inbound_id: one for one in found}


def project_codes(tx: Transaction, flow: PullFlow, keys: Sequence[str]) -> dict[str, str | None]:
    """Source key -> project code, of what the flow says today; unknown keys are left out."""
    query = sql.SQL(CODES).format(entity_tables.table("source", flow.entity))
    return {str(key): code for key, code in tx.execute(query, (flow.name, list(keys)))}


def own_records(
    tx: Transaction, flow: PullFlow, *, key: str | None = None, most: int
) -> list[OwnRecord]:
    """What the flow says today, newest first. Not filtered by any reader's rights: see `shown`."""
    query = sql.SQL(OWN).format(entity_tables.table("source", flow.entity))
    return [OwnRecord(*row) for row in tx.execute(query, (flow.name, key, key, most))]


def shown(tx: Transaction, flow: PullFlow, record_ids: Iterable[int]) -> frozenset[int]:
    """Those of these records that the reader of `tx` (row-level security) may see."""
    table, view = (
        entity_tables.table("golden", flow.entity),
        entity_tables.table("shown", flow.entity),
    )
    query = sql.SQL(SHOWN).format(tx.of_two(table=table, view=view))
    return frozenset(row[0] for row in tx.execute(query, (list(record_ids),)))


def cells(tx: Transaction, landing_ids: Iterable[int]) -> dict[int, LandedCells]:
    """The payloads of these landings."""
    found = tx.execute(CELLS, (list(landing_ids),))
    return {row[0]: LandedCells(*row) for row in found}

"""The rows between a value and its source, and between a record and everyone who was given it or read it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from psycopg import sql
from psycopg.rows import class_row

from hub.model import Json, Record
from hub.rules.contracts import Entity
from hub.store import typed
from hub.store.database import Confined, Transaction

CONTRACT_IDS = "select flow, source_key, contract_id from {} where record_id = %s"
CONTRACTS = "select id, hash, flow, body, first_used from hub.contract_version where id = any(%s)"
CONTRACT_TEXT = "select body from hub.contract_version where hash = %s"
CONTRACT_OF_RUN = """
    select c.body from hub.batch b join hub.contract_version c on c.id = b.contract_id
     where b.run_id = %s order by b.id desc limit 1
"""
PAYLOADS = "select id, payload from hub.landing where id = any(%s)"
BATCHES = "select id, run_id, committed_at from hub.batch where id = any(%s)"
VERSIONS = """
    select h.version, h.body, h.provenance, h.batch_id, a.committed_at as since, u.committed_at as until
      from hub.history h
      join hub.batch a on a.id = h.batch_id
      join hub.batch u on u.id = h.until_batch
     where h.record_id = %s order by h.version
"""
HANDED = """
    select e.flow, e.key, e.action, e.golden_version, e.state, e.body, e.code, e.text, e.reference, e.at, e.run_id,
           p.state as receipt, p.received_at
      from hub.delivery_event e
      left join hub.receipt p on p.flow = e.flow and p.key = e.key
     where e.record_id = %s order by e.id
"""
# Materialized: with the limit in sight the newest rows of all would be searched for one that fits, a year of them.
READERS = """
    with reads as materialized (
        select id, account, route, purpose, at, refused from hub.access where record_ids @> array[%s::bigint])
    select account, route, purpose, at, refused from reads order by id desc limit %s
"""
READINGS = "select account, route, purpose, at, refused from hub.readings_of(%s, %s)"


@dataclass(frozen=True, slots=True)
class ContractRow:
    """The rules of a flow as they were: mapping, schema and code lists as one JSON text."""

    id: int
    hash: str
    flow: str
    body: str
    first_used: datetime


@dataclass(frozen=True, slots=True)
class BatchRow:
    """The batch that wrote a golden version."""

    id: int
    run_id: int
    committed_at: datetime


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A golden version that a newer one has replaced."""

    version: int
    body: Record
    provenance: list[int]
    batch_id: int
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class HandedRow:
    """One attempt or verdict of a delivery, with the receipt of its key if one has come."""

    flow: str
    key: str
    action: str
    golden_version: int
    state: str
    body: dict[str, Json] | None
    code: str
    text: str
    reference: str
    at: datetime
    run_id: int
    receipt: str | None
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReaderRow:
    """Who read the record, or was refused."""

    account: str
    route: str
    purpose: str
    at: datetime
    refused: bool


def contract_ids(tx: Transaction, entity: Entity, record_id: int) -> dict[tuple[str, str], int]:
    """Under which contract each current source record was mapped, by flow and source key."""
    query = sql.SQL(CONTRACT_IDS).format(typed.asserted(tx, entity))
    return {(flow, key): contract for flow, key, contract in tx.execute(query, (record_id,))}


def contracts(tx: Transaction, ids: Iterable[int]) -> dict[int, ContractRow]:
    """Contract versions by id."""
    with tx.cursor(row_factory=class_row(ContractRow)) as cursor:
        return {row.id: row for row in cursor.execute(CONTRACTS, (sorted(set(ids)),))}


def contract_text(tx: Transaction, digest: str) -> str:
    """The text of the contract with this hash."""
    row = tx.execute(CONTRACT_TEXT, (digest,)).fetchone()
    return str(row[0]) if row else ""


def contract_of_run(tx: Transaction, run_id: int) -> str | None:
    """The text of the contract under which a run's batches were taken in."""
    row = tx.execute(CONTRACT_OF_RUN, (run_id,)).fetchone()
    return row[0] if row else None


def payloads(tx: Transaction, landing_ids: Iterable[int]) -> dict[int, bytes | None]:
    """What arrived, as it arrived; None where it was erased or never kept."""
    return dict(tx.execute(PAYLOADS, (sorted(set(landing_ids)),)).fetchall())


def batch(tx: Transaction, batch_id: int) -> BatchRow | None:
    """When and by which run something was committed."""
    with tx.cursor(row_factory=class_row(BatchRow)) as cursor:
        return cursor.execute(BATCHES, ([batch_id],)).fetchone()


def versions(tx: Transaction, record_id: int) -> list[VersionRow]:
    """Former golden versions, oldest first."""
    with tx.cursor(row_factory=class_row(VersionRow)) as cursor:
        return cursor.execute(VERSIONS, (record_id,)).fetchall()


def handed(tx: Transaction, record_id: int) -> list[HandedRow]:
    """Every attempt to hand the record on, and every verdict, oldest first."""
    with tx.cursor(row_factory=class_row(HandedRow)) as cursor:
        return cursor.execute(HANDED, (record_id,)).fetchall()


def readers(tx: Transaction, record_id: int, *, most: int = 100) -> list[ReaderRow]:
    """Who read the record, newest first."""
    with tx.cursor(row_factory=class_row(ReaderRow)) as cursor:
        query = READINGS if isinstance(tx, Confined) else READERS
        return cursor.execute(query, (record_id, most)).fetchall()

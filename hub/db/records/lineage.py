"""Lineage rows: from a value to its source, and from a record to its receivers and readers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from psycopg import sql
from psycopg.rows import dict_row

from hub.db import entity_tables
from hub.db.database import Transaction
from hub.db.records.as_of import Reached
from hub.db.rows import first_row, rows
from hub.domain.contracts import Entity
from hub.model import Json, Record

CONTRACT_IDS = "select flow, source_key, contract_id from {} where record_id = %s"
CONTRACTS = "select id, hash, flow, body, first_used from hub.contract_version where id = any(%s)"
CONTRACT_TEXT = "select body from hub.contract_version where hash = %s"
CONTRACT_OF_RUN = """
    select c.body from hub.batch b join hub.contract_version c on c.id = b.contract_id
     where b.run_id = %s order by b.id desc limit 1
"""
# The rule by which a payload was read when a batch made something of it: its own batch's, or that
# of the last batch until then that applied it anew.
CONTRACT_AT = """
    with of_record as (
        select key from hub.part where landing_id = %(landing)s and record_id = %(record)s)
    select c.id, c.hash, c.flow, c.body, c.first_used from hub.contract_version c
     where c.id = (select b.contract_id
                     from (select batch_id from hub.landing where id = %(landing)s
                            union all
                           select batch_id from hub.part where landing_id = %(landing)s
                               and record_id = %(record)s
                            union all
                           select a.batch_id from hub.applied_anew a
                            where a.landing_id = %(landing)s
                              and (a.key in (select key from of_record) or not exists (select
                                  from of_record))) s
                     join hub.batch b on b.id = s.batch_id
                    where b.id <= %(batch)s
                    order by b.id desc limit 1)
"""
# While a version is current, every landing applied under its source keys repeats its values (else
# it would have been replaced). It may be applied by its own batch or a later one.
CONFIRMING = """
      from hub.landing p
      left join hub.part o on o.landing_id = p.id and o.record_id = %(record)s
      join hub.landing k on k.flow = p.flow and k.key = p.key
     cross join lateral (select k.batch_id where k.disposition = 'applied' and o.key is null
                          union
                         select q.batch_id from hub.part q
                          where q.landing_id = k.id and q.record_id = %(record)s and q.key = o.key
                          union
                         select a.batch_id from hub.applied_anew a
                          where a.landing_id = k.id and a.key = coalesce(o.key, p.key)) s
      join hub.batch b on b.id = s.batch_id
     where p.id = any(%(made)s) and b.id > %(after)s and (%(until)s::bigint is null
         or b.id < %(until)s)
"""
CONFIRMED = f"""
    select distinct on (p.id) p.id as made, count(*) over (partition by p.id) as times, k.id
        as landing_id,
           b.committed_at as at
     {CONFIRMING}
       and (%(event_order)s::bigint is null or (b.event_order, b.id) <= (%(event_order)s, %(last)s))
     order by p.id, b.id desc
"""
CONFIRMED_BY = f"""
    select b.id, b.run_id, b.committed_at, b.event_order {CONFIRMING} and k.id = %(landing)s
        order by b.id limit 1
"""
PAYLOADS = "select id, payload from hub.landing where id = any(%s)"
BATCHES = "select id, run_id, committed_at, event_order from hub.batch where id = any(%s)"
VERSIONS = """
    select h.version, h.body, h.provenance, h.batch_id, h.until_batch, a.committed_at as since,
           u.committed_at as until, a.event_order as since_order, u.event_order as until_order
      from hub.history h
      join hub.batch a on a.id = h.batch_id
      join hub.batch u on u.id = h.until_batch
     where h.record_id = %s order by h.version
"""
HANDED = """
    select e.flow, e.key, e.action, e.golden_version, e.state, e.body, e.code, e.text, e.reference,
        e.at, e.run_id,
           p.state as receipt, p.received_at
      from hub.delivery_event e
      left join hub.receipt p on p.flow = e.flow and p.key = e.key
     where e.record_id = %s order by hub.event_order(e.id)
"""
# Materialized: with the limit in sight the newest rows of all would be searched for one that fits,
# a year of them.
READERS = """
    with reads as materialized (
        select id, account, route, purpose, at, refused from hub.access
            where record_ids @> array[%s::bigint])
    select account, route, purpose, at, refused from reads
        order by hub.event_order(id) desc limit %s
"""
READINGS = "select account, route, purpose, at, refused from hub.readings_of(%s, %s)"


@dataclass(frozen=True, slots=True)
class ContractRow:
    """A contract as stored: mapping, schema and code lists as one JSON text."""

    id: int
    hash: str
    flow: str
    body: str
    first_used: datetime


@dataclass(frozen=True, slots=True)
class VersionBatch:
    """The batch that wrote a golden version."""

    id: int
    run_id: int
    committed_at: datetime
    event_order: int


@dataclass(frozen=True, slots=True)
class Confirmation:
    """How often a landing's source key has repeated its values, and the last such landing."""

    made: int
    times: int
    landing_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A golden version that has been replaced."""

    version: int
    body: Record
    provenance: list[int]
    batch_id: int
    until_batch: int
    since: datetime
    until: datetime
    since_order: int
    until_order: int


@dataclass(frozen=True, slots=True)
class DeliveryEventRow:
    """One delivery attempt or verdict, with the receipt for its key, if one came."""

    flow: str
    key: str
    action: str
    golden_version: int
    state: str
    code: str
    text: str
    reference: str
    at: datetime
    run_id: int
    receipt: str | None
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReaderRow:
    """One read of the record, or a refused one."""

    account: str
    route: str
    purpose: str
    at: datetime
    refused: bool


def contract_ids(tx: Transaction, entity: Entity, record_id: int) -> dict[tuple[str, str], int]:
    """(flow, source key) -> contract id, of the current source records of a record."""
    query = sql.SQL(CONTRACT_IDS).format(entity_tables.asserted(tx, entity))
    return {(flow, key): contract for flow, key, contract in tx.execute(query, (record_id,))}


def contracts(tx: Transaction, ids: Iterable[int]) -> dict[int, ContractRow]:
    """Contracts by id."""
    return {row.id: row for row in rows(tx, ContractRow, CONTRACTS, (sorted(set(ids)),))}


def contract_at(
    tx: Transaction, record_id: int, landing_id: int, *, batch_id: int
) -> ContractRow | None:
    """The contract by which a payload was read when this batch applied it to the record."""
    asked = {"record": record_id, "landing": landing_id, "batch": batch_id}
    return first_row(tx, ContractRow, CONTRACT_AT, asked)


def confirmations(
    tx: Transaction,
    record_id: int,
    made: Iterable[int],
    *,
    after: int,
    until: int | None = None,
    last: Reached | None = None,
) -> dict[int, Confirmation]:
    """Landing -> confirmation, for landings of a version whose key repeated its values later.

    after, until: the batches that made and replaced the version. last: as of this batch.
    """
    asked = {"record": record_id, "made": sorted(set(made)), "after": after, "until": until}
    asked |= {"event_order": last and last.event_order, "last": last and last.batch}
    return {row.made: row for row in rows(tx, Confirmation, CONFIRMED, asked)}


def confirmed_by(
    tx: Transaction, record_id: int, landing_id: int, made: int, *, after: int, until: int | None
) -> VersionBatch | None:
    """The first batch in which this landing confirmed what another had made; None: never."""
    asked = {
        "record": record_id,
        "landing": landing_id,
        "made": [made],
        "after": after,
        "until": until,
    }
    return first_row(tx, VersionBatch, CONFIRMED_BY, asked)


def contract_text(tx: Transaction, digest: str) -> str:
    """The text of the contract with this hash."""
    row = tx.execute(CONTRACT_TEXT, (digest,)).fetchone()
    return str(row[0]) if row else ""


def contract_of_run(tx: Transaction, run_id: int) -> str | None:
    """The text of the contract under which a run's batches were taken in."""
    row = tx.execute(CONTRACT_OF_RUN, (run_id,)).fetchone()
    return row[0] if row else None


def payloads(tx: Transaction, landing_ids: Iterable[int]) -> dict[int, bytes | None]:
    """Landing id -> payload as received; None where it was erased or never stored."""
    return dict(tx.execute(PAYLOADS, (sorted(set(landing_ids)),)).fetchall())


def batch(tx: Transaction, batch_id: int) -> VersionBatch | None:
    """The batch's time and run."""
    return first_row(tx, VersionBatch, BATCHES, ([batch_id],))


def versions(tx: Transaction, record_id: int) -> list[VersionRow]:
    """Former golden versions, oldest first."""
    return rows(tx, VersionRow, VERSIONS, (record_id,))


def handed(tx: Transaction, record_id: int) -> list[tuple[DeliveryEventRow, Mapping[str, Json]]]:
    """(event, body sent) of every delivery attempt and verdict, oldest first."""
    with tx.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(HANDED, (record_id,)).fetchall()
    return [
        (DeliveryEventRow(**{name: row[name] for name in row if name != "body"}), row["body"] or {})
        for row in found
    ]


def readers(tx: Transaction, record_id: int, *, most: int = 100) -> list[ReaderRow]:
    """Who read the record, newest first."""
    query = tx.of_two(table=READERS, view=READINGS)
    return rows(tx, ReaderRow, query, (record_id, most))

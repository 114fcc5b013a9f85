"""What `hub verify` reads to rebuild: payloads with what was made of them, and references."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import sql

from hub.db import entity_tables
from hub.db.database import Transaction
from hub.db.rows import rows
from hub.domain.contracts import Entity, PullFlow
from hub.model import Json, Record

BATCH_IDS = "select id from hub.batch where id > %s order by id limit %s"
SEAL_IDS = "select id from hub.seal where id > %s order by id limit %s"
SOURCE_KEYS = (
    "select source_key from {source} where flow = %s and source_key > %s order by source_key "
    "limit %s"
)
# made_under: the contract of the batch that applied this payload last.
CURRENT = """
    select s.source_key, s.landing_id, s.project_code, s.lent_by, s.system, s.version,
        s.contract_id, s.findings,
           r.key as record_key, c.hash as contract, l.payload, l.salt is null as erased, p.pointer,
           (select b.contract_id from hub.batch b
             where b.id = greatest(l.batch_id, (select max(a.batch_id) from hub.applied_anew a
                                                 where a.landing_id = l.id
                                                     and a.key = s.source_key))) as made_under,
           case when h.whole is null and h.contract_id = o.contract_id then h.hash end as head_hash,
               l.hash,
           exists (select from hub.waiting w where w.flow = s.flow and w.key = s.source_key)
               as looked_at_again
      from {source} s
      left join hub.head h on h.flow = s.flow and h.key = s.source_key
          and h.landing_id = s.landing_id
      left join hub.landing l on l.id = s.landing_id and l.flow = s.flow
      left join hub.batch o on o.id = l.batch_id
      left join hub.record r on r.id = s.record_id and r.entity = %s
      left join hub.contract_version c on c.id = s.contract_id
      left join hub.part p on p.landing_id = s.landing_id and p.record_id = s.record_id
          and p.key = s.source_key
     where s.flow = %s and s.source_key = any(%s)
"""
# What landed in a batch. read_here: whether its source record is read from it; that is compared for
# itself. noted: the parts that are known of it, unless another contract has read it since.
# head_hash: of the head that stands for it.
LANDED = """
    select l.id, l.flow, l.key, l.version, l.payload, l.disposition, l.source_time,
           exists (select from {source} s
                    where s.flow = l.flow and s.source_key = l.key and s.landing_id = l.id)
                        as read_here,
           case when %s then array(
               select array[p.key, p.pointer] from hub.part p
                where p.landing_id = l.id
                  and not exists (select from hub.applied_anew a join hub.batch b
                      on b.id = a.batch_id
                                    join hub.batch o on o.id = l.batch_id
                                        and o.contract_id <> b.contract_id
                                   where a.landing_id = l.id))
           end as noted,
           (select h.hash from hub.head h join hub.batch o on o.id = l.batch_id
               and o.contract_id = h.contract_id
             where h.flow = l.flow and h.key = l.key and h.landing_id = l.id and h.whole is null)
                 as head_hash, l.hash
      from hub.landing l where l.batch_id = %s and l.payload is not null order by l.id
"""
BATCHES_OF = """
    select b.id from hub.batch b where b.flow = %s and b.id > %s and b.leaves > 0
        order by b.id limit %s
"""
WHOLE_KEYS = """
    select h.key from hub.head h
     where h.flow = %s and h.key > %s and h.state in ('exploded', 'empty') and h.whole is null
     order by h.key limit %s
"""
# noted: the parts that hub.part knows of its payload, as it was applied under today's contract.
WHOLES = """
    select h.key, h.landing_id, h.version, l.payload, h.findings,
           coalesce((select jsonb_object_agg(p.key, p.pointer) from hub.head p
                      where p.flow = h.flow and p.whole = h.key
                        and p.state in ('current', 'waiting', 'quarantined')
                        and p.landing_id = h.landing_id), '{}') as parts,
           array(select array[p.key, p.pointer] from hub.part p where p.landing_id = h.landing_id)
               as noted
      from hub.head h
      join hub.landing l on l.id = h.landing_id
      join hub.batch b on b.id = l.batch_id
      join hub.contract_version c on c.id = h.contract_id
     where h.flow = %s and h.key = any(%s) and h.state in ('exploded', 'empty') and h.whole is null
       and l.payload is not null and c.hash = %s and b.contract_id = h.contract_id
"""


ENTRY_IDS = """
    select q.id from hub.quarantine q where q.flow = %s and q.id > %s and q.stage = 'intake'
        order by q.id limit %s
"""
# Entries of payloads that were read under today's contract when they were set aside.
ENTRIES = """
    select q.id, q.key, q.cause, q.faults, l.id as landing_id, l.payload, l.version, l.hash
      from hub.quarantine q
      join hub.landing l on l.id = q.landing_id
      join hub.batch b on b.id = l.batch_id and b.run_id = q.opened_run
      join hub.contract_version c on c.id = b.contract_id
     where q.flow = %s and q.id = any(%s) and l.payload is not null and c.hash = %s
"""
WAITING_KEYS = "select key from hub.waiting where flow = %s and key > %s order by key limit %s"
WAITING = """
    select w.key, w.wants, l.id as landing_id, l.payload, l.version, h.pointer
      from hub.waiting w
      join hub.landing l on l.id = w.landing_id
      join hub.head h on h.flow = w.flow and h.key = w.key
      join hub.contract_version c on c.id = h.contract_id
     where w.flow = %s and w.key = any(%s) and l.payload is not null and c.hash = %s
"""
# What a version names landed before it was made.
LATER = """
    with versions as (
        select g.record_id, g.version, g.provenance, g.batch_id from {golden} g
         union all
        select h.record_id, h.version, h.provenance, h.batch_id
          from hub.history h join hub.record r on r.id = h.record_id where r.entity = %s)
    select distinct v.record_id, v.version
      from versions v
     cross join lateral (select distinct p.id from unnest(v.provenance) p (id)) p
      join hub.landing l on l.id = p.id
     where l.batch_id > v.batch_id
"""


@dataclass(frozen=True, slots=True)
class Current:
    """A source record with its payload and metadata; pointer: of the part that it is.

    contract: of the record; made_under: of the batch that applied it last. payload: None once
    erased. looked_at_again: it waits, since a record it was linked through has changed.
    """

    source_key: str
    landing_id: int
    project_code: str | None
    lent_by: str | None
    system: str
    version: str
    contract_id: int
    findings: list[dict[str, Json]] | None
    record_key: str | None
    contract: str | None
    payload: bytes | None
    erased: bool
    pointer: str | None
    made_under: int | None
    head_hash: bytes | None
    hash: bytes | None
    looked_at_again: bool


@dataclass(frozen=True, slots=True)
class RebuiltLanding:
    """A landed payload; read_here: its source record is read from it and compared by itself.

    noted: key and pointer of each part made of it.
    """

    id: int
    flow: str
    key: str
    version: str
    payload: bytes
    disposition: str
    source_time: datetime | None
    read_here: bool
    noted: list[list[str]] | None
    head_hash: bytes | None
    hash: bytes


@dataclass(frozen=True, slots=True)
class QuarantineEntry:
    """A quarantine entry with its payload."""

    id: int
    key: str
    cause: str
    faults: list[dict[str, Json]]
    landing_id: int
    payload: bytes
    version: str
    hash: bytes


@dataclass(frozen=True, slots=True)
class WaitingPayload:
    """A waiting record with its payload; pointer: of the part that it is."""

    key: str
    wants: list[str]
    landing_id: int
    payload: bytes
    version: str
    pointer: str | None


@dataclass(frozen=True, slots=True)
class Whole:
    """An exploded record with its stored parts: source key -> pointer."""

    key: str
    landing_id: int
    version: str
    payload: bytes
    findings: list[dict[str, Json]] | None
    parts: dict[str, str]
    noted: list[list[str]]


def batch_ids(tx: Transaction, after: int, most: int) -> list[int]:
    """Ids of the next batches."""
    return [row[0] for row in tx.execute(BATCH_IDS, (after, most)).fetchall()]


def seal_ids(tx: Transaction, after: int, most: int) -> list[int]:
    """Ids of the next seals."""
    return [row[0] for row in tx.execute(SEAL_IDS, (after, most)).fetchall()]


def source_keys(tx: Transaction, flow: PullFlow, after: str, most: int) -> list[str]:
    """The next source keys of a flow's source records."""
    query = sql.SQL(SOURCE_KEYS).format(source=entity_tables.table("source", flow.entity))
    return [row[0] for row in tx.execute(query, (flow.name, after, most)).fetchall()]


def batches_of(tx: Transaction, flow: str, after: int, most: int) -> list[int]:
    """Ids of the next batches of a flow that landed something."""
    return [row[0] for row in tx.execute(BATCHES_OF, (flow, after, most)).fetchall()]


def whole_keys(tx: Transaction, flow: str, after: str, most: int) -> list[str]:
    """The next source keys of a flow's exploded records."""
    return [row[0] for row in tx.execute(WHOLE_KEYS, (flow, after, most)).fetchall()]


def later_origins(tx: Transaction, entity: Entity) -> list[tuple[int, int]]:
    """(record, version) of those that name a payload that landed after them."""
    query = sql.SQL(LATER).format(golden=entity_tables.table("golden", entity))
    return tx.execute(query, (entity.name,)).fetchall()


def current(tx: Transaction, flow: PullFlow, keys: Sequence[str]) -> list[Current]:
    """These source records of a flow with their payloads."""
    query = sql.SQL(CURRENT).format(source=entity_tables.table("source", flow.entity))
    return rows(tx, Current, query, (flow.entity.name, flow.name, list(keys)))


def landed(tx: Transaction, flow: PullFlow, batch_id: int) -> list[RebuiltLanding]:
    """Landings of a flow's batch that are not erased."""
    query = sql.SQL(LANDED).format(source=entity_tables.table("source", flow.entity))
    return rows(tx, RebuiltLanding, query, (flow.each is not None, batch_id))


def entry_ids(tx: Transaction, flow: str, after: int, most: int) -> list[int]:
    """Ids of the next quarantine entries of a pull."""
    return [row[0] for row in tx.execute(ENTRY_IDS, (flow, after, most)).fetchall()]


def entries(tx: Transaction, flow: PullFlow, ids: Sequence[int]) -> list[QuarantineEntry]:
    """These entries, where today's contract set them aside."""
    return rows(tx, QuarantineEntry, ENTRIES, (flow.name, list(ids), flow.contract))


def waiting_keys(tx: Transaction, flow: str, after: str, most: int) -> list[str]:
    """The next waiting source keys of a flow."""
    return [row[0] for row in tx.execute(WAITING_KEYS, (flow, after, most)).fetchall()]


def waiting(tx: Transaction, flow: PullFlow, keys: Sequence[str]) -> list[WaitingPayload]:
    """Waiting records of these keys, where today's contract let them wait."""
    return rows(tx, WaitingPayload, WAITING, (flow.name, list(keys), flow.contract))


def wholes(tx: Transaction, flow: PullFlow, keys: Sequence[str]) -> list[Whole]:
    """Exploded records of these keys, under today's contract."""
    return rows(tx, Whole, WHOLES, (flow.name, list(keys), flow.contract))


def differing_sources(
    tx: Transaction, flow: PullFlow, rows: Sequence[tuple[str, int, Record]]
) -> list[tuple[str, str]]:
    """Compare rebuilt rows (source key, landing, values) with the source records, in the database.

    Gives (source key, names of the columns that differ).
    """
    if not rows:
        return []
    source, fields = entity_tables.table("source", flow.entity), entity_tables.columns(flow.entity)
    tx.execute("drop table if exists pg_temp.rebuilt")
    tx.execute(
        sql.SQL("create temp table rebuilt on commit drop as select * from {} limit 0").format(
            source
        )
    )
    entity_tables.copy_in(
        tx,
        sql.SQL("pg_temp.rebuilt (source_key, landing_id, {})").format(fields),
        (
            [key, landing_id, *entity_tables.row_of(flow.entity, values)]
            for key, landing_id, values in rows
        ),
    )
    differ = sql.SQL(", ").join(
        sql.SQL("case when r.{0} is distinct from s.{0} then {1} end").format(
            sql.Identifier(name), sql.Literal(name)
        )
        for name in flow.entity.fields
    )
    found = tx.execute(
        sql.SQL(
            "select * from (select r.source_key, array_to_string(array_remove(array[{}]::text[], "
            "null), ', ') as named "
            "from pg_temp.rebuilt r join {} s on s.flow = %s and s.source_key = r.source_key) d "
            "where named <> ''"
        ).format(differ, source),
        (flow.name,),
    )
    return found.fetchall()

"""What `hub verify` reads: payloads with the source records made of them, and links that must hold."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql
from psycopg.rows import class_row

from hub.model import Record
from hub.rules.contracts import Entity, PullFlow
from hub.store import typed
from hub.store.database import Transaction

BATCH_IDS = "select id from hub.batch where id > %s order by id limit %s"
CURRENT = """
    select s.source_key, s.landing_id, s.project_code, s.lent_by, c.hash as contract, l.payload, p.pointer
      from {source} s
      join hub.landing l on l.id = s.landing_id
      join hub.contract_version c on c.id = s.contract_id
      left join hub.part p on p.landing_id = s.landing_id and p.record_id = s.record_id and p.key = s.source_key
     where s.flow = %s and s.source_key > %s and l.payload is not null
     order by s.source_key limit %s
"""
WHOLES = """
    select h.key, h.landing_id, h.version, l.payload,
           coalesce((select jsonb_object_agg(p.key, p.pointer) from hub.head p
                      where p.flow = h.flow and p.whole = h.key
                        and p.state in ('current', 'waiting', 'quarantined')
                        and p.landing_id = h.landing_id), '{}') as parts
      from hub.head h
      join hub.landing l on l.id = h.landing_id
      join hub.contract_version c on c.id = h.contract_id
     where h.flow = %s and h.key > %s and h.state in ('exploded', 'empty') and h.whole is null
       and l.payload is not null and c.hash = %s
     order by h.key limit %s
"""
BROKEN = """
    select 'head without its landing', h.flow || ' ' || h.key from hub.head h
     where not exists (select from hub.landing l where l.id = h.landing_id)
    union all
    select 'quarantine without its landing', q.id::text from hub.quarantine q
     where q.landing_id is not null and not exists (select from hub.landing l where l.id = q.landing_id)
    union all
    select 'landing without its batch', l.id::text from hub.landing l
     where not exists (select from hub.batch b where b.id = l.batch_id)
    union all
    select 'batch without its seal', b.id::text from hub.batch b
     where b.seal_id is not null and not exists (select from hub.seal s where s.id = b.seal_id)
    union all
    select 'history out of order', h.record_id || ' version ' || h.version from hub.history h
      join hub.batch b on b.id = h.batch_id join hub.batch u on u.id = h.until_batch
     where b.id > u.id or b.event_order > u.event_order
    union all
    select 'payload applied anew without its landing or batch', a.landing_id::text from hub.applied_anew a
     where not exists (select from hub.landing l where l.id = a.landing_id)
        or not exists (select from hub.batch b where b.id = a.batch_id)
    union all
    select 'called stale, though newer than what stands', l.flow || ' ' || l.key
      from hub.landing l join hub.head h on h.flow = l.flow and h.key = l.key
     where l.disposition = 'stale' and l.version = h.version
       and hub.event_order(l.id) > hub.event_order(h.landing_id)
    union all
    select 'decision without its token', l.flow || ' ' || l.key from hub.link l
     where l.verdict = 'linked' and l.ended_at is null
       and not exists (select from hub.crosswalk c where c.record_id = 0 and c.project_code = l.project_code
                                                     and starts_with(c.token, 'link.' || l.flow || '='))
    union all
    select 'delivery without its record', d.flow || ' ' || d.record_id from hub.delivery d
     where not exists (select from hub.record r where r.id = d.record_id)
    union all
    select 'crosswalk without its record', c.token from hub.crosswalk c
     where c.record_id <> 0 and not exists (select from hub.record r where r.id = c.record_id)
    limit 1000
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
     limit 1000
"""
HEADS = """
    select 'current without its source record', h.key from hub.head h
     where h.flow = %(flow)s and h.state = 'current'
       and not exists (select from {source} s
                        where s.flow = h.flow and s.source_key = h.key and s.landing_id = h.landing_id)
    union all
    select 'waiting without its waiting row', h.key from hub.head h
     where h.flow = %(flow)s and h.state = 'waiting'
       and not exists (select from hub.waiting w
                        where w.flow = h.flow and w.key = h.key and w.landing_id = h.landing_id)
    union all
    select 'quarantined without an entry', h.key from hub.head h
     where h.flow = %(flow)s and h.state = 'quarantined'
       and not exists (select from hub.quarantine q
                        where q.flow = h.flow and q.key = h.key and q.landing_id = h.landing_id)
    union all
    select 'source record of a deleted key', s.source_key from {source} s
     where s.flow = %(flow)s and not exists (select from hub.head h where h.flow = s.flow and h.key = s.source_key
                                                and h.state in ('current', 'waiting', 'quarantined'))
    union all
    select 'part that its whole does not list', p.key from hub.head p
     where p.flow = %(flow)s and p.whole is not null and p.state in ('current', 'waiting', 'quarantined')
       and not exists (select from hub.head h where h.flow = p.flow and h.key = p.whole
                                                and (h.landing_id = p.landing_id or h.state = 'quarantined'))
    union all
    select 'golden record without its header', g.record_id::text from {golden} g
     where not exists (select from hub.record r where r.id = g.record_id)
    limit 1000
"""


@dataclass(frozen=True, slots=True)
class Current:
    """A source record's payload, and the contract under which it was mapped; pointer: of the part that it is."""

    source_key: str
    landing_id: int
    project_code: str | None
    lent_by: str | None
    contract: str
    payload: bytes
    pointer: str | None


@dataclass(frozen=True, slots=True)
class Whole:
    """What was taken apart, with its parts as they stand: source key -> pointer."""

    key: str
    landing_id: int
    version: str
    payload: bytes
    parts: dict[str, str]


def batch_ids(tx: Transaction, *, after: int, most: int) -> list[int]:
    """Batches after this one, in order."""
    return [row[0] for row in tx.execute(BATCH_IDS, (after, most)).fetchall()]


def broken_links(tx: Transaction) -> list[tuple[str, str]]:
    """Links that no foreign key guards (it would block detaching a month): what is wrong, and where."""
    return tx.execute(BROKEN).fetchall()


def broken_heads(tx: Transaction, flow: PullFlow) -> list[tuple[str, str]]:
    """Heads that have not what their state promises: what is wrong, and the source key."""
    source, golden = typed.table("source", flow.entity), typed.table("golden", flow.entity)
    return tx.execute(sql.SQL(HEADS).format(source=source, golden=golden), {"flow": flow.name}).fetchall()


def later_origins(tx: Transaction, entity: Entity) -> list[tuple[int, int]]:
    """Record and version of those that name a payload which landed after they were made."""
    query = sql.SQL(LATER).format(golden=typed.table("golden", entity))
    return tx.execute(query, (entity.name,)).fetchall()


def current(tx: Transaction, flow: PullFlow, *, after: str, most: int) -> list[Current]:
    """Source records of a flow with their payloads, by source key."""
    query = sql.SQL(CURRENT).format(source=typed.table("source", flow.entity))
    with tx.cursor(row_factory=class_row(Current)) as cursor:
        return cursor.execute(query, (flow.name, after, most)).fetchall()


def wholes(tx: Transaction, flow: PullFlow, *, after: str, most: int) -> list[Whole]:
    """What was taken apart under today's contract, by source key."""
    with tx.cursor(row_factory=class_row(Whole)) as cursor:
        return cursor.execute(WHOLES, (flow.name, after, flow.contract, most)).fetchall()


def differing_sources(tx: Transaction, flow: PullFlow, rows: Sequence[tuple[str, int, Record]]) -> list[str]:
    """Write these (source key, landing, values) beside the source records and let the columns be compared."""
    if not rows:
        return []
    source, fields = typed.table("source", flow.entity), typed.columns(flow.entity)
    tx.execute("drop table if exists pg_temp.rebuilt")
    tx.execute(sql.SQL("create temp table rebuilt on commit drop as select * from {} limit 0").format(source))
    typed.copy_in(
        tx,
        sql.SQL("pg_temp.rebuilt (source_key, landing_id, {})").format(fields),
        ([key, landing_id, *typed.row_of(flow.entity, values)] for key, landing_id, values in rows),
    )
    rebuilt, stored = (
        sql.SQL(", ").join(sql.Identifier(side, name) for name in flow.entity.fields) for side in ("r", "s")
    )
    differ = sql.SQL("({}) is distinct from ({})").format(rebuilt, stored)
    found = tx.execute(
        sql.SQL(
            "select r.source_key from pg_temp.rebuilt r join {} s on s.flow = %s and s.source_key = r.source_key "
            "where s.landing_id <> r.landing_id or {}"
        ).format(source, differ),
        (flow.name,),
    )
    return [row[0] for row in found.fetchall()]

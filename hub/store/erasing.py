"""Blanking what was kept of a payload or a record; the rows stay, and so do the leaves of the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import sql
from psycopg.rows import class_row

from hub.rules import ledger
from hub.rules.contracts import Entity
from hub.store import typed
from hub.store.database import Transaction

# Every payload that ever came under the source keys from which this record was made, in whatever version.
OF_RECORD = """
    with said as (
        select landing_id as id from {source} where record_id = %(record)s
        union select unnest(provenance) from {golden} where record_id = %(record)s
        union select unnest(provenance) from hub.history where record_id = %(record)s)
    select distinct l.id from hub.landing l
      join (select distinct k.flow, k.key from hub.landing k join said on said.id = k.id) as k
        on k.flow = l.flow and k.key = l.key
     order by l.id
"""
# An erased landing keeps its leaf in place of its hash.
KEPT = """
    select l.id, l.flow, l.key, l.salt, l.hash, l.payload, b.leaf_rule
      from hub.landing l join hub.batch b on b.id = l.batch_id
     where l.id = any(%s) and l.salt is not null order by l.id
"""
BLANK = """
    update hub.landing l set payload = null, salt = null, hash = n.leaf
      from unnest(%s::bigint[], %s::bytea[]) as n (id, leaf) where l.id = n.id
"""
WAITING = "select key from hub.waiting where landing_id = any(%s)"
BLANK_FAULTS = """
    update hub.quarantine
       set faults = (select coalesce(jsonb_agg(f - 'facts' || '{"facts": {}}'), '[]')
                       from jsonb_array_elements(faults) f)
     where landing_id = any(%s)
"""
# Faults in bulk hold a batch with the values that caused them; how often they came stays.
BLANK_HELD = """
    with quoting as (
        update hub.held_batch
           set findings = (select jsonb_agg(case f->>'kind' when 'faults'
                                                 then f || '{"values": {}}' || jsonb_build_object(
                                                          'facts', f->'facts' || '{"values": "—"}')
                                                 else f end order by n)
                             from jsonb_array_elements(findings) with ordinality as e (f, n))
         where findings @> '[{"kind": "faults"}]'
           and batch_id in (select batch_id from hub.landing where id = any(%s))
        returning batch_id, run_id),
    told as (
        update hub.shape_change c set facts = jsonb_set(c.facts, '{facts,values}', '"—"')
          from quoting q where c.batch_id = q.batch_id and c.kind = 'faults')
    update hub.run r set cause = jsonb_set(r.cause, '{facts,values}', '"—"')
      from quoting q where r.id = q.run_id and r.cause->'facts' ? 'values'
"""
KEPT_UNDER = """
    select l.id, l.flow, l.key, l.salt, l.hash, l.payload, b.leaf_rule
      from hub.landing l join hub.batch b on b.id = l.batch_id
     where l.flow = %s and l.key = any(%s) and l.payload is not null and l.salt is not null order by l.id
"""
# A record that a source key named before, or that was withdrawn since, is found by what it was made from.
SPOKEN_OF = """
    select record_id from hub.part where landing_id = any(%(ids)s)
    union select record_id from {golden} where provenance && %(ids)s::bigint[]
    union select record_id from hub.history where provenance && %(ids)s::bigint[]
"""
DISCARD = """
    update hub.quarantine set state = 'discarded', closed_at = now(), closed_run = %s, closed_by = %s, reason = %s
     where landing_id = any(%s) and state = 'open'
"""
BLANK_SOURCES = "update {source} set {blanks}, findings = null where record_id = %s"
BLANK_HISTORY = "update hub.history set body = '{}' where record_id = %s"
BLANK_EVENTS = "update hub.delivery_event set body = null where record_id = %s"
BLANK_RECALLS = """
    with past as (
        update hub.recall set value = ''
         where record_id = %s and field = any(%s) and closed_at is not null returning id)
    update hub.recall_receiver v set sent = '{}' from past where v.recall_id = past.id
"""
BLANK_DISPUTES = """
    update hub.dispute set value = '#' || id, proposed = '' where record_id = %s and field = any(%s)
"""
# Of a record that was withdrawn nothing but its key stays, the rows that others point to among it.
BLANK_GOLDEN = "update {golden} set {blanks} where record_id = %s and deleted_at is not null"
# What goes out, or may have arrived, is needed to take it back; it is blanked once that is confirmed.
BLANK_DELIVERIES = """
    update hub.delivery set body = null
     where record_id = %s and state not in ('sending', 'awaiting_receipt', 'retrying', 'dead')
"""
BLANK_REFUSALS = """
    update hub.quarantine
       set cause = split_part(cause, ' ', 1),
           faults = (select coalesce(jsonb_agg(f - 'facts' || '{"facts": {}}'), '[]')
                       from jsonb_array_elements(faults) f)
     where record_id = %s and stage = 'delivery'
"""
BLANK_RECEIPTS = """
    update hub.receipt r set text = '' from hub.delivery_event e
     where e.record_id = %s and r.flow = e.flow and r.key = e.key and r.text <> ''
"""
BLANK_NOTES = """
    update hub.delivery set note = note || '{"facts": {}}' where record_id = %s and note is not null
"""
# A report groups refusals by the target's own words, and those may quote.
BLANK_REPORTS = """
    update hub.report p
       set causes = (select jsonb_agg(case when f->>'cause' like 'delivery.%%'
                                           then f || jsonb_build_object('cause', split_part(f->>'cause', ' ', 1))
                                           else f end order by n)
                       from jsonb_array_elements(p.causes) with ordinality as e (f, n))
     where p.causes <> '[]'
       and p.run_id in (select run_id from hub.delivery_event where record_id = %s and text <> '')
"""
BLANK_WORDS = "update hub.delivery_event set text = '' where record_id = %s and text <> ''"
FORGET_ALL_DISAGREEMENTS = "delete from hub.disagreement where record_id = any(%s)"
BLANK_ALL_RECALLS = """
    with past as (update hub.recall set value = '' where record_id = %s returning id)
    update hub.recall_receiver v set sent = '{}' from past where v.recall_id = past.id
"""
BLANK_ALL_DISPUTES = "update hub.dispute set value = '#' || id, proposed = '' where record_id = %s"
FORGET_DISAGREEMENTS = "delete from hub.disagreement where record_id = %s and field = any(%s)"
RECENT = """
    select id, run_id, record_id, cardinality(landing_ids) as payloads, reason, erased_by, erased_at
      from hub.erasure where erased_at >= %s order by erased_at desc limit 100
"""
ADD = """
    insert into hub.erasure (run_id, record_id, landing_ids, reason, erased_by, secret)
    values (%s, %s, %s, %s, %s, %s)
    returning id
"""


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was blanked, on whose word and why."""

    id: int
    run_id: int
    record_id: int | None
    payloads: int
    reason: str
    erased_by: str
    erased_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """A landing that has not been erased yet."""

    id: int
    flow: str
    key: str
    salt: bytes
    hash: bytes
    payload: bytes | None
    leaf_rule: int


def landings_of(tx: Transaction, entity: Entity, record_id: int) -> list[int]:
    """Every landing that this record was ever made from."""
    query = sql.SQL(OF_RECORD).format(source=typed.table("source", entity), golden=typed.table("golden", entity))
    return [row[0] for row in tx.execute(query, {"record": record_id})]


def kept(tx: Transaction, landing_ids: Sequence[int]) -> list[Kept]:
    """Those of these landings that can be erased still."""
    with tx.cursor(row_factory=class_row(Kept)) as cursor:
        return cursor.execute(KEPT, (list(landing_ids),)).fetchall()


def kept_under(tx: Transaction, flow: str, keys: Sequence[str]) -> list[Kept]:
    """The payloads of these source keys that can be erased still, in whatever version."""
    with tx.cursor(row_factory=class_row(Kept)) as cursor:
        return cursor.execute(KEPT_UNDER, (flow, list(keys))).fetchall()


def spoken_of(tx: Transaction, entity: Entity, landing_ids: Sequence[int]) -> set[int]:
    """The records of which these payloads or parts of them have ever spoken."""
    if not landing_ids:
        return set()
    query = sql.SQL(SPOKEN_OF).format(golden=typed.table("golden", entity))
    return {record for (record,) in tx.execute(query, {"ids": list(landing_ids)})}


def waiting(tx: Transaction, landing_ids: Sequence[int]) -> list[str]:
    """The source keys of those that wait for their project: what they are is not decided yet."""
    return [row[0] for row in tx.execute(WAITING, (list(landing_ids),))]


def blank_payloads(tx: Transaction, rows: Sequence[Kept], *, run_id: int, by: str, reason: str) -> None:
    """Blank payload and salt; what quarantine entries and held batches quote goes too, open entries are discarded."""
    ids = [row.id for row in rows]
    tx.execute(BLANK, (ids, [ledger.leaf(row.salt, row.hash, row.payload, rule=row.leaf_rule) for row in rows]))
    tx.execute(BLANK_FAULTS, (ids,))
    tx.execute(BLANK_HELD, (ids,))
    tx.execute(DISCARD, (run_id, by, reason, ids))


def blank_persons(tx: Transaction, entity: Entity, record_id: int) -> None:
    """Blank the personal columns of every source record of a record."""
    fields = persons(entity)
    if fields:
        blanks = sql.SQL(", ").join(sql.SQL("{} = null").format(sql.Identifier(name)) for name in fields)
        query = sql.SQL(BLANK_SOURCES).format(source=typed.table("source", entity), blanks=blanks)
        tx.execute(query, (record_id,))


def blank_past(tx: Transaction, entity: Entity, record_id: int) -> None:
    """Blank what was kept of a record's former versions and deliveries, and of disputes and recalls about persons."""
    tx.execute(BLANK_HISTORY, (record_id,))
    tx.execute(BLANK_EVENTS, (record_id,))
    tx.execute(FORGET_DISAGREEMENTS, (record_id, persons(entity)))
    tx.execute(BLANK_RECALLS, (record_id, persons(entity)))
    tx.execute(BLANK_DISPUTES, (record_id, persons(entity)))


def forget_disagreements(tx: Transaction, record_ids: Sequence[int]) -> None:
    """Forget who said what of these records; what other sources still disagree about is noted when they are settled."""
    tx.execute(FORGET_ALL_DISAGREEMENTS, (list(record_ids),))


def blank_whole(tx: Transaction, entity: Entity, record_id: int) -> None:
    """Blank all that was kept of a record beside what its other sources say of it today."""
    tx.execute(BLANK_HISTORY, (record_id,))
    tx.execute(BLANK_EVENTS, (record_id,))
    deliveries = (BLANK_DELIVERIES, BLANK_NOTES, BLANK_REFUSALS, BLANK_RECEIPTS, BLANK_REPORTS, BLANK_WORDS)
    for blanked in deliveries:
        tx.execute(blanked, (record_id,))
    tx.execute(BLANK_ALL_RECALLS, (record_id,))
    tx.execute(BLANK_ALL_DISPUTES, (record_id,))
    fields = [name for name in entity.fields if name not in entity.key]
    if fields:
        blanks = sql.SQL(", ").join(sql.SQL("{} = null").format(sql.Identifier(name)) for name in fields)
        tx.execute(sql.SQL(BLANK_GOLDEN).format(golden=typed.table("golden", entity), blanks=blanks), (record_id,))


def recent(tx: Transaction, since: datetime) -> list[Erasure]:
    """Erasures since then, newest first."""
    with tx.cursor(row_factory=class_row(Erasure)) as cursor:
        return cursor.execute(RECENT, (since,)).fetchall()


def persons(entity: Entity) -> list[str]:
    """The fields of an entity that are about persons."""
    return [field.name for field in entity.fields.values() if field.classed in {"personal", "secret"}]


def add(
    tx: Transaction,
    run_id: int,
    *,
    record_id: int | None,
    landing_ids: Sequence[int],
    by: str,
    reason: str,
    secret: bool = False,
) -> int:
    """Write the erasure down; give its number. secret: its source classes the record secret."""
    row = tx.execute(ADD, (run_id, record_id, list(landing_ids), reason, by, secret)).fetchone()
    return int(row[0]) if row else 0

"""Erasure: blanks what was stored of a payload or record; rows and ledger leaves stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import sql

from hub.db import entity_tables
from hub.db.database import Transaction
from hub.db.rows import rows
from hub.domain import ledger
from hub.domain.contracts import Entity
from hub.domain.delivery_states import UNSETTLED

# Every payload that ever came under the source keys from which this record was made, in whatever
# version.
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
       set reason = case when reason <> '' then '—' else reason end,
           faults = (select coalesce(jsonb_agg(f - 'facts' || '{"facts": {}}'), '[]')
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
          from quoting q where c.batch_id = q.batch_id and c.kind = 'faults'),
    alerted as (
        update hub.alert a set facts = a.facts || '{"why_zh": "—", "why_en": "—"}'
          from quoting q join hub.held_batch h on h.batch_id = q.batch_id
         where a.code = 'alert.held' and a.facts->>'flow' = h.flow)
    update hub.run r set cause = jsonb_set(r.cause, '{facts,values}', '"—"')
      from quoting q where r.id = q.run_id and r.cause->'facts' ? 'values'
"""
KEPT_UNDER = """
    select l.id, l.flow, l.key, l.salt, l.hash, l.payload, b.leaf_rule
      from hub.landing l join hub.batch b on b.id = l.batch_id
     where l.flow = %s and l.key = any(%s) and l.payload is not null and l.salt is not null
         order by l.id
"""
# A record that a source key named before, or that was withdrawn since, is found by what it was made
# from.
SPOKEN_OF = """
    select record_id from hub.part where landing_id = any(%(ids)s)
    union select record_id from {golden} where provenance && %(ids)s::bigint[]
    union select record_id from hub.history where provenance && %(ids)s::bigint[]
"""
DISCARD = """
    update hub.quarantine set state = 'discarded', closed_at = now(), closed_run = %s,
        closed_by = %s, reason = %s
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
# Bodies in flight or arrived are needed for the withdrawal; blanked once that is confirmed
# (`outbox.settle`).
BLANK_DELIVERIES = """
    update hub.delivery
       set dirty = true,
           erased_serial = case when confirmed_body is not null or held_body is not null
               or reference <> ''
                                     or state = any(%(unsettled)s) then serial end,
           body = case when state = any(%(unsettled)s) then body end,
           note = note || '{"facts": {}}'
     where record_id = any(%(records)s) and (%(flows)s::text[] is null or flow = any(%(flows)s))
"""
# The partner's words are in a refusal's cause, in its alert, and in remarks on it.
BLANK_REFUSALS = """
    with quoting as (
        select id, flow, cause from hub.quarantine
         where record_id = any(%(records)s) and stage = 'delivery'
           and (%(flows)s::text[] is null or flow = any(%(flows)s))),
    told as (
        update hub.alert a
           set facts = a.facts || jsonb_build_object('cause', split_part(a.facts->>'cause', ' ', 1),
                                                     'cause_zh', '—', 'cause_en', '—')
          from (select distinct flow, cause from quoting) q
         where a.code = 'alert.quarantine' and a.facts->>'flow' = q.flow
             and a.facts->>'cause' = q.cause),
    remarked as (
        update hub.remark m set cause = split_part(m.cause, ' ', 1), said = '—'
         where (m.flow, m.cause) in (select flow, cause from quoting) or m.entry_id in (select id
             from quoting)),
    taken_up as (
        update hub.job j set asked = jsonb_set(j.asked, '{cause}',
            to_jsonb(split_part(j.asked->>'cause', ' ', 1)))
         where j.asked->>'cause' in (select cause from quoting))
    update hub.quarantine e
       set cause = split_part(e.cause, ' ', 1),
           reason = case when e.reason <> '' then '—' else e.reason end,
           faults = (select coalesce(jsonb_agg(f - 'facts' || '{"facts": {}}'), '[]')
                       from jsonb_array_elements(e.faults) f)
      from quoting q where e.id = q.id
"""
# A partner may say anything anywhere: in the code of its refusal and in the name that it gives a
# record too.
BLANK_RECEIPTS = """
    update hub.receipt r set code = '', text = '', reference = ''
      from (select flow, key from hub.delivery_event where record_id = any(%(records)s)
            union select flow, key from hub.delivery where record_id = any(%(records)s)
                and key is not null) e
     where r.flow = e.flow and r.key = e.key and (r.code, r.text, r.reference) <> ('', '', '')
       and (%(flows)s::text[] is null or r.flow = any(%(flows)s))
"""
# A report groups refusals by the target's own words, and those may quote.
BLANK_REPORTS = """
    update hub.report p
       set causes = (select jsonb_agg(case when f->>'cause' like 'delivery.%%'
                                           then f || jsonb_build_object('cause',
                                               split_part(f->>'cause', ' ', 1))
                                           else f end order by n)
                       from jsonb_array_elements(p.causes) with ordinality as e (f, n))
     where p.causes <> '[]'
       and p.run_id in (select run_id from hub.delivery_event
                         where record_id = any(%(records)s) and (text <> '' or code <> '')
                           and (%(flows)s::text[] is null or flow = any(%(flows)s)))
"""
BLANK_WORDS = """
    update hub.delivery_event set body = null, code = '', text = '', reference = ''
     where record_id = any(%(records)s) and (%(flows)s::text[] is null or flow = any(%(flows)s))
       and (body is not null or (code, text, reference) <> ('', '', ''))
"""
OF_PROJECTS = "select record_id from {golden} where project_code = any(%s)"
PROJECTS = (
    "select distinct project_code from {golden} where record_id = any(%s) and project_code is "
    "not null"
)
HANDED = "select distinct record_id from hub.delivery_event where flow = %s and record_id = any(%s)"
FORGET_ALL_DISAGREEMENTS = "delete from hub.disagreement where record_id = any(%s)"
BLANK_ALL_RECALLS = """
    with past as (update hub.recall set value = '', reason = '—' where record_id = %s returning id)
    update hub.recall_receiver v set sent = '{}', note = case when note <> '' then '—' else note end
      from past where v.recall_id = past.id
"""
BLANK_ALL_DISPUTES = """
    update hub.dispute set value = '#' || id, proposed = '', reason = '—',
                           answer = case when answer <> '' then '—' else '' end
     where record_id = %s
"""
# Verdicts on the record's project, and search terms: both contain its values.
BLANK_LINKS = """
    update hub.link set reason = '—', ended_reason = case when ended_reason <> '' then '—'
        else ended_reason end
     where by <> 'hub' and project_code in (select key from hub.record where id = any(%s)
         and entity = 'project')
"""
FORGET_SUBJECTS = """
    delete from hub.link_subject s using golden.project g
     where s.record_id = any(%s) and g.record_id = s.record_id and (g.batch_id = %s
         or g.deleted_at is not null)
"""
FORGET_DIFFERENCES = (
    "update hub.difference set found = '{}', reason = '—' where record_id = any(%s)"
)
# Remarks on deleted entries, and reasons in people's own words.
BLANK_REMARKS = """
    update hub.remark m set said = '—'
      from hub.quarantine q
     where q.landing_id = any(%(ids)s)
       and (m.entry_id = q.id
            or m.flow = q.flow and m.cause = q.cause
               and not exists (select from hub.quarantine o
                                where o.flow = q.flow and o.cause = q.cause
                                    and not o.landing_id = any(%(ids)s)))
"""
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
    """One erasure: what was blanked, by whom and why."""

    id: int
    run_id: int
    record_id: int | None
    payloads: int
    reason: str
    erased_by: str
    erased_at: datetime


@dataclass(frozen=True, slots=True)
class ErasableLanding:
    """A landing that is not erased yet."""

    id: int
    flow: str
    key: str
    salt: bytes
    hash: bytes
    payload: bytes | None
    leaf_rule: int


def landings_of(tx: Transaction, entity: Entity, record_id: int) -> list[int]:
    """Every landing that this record was ever made from."""
    query = sql.SQL(OF_RECORD).format(
        source=entity_tables.table("source", entity), golden=entity_tables.table("golden", entity)
    )
    return [row[0] for row in tx.execute(query, {"record": record_id})]


def kept(tx: Transaction, landing_ids: Sequence[int]) -> list[ErasableLanding]:
    """Those of these landings that are not erased yet."""
    return rows(tx, ErasableLanding, KEPT, (list(landing_ids),))


def kept_under(tx: Transaction, flow: str, keys: Sequence[str]) -> list[ErasableLanding]:
    """Landings of these source keys, of any version, that are not erased yet."""
    return rows(tx, ErasableLanding, KEPT_UNDER, (flow, list(keys)))


def spoken_of(tx: Transaction, entity: Entity, landing_ids: Sequence[int]) -> set[int]:
    """Records that these payloads, or parts of them, were ever applied to."""
    if not landing_ids:
        return set()
    query = sql.SQL(SPOKEN_OF).format(golden=entity_tables.table("golden", entity))
    return {record for (record,) in tx.execute(query, {"ids": list(landing_ids)})}


def waiting(tx: Transaction, landing_ids: Sequence[int]) -> list[str]:
    """Source keys of these landings that wait for their project (their record is undecided)."""
    return [row[0] for row in tx.execute(WAITING, (list(landing_ids),))]


def blank_payloads(
    tx: Transaction, rows: Sequence[ErasableLanding], *, run_id: int, by: str, reason: str
) -> None:
    """Blank payloads, salts, and quotes in entries and held batches; discards open entries."""
    ids = [row.id for row in rows]
    tx.execute(
        BLANK,
        (ids, [ledger.leaf(row.salt, row.hash, row.payload, rule=row.leaf_rule) for row in rows]),
    )
    tx.execute(BLANK_FAULTS, (ids,))
    tx.execute(BLANK_HELD, (ids,))
    tx.execute(BLANK_REMARKS, {"ids": ids})
    tx.execute(DISCARD, (run_id, by, reason, ids))


def blank_persons(tx: Transaction, entity: Entity, record_id: int) -> None:
    """Blank the personal columns of every source record of a record."""
    fields = persons(entity)
    if fields:
        blanks = sql.SQL(", ").join(
            sql.SQL("{} = null").format(sql.Identifier(name)) for name in fields
        )
        query = sql.SQL(BLANK_SOURCES).format(
            source=entity_tables.table("source", entity), blanks=blanks
        )
        tx.execute(query, (record_id,))


def blank_past(tx: Transaction, entity: Entity, record_id: int) -> None:
    """Blank a record's former versions and deliveries, and disputes and recalls about persons."""
    tx.execute(BLANK_HISTORY, (record_id,))
    tx.execute(BLANK_EVENTS, (record_id,))
    tx.execute(FORGET_DISAGREEMENTS, (record_id, persons(entity)))
    tx.execute(BLANK_RECALLS, (record_id, persons(entity)))
    tx.execute(BLANK_DISPUTES, (record_id, persons(entity)))


def keys_of(tx: Transaction, record_ids: Sequence[int]) -> list[str]:
    """The keys of these records."""
    return [
        row[0]
        for row in tx.execute("select key from hub.record where id = any(%s)", (list(record_ids),))
    ]


def forget_subjects(tx: Transaction, record_ids: Sequence[int], batch_id: int) -> None:
    """Delete search terms of projects that this batch changed."""
    tx.execute(FORGET_SUBJECTS, (list(record_ids), batch_id))


def forget_disagreements(tx: Transaction, record_ids: Sequence[int]) -> None:
    """Delete disagreements of these records; the next settling stores those that remain."""
    tx.execute(FORGET_ALL_DISAGREEMENTS, (list(record_ids),))


def blank_whole(tx: Transaction, entity: Entity, record_id: int) -> None:
    """Blank all that was stored of a record, except today's values of its other sources."""
    tx.execute(BLANK_HISTORY, (record_id,))
    blank_deliveries(tx, [record_id])
    tx.execute(BLANK_ALL_RECALLS, (record_id,))
    tx.execute(BLANK_ALL_DISPUTES, (record_id,))
    for said in (BLANK_LINKS, FORGET_DIFFERENCES):
        tx.execute(said, ([record_id],))
    fields = [name for name in entity.fields if name not in entity.key]
    if fields:
        blanks = sql.SQL(", ").join(
            sql.SQL("{} = null").format(sql.Identifier(name)) for name in fields
        )
        tx.execute(
            sql.SQL(BLANK_GOLDEN).format(
                golden=entity_tables.table("golden", entity), blanks=blanks
            ),
            (record_id,),
        )


def blank_deliveries(
    tx: Transaction, record_ids: Sequence[int], *, flows: Sequence[str] | None = None
) -> None:
    """Blank bodies and partners' words in deliveries of these records, and mark them dirty.

    flows: of these only. What a target may hold stays until it is replaced or withdrawn there.
    """
    blank_words(tx, record_ids, flows=flows)
    some = {"records": list(record_ids), "flows": None if flows is None else list(flows)}
    tx.execute(BLANK_DELIVERIES, some | {"unsettled": UNSETTLED})


def blank_words(
    tx: Transaction, record_ids: Sequence[int], *, flows: Sequence[str] | None = None
) -> None:
    """Blank the events of these records' deliveries, and partners' words about them."""
    asked = {"records": list(record_ids), "flows": None if flows is None else list(flows)}
    for blanked in (BLANK_REFUSALS, BLANK_RECEIPTS, BLANK_REPORTS, BLANK_WORDS):
        tx.execute(blanked, asked)


def of_projects(tx: Transaction, entity: Entity, project_codes: Sequence[str]) -> list[int]:
    """Records of an entity that belong to these projects."""
    query = sql.SQL(OF_PROJECTS).format(golden=entity_tables.table("golden", entity))
    return [row[0] for row in tx.execute(query, (list(project_codes),))]


def projects_of(tx: Transaction, entity: Entity, record_ids: Sequence[int]) -> list[str]:
    """Project codes of these records."""
    if "project_code" not in entity.fields:
        return []
    query = sql.SQL(PROJECTS).format(golden=entity_tables.table("golden", entity))
    return [row[0] for row in tx.execute(query, (list(record_ids),))]


def handed(tx: Transaction, flow: str, record_ids: Sequence[int]) -> list[int]:
    """Those of these records that were delivered to a target."""
    return [row[0] for row in tx.execute(HANDED, (flow, list(record_ids)))]


def recent(tx: Transaction, since: datetime) -> list[Erasure]:
    """Erasures since then, newest first."""
    return rows(tx, Erasure, RECENT, (since,))


def persons(entity: Entity) -> list[str]:
    """Fields of an entity that hold personal data."""
    return [
        field.name for field in entity.fields.values() if field.classed in {"personal", "secret"}
    ]


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
    """Store an erasure; gives its number. secret: because its source classes the record secret."""
    row = tx.execute(ADD, (run_id, record_id, list(landing_ids), reason, by, secret)).fetchone()
    return int(row[0]) if row else 0

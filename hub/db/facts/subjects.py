"""What indicators judge, as rows of facts: one query for each `of` of `hub/domain/fact_names.py`.

Every query is handed the moment (`now`, and `w`: its place on the axis) and gives, beside the facts
of the dictionary under their names: record_id, code (what cells are told apart by), batch_id.
"""

from collections.abc import Mapping
from typing import LiteralString

from psycopg import sql

_CLOCK: LiteralString = """
    select c.record_id, c.project_code, c.unit, nullif(left(c.region, 6), '') as county, c.batch_id,
           coalesce(c.end_basis = 'void', false) as void, %(now)s::timestamptz as today,
           c.began as accepted_at, c.ended_at as finished_at,
           case when c.ended_at is not null then c.ended_at when c.red_at <= %(now)s then c.red_at
                when c.yellow_at <= %(now)s then c.yellow_at end as turned_at,
           c.end_basis is not null and c.end_basis <> 'idle' as ended, c.end_basis, u.used_days,
           coalesce(c.exact_days, fact.units(c.ran, %(w)s) / 86400.0) as exact_days,
           coalesce(c.span_days, fact.units(c.span, %(w)s) / 86400.0) as span_days,
           c.limit_days, u.used_days / nullif(c.limit_days, 0) as limit_share, c.turn, c.stands,
           q.flow_kind, q.industry, q.name as project_name,
           (select b.committed_at from hub.batch b where b.id = c.batch_id) as landed_at,
           (c.end_basis is null or c.end_basis = 'idle') and {of} = any(%(late)s::text[])
               as partner_late, {complete}
"""
_USED: LiteralString = """
     cross join lateral (
         select case when c.began is null then null else coalesce(c.used_days, fact.units(
             case when coalesce(c.limit_days = trunc(c.limit_days), true)
                  then c.ran * fact.span(c.counted_from, null::bigint) else c.ran end, %(w)s)
             / 86400.0) end as used_days) u
      left join lateral (
          select p.flow_kind, p.industry, p.name, p.area_assessed, p.registered_on
            from golden.project p
           where p.project_code = c.project_code limit 1) q on true
"""
_IDLE: LiteralString = """
      left join lateral fact.placed(%(calendar)s, e.event_at) v on true
"""
# Of its project no record is set aside; no item of it has records that contradict each other.
_COMPLETE: LiteralString = """
           case when c.project_code <> all(%(held)s::text[]) then true end as complete,
           case when c.project_code not in (
               select d.project_code from fact.item_detail d where d.contradicted) then true end
               as sound
"""
ITEM: LiteralString = """{clock}
           , c.of as code, nullif(c.of, '') as standard_code, e.item_code,
           e.stage_ordinal as stage,
           e.channel, e.handling_kind, e.commitment, e.end_word as end_kind, e.received_at,
           e.answered_at,
           case when e.received_at is not null then fact.units(e.answer, %(w)s) / 86400.0 end
               as answer_days,
           case when e.preparation is not null then fact.units(e.preparation, %(w)s) / 86400.0 end
               as preparation_days,
           e.minutes as work_minutes, e.supplements, e.supplement_at, e.pauses, e.pause_at,
           fact.units(e.paused, %(w)s) / 86400.0 as paused_days,
           case when e.pause_days is not null then fact.units(e.limited, %(w)s) / 86400.0 end
               as procedure_days,
           e.pause_days as procedure_limit_days, e.promised_days, e.statutory_days,
           fact.units(e.law * fact.span(e.law_from, null::bigint), %(w)s) / 86400.0 as law_days,
           d.days as certificate_days, e.entered_at, e.entry_lag_days, e.event_at,
           case when v.w is not null then greatest(%(w)s - v.w, 0) / 86400.0 end as idle_days
      from fact.item c join fact.item_detail e using (record_id)
{used}{idle}      left join lateral (
          -- the day of the decision is not counted, that of issue is
          select min(greatest(i.w_next - b.w_next, 0)) / 86400.0 as days
            from fact.document d
           cross join lateral fact.placed(%(calendar)s, c.ended_at) b
           cross join lateral fact.placed(%(calendar)s,
                                  d.issued_on::timestamp at time zone %(zone)s)
                                  i
           where d.project_code = c.project_code and d.item_number = c.number and not d.void) d
             on {costly}
     where {whose}
"""
STAGE: LiteralString = """{clock}
           , c.of as code, c.of as stage, o.items, o.overlapping, e.event_at,
           case when v.w is not null then greatest(%(w)s - v.w, 0) / 86400.0 end as idle_days
      from fact.stage c
{used}      left join lateral (
          select max(d.event_at) as event_at
            from fact.item i join fact.item_detail d using (record_id)
           where i.project_code = c.project_code and i.stage_number = c.number) e on true
      left join lateral (
          select count(*)::integer as items,
                 count(*) filter (where exists (
                     select from fact.item o
                      where o.project_code = i.project_code and o.stage_number = i.stage_number
                        and o.record_id <> i.record_id and o.ran && i.ran))::integer as overlapping
            from fact.item i
           where i.project_code = c.project_code and i.stage_number = c.number
             and i.began is not null) o on {costly}
{idle}
     where {whose}
"""
PROJECT: LiteralString = """{clock}
           , ''::text as code, q.registered_on::timestamp at time zone %(zone)s as registered_on,
           q.area_assessed, e.event_at,
           (%(now)s::timestamptz at time zone %(zone)s)::date
               - (e.event_at at time zone %(zone)s)::date as still_days
      from fact.project c
{used}      left join lateral (
          select max(d.event_at) as event_at from fact.item_detail d
           where d.project_code = c.project_code) e on {costly}
     where {whose}
"""
_CASE: LiteralString = """{clock}
           , c.of as code, e.item_number, e.round, e.outcome
      from fact.case_clock c join fact.case_detail e using (record_id)
{used}
     where {whose} and e.entity = {of}
"""
CONNECTION: LiteralString = """{clock}
           , c.of as code, c.of as utility
      from fact.connection c
{used}
     where {whose} and c.of in ('water', 'power', 'gas', 'heat', 'drainage', 'telecom',
                                'broadcast')
"""
DOCUMENT: LiteralString = """
    select c.record_id, c.project_code, c.unit, nullif(left(c.region, 6), '') as county,
           0::bigint as batch_id,
           c.void, %(now)s::timestamptz as today, c.flow_kind, q.industry, q.name as project_name,
           (select max(b.committed_at) from fact.item i join hub.batch b on b.id = i.batch_id
             where i.project_code = c.project_code and i.number = c.item_number) as landed_at,
           false as partner_late, {complete},
           coalesce(c.kind, '') as code, c.kind,
           c.issued_on::timestamp at time zone %(zone)s as issued_on, c.certificate, c.item_known,
           c.accepted_at, c.before_days, c.certified_within_days as certified_days
      from fact.document c
      left join lateral (select p.industry, p.name from golden.project p
                          where p.project_code = c.project_code limit 1) q on true
     where {whose}
"""
SUBJECTS: Mapping[str, LiteralString] = {
    "item": ITEM,
    "stage": STAGE,
    "project": PROJECT,
    "consultation": _CASE,
    "acceptance": _CASE,
    "connection": CONNECTION,
    "document": DOCUMENT,
}
COSTLY = frozenset({"certificate_days", "items", "overlapping", "event_at", "still_days"})
"""Facts looked up row by row: only for indicators that name one of them."""


def rows_of(of: str, *, some: bool, named: frozenset[str]) -> sql.Composed:
    """The facts of all that is judged so, or of these projects alone (`codes`).

    named: the facts that are asked for.
    """
    whose = sql.SQL("c.project_code = any(%(codes)s)" if some else "true")
    costly = sql.SQL("true" if named & COSTLY else "false")
    return sql.SQL(SUBJECTS[of]).format(
        whose=whose,
        costly=costly,
        of=sql.Literal(of),
        clock=sql.SQL(_CLOCK).format(of=sql.Literal(of), complete=sql.SQL(_COMPLETE)),
        complete=sql.SQL(_COMPLETE),
        used=sql.SQL(_USED),
        idle=sql.SQL(_IDLE),
    )

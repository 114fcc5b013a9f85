"""SQL that computes clocks from golden records, set-based, for given project codes.

Each statement fills a temporary table (`made_...`) from those before it; none asks the time. They
compute what `hub/domain/clock.py` says of one clock (tests/services/test_worked_axis.py compares
both). Which records and fields are read is declared by entities (`x-clock`).
"""

from collections.abc import Sequence
from typing import LiteralString

from psycopg import sql

from hub.db.facts import declared_records
from hub.db.facts.details import CASE_DETAILS, DOCUMENTS, ITEM_DETAILS
from hub.db.facts.stage_clocks import FLOWS, RESULTS, STAGES, WHOLE
from hub.domain.declared import ClockRole, Timing

# Lived in by one transaction; a connection keeps the empty tables for its next.
TABLES = """
    create temp table if not exists made_project (
        project_code text primary key, record_id bigint, region text not null,
            void boolean not null, flow_kind text,
        finished boolean, finished_on date, about jsonb, batch_id bigint) on commit delete rows;
    create temp table if not exists made_status (like fact.step, entity text, entered timestamptz)
        on commit delete rows;
    create temp table if not exists made_handling (
        entity text, project_code text, item_number text, received_at timestamptz,
            accepted timestamptz, accepted_w bigint,
        finished timestamptz, finished_w bigint, kind text, last_at timestamptz, last_kind text,
        batch_id bigint, taken_up timestamptz) on commit delete rows;
    create temp table if not exists made_suspension (
        entity text, project_code text, item_number text, n integer, since timestamptz,
            until timestamptz, w bigint, until_w bigint,
        applicant boolean) on commit delete rows;
    create temp table if not exists made_result (project_code text, kind text, on_day date)
        on commit delete rows;
    create temp table if not exists made_running (
        entity text, failed boolean, scope text, record_id bigint, project_code text, number text,
            stage_number text, of text, units text[],
        received_at timestamptz, began timestamptz, ended_at timestamptz, last_end timestamptz,
            over boolean,
        end_basis text, end_kind text, ran int8multirange, applicant int8multirange, span
            int8multirange,
        ran_from timestamptz, pauses tstzmultirange, supplements integer, specials integer,
            stands boolean, turn text,
        without_at timestamptz, own_days numeric, about jsonb, batch_id bigint, code text)
            on commit delete rows;
    create temp table if not exists made_clock (like fact.clock) on commit delete rows;
    create temp table if not exists made_flow (
        flow text, flow_version text, stage text, code text) on commit delete rows;
    create temp table if not exists made_item_detail (like fact.item_detail) on commit delete rows;
    create temp table if not exists made_case_detail (like fact.case_detail) on commit delete rows;
    create temp table if not exists made_document (like fact.document) on commit delete rows;
    -- each project or stage looks for its own: without them a portion reads all for each
    create index if not exists made_status_item on made_status (project_code, item_number);
    create index if not exists made_result_project on made_result (project_code);
    create index if not exists made_running_project on made_running (project_code);
"""
# One transaction may compute several portions.
CLEAR = """
    delete from made_project; delete from made_status; delete from made_handling;
    delete from made_suspension; delete from made_result; delete from made_running;
    delete from made_clock; delete from made_flow; delete from made_item_detail;
    delete from made_case_detail; delete from made_document
"""

PROJECTS = """
    insert into made_project
    select c.code, p.record_id, coalesce(p.region_code, ''),
           coalesce(p.deleted_at is not null or p.status = any(r.void_projects), false),
           p.flow_kind, p.finished, p.finished_on, to_jsonb(p), p.batch_id
      from unnest(%(codes)s::text[]) as c (code)
     cross join jsonb_to_record(%(said)s::jsonb) as r (void_projects text[])
      left join golden.project p on p.project_code = c.code
"""
STEPS = """
    insert into made_status
    select s.record_id, s.project_code, s.number, s.status, s.at, p.w, p.w_next, s.batch_id,
        s.parent, s.entered
      from ({records}) s cross join lateral fact.placed(%(calendar)s, s.at) p
     where s.number is not null and s.status is not null  -- tells nothing of any item
"""
# The end is the first final status since the last acceptance; without one, the last final status.
HANDLED = """
    insert into made_handling
    with r as materialized (
        select * from jsonb_to_record(%(said)s::jsonb) as r (received text[], accepted text[],
            finished text[])),
    a as (
        select s.entity, s.project_code, s.item_number,
               min(s.at) filter (where s.status = any(r.received)) as received_at,
               min(s.at) filter (where s.status = any(r.accepted)) as accepted,
               min(s.w) filter (where s.status = any(r.accepted)) as accepted_w,
               max(s.at) filter (where s.status = any(r.accepted)) as taken_up,
               max(s.at) filter (where s.status = any(r.finished)) as last_at,
               (array_agg(s.status order by s.at desc, s.status)
                    filter (where s.status = any(r.finished)))[1] as last_kind,
               max(s.batch_id) as batch_id
          from made_status s cross join r group by 1, 2, 3),
    f as (
        select s.entity, s.project_code, s.item_number, min(s.at) as finished, min(s.w)
            as finished_w,
               (array_agg(s.status order by s.at, s.status))[1] as kind
          from made_status s cross join r join a using (entity, project_code, item_number)
         where s.status = any(r.finished) and s.at >= a.taken_up group by 1, 2, 3)
    select a.entity, a.project_code, a.item_number, a.received_at, a.accepted, a.accepted_w,
        f.finished, f.finished_w, f.kind,
           a.last_at, a.last_kind, a.batch_id, a.taken_up
      from a left join f using (entity, project_code, item_number)
"""
# A status that suspends, while the clock is not suspended for the same reason, until the status
# that ends it.
PAUSES = """
    insert into made_suspension
    select q.entity, q.project_code, q.item_number, q.n, q.at, q.ends, q.w, q.ends_w, q.applicant
      from (select s.*, p.n, p.since, p.applicant, lag(s.status) over same as former,
                   min(s.at) filter (where s.status = p.until) over (same rows between current row
                                                                          and unbounded following)
                                                                              as ends,
                   min(s.w) filter (where s.status = p.until) over (same rows between current row
                                                                         and unbounded following)
                                                                             as ends_w
              from made_status s
              join jsonb_to_recordset(%(said)s::jsonb->'suspended')
                       as p (n integer, since text, until text, applicant boolean) on s.status
                           in (p.since, p.until)
            window same as (partition by s.entity, s.project_code, s.item_number, p.n
                                order by s.at, s.status = p.until, s.record_id)) q
     where q.status = q.since and q.former is distinct from q.since
"""
# A special procedure that is told of elsewhere lies within the item's own pause, or is the one that
# begins on the same day by its steps; else it ends with
# its limit, else with the item. limit_kind 1 is working days.
PROCEDURES = """
    insert into made_suspension
    select s.parent, s.project_code, s.number, null, s.began, e.until, b.w,
           case when s.ended is not null then u.w when s.days is null then h.finished_w
                when w.working then b.w_next + s.days * 86400 else u.w end, false
      from ({records}) s
     cross join lateral fact.placed(%(calendar)s, s.began) b
     cross join lateral (select coalesce(s.limit_kind, '1') = '1' as working) w
      left join made_handling h on h.entity = s.parent and h.project_code = s.project_code
                               and h.item_number = s.number
     cross join lateral (
         select case when s.ended is not null then s.ended when s.days is null then h.finished
                     when w.working and s.days > 0
                     then fact.reached(%(calendar)s, b.w_next + s.days * 86400, false)
                     else fact.next_day(%(calendar)s, s.began, case when w.working then 0
                         else s.days end)
                end as until) e
      left join lateral fact.placed(%(calendar)s, e.until) u on true
     where not exists (select from made_suspension p
                        where p.entity = s.parent and p.project_code = s.project_code
                          and p.item_number = s.number and p.n is not null
                          and (p.since <= s.began and (p.until is null or s.began < p.until)
                               -- steps and the record may tell of one day by different hours
                               or not p.applicant and (p.since at time zone %(zone)s)::date
                                                      = (s.began at time zone %(zone)s)::date))
"""
# What steps do not tell of an item (begin, end) is the record's own. An own end from before the
# item was last taken up does not count.
ITEMS = """
    insert into made_running
    with r as materialized (select * from jsonb_to_record(%(said)s::jsonb) as r (failed text[])),
    p as materialized (
        select entity, project_code, item_number, range_agg(fact.span(since, until)) as raw,
               range_agg(fact.span(w, until_w)) as paused,
               coalesce(range_agg(fact.span(w, until_w)) filter (where applicant), '{{}}') as asked,
               coalesce(bool_or(applicant and until is null), false) as waits,
               count(*) filter (where applicant)::integer as supplements,
               count(*) filter (where not applicant)::integer as specials
          from made_suspension group by 1, 2, 3)
    select i.entity, coalesce(e.kind = any(case when e.by_step then r.failed
        else i.failed end), false),
           'item', i.record_id, i.project_code, i.number, i.stage, coalesce(i.kind, ''),
           i.units, coalesce(h.received_at, a.at), a.at,
           e.at, e.at, e.over, case when m.void then 'void' when e.over then 'source' end, e.kind,
           t.ran, coalesce(p.asked, '{{}}') * s.span, s.span,
           lower(fact.span(a.at, e.of_span) - coalesce(p.raw, '{{}}')), coalesce(p.raw, '{{}}'),
           coalesce(p.supplements, 0), coalesce(p.specials, 0), t.stands,
           case when m.void or e.over then null when t.stands and p.waits then 'applicant'
                when t.stands then 'procedure' else 'unit' end,
           null, i.days, i.about, greatest(i.batch_id, h.batch_id), i.code
      from ({records}) i
      join made_project m using (project_code)
     cross join r
      left join made_handling h on h.entity = i.entity and h.project_code = i.project_code
          and h.item_number = i.number
      left join p on p.entity = i.entity and p.project_code = i.project_code
          and p.item_number = i.number
     cross join lateral (
         select coalesce(h.accepted, case when h.last_at is not null or i.ended is not null
             or i.status_at is not null
                                               or coalesce(i.status <> all(i.finished), true)
                                          -- over, and nobody says since when: no clock
                                          then i.began end) as at) n
     cross join lateral (select n.at, h.accepted is null and n.at is not null as own) a
     cross join lateral (
         select coalesce(i.ended, case when i.status = any(i.finished)
             then i.status_at end) as at) q
     cross join lateral (
         select case when h.taken_up is null or q.at >= h.taken_up then q.at end as at,
                case when i.status = any(i.finished)
                          and (q.at >= h.taken_up or (h.taken_up is null
                              and (q.at is not null or h.last_at is null)))
                     then i.status end as kind) o
     cross join lateral (
         select coalesce(h.finished, case when h.accepted is null then h.last_at end, o.at) as at,
                coalesce(h.kind, case when h.accepted is null then h.last_kind end, o.kind) as kind,
                h.finished is not null or (h.accepted is null and h.last_at is not null) as by_step,
                coalesce(case when a.own then h.last_at else h.finished end, o.at) as of_span,
                h.finished is not null or (h.accepted is null and h.last_at is not null)
                or o.at is not null or (o.kind is not null and a.at is null) as over) e
      left join lateral fact.placed(%(calendar)s, a.at) b on a.own
      left join lateral fact.placed(%(calendar)s, e.of_span) c
             on h.finished is null
     cross join lateral (
         select case when a.own then fact.span(b.w, c.w) else fact.span(h.accepted_w,
             coalesce(h.finished_w, c.w)) end as span) s
     cross join lateral (
         select a.ran, a.at is not null and not e.over and not m.void and not upper_inf(a.ran)
             as stands
           from (select s.span - coalesce(p.paused, '{{}}') as ran, a.at) a) t
"""
# Connections, and cases of which pages show no clock.
CONNECTIONS = """
    insert into made_running
    select u.entity, false, {role}, u.record_id, u.project_code, u.number, null,
        coalesce(u.kind, case when {role} = 'case' then u.entity else '' end),
           u.units, u.began, u.began, e.at, e.at, e.basis is not null,
           case when m.void then 'void' else e.basis end, case when e.basis is not null
               then u.status end,
           t.ran, '{{}}', t.ran, u.began, '{{}}', 0, 0, false,
           case when m.void or e.basis is not null then null else 'unit' end, null, u.days, u.about,
               u.batch_id
      from ({records}) u
      join made_project m using (project_code)
     cross join lateral (
         select case when u.ended is not null then u.ended when u.status = any(u.finished)
             then u.status_at end as at,
                case when u.ended is not null then 'source'
                     when u.status = any(u.failed) and u.status_at is not null then 'ended_without'
                     when u.status = any(u.finished) and u.status_at is not null then 'source' end
                         as basis) e
      left join lateral fact.placed(%(calendar)s, u.began) f on true
      left join lateral fact.placed(%(calendar)s, e.at) g on true
     cross join lateral (select fact.span(f.w, g.w) as ran) t
"""
# The limit that binds and those beside it, the lengths, and the moments at which the light turns.
CLOCKS = """
    insert into made_clock
    with r as materialized (
        select * from jsonb_to_record(%(said)s::jsonb) as r (yellow numeric, red numeric,
            grave numeric, units jsonb)),
    l as materialized (
        select * from jsonb_to_recordset(%(said)s::jsonb->'limits')
                     as l (n integer, ref text, scope text, of text, status text, since date,
                         until date,
                           regions text[], "when" jsonb, days numeric))
    select p.scope, p.record_id, p.project_code, m.region, p.number, p.stage_number, p.of, p.units,
        p.received_at,
           p.began, p.ended_at, p.end_basis, p.end_kind, p.ran, p.applicant, p.span, f.w_next,
               p.pauses,
           p.supplements, p.specials, p.stands, p.turn, p.without_at, b.days, b.ref, b.others,
           fact.units(p.ran * fact.span(f.w_next, null::bigint), null) / 86400.0, fact.units(p.ran,
               null) / 86400.0,
           fact.units(p.span, null) / 86400.0, fact.units(p.applicant, null) / 86400.0,
           case when b.days is null or not k.lit then 'none' when k.runs then null
                when u.used > r.red * u.units then 'red'
                when u.used >= r.yellow * u.units and b.days > 0 then 'yellow' else 'green' end,
           case when p.stands or not k.lit or b.days is null then null
                when b.days = 0
                then greatest(p.ran_from, case when k.whole then fact.next_day(%(calendar)s,
                    p.ran_from, 0) end)
                else fact.reached(%(calendar)s, fact.position(u.counted, u.units), false) end,
           case when k.turns and b.days > 0
                then fact.reached(%(calendar)s, fact.position(u.counted,
                    ceil(r.yellow * u.units)::bigint), false) end,
           case when k.turns and (k.runs or u.used > r.red * u.units)
                then fact.reached(%(calendar)s, fact.position(u.counted, (r.red * u.units)::bigint),
                    true) end,
           case when k.turns and (k.runs or u.used > r.grave * u.units)
                then fact.reached(%(calendar)s, fact.position(u.counted,
                    (r.grave * u.units)::bigint), true) end,
           coalesce(p.batch_id, 0), n.unit
      from made_running p
      join made_project m using (project_code)
     cross join r
     cross join lateral (
         -- names of two units are nobody's
         select case when min(u.id) = max(u.id) then min(u.id) end as unit
           from unnest(p.units) name cross join lateral (select r.units->>name as id) u) n
      left join lateral fact.placed(%(calendar)s, p.ran_from) f on true
     cross join lateral (
         select (array_agg(l.ref order by l.days, l.n) filter (where l.status = 'in_force'))[1]
             as ref,
                min(l.days) filter (where l.status = 'in_force') as days,
                coalesce(array_agg(l.ref order by l.status = 'draft', l.days, l.n), '{}') as every
           from l
          where p.began is not null
            and (l.scope = case p.scope when 'connection' then 'utility' else p.scope end and l.of
                in ('', p.of)
                 or l.scope = 'case' and l.of = p.entity)
            and (l.since is null or l.since <= (p.began at time zone %(zone)s)::date)
            and (l.until is null or l.until >= (p.began at time zone %(zone)s)::date)
            and (l.regions = '{}' or exists (select from unnest(l.regions) n
                where starts_with(m.region, n)))
            and (l."when" = '{}' or not exists (
                select from jsonb_each(l."when") w
                 where not coalesce(w.value ? case when starts_with(w.key, 'project.')
                     then m.about->>substr(w.key, 9)
                                                   else p.about->>w.key end, false)))) v
     cross join lateral (
         select case when p.began is not null then coalesce(v.days, p.own_days) end as days,
                case when p.began is not null
                     then coalesce(v.ref, case when p.own_days is not null then 'source' end) end
                         as ref,
                array_remove(v.every, v.ref) as others) b
     cross join lateral (
         select upper_inf(p.ran) and p.end_basis is null as runs,
                p.end_basis is null or p.end_basis not in ('idle', 'void') as lit,
                coalesce(b.days = trunc(b.days), true) as whole,
                not p.stands and b.days is not null
                    and (p.end_basis is null or p.end_basis not in ('idle', 'void')) as turns) k
     cross join lateral (
         select n.counted, (b.days * 86400)::bigint as units, fact.units(n.counted, null) as used
           from (select case when k.whole then p.ran * fact.span(f.w_next, null::bigint)
               else p.ran end as counted) n) u
"""
READING: Sequence[tuple[LiteralString, ClockRole | None]] = (
    (PROJECTS, None),
    (STEPS, "step"),
    (HANDLED, None),
    (PAUSES, None),
    (PROCEDURES, "pause"),
    (ITEMS, "item"),
    (RESULTS, "result"),
    (FLOWS, "flow"),
    (STAGES, "stage"),
    (WHOLE, None),
    (CONNECTIONS, "connection"),
    (CONNECTIONS, "case"),
    (CLOCKS, None),
    (ITEM_DETAILS, "item"),
    (CASE_DETAILS, "case"),
    (DOCUMENTS, "result"),
)


OF_ITEMS: Sequence[tuple[str, ClockRole]] = (("pauses", "pause"), ("results", "result"))
"""Records that statements read beside those that they are of."""


def statements(timings: Sequence[Timing]) -> tuple[list[sql.Composed], dict[str, object]]:
    """(statements in order, their parameters) over entities with these roles in clocks."""
    made = []
    for text, role in READING:
        if role is None:
            made.append(sql.SQL("{}").format(sql.SQL(text)))
            continue
        records = declared_records.of_role(timings, role)
        more = {name: declared_records.of_role(timings, other) for name, other in OF_ITEMS}
        made.append(sql.SQL(text).format(records=records, role=sql.Literal(role), **more))
    return made, declared_records.handed(timings)

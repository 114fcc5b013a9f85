"""SQL that computes begin, end and used time of stages and whole projects.

Runs between the statements of `clocks`, whose temporary tables it fills and reads.
"""

# Papers that end a stage: of the kinds that mappings/limits/stages.yaml names, issued on a known
# day and not void.
RESULTS = """
    insert into made_result
    select d.project_code, d.kind, d.on_day from ({records}) d
     cross join jsonb_to_record(%(said)s::jsonb) as r (void_documents text[])
     where d.kind is not null and d.on_day is not null and coalesce(d.status <>
         all(r.void_documents), true)
"""
# The library of flows, of no project: which items a stage of a flow has.
FLOWS = """
    insert into made_flow select f.flow, f.flow_version, f.stage, f.code from ({records}) f
     where f.flow is not null and f.stage is not null and f.code is not null
"""
# A stage ends when its source says so, when all items have passed that its flow requires, or, where
# no rule knows these, when its closing result exists and no item is open. With all items closed
# it waits for the applicant; it ends without a result when all failed and the time
# limit has passed.
STAGES = """
    insert into made_running
    with r as materialized (
        select * from jsonb_to_record(%(said)s::jsonb)
                     as r (without_units bigint, parallel text[], milestones jsonb, passed text[])),
    p as materialized (
        select i.project_code, i.stage_number, min(i.received_at) as received_at, min(i.began)
            as began,
               min(i.ran_from) as ran_from, max(i.ended_at) as last_end, bool_and(i.over) as over,
               bool_and(i.failed) as failed, range_agg(i.ran) as ran,
               range_agg(i.applicant) as asked, range_agg(i.span) as handled,
               bool_or(i.turn = 'unit') as by_unit, bool_or(i.turn = 'procedure') as by_procedure,
               sum(i.supplements) as supplements, sum(i.specials) as specials, max(i.batch_id)
                   as batch_id
          from made_running i where i.scope = 'item' and i.stage_number is not null group by 1, 2)
    select s.entity, false, 'stage', s.record_id, s.project_code, s.number, null, coalesce(s.kind,
        ''), case when s.lead is null then '{{}}' else array[s.lead] end,
           coalesce(p.received_at, s.began), b.began, e.ended_at, greatest(e.ended_at, p.last_end),
           e.basis is not null or (p.over is null and b.began is null), e.basis, null,
           t.ran, case when p.over is null then '{{}}'
                       else (p.asked + (t.span - p.handled) - t.ran) * t.span end, t.span,
           coalesce(p.ran_from, case when p.over is null then s.began end), '{{}}',
           coalesce(p.supplements, 0), coalesce(p.specials, 0),
           e.basis is not distinct from 'idle' or (e.basis is null and b.began is not null
               and not upper_inf(t.ran)),
           case when e.basis = 'idle' then 'applicant'
                when e.basis is not null or (p.over is null and b.began is null) then null
                when p.over is null or p.by_unit then 'unit' when p.by_procedure then 'procedure'
                    else 'applicant' end,
           e.without_at, case when s.kind = any(r.parallel) then null else s.days end, s.about,
           greatest(s.batch_id, p.batch_id)
      from ({records}) s
      join made_project m using (project_code)
     cross join r
      left join p on p.project_code = s.project_code and p.stage_number = s.number
     cross join lateral (select coalesce(p.began, case when p.over is null then s.began end)
         as began) b
      left join lateral (
          select min(d.on_day) as on_day
            from jsonb_to_recordset(r.milestones) as x (stage text, documents text[],
                flow_kinds text[])
            join made_result d on d.project_code = s.project_code and d.kind = any(x.documents)
                              and d.on_day >= (b.began at time zone %(zone)s)::date
           where x.stage = s.kind and (x.flow_kinds = '{{}}' or m.flow_kind = any(x.flow_kinds))) d
               on true
      left join lateral (
          select bool_and(i.ended_at is not null) as complete, max(i.ended_at) as at
            from jsonb_to_recordset(%(said)s::jsonb->'required')
                     as x (stage text, items text[], flow_kinds text[])
            join made_flow f on f.flow = s.flow and f.stage = s.kind
                and f.flow_version is not distinct from s.flow_version
                and (x.items = '{{}}' or f.code = any(x.items))
            left join lateral (
                select min(i.ended_at) as ended_at from made_running i
                 where i.scope = 'item' and i.project_code = s.project_code
                   and i.stage_number = s.number and i.code = f.code
                   and i.end_kind = any(r.passed)) i on true
           where x.stage = s.kind and (x.flow_kinds = '{{}}' or m.flow_kind = any(x.flow_kinds))) q
               on true
      left join lateral fact.placed(%(calendar)s, p.last_end) l on true
     cross join lateral (
         select case when p.over and p.failed then fact.reached(%(calendar)s, l.w + r.without_units,
             false) end
                    as without_at) w
     cross join lateral (
         select case when m.void then 'void' when s.ended is not null then 'source'
                     when q.complete then 'required'
                     when q.complete is null and d.on_day is not null and coalesce(p.over, true)
                         then 'milestone'
                     when p.over and w.without_at <= %(now)s then 'ended_without'
                     when p.over then 'idle' end as basis) o
     cross join lateral (
         select o.basis,
                case o.basis when 'source' then s.ended when 'ended_without' then p.last_end
                     when 'required' then q.at
                     when 'milestone' then greatest(p.last_end,
                         d.on_day::timestamp at time zone %(zone)s)
                     end as ended_at,
                case when o.basis in ('idle', 'ended_without') then w.without_at end
                    as without_at) e
      left join lateral fact.placed(%(calendar)s, b.began) f on true
      left join lateral fact.placed(%(calendar)s, greatest(e.ended_at, p.last_end)) g
             on e.basis in ('source', 'required', 'milestone', 'ended_without')
     cross join lateral (
         select coalesce(p.ran, fact.span(f.w, null::bigint)) * fact.span(0::bigint, g.w) as ran,
                fact.span(f.w, g.w) as span) t
"""
# The project: its stages but those beside the others, and the items of no stage.
WHOLE = """
    insert into made_running
    with r as materialized (select * from jsonb_to_record(%(said)s::jsonb) as r (parallel text[],
        milestones jsonb)),
    p as materialized (
        select i.project_code, min(i.received_at) as received_at, min(i.began) as began,
            min(i.ran_from) as ran_from,
               max(i.last_end) as last_end, bool_and(i.over) as over,
               bool_and(i.end_basis is not distinct from 'ended_without') as failed,
                   range_agg(i.ran) as ran,
               range_agg(i.span) as handled, range_agg(i.applicant) as asked,
                   bool_or(i.turn = 'unit') as by_unit,
               bool_or(i.turn = 'procedure') as by_procedure, sum(i.supplements) as supplements,
               sum(i.specials) as specials, max(i.batch_id) as batch_id
          from made_running i cross join r
         where (i.scope = 'stage' and i.of <> all(r.parallel)
                and (i.began is not null or not i.over or i.end_basis is not null))
            or (i.scope = 'item'
                and not exists (select from made_running s where s.scope = 'stage'
                    and s.project_code = i.project_code
                                                          and s.number = i.stage_number))
         group by 1)
    select 'project', false, 'project', m.record_id, m.project_code, m.project_code, null, '', '{}',
        p.received_at, p.began, e.ended_at,
           greatest(e.ended_at, p.last_end), e.basis is not null, e.basis, null, t.ran,
           case when p.over is null then '{}' else (p.asked + (t.span - p.handled) - t.ran) * t.span
               end, t.span,
           p.ran_from, '{}', coalesce(p.supplements, 0), coalesce(p.specials, 0),
           e.basis is not distinct from 'idle' or (e.basis is null and p.began is not null
               and not upper_inf(t.ran)),
           case when e.basis = 'idle' then 'applicant' when e.basis is not null or p.over is null
               then null
                when p.by_unit then 'unit' when p.by_procedure then 'procedure'
                    else 'applicant' end,
           null, null, null, greatest(m.batch_id, p.batch_id)
      from made_project m
     cross join r
      left join p using (project_code)
      left join lateral (
          select min(d.on_day) as on_day
            from jsonb_to_recordset(r.milestones) as x (stage text, documents text[],
                flow_kinds text[])
            join made_result d on d.project_code = m.project_code and d.kind = any(x.documents)
                              and d.on_day >= (p.began at time zone %(zone)s)::date
           where x.stage is null and (x.flow_kinds = '{}' or m.flow_kind = any(x.flow_kinds))) d
               on true
     cross join lateral (
         select case when m.void then 'void'
                     when m.finished and (m.finished_on is not null or coalesce(p.over, true))
                         then 'source'
                     when d.on_day is not null and p.over then 'milestone'
                     when p.over and p.failed then 'ended_without' when p.over then 'idle' end
                         as basis) o
     cross join lateral (
         select o.basis,
                case o.basis when 'source' then coalesce(m.finished_on::timestamp at time zone
                    %(zone)s, p.last_end)
                     when 'milestone' then greatest(p.last_end,
                         d.on_day::timestamp at time zone %(zone)s)
                     when 'ended_without' then p.last_end end as ended_at) e
      left join lateral fact.placed(%(calendar)s, p.began) f on true
      left join lateral fact.placed(%(calendar)s, greatest(e.ended_at, p.last_end)) g
             on e.basis in ('source', 'milestone', 'ended_without')
     cross join lateral (
         select coalesce(p.ran, '{}') * fact.span(0::bigint, g.w) as ran, fact.span(f.w, g.w)
             as span) t
     where m.record_id is not null
"""

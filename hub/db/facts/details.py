"""SQL that computes what is told of items, cases and documents beside their clocks.

Runs after the statements of `clocks`, over the temporary tables that they fill.
"""

# Receipt and first answer, preparation, pauses, the clock of the law, entry of steps. A pause of
# which a special procedure tells is lawful by its kind; one of which nothing is told stops the
# clock of the law, for nobody is accused by what is not known.
ITEM_DETAILS = """
    insert into made_item_detail
    with r as materialized (
        select * from jsonb_to_record(%(said)s::jsonb)
                     as r (received text[], accepted text[], finished text[], asks text[],
                         ends jsonb, lawful text[],
                         answer_units bigint, day_minutes numeric)),
    a as materialized (
        select s.entity, s.project_code, s.item_number, max(s.at) as event_at,
               max(s.entered) as entered_at,
               max(case when e.w is not null then greatest(e.w - s.w, 0) end) / 86400.0 as lag,
               -- handled, so accepted before: only receipt and supplements come without
               bool_or(s.status <> all(r.received || r.accepted || r.finished || r.asks)
                       and not exists (select from jsonb_to_recordset(%(said)s::jsonb->'suspended')
                                           as o (until text, applicant boolean)
                                        where o.applicant and o.until = s.status)) as handled,
               -- the end of a pause of which nobody told the beginning
               bool_or(u.ends and u.former is distinct from u.since) as torn,
               min(s.at) filter (where n.answers) as answered_at,
               min(s.w) filter (where n.answers) as answered_w
          from made_status s
         cross join r
          left join made_handling h using (entity, project_code, item_number)
          left join lateral fact.placed(%(calendar)s, s.entered) e on true
          left join lateral (
              select p.since, s.status = p.until as ends,
                     (select f.status from made_status f
                       where f.entity = s.entity and f.project_code = s.project_code
                         and f.item_number = s.item_number and f.status in (p.since, p.until)
                         and f.record_id <> s.record_id
                         and (f.at < s.at or (f.at = s.at and f.status = p.since))
                       order by f.at desc, f.status = p.since desc limit 1) as former
                from jsonb_to_recordset(%(said)s::jsonb->'suspended')
                         as p (since text, until text)
               where s.status = p.until) u on true
         cross join lateral (
             select h.received_at is not null and s.at >= h.received_at
                    and (s.status = any(r.accepted) or s.status = any(r.finished)
                         or s.status = any(r.asks)) as answers) n
         group by 1, 2, 3),
    t as (
        select u.*, c.lawful, c.days
          from made_suspension u
          left join lateral (
              select bool_or(coalesce(p.kind = any(r.lawful), true)) as lawful,
                     max(p.days) filter (where coalesce(p.limit_kind, '1') = '1') as days
                from ({pauses}) p cross join r
               where p.parent = u.entity and p.project_code = u.project_code
                 and p.number = u.item_number and p.began is not null
                 and (p.began = u.since
                      or (u.since <= p.began and (u.until is null or p.began < u.until))
                      or (u.since at time zone %(zone)s)::date
                         = (p.began at time zone %(zone)s)::date)) c on not u.applicant),
    p as materialized (
        select t.entity, t.project_code, t.item_number,
               range_agg(fact.span(t.w, t.until_w)) as paused,
               range_agg(fact.span(t.w, t.until_w)) filter (where t.applicant) as asked,
               range_agg(fact.span(t.w, t.until_w))
                   filter (where not t.applicant and coalesce(t.lawful, true)) as lawful,
               -- asked again before there was an answer is asked once
               count(*) filter (where t.applicant) as supplements,
               max(t.since) filter (where t.applicant) as supplement_at,
               count(*) filter (where h.accepted is not null and t.since >= h.accepted)
                   as pauses,
               max(t.since) filter (where h.accepted is not null and t.since >= h.accepted)
                   as pause_at,
               bool_or(t.until is null) as open,
               (array_agg(t.days order by o.share desc, t.since)
                   filter (where t.days > 0))[1] as days,
               (array_agg(o.ran order by o.share desc, t.since)
                   filter (where t.days > 0))[1] as limited
          from t
          left join made_handling h using (entity, project_code, item_number)
          left join lateral fact.placed(%(calendar)s, t.since) f on true
         cross join lateral (
             select o.ran, case when upper_inf(o.ran) then 'infinity'::numeric
                                else fact.units(o.ran, null) / greatest(t.days, 1) end as share
               from (select fact.span(f.w_next, t.until_w) as ran) o) o
         group by 1, 2, 3)
    select i.record_id, i.project_code, g.of, i.code, m.flow_kind, i.channel, i.handling,
           i.commitment, r.ends->>x.end_kind, h.received_at, a.answered_at,
           fact.span(b.w_next, a.answered_w),
           case when h.received_at < h.accepted
                then fact.span(b.w, h.accepted_w) - coalesce(p.asked, '{{}}') end,
           coalesce(p.supplements, 0), p.supplement_at, coalesce(p.pauses, 0), p.pause_at,
           coalesce(p.paused, '{{}}') * c.span, p.days, coalesce(p.limited, '{{}}'),
           i.promised, i.statutory, l.ran, l.since,
           case when i.statutory > 0 and (upper_inf(l.ran) or y.used > i.statutory * 86400)
                then fact.reached(%(calendar)s, fact.position(y.counted, i.statutory * 86400), true)
                end,
           case when c.exact_days is null or c.ended_at is null or (h.whole and z.whole) then null
                when c.exact_days > 1 then c.exact_days * r.day_minutes
                else (select coalesce(sum(fact.worked_seconds(%(calendar)s, upper(n))
                                          - fact.worked_seconds(%(calendar)s, lower(n))), 0)
                        from unnest(c.ran) n) / 60 end,
           coalesce(a.entered_at, i.entered), a.lag, coalesce(a.event_at, i.status_at),
           coalesce(a.torn, false) or coalesce(i.status_at > a.event_at, false)
           or (not x.over and d.number is not null)
           or coalesce(p.open and r.ends->>x.end_kind in ('passed', 'passed_with_gaps'), false)
           or (h.accepted is null and (coalesce(a.handled, false) or coalesce(
               r.ends->>x.end_kind in ('passed', 'passed_with_gaps', 'refused', 'revoked'), false)))
      from ({records}) i
      join made_clock c on c.scope = 'item' and c.record_id = i.record_id
      join made_running x on x.scope = 'item' and x.record_id = i.record_id
      join made_project m on m.project_code = i.project_code
     cross join r
      left join (select h.*, (h.accepted at time zone %(zone)s)::time = '00:00' as whole
                   from made_handling h) h
             on h.entity = i.entity and h.project_code = i.project_code
            and h.item_number = i.number
      left join a on a.entity = i.entity and a.project_code = i.project_code
                 and a.item_number = i.number
      left join p on p.entity = i.entity and p.project_code = i.project_code
                 and p.item_number = i.number
      left join (select distinct d.project_code, d.number from ({results}) d) d
             on d.project_code = i.project_code and d.number = i.number
      left join (select s.project_code, s.number, min(s.of) as of from made_running s
                  where s.scope = 'stage' group by 1, 2) g
             on g.project_code = i.project_code and g.number = i.stage
      left join lateral fact.placed(%(calendar)s, h.received_at) b on true
     cross join lateral (
         select (c.ended_at at time zone %(zone)s)::time = '00:00' as whole) z
     cross join lateral (
         -- nobody answered in time: accepted on receipt
         select h.received_at is not null and h.accepted_w is not null
                and fact.units(fact.span(b.w_next, a.answered_w), null) > r.answer_units as late) k
     cross join lateral (
         select case when k.late then b.w_next else c.counted_from end as since,
                case when k.late and not isempty(c.span) then fact.span(b.w, upper(c.span))
                     else c.span end
                - coalesce(p.lawful, '{{}}') as ran) l
     cross join lateral (
         select n.counted, fact.units(n.counted, null) as used
           from (select l.ran * fact.span(l.since, null::bigint) as counted) n) y
"""
CASE_DETAILS = """
    insert into made_case_detail
    select u.record_id, u.project_code, u.entity, u.item, u.round, u.outcome, m.flow_kind
      from ({records}) u join made_project m using (project_code)
"""
# Against the item that it belongs to, where its number is known.
DOCUMENTS = """
    insert into made_document
    with r as materialized (select * from jsonb_to_record(%(said)s::jsonb)
        as r (units jsonb, void_documents text[]))
    select d.record_id, d.project_code, m.region, d.kind, n.unit, m.flow_kind,
           m.void or coalesce(d.status = any(r.void_documents), false), d.on_day,
           d.certificate is not null, d.number,
           case when d.number is not null then c.record_id is not null end, c.began, c.ended_at,
           case when c.began is not null and d.on_day is not null
                then greatest(w.w - v.w, 0) / 86400.0 end,
           case when d.certificate is not null and c.ended_at is not null and d.on_day is not null
                then greatest(v.w - e.w, 0) / 86400.0 end
      from ({records}) d
      join made_project m using (project_code)
     cross join r
     cross join lateral (
         select case when min(u.id) = max(u.id) then min(u.id) end as unit
           from (values (r.units->>d.issuer_code), (r.units->>d.issuer)) u (id)) n
      left join (select distinct on (c.project_code, c.number) c.* from made_clock c
                  where c.scope = 'item' order by c.project_code, c.number, c.record_id) c
             on c.project_code = d.project_code and c.number = d.number
      left join lateral fact.placed(%(calendar)s, d.on_day::timestamp at time zone %(zone)s) v
             on true
      left join lateral fact.placed(%(calendar)s, date_trunc('day', c.began at time zone %(zone)s)
                                                      at time zone %(zone)s) w on true
      left join lateral fact.placed(%(calendar)s, date_trunc(
          'day', c.ended_at at time zone %(zone)s) at time zone %(zone)s) e on true
"""

-- A clock as it stands at this moment: what it has used so far, and its light. Nobody computes these anywhere else.
-- Where this moment lies on the axis. Readers may call it; the calendar they need not see.
create function fact.now_at() returns bigint language plpgsql stable security definer as $$
begin
    return (select p.w from fact.state s cross join lateral fact.placed(s.calendar, now()) p);
end $$;

-- One text, two owners: row-level security of fact.clock holds for what hub_shown owns, and readers see nothing else.
do $do$
declare
    place text;
begin
    foreach place in array array['fact', 'shown'] loop
        execute format($view$
create view %I.clock_now as
    select c.scope, c.record_id, c.project_code, c.number, c.received_at, c.began, c.ended_at as ended,
           b.end_basis, c.end_kind,
           coalesce(case when c.limit_days is null or c.limit_days = trunc(c.limit_days)
                         then fact.units(c.ran * fact.span(c.counted_from, null::bigint), p.w)
                         else fact.units(c.ran, p.w) end, 0) / 86400.0 as used,
           fact.units(c.ran, p.w) / 86400.0 as exact, fact.units(c.span, p.w) / 86400.0 as span,
           fact.units(c.applicant, p.w) / 86400.0 as applicant,
           c.limit_days as days, c.limit_ref, c.others,
           coalesce(c.light, case when now() > c.red_at then 'red' when now() >= c.yellow_at then 'yellow'
                                  else 'green' end) as light,
           c.stands and b.end_basis is distinct from 'ended_without' as stands,
           c.due_at as due, c.yellow_at, c.red_at, c.grave_at,
           case when b.end_basis is distinct from 'ended_without' then c.turn end as turn, c.units, c.pauses, c.batch_id
      from fact.clock c
     cross join lateral (
         select case when c.end_basis = 'idle' and c.without_at <= now() then 'ended_without' else c.end_basis end
                    as end_basis) b
     cross join (select fact.now_at() as w offset 0) p
$view$, place);
    end loop;
end $do$;
alter view shown.clock_now owner to hub_shown;

-- The unit of the account that this connection reads for, null where there is none.
create function hub.reading_unit() returns text language plpgsql stable security definer as $$
begin
    return (select nullif(a.department, '') from hub.account a
             where a.name = current_setting('hub.account', true) and a.ended_at is null);
end $$;

-- The clocks of a project and of its stages are public; those of one item or connection, and whose turn it is, are
-- internal, but its own unit sees them whole. Nobody sees part of a number.
create function fact.shown(scope text, classes text[], units text[], unit text) returns boolean language sql immutable
    return case when scope in ('project', 'stage') then 'public' = any(classes) or 'internal' = any(classes)
                else 'internal' = any(classes) or coalesce(unit = any(units), false) end;

grant usage on schema fact to hub_shown;
grant select on fact.clock to hub_shown;
alter table fact.clock enable row level security;
create policy shown on fact.clock for select to hub_shown using (
    fact.shown(scope,
               coalesce((select nullif(coalesce(j.shown->>'clock', j.shown->>'*'), '')::text[]
                           from (select nullif(current_setting('hub.shown', true), '')::jsonb as shown) j),
                        hub.shown_in('clock', project_code)),
               units, (select hub.reading_unit())));

create view shown.clock with (security_barrier) as
    select c.scope, c.record_id, c.project_code, c.number, c.received_at, c.began, c.ended, c.end_basis, c.end_kind,
           c.used, c.exact, c.span, c.applicant, c.days, c.limit_ref, c.others, c.light, c.stands, c.due,
           c.yellow_at, c.red_at, c.grave_at, case when i.internal then c.turn end as turn,
           case when i.internal then c.units end as units, case when i.internal then c.pauses end as pauses, c.batch_id
      from shown.clock_now c
     cross join lateral (select coalesce(
                (select nullif(coalesce(j.shown->>'clock', j.shown->>'*'), '')::text[]
                   from (select nullif(current_setting('hub.shown', true), '')::jsonb as shown) j),
                hub.shown_in('clock', c.project_code)) as classes offset 0) s
     cross join lateral (select 'internal' = any(s.classes)
                                or coalesce((select hub.reading_unit()) = any(c.units), false) as internal offset 0) i
     where fact.shown(c.scope, s.classes, c.units, (select hub.reading_unit()));
alter view shown.clock owner to hub_shown;
grant select on shown.clock to hub_reader;

-- Standing grants. Until now whoever read stages was shown clocks of them, and whoever read items and their steps, clocks
-- of items (made of no more than he was shown, so mostly wrong). Neither may lose them in silence, nor may anybody else
-- receive them: each such grant in force gets one of the clocks beside it, with the same purpose, term and limits, which
-- stands in the list of grants like every other and can be ended by itself.
insert into hub.access_grant (account, entity, classes, purpose, valid_from, valid_until, regions, open_case_only)
select g.account, 'clock', case when g.entity = 'stage' then '{public}'::text[] else '{internal,public}' end,
       g.purpose, g.valid_from, g.valid_until, g.regions, g.open_case_only
  from hub.access_grant g
 where g.ended_at is null and g.valid_until >= current_date
   and (g.entity = 'stage'
        or (g.entity = 'approval_step'
            and exists (select from hub.access_grant i
                         where i.account = g.account and i.entity = 'approval_item' and i.ended_at is null
                           and (i.regions = '{}' or i.regions = g.regions)
                           and (g.open_case_only or not i.open_case_only)
                           and i.valid_from <= g.valid_from and i.valid_until >= g.valid_until)));

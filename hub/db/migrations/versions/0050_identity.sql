-- A reader is named in each transaction and forgotten at its end, by PostgreSQL itself: behind a pooler the next
-- transaction on the same server belongs to somebody else. An older program, which names him once a connection, is
-- refused from now on.
create or replace function hub.read_as(account text) returns void language plpgsql security definer as $$
declare
    role text := (select a.role from hub.account a where a.name = read_as.account and a.ended_at is null);
    whole text := case when role in ('administrator', 'auditor') then 'public,internal' end;
    shown jsonb;
begin
    select jsonb_object_agg(g.entity, case when g.limited then '' else '{' || concat_ws(',', whole, g.classes) || '}' end)
      into shown
      from (select h.entity, string_agg(c, ',') as classes, bool_or(h.regions <> '{}' or h.open_case_only) as limited
              from hub.access_grant h, unnest(h.classes) c
             where h.account = read_as.account and role is not null and h.ended_at is null
               and current_date between h.valid_from and h.valid_until
             group by h.entity) g;
    shown := coalesce(shown, '{}') || jsonb_build_object('@', role, '*', '{' || coalesce(whole, '') || '}');
    perform set_config('hub.account', read_as.account, true), set_config('hub.shown', shown::text, true);
end $$;

-- What the reader of this transaction is shown. None is named: refused, rather than shown nothing, which might be taken
-- for an answer.
create function hub.identity() returns jsonb language plpgsql stable parallel safe as $$
begin
    if coalesce(current_setting('hub.shown', true), '') = '' then
        raise insufficient_privilege using message = 'no reader is named in this transaction';
    end if;
    return current_setting('hub.shown')::jsonb;
end $$;

create or replace function hub.looks_into() returns boolean language sql stable
    return coalesce(hub.identity()->>'@' in ('administrator', 'auditor'), false);

create or replace view shown.arrival with (security_barrier) as
    select l.id, l.flow, case when a.whole then l.key else '' end as key,
           case when a.whole then l.position else '' end as position,
           case when a.whole then l.version else '' end as version,
           l.batch_id, b.run_id, b.committed_at, b.contract_id, hub.source_time(l.source_time, l.version) as source_time
      from hub.landing l join hub.batch b on b.id = l.batch_id
     cross join (select hub.identity()->>'@' in ('administrator', 'auditor')
                            as whole) a
     where a.whole is not null;

alter policy shown on fact.clock using (
    fact.shown(scope,
               coalesce((select nullif(coalesce(j.shown->>'clock', j.shown->>'*'), '')::text[]
                           from (select hub.identity() as shown) j),
                        hub.shown_in('clock', project_code)),
               units, (select hub.reading_unit())));

create or replace view shown.clock with (security_barrier) as
    select c.scope, c.record_id, c.project_code, c.number, c.received_at, c.began, c.ended, c.end_basis, c.end_kind,
           c.used, c.exact, c.span, c.applicant, c.days, c.limit_ref, c.others, c.light, c.stands, c.due,
           c.yellow_at, c.red_at, c.grave_at, case when i.internal then c.turn end as turn,
           case when i.internal then c.units end as units, case when i.internal then c.pauses end as pauses, c.batch_id
      from shown.clock_now c
     cross join lateral (select coalesce(
                (select nullif(coalesce(j.shown->>'clock', j.shown->>'*'), '')::text[]
                   from (select hub.identity() as shown) j),
                hub.shown_in('clock', c.project_code)) as classes offset 0) s
     cross join lateral (select 'internal' = any(s.classes)
                                or coalesce((select hub.reading_unit()) = any(c.units), false) as internal offset 0) i
     where fact.shown(c.scope, s.classes, c.units, (select hub.reading_unit()));

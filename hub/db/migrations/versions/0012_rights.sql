-- A grant may be held to regions (leading digits of the region code; empty: all) and to projects on which the account's
-- unit has a case that is not finished.
alter table hub.access_grant
    add column regions text[] not null default '{}',
    add column open_case_only boolean not null default false;

-- hub_reader: what is read for an account runs under it. hub_shown: owns the views that hub_reader may read, so that
-- the row-level security of the tables below holds for them. Neither can log in. Roles belong to the whole server: who
-- may not make them here has found them made by whoever made the database.
do $$
declare
    name text;
begin
    foreach name in array array['hub_reader', 'hub_shown'] loop
        if not exists (select from pg_roles where rolname = name) then
            execute format('create role %I nologin', name);
        end if;
        if not pg_has_role(current_user, name, 'member') then
            execute format('grant %I to %I', name, current_user);
        end if;
    end loop;
exception when duplicate_object or unique_violation then
    null; -- another database of this server was quicker
end $$;

create schema shown;
grant usage on schema shown, hub to hub_reader;
grant usage, create on schema shown to hub_shown;
grant usage on schema hub, golden to hub_shown;
grant select on hub.record, hub.disagreement to hub_shown;
grant select on hub.entity_field to hub_reader;

-- Every name below is written with its schema: who calls these functions may have a search_path of its own.

-- From now on this connection reads for an account. hub.shown says what that account sees in every project: the classes
-- of each entity as an array, '' where a grant is held to regions or open cases so that each project has to be asked
-- about, '*' for all other entities, '@' for the role. An account that is not in use sees nothing.
create function hub.read_as(account text) returns void language plpgsql security definer as $$
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
    perform set_config('hub.account', read_as.account, false), set_config('hub.shown', shown::text, false);
end $$;

-- The classes of an entity that the account sees in the records of one project. hub.region_of and hub.has_open_case
-- read typed tables and are made by hub/db/shown.py.
create function hub.shown_in(wanted text, code text) returns text[] language plpgsql stable security definer as $$
declare
    found text[];
begin
    select case when a.role in ('administrator', 'auditor') then '{public,internal}'::text[] else '{}'::text[] end
               || coalesce((
                    select array_agg(c) from hub.access_grant h, unnest(h.classes) c
                     where h.account = a.name and h.entity = wanted and h.ended_at is null
                       and current_date between h.valid_from and h.valid_until
                       and (h.regions = '{}'
                            or exists (select from unnest(h.regions) n where starts_with(hub.region_of(code), n)))
                       and (not h.open_case_only or hub.has_open_case(a.department, code))), '{}')
      into found
      from hub.account a where a.name = current_setting('hub.account', true) and a.ended_at is null;
    return coalesce(found, '{}');
end $$;

-- A personal value that shows no more than that it is there; hub/domain/rights.py says the same.
create function hub.masked(value text) returns text language sql immutable
    return case when length(value) between 2 and 4 then left(value, 1) || '**' when value is not null then '***' end;
create function hub.masked(value text[]) returns text[] language sql immutable
    return case when value is not null then array_fill('***'::text, array[cardinality(value)]) end;
create function hub.masked_claims(claims jsonb) returns jsonb language sql immutable
    return (select jsonb_agg(jsonb_build_object('system', c->'system', 'value', hub.masked(c->>'value')))
              from jsonb_array_elements(claims) c);

-- When and from whom a value came is seen by every account; by which source key, only by those who look into all.
grant select (id, flow, key, position, version, batch_id) on hub.landing to hub_shown;
grant select (id, run_id, committed_at, contract_id) on hub.batch to hub_shown;
create view shown.arrival with (security_barrier) as
    select l.id, l.flow, case when a.whole then l.key else '' end as key,
           case when a.whole then l.position else '' end as position,
           case when a.whole then l.version else '' end as version,
           l.batch_id, b.run_id, b.committed_at, b.contract_id
      from hub.landing l join hub.batch b on b.id = l.batch_id
     cross join (select nullif(current_setting('hub.shown', true), '')::jsonb->>'@' in ('administrator', 'auditor')
                            as whole) a
     where a.whole is not null;
alter view shown.arrival owner to hub_shown;
grant select on shown.arrival to hub_reader;

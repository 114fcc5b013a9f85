-- The reform office sees every project of its regions (leading digits of region codes; a county's office its county,
-- the city's all of the city), fields of class public and internal, by its role alone: it holds no grants. An account
-- without regions, as one made by a group of the identity provider, sees nothing until somebody gives it some.
alter table hub.account
    -- squawk-ignore ban-drop-constraint
    drop constraint account_role_check,
    -- a table of a few hundred rows
    -- squawk-ignore constraint-missing-not-valid
    add constraint account_role_check
        check (role in ('administrator', 'department', 'auditor', 'service', 'supervisor')),
    add column regions text[] not null default '{}',
    -- squawk-ignore constraint-missing-not-valid
    add constraint account_regions check (role = 'supervisor' or regions = '{}');

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
             where h.account = read_as.account and role is not null and role <> 'supervisor' and h.ended_at is null
               and current_date between h.valid_from and h.valid_until
             group by h.entity) g;
    -- Of a supervisor each project is asked for: '' says so.
    shown := coalesce(shown, '{}') || jsonb_build_object(
        '@', role, '*', case when role = 'supervisor' then '' else '{' || coalesce(whole, '') || '}' end);
    perform set_config('hub.account', read_as.account, true), set_config('hub.shown', shown::text, true);
end $$;

create or replace function hub.shown_in(wanted text, code text) returns text[]
    language plpgsql stable security definer as $$
declare
    found text[];
begin
    select case when a.role in ('administrator', 'auditor') then '{public,internal}'::text[]
                when a.role = 'supervisor'
                     and exists (select from unnest(a.regions) n where starts_with(hub.region_of(code), n))
                then '{public,internal}'::text[] else '{}'::text[] end
               || coalesce((
                    select array_agg(c) from hub.access_grant h, unnest(h.classes) c
                     where h.account = a.name and h.entity = wanted and h.ended_at is null
                       and a.role <> 'supervisor'
                       and current_date between h.valid_from and h.valid_until
                       and (h.regions = '{}'
                            or exists (select from unnest(h.regions) n where starts_with(hub.region_of(code), n)))
                       and (not h.open_case_only or hub.has_open_case(a.department, code))), '{}')
      into found
      from hub.account a where a.name = current_setting('hub.account', true) and a.ended_at is null;
    return coalesce(found, '{}');
end $$;

-- Administrators and auditors look into everything that led to a value or came of it; nobody else reads these tables.
-- What systems assert is in the views asserted.<entity> (hub/db/shown.py), persons masked.
create schema asserted;
grant usage on schema asserted to hub_reader;
grant usage, create on schema asserted to hub_shown;
grant usage on schema source to hub_shown;

create function hub.looks_into() returns boolean language sql stable
    return coalesce(nullif(current_setting('hub.shown', true), '')::jsonb->>'@' in ('administrator', 'auditor'), false);

do $$
declare
    name text;
begin
    foreach name in array array['landing', 'history', 'delivery_event', 'delivery', 'receipt', 'batch',
                                'record', 'contract_version'] loop
        execute format('alter table hub.%I enable row level security', name);
        execute format('create policy looking_into on hub.%I for select to hub_reader using ((select hub.looks_into()))',
                       name);
        execute format('grant select on hub.%I to hub_reader', name);
    end loop;
    -- The views stand on these, and decide themselves what they show.
    foreach name in array array['landing', 'batch', 'record'] loop
        execute format('create policy below_views on hub.%I for select to hub_shown using (true)', name);
    end loop;
end $$;
-- Neither salts nor keyed hashes are for readers.
revoke select on hub.landing from hub_reader;
grant select (id, flow, key, batch_id, position, version, payload, disposition) on hub.landing to hub_reader;

-- Who read a record. Through a policy no index could answer this, since `@>` is not known to keep a secret.
create function hub.readings_of(record bigint, most integer)
    returns table (account text, route text, purpose text, at timestamptz, refused boolean)
    language sql stable security definer as $$
    with reads as materialized (
        select a.id, a.account, a.route, a.purpose, a.at, a.refused from hub.access a
         where a.record_ids operator(pg_catalog.@>) array[record])
    select r.account, r.route, r.purpose, r.at, r.refused from reads r where hub.looks_into()
     order by r.id desc limit most
$$;

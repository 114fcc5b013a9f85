-- process: which process does the run, as hub/db/processes.py names it. lease_until: until when it has said that it
-- lives; a run that is still under way then is over, and so is one of before that has never said so.
alter table hub.run
    add column process text not null default '',
    add column lease_until timestamptz;
alter table hub.job
    add column process text not null default '',
    add column lease_until timestamptz;

-- Partitions of this month and the next ones, made by every migration and by upkeep; a run looks whether they are there
-- and makes those of this month and the next where they are not. `create table ... partition of` would keep everybody
-- from writing, and wait for whoever has written: a table that is made for itself and attached does neither.
create or replace function hub.ensure_partitions(ahead integer) returns integer language plpgsql as $$
declare
    made integer := 0;
    missing record;
begin
    for missing in
        select parent, to_char(month, 'YYYYMM')::bigint as first,
               to_char(month + interval '1 month', 'YYYYMM')::bigint as past
          from unnest(array['landing', 'history', 'delivery_event', 'access', 'part', 'evidence']) parent,
               generate_series(date_trunc('month', now() at time zone 'UTC'),
                               date_trunc('month', now() at time zone 'UTC') + make_interval(months => ahead),
                               interval '1 month') month
         where to_regclass(format('hub.%I', parent || '_' || to_char(month, 'YYYYMM'))) is null
         order by month, parent
    loop
        -- One at a time, and only where something is missing.
        if made = 0 then
            perform pg_advisory_xact_lock(hashtextextended('hub.ensure_partitions', 0));
        end if;
        continue when to_regclass(format('hub.%I', missing.parent || '_' || missing.first)) is not null;
        execute format('create table hub.%1$I (like hub.%2$I including all excluding indexes)',
                       missing.parent || '_' || missing.first, missing.parent);
        execute format('alter table hub.%I attach partition hub.%I for values from (%s) to (%s)', missing.parent,
                       missing.parent || '_' || missing.first, missing.first * 1000000000000,
                       missing.past * 1000000000000);
        made := made + 1;
    end loop;
    return made;
end $$;

-- A record whose list is taken apart (each:) has a head of its own, by which it is known again, and so has each part.
-- whole: the key of the record that a part stands in; pointer: where in its payload. findings: what is remarkable about
-- a record that was taken apart, and no fault.
alter table hub.head
    add column whole text,
    add column pointer text,
    add column findings jsonb,
    drop constraint head_state_check,
    add constraint head_state_check check (state in ('current', 'waiting', 'quarantined', 'deleted', 'ignored',
                                                     'exploded', 'empty')),
    -- a part stands somewhere in a whole, and is not taken apart itself
    add constraint head_part_check check ((whole is null) = (pointer is null)
                                          and (whole is null or state not in ('ignored', 'exploded', 'empty')));
create index head_by_whole on hub.head (flow, whole) where whole is not null;
create index head_with_findings on hub.head (flow) where findings is not null;

-- exploded: its parts went their own ways; empty: it has none.
alter table hub.landing
    drop constraint landing_disposition_check,
    add constraint landing_disposition_check
        check (disposition in ('applied', 'deleted', 'superseded', 'stale', 'ignored', 'quarantined', 'waiting',
                               'exploded', 'empty'));

-- Which place of a payload spoke of which record, under which source key.
create table hub.part (
    landing_id  bigint not null,
    record_id   bigint not null,
    key         text not null,
    pointer     text not null,
    primary key (landing_id, record_id, key)
) partition by range (landing_id);
alter table hub.part enable row level security;
create policy looking_into on hub.part for select to hub_reader using ((select hub.looks_into()));
grant select on hub.part to hub_reader;

alter table hub.batch
    add column exploded bigint not null default 0,
    add column empty bigint not null default 0,
    add column parts bigint not null default 0,
    add column parts_created bigint not null default 0,
    add column parts_changed bigint not null default 0,
    add column parts_unchanged bigint not null default 0,
    add column parts_deleted bigint not null default 0,
    add column parts_waiting bigint not null default 0,
    add column parts_quarantined bigint not null default 0,
    -- what was remarkable in it, by rule and place: how many times
    add column notes jsonb,
    -- Conservation: what was read is accounted for, record by record; one that was taken apart is exploded or empty.
    drop constraint conservation,
    add constraint conservation check (read = created + changed + unchanged + deleted + superseded + stale + ignored
                                            + quarantined + waiting + exploded + empty),
    -- Conservation of parts: each element of an exploded record has one outcome, and each that was listed before and is
    -- no more is deleted.
    add constraint conservation_of_parts check (parts = parts_created + parts_changed + parts_unchanged + parts_deleted
                                                      + parts_waiting + parts_quarantined);

-- Partitions of this month and the next ones; called by every migration, by upkeep and at the start of a run.
create or replace function hub.ensure_partitions(ahead integer) returns integer language plpgsql as $$
declare
    made integer := 0;
    month date;
    parent text;
    part text;
begin
    perform pg_advisory_xact_lock(hashtextextended('hub.ensure_partitions', 0));
    for month in
        select (date_trunc('month', now() at time zone 'UTC') + make_interval(months => n))::date
          from generate_series(0, ahead) n
    loop
        foreach parent in array array['landing', 'history', 'delivery_event', 'access', 'part'] loop
            part := format('%s_%s', parent, to_char(month, 'YYYYMM'));
            if to_regclass('hub.' || part) is null then
                execute format('create table hub.%I partition of hub.%I for values from (%s) to (%s)', part, parent,
                               to_char(month, 'YYYYMM')::bigint * 1000000000000,
                               to_char(month + interval '1 month', 'YYYYMM')::bigint * 1000000000000);
                made := made + 1;
            end if;
        end loop;
    end loop;
    return made;
end $$;

-- A part may be applied again (replay, remap) long after its whole has landed: months that have passed need theirs.
do $$
declare
    name text;
begin
    for name in
        select substr(c.relname, 9) from pg_inherits i join pg_class c on c.oid = i.inhrelid
         where i.inhparent = 'hub.landing'::regclass
    loop
        if to_regclass('hub.part_' || name) is null then
            execute format('create table hub.%I partition of hub.part for values from (%s) to (%s)', 'part_' || name,
                           name::bigint * 1000000000000,
                           to_char(to_date(name, 'YYYYMM') + interval '1 month', 'YYYYMM')::bigint * 1000000000000);
        end if;
    end loop;
end $$;

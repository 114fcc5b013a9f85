-- The order in which events came about. The rest of an id, its month, is read off a clock and says only in which
-- partition the row lies.
create function hub.event_order(id bigint) returns bigint language sql immutable parallel safe
    return id % 1000000000000;

-- The access log, newest first, whatever the clock said when a row was written.
create index access_in_order on hub.access (hub.event_order(id));
create or replace function hub.readings_of(record bigint, most integer)
    returns table (account text, route text, purpose text, at timestamptz, refused boolean)
    language sql stable security definer as $$
    with reads as materialized (
        select a.id, a.account, a.route, a.purpose, a.at, a.refused from hub.access a
         where a.record_ids operator(pg_catalog.@>) array[record])
    select r.account, r.route, r.purpose, r.at, r.refused from reads r where hub.looks_into()
     order by hub.event_order(r.id) desc limit most
$$;

-- A batch's own place among the events, drawn as it commits: what stood at a moment is what the batches up to the last
-- one before it had made. Batches from before this column stand in the order of their moments. One that is dated later
-- than a batch of its entity after it, or a day later than any, was dated by a clock that was ahead.
alter table hub.batch add column event_order bigint;
with dated as (
    select b.id, min(b.committed_at) over of_entity as at, min(b.committed_at) over of_all as by_then from hub.batch b
    window of_entity as (partition by split_part(b.flow, '.', 3) order by b.id
                          rows between current row and unbounded following),
           of_all as (order by b.id rows between current row and unbounded following)),
moved as (
    select id, least(case when at > by_then + interval '1 day' then by_then else at end, now()) as at from dated),
landed as (
    select batch_id, max(hub.event_order(id)) as latest from hub.landing group by batch_id),
placed as (
    select m.id, max(coalesce(l.latest, 0)) over (order by m.at, m.id) as event_order
      from moved m left join landed l on l.batch_id = m.id)
update hub.batch b set event_order = p.event_order from placed p where p.id = b.id;
alter table hub.batch
    alter column event_order set default nextval('hub.event_seq'),
    alter column event_order set not null;
create index batch_in_order on hub.batch (event_order, id);

-- What was applied after it had landed: released, replayed, or mapped anew, under which source key. What a batch applies
-- as it lands is in its landings. A batch has one contract, so this says too which one read a payload at which moment.
create table hub.applied_anew (
    landing_id  bigint not null,
    key         text not null,
    batch_id    bigint not null,
    primary key (landing_id, key, batch_id)
);
alter table hub.applied_anew enable row level security;
create policy looking_into on hub.applied_anew for select to hub_reader using ((select hub.looks_into()));
grant select on hub.applied_anew to hub_reader;

-- The batch that first made something of a part.
alter table hub.part add column batch_id bigint;
update hub.part p set batch_id = l.batch_id from hub.landing l where l.id = p.landing_id;
alter table hub.part alter column batch_id set not null;

-- Standing databases: what stands under another contract than it landed under was mapped anew, at the earliest in the
-- first batch of its flow under that contract.
do $$
declare
    name text;
begin
    for name in select table_name from information_schema.columns
                 where table_schema = 'source' and column_name = 'landing_id' loop
        execute format($q$
            with anew as (
                select s.landing_id, s.source_key, s.flow, s.contract_id, l.batch_id
                  from source.%I s join hub.landing l on l.id = s.landing_id join hub.batch b on b.id = l.batch_id
                 where s.contract_id <> b.contract_id),
            firsts as (
                select a.flow, a.contract_id, a.batch_id,
                       (select min(o.id) from hub.batch o
                         where o.flow = a.flow and o.contract_id = a.contract_id and o.id > a.batch_id) as first
                  from (select distinct flow, contract_id, batch_id from anew) a)
            insert into hub.applied_anew (landing_id, key, batch_id)
            select a.landing_id, a.source_key, f.first from anew a join firsts f using (flow, contract_id, batch_id)
             where f.first is not null
            $q$, name);
    end loop;
end $$;

-- Standing databases: a version whose provenance was overwritten by later landings names again what made it. Where that
-- was the same source key, it is the last landing of it by then. Where another source has taken over the same values,
-- the former version ends there with that origin unknown (0), and a new one begins.
create temp table later_origin (record_id bigint, version integer, id bigint, batch_id bigint, was bigint)
    on commit drop;
create function pg_temp.made_by(wanted bigint[], of bigint, at integer, otherwise boolean) returns bigint[]
    language sql stable
    return (select array_agg(case when o.id is null then p.id when o.was is not null then o.was
                                  when otherwise then p.id else 0 end order by p.place)
              from unnest(wanted) with ordinality p (id, place)
              left join pg_temp.later_origin o on o.record_id = of and o.version = at and o.id = p.id);
do $$
declare
    name text;
    columns text;
    -- The last landing of the same source key that was applied by the version's batch.
    origins text := $q$
        insert into pg_temp.later_origin
        select g.record_id, g.version, l.id, l.batch_id,
               (select k.id from hub.landing k
                 where k.flow = l.flow and k.key = l.key and k.batch_id <= g.batch_id
                   and (k.disposition = 'applied'
                        or exists (select from hub.part o where o.landing_id = k.id and o.record_id = g.record_id))
                 order by hub.event_order(k.id) desc limit 1)
          from %s g
         cross join lateral (select distinct p.id from unnest(g.provenance) p (id)) p
          join hub.landing l on l.id = p.id
         where l.batch_id > g.batch_id
        $q$;
begin
    perform set_config('timezone', 'Asia/Shanghai', true);
    execute format(origins, 'hub.history');
    update hub.history h set provenance = pg_temp.made_by(h.provenance, h.record_id, h.version, false)
      from (select distinct record_id, version from pg_temp.later_origin) o
     where o.record_id = h.record_id and o.version = h.version;
    for name in select table_name from information_schema.columns
                 where table_schema = 'golden' and column_name = 'provenance' loop
        truncate pg_temp.later_origin;
        execute format(origins, format('golden.%I', name));
        select string_agg(quote_literal(column_name), ',') into columns from information_schema.columns
         where table_schema = 'golden' and table_name = name and data_type = 'numeric';
        execute format($q$
            insert into hub.history (id, record_id, version, body, provenance, batch_id, until_batch)
            select hub.event_base(now()) + nextval('hub.event_seq'), g.record_id, g.version,
                   (select coalesce(jsonb_object_agg(e.key, case when e.key = any(array[%2$s]::text[])
                                                        then to_jsonb(e.value #>> '{}') else e.value end), '{}')
                      from jsonb_each(to_jsonb(g) - '{record_id,version,batch_id,deleted_at,incomplete,provenance}'::text[]) e
                     where e.value <> 'null')
                   || case when g.deleted_at is null then '{}'::jsonb else '{"_deleted": true}' end,
                   pg_temp.made_by(g.provenance, g.record_id, g.version, false), g.batch_id, o.batch_id
              from golden.%1$I g
              join (select record_id, max(batch_id) as batch_id from pg_temp.later_origin
                     where was is null group by record_id) o on o.record_id = g.record_id
            $q$, name, columns);
        execute format($q$
            update golden.%I g
               set provenance = pg_temp.made_by(g.provenance, g.record_id, g.version, true),
                   version = g.version + case when o.batch_id is null then 0 else 1 end,
                   batch_id = coalesce(o.batch_id, g.batch_id)
              from (select record_id, max(batch_id) filter (where was is null) as batch_id
                      from pg_temp.later_origin group by record_id) o
             where o.record_id = g.record_id
            $q$, name);
    end loop;
end $$;

-- Standing databases: where a clock that was ahead had payloads called stale that came after what stands, the last of
-- them is looked at again by the next release.
with newer as materialized (
    select distinct on (l.flow, l.key) l.flow, l.key, l.id, l.version, l.hash
      from hub.landing l join hub.head h on h.flow = l.flow and h.key = l.key
     where l.disposition = 'stale' and l.payload is not null and l.id < h.landing_id
       and hub.event_order(l.id) > hub.event_order(h.landing_id)
       and l.version = h.version
     order by l.flow, l.key, hub.event_order(l.id) desc),
again as (
    insert into hub.waiting (flow, key, landing_id, wants)
    select flow, key, id, array['*'] from newer
    on conflict (flow, key) do update set landing_id = excluded.landing_id, wants = excluded.wants)
update hub.head h set landing_id = n.id, version = n.version, hash = n.hash, state = 'waiting'
  from newer n where n.flow = h.flow and n.key = h.key;

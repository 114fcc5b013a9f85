-- Each change of a sealed table (hub/domain/evidence.py lists them), and the hub's own word for all of one transaction.
-- Triggers write it, in the transaction that makes the change; the sealer covers it.
create sequence hub.evidence_seq;
create table hub.evidence (
    id        bigint not null default hub.event_base(clock_timestamp()) + nextval('hub.evidence_seq'),
    tx        xid8 not null default pg_current_xact_id(),
    at        timestamptz not null default now(),
    relation  text not null,
    key       text not null,
    op        text not null,
    rule      smallint not null,
    salt      bytea,
    digest    bytea not null,
    seal_id   bigint,
    primary key (id),
    -- Inserted, updated, deleted, found at an upgrade; A is the hub's word for a transaction.
    constraint evidence_op check (op in ('I', 'U', 'D', 'F', 'A')),
    -- The hub's word is no hash of a row: it has no salt that could go.
    constraint evidence_attested check ((op = 'A') = (relation = '') and (op <> 'A' or salt is null))
) partition by range (id);
create index evidence_by_key on hub.evidence (relation, key);
create index evidence_unsealed on hub.evidence (tx, id) where seal_id is null;

-- What the landings of a batch say beside their payloads, eight bytes for each in their order: erasure leaves it alone.
create function hub.landed(batch bigint) returns bytea language sql stable
    return (select coalesce(string_agg(substr(sha256(convert_to(jsonb_build_array(
                       l.id, l.flow, l.key, l.position, l.version, l.disposition,
                       (extract(epoch from l.source_time) * 1000000)::bigint)::text, 'UTF8')), 1, 8), ''::bytea
                       order by l.id), ''::bytea)
              from hub.landing l where l.batch_id = batch);
alter table hub.batch add column landed bytea;

-- What a seal says of itself from its second rule on: which acts it covers, and why it stands where it does.
alter table hub.seal
    add column rule smallint not null default 1,
    add column kind text not null default 'regular',
    add column acts int8multirange not null default '{}',
    add column acts_root bytea not null default ''::bytea,
    add column says jsonb not null default '{}';
-- A seal that ends a gap says that the hub was restored to an older state.
alter table hub.seal add constraint seal_kind check (kind in ('regular', 'restored'));
alter table hub.seal add constraint seal_rule check (rule in (1, 2) and (rule = 2 or (kind = 'regular' and acts = '{}')));

-- Every table that is cut by months, whichever they are.
do $$
declare
    body text := pg_get_functiondef('hub.ensure_partitions(integer)'::regprocedure);
    newer text := replace(body, 'array[''landing'', ''history'', ''delivery_event'', ''access'', ''part'']',
                          'array[''landing'', ''history'', ''delivery_event'', ''access'', ''part'', ''evidence'']');
begin
    if newer = body then
        raise exception 'hub.ensure_partitions does not name its tables as it did';
    end if;
    execute newer;
end $$;
-- Standing months have their parts already; theirs of the evidence are made for the same ones.
do $$
declare
    name text;
begin
    for name in
        select substr(c.relname, 9) from pg_inherits i join pg_class c on c.oid = i.inhrelid
         where i.inhparent = 'hub.landing'::regclass
    loop
        execute format('create table hub.%I partition of hub.evidence for values from (%s) to (%s)', 'evidence_' || name,
                       name::bigint * 1000000000000,
                       to_char(to_date(name, 'YYYYMM') + interval '1 month', 'YYYYMM')::bigint * 1000000000000);
    end loop;
end $$;

-- What partners and people hand in: a body, written before its receipt is given. The number is the receipt.
-- content: as it came, until every flow that reads its resource has taken it; the records themselves lie in landing.
-- digest: keyed, of the content; the same body again is the same receipt for as long as its partner may repeat it.
-- later: how many such bodies are told apart by that time. source: who handed it in; origin: what is
-- known of it besides, such as an account and the name of a file.
create table hub.inbound (
    id           bigint generated always as identity primary key,
    system       text not null,
    resource     text not null,
    digest       bytea not null,
    later        bigint not null default 0,
    content      bytea,
    charset      text not null,
    records      bigint not null,
    source       text not null,
    origin       jsonb not null default '{}',
    received_at  timestamptz not null default clock_timestamp(),
    taken_at     timestamptz,
    times        bigint not null default 1,
    last_at      timestamptz not null default clock_timestamp(),
    unique (system, resource, digest, later),
    -- what `inbound_taking` refers to: as many records are taken as were counted when they came
    unique (id, records),
    constraint inbound_records check (records >= 0),
    constraint inbound_times check (times >= 1),
    -- a body is kept until it is taken, and no longer
    constraint inbound_content check ((content is null) = (taken_at is not null))
);
create index inbound_due on hub.inbound (system, resource, id) where taken_at is null;

-- That a flow has read a body: with all the records that were counted when it came, or its batch is not committed.
create table hub.inbound_taking (
    flow        text not null,
    inbound_id  bigint not null,
    records     bigint not null,
    run_id      bigint not null,
    batch_id    bigint not null,
    taken_at    timestamptz not null default clock_timestamp(),
    primary key (inbound_id, flow),
    constraint conservation foreign key (inbound_id, records) references hub.inbound (id, records)
);

-- Texts that a partner signed with once; digests only, until no signature with them is fresh any more.
create table hub.inbound_nonce (
    system  text not null,
    digest  bytea not null,
    until   timestamptz not null,
    primary key (system, digest)
);
create index inbound_nonce_until on hub.inbound_nonce (until);

-- Deliveries that lie ready until their partner fetches and acknowledges them. The body stands in hub.delivery, frozen.
create table hub.handover (
    id               bigint generated always as identity primary key,
    flow             text not null,
    key              text not null,
    record_id        bigint not null,
    ready_at         timestamptz not null default clock_timestamp(),
    handed_at        timestamptz,
    handed_to        text,
    times            bigint not null default 0,
    state            text not null default 'ready',
    acknowledged_at  timestamptz,
    acknowledged_by  text,
    code             text not null default '',
    text             text not null default '',
    unique (flow, key),
    constraint handover_state check (state in ('ready', 'handed', 'accepted', 'rejected')),
    -- what lies ready was handed to nobody, and everything else was
    constraint handover_handed check ((state = 'ready') = (handed_at is null)),
    constraint handover_by check ((handed_at is null) = (handed_to is null) and (handed_at is null) = (times = 0)),
    -- only what was handed over is acknowledged, and only with a verdict
    constraint handover_acknowledged check ((state in ('accepted', 'rejected')) = (acknowledged_at is not null)),
    constraint handover_acknowledged_by check ((acknowledged_at is null) = (acknowledged_by is null))
);
create index handover_open on hub.handover (flow, id) where state in ('ready', 'handed');

-- What a source said when it was last asked for a key. "No such thing" is an answer too, kept with its date.
create table hub.asked (
    flow     text not null,
    key      text not null,
    state    text not null,
    cause    jsonb,
    asked_at timestamptz not null default clock_timestamp(),
    times    bigint not null default 1,
    run_id   bigint not null,
    primary key (flow, key),
    constraint asked_state check (state in ('answered', 'absent', 'failed')),
    constraint asked_cause check ((state = 'failed') = (cause is not null))
);
create table hub.asked_batch (
    id           bigint generated always as identity primary key,
    run_id       bigint not null,
    batch_id     bigint not null,
    flow         text not null,
    committed_at timestamptz not null default clock_timestamp(),
    asked        bigint not null,
    answered     bigint not null default 0,
    absent       bigint not null default 0,
    failed       bigint not null default 0,
    constraint conservation check (asked = answered + absent + failed)
);
create index asked_batch_run on hub.asked_batch (run_id);
-- Questions of a day, counted before they are put; spent: the partner itself has said that there are no more today.
create table hub.asked_day (
    flow   text not null,
    day    date not null,
    asked  bigint not null default 0,
    spent  boolean not null default false,
    primary key (flow, day)
);

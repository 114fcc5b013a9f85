-- Reconciliation: what partners hold, compared with what the hub took in (pulls) and what they confirmed (pushes).

alter table hub.run drop constraint run_kind_check;
alter table hub.run add constraint run_kind_check
    check (kind in ('pull', 'push', 'receipts', 'replay', 'release', 'remap', 'reconcile'));

-- How far the comparison of a flow is. sweep: the number of the listing under way; began: the event id at its start, so
-- that what came later is not missed in it; place: where the next night goes on, null between two listings.
create table hub.reconciliation (
    flow         text primary key,
    sweep        integer not null default 0,
    began        bigint not null default 0,
    place        jsonb,
    complete_at  timestamptz
);

-- Source keys that the partner has listed. basis: the head's landing when both were found the same, null where they
-- were not; set_back: the partner shows older versions than ours only. bucket, checksum: what a partner that computes
-- checksums made of the rows of the key.
create table hub.sighting (
    flow      text not null,
    key       text not null,
    sweep     integer not null,
    basis     bigint,
    set_back  boolean not null default false,
    bucket    integer,
    checksum  bigint not null,
    rows      integer not null,
    primary key (flow, key)
);
create index sighting_by_bucket on hub.sighting (flow, bucket);

-- One row a key that differs, as it was last met. times: in how many comparisons in a row; left: a person has decided
-- that it may stay as `found` says.
create table hub.difference (
    id         bigint generated always as identity primary key,
    flow       text not null,
    key        text not null,
    class      text not null check (class in ('lag', 'lost_push', 'foreign_edit', 'mapping_fault', 'missing_here',
                                              'missing_there')),
    state      text not null check (state in ('open', 'queued', 'repaired', 'gone', 'left')),
    record_id  bigint references hub.record,
    found      jsonb not null default '{}',
    times      integer not null default 1,
    first_run  bigint not null references hub.run,
    last_run   bigint not null references hub.run,
    first_at   timestamptz not null default now(),
    last_at    timestamptz not null default now(),
    closed_at  timestamptz,
    closed_by  text,
    reason     text,
    unique (flow, key),
    check ((state in ('open', 'queued')) = (closed_at is null)),
    check (state <> 'left' or (closed_by is not null and reason is not null))
);
create index difference_open on hub.difference (flow, class) where closed_at is null;

-- Conservation of a comparison: everything that was compared is the same or differs in one way.
-- superseded: an older version of a key whose last one decides.
create table hub.comparison (
    id             bigint generated always as identity primary key,
    run_id         bigint not null references hub.run,
    flow           text not null,
    committed_at   timestamptz not null default clock_timestamp(),
    compared       bigint not null,
    same           bigint not null default 0,
    superseded     bigint not null default 0,
    lag            bigint not null default 0,
    lost_push      bigint not null default 0,
    foreign_edit   bigint not null default 0,
    mapping_fault  bigint not null default 0,
    missing_here   bigint not null default 0,
    missing_there  bigint not null default 0,
    constraint conservation check (compared = same + superseded + lag + lost_push + foreign_edit + mapping_fault
                                            + missing_here + missing_there)
);
create index comparison_by_run on hub.comparison (run_id);

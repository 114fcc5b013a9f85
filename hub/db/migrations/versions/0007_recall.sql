-- A value that was wrong, and has been handed on: open until everyone who got it knows better. value: as text, lists as
-- JSON; landing_id: where only what came from this payload is recalled.
create table hub.recall (
    id          bigint generated always as identity primary key,
    record_id   bigint not null references hub.record,
    field       text not null,
    value       text not null,
    landing_id  bigint,
    reason      text not null,
    opened_by   text not null,
    opened_at   timestamptz not null default now(),
    closed_at   timestamptz
);
create unique index recall_open on hub.recall (record_id, field, value) where closed_at is null;

-- Who got it: a target by a delivery, an account by a read. record_id: the record itself, or one that quotes or borrows
-- from it. sent: the wrong value under the target's own names; a target that holds it no more has the correction.
create table hub.recall_receiver (
    recall_id        bigint not null references hub.recall,
    kind             text not null check (kind in ('target', 'reader')),
    name             text not null,
    record_id        bigint not null,
    times            integer not null,
    first_at         timestamptz not null,
    last_at          timestamptz not null,
    sent             jsonb not null default '{}',
    acknowledged_at  timestamptz,
    acknowledged_by  text,
    note             text not null default '',
    primary key (recall_id, kind, name, record_id),
    check ((acknowledged_at is null) = (acknowledged_by is null))
);
create index recall_receiver_owed on hub.recall_receiver (name) where acknowledged_at is null;

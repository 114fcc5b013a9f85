-- What administrators work with: who sees to a problem, what is said of it, replays with progress; and the indexes by
-- which an overview answers at any size.

-- Who sees to an entry; the owner is who answers for the data.
alter table hub.quarantine add column assignee text;

-- What people say of a cause, or of one entry of it. It outlives the entry's closing.
create table hub.remark (
    id        bigint generated always as identity primary key,
    flow      text not null,
    cause     text not null,
    entry_id  bigint references hub.quarantine,
    at        timestamptz not null default now(),
    said_by   text not null check (said_by <> ''),
    said      text not null check (said <> '')
);
create index remark_by_cause on hub.remark (flow, cause, id);

-- A replay that a person has started, and how far it is. While it runs, whoever does it holds a lock of its number:
-- a job that is running and whose lock is free died with its process. asked: the selection.
create table hub.job (
    id          bigint generated always as identity primary key,
    asked       jsonb not null,
    asked_by    text not null,
    state       text not null default 'running' check (state in ('running', 'complete', 'failed', 'aborted')),
    total       bigint not null,
    done        bigint not null default 0,
    marked      bigint not null default 0,
    runs        bigint[] not null default '{}',
    cause       jsonb,
    started_at  timestamptz not null default clock_timestamp(),
    ended_at    timestamptz,
    check ((state = 'running') = (ended_at is null)),
    check (state <> 'failed' or cause is not null)
);

-- The last run of a kind, and the runs that did not end well, without a walk through all the others.
create index run_by_kind on hub.run (flow, kind, id desc);
create index run_unwell on hub.run (id) where state <> 'complete';
-- What was moved in the last hours.
create index batch_by_time on hub.batch (committed_at);
create index delivery_batch_by_time on hub.delivery_batch (committed_at);
-- What a run handed over, and which entries it closed.
create index delivery_event_by_run on hub.delivery_event (run_id, id);
create index quarantine_by_closing on hub.quarantine (closed_run) where closed_run is not null;

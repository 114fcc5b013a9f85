-- Each verification: who asked for it, when, what it looked at and what it found. A verification that ended nobody knows
-- how stays running: its process died.
create table hub.verification (
    id          bigint generated always as identity primary key,
    started_at  timestamptz not null default clock_timestamp(),
    ended_at    timestamptz,
    by          text not null,
    state       text not null default 'running',
    made        text[] not null default '{}',
    skipped     text[] not null default '{}',
    unfinished  text[] not null default '{}',
    checked     jsonb not null default '{}',
    by_table    jsonb not null default '{}',
    wrong       bigint not null default 0,
    findings    jsonb not null default '[]',
    -- it runs, has looked at all that was asked for, or was broken off
    constraint verification_state check (state in ('running', 'complete', 'failed')),
    -- what has ended says when
    constraint verification_ended check ((state = 'running') = (ended_at is null))
);

-- A flow that somebody sets back: where to, and who. Its cursor is otherwise that of its last batch.
create table hub.rewind (
    id      bigint generated always as identity primary key,
    flow    text not null,
    cursor  jsonb not null,
    by      text not null,
    at      timestamptz not null default clock_timestamp()
);
-- Standing databases: a cursor that is not that of the flow's last batch was set back before this was written down.
insert into hub.rewind (flow, cursor, by)
select f.name, f.cursor, 'migration' from hub.flow f where f.name like 'pull.%';
create index rewind_by_flow on hub.rewind (flow, id desc);

-- What each migration left behind, object by object: tables, columns, constraints, indexes, triggers, policies,
-- functions and views with their definitions. last_event: the newest event by then. drift: what had changed since the
-- one before, by nobody's migration.
create table hub.structure (
    id          bigint generated always as identity primary key,
    made_at     timestamptz not null default clock_timestamp(),
    last_event  bigint not null,
    objects     jsonb not null,
    drift       jsonb not null default '[]'
);

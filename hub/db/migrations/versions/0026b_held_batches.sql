-- A batch whose source has changed its shape is held: its payloads are kept, nothing of them is applied, the cursor
-- stays before it, and a person decides. What its flow's source fields have looked like is learnt from what is taken in.

-- A held record is accounted for like every other.
alter table hub.batch add column held bigint not null default 0;
alter table hub.batch drop constraint conservation;
alter table hub.batch add constraint conservation
    check (read = created + changed + unchanged + deleted + superseded + stale + ignored + quarantined + waiting
                  + exploded + empty + held);

alter table hub.landing drop constraint landing_disposition_check;
alter table hub.landing add constraint landing_disposition_check
    check (disposition in ('applied', 'deleted', 'superseded', 'stale', 'ignored', 'quarantined', 'waiting',
                           'exploded', 'empty', 'held'));

-- A run that held something has ended, and is neither complete nor failed.
alter table hub.run drop constraint run_state_check;
alter table hub.run add constraint run_state_check
    check (state in ('running', 'complete', 'held', 'failed', 'aborted'));
-- It says why, as a failed one does.
alter table hub.run add constraint run_held_says_why check (state <> 'held' or cause is not null);
alter table hub.run drop constraint run_kind_check;
alter table hub.run add constraint run_kind_check
    check (kind in ('pull', 'push', 'receipts', 'replay', 'release', 'remap', 'reconcile', 'erase', 'decide', 'accept',
                    'drop'));

-- Records read in the sweep under way, and in the last complete one: an empty sweep after a large one is no news but
-- a fault of the source.
alter table hub.flow
    add column sweep_read bigint not null default 0,
    add column last_sweep bigint not null default 0;
update hub.flow f set last_sweep = s.read
  from (select r.flow, sum(b.read) as read
          from (select flow, max(id) as id from hub.run where kind = 'pull' and state = 'complete' group by flow) r
          join hub.batch b on b.run_id = r.id group by r.flow) s
 where s.flow = f.name and f.last_complete_at is not null;

-- Batches that were held, in the order of their ids. cursor_before, cursor_after: where the flow stood, and where it
-- stands once the batch is decided. whole: the sweep began at the beginning; last: the batch ended it. parts: the files
-- that it came from. findings: what has changed at the source, with values and counts.
create table hub.held_batch (
    batch_id       bigint primary key references hub.batch,
    run_id         bigint not null references hub.run,
    flow           text not null,
    cursor_before  jsonb not null,
    cursor_after   jsonb not null,
    whole          boolean not null,
    last           boolean not null,
    parts          text[] not null default '{}',
    findings       jsonb not null,
    held_at        timestamptz not null default clock_timestamp(),
    state          text not null default 'waiting' check (state in ('waiting', 'accepted', 'dropped', 'overtaken')),
    decided_at     timestamptz,
    decided_run    bigint references hub.run,
    decided_by     text,
    reason         text,
    decision       bigint,
    -- what is no longer waiting says since when, and by which run
    check ((state = 'waiting') = (decided_at is null)),
    check ((state = 'waiting') = (decided_run is null)),
    -- a person's decision names the person, the reason and the landing that records it in the ledger
    check (state not in ('accepted', 'dropped') or (decided_by <> '' and reason <> '' and decision is not null))
);
create index held_batch_waiting on hub.held_batch (flow, batch_id) where state = 'waiting';
create index held_batch_by_run on hub.held_batch (run_id);

-- What was seen of a source field, from the records that were looked at. records: looked at since it was first met;
-- present, filled: in how many of them; missing: how many in a row have lacked it until now; types: kinds of values;
-- codes: distinct values of a field that is mapped by a code list.
create table hub.shape (
    flow      text not null,
    path      text not null,
    records   bigint not null check (records >= 0),
    present   bigint not null,
    filled    bigint not null,
    missing   bigint not null default 0,
    types     text[] not null default '{}',
    codes     text[] not null default '{}',
    first_at  timestamptz not null default now(),
    last_at   timestamptz not null default now(),
    primary key (flow, path),
    -- what is filled is there, and nothing is there oftener than it was looked at
    check (filled <= present and present <= records)
);

-- Changes of a source's shape that were met: held with a batch, or only told.
create table hub.shape_change (
    id        bigint generated always as identity primary key,
    flow      text not null,
    kind      text not null,
    place     text not null,
    done      text not null check (done in ('hold', 'tell')),
    facts     jsonb not null,
    run_id    bigint not null references hub.run,
    batch_id  bigint not null references hub.batch,
    met_at    timestamptz not null default clock_timestamp()
);
create index shape_change_by_flow on hub.shape_change (flow, id desc);
create index shape_change_told on hub.shape_change (met_at) where done = 'tell';

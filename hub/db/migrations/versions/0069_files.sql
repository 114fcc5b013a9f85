-- Files that records name: what is wanted, what is held outside the database by its content, and each fetch's balance.
-- one kind more is allowed; none that was is not
-- squawk-ignore ban-drop-constraint
alter table hub.run drop constraint run_kind_check;
-- a row a run, some hundred thousand at most: checked in well under a second
-- squawk-ignore constraint-missing-not-valid
alter table hub.run add constraint run_kind_check check (kind in ('pull', 'push', 'receipts', 'replay', 'release', 'remap',
    'reconcile', 'erase', 'decide', 'accept', 'drop', 'write_back', 'fetch'));

-- Held once per content, in the folder of HUB_FILES. gone_at: nothing names it any more; its bytes are taken away next.
create table hub.file (
    sha256         text primary key,
    bytes          bigint not null,
    type           text not null,
    class          text not null,
    first_landing  bigint not null,
    held_at        timestamptz not null default clock_timestamp(),
    gone_at        timestamptz,
    constraint file_sha256 check (sha256 ~ '^[0-9a-f]{64}$'),
    -- nothing is held under a name alone
    constraint file_bytes check (bytes > 0),
    constraint file_class check (class in ('public', 'internal', 'personal'))
);
create index file_gone on hub.file (gone_at) where gone_at is not null;

-- A file that a source's record names. told: the digest that the source gives. sha256: of what was found.
create table hub.file_want (
    flow        text not null,
    source_key  text not null,
    field       text not null,
    value       text not null,
    record_id   bigint not null,
    landing_id  bigint not null,
    told        text,
    keep        boolean not null,
    state       text not null default 'pending',
    sha256      text,
    attempts    bigint not null default 0,
    fault       jsonb,
    next_at     timestamptz,
    settled_at  timestamptz,
    primary key (flow, source_key, field, value),
    constraint file_want_state check (state in ('pending', 'held', 'passed_on', 'failed')),
    -- held and passed on are what was seen whole, and of these only what may be kept is held
    constraint file_want_found check ((state in ('held', 'passed_on')) = (sha256 is not null)),
    constraint file_want_kept check (state <> 'held' or keep),
    constraint file_want_passed check (state <> 'passed_on' or not keep),
    constraint file_want_failed check ((state = 'failed') = (fault is not null))
);
create index file_want_record on hub.file_want (record_id);
create index file_want_sha256 on hub.file_want (sha256) where sha256 is not null;
create index file_want_due on hub.file_want (flow, source_key, field, value) where keep and state in ('pending', 'failed');

-- One fetch: what its records name, counted from the records themselves, and how each of these stands.
create table hub.fetch_batch (
    id            bigint generated always as identity primary key,
    run_id        bigint not null references hub.run,
    flow          text not null,
    committed_at  timestamptz not null default clock_timestamp(),
    wanted        bigint not null,
    held          bigint not null,
    passed_on     bigint not null,
    failed        bigint not null,
    pending       bigint not null,
    constraint conservation check (wanted = held + passed_on + failed + pending)
);
create index fetch_batch_run on hub.fetch_batch (run_id);
create index fetch_batch_flow on hub.fetch_batch (flow, id desc);

-- one kind more is allowed; none that was is not
-- squawk-ignore ban-drop-constraint
alter table hub.run drop constraint run_kind_check;
-- a row a run, some hundred thousand at most: checked in well under a second
-- squawk-ignore constraint-missing-not-valid
alter table hub.run add constraint run_kind_check check (kind in ('pull', 'push', 'receipts', 'replay', 'release',
    'remap', 'reconcile', 'erase', 'decide', 'accept', 'drop', 'write_back'));
-- What a row of a source was last to learn, and whether it has. about: the quarantine entry behind it, 0 without.
-- told: the partner's value that stands in the row since then, null while none of ours does.
create table hub.write_back (
    flow        text not null,
    key         text not null,
    landing_id  bigint not null,
    outcome     text not null,
    about       bigint not null default 0,
    reason      text not null default '',
    state       text not null,
    told        jsonb,
    text        text not null default '',
    attempts    bigint not null default 1,
    run_id      bigint not null,
    at          timestamptz not null default clock_timestamp(),
    primary key (flow, key),
    constraint write_back_outcome check (outcome in ('taken', 'waiting', 'refused', 'later_refused')),
    constraint write_back_state check (state in ('written', 'overtaken', 'failed')),
    constraint write_back_reason check (length(reason) <= 200)
);
create table hub.write_back_batch (
    id           bigint generated always as identity primary key,
    run_id       bigint not null,
    flow         text not null,
    committed_at timestamptz not null default clock_timestamp(),
    due          bigint not null,
    written      bigint not null default 0,
    overtaken    bigint not null default 0,
    failed       bigint not null default 0,
    constraint conservation check (due = written + overtaken + failed)
);
create index write_back_batch_run on hub.write_back_batch (run_id);

-- A person's decision about a field is a run of its own.
alter table hub.run drop constraint run_kind_check;
alter table hub.run add constraint run_kind_check
    check (kind in ('pull', 'push', 'receipts', 'replay', 'release', 'remap', 'reconcile', 'erase', 'decide'));

-- Somebody says that a value is wrong. system: whose value it is, and whose unit is to answer until due_at. open ->
-- refused, or accepted (the source is to correct it until correct_by) -> corrected once the source says something else;
-- withdrawn by who opened it. value and proposed: as text, lists as JSON.
create table hub.dispute (
    id           bigint generated always as identity primary key,
    record_id    bigint not null references hub.record,
    field        text not null,
    value        text not null,
    proposed     text not null default '',
    reason       text not null check (reason <> ''),
    opened_by    text not null,
    department   text not null default '',
    system       text not null,
    state        text not null default 'open'
                 check (state in ('open', 'accepted', 'refused', 'corrected', 'withdrawn')),
    opened_at    timestamptz not null,
    due_at       timestamptz,
    answered_at  timestamptz,
    answered_by  text,
    answer       text not null default '',
    correct_by   timestamptz,
    closed_at    timestamptz,
    recall_id    bigint references hub.recall,
    -- who refuses says why
    check (state <> 'refused' or answer <> ''),
    check ((answered_at is null) = (answered_by is null)),
    check (state not in ('accepted', 'refused') or answered_at is not null),
    check ((state in ('open', 'accepted')) = (closed_at is null))
);
create unique index dispute_open on hub.dispute (record_id, field, value) where closed_at is null;

-- Erasures: what was blanked, on whose word and why. The leaves of erased payloads stay in their batches' roots.
alter table hub.run drop constraint run_kind_check;
alter table hub.run add constraint run_kind_check
    check (kind in ('pull', 'push', 'receipts', 'replay', 'release', 'remap', 'reconcile', 'erase'));

create table hub.erasure (
    id           bigint generated always as identity primary key,
    run_id       bigint not null references hub.run,
    record_id    bigint,
    landing_ids  bigint[] not null,
    reason       text not null check (reason <> ''),
    erased_by    text not null check (erased_by <> ''),
    erased_at    timestamptz not null default now()
);

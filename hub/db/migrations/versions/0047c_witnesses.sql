-- What stands outside of this database and has which checkpoint: `file`, `syslog`, `tsa`, or a push flow whose partner was
-- handed one. token: the newest RFC 3161 time stamp. failed_at, fault: since it was sent last.
-- differs: at which seals it holds another end of the chain than the ledger has.
create table hub.witness (
    name       text primary key,
    seal_id    bigint not null default 0,
    chain      bytea,
    at         timestamptz,
    token      bytea,
    failed_at  timestamptz,
    fault      jsonb,
    differs    bigint[] not null default '{}',
    since      timestamptz not null default clock_timestamp(),
    -- a failure says what it was
    constraint witness_failed check ((failed_at is null) = (fault is null)),
    -- what was handed over is a seal and its end of the chain
    constraint witness_handed check ((seal_id = 0) = (chain is null))
);

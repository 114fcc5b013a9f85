-- Each file that a flow has read, in the version that it read last: a name that is not here is read whatever its place
-- in the order of names, and one whose stamp or digest is another is read again as a correction.
-- stamp: what the source's listing shows of the version, '' where that says too little; digest: of its content, ''
-- where the file was read before this table was: what the flow's cursor says was read is noted when it is listed next.
create table hub.source_file (
    flow         text not null,
    name         text not null,
    stamp        text not null,
    digest       text not null,
    state        text not null,
    contract_id  bigint references hub.contract_version,
    run_id       bigint references hub.run,
    batch_id     bigint references hub.batch deferrable initially deferred, -- a batch is written after its files
    first_at     timestamptz not null default clock_timestamp(),
    read_at      timestamptz not null default clock_timestamp(),
    primary key (flow, name),
    -- its records were read, it held none, it was set aside, its records are held, or were dropped by a person
    constraint source_file_state check (state in ('read', 'empty', 'unreadable', 'held', 'dropped')),
    -- what is held says in which batch, so that whoever decides that batch decides the file
    constraint source_file_held check (state <> 'held' or batch_id is not null)
);
create index source_file_held on hub.source_file (batch_id) where state = 'held';

-- The fixed tables of the hub. Typed tables (schemas source and golden) are made from schemas/ by hub/db/typed.py.
--
-- Ids of event rows carry their month: id = yyyymm * 10^12 + sequence. So `partition by range (id)` is by month, the
-- primary key is one column, and a link to an event row finds its partition by itself.

create schema hub;
create schema source;
create schema golden;

create sequence hub.event_seq;

create function hub.event_base(at timestamptz) returns bigint language sql immutable as $$
    select to_char(at at time zone 'UTC', 'YYYYMM')::bigint * 1000000000000
$$;

-- Every rule that ever made a value, as it was: mapping, schema and code lists of a flow, by content.
create table hub.contract_version (
    id          integer generated always as identity primary key,
    hash        text not null unique,
    flow        text not null,
    body        text not null,
    first_used  timestamptz not null default now()
);

-- Positions in golden.<entity>.provenance; append-only, so that old rows keep their meaning.
create table hub.entity_field (
    entity   text not null,
    name     text not null,
    ordinal  integer not null,
    primary key (entity, name),
    unique (entity, ordinal)
);

-- The header that everything points to; a record that comes back keeps its id.
create table hub.record (
    id      bigint generated always as identity primary key,
    entity  text not null,
    key     text not null,
    unique (entity, key)
);

-- cursor = {watermark, resume, high}; fence rises with every run, so that a run that was overtaken cannot write;
-- contract: under which a push flow last compared all its records.
create table hub.flow (
    name              text primary key,
    cursor            jsonb not null default '{}',
    fence             bigint not null default 0,
    contract          text,
    last_complete_at  timestamptz
);

create table hub.run (
    id          bigint generated always as identity primary key,
    flow        text not null,
    kind        text not null check (kind in ('pull', 'push', 'receipts', 'replay', 'release')),
    state       text not null default 'running'
                check (state in ('running', 'complete', 'failed', 'aborted')),
    fence       bigint not null default 0,
    started_at  timestamptz not null default clock_timestamp(),
    ended_at    timestamptz,
    cause       jsonb,
    airflow     jsonb,
    -- a run that has ended says when, and a failed one says why
    check ((state = 'running') = (ended_at is null)),
    check (state <> 'failed' or cause is not null)
);
create index run_by_flow on hub.run (flow, id desc);
create index run_by_airflow on hub.run ((airflow->>'run_id'));
create index run_open on hub.run (flow) where state = 'running';

-- Conservation: what was read is accounted for, record by record, or the batch cannot commit.
create table hub.batch (
    id            bigint generated always as identity primary key,
    run_id        bigint not null references hub.run,
    flow          text not null,
    contract_id   integer not null references hub.contract_version,
    committed_at  timestamptz not null default clock_timestamp(),
    read          bigint not null,
    created       bigint not null,
    changed       bigint not null,
    unchanged     bigint not null,
    deleted       bigint not null,
    superseded    bigint not null,
    stale         bigint not null,
    ignored       bigint not null,
    quarantined   bigint not null,
    waiting       bigint not null,
    cursor_after  jsonb,
    leaves        bigint not null,
    merkle_root   bytea not null,
    seal_id       bigint,
    constraint conservation check (read = created + changed + unchanged + deleted + superseded + stale + ignored
                                        + quarantined + waiting)
);
create index batch_by_run on hub.batch (run_id);
create index batch_unsealed on hub.batch (id) where seal_id is null;

-- What arrived, as it arrived, immutable but for erasure (payload and salt blanked, the leaf stays in the root).
create table hub.landing (
    id           bigint not null,
    flow         text not null,
    key          text not null,
    batch_id     bigint not null,
    position     text not null,
    version      text not null,
    hash         bytea not null,
    salt         bytea,
    payload      bytea,
    disposition  text not null
                 check (disposition in ('applied', 'deleted', 'superseded', 'stale', 'ignored', 'quarantined', 'waiting')),
    primary key (id)
) partition by range (id);
create index landing_by_key on hub.landing (flow, key, id);
create index landing_by_batch on hub.landing (batch_id);

-- The last landed payload of each source key: what "unchanged" is measured against.
create table hub.head (
    flow         text not null,
    key          text not null,
    landing_id   bigint not null,
    version      text not null,
    hash         bytea not null,
    contract_id  integer not null,
    state        text not null check (state in ('current', 'waiting', 'quarantined', 'deleted', 'ignored')),
    primary key (flow, key)
);
create index head_by_hash on hub.head (flow, hash);

-- Problem data, kept whole with every fault until somebody resolves, discards or overtakes it.
create table hub.quarantine (
    id           bigint generated always as identity primary key,
    flow         text not null,
    key          text not null,
    stage        text not null check (stage in ('intake', 'delivery')),
    landing_id   bigint,
    record_id    bigint references hub.record,
    cause        text not null,
    faults       jsonb not null,
    owner        text not null default '',
    state        text not null default 'open' check (state in ('open', 'resolved', 'discarded', 'overtaken')),
    opened_run   bigint not null references hub.run,
    opened_at    timestamptz not null default now(),
    closed_run   bigint references hub.run,
    closed_at    timestamptz,
    closed_by    text,
    reason       text,
    check ((state = 'open') = (closed_at is null)),
    check (state <> 'discarded' or (reason is not null and closed_by is not null)),
    check ((stage = 'intake') = (landing_id is not null)),
    check ((stage = 'delivery') = (record_id is not null))
);
create unique index quarantine_open on hub.quarantine (flow, key) where state = 'open';
create index quarantine_by_cause on hub.quarantine (flow, cause) where state = 'open';
create index quarantine_by_run on hub.quarantine (opened_run);

-- Valid records that cannot be joined yet: released when a token that they want appears in the crosswalk.
create table hub.waiting (
    flow        text not null,
    key         text not null,
    landing_id  bigint not null,
    wants       text[] not null,
    since       timestamptz not null default now(),
    primary key (flow, key)
);
create index waiting_in_order on hub.waiting (flow, landing_id);

-- Numbers that name a project: project.project_code:..., approval_document.number:...
create table hub.crosswalk (
    token         text not null,
    record_id     bigint not null references hub.record,
    project_code  text not null,
    primary key (token, record_id)
);
create index crosswalk_by_record on hub.crosswalk (record_id);

-- Superseded golden versions, for as-of reads and the history of a record.
create table hub.history (
    id           bigint not null,
    record_id    bigint not null,
    version      integer not null,
    body         jsonb not null,
    provenance   bigint[] not null,
    batch_id     bigint not null,
    until_batch  bigint not null,
    primary key (id)
) partition by range (id);
create index history_by_record on hub.history (record_id, version);

-- Systems with a say that say different things; kept, closed when they agree again.
create table hub.disagreement (
    record_id  bigint not null references hub.record,
    field      text not null,
    claims     jsonb not null,
    since      timestamptz not null default now(),
    closed_at  timestamptz,
    primary key (record_id, field)
);
create index disagreement_open on hub.disagreement (record_id) where closed_at is null;

-- One dirty mark per (target flow, record), and the one delivery of it that may be under way. serial counts the bodies
-- frozen so far, so that no two deliveries share a key; confirmed_* is what we last gave and the target took; held_body
-- is what the target is known to hold, given by us or asserted by itself.
create table hub.delivery (
    flow            text not null,
    record_id       bigint not null references hub.record,
    dirty           boolean not null default true,
    state           text not null default 'due'
                    check (state in ('due', 'sending', 'awaiting_receipt', 'confirmed', 'unchanged', 'superseded',
                                     'withheld', 'blocked', 'retrying', 'rejected', 'dead')),
    due             timestamptz not null default now(),
    attempt         integer not null default 0,
    serial          integer not null default 0,
    key             text,
    action          text check (action in ('upsert', 'withdraw')),
    body            jsonb,
    golden_version  integer,
    held_until      timestamptz,
    confirmed_key   text,
    confirmed_body  jsonb,
    confirmed_at    timestamptz,
    held_body       jsonb,
    reference       text,
    note            jsonb,
    primary key (flow, record_id),
    -- what is under way has a frozen body and a key
    check (state not in ('sending', 'awaiting_receipt', 'retrying') or (key is not null and body is not null))
);
create index delivery_due on hub.delivery (flow, record_id)
    where dirty or state in ('due', 'sending', 'retrying', 'blocked', 'awaiting_receipt');
create unique index delivery_by_key on hub.delivery (flow, key) where key is not null;
create index delivery_of_record on hub.delivery (record_id);

-- Every attempt and verdict, for lineage: who was given which version of what, when, and what they answered.
create table hub.delivery_event (
    id              bigint not null,
    run_id          bigint not null,
    flow            text not null,
    record_id       bigint not null,
    key             text not null,
    action          text not null,
    golden_version  integer not null,
    state           text not null,
    body            jsonb,
    code            text not null default '',
    text            text not null default '',
    reference       text not null default '',
    at              timestamptz not null default clock_timestamp(),
    primary key (id)
) partition by range (id);
create index delivery_event_by_record on hub.delivery_event (record_id, id);

-- Conservation of a push: every mark that was due has one outcome.
create table hub.delivery_batch (
    id                bigint generated always as identity primary key,
    run_id            bigint not null references hub.run,
    flow              text not null,
    committed_at      timestamptz not null default clock_timestamp(),
    due               bigint not null,
    confirmed         bigint not null default 0,
    awaiting_receipt  bigint not null default 0,
    unchanged         bigint not null default 0,
    superseded        bigint not null default 0,
    withheld          bigint not null default 0,
    blocked           bigint not null default 0,
    retrying          bigint not null default 0,
    rejected          bigint not null default 0,
    dead              bigint not null default 0,
    constraint conservation check (due = confirmed + awaiting_receipt + unchanged + superseded + withheld + blocked
                                       + retrying + rejected + dead)
);
create index delivery_batch_by_run on hub.delivery_batch (run_id);

-- Verdicts by key, whatever state the delivery is in: either may come first.
create table hub.receipt (
    flow         text not null,
    key          text not null,
    state        text not null check (state in ('accepted', 'rejected')),
    code         text not null default '',
    text         text not null default '',
    reference    text not null default '',
    received_at  timestamptz not null default clock_timestamp(),
    primary key (flow, key)
);

-- The chain: each seal covers the batches committed since the last one, and names the seal before it.
create table hub.seal (
    id         bigint generated always as identity primary key,
    previous   bytea not null,
    batches    bigint[] not null,
    root       bytea not null,
    chain      bytea not null unique,
    sealed_at  timestamptz not null,
    signature  bytea,
    signed_by  text
);

create table hub.account (
    name        text primary key,
    role        text not null check (role in ('administrator', 'department', 'auditor', 'service')),
    department  text not null default '',
    token_hash  bytea not null unique,
    created_at  timestamptz not null default now(),
    ended_at    timestamptz
);

-- Deny by default: without a row here a department reads nothing.
create table hub.access_grant (
    id           bigint generated always as identity primary key,
    account      text not null references hub.account,
    entity       text not null,
    classes      text[] not null,
    purpose      text not null,
    valid_from   date not null,
    valid_until  date not null,
    ended_at     timestamptz,
    check (valid_from <= valid_until)
);
create index access_grant_by_account on hub.access_grant (account, entity);

-- Who read, or was refused, what; committed before the answer leaves.
create table hub.access (
    id            bigint not null,
    at            timestamptz not null default clock_timestamp(),
    account       text not null,
    route         text not null,
    purpose       text not null default '',
    project_code  text,
    record_ids    bigint[] not null default '{}',
    refused       boolean not null default false,
    primary key (id)
) partition by range (id);
create index access_by_account on hub.access (account, id);
create index access_by_record on hub.access using gin (record_ids);

-- After every run, one row: counts and grouped causes, as they were reported.
create table hub.report (
    run_id    bigint primary key references hub.run,
    counts    jsonb not null,
    causes    jsonb not null,
    balanced  boolean not null,
    made_at   timestamptz not null default clock_timestamp()
);

-- One alert a cause, open while it holds. times: how often it is met now; last_at: when it was last met; told_at: when
-- people were last told. Whoever is telling it holds it until held_until.
create table hub.alert (
    cause       text primary key,
    code        text not null,
    facts       jsonb not null,
    times       bigint not null,
    first_at    timestamptz not null default now(),
    last_at     timestamptz not null,
    told_at     timestamptz,
    held_until  timestamptz,
    closed_at   timestamptz
);

-- Partitions of this month and the next ones; called by every migration, by upkeep and at the start of a run.
create function hub.ensure_partitions(ahead integer) returns integer language plpgsql as $$
declare
    made integer := 0;
    month date;
    parent text;
    part text;
begin
    perform pg_advisory_xact_lock(hashtextextended('hub.ensure_partitions', 0));
    for month in
        select (date_trunc('month', now() at time zone 'UTC') + make_interval(months => n))::date
          from generate_series(0, ahead) n
    loop
        foreach parent in array array['landing', 'history', 'delivery_event', 'access'] loop
            part := format('%s_%s', parent, to_char(month, 'YYYYMM'));
            if to_regclass('hub.' || part) is null then
                execute format('create table hub.%I partition of hub.%I for values from (%s) to (%s)', part, parent,
                               to_char(month, 'YYYYMM')::bigint * 1000000000000,
                               to_char(month + interval '1 month', 'YYYYMM')::bigint * 1000000000000);
                made := made + 1;
            end if;
        end loop;
    end loop;
    return made;
end $$;

select hub.ensure_partitions(2);

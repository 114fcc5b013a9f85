-- By which rules and calendar the facts stand, and up to when: one row. rules: the hash of `said` and the calendar; null
-- before any were given. until: the moment for which the last refresh was made. batch_high: the newest batch before it.
create table fact.state (
    one         boolean primary key default true check (one),
    rules       text,
    said        jsonb,
    calendar    text references hub.calendar,
    until       timestamptz,
    batch_high  bigint not null default 0
);
insert into fact.state default values;

-- Projects of which golden records have changed since their facts were computed. Written in the transaction of the
-- change (triggers that hub/db/facts.py makes), so neither a crash nor a writer that nobody thought of is missed.
-- No key: a row that is being worked off must not swallow the one of a change that commits meanwhile.
create table fact.touched (
    project_code  text not null,
    at            timestamptz not null default clock_timestamp()
);
create index touched_by_project on fact.touched (project_code);

-- What a trigger calls once a statement, with the rows as they were and as they are.
create function fact.touch_new() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
    insert into fact.touched (project_code) select distinct n.project_code from new_rows n where n.project_code is not null;
    return null;
end $$;
create function fact.touch_old() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
    insert into fact.touched (project_code) select distinct o.project_code from old_rows o where o.project_code is not null;
    return null;
end $$;
create function fact.touch_both() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
    insert into fact.touched (project_code)
    select o.project_code from old_rows o where o.project_code is not null
    union select n.project_code from new_rows n where n.project_code is not null;
    return null;
end $$;

-- Every step of an item with its place on the worked axis.
create table fact.step (
    record_id     bigint primary key,
    project_code  text not null,
    item_number   text not null,
    status        text not null,
    at            timestamptz not null,
    w             bigint not null,
    w_next        bigint not null,
    batch_id      bigint not null
);
create index step_by_project on fact.step (project_code);

-- One clock: of a project, of one of its stages or items, or of a connection to a utility. Nothing in a row depends on
-- when it is read: a clock that runs has no end in `ran`, and holds the moments at which its light turns.
-- of: the stage's ordinal, the standard item, the utility. units: the names and codes of who handles it.
-- began, ended_at: the first acceptance, and the end; end_basis: by what it is over (null: it goes on).
-- ran: the time of the departments on the axis; applicant: that of the applicant; span: from beginning to end.
-- counted_from: from where a limit of whole days counts, the first day left out. stands: begun, not over, not running.
-- *_days: null while they grow. light: of a clock that does not run; null while it runs (then the moments say it).
create table fact.clock (
    scope            text not null check (scope in ('project', 'stage', 'item', 'connection')),
    record_id        bigint not null,
    project_code     text not null,
    region           text not null,
    number           text,
    stage_number     text,
    of               text not null,
    units            text[] not null,
    received_at      timestamptz,
    began            timestamptz,
    ended_at         timestamptz,
    end_basis        text,
    end_kind         text,
    ran              int8multirange not null,
    applicant        int8multirange not null,
    span             int8multirange not null,
    counted_from     bigint,
    pauses           tstzmultirange not null,
    supplements      integer not null,
    specials         integer not null,
    stands           boolean not null,
    turn             text,
    without_at       timestamptz,
    limit_days       numeric,
    limit_ref        text,
    others           text[] not null,
    used_days        numeric,
    exact_days       numeric,
    span_days        numeric,
    applicant_days   numeric,
    light            text,
    due_at           timestamptz,
    yellow_at        timestamptz,
    red_at           timestamptz,
    grave_at         timestamptz,
    batch_id         bigint not null,
    primary key (scope, record_id),
    -- Nobody is said to have finished what no source, result or rule says is over.
    check (end_basis in ('source', 'milestone', 'idle', 'ended_without', 'void')),
    check (ended_at is null or end_basis is not null),
    -- 待申报 is no end, and a clock that is over does not stand.
    check (end_basis is distinct from 'idle' or (ended_at is null and stands)),
    check (not stands or end_basis is null or end_basis = 'idle'),
    check (turn in ('unit', 'applicant', 'procedure')),
    check (light in ('none', 'green', 'yellow', 'red')),
    -- A clock that is void or waits for the applicant has no light; one without a limit has none either.
    check (end_basis is null or end_basis not in ('idle', 'void') or light = 'none'),
    check (limit_days is not null or (yellow_at is null and red_at is null and grave_at is null))
) partition by list (scope);
create table fact.project partition of fact.clock for values in ('project');
create table fact.stage partition of fact.clock for values in ('stage');
create table fact.item partition of fact.clock for values in ('item');
create table fact.connection partition of fact.clock for values in ('connection');
create index clock_by_project on fact.clock (project_code);
create index clock_by_red on fact.clock (red_at) where red_at is not null;
create index clock_by_without on fact.clock (without_at) where without_at is not null;

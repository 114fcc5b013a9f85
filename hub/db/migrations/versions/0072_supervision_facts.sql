-- Facts that supervision judges by: whose clock it is as a unit of mappings/units.yaml, clocks of consultations and
-- joint acceptances, and what is told of an item, a case or a document beside its clock.
alter table fact.clock add column unit text;
-- Both constraints are widened at once, and every row that stands keeps to the wider ones; facts are few enough to be read.
-- squawk-ignore ban-drop-constraint
alter table fact.clock drop constraint clock_scope_check;
-- squawk-ignore constraint-missing-not-valid
alter table fact.clock add constraint clock_scope_check
    check (scope in ('project', 'stage', 'item', 'connection', 'case'));
create table fact.case_clock partition of fact.clock for values in ('case');
-- squawk-ignore ban-drop-constraint
alter table fact.clock drop constraint clock_end_basis_check;
-- squawk-ignore constraint-missing-not-valid
alter table fact.clock add constraint clock_end_basis_check
    check (end_basis in ('source', 'required', 'milestone', 'idle', 'ended_without', 'void'));

-- Beside the clock of an item. Like the clock nothing in a row depends on when it is read: what goes on has no end.
-- answer: from the day after receipt to the first answer (accepted, not taken, supplement asked for).
-- preparation: from receipt to acceptance, without the applicant's time; none where receipt and acceptance are one moment.
-- paused: when its clock stood; limited: the pause that is longest against its own limit, pause_days.
-- law: the time that counts by law (only lawful procedures stop it), counted from law_from; law_at: when that is used up.
-- minutes: worked minutes from acceptance to end, exact within one working day; null where both are days without an hour.
create table fact.item_detail (
    record_id        bigint primary key,
    project_code     text not null,
    stage_ordinal    text,
    item_code        text,
    flow_kind        text,
    channel          text,
    handling_kind    text,
    commitment       boolean,
    end_word         text,
    received_at      timestamptz,
    answered_at      timestamptz,
    answer           int8multirange not null,
    preparation      int8multirange,
    supplements      bigint not null,
    supplement_at    timestamptz,
    pauses           bigint not null,
    pause_at         timestamptz,
    paused           int8multirange not null,
    pause_days       numeric,
    limited          int8multirange not null,
    promised_days    numeric,
    statutory_days   numeric,
    law              int8multirange not null,
    law_from         bigint,
    law_at           timestamptz,
    minutes          numeric,
    entered_at       timestamptz,
    entry_lag_days   numeric,
    event_at         timestamptz
);
create index item_detail_by_project on fact.item_detail (project_code);

create table fact.case_detail (
    record_id        bigint primary key,
    project_code     text not null,
    entity           text not null,
    item_number      text,
    round            bigint,
    outcome          text,
    flow_kind        text
);
create index case_detail_by_project on fact.case_detail (project_code);

-- before_days: working days from the day of issue to the day on which its item was accepted, where that is later.
create table fact.document (
    record_id        bigint primary key,
    project_code     text not null,
    region           text not null,
    kind             text,
    unit             text,
    flow_kind        text,
    void             boolean not null,
    issued_on        date,
    certificate      boolean not null,
    item_number      text,
    item_known       boolean,
    accepted_at      timestamptz,
    finished_at      timestamptz,
    before_days      numeric,
    certified_within_days numeric
);
create index document_by_project on fact.document (project_code);

-- Worked seconds before a position of the axis: halves may have different lengths, positions do not tell.
create function fact.worked_seconds(version text, w bigint) returns numeric language sql stable as $$
    select (c.closes_1 - c.opens_1) * (f.whole + h.mornings) + (c.closes_2 - c.opens_2) * (f.whole + h.afternoons)
           + case when d.half is distinct from 1 then least(r.rest, 43200) * (c.closes_1 - c.opens_1) / 43200.0 else 0 end
           + case when d.half = 1 then r.rest else greatest(r.rest - 43200, 0) end * (c.closes_2 - c.opens_2) / 43200.0
      from hub.calendar c
     cross join lateral (select d.* from hub.workday d where d.calendar = c.version and d.before <= w
                          order by d.before desc, d.n desc limit 1) d
     cross join lateral (select count(*) filter (where x.half = 0) as mornings, count(*) filter (where x.half = 1) as afternoons
                           from hub.workday x where x.calendar = c.version and x.half is not null and x.n < d.n) h
     cross join lateral (select (d.before / 43200 - h.mornings - h.afternoons) / 2 as whole) f
     cross join lateral (select w - d.before as rest) r
     where c.version = worked_seconds.version
$$;
-- Some ten thousand days of a calendar or two: it is made in a moment.
-- squawk-ignore require-concurrent-index-creation
create index workday_halves on hub.workday (calendar, n) where half is not null;

-- A change in the library of flows can end any stage by another rule.
create function fact.touch_all() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
    insert into fact.touched (project_code) select distinct s.project_code from fact.stage s;
    return null;
end $$;

-- What indicators (mappings/indicators) found, as at the moment of fact.judgement. subject: the record that is judged
-- ('123') or the group of records; with the indicator it stays the same through every rebuild, so that what people say
-- of a hit finds it again. period: the first day of the month into which `at` falls. A hit that is no longer so keeps
-- its row with cleared_at: it was told, and what was told does not vanish.
create table fact.hit (
    id            bigint generated always as identity primary key,
    indicator     text not null,
    version       text not null,
    subject       text not null,
    kind          text not null,
    record_id     bigint,
    project_code  text not null,
    level         text not null check (level in ('notice', 'yellow', 'red', 'grave')),
    value         numeric,
    bound         numeric not null,
    at            timestamptz,
    period        date not null,
    unit          text,
    county        text not null,
    code          text not null,
    flow_kind     text not null,
    responsible   text not null,
    evidence      jsonb not null,
    from_batch    bigint not null,
    found_at      timestamptz not null,
    to_batch      bigint,
    cleared_at    timestamptz,
    constraint hit_cleared check ((to_batch is null) = (cleared_at is null))
);
create unique index hit_stands on fact.hit (indicator, subject) where cleared_at is null;
create index hit_by_project on fact.hit (project_code) where cleared_at is null;
create index hit_by_unit on fact.hit (unit, period) where cleared_at is null;
create index hit_by_period on fact.hit (period, indicator) where cleared_at is null;

-- Counts by what they are of. tells: judged, counted, level, bin (tenths of a working day), not_judged, excluded;
-- detail: the level, the bin, the reason or the exclusion. total: the sum of values (judged) or of levels' values.
create table fact.cell (
    indicator     text not null,
    period        date not null,
    unit          text not null,
    county        text not null,
    code          text not null,
    flow_kind     text not null,
    tells         text not null check (tells in ('judged', 'counted', 'level', 'bin', 'not_judged', 'excluded')),
    detail        text not null,
    n             bigint not null,
    total         numeric not null,
    primary key (indicator, period, unit, county, code, flow_kind, tells, detail)
);

-- By which indicators hits and cells stand, and as at which moment: one row.
create table fact.judgement (
    one           boolean primary key default true check (one),
    rules         text,
    said          jsonb,
    at            timestamptz,
    batch_high    bigint not null default 0
);
insert into fact.judgement default values;

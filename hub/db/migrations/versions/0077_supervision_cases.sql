-- 督办件: what the reform office asks of one unit, by when, about clocks (`item:12`) or hits (`hit:item_overdue:12`). It
-- never changes; what is done in it is an act, never changed either: opened, extended, answered, sent back, accepted,
-- taken up to 督办 from 提醒. names: every name of the unit.
create table hub.supervision_case (
    id             bigint generated always as identity primary key,
    number         text not null unique,
    department     text not null check (department <> ''),
    names          text[] not null check (names <> '{}'),
    region         text not null check (region <> ''),
    project_codes  text[] not null,
    about          text[] not null check (about <> '{}'),
    ask            text not null check (ask <> ''),
    opened_at      timestamptz not null
);
create index supervision_case_about on hub.supervision_case using gin (about);
create table hub.supervision_act (
    id          bigint generated always as identity primary key,
    case_id     bigint not null references hub.supervision_case,
    kind        text not null check (kind in ('opened', 'raised', 'extended', 'answered', 'sent_back', 'accepted')),
    step        text not null check (step in ('reminder', 'supervision')),
    by_account  text not null,
    at          timestamptz not null,
    text        text not null check (text <> ''),
    -- until when the unit has to answer; an answer and its acceptance leave it
    due_at      timestamptz not null
);
create index supervision_act_by_case on hub.supervision_act (case_id, id);
-- A case is opened once, ends once, and may be extended once and raised once.
create unique index supervision_act_once on hub.supervision_act (case_id, kind)
    where kind in ('opened', 'raised', 'extended', 'accepted');

-- A unit sees its own cases, an office those of its regions, and nobody else any.
alter table hub.supervision_case enable row level security;
create policy shown on hub.supervision_case for select to hub_reader
    using ((select hub.reading_unit()) = any(names)
           or exists (select from unnest((select hub.supervised_regions())) n where starts_with(region, n)));
grant select on hub.supervision_case to hub_reader;
alter table hub.supervision_act enable row level security;
create policy shown on hub.supervision_act for select to hub_reader
    using (exists (select from hub.supervision_case c where c.id = case_id));
grant select on hub.supervision_act to hub_reader;

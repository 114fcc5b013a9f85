-- What people say and decide of a hit: acts that never change. A hit stands as its last act says, so that what was told,
-- explained, disputed or confirmed survives every rebuild of fact.hit. names: every name of the unit that is told.
-- seen: the hit as it stood at the act (version, level, value, bound, evidence).
create table hub.hit_act (
    id            bigint generated always as identity primary key,
    indicator     text not null,
    subject       text not null,
    kind          text not null check (kind in ('told', 'explained', 'disputed', 'confirmed', 'accepted', 'revoked')),
    unit          text not null check (unit <> ''),
    names         text[] not null check (names <> '{}'),
    region        text not null,
    project_code  text not null,
    by_account    text not null,
    at            timestamptz not null,
    reason        text not null default '',
    text          text not null check (text <> ''),
    -- until when the unit may answer, before the hit may be confirmed without an answer
    due_at        timestamptz not null,
    dispute_id    bigint references hub.dispute,
    seen          jsonb not null,
    constraint hit_act_reason check ((kind = 'explained') = (reason <> '')),
    constraint hit_act_dispute check ((kind = 'disputed') = (dispute_id is not null))
);
create index hit_act_by_hit on hub.hit_act (indicator, subject, id);
create index hit_act_by_dispute on hub.hit_act (dispute_id) where dispute_id is not null;
-- Some thousand hits at most.
-- squawk-ignore require-concurrent-index-creation
create index hit_by_subject on fact.hit (indicator, subject, id);

-- The acts that belong to one hit, and not to another of the same record before it ended or after it came again. After a
-- rebuild from nothing the first hit found takes what was said before.
create function fact.hit_acts(h fact.hit) returns setof hub.hit_act language sql stable as $$
    select a.* from hub.hit_act a
     where a.indicator = (h).indicator and a.subject = (h).subject and a.unit = (h).unit
       and (a.at >= (h).found_at
            or not exists (select from fact.hit p where p.indicator = (h).indicator and p.subject = (h).subject
                              and p.id < (h).id))
       and not exists (select from fact.hit n where n.indicator = (h).indicator and n.subject = (h).subject
                          and n.id > (h).id and n.found_at <= a.at)
$$;

-- Whether this hit was told to a unit of this name.
create function fact.hit_told(h fact.hit, unit text) returns boolean language sql stable security definer cost 10000 as $$
    select exists (select from fact.hit_acts(h) a where hit_told.unit = any(a.names))
$$;

-- The beginnings of region codes that the reader of this transaction supervises; '' where he looks into everything.
create function hub.supervised_regions() returns text[] language plpgsql stable security definer as $$
begin
    return case when hub.looks_into() then '{""}'::text[]
                else coalesce((select a.regions from hub.account a
                                where a.name = current_setting('hub.account', true) and a.ended_at is null
                                  and a.role = 'supervisor'), '{}') end;
end $$;

-- A unit sees what it was told, an office what is in its regions, and nobody else sees anything.
alter table hub.hit_act enable row level security;
create policy shown on hub.hit_act for select to hub_reader
    using ((select hub.reading_unit()) = any(names)
           or exists (select from unnest((select hub.supervised_regions())) n where starts_with(region, n)));
grant select on hub.hit_act to hub_reader;
grant usage on schema fact to hub_reader;
alter table fact.hit enable row level security;
create policy shown on fact.hit for select to hub_reader
    using (exists (select from unnest((select hub.supervised_regions())) n where starts_with(county, n))
           or ((indicator, subject) in (select a.indicator, a.subject from hub.hit_act a)
               and fact.hit_told(hit, (select hub.reading_unit()))));
grant select on fact.hit to hub_reader;

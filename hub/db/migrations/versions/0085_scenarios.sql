-- Scenarios of projects (mappings/scenarios/), computed from golden records for every reader the same. reached: the
-- moment of each step, null while it is missing; ended: the last of them, once there are all; due: from then on it is late.
create table fact.scenario (
    scenario text not null,
    project_code text not null,
    region text not null,
    began timestamptz not null,
    reached timestamptz[] not null,
    due timestamptz,
    ended timestamptz,
    primary key (scenario, project_code),
    check ((ended is null) = (array_position(reached, null) is not null)));
create index scenario_by_project on fact.scenario (project_code);

create function fact.scenario_state(due timestamptz, ended timestamptz, at timestamptz) returns text language sql immutable
    return case when ended is not null then case when ended >= due then 'late' else 'complete' end
                when at >= due then 'overdue' else 'running' end;

create view fact.scenario_now as
    select scenario, project_code, region, began, reached, due, ended, fact.scenario_state(due, ended, now()) as state
      from fact.scenario;

-- Public to whoever may see the clock of the project.
grant select on fact.scenario to hub_shown;
grant execute on function fact.scenario_state(timestamptz, timestamptz, timestamptz) to hub_shown;
alter table fact.scenario enable row level security;
create policy shown on fact.scenario for select to hub_shown using (
    fact.shown('project',
               coalesce((select nullif(coalesce(j.shown->>'clock', j.shown->>'*'), '')::text[]
                           from (select hub.identity() as shown) j),
                        hub.shown_in('clock', project_code)),
               '{}', null));
create view shown.scenario with (security_barrier) as
    select scenario, project_code, region, began, reached, due, ended, fact.scenario_state(due, ended, now()) as state
      from fact.scenario;
alter view shown.scenario owner to hub_shown;
grant select on shown.scenario to hub_reader;

-- What keeps work from beginning although no run of a flow could say so: DAG files that Airflow cannot read, tasks of
-- no flow that fail. A row stands as long as the obstacle does. kind: 'dag' (place: the file) or 'task' (place: dag.task).
create table hub.obstacle (
    kind        text not null,
    place       text not null,
    code        text not null,
    facts       jsonb not null,
    times       bigint not null default 1,
    first_at    timestamptz not null default clock_timestamp(),
    last_at     timestamptz not null default clock_timestamp(),
    primary key (kind, place)
);
-- Who clears what is over does so by its kind.
alter table hub.obstacle add constraint obstacle_kind check (kind in ('dag', 'task'));
-- It is met at least once, and last when or after it is first.
alter table hub.obstacle add constraint obstacle_met check (times > 0 and last_at >= first_at);

-- Records that come without a project code: what the crosswalk knows, what the scorer and people say about the rest.

create extension if not exists pg_trgm;

-- depth: 0, a record that carries the code itself; one more for each record that it was borrowed through. Record 0 is a
-- decision about one source record (hub.link).
alter table hub.crosswalk add column depth smallint not null default 0;

-- When the scorer last looked for the project of a record that waits.
alter table hub.waiting add column looked_at timestamptz;

-- What was said about one source record and one project: it belongs there (linked), a person is to decide (proposed), it
-- does not (refused). Rows are ended, never changed or deleted; by is "hub" where the scorer spoke.
create table hub.link (
    id            bigint generated always as identity primary key,
    flow          text not null,
    key           text not null,
    project_code  text not null,
    verdict       text not null check (verdict in ('linked', 'proposed', 'refused')),
    score         double precision,
    evidence      jsonb not null default '[]',
    by            text not null,
    reason        text not null,
    at            timestamptz not null default now(),
    ended_at      timestamptz,
    ended_by      text,
    ended_reason  text,
    check ((ended_at is null) = (ended_by is null))
);
-- One live word about a record and a project, and one project a record is linked to.
create unique index link_live on hub.link (flow, key, project_code) where ended_at is null;
create unique index link_one on hub.link (flow, key) where verdict = 'linked' and ended_at is null;

-- Projects as the scorer sees them, kept up from golden.project by batch. words and place: name and address in letters of
-- their own, because pg_trgm leaves Chinese out wherever the database's locale does not know it.
create table hub.link_subject (
    record_id     bigint primary key,
    project_code  text not null,
    words         text not null,
    place         text not null,
    owner         text not null,
    uscc          text not null,
    region        text not null,
    said          jsonb not null,
    changed_at    timestamptz not null default clock_timestamp()
);
create index link_subject_words on hub.link_subject using gin (words gin_trgm_ops);
create index link_subject_owner on hub.link_subject (owner) where owner <> '';
create index link_subject_uscc on hub.link_subject (uscc) where uscc <> '';
create index link_subject_changed on hub.link_subject (changed_at);

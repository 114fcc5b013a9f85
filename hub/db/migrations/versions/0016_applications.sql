-- Applications for access: what a unit asks to read, for what, on what legal basis and how long. state: that of the
-- last step. renews: the application whose grants it is to follow.
create table hub.application (
    id              bigint generated always as identity primary key,
    account         text not null references hub.account,
    entities        text[] not null check (cardinality(entities) > 0),
    classes         text[] not null check (cardinality(classes) > 0),
    regions         text[] not null default '{}',
    open_case_only  boolean not null default false,
    purpose         text not null check (purpose <> ''),
    basis           text not null check (basis <> ''),
    valid_from      date not null,
    valid_until     date not null,
    renews          bigint references hub.application,
    state           text not null default 'open' check (state in ('open', 'granted', 'refused', 'withdrawn')),
    check (valid_from <= valid_until)
);
create index application_open on hub.application (id) where state = 'open';
create index application_by_account on hub.application (account, id);

-- Every step of an application, with who and when; who refuses says why.
create table hub.application_step (
    id              bigint generated always as identity primary key,
    application_id  bigint not null references hub.application,
    state           text not null check (state in ('open', 'granted', 'refused', 'withdrawn')),
    by_account      text not null check (by_account <> ''),
    reason          text not null default '',
    at              timestamptz not null default now(),
    unique (application_id, state),
    check (state <> 'refused' or reason <> '')
);

-- The application that a grant comes from; none where an administrator gave it unasked.
alter table hub.access_grant add column application_id bigint references hub.application;
create index access_grant_by_application on hub.access_grant (application_id) where application_id is not null;

-- A form as somebody handed it in after it was prefilled: where each answer came from, never the answer itself.
-- fields: field -> origin (hub, outdated, typed, differs, empty); materials: paper -> origin (hub, asked).
create table hub.submission (
    id            bigint generated always as identity primary key,
    form          text not null,
    project_code  text not null,
    account       text not null references hub.account,
    department    text not null,
    at            timestamptz not null default clock_timestamp(),
    fields        jsonb not null,
    materials     jsonb not null
);
create index submission_by_account on hub.submission (account, id);
create index submission_by_department on hub.submission (department, id);

-- The once-only meter: sums of the above, kept with every submission, so that no page has to count.
create table hub.once_only (
    month             date not null check (extract(day from month) = 1),
    department        text not null,
    form              text not null,
    submissions       bigint not null,
    fields_hub        bigint not null,
    fields_outdated   bigint not null,
    fields_typed      bigint not null,
    fields_differing  bigint not null,
    fields_empty      bigint not null,
    materials_hub     bigint not null,
    materials_asked   bigint not null,
    primary key (month, department, form)
);

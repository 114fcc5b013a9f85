-- What an account read on a day (of Beijing), summed up from the access log so that nobody need scan that to judge it.
-- uncased: projects on which its unit had no open case. off_hours: reads outside the hours that the settings name.
-- refused_row: the longest row of refusals without a read in between. '' is whoever was not signed in.
create table hub.access_day (
    account      text not null,
    day          date not null,
    reads        bigint not null,
    records      bigint not null,
    projects     bigint not null,
    uncased      bigint not null,
    off_hours    bigint not null,
    refused      bigint not null,
    refused_row  bigint not null,
    primary key (account, day)
);
create index access_day_by_day on hub.access_day (day);

-- Reading that stands out, and why; kept, whatever the settings say later.
create table hub.unusual (
    id        bigint generated always as identity primary key,
    account   text not null,
    day       date not null,
    code      text not null,
    facts     jsonb not null,
    noted_at  timestamptz not null default now(),
    unique (account, day, code)
);

create index run_exceptions on hub.run (id desc) where state in ('failed', 'aborted');
create index report_unbalanced on hub.report (run_id) where not balanced;
create index erasure_by_time on hub.erasure (erased_at);

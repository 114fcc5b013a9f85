-- Who may sign in at the console has a password; programs have their token only.
alter table hub.account add column password_hash text;

-- One row a sign-in. The cookie's value is kept as its hash only.
create table hub.session (
    token_hash  bytea primary key,
    account     text not null references hub.account,
    opened_at   timestamptz not null default now(),
    seen_at     timestamptz not null default now(),
    ended_at    timestamptz
);
create index session_by_account on hub.session (account) where ended_at is null;

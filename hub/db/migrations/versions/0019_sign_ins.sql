-- Attempts to sign in: failed ones under a name since the last that went well, whether such an account exists or not,
-- and all from an address within a minute. A row counts until its moment has passed.
create table hub.sign_in_count (
    kind      text not null check (kind in ('account', 'address')),
    name      text not null,
    times     integer not null,
    until_at  timestamptz not null,
    primary key (kind, name)
);

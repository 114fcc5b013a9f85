-- When a password was set, whether somebody else made it (then it is changed at the first sign-in), and until when a
-- token lets in. Passwords that stand count as set today and as their owner's; tokens that stand get a year.
alter table hub.account
    add column password_at timestamptz,
    add column password_given boolean not null default false,
    add column token_at timestamptz not null default now(),
    add column token_until timestamptz;
update hub.account set password_at = now() where password_hash is not null;
update hub.account set token_until = now() + interval '365 days' where ended_at is null;
-- Former passwords, so that none of the last few comes back.
create table hub.password_past (
    id             bigint generated always as identity primary key,
    account        text not null references hub.account,
    password_hash  text not null,
    at             timestamptz not null default now()
);
create index password_past_by_account on hub.password_past (account, id);
-- Wrong passwords by account, by address, and by both; `known`: from where an account has signed in well.
alter table hub.sign_in_count drop constraint sign_in_count_kind_check;
alter table hub.sign_in_count
    add constraint sign_in_count_kind check (kind in ('account', 'address', 'pair', 'known')),
    add column next_at timestamptz not null default now();
insert into hub.password_past (account, password_hash)
select name, password_hash from hub.account where password_hash is not null and ended_at is null;

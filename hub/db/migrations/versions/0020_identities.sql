-- Whether an account's people sign in here or at the identity provider; there as whom (issuer and subject, once they
-- have come); and whether role and unit follow their groups there.
alter table hub.account
    add column sign_in_by text not null default 'password' check (sign_in_by in ('password', 'oidc')),
    add column oidc_subject text unique,
    add column by_groups boolean not null default false,
    -- who signs in elsewhere has no password here
    add check (sign_in_by = 'password' or password_hash is null),
    add check (sign_in_by = 'oidc' or oidc_subject is null);

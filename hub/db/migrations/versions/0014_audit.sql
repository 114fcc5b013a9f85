-- What auditors ask: proofs that need nothing of ours, signatures by the national algorithm, and what was known or
-- allowed at a past moment.

-- How a batch is sealed. 1: its leaves stand for the keyed hash of a payload, which nobody outside can make again.
-- 2: they stand for the payload itself, and the seal for the contract too, so that a proof shows both.
alter table hub.batch add column leaf_rule smallint not null default 1 check (leaf_rule in (1, 2));

-- The same end of the chain, signed with SM2 where a key for it is configured.
alter table hub.seal add column sm2_signature bytea;
alter table hub.seal add column sm2_by text;
create index seal_signed on hub.seal (id) where signature is not null;

-- When a grant was given: a term that begins earlier does not make it known earlier.
alter table hub.access_grant add column granted_at timestamptz not null default now();
update hub.access_grant set granted_at = least(granted_at, valid_from::timestamptz);

-- Records that belonged to a project once.
create index history_by_project on hub.history ((body->>'project_code'));

-- Who looked at a project, and when anybody looked at all.
create index access_by_project on hub.access (project_code, id) where project_code is not null;
create index access_by_time on hub.access using brin (at);

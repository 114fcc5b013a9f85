-- Which database this is. xid: the transaction that wrote the row; rows that were loaded from a dump are of another.
-- server: cluster, timeline and database, noted when something is first sent. secret: a name of the secret that keys
-- are made with.
create table hub.incarnation (
    -- there is one row
    one     boolean primary key default true check (one),
    server  text,
    xid     text not null default '',
    secret  text
);
insert into hub.incarnation default values;
update hub.incarnation set xid = xmin::text;

-- Each time that the database was found to be restored, or a person said so. seal_id: the end of the ledger that came
-- back with it; landing_id: where the ledger says so itself. nothing_lost: the database was moved, and is as it was.
create table hub.restoration (
    id            bigint generated always as identity primary key,
    at            timestamptz not null default clock_timestamp(),
    how           text not null,
    by            text not null,
    reason        text not null,
    seal_id       bigint,
    landing_id    bigint not null,
    nothing_lost  boolean not null default false,
    -- said by a person, or seen by the hub itself
    constraint restoration_how check (how in ('said', 'seen'))
);

-- Target flows whose sources have been read anew since a restoration: what is marked for them from then on is news.
create table hub.recovered (
    flow            text not null,
    restoration_id  bigint not null references hub.restoration,
    at              timestamptz not null default clock_timestamp(),
    primary key (flow, restoration_id)
);

-- Whether a target flow has yet to hear, since the last restoration, from all that feeds it.
create function hub.recovers(asked text) returns boolean language sql stable as $$
    select coalesce((select not r.nothing_lost
                            and not exists (select from hub.recovered v
                                             where v.flow = asked and v.restoration_id = r.id)
                       from hub.restoration r order by r.id desc limit 1), false)
$$;

-- uncertain: the target may hold something later than this row knows. word: what a person has decided about what would
-- go out, and of which version of the record.
alter table hub.delivery
    add column uncertain boolean not null default false,
    add column word text,
    add column word_version integer,
    -- a person says: send it, or: take it as sent
    add constraint delivery_word check (word in ('send', 'sent')),
    -- only what is uncertain needs a word, and a word is of one version
    add constraint delivery_word_of check (word is null or (uncertain and word_version is not null));
create index delivery_uncertain on hub.delivery (flow, record_id) where uncertain;

-- What a target holds of ours and no delivery is known of: taken back because a person wants it. found_key: under which
-- it stands there; key and body stay as they are until the outcome is definite.
create table hub.surplus_withdrawal (
    id          bigint generated always as identity primary key,
    flow        text not null,
    found_key   text not null,
    key         text not null,
    body        jsonb not null,
    state       text not null default 'due',
    attempt     integer not null default 0,
    code        text not null default '',
    text        text not null default '',
    by          text not null,
    reason      text not null,
    landing_id  bigint not null,
    decided_at  timestamptz not null default clock_timestamp(),
    ended_at    timestamptz,
    unique (flow, key),
    constraint surplus_state check (state in ('due', 'confirmed', 'rejected')),
    -- what has ended says when
    constraint surplus_ended check ((state = 'due') = (ended_at is null))
);
create index surplus_due on hub.surplus_withdrawal (flow) where state = 'due';

-- A target may hold what the hub has no delivery for.
alter table hub.difference drop constraint difference_class_check;
alter table hub.difference add constraint difference_class_check
    check (class in ('lag', 'lost_push', 'foreign_edit', 'mapping_fault', 'missing_here', 'missing_there',
                     'surplus_there'));
alter table hub.comparison add column surplus_there bigint not null default 0;
alter table hub.comparison drop constraint conservation;
-- Everything that was compared is the same or differs in one way.
alter table hub.comparison add constraint conservation
    check (compared = same + superseded + lag + lost_push + foreign_edit + mapping_fault + missing_here
                      + missing_there + surplus_there);

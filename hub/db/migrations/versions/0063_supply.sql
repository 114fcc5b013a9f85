-- A workbook taken, a record entered by form, or one withdrawn: who did it, for which unit, of which file. The cells
-- lie in hub.inbound until they are taken in, and then in hub.landing.
create table hub.supply (
    id          bigint generated always as identity primary key,
    flow        text not null,
    kind        text not null,
    account     text not null,
    department  text not null,
    at          timestamptz not null default clock_timestamp(),
    file        text not null default '',
    digest      bytea,
    rows        bigint not null,
    key         text,
    reason      text,
    inbound_id  bigint not null references hub.inbound,
    constraint supply_kind check (kind in ('workbook', 'entry', 'withdrawal')),
    constraint supply_rows check (rows >= 1),
    -- only a workbook has a file, and every one has
    constraint supply_file check ((kind = 'workbook') = (digest is not null)),
    -- nothing is withdrawn without a reason
    constraint supply_reason check (kind <> 'withdrawal' or (key is not null and reason <> ''))
);
-- One file is taken once, by whomever.
create unique index supply_file_once on hub.supply (flow, digest) where kind = 'workbook';
create index supply_flow on hub.supply (flow, id);
create index supply_inbound on hub.supply (inbound_id);

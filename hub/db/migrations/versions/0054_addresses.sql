-- From which address it was asked; empty where nobody asked over the network, and for what was read before this column.
alter table hub.access add column address text not null default '';

-- sharing_kind: how the data asked for are shared, none until it has been worked out; due_at: until when the answer is
-- due, none where no term held; extended_to: that of its one extension. supply_due_at, supplied_at: until when what was
-- granted is to be supplied, and the first read or delivery that succeeded. Standing rows get theirs by `hub migrate`.
alter table hub.application add column sharing_kind text;
alter table hub.application add column due_at timestamptz;
alter table hub.application add column extended_to timestamptz;
alter table hub.application add column supply_due_at timestamptz;
alter table hub.application add column supplied_at timestamptz;
-- The law knows these two kinds of data that may be applied for.
alter table hub.application add constraint application_sharing_kind
    check (sharing_kind in ('unconditional', 'conditional'));
-- An extension puts off a date that there is.
alter table hub.application add constraint application_extended check (extended_to is null or extended_to > due_at);
-- Only what was granted is supplied.
alter table hub.application add constraint application_supply
    check (state = 'granted' or (supply_due_at is null and supplied_at is null));

-- An extension is a step of its own; that steps are unique by state makes it the only one.
alter table hub.application_step drop constraint application_step_state_check;
alter table hub.application_step add constraint application_step_state_check
    check (state in ('open', 'extended', 'granted', 'refused', 'withdrawn'));
-- Who extends says why.
alter table hub.application_step add constraint application_step_extended
    check (state <> 'extended' or reason <> '');

-- How much of what a target holds its comparison can see: everything that stands there under keys of ours (all), only
-- what is asked for by keys that are known here (known), or nothing. Null: a source, or a target not compared yet.
alter table hub.reconciliation
    add column sees text;

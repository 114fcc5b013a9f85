-- Whether the records of an item speak against each other, so that something of it must be missing here: the end of a
-- pause without its beginning, a pause that goes on when it was passed, a status of its own later than all its steps, a
-- result while it still runs, handling or a passing end of what was never accepted.
alter table fact.item_detail add column contradicted boolean;
-- Rows of facts are few enough to be read, and nearly none of them is in the index.
-- squawk-ignore require-concurrent-index-creation
create index item_detail_contradicted on fact.item_detail (project_code) where contradicted;
insert into fact.touched (project_code) select distinct project_code from fact.clock;

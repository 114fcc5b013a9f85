-- Supplements and special procedures are counted otherwise: every project that has clocks is due.
insert into fact.touched (project_code) select distinct project_code from fact.clock;

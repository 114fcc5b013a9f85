-- The whole name in letters of its own (as words): any part of it finds the project.
alter table hub.link_subject add column sought text not null default '';
create index link_subject_sought on hub.link_subject using gin (sought gin_trgm_ops);
create index link_subject_code on hub.link_subject (project_code text_pattern_ops);

-- Every project is looked at once more, so that its name is written down.
update hub.flow set cursor = '{}' where name = 'linking';

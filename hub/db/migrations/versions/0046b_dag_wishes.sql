-- Which of Airflow's DAGs people want paused. Airflow's own database says so too, and may be lost: from here they come
-- back as they were. version: the first version of the DAG that Airflow's database of then knew, by which another or a
-- new database is told from the one that people have switched in since.
create table hub.dag_wish (
    dag      text primary key,
    paused   boolean not null,
    version  text not null,
    noted_at timestamptz not null default now()
);

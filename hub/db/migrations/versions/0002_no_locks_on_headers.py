"""Rows that come by the million hold no foreign key to their header, and landings are found by
batch through BRIN.

A foreign key looks its header up and locks it, row by row: a tenth of the cost of intake.
`hub verify` checks these links instead, as it does those of the event tables. The landings of a
batch lie together, which is what BRIN is for.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

STEPS = """
    do $$
    declare
        held record;
    begin
        for held in
            select conrelid::regclass as holder, conname from pg_constraint
             where confrelid = 'hub.record'::regclass and contype = 'f'
               and (conrelid in ('hub.delivery'::regclass, 'hub.crosswalk'::regclass)
                    or conrelid in (select oid from pg_class
                        where relnamespace = 'golden'::regnamespace))
        loop
            execute format('alter table %s drop constraint %I', held.holder, held.conname);
        end loop;
    end $$;
    drop index hub.landing_by_batch;
    create index landing_by_batch on hub.landing using brin (batch_id) with (pages_per_range = 16);
"""


def upgrade() -> None:
    """Only drops and an index: the rows stay as they are."""
    op.get_bind().exec_driver_sql(STEPS.replace("%", "%%"))

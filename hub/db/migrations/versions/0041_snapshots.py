"""A held batch may end a snapshot, whose missing records are withdrawn when it is accepted."""

from alembic import op

revision = "0041"
down_revision = "0032"


def upgrade() -> None:
    """Note of each held batch the snapshot that it ends; those that stand end none."""
    op.execute("alter table hub.held_batch add column snapshot text not null default ''")

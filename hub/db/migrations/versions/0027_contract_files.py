"""The contract files as they last were sound: what stands for a file that is broken, until it is
mended.
"""

from alembic import op

revision = "0027"
down_revision = "0025c"

STEPS = (
    # One row a file, by its path below the hub's folder; written when contracts are read and the
    # file is sound.
    """
    create table hub.contract_file (
        path text primary key check (path <> ''),
        body text not null,
        kept_at timestamptz not null default now())
    """,
)


def upgrade() -> None:
    """A new table; the rows of others stay as they are."""
    for step in STEPS:
        op.execute(step)

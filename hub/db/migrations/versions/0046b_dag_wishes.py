"""Which DAGs people want paused is kept, so that they come back as they were after Airflow's
database is lost.
"""

from pathlib import Path

from alembic import op

revision = "0046b"
down_revision = "0047c"
OLDER_MAY_WRITE = True


def upgrade() -> None:
    """Make the list; the first look at Airflow fills it."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

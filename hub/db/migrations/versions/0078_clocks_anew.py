"""Clocks are computed anew: the statements count pauses otherwise; the SQL beside this file."""

from pathlib import Path

from alembic import op

revision = "0078"
down_revision = "0073"
OLDER_MAY_WRITE = True


def upgrade() -> None:
    """Run the SQL file."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

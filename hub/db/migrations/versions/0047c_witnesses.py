"""Checkpoints that have left the machine; the SQL beside this file says how."""

from pathlib import Path

from alembic import op

revision = "0047c"
down_revision = "0044"


def upgrade() -> None:
    """Run the SQL file."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

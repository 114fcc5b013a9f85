"""Runs and jobs say that they live; partitions are made without keeping anybody from writing."""

from pathlib import Path

from alembic import op

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    """Add the leases of runs and jobs, and make partitions by attaching them."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

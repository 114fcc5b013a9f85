"""Passwords have an age and a past, tokens an end, and wrong passwords slow down; the SQL beside
this file says how.
"""

from pathlib import Path

from alembic import op

revision = "0045"
down_revision = "0046b"


def upgrade() -> None:
    """Run the SQL file."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

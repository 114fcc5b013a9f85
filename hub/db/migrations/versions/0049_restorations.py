"""A database that was restored says so, and asks its targets what they hold; the SQL beside this
file says how.
"""

from pathlib import Path

from alembic import op

revision = "0049"
down_revision = "0035"


def upgrade() -> None:
    """Run the SQL file."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

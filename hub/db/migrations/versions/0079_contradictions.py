"""Items whose records contradict each other; the SQL beside this file."""

from pathlib import Path

from alembic import op

revision = "0079"
down_revision = "0078"
OLDER_MAY_WRITE = True


def upgrade() -> None:
    """Run the SQL file."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

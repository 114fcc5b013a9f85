"""Cases of supervision (督办件) and what is done in them; the SQL beside this file says how."""

from pathlib import Path

from alembic import op

revision = "0077"
down_revision = "0079"
OLDER_MAY_WRITE = True


def upgrade() -> None:
    """Run the SQL file."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

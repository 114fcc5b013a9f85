"""What sources have looked like, and batches that are held; the SQL beside this file says how."""

from pathlib import Path

from alembic import op

revision = "0026b"
down_revision = "0024"


def upgrade() -> None:
    """Run the SQL file."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

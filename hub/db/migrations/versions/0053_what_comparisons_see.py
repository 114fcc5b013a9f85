"""How much of what a target holds a comparison can see; the SQL beside this file says how."""

from pathlib import Path

from alembic import op

revision = "0053"
down_revision = "0051"


def upgrade() -> None:
    """Run the SQL file."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

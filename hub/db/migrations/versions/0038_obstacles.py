"""What keeps work from beginning is kept as long as it does; the SQL beside this file says how."""

from pathlib import Path

from alembic import op

revision = "0038"
down_revision = "0041"


def upgrade() -> None:
    """Run the SQL file."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

"""The access log says from which address an account read; the SQL beside this file says how."""

from pathlib import Path

from alembic import op

revision = "0054"
down_revision = "0048"


def upgrade() -> None:
    """Run the SQL file."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

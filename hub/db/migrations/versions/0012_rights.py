"""What readers are shown is decided in PostgreSQL; the SQL beside this file is the
specification.
"""

from pathlib import Path

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Run the SQL file."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

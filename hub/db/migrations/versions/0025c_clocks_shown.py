"""Which clocks an account is shown, and what standing grants become; the SQL beside this file is
the specification.
"""

from pathlib import Path

from alembic import op

revision = "0025c"
down_revision = "0025b"


def upgrade() -> None:
    """Run the SQL file."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

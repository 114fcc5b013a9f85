"""The clocks of all projects as rows, and what was touched since; the SQL beside this file is the
specification.
"""

from pathlib import Path

from alembic import op

revision = "0025b"
down_revision = "0025"


def upgrade() -> None:
    """Run the SQL file."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

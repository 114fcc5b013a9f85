"""A reader is named in each transaction, and none is shown anything without; the SQL beside this
file says how.
"""

from pathlib import Path

from alembic import op

revision = "0050"
down_revision = "0047b"


def upgrade() -> None:
    """Run the SQL file."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

"""Which files of a source have been read, and in which version; the SQL beside this file says
how.
"""

from pathlib import Path

from alembic import op

revision = "0035"
down_revision = "0040"


def upgrade() -> None:
    """Run the SQL file."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

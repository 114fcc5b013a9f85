"""The instant of a position on the worked axis is found by an index; the SQL beside this file says
how.
"""

from pathlib import Path

from alembic import op

revision = "0040"
down_revision = "0038"


def upgrade() -> None:
    """Run the SQL file."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

"""What made a version stays with it, and no clock orders events; the SQL beside this file
says how.
"""

from pathlib import Path

from alembic import op

revision = "0024"
down_revision = "0029"


def upgrade() -> None:
    """Run the SQL file."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

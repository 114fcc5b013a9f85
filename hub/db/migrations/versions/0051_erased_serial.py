"""A delivery knows up to which sending its bodies hold what has been erased; the SQL is beside
this.
"""

from pathlib import Path

from alembic import op

revision = "0051"
down_revision = "0054"


def upgrade() -> None:
    """Run the SQL file."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

"""Records made of the elements of a list: their place in the whole, and their own balance; the SQL
beside says how.
"""

from pathlib import Path

from alembic import op

revision = "0029"
down_revision = "0026"


def upgrade() -> None:
    """Run the SQL file."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

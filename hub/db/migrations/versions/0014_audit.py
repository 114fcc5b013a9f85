"""Leaves that show their payload, a second signature, grants by the moment; the SQL beside is the
specification.
"""

from pathlib import Path

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Run the SQL file."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

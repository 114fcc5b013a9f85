"""The worked axis and the schema of derived facts; the SQL beside this file is the
specification.
"""

from pathlib import Path

from alembic import op

revision = "0025"
down_revision = "0026b"


def upgrade() -> None:
    """Run the SQL file."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

"""Verifications and rewinds leave evidence, and so does the schema that migrations make; the SQL is
beside this.
"""

from pathlib import Path

from alembic import op

revision = "0048"
down_revision = "0045"


def upgrade() -> None:
    """Run the SQL file."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

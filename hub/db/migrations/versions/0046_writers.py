"""The database knows which programs may write to it."""

from pathlib import Path

from alembic import op

revision = "0046"
down_revision = "0047"


def upgrade() -> None:
    """Make the list; `hub migrate` enters itself once all is done."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

"""The fixed tables; the SQL beside this file is the specification."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Run the SQL file."""
    # Past SQLAlchemy, which would take the per cent signs of format() for parameters.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

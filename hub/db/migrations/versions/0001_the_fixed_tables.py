"""The fixed tables; the SQL beside this file is the specification."""

from pathlib import Path
from typing import Any

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Run the SQL file."""
    # Past SQLAlchemy, which would take the per cent signs of format() for parameters.
    driver: Any = op.get_bind().connection.driver_connection
    driver.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

"""What landings say beside their payloads is hashed where they are landed, at a fifth of the
cost.
"""

from alembic import op

revision = "0047b"
down_revision = "0046"


def upgrade() -> None:
    """Drop what did it in the database."""
    op.execute("drop function hub.landed(bigint)")

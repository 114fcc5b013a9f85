"""A dispute has one due date: its value is verified, corrected and answered within the term that
began with it.
"""

from alembic import op

revision = "0030"
down_revision = "0025d"

# The term of article 26 began with the dispute, whenever it was accepted: the second one, which was
# ours, is gone.
ONE_TERM = """
    update hub.dispute set correct_by = due_at
     where state = 'accepted' and closed_at is null and due_at is not null
         and correct_by is distinct from due_at
"""


def upgrade() -> None:
    """Standing disputes that were accepted are due with what they began as."""
    op.execute(ONE_TERM)

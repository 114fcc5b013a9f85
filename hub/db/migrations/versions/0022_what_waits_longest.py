"""What waits longest, which links stand for a person, and which were made last: without a walk
through all others.
"""

from alembic import op

revision = "0022"
down_revision = "0021"

STEPS = (
    "create index waiting_by_since on hub.waiting (since, flow, key)",
    (
        "create index link_proposed on hub.link (flow, key) where verdict = 'proposed' and "
        "ended_at is null"
    ),
    "create index link_made on hub.link (id desc) where verdict = 'linked' and ended_at is null",
    "create index difference_in_order on hub.difference (id) where closed_at is null",
)


def upgrade() -> None:
    """Only indexes: the rows stay as they are."""
    for step in STEPS:
        op.execute(step)

"""Indexes for what is asked of a million deliveries: what awaits a verdict, how all stand, a
record's open refusal.

A mark that intake leaves is dirty, so it pays for none of the new ones.
"""

from alembic import op

revision = "0009"
down_revision = "0008"

STEPS = (
    "drop index hub.delivery_due",
    """
    create index delivery_due on hub.delivery (flow, record_id)
     where dirty or state in ('due', 'sending', 'retrying', 'blocked', 'awaiting_receipt', 'dead')
    """,
    "create index delivery_standing on hub.delivery (flow, state) where not dirty",
    """
    create index quarantine_of_record on hub.quarantine (record_id) where state = 'open'
        and stage = 'delivery'
    """,
)


def upgrade() -> None:
    """Only indexes: the rows stay as they are."""
    for step in STEPS:
        op.execute(step)

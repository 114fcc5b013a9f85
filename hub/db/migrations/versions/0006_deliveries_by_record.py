"""A delivery's key leads with its record: one index fewer for every mark. What is due has its own
index by flow.
"""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the key anew; the rows stay as they are."""
    op.execute("alter table hub.delivery drop constraint delivery_pkey")
    op.execute("alter table hub.delivery add primary key (record_id, flow)")
    op.execute("drop index hub.delivery_of_record")

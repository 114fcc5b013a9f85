"""An erasure says whether it was made because a source classes its record secret."""

from alembic import op

revision = "0043"
down_revision = "0050"


def upgrade() -> None:
    """Those that stand were made on somebody's word."""
    op.execute("alter table hub.erasure add column secret boolean not null default false")
    op.execute("create index erasure_of_secret on hub.erasure (record_id) where secret")

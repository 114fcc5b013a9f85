"""Runs that apply landed payloads anew under today's contracts."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Let a run be a remap."""
    op.execute("alter table hub.run drop constraint run_kind_check")
    op.execute(
        "alter table hub.run add constraint run_kind_check "
        "check (kind in ('pull', 'push', 'receipts', 'replay', 'release', 'remap'))"
    )

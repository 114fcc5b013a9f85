"""A run that failed, was broken off or held is not said to balance: its report says nothing about
it.
"""

from alembic import op

revision = "0026"
down_revision = "0023"

STEPS = (
    "alter table hub.report alter column balanced drop not null",
    # A sum that does not hold stays a finding, whatever came of the run.
    """
    update hub.report p set balanced = null from hub.run r
     where r.id = p.run_id and r.state <> 'complete' and p.balanced
    """,
)


def upgrade() -> None:
    """Standing reports of runs that did not end well lose their claim."""
    for step in STEPS:
        op.execute(step)

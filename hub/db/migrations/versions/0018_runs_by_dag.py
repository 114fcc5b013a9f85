"""What the hub's last runs by a DAG were, without a walk through all the others."""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Make the index."""
    op.execute("create index run_by_dag on hub.run ((airflow->>'dag_id'), id desc)")

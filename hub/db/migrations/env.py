"""Alembic's entry: runs on the connection that `hub/db/migrate.py` hands over, in its
transaction.
"""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table="migration",
    version_table_schema="public",
)
with context.begin_transaction():
    context.run_migrations()

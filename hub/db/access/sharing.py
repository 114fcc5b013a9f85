"""Figures for the catalogue, cheap at any size: record estimates, grants, complete flows."""

from collections.abc import Sequence

from hub.db.database import Transaction

# The planner's estimate, kept fresh by autovacuum: a count would read every row. -1: not yet
# analysed.
ESTIMATES = """
    select c.relname, case when c.reltuples < 0 then null else c.reltuples::bigint end
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'golden' and c.relkind = 'r'
"""
READERS = """
    select entity, count(distinct account) from hub.access_grant
     where ended_at is null and current_date between valid_from and valid_until group by entity
"""
COMPLETE = "select name from hub.flow where name = any(%s) and last_complete_at is not null"


def estimates(tx: Transaction) -> dict[str, int | None]:
    """Estimated number of records by entity; None where the table was never analysed."""
    return dict(tx.execute(ESTIMATES).fetchall())


def readers(tx: Transaction) -> dict[str, int]:
    """Number of accounts with a grant in force, by entity."""
    return dict(tx.execute(READERS).fetchall())


def complete(tx: Transaction, flows: Sequence[str]) -> set[str]:
    """The flows that have read their source completely at least once."""
    return {name for (name,) in tx.execute(COMPLETE, (list(flows),))}

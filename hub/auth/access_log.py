"""Who read what, or was refused: written and attested before any answer leaves."""

from collections.abc import Sequence

from hub.db.access import accounts
from hub.db.access.accounts import AccessEntry
from hub.db.database import Database, Transaction

__all__ = ["AccessEntry"]


def write(database: Database, reads: Sequence[AccessEntry]) -> None:
    """Note reads; they are committed when it returns."""
    with database.write() as tx:
        accounts.write_reads(tx, reads)


def note(tx: Transaction, reads: Sequence[AccessEntry]) -> None:
    """Note reads in a transaction that the caller commits before he answers."""
    accounts.write_reads(tx, reads)

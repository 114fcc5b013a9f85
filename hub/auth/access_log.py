"""The access log: who read what or was refused; committed before the answer is sent."""

from collections.abc import Sequence

from hub.db.access import accounts
from hub.db.access.accounts import AccessEntry
from hub.db.database import Database, Transaction

__all__ = ["AccessEntry"]


def write(database: Database, reads: Sequence[AccessEntry]) -> None:
    """Write entries to the access log; they are committed when this returns."""
    with database.write() as tx:
        accounts.write_reads(tx, reads)


def note(tx: Transaction, reads: Sequence[AccessEntry]) -> None:
    """Write entries within a transaction, which the caller commits before answering."""
    accounts.write_reads(tx, reads)

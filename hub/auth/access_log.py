"""Who read what, or was refused: written and attested before any answer leaves."""

from collections.abc import Sequence

from hub.db import accounts
from hub.db.accounts import Read
from hub.db.database import Database, Transaction

__all__ = ["Read"]


def write(database: Database, reads: Sequence[Read]) -> None:
    """Note reads; they are committed when it returns."""
    with database.write() as tx:
        accounts.write_reads(tx, reads)


def note(tx: Transaction, reads: Sequence[Read]) -> None:
    """Note reads in a transaction that the caller commits before he answers."""
    accounts.write_reads(tx, reads)

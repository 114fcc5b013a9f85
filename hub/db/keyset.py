"""Rows in the order of a key, portion by portion: what every walk through a large table does."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from hub.db.database import Database, Transaction

K = TypeVar("K")
T = TypeVar("T")
R = TypeVar("R")


def portions(
    database: Database,
    read: Callable[[Transaction, K], Sequence[T]],
    do: Callable[[Transaction, Sequence[T]], R],
    *,
    key: Callable[[T], K],
    first: K,
    snapshot: bool = False,
    scratch: bool = False,
) -> Iterator[tuple[Sequence[T], R]]:
    """Each portion with what `do` made of it, once the transaction that has read it is committed; ends at an empty one.

    read: gives the rows behind a key, `first` to begin with. Whoever is killed goes on there, where `read` knows it.
    snapshot, scratch: as `Database.read` has them; without, each portion may be written.
    """
    after = first
    while True:
        with database.read(snapshot=True, scratch=scratch) if snapshot else database.write() as tx:
            rows = read(tx, after)
            if not rows:
                return
            made = do(tx, rows)
        yield rows, made
        after = key(rows[-1])


def split(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Rows that are at hand, so many at a time."""
    return (rows[start : start + size] for start in range(0, len(rows), size))

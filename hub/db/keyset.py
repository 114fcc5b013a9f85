"""Keyset pagination: rows in key order, portion by portion, for walks through large tables."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TypeAlias, TypeVar

from hub.db.database import Transaction

K = TypeVar("K")
T = TypeVar("T")
R = TypeVar("R")

Opening: TypeAlias = Callable[[], AbstractContextManager[Transaction]]
"""`database.write`, `database.read`, or either with options; decides whether portions may write."""


def portions(
    opening: Opening,
    read: Callable[[Transaction, K], Sequence[T]],
    do: Callable[[Transaction, Sequence[T]], R],
    *,
    key: Callable[[T], K],
    first: K,
) -> Iterator[tuple[Sequence[T], R]]:
    """Yield (rows, result of `do`) per portion, its transaction ended; stops at an empty one.

    read: gives the rows behind a key, beginning with `first`. A killed walk resumes if `read`
    leaves out what is done.
    """
    after = first
    while True:
        with opening() as tx:
            rows = read(tx, after)
            if not rows:
                return
            made = do(tx, rows)
        yield rows, made
        after = key(rows[-1])


def walked(
    opening: Opening,
    read: Callable[[Transaction, K], Sequence[T]],
    *,
    key: Callable[[T], K],
    first: K,
) -> Iterator[Sequence[T]]:
    """Yield portions only read; no transaction is open while the caller works on one."""
    return (rows for rows, _ in portions(opening, read, lambda *_: None, key=key, first=first))


def split(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Rows in memory, `size` at a time."""
    return (rows[start : start + size] for start in range(0, len(rows), size))

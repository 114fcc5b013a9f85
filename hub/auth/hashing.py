"""Password hashes (scrypt) in a bounded pool (bulkhead): many sign-ins leave threads and memory."""

import hashlib
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import BoundedSemaphore, Lock

from hub.errors import TransientError

BLOCK, LANES, MEMORY = 8, 1, 256 * 1024 * 1024
FORMERLY = 2**17
"""The scrypt cost of stored hashes that do not name theirs."""
AGAIN = 5
"""Seconds after which to try again, told to whoever finds the pool full."""


class HashingPool:
    """So many hashes at once and so many callers waiting; whoever comes beyond is refused."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._most = at_once + waiting
        self._inside = 0
        self._lock = Lock()
        self._weighing = BoundedSemaphore(at_once)

    @contextmanager
    def place(self) -> Iterator[None]:
        """One slot of the pool; TransientError (access.busy) at once where none is free."""
        with self._lock:
            if self._inside >= self._most:
                raise TransientError("access.busy", after=AGAIN, seconds=AGAIN)
            self._inside += 1
        try:
            with self._weighing:
                yield
        finally:
            with self._lock:
                self._inside -= 1


@lru_cache(maxsize=4)
def room(at_once: int, waiting: int) -> HashingPool:
    """The pool of this process."""
    return HashingPool(at_once, waiting)


def hashed(password: str, salt: bytes, cost: int) -> str:
    """The scrypt hash of a password as stored: scrypt:COST$SALT$HASH, salt and hash in base64."""
    made = hashlib.scrypt(
        password.encode("utf-8", "replace"),
        salt=salt,
        n=cost,
        r=BLOCK,
        p=LANES,
        maxmem=MEMORY,
        dklen=32,
    )
    return f"scrypt:{cost}${b64encode(salt).decode()}${b64encode(made).decode()}"


def is_of(password: str, kept: str | None, cost: int) -> bool:
    """Whether a stored hash is of this password.

    Without a stored hash the answer is no, after the same work: timing does not tell who exists.
    """
    kind, salt, made = (
        kept.split("$") if kept else (f"scrypt:{cost}", b64encode(bytes(16)).decode(), "")
    )
    stated = int(kind.partition(":")[2] or FORMERLY)
    found = hashed(password, b64decode(salt), stated).split("$")[2]
    return secrets.compare_digest(found, made)


def is_outdated(kept: str, cost: int) -> bool:
    """Whether a stored hash has another scrypt cost than new ones get."""
    return not kept.startswith(f"scrypt:{cost}$")

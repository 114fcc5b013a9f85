"""Password hashes, made in a bounded pool (a bulkhead): few at a time, so that many sign-ins slow
nothing else.
"""

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
"""The cost of hashes that do not state theirs."""
AGAIN = 5
"""After so many seconds somebody who found no room may try again."""


class HashingPool:
    """Places for those whose passwords are weighed, and for those who wait for it."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._most = at_once + waiting
        self._inside = 0
        self._lock = Lock()
        self._weighing = BoundedSemaphore(at_once)

    @contextmanager
    def place(self) -> Iterator[None]:
        """One place; TransientError at once where none is left."""
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
    """The room of this process."""
    return HashingPool(at_once, waiting)


def hashed(password: str, salt: bytes, cost: int) -> str:
    """A password's hash with what it was made with."""
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
    """Whether a hash is this password's; where there is none, as much work is done and the answer
    is no.
    """
    kind, salt, made = (
        kept.split("$") if kept else (f"scrypt:{cost}", b64encode(bytes(16)).decode(), "")
    )
    stated = int(kind.partition(":")[2] or FORMERLY)
    found = hashed(password, b64decode(salt), stated).split("$")[2]
    return secrets.compare_digest(found, made)


def is_outdated(kept: str, cost: int) -> bool:
    """Whether a hash was made with another cost than is made now."""
    return not kept.startswith(f"scrypt:{cost}$")

"""Finished answers kept in this process. Whoever asks for one brings the stamp that proves it true still."""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from hub.auth.access_log import AccessEntry
from hub.db.projects import stamps as stamps_of

__all__ = ["AccessEntry", "CachedForm", "FormCache", "stamps_of"]

AROUND = 1_000
"""Bytes that an answer takes beside its text: key, stamp and row."""


@dataclass(frozen=True, slots=True)
class CachedForm:
    """An answer as it was given. stamp: of the project, taken before its records were read. read: the row it left."""

    stamp: bytes
    body: bytes
    read: AccessEntry


class FormCache:
    """The answers asked for last, by all that they depend on but the project's records; `most` bytes of them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._bytes = 0
        self._answers: OrderedDict[bytes, CachedForm] = OrderedDict()
        self._lock = Lock()  # answers are kept and found by several threads

    def find(self, key: bytes, stamp: bytes) -> CachedForm | None:
        """The answer, if nothing has changed since; one that is true no longer is forgotten."""
        with self._lock:
            found = self._answers.get(key)
            if found is None:
                return None
            if found.stamp != stamp:
                self._forget(key)
                return None
            self._answers.move_to_end(key)
            return found

    def keep(self, key: bytes, answer: CachedForm) -> None:
        """Keep an answer, and forget those that have not been asked for the longest."""
        with self._lock:
            if key in self._answers:
                self._forget(key)
            self._answers[key] = answer
            self._bytes += len(answer.body) + AROUND
            while self._bytes > self._most:
                self._forget(next(iter(self._answers)))

    def _forget(self, key: bytes) -> None:
        self._bytes -= len(self._answers.pop(key).body) + AROUND

"""Cache of finished forms in this process, valid as long as the project's stamp is the same."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Lock

from cachetools import LRUCache

from hub.auth import access_log
from hub.auth.access_log import AccessEntry
from hub.db.records.projects import stamps
from hub.runtime import Runtime

AROUND = 1_000
"""Bytes counted for an entry beside its text: key, stamp and access log entry."""


@dataclass(frozen=True, slots=True)
class FormRequest:
    """A form requested. key: all that decides the answer but the project's rows. address: IP."""

    key: bytes
    project_code: str
    address: str


@dataclass(frozen=True, slots=True)
class CachedForm:
    """A cached answer. stamp: the project's, from before its records were read. read: log entry."""

    stamp: bytes
    body: bytes
    read: AccessEntry


class FormCache:
    """LRU cache of answers by request key, bounded by `most` bytes. Thread-safe."""

    def __init__(self, most: int) -> None:
        self._answers: LRUCache[bytes, CachedForm] = LRUCache(
            most, getsizeof=lambda answer: len(answer.body) + AROUND
        )
        self._lock = Lock()  # answers are kept and found by several threads

    def find(self, key: bytes, stamp: bytes) -> CachedForm | None:
        """The answer with this stamp; one with another stamp is outdated, and evicted."""
        with self._lock:
            found = self._answers.get(key)
            if found is None or found.stamp == stamp:
                return found
            del self._answers[key]
            return None

    def keep(self, key: bytes, answer: CachedForm) -> None:
        """Store an answer, evicting the least recently used; one larger than the cache is not."""
        with self._lock:
            self._answers.pop(key, None)
            with suppress(ValueError):
                self._answers[key] = answer


def cached(
    hub: Runtime, cache: FormCache, requests: Sequence[FormRequest]
) -> list[tuple[bytes, CachedForm | None]]:
    """For each request the project's stamp of now and the cached answer with it, or None.

    Answers found are in the access log, committed, when this returns.
    """
    with hub.database.write() as tx:
        now = stamps(tx, hub.contracts.entities.values(), {one.project_code for one in requests})
        found = []
        for one in requests:
            stamp = now[one.project_code]
            kept = cache.find(one.key, stamp)
            if kept is not None:
                kept = replace(kept, read=replace(kept.read, address=one.address))
            found.append((stamp, kept))
        if reads := [kept.read for _, kept in found if kept]:
            access_log.note(tx, reads)
    return found

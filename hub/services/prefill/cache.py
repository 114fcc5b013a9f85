"""Cache of finished forms in this process: an answer is given again as long as its project's stamp
proves it true.
"""

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
"""Bytes that an answer takes beside its text: key, stamp and row."""


@dataclass(frozen=True, slots=True)
class FormRequest:
    """A form asked for. key: all that the answer depends on but the project's rows. address: where
    it is asked from.
    """

    key: bytes
    project_code: str
    address: str


@dataclass(frozen=True, slots=True)
class CachedForm:
    """An answer as it was given. stamp: of the project, taken before its records were read. read:
    the row it left.
    """

    stamp: bytes
    body: bytes
    read: AccessEntry


class FormCache:
    """The answers asked for last, by all that they depend on but the project's records; `most`
    bytes of them.
    """

    def __init__(self, most: int) -> None:
        self._answers: LRUCache[bytes, CachedForm] = LRUCache(
            most, getsizeof=lambda answer: len(answer.body) + AROUND
        )
        self._lock = Lock()  # answers are kept and found by several threads

    def find(self, key: bytes, stamp: bytes) -> CachedForm | None:
        """The answer, if nothing has changed since; one that is true no longer is forgotten."""
        with self._lock:
            found = self._answers.get(key)
            if found is None or found.stamp == stamp:
                return found
            del self._answers[key]
            return None

    def keep(self, key: bytes, answer: CachedForm) -> None:
        """Keep an answer, and forget those that have not been asked for the longest; one larger
        than all is not kept.
        """
        with self._lock:
            self._answers.pop(key, None)
            with suppress(ValueError):
                self._answers[key] = answer


def cached(
    hub: Runtime, cache: FormCache, requests: Sequence[FormRequest]
) -> list[tuple[bytes, CachedForm | None]]:
    """For each request the stamp of its project now and the answer that is true at this stamp, None
    where none is kept.

    What is given is in the access log when this returns.
    """
    with hub.database.write() as tx:
        now = stamps(tx, hub.contracts.entities, {one.project_code for one in requests})
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

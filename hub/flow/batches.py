"""pages -> batches: what is taken in together, read ahead of what is written."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from hub.errors import FlowError
from hub.model import Json, Page, Raw, Snapshot

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Batch:
    """Raw records taken together, and what the last of their pages proves.

    header: the columns that its pages show, where they show any. parts: the files that they are from.
    snapshot: the whole that they belong to.
    """

    records: tuple[Raw, ...]
    read: int
    resume: Json
    high: str | int | None
    last: bool
    header: frozenset[str] | None = None
    parts: tuple[str, ...] = ()
    snapshot: Snapshot | None = None


def batches(pages: Iterator[Page], size: int) -> Iterator[Batch]:
    """Join pages into batches; a sweep that ends without saying so breaks the protocol.

    Pages under another header, or of another snapshot, begin a batch of their own: what is wrong with one file holds
    no other.
    """
    kept: list[Page] = []
    last = False
    for page in pages:
        if kept and _whole(page) != _whole(kept[-1]):
            yield _joined(kept)
            kept = []
        kept.append(page)
        last = page.last
        if last or sum(len(one.records) for one in kept) >= size:
            yield _joined(kept)
            kept = []
    if not last:
        raise FlowError("system.protocol", reason="the last page never came")


def _joined(pages: Sequence[Page]) -> Batch:
    end = pages[-1]
    return Batch(
        records=tuple(raw for page in pages for raw in page.records),
        read=sum(page.read for page in pages),
        resume=end.resume,
        high=end.high,
        last=end.last,
        header=None if end.header is None else frozenset(end.header),
        parts=tuple(dict.fromkeys(page.part for page in pages if page.part)),
        snapshot=end.snapshot,
    )


def _whole(page: Page) -> tuple[tuple[str, ...] | None, str | None]:
    """What pages of one batch have in common."""
    return page.header, page.snapshot.name if page.snapshot else None


def ahead(items: Iterator[T]) -> Iterator[T]:
    """The next one is made while this one is worked on: pages are read, batches mapped, while the last is written."""
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:
        coming = pool.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = pool.submit(next, items, None)
            yield item

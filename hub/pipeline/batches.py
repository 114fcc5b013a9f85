"""pages -> batches: what is taken in together, read ahead of what is written."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from typing import TypeVar

from hub.errors import FlowError, HubError
from hub.model import File, Json, Page, Raw, Snapshot

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RawBatch:
    """Raw records taken together, and what the last of their pages proves.

    header: the columns that its pages show, where they show any. parts: the files that they are
    from. snapshot: the whole that they belong to. files: those that end in it. notes: what was
    remarkable about its pages, by code and place.
    """

    records: tuple[Raw, ...]
    read: int
    resume: Json
    high: str | int | None
    last: bool
    header: frozenset[str] | None = None
    parts: tuple[str, ...] = ()
    snapshot: Snapshot | None = None
    files: tuple[File, ...] = ()
    notes: Mapping[str, int] = field(default_factory=dict)


def batches(
    pages: Iterator[Page], size: int, *, most: int, resume: Json = None
) -> Iterator[RawBatch]:
    """Join pages into batches; a sweep that ends without saying so breaks the protocol.

    size: records of a batch. most: bytes of their payloads, beyond which a page is parted too:
    until its last part the reading stands before it. resume: where the first page began. Pages
    under another header, or of another snapshot, begin a batch of their own: what is wrong with
    one file holds no other.
    """
    kept: list[Page] = []
    held = heavy = 0
    last = False
    try:
        for page in _parted(pages, most, resume):
            weighs = weight(page)
            if kept and (heavy + weighs > most or _whole(page) != _whole(kept[-1])):
                yield _joined(kept)
                kept, held, heavy = [], 0, 0
            kept.append(page)
            held, heavy, last = held + len(page.records), heavy + weighs, page.last
            if last or held >= size:
                yield _joined(kept)
                kept, held, heavy = [], 0, 0
    except HubError:
        if kept:  # what came before the trouble is no part of it
            yield _joined(kept)
        raise
    if not last:
        raise FlowError("system.protocol", reason="the last page never came")


def weight(page: Page) -> int:
    """The bytes of a page's records."""
    return sum(len(raw.payload) for raw in page.records)


def _parted(pages: Iterator[Page], most: int, resume: Json) -> Iterator[Page]:
    """The same pages, those that weigh too much in parts."""
    high: str | int | None = None
    for page in pages:
        rest = page
        while len(rest.records) > 1 and weight(rest) > most:
            some = _fitting(rest.records, most)
            yield replace(
                rest,
                records=some,
                read=len(some),
                resume=resume,
                high=high,
                last=False,
                snapshot=replace(rest.snapshot, ends=False) if rest.snapshot else None,
                ends=None,
                notes={},
            )
            rest = replace(rest, records=rest.records[len(some) :], read=rest.read - len(some))
        resume, high = page.resume, page.high
        yield rest


def _fitting(records: Sequence[Raw], most: int) -> tuple[Raw, ...]:
    """The first of these that together weigh no more; one at the least, and not all."""
    done = 0
    for count, raw in enumerate(records[:-1]):
        done += len(raw.payload)
        if done > most:
            return tuple(records[: max(count, 1)])
    return tuple(records[:-1])


def _joined(pages: Sequence[Page]) -> RawBatch:
    end = pages[-1]
    return RawBatch(
        records=tuple(raw for page in pages for raw in page.records),
        read=sum(page.read for page in pages),
        resume=end.resume,
        high=end.high,
        last=end.last,
        header=None if end.header is None else frozenset(end.header),
        parts=tuple(dict.fromkeys(page.part for page in pages if page.part)),
        snapshot=end.snapshot,
        files=tuple(page.ends for page in pages if page.ends is not None),
        notes=sum((Counter(page.notes) for page in pages), Counter[str]()),
    )


def _whole(page: Page) -> tuple[tuple[str, ...] | None, str | None]:
    """What pages of one batch have in common."""
    return page.header, page.snapshot.name if page.snapshot else None


def ahead(items: Iterator[T]) -> Iterator[T]:
    """The next one is made while this one is worked on: pages are read, batches mapped, while the
    last is written.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:
        coming = pool.submit(copy_context().run, lambda: next(items, None))
        while (item := coming.result()) is not None:
            coming = pool.submit(copy_context().run, lambda: next(items, None))
            yield item

"""Pages of a connector -> batches of raw records, read ahead of the one being written."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from typing import TypeVar

from hub.errors import FlowError, HubError
from hub.model import File, Json, KeyAnswer, Page, Raw, Snapshot

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RawBatch:
    """Raw records of one batch, with the cursor facts of its last page.

    header: column names, where the pages have any. parts: names of the files the records are from.
    snapshot: the complete list that they belong to. files: those whose last page is here. notes:
    findings about pages, by code and place. asked: keys that were asked for.
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
    asked: tuple[KeyAnswer, ...] = ()


def batches(
    pages: Iterator[Page], size: int, *, most: int, resume: Json = None
) -> Iterator[RawBatch]:
    """Join pages into batches; FlowError (protocol) where a sweep ends without a last page.

    size: records per batch. most: bytes of payload per batch; a larger page is split, and the
    cursor stays before it until its last piece. resume: where the first page began. Pages with
    another header or snapshot begin a new batch, so that one bad file holds no other.
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
        if kept:  # pages before the error are complete
            yield _joined(kept)
        raise
    if not last:
        raise FlowError("system.protocol", reason="the last page never came")


def weight(page: Page) -> int:
    """Payload bytes of a page."""
    return sum(len(raw.payload) for raw in page.records)


def _parted(pages: Iterator[Page], most: int, resume: Json) -> Iterator[Page]:
    """The pages, those heavier than `most` split."""
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
                asked=(),
            )
            rest = replace(rest, records=rest.records[len(some) :], read=rest.read - len(some))
        resume, high = page.resume, page.high
        yield rest


def _fitting(records: Sequence[Raw], most: int) -> tuple[Raw, ...]:
    """The longest prefix within the limit: at least one record, never all of them."""
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
        asked=tuple(one for page in pages for one in page.asked),
    )


def _whole(page: Page) -> tuple[tuple[str, ...] | None, str | None]:
    """What must be equal for pages to share a batch: header and snapshot."""
    return page.header, page.snapshot.name if page.snapshot else None


def ahead(items: Iterator[T]) -> Iterator[T]:
    """Prefetch: the next item is made in a thread while the caller works on this one."""
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:
        coming = pool.submit(copy_context().run, lambda: next(items, None))
        while (item := coming.result()) is not None:
            coming = pool.submit(copy_context().run, lambda: next(items, None))
            yield item

"""Boundary (adapter) of connectors: raises only HubError, gives only what can be stored.

Drivers quote values in their exceptions: only class and code location of these get through.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from hub.contract import AskedByKey, Connector, Digesting, Filed, Remembered
from hub.domain.contracts import PullFlow
from hub.domain.payload import unread
from hub.domain.storable import storable
from hub.errors import FlowError, HubError, TransientError
from hub.model import Bucketing, Json, KeyAnswer, Listed, Outcome, Outgoing, Page, Raw, Receipt
from hub.pipeline import secret_records
from hub.settings import ReadingLimits, Settings

log = logging.getLogger(__name__)

T = TypeVar("T")
HOME = Path(__file__).resolve().parents[2]


_answered = [time.monotonic()]


def last_answer() -> float:
    """When a connector of this process last gave anything (time.monotonic): proof of progress."""
    return _answered[0]


class ReadingFullError(FlowError):
    """A reading reached its limit (`settings.reading`); the next run resumes from there."""

    default = "flow.pages_many"


def translated(system: str, act: Callable[[], T]) -> T:
    """Result of a connector call; raises HubError (or MemoryError), its cause cut off."""
    failed: HubError
    try:
        found = act()
    except MemoryError:
        raise
    except HubError as error:
        failed = error
    except (ConnectionError, TimeoutError) as error:
        failed = TransientError("system.unavailable", system=system, detail=type(error).__name__)
    # a connector that meets something new must not end in a traceback
    except Exception as error:  # noqa: BLE001
        failed = FlowError(
            "system.connector_failed",
            system=system,
            error=type(error).__name__,
            at=error_location(error),
        )
    else:
        _answered[0] = time.monotonic()
        return found
    # Raised outside the handler, so that the original error (it quotes values) is not its context.
    failed.__cause__ = failed.__context__ = None
    raise failed


def close(connector: Connector, system: str) -> None:
    """Close a connector; errors are logged and change nothing about the run."""
    try:
        translated(system, connector.close)
    except HubError as error:
        log.warning("connection not closed well", extra={"system": system, "code": error.code})


def error_location(error: BaseException) -> str:
    """File and line in our own code where an exception was raised."""
    found, step = "", error.__traceback__
    while isinstance(step, TracebackType):
        path = Path(step.tb_frame.f_code.co_filename)
        if path.is_relative_to(HOME) and "site-packages" not in path.parts:
            found = f"{path.relative_to(HOME)}:{step.tb_lineno}"
        step = step.tb_next
    return found


def given(items: Callable[[], Iterable[T]], system: str) -> Iterator[T]:
    """Iterate over what a connector yields, errors translated as above."""
    found = translated(system, lambda: iter(items()))
    while (item := translated(system, partial(next, found, None))) is not None:
        yield item


def pages(
    connector: Connector,
    flow: PullFlow,
    settings: Settings,
    *,
    since: str | int | None,
    resume: Json,
    known: Remembered | None = None,
) -> Iterator[Page]:
    """A source's pages; every record has a storable payload and position.

    known: for sources made of files, tells which of them are read already. Pages before a limit of
    `settings.reading` are yielded, then ReadingFullError is raised; the next run resumes there.
    """
    so_far = _Reading(settings.reading, flow.system.name)

    def give() -> Iterator[Page]:
        if known is not None and isinstance(connector, Filed):
            return connector.unread(flow.read, known=known, resume=resume)
        return connector.pages(flow.read, since=since, resume=resume)

    for page in given(give, flow.system.name):
        yield secret_records.sealed(
            page,
            flow,
            settings,
            tuple(_storable_record(raw, flow, settings) for raw in page.records),
        )
        so_far.count(page)


def answers(
    connector: AskedByKey, flow: PullFlow, settings: Settings, keys: Sequence[str]
) -> Iterator[KeyAnswer]:
    """What is answered to each key, one answer a key, with storable records."""
    for wanted, one in zip(
        keys, given(lambda: connector.answers(flow.read, keys), flow.system.name), strict=False
    ):
        if one.key != wanted:
            raise FlowError("system.protocol", system=flow.system.name, reason="another key")
        made = tuple(_storable_record(raw, flow, settings) for raw in one.records)
        yield replace(one, records=made)


class _Reading:
    """What one reading has taken so far, against its limits."""

    def __init__(self, limits: ReadingLimits, system: str) -> None:
        self._limits = limits
        self._system = system
        self._pages = self._bytes = self._empty = 0

    def count(self, page: Page) -> None:
        """Count a page; FlowError where it exceeds a limit and is not the last one."""
        self._pages += 1
        self._bytes += sum(len(raw.payload) for raw in page.records)
        bare = not (page.records or page.ends or page.notes)
        self._empty = self._empty + 1 if bare else 0
        if page.last:
            return
        limits = self._limits
        reached = (
            (self._empty >= limits.empty, "flow.pages_empty", limits.empty, "HUB_RUN_EMPTY_PAGES"),
            (self._pages >= limits.pages, "flow.pages_many", limits.pages, "HUB_RUN_PAGES"),
            (self._bytes >= limits.bytes, "flow.bytes_many", limits.bytes, "HUB_RUN_BYTES"),
        )
        for full, code, most, setting in reached:
            if full:
                raise ReadingFullError(code, system=self._system, most=most, setting=setting)


def contents(
    connector: Digesting, flow: PullFlow, settings: Settings, by: Bucketing, chosen: Sequence[int]
) -> Iterator[Listed]:
    """All rows of the chosen buckets, each record as `pages` gives it.

    A partner's checksum of a withheld record is dropped: it would confirm a guess of its content.
    """
    for listed in given(lambda: connector.contents(flow.read, by, chosen), flow.system.name):
        raw = _storable_record(listed.raw, flow, settings)
        yield replace(listed, raw=raw, checksum=listed.checksum if raw.withheld is None else None)


def _storable_record(raw: Raw, flow: PullFlow, settings: Settings) -> Raw:
    """A record bounded in size with a printable position; without content if it may be secret."""
    if (withheld := secret_records.withheld(raw, flow, settings)) is not None:
        return withheld
    most = settings.payload_bytes
    position = raw.position if raw.position.isprintable() else storable(raw.position)
    if raw.unread is not None:
        cut = {"bytes": str(len(raw.payload)), "most": str(most)} if len(raw.payload) > most else {}
        fault = replace(raw.unread, facts={**raw.unread.facts, **cut})
        return replace(raw, payload=unread(fault, raw.payload[:most]), position=position)
    return raw if position is raw.position else replace(raw, position=position)


def send(
    connector: Connector, write: Mapping[str, Json], items: Sequence[Outgoing], *, system: str
) -> Iterator[Outcome]:
    """Outcome per item; outcomes of unknown keys, and repeated ones, are dropped."""
    wanted = {item.key for item in items}
    for said in given(lambda: connector.send(write, items), system):
        if said.key in wanted:
            wanted.discard(said.key)
            code, text, reference = (
                storable(said.code),
                storable(said.text),
                storable(said.reference),
            )
            yield replace(said, code=code, text=text, reference=reference)


def receipts(
    connector: Connector, write: Mapping[str, Json], keys: Sequence[str], *, system: str
) -> Iterator[Receipt]:
    """Receipts for these keys, at most one per key."""
    wanted = set(keys)
    for said in given(lambda: connector.receipts(write, keys), system):
        if said.key in wanted:
            wanted.discard(said.key)
            code, text, reference = (
                storable(said.code),
                storable(said.text),
                storable(said.reference),
            )
            yield replace(said, code=code, text=text, reference=reference)

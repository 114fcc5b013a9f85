"""The cursor of a flow {watermark, resume, high, broke_at}, and how it moves."""

import re
from datetime import datetime, timedelta

from hub.errors import FlowError
from hub.model import Json

Cursor = dict[str, Json]

SHAPES = (
    (re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d+"), "%Y-%m-%d %H:%M:%S.%f"),
    (re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}"), "%Y-%m-%d %H:%M:%S"),
    (re.compile(r"\d{4}/\d{2}/\d{2} \d{2}:\d{2}:\d{2}"), "%Y/%m/%d %H:%M:%S"),
    (re.compile(r"\d{14}"), "%Y%m%d%H%M%S"),
    (re.compile(r"\d{8}"), "%Y%m%d"),
    (re.compile(r"\d{4}-\d{2}-\d{2}"), "%Y-%m-%d"),
)
"""Time formats of cursors at partners, besides ISO 8601 with T."""


def since(cursor: Cursor) -> str | int | None:
    """Where a sweep starts: the watermark; None before the first complete sweep."""
    watermark = cursor.get("watermark")
    return watermark if isinstance(watermark, str | int) else None


def moved(
    cursor: Cursor,
    *,
    resume: Json,
    high: str | int | None,
    last: bool,
    overlap: int,
    ceiling: datetime,
    read: str | None = None,
) -> Cursor:
    """The cursor after a batch. read: hash of the options by which the source is read.

    `resume` moves with every batch. The watermark moves only after a complete sweep, never back: to
    the greatest value seen, capped, less the overlap. Caps: `ceiling` (start of this run on the
    partner's clock, with zone: later commits can lie behind it, and a record dated in the future
    must not end the reading), and where an earlier run of this sweep broke off.
    """
    seen = _greatest(cursor.get("high"), high)
    top = None if seen is None else _capped(seen, ceiling)
    if not last:
        return {**cursor, "resume": resume, "high": top} | ({"read": read} if read else {})
    reached = None if top is None else back(_complete(top, cursor.get("broke_at")), overlap)
    return {"watermark": _greatest(cursor.get("watermark"), reached), "resume": None, "high": None}


def as_read(cursor: Cursor, read: str) -> Cursor:
    """The cursor for a source read with these options (`read`: their hash).

    With other options the resume position is void: the sweep restarts at the watermark.
    """
    if cursor.get("resume") is None or cursor.get("read", read) == read:
        return dict(cursor)
    return {"watermark": cursor.get("watermark")}


def taken_up(cursor: Cursor, ceiling: datetime) -> Cursor:
    """The cursor at the start of a run; a resumed sweep keeps where it first broke off
    (`broke_at`).

    A watermark past the ceiling (the partner's wall clock) comes from a clock of ours that was
    ahead. The source is then read from its beginning, since nothing tells how far it was read.
    """
    watermark = cursor.get("watermark")
    if isinstance(watermark, str) and _capped(watermark, ceiling) != watermark:
        return {}
    if cursor.get("resume") is None or cursor.get("broke_at") is not None:
        return dict(cursor)
    return {**cursor, "broke_at": cursor.get("high")}


def back(high: str | int, overlap: int) -> str | int:
    """A cursor value moved back: a number by a count, a time (same format) by seconds.

    FlowError for an unknown time format, unless the overlap is 0.
    """
    if overlap == 0:
        return high
    if isinstance(high, int):
        return high - overlap
    step = timedelta(seconds=overlap)
    pattern = next((pattern for shape, pattern in SHAPES if shape.fullmatch(high)), None)
    try:
        moment = _read(high, pattern) - step
    except OverflowError:  # a zero date, and nothing before it
        return high
    return moment.strftime(pattern) if pattern else moment.isoformat()


def _complete(top: str | int, broke_at: Json) -> str | int:
    """The lesser of the two, where comparable."""
    if isinstance(broke_at, str) and isinstance(top, str):
        return min(top, broke_at)
    return min(top, broke_at) if isinstance(broke_at, int) and isinstance(top, int) else top


def _capped(high: str | int, ceiling: datetime) -> str | int:
    """The value, or the ceiling in its format if it is a later time; not a time: unchanged."""
    if isinstance(high, int):
        return high
    pattern = next((pattern for shape, pattern in SHAPES if shape.fullmatch(high)), None)
    try:
        moment = _read(high, pattern)
    except FlowError:
        return high
    if moment.tzinfo is None or ceiling.tzinfo is None:
        now = ceiling.replace(tzinfo=moment.tzinfo)
    else:
        now = ceiling.astimezone(moment.tzinfo)
    if moment <= now:
        return high
    return now.strftime(pattern) if pattern else now.isoformat()


def _read(high: str, pattern: str | None) -> datetime:
    """The text as the partner's wall clock, zone as given."""
    try:
        # see above
        return datetime.strptime(high, pattern) if pattern else datetime.fromisoformat(high)  # noqa: DTZ007
    except ValueError:
        raise FlowError("flow.cursor_unreadable", value=high) from None


def _greatest(one: Json, other: Json) -> str | int | None:
    values = [value for value in (one, other) if isinstance(value, str | int)]
    if len({type(value) for value in values}) > 1:
        return values[-1]  # the cursor's type has changed at the source: use the new one
    return max(
        values, key=lambda value: (value if isinstance(value, int) else 0, str(value)), default=None
    )

"""How far a flow has read: the cursor {watermark, resume, high} and how it moves."""

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
"""Ways of writing a time that partners use for their cursor; ISO 8601 with a T is read besides."""


def since(cursor: Cursor) -> str | int | None:
    """Where a sweep starts: the watermark, None before the first complete sweep."""
    watermark = cursor.get("watermark")
    return watermark if isinstance(watermark, str | int) else None


def moved(
    cursor: Cursor, *, resume: Json, high: str | int | None, last: bool, overlap: int, ceiling: datetime
) -> Cursor:
    """The cursor after a batch.

    `resume` moves with every batch; the watermark only after a complete sweep, to the greatest value seen in it less
    the overlap, never backwards, and never past `ceiling` (the partner's wall clock with a margin): one record dated
    in the future must not end the reading.
    """
    top = _greatest(cursor.get("high"), high)
    if not last:
        return {"watermark": cursor.get("watermark"), "resume": resume, "high": top}
    reached = None if top is None else back(_capped(top, ceiling), overlap)
    return {"watermark": _greatest(cursor.get("watermark"), reached), "resume": None, "high": None}


def back(high: str | int, overlap: int) -> str | int:
    """A cursor value moved back: a number by a count, a time (in the shape in which it was written) by seconds.

    FlowError when the shape is unknown and there is something to subtract.
    """
    if overlap == 0:
        return high
    if isinstance(high, int):
        return high - overlap
    step = timedelta(seconds=overlap)
    for shape, pattern in SHAPES:
        if shape.fullmatch(high):
            return (_read(high, pattern) - step).strftime(pattern)
    return (_read(high, None) - step).isoformat()


def _capped(high: str | int, ceiling: datetime) -> str | int:
    """A time later than the ceiling gives way to it, in its own shape; what is no time stays."""
    if isinstance(high, int):
        return high
    pattern = next((pattern for shape, pattern in SHAPES if shape.fullmatch(high)), None)
    try:
        moment = _read(high, pattern)
    except FlowError:
        return high
    if moment.replace(tzinfo=None) <= ceiling:
        return high
    return ceiling.strftime(pattern) if pattern else ceiling.replace(tzinfo=moment.tzinfo).isoformat()


def _read(high: str, pattern: str | None) -> datetime:
    """The partner's wall clock, kept as it is."""
    try:
        return datetime.strptime(high, pattern) if pattern else datetime.fromisoformat(high)  # noqa: DTZ007 -- see above
    except ValueError:
        raise FlowError("flow.cursor_unreadable", value=high) from None


def _greatest(one: Json, other: Json) -> str | int | None:
    values = [value for value in (one, other) if isinstance(value, str | int)]
    if len({type(value) for value in values}) > 1:
        return values[-1]  # the source has changed the kind of its cursor: what it says now counts
    return max(values, key=lambda value: (value if isinstance(value, int) else 0, str(value)), default=None)

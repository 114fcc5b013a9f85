"""Time windows, for interfaces that only give what is between two moments."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from connectors.options import Options, span_of
from connectors.paging import PagingPosition, digest_of
from hub.model import Json, Page

EPOCH = {"seconds": 1, "milliseconds": 1000}


class Window(Options):
    """The parameters by which a list is asked for in windows of time."""

    from_: str = Field(
        alias="from", description="Parameter of the beginning, e.g. params[beginTime]"
    )
    to: str = Field(description="Parameter of the end, e.g. params[endTime]")
    step: str = Field(
        pattern=r"^[1-9][0-9]{0,4}[mhd]$",
        description="Length of a window, e.g. 7d, 12h or 30m; the partner's limit",
    )
    format: str = Field(
        default="%Y-%m-%d",
        description="How a moment is written: a strftime format, or seconds or milliseconds "
        "since 1970. Without hours "
        "a window is made of whole days",
    )
    begin: str = Field(
        default="2000-01-01",
        pattern=r"^\d{4}-\d{2}-\d{2}$",
        description="First day of a reading that begins at the beginning, e.g. 2019-01-01",
    )
    end: Literal["inclusive", "exclusive"] = Field(
        default="inclusive",
        description="Whether what is of the moment `to` itself comes too; matters for whole days",
    )
    zone: str = Field(default="Asia/Shanghai", description="Time zone of the moments")

    def spans(self, since: str | int | None, now: datetime) -> Iterator["WindowSpan"]:
        """Windows from a cursor value, or from the configured start, until now."""
        at, today = self._start(since), self._wall(now)
        if self.whole_days:
            at, today = _midnight(at), _midnight(today)
        while True:
            span = self._span(at, today)
            yield span
            if span.last:
                return
            at = span.following

    @property
    def whole_days(self) -> bool:
        """Whether moments are written without a time of day."""
        return self.format not in EPOCH and not any(
            sign in self.format for sign in ("%H", "%I", "%T", "%X", "%c")
        )

    def _span(self, at: datetime, now: datetime) -> "WindowSpan":
        day = timedelta(days=1)
        inside = day if self.whole_days and self.end == "inclusive" else timedelta()
        end = max(
            at, min(at + self.length - inside, now if inside or not self.whole_days else now + day)
        )
        last = end >= now if inside or not self.whole_days else end > now
        return WindowSpan(
            at, end, self.written(at), self.written(end), following=end + inside, last=last
        )

    @property
    def length(self) -> timedelta:
        """Length of a window; whole days where moments have no time of day."""
        length = span_of(self.step)
        return max(length, timedelta(days=1)) if self.whole_days else length

    def written(self, moment: datetime) -> str:
        if self.format in EPOCH:
            return str(
                int(moment.replace(tzinfo=ZoneInfo(self.zone)).timestamp() * EPOCH[self.format])
            )
        return moment.strftime(self.format)

    def moment(self, value: str | int | None) -> datetime | None:
        """A cursor value as local time of the zone; None for none."""
        try:
            if isinstance(value, int):
                per_second = EPOCH["milliseconds"] if value > 10**11 else 1
                return self._wall(datetime.fromtimestamp(value / per_second, UTC))
            found = datetime.fromisoformat(value or "")
        except (ValueError, OverflowError, OSError):
            return None
        return found if found.tzinfo is None else self._wall(found)

    def _start(self, since: str | int | None) -> datetime:
        return self.moment(since) or datetime.fromisoformat(self.begin)

    def _wall(self, moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)


@dataclass(frozen=True)
class WindowSpan:
    """One window: its bounds, as written, where the next begins, whether it reaches now."""

    start: datetime
    end: datetime
    begins: str
    ends: str
    following: datetime
    last: bool


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def in_windows(
    window: Window,
    start: PagingPosition,
    now: datetime,
    *,
    read: Callable[[WindowSpan, PagingPosition], Iterator[Page]],
    moment: Callable[[bytes], str | int | None],
) -> Iterator[Page]:
    """Read window after window; records at the edge of two are given once (dedup).

    read: pages of one window from a position. moment: a record's cursor value.
    """
    place = start
    since = place.window or place.since
    for span in window.spans(since, now):
        place = replace(place, window=span.start.isoformat(), since=None)
        edge: list[str] = []
        for page in read(span, place):
            if span.following == span.end:
                edge += _at_or_after(
                    window, span.end, [raw.payload for raw in page.records], moment
                )
            if page.last and not span.last:
                place = PagingPosition(high=page.high, seen=edge, window=span.following.isoformat())
                yield replace(page, resume=_window_position(place), last=False)
            else:
                yield page


def _at_or_after(
    window: Window,
    end: datetime,
    payloads: Sequence[bytes],
    moment: Callable[[bytes], str | int | None],
) -> list[str]:
    """Digests of records that the next window may repeat: at its start, or without a moment."""
    found = [(payload, window.moment(moment(payload))) for payload in payloads]
    return [digest_of(payload) for payload, at in found if at is None or at >= end]


def _window_position(place: PagingPosition) -> Json:
    return asdict(place)

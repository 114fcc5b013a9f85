"""Dates and times as partners write them: one reader for all, wall clocks in the partner's zone."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

HUB_ZONE = ZoneInfo("Asia/Shanghai")
"""Instants are written in this zone whatever the partner's own is, so that equal instants are equal text."""

EPOCH = "epoch_ms"
_MILLISECONDS = re.compile(r"\d{13}", re.ASCII)
_ZONE = r"\s*(Z|[+-]\d{2}:?\d{2})?"
_SEPARATED = re.compile(
    r"(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?"
    r"(?:[T\s]\s*(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})(?:[.,](\d{1,6})\d*)?秒?)?)?" + _ZONE
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(?:(\d{2})(?:[T\s]?(\d{2}):?(\d{2})(?::?(\d{2})(?:\.(\d{1,6})\d*)?)?)?)?" + _ZONE)


def _read(text: str) -> datetime:
    """Year, month and what is there of day (else the first) and time; naive unless the text names its zone.

    Thirteen digits are milliseconds since 1970.
    """
    if _MILLISECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    match = _SEPARATED.fullmatch(text) or _COMPACT.fullmatch(text)
    if match is None:
        raise ValueError(text)
    parts = zip(match.groups()[:6], (1, 1, 1, 0, 0, 0), strict=True)
    year, month, day, hour, minute, second = (int(part or first) for part, first in parts)
    fraction = int((match[7] or "").ljust(6, "0"))
    zone = datetime.strptime(match[8], "%z").tzinfo if match[8] else None
    return datetime(year, month, day, hour, minute, second, fraction, tzinfo=zone)


def _moment(text: str, pattern: str | None) -> datetime:
    text = text.strip()
    return datetime.strptime(text, pattern) if pattern else _read(text)  # noqa: DTZ007 - callers see to the zone


def _placed(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment


@lru_cache(maxsize=65536)
def date_text(text: str, zone: ZoneInfo, pattern: str | None = None) -> str:
    """YYYY-MM-DD, or ValueError; an instant with a zone gives the day that it is in `zone`."""
    moment = _moment(text, pattern)
    return (moment.astimezone(zone) if moment.tzinfo else moment).date().isoformat()


@lru_cache(maxsize=65536)
def datetime_text(text: str, zone: ZoneInfo, pattern: str | None = None) -> str:
    """ISO 8601 in the hub's zone, or ValueError; a wall clock without a zone is read in `zone`."""
    return _placed(_moment(text, pattern), zone).astimezone(HUB_ZONE).isoformat()


@lru_cache(maxsize=4096)
def month_text(text: str, pattern: str | None = None) -> str:
    """YYYY-MM, or ValueError."""
    return _moment(text, pattern).date().isoformat()[:7]


@lru_cache(maxsize=65536)
def sortable(text: str, zone: ZoneInfo) -> str:
    """UTC with fixed places, so that instants sort as text; ValueError if it is none."""
    return _placed(_read(text.strip()), zone).astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def written(text: str, zone: ZoneInfo, pattern: str) -> str | int:
    """A month, date or instant of ours in a partner's pattern and zone, or as `epoch_ms`."""
    moment = _read(text)
    if pattern == EPOCH:
        return int(_placed(moment, zone).timestamp() * 1000)
    return (moment.astimezone(zone) if moment.tzinfo else moment).strftime(pattern)

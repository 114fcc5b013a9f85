"""Dates and times as partners write them: one reader for all, wall clocks in the partner's zone."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

HUB_ZONE = ZoneInfo("Asia/Shanghai")
"""Instants are written in this zone whatever the partner's own is, so that equal instants are equal text."""

EPOCH = "epoch_ms"
_MILLISECONDS = re.compile(r"\d{13}", re.ASCII)
_DAY, _SECOND = len("2026-01-02"), len("2026-01-02 03:04:05")
_DIGITS, _ALL_DIGITS = len("20260102"), len("20260102030405")
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
    if text.isascii() and (plain := _plain(text)):
        return datetime.fromisoformat(plain)
    if _MILLISECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    match = _SEPARATED.fullmatch(text) or _COMPACT.fullmatch(text)
    if match is None:
        raise ValueError(text)
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    zone = datetime.strptime(offset, "%z").tzinfo if offset else None
    date_part = int(year), int(month), int(day or 1)
    return datetime(
        *date_part, int(hour or 0), int(minute or 0), int(second or 0), int((fraction or "").ljust(6, "0")), tzinfo=zone
    )


def _plain(text: str) -> str | None:
    """What Python itself reads, and fast: 2026-01-02, 2026-01-02 03:04:05 (or T between), 20260102, 20260102030405."""
    if text.isdigit():
        return text if len(text) == _DIGITS else f"{text[:8]}T{text[8:]}" if len(text) == _ALL_DIGITS else None
    if not (text[:4].isdigit() and text[4:5] == text[7:8] == "-"):
        return None
    timed = len(text) == _SECOND and text[10] in " T" and text[13] == text[16] == ":"
    return text if timed or len(text) == _DAY else None


def _moment(text: str, pattern: str | None) -> datetime:
    text = text.strip()
    return datetime.strptime(text, pattern) if pattern else _read(text)  # noqa: DTZ007 - callers see to the zone


def _placed(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment


def date_text(text: str, zone: ZoneInfo, pattern: str | None = None) -> str:
    """YYYY-MM-DD, or ValueError; an instant with a zone gives the day that it is in `zone`."""
    moment = _moment(text, pattern)
    return (moment.astimezone(zone) if moment.tzinfo else moment).date().isoformat()


def datetime_text(text: str, zone: ZoneInfo, pattern: str | None = None) -> str:
    """ISO 8601 in the hub's zone, or ValueError; a wall clock without a zone is read in `zone`."""
    return _placed(_moment(text, pattern), zone).astimezone(HUB_ZONE).isoformat()


def month_text(text: str, pattern: str | None = None) -> str:
    """YYYY-MM, or ValueError."""
    return _moment(text, pattern).date().isoformat()[:7]


def sortable(text: str, zone: ZoneInfo) -> str:
    """UTC with fixed places, so that instants sort as text; ValueError if it is none."""
    return _placed(_read(text.strip()), zone).astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def written(text: str, zone: ZoneInfo, pattern: str) -> str | int:
    """A month, date or instant of ours in a partner's pattern and zone, or as `epoch_ms`."""
    moment = _read(text)
    if pattern == EPOCH:
        return int(_placed(moment, zone).timestamp() * 1000)
    return (moment.astimezone(zone) if moment.tzinfo else moment).strftime(pattern)

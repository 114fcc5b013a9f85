"""Dates and times as partners write them: one reader for all, wall clocks in the partner's zone."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

HUB_ZONE = ZoneInfo("Asia/Shanghai")
"""Instants are written in this zone whatever the partner's own is, so that equal instants are equal text."""

EPOCH = "epoch_ms"
_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS = re.compile(r"\d{13}", re.ASCII)
_DAY, _SECOND = len("2026-01-02"), len("2026-01-02 03:04:05")
_DIGITS, _ALL_DIGITS = len("20260102"), len("20260102030405")
_ZONE = r"\s*(Z|[+-]\d{2}:?\d{2})?"
_SHORT_ZONE = re.compile(r":\d{2}(?:\.\d+)?[+-]\d{2}$", re.ASCII)  # 09:30:00+08, as PostgreSQL writes it
_ZONED_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:Z|[+-]\d{2}:\d{2})", re.ASCII)  # xs:date
_SEPARATED = re.compile(
    r"(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?"
    r"(?:[T\s]\s*(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})(?:[.,](\d{1,6})\d*)?秒?)?)?" + _ZONE
)
# Six digits are a month of this century or the last: 241001 is no month of the year 2410.
_COMPACT = re.compile(
    r"(\d{4}(?=\d{4})|(?:19|20)\d{2})(\d{2})(?:(\d{2})(?:[T\s]?(\d{2}):?(\d{2})(?::?(\d{2})(?:\.(\d{1,6})\d*)?)?)?)?"
    + _ZONE
)


def _read(text: str) -> datetime:
    """Year, month and what is there of day (else the first) and time; naive unless the text names its zone.

    Thirteen digits are milliseconds since 1970.
    """
    if text.isascii() and (plain := _plain(text)):
        return datetime.fromisoformat(plain)
    if _MILLISECONDS.fullmatch(text):
        return _BEGIN + timedelta(milliseconds=int(text))
    if _SHORT_ZONE.search(text):
        text += ":00"
    match = _SEPARATED.fullmatch(text) or _COMPACT.fullmatch(text)
    if match is None:
        raise ValueError(text)
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    if day is None and text[4:].strip() == ".1":  # 2024.10 that has been a number on its way, or January
        raise ValueError(text)
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
    """ValueError for a wall clock that the zone's clocks never showed, or showed twice when they were put back."""
    if moment.tzinfo is not None:
        return moment
    placed = moment.replace(tzinfo=zone)
    if placed.utcoffset() != placed.replace(fold=1).utcoffset():
        raise ValueError(zone.key)
    return placed


def date_text(text: str, zone: ZoneInfo, pattern: str | None = None) -> str:
    """YYYY-MM-DD, or ValueError; an instant with a zone gives the day that it is in `zone`."""
    if pattern is None and (day := _ZONED_DAY.fullmatch(text.strip())):
        text = day[1]  # a day is that day in every zone
    moment = _moment(text, pattern)
    return (moment.astimezone(zone) if moment.tzinfo else moment).date().isoformat()


def datetime_text(text: str, zone: ZoneInfo, pattern: str | None = None) -> str:
    """ISO 8601 in the hub's zone, or ValueError; a wall clock without a zone is read in `zone`."""
    moment = _placed(_moment(text, pattern), zone).astimezone(HUB_ZONE)
    if not is_kept(moment):
        raise ValueError(text)
    return moment.isoformat()


def is_kept(moment: datetime) -> bool:
    """Whether an instant can be read back: in UTC and here it lies in a year from 1 to 9999.

    PostgreSQL takes others and gives them to nobody: each reading of their row fails.
    """
    try:
        moment.astimezone(UTC).astimezone(HUB_ZONE)
    except OverflowError:
        return False
    return True


def instant(text: str, zone: ZoneInfo) -> datetime:
    """The instant that a text means, or ValueError; a wall clock without a zone is read in `zone`."""
    return _placed(_read(text.strip()), zone).astimezone(UTC)


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
        return (_placed(moment, zone) - _BEGIN) // timedelta(milliseconds=1)
    return (moment.astimezone(zone) if moment.tzinfo else moment).strftime(pattern)

"""Parser of dates and times as partners write them; wall clocks are in the partner's zone."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from hub.domain import chinese_dates

HUB_ZONE = ZoneInfo("Asia/Shanghai")
"""Zone of all instants as text, so that equal instants are equal text."""

EPOCH = "epoch_ms"
_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS = re.compile(r"\d{13}", re.ASCII)
_DAY, _SECOND = len("2026-01-02"), len("2026-01-02 03:04:05")
_MIDNIGHT = 24
_DIGITS, _ALL_DIGITS = len("20260102"), len("20260102030405")
_ZONE = r"\s*+(Z|[+-]\d{2}:?\d{2})?"
_SHORT_ZONE = re.compile(
    r":\d{2}(?:\.\d++)?[+-]\d{2}$", re.ASCII
)  # 09:30:00+08, as PostgreSQL writes it
_ZONED_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:Z|[+-]\d{2}:\d{2})", re.ASCII)  # xs:date
_SEPARATED = re.compile(
    r"(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})[日号]?|月)?(?:\s*+\(?(?:星期|周|礼拜)([一二三四五六日天])\)?)?"
    r"(?:(?:[T\s]\s*+|(?<=[日号)一二三四五六天])|(?=[上下中凌早晚]))(上午|下午|中午|凌晨|早上|晚上)?\s*+"
    r"(\d{1,2})(?:[时点]|:(?=\d))(?:(\d{1,2})(?:分|:(?=\d)|(?!\d))"
    r"(?:(\d{1,2})(?:[.,:](\d{1,6}+)\d*+)?秒?)?)?"
    r"(?:\s*+([AaPp][Mm]))?)?" + _ZONE
)
# Six digits are a month of this century or the last: 241001 is no month of the year 2410.
_COMPACT = re.compile(
    (
        r"(\d{4}(?=\d{4})|(?:19|20)\d{2})(\d{2})"
        r"(?:(\d{2})(?:[T\s]?(\d{2}):?(\d{2})(?::?(\d{2})(?:\.(\d{1,6}+)\d*+)?)?)?)?"
    )
    + _ZONE
)


_WEEKDAYS = "一二三四五六日"
_HALVES: Mapping[str, tuple[range, int]] = {
    "": (range(24), 0),
    "am": (range(12), 0),
    "pm": (range(1, 12), 12),
    "上午": (range(12), 0),
    "早上": (range(1, 12), 0),
    "凌晨": (range(6), 0),
    "中午": (range(11, 13), 0),
    "下午": (range(1, 12), 12),
    "晚上": (range(5, 12), 12),
}
"""Parts of a day: the hours that they may have on a clock of twelve, and what is added then.

Left out is what people mean in two ways: 上午12:00 (noon, or midnight as Windows writes it), 晚上12点.
"""

_JSON_DATE = re.compile(
    r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/", re.ASCII
)  # as .NET writes an instant
# a wall clock
SERIALS = {"excel": datetime(1899, 12, 30), "excel_1904": datetime(1904, 1, 1)}  # noqa: DTZ001
"""Epoch of spreadsheet day numbers, by the mapping's word."""
_SERIAL = re.compile(r"\d{1,7}(?:\.\d{1,17})?", re.ASCII)
_NO_LEAP_DAY, _LAST_DAY = 60, 2_958_466
_DAY_MILLISECONDS = 86_400_000


def _read(text: str) -> datetime:
    """Year, month and what is there of day (else the first) and time; naive unless the text names
    its zone.

    Thirteen digits are milliseconds since 1970. 24:00 is the next day's 0:00. ValueError where a
    text does not say one day for certain.
    """
    if text.isascii():
        if known := plain(text):
            return datetime.fromisoformat(known)
        if _MILLISECONDS.fullmatch(text):
            return _BEGIN + timedelta(milliseconds=int(text))
        if said := _JSON_DATE.fullmatch(text):
            return _BEGIN + timedelta(milliseconds=int(said[1]))
        if _SHORT_ZONE.search(text):
            text += ":00"
    else:
        text = chinese_dates.plain(text)
    match = _SEPARATED.fullmatch(text)
    if match is None:
        return _compact(text)
    year, month, day, weekday, half, hour, minute, second, fraction, half_after, offset = (
        match.groups()
    )
    if day is None and (
        hour or weekday or text[4:].strip() == ".1"
    ):  # 2024.10 that was a number, or January
        raise ValueError(text)
    if half and half_after:
        raise ValueError(text)
    date_part = int(year), int(month), int(day or 1)
    if (
        weekday
        and _WEEKDAYS.index("日" if weekday == "天" else weekday) != date(*date_part).weekday()
    ):
        raise ValueError(text)
    named = (half or half_after or "").lower()
    return _put(date_part, _hour(int(hour or 0), named), (minute, second, fraction), offset)


def _compact(text: str) -> datetime:
    """Digits without separators."""
    match = _COMPACT.fullmatch(text)
    if match is None:
        raise ValueError(text)
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    return _put(
        (int(year), int(month), int(day or 1)), int(hour or 0), (minute, second, fraction), offset
    )


def _hour(hour: int, half: str) -> int:
    """An hour of the day, from one of its halves; ValueError where the two do not go together."""
    hours, more = _HALVES[half]
    if hour in hours:
        return hour + more
    if half == "am" and hour == 12:  # noqa: PLR2004 - a clock of twelve
        return 0
    afternoon = (
        range(12, 24) if half in {"pm", "下午"} else range(18, 24) if half == "晚上" else range(0)
    )
    if hour in afternoon or (half == "中午" and hour in {1, 13}):
        return hour if hour != 1 else 13
    if not half and hour == _MIDNIGHT:
        return hour
    raise ValueError(half)


def _put(
    day: tuple[int, int, int], hour: int, rest: tuple[str | None, ...], offset: str | None
) -> datetime:
    minute, second, fraction = (part or "" for part in rest)
    zone = datetime.strptime(offset, "%z").tzinfo if offset else None
    clock = int(minute or 0), int(second or 0), int(fraction.ljust(6, "0"))
    if hour == _MIDNIGHT:
        if any(clock):
            raise ValueError(hour)
        try:
            return datetime(*day, tzinfo=zone) + timedelta(days=1)
        except OverflowError:
            raise ValueError(day) from None
    return datetime(*day, hour, *clock, tzinfo=zone)


def _counted(text: str, begin: datetime) -> datetime:
    """A day from its workbook number, to the millisecond; ValueError for 29 February 1900."""
    if not _SERIAL.fullmatch(text):
        raise ValueError(text)
    number = Decimal(text)
    whole = int(number)
    if begin == SERIALS["excel"]:
        if not 1 <= number < _LAST_DAY or whole == _NO_LEAP_DAY:
            raise ValueError(text)
        begin += timedelta(days=whole < _NO_LEAP_DAY)
    return begin + timedelta(
        milliseconds=int((number * _DAY_MILLISECONDS).to_integral_value(ROUND_HALF_UP))
    )


def plain(text: str) -> str | None:
    """Formats that Python parses itself, fast: 2026-01-02 [03:04:05], 20260102[030405]."""
    if text[11:13] == "24" or (text[8:10] == "24" and len(text) == _ALL_DIGITS):
        return None
    if text.isdigit():
        return (
            text
            if len(text) == _DIGITS
            else f"{text[:8]}T{text[8:]}"
            if len(text) == _ALL_DIGITS
            else None
        )
    if not (text[:4].isdigit() and text[4:5] == text[7:8] == "-"):
        return None
    timed = len(text) == _SECOND and text[10] in " T" and text[13] == text[16] == ":"
    return text if timed or len(text) == _DAY else None


def _moment(text: str, pattern: str | None) -> datetime:
    text = text.strip()
    if pattern is None:
        return _read(text)
    if pattern in SERIALS:
        return _counted(text, SERIALS[pattern])
    # callers see to the zone
    return datetime.strptime(chinese_dates.halfwidth_digits(text), pattern)  # noqa: DTZ007


def _placed(moment: datetime, zone: ZoneInfo) -> datetime:
    """ValueError for a wall clock that the zone skipped, or had twice (clock changes)."""
    if moment.tzinfo is not None:
        return moment
    placed = moment.replace(tzinfo=zone)
    if placed.utcoffset() != placed.replace(fold=1).utcoffset():
        raise ValueError(zone.key)
    return placed


def date_text(text: str, zone: ZoneInfo, pattern: str | None = None) -> str:
    """YYYY-MM-DD; an instant with zone gives its day in `zone`. ValueError: no date."""
    if pattern is None and (day := _ZONED_DAY.fullmatch(text.strip())):
        text = day[1]  # a day is that day in every zone
    moment = _moment(text, pattern)
    return (moment.astimezone(zone) if moment.tzinfo else moment).date().isoformat()


def datetime_text(text: str, zone: ZoneInfo, pattern: str | None = None) -> str:
    """ISO 8601 in the hub's zone; without a zone it is a wall clock in `zone`. ValueError."""
    moment = _placed(_moment(text, pattern), zone).astimezone(HUB_ZONE)
    if not is_kept(moment):
        raise ValueError(text)
    return moment.isoformat()


def is_kept(moment: datetime) -> bool:
    """Whether an instant is readable everywhere: its year in UTC and here is from 1 to 9999.

    PostgreSQL stores others, but every read of their row then fails.
    """
    try:
        moment.astimezone(UTC).astimezone(HUB_ZONE)
    except OverflowError:
        return False
    return True


def instant(text: str, zone: ZoneInfo) -> datetime:
    """The instant of a text; without a zone it is a wall clock in `zone`. ValueError."""
    moment = _placed(_read(text.strip()), zone).astimezone(UTC)
    if not is_kept(moment):
        raise ValueError(text)
    return moment


def month_text(text: str, pattern: str | None = None) -> str:
    """YYYY-MM, or ValueError."""
    return _moment(text, pattern).date().isoformat()[:7]


def sortable(text: str, zone: ZoneInfo) -> str:
    """The instant in UTC with fixed digits, so that it sorts as text; ValueError."""
    return (
        _placed(_read(text.strip()), zone)
        .astimezone(UTC)
        .isoformat(timespec="microseconds")
        .replace("+00:00", "Z")
    )


def written(text: str, zone: ZoneInfo, pattern: str) -> str | int:
    """A month, date or instant of ours in a partner's pattern and zone, or as `epoch_ms`."""
    moment = _read(text)
    if pattern == EPOCH:
        return (_placed(moment, zone) - _BEGIN) // timedelta(milliseconds=1)
    return (moment.astimezone(zone) if moment.tzinfo else moment).strftime(pattern)

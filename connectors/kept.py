"""Whether a table holds what was written: databases truncate, round and convert, often silently."""

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal

from hub import exact
from hub.model import Json

_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d*)(?:\.\d+)?", re.ASCII)
_QUARTER = 900
_TRUTHS = {"1": True, "0": False, "true": True, "false": False, "t": True, "f": False}
_ENOUGH, _COMPACT_DATE = 3, "%Y%m%d%H%M%S"


def altered(sent: Json, held: object) -> bool:
    """Whether a value has lost something; another spelling (12.50, a day as midnight) is no loss.

    Trailing blanks (fixed width) do not count; a leading zero that is missing does.
    """
    if sent is None or sent == "":
        return held not in (None, "")
    if held is None:
        return True
    if isinstance(held, bool) or isinstance(sent, bool):
        return _truth(sent) is not _truth(held)
    if isinstance(held, date | time):
        return not (isinstance(sent, str) and _same_moment(sent.strip(), held))
    return not (
        _same_number(_text(sent), held)
        if isinstance(held, int | float | Decimal)
        else _same(sent, held)
    )


def _same_number(sent: str, held: float | Decimal) -> bool:
    return bool(_NUMBER.fullmatch(sent)) and Decimal(sent) == Decimal(str(held))


def _same(sent: Json, held: object) -> bool:
    if isinstance(held, dict | list):
        return _document(sent) == exact.read(exact.write(held))
    words = (
        bytes(held).decode("utf-8", "replace")
        if isinstance(held, bytes | bytearray | memoryview)
        else str(held)
    )
    return _text(sent).rstrip() == words.rstrip()


def _text(value: Json) -> str:
    return value if isinstance(value, str) else exact.write(value).decode()


def _truth(value: object) -> bool | None:
    return _TRUTHS.get(str(value).strip().lower())


def _document(sent: Json) -> Json:
    try:
        return exact.read(sent) if isinstance(sent, str) else sent
    except exact.UnreadableJsonError:
        return sent


def _same_moment(sent: str, held: date | time) -> bool:
    if isinstance(held, time):
        return (
            sent[: len("00:00:00")] == held.isoformat("seconds") and _tail(sent) == held.microsecond
        )
    whole = (
        held
        if isinstance(held, datetime)
        else datetime(held.year, held.month, held.day, tzinfo=None)  # noqa: DTZ001
    )
    try:
        moment = datetime.fromisoformat(sent)
    except ValueError:
        return _digits(sent) == _digits(whole.strftime(_COMPACT_DATE))
    if moment.tzinfo is not None and whole.tzinfo is not None:
        return moment == whole
    if moment.tzinfo is None and whole.tzinfo is None:
        return moment == whole
    # The zone of one of the two is the session's, or was left out: the clock may differ by a zone,
    # and by nothing else.
    apart = (moment.replace(tzinfo=UTC) - whole.replace(tzinfo=UTC)).total_seconds()
    return apart % _QUARTER == 0


def _tail(sent: str) -> int:
    fraction = sent.partition(".")[2]
    return int(fraction.ljust(6, "0")[:6]) if fraction.isdigit() else 0


def _digits(text: str) -> str:
    """A date by its digits alone: 20261009, and 2026年10月9日 likewise."""
    parts = re.findall(r"\d+", text)
    if len(parts) >= _ENOUGH:
        parts = [parts[0], *(part.zfill(2) for part in parts[1:])]
    return "".join(parts).rstrip("0")

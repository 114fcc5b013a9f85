"""Exact values: JSON without binary floats, texts in workbooks that stay text."""

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
import orjson

from hub.model import Json, Number
from hub.texts import bilingual

if TYPE_CHECKING:
    from openpyxl.cell import Cell

NO_TEXT, TWICE, DEEP = "not UTF-8", "a name comes twice in one object", "nested too deep"
LARGEST, LONGEST = 2**63, 4_000  # Python makes no int of more than 4,300 digits
# what is written out again may not be deeper than 254, and walking it must not exhaust the stack
DEEPEST = 200
_BLANKS = b" \t\n\r"
_DECODER = msgspec.json.Decoder(float_hook=Number)


class UnreadableJsonError(ValueError):
    """Not JSON, or a repeated name; `why` quotes no value."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def read(content: bytes | str) -> Json:
    """Parse JSON: whole numbers as int, others as Number; repeated names are refused.

    Raises only UnreadableJsonError for the content: NaN, cut text, half a character, too long a
    number.
    """
    try:
        found: Json = _DECODER.decode(content)
    except UnicodeDecodeError:
        raise UnreadableJsonError(NO_TEXT) from None
    except (msgspec.MsgspecError, RecursionError) as error:
        raise UnreadableJsonError(str(error).partition(" - at ")[0]) from None
    raw = content.encode() if isinstance(content, str) else content
    if raw.count(b"{") + raw.count(b"[") > DEEPEST and _is_deep(found):
        raise UnreadableJsonError(DEEP)
    # Without blanks each name of an object ends in `":`. As many names came out: none came twice.
    written = raw.translate(None, _BLANKS).count(b'":')
    if not (isinstance(found, dict) and len(found) == written) and _names(found) != written:
        _refuse_twice(raw)
    return found


def _is_deep(found: Json) -> bool:
    level: list[Json] = [found]
    for _ in range(DEEPEST):
        level = [
            part
            for one in level
            if isinstance(one, dict | list)
            for part in (one.values() if isinstance(one, dict) else one)
            if isinstance(part, dict | list)
        ]
        if not level:
            return False
    return True


def read_loosely(content: bytes | str) -> Json:
    """Parse lax JSON: NaN and the like as text for the mapping to judge, half characters kept.

    A repeated name gets the list of its values. Raises ValueError.
    """
    try:
        found: Json = json.loads(
            content,
            parse_constant=str,
            parse_float=Number,
            parse_int=_whole,
            object_pairs_hook=_together,
        )
    except RecursionError:
        raise ValueError(DEEP) from None
    return found


def _whole(text: str) -> Json:
    return int(text) if len(text) < LONGEST else Number(text)


def _together(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) < len(pairs):
        said: dict[str, list[Json]] = {}
        for name, value in pairs:
            said.setdefault(name, []).append(value)
        found = {name: some if len(some) > 1 else some[0] for name, some in said.items()}
    return found


def plain(value: Json) -> Json:
    """The value with each Number, and each int beyond 64 bits, as text."""
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    if isinstance(value, Number):
        return value.text
    large = isinstance(value, int) and not -LARGEST <= value < LARGEST
    return str(value) if large else value


def _names(found: Json) -> int:
    if isinstance(found, dict):
        return len(found) + sum(
            _names(part) for part in found.values() if isinstance(part, dict | list)
        )
    return sum(map(_names, found)) if isinstance(found, list) else 0


def _refuse_twice(content: bytes) -> None:
    def once(pairs: list[tuple[str, object]]) -> None:
        if len({name for name, _ in pairs}) < len(pairs):
            raise UnreadableJsonError(TWICE)

    # Numbers are not asked for here: as text none is too long or too large.
    json.loads(content, object_pairs_hook=once, parse_float=str, parse_int=str)


def write(
    value: object, *, otherwise: Callable[[object], Json] | None = None, option: int = 0
) -> bytes:
    """Serialise JSON, each Number and int with its own digits; `option` is orjson's.

    Raises TypeError for what is no JSON, lone surrogates included.
    """

    def spell(part: object) -> object:
        if isinstance(part, Number):
            return orjson.Fragment(part.text)
        if otherwise is None:
            raise TypeError(type(part).__name__)
        return otherwise(part)

    try:
        return orjson.dumps(value, default=spell, option=option)
    except orjson.JSONEncodeError:  # an int beyond 64 bits, or what cannot be written at all
        return orjson.dumps(_spelt(value), default=spell, option=option)


def _spelt(value: object) -> object:
    if isinstance(value, dict):
        return {name: _spelt(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_spelt(part) for part in value]
    large = isinstance(value, int) and not -LARGEST <= value < LARGEST
    return orjson.Fragment(str(value)) if large else value


LONGEST_CELL = 32_767
"""Characters that a workbook's cell holds."""
_NO_XML = re.compile(r"_x(?=[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff]")


def put_text(cell: "Cell", text: str) -> None:
    """Write text into a workbook cell as text, even if it begins with = or names an error.

    Characters that XML lacks or changes (carriage return) are escaped as spreadsheets do.
    """
    said = _NO_XML.sub(
        lambda found: "_x005F_x" if found[0] == "_x" else f"_x{ord(found[0]):04X}_", text
    )
    if len(said) > LONGEST_CELL:  # the library would cut it without a word
        cut = bilingual("…（过长，已截断，共 {number} 字）", number=len(text))
        said = said[: LONGEST_CELL - len(cut)] + cut
    cell.value = said
    cell.data_type = "s"
    cell.quotePrefix = text.startswith(("=", "+", "-", "@"))

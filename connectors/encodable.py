"""Characters that a format cannot represent, reported by field and code point before writing.

Nothing is replaced: a changed value would be another value.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hub import exact
from hub.errors import Fault
from hub.model import Json, Number

_CODE_POINT = "U+{:04X}"


@dataclass(frozen=True, slots=True)
class Format:
    """A format of records. no: characters it cannot hold; encoding: where it is not UTF-8.

    longest: UTF-16 units of one value at most, 0 for no limit. computed: whether texts may be
    written that a spreadsheet would take for a formula.
    """

    name: str
    no: re.Pattern[str]
    encoding: str = "utf-8"
    longest: int = 0
    computed: bool = True


JSON = Format("JSON", re.compile("[\ud800-\udfff]"))
XML = Format("XML", re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"))
XLSX = Format("XLSX", XML.no, longest=32_767)
"""Excel truncates longer cells silently. A carriage return is written _x000D_, as by Excel."""


_COMPUTED = re.compile(
    "(?:^|[;\t\r\n])[ \u3000]*(?:[=@＝＠\t\r]|[+\\-＋－](?![0-9 ().,/\\-]*(?:$|[;\t\r\n])))"
)
"""A possible formula (CSV injection): at the start of a cell, with any reader's delimiter.

Signed numbers and telephone numbers are none.
"""


def csv(encoding: str, *, computed: bool = True) -> Format:
    """CSV in this encoding: quotes protect delimiters and line ends; NUL cannot be written."""
    return Format(
        f"CSV ({encoding})", re.compile("[\x00\ud800-\udfff]"), encoding, computed=computed
    )


def fault(record: Mapping[str, Json], format_: Format) -> Fault | None:
    """The first thing in a record that the format cannot hold; None if there is none."""
    for name, value in record.items():
        for text in (name, *_texts(value)):
            found = _character(text, format_)
            if found:
                facts = {"field": name, "character": found, "format": format_.name}
                return Fault(f"/{_step(name)}", "delivery.unsayable", facts)
        if not format_.computed and any(map(_COMPUTED.search, _texts(value))):
            return Fault(
                f"/{_step(name)}", "delivery.formula", {"field": name, "format": format_.name}
            )
        if format_.longest and (length := _length(value)) > format_.longest:
            facts = {
                "field": name,
                "length": str(length),
                "limit": str(format_.longest),
                "format": format_.name,
            }
            return Fault(f"/{_step(name)}", "delivery.too_long", facts)
    return None


def _step(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _texts(value: Json) -> Iterable[str]:
    """Every text in a value, names included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Number):
        yield value.text
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
    elif isinstance(value, dict):
        yield from value
        for part in value.values():
            yield from _texts(part)


def _character(text: str, format_: Format) -> str:
    if text.isascii() and text.isprintable():
        return ""
    if found := format_.no.search(text):
        return _CODE_POINT.format(ord(found[0]))
    if format_.encoding == "utf-8":
        return ""
    try:
        text.encode(format_.encoding)
    except UnicodeEncodeError as error:
        return _CODE_POINT.format(ord(error.object[error.start]))
    return ""


def _length(value: Json) -> int:
    """Length of a cell in UTF-16 units, as Excel counts."""
    if value is None or isinstance(value, bool | int | float):
        return 0
    text = value if isinstance(value, str) else exact.write(value).decode()
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2

"""What a format has no way to say, found before a record is written and told by field and code
point.

Nothing is cleaned: a value that was changed on its way would be another value.
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
    """A way to write records. no: the characters that it cannot say; encoding: where it is not
    UTF-8.

    longest: the most UTF-16 units of one value, 0 where there is no limit. computed: whether it may
    hold a text that a spreadsheet would compute.
    """

    name: str
    no: re.Pattern[str]
    encoding: str = "utf-8"
    longest: int = 0
    computed: bool = True


JSON = Format("JSON", re.compile("[\ud800-\udfff]"))
XML = Format("XML", re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"))
XLSX = Format("XLSX", XML.no, longest=32_767)
"""Excel cuts a longer cell in silence. A carriage return is said as _x000D_, as Excel itself
does.
"""


_COMPUTED = re.compile(
    "(?:^|[;\t\r\n])[ \u3000]*(?:[=@＝＠\t\r]|[+\\-＋－](?![0-9 ().,/\\-]*(?:$|[;\t\r\n])))"
)
"""Where a spreadsheet begins to compute: at the start of a cell, as it or a reader with other
delimiters sees it.

A signed number or a telephone number is none.
"""


def csv(encoding: str, *, computed: bool = True) -> Format:
    """CSV: quotes take delimiters and line ends; NUL ends the text for many readers."""
    return Format(
        f"CSV ({encoding})", re.compile("[\x00\ud800-\udfff]"), encoding, computed=computed
    )


def fault(record: Mapping[str, Json], format_: Format) -> Fault | None:
    """The first thing in a record that the format cannot say; None where it can say all of it."""
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
    """Every text in a value, names among them."""
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
    """The length of a value in its cell, as Excel counts it."""
    if value is None or isinstance(value, bool | int | float):
        return 0
    text = value if isinstance(value, str) else exact.write(value).decode()
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2

"""Delimited text (CSV and the like): finds the delimiter, splits into cells."""

import csv
import re
from io import StringIO

from hub.texts import bilingual

DELIMITERS = (",", "\t", ";", "|")
_QUOTED = re.compile(r'"[^"]*"')


UNCLOSED = "引号没有闭合"


class MalformedLineError(ValueError):
    """A text that does not split into cells: misplaced quotes, or several records.

    unclosed: a quote is still open at its end, so more text may close it.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
        self.unclosed = why == bilingual(UNCLOSED)


def delimiter_of(text: str) -> str:
    """The delimiter by a table's header: comma if it has one, else tab, semicolon, bar."""
    header = text.partition("\n")[0]
    if header.count('"') % 2:  # a title goes over several lines
        header = text
    bare = _QUOTED.sub("", header)
    return next((one for one in DELIMITERS if one in bare), ",")


def rows(text: str, delimiter: str) -> list[list[str]]:
    """Every record as cells (a quote inside an unquoted cell is literal); MalformedLineError."""
    try:
        return list(csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        said = str(error)
        if "expected after" in said:
            said = bilingual("引号后面不是分隔符")
        elif said == "unexpected end of data":
            said = bilingual(UNCLOSED)
        raise MalformedLineError(said) from None


def cells(text: str, delimiter: str) -> list[str]:
    """The cells of one record; MalformedLineError for several, or misplaced quotes."""
    if '"' not in text:
        return text.rstrip("\r\n").split(delimiter)
    found = rows(text, delimiter)
    if len(found) != 1:
        raise MalformedLineError(bilingual("不止一条记录"))
    return found[0]

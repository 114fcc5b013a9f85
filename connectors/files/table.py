"""A table as it was read: its records, and what cannot be one."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.files.shape import Header
from connectors.files.troubles import UnreadableFileError
from hub.errors import Fault


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a table, and the row or line where it begins.

    code, facts: why its bytes are no record, where they are none. head: the header that belongs to
    its payload; kept once for all rows, for it may be long and the rows many.
    """

    body: bytes
    number: int
    code: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    head: bytes = b""

    @property
    def payload(self) -> bytes:
        """The record as it is kept."""
        return self.head + b"\n" + self.body if self.head else self.body

    @property
    def size(self) -> int:
        """The bytes of its payload."""
        return len(self.head) + len(self.body) + bool(self.head)

    def fault(self, name: str) -> Fault | None:
        """What is to be said of this row of the file of this name; None of a sound one."""
        if not self.code:
            return None
        return Fault("", self.code, {"file": name, "line": str(self.number), **self.facts})


@dataclass(frozen=True, slots=True)
class TableContent:
    """A table: its records, and its header; None where it has none. notes: what was remarkable, by
    code.
    """

    rows: Sequence[Row]
    header: tuple[str, ...] | None
    notes: Counter[str] = field(default_factory=Counter)


def placed(rows: Iterable[tuple[int, Iterable[str]]], header: Header) -> int:
    """The number of the one row among these that has the header's title as a cell."""
    found = [number for number, cells in rows if any(cell.strip() == header.find for cell in cells)]
    if not found:
        raise UnreadableFileError("file.header_missing", title=header.find)
    if len(found) > 1:
        raise UnreadableFileError(
            "file.header_twice", title=header.find, rows=", ".join(map(str, found[:10]))
        )
    return found[0]


def joined(rows: Sequence[Mapping[int, str]], join: str) -> dict[int, str]:
    """One title a column out of several rows of titles; what is said twice is said once."""
    columns = sorted({column for row in rows for column in row})
    parts = {
        column: [part for row in rows if (part := row.get(column, "").strip())]
        for column in columns
    }
    return {column: join.join(dict.fromkeys(said)) for column, said in parts.items()}


def is_sum(first: str, totals: Iterable[str]) -> bool:
    """Whether a row that begins with this value is a sum: 合计, 合 计：."""
    return "".join(first.split()).rstrip(":：") in totals

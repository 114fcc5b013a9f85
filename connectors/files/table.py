"""A table as read: records, and rows that cannot be one."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.files.shape import Header
from hub.errors import Fault
from hub.workbook.troubles import UnreadableFileError


@dataclass(frozen=True, slots=True)
class Row:
    """One record and its row or line number.

    code, facts: why it is no record, if so. head: the header in its payload; one object for all
    rows.
    """

    body: bytes
    number: int
    code: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    head: bytes = b""

    @property
    def payload(self) -> bytes:
        """The payload as it is stored."""
        return self.head + b"\n" + self.body if self.head else self.body

    @property
    def size(self) -> int:
        """Bytes of the payload."""
        return len(self.head) + len(self.body) + bool(self.head)

    def fault(self, name: str) -> Fault | None:
        """The fault of this row; None for a sound one."""
        if not self.code:
            return None
        return Fault("", self.code, {"file": name, "line": str(self.number), **self.facts})


@dataclass(frozen=True, slots=True)
class TableContent:
    """Records and header; None where there is none. notes: {code: how often}."""

    rows: Sequence[Row]
    header: tuple[str, ...] | None
    notes: Counter[str] = field(default_factory=Counter)


def placed(rows: Iterable[tuple[int, Iterable[str]]], header: Header) -> int:
    """Number of the row that has the header's title as a cell; there must be exactly one."""
    found = [number for number, cells in rows if any(cell.strip() == header.find for cell in cells)]
    if not found:
        raise UnreadableFileError("file.header_missing", title=header.find)
    if len(found) > 1:
        raise UnreadableFileError(
            "file.header_twice", title=header.find, rows=", ".join(map(str, found[:10]))
        )
    return found[0]


def joined(rows: Sequence[Mapping[int, str]], join: str) -> dict[int, str]:
    """One title per column from several rows; repeated titles once."""
    columns = sorted({column for row in rows for column in row})
    parts = {
        column: [part for row in rows if (part := row.get(column, "").strip())]
        for column in columns
    }
    return {column: join.join(dict.fromkeys(said)) for column, said in parts.items()}


def is_sum(first: str, totals: Iterable[str]) -> bool:
    """Whether a row that begins with this value is a sum: 合计, 合 计：."""
    return "".join(first.split()).rstrip(":：") in totals

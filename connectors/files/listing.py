"""What a folder shows: its entries, in the order in which people count, under names that can be
read.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from hub.errors import Fault, TransientError

_DIGITS = re.compile(r"(\d+)", re.ASCII)
NAME_ENCODINGS = ("utf-8", "gb18030")
"""How names of files are written; a name in neither is shown with its bytes spelled out."""


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file: its name, its size in bytes, when it was last changed (seconds since 1970).

    raw: the name as the folder has it. trouble: why it is no file that could be read, "" where it
    is one.
    """

    name: str
    size: int
    changed: float
    raw: bytes = b""
    trouble: str = ""


class UnreachableFileError(Exception):
    """One file cannot be reached, and the others can: `why` says what its store said.

    gone: it is no longer there.
    """

    def __init__(self, why: str, *, gone: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.gone = gone

    def fault(self, name: str) -> Fault:
        """What is to be said of that file."""
        return Fault("", "file.inaccessible", {"file": name, "why": self.why})


class FailedFileError(TransientError):
    """One file cannot be had at the moment, and the others can."""


def named(raw: bytes) -> str:
    """The name of a file as people read it."""
    for encoding in NAME_ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("ascii", "backslashreplace")


def counted(name: str) -> tuple[tuple[tuple[int, int, str], ...], str]:
    """Where a name stands among others: numbers count as numbers, so that d_9 comes before d_10."""
    parts = (part for part in _DIGITS.split(name) if part)
    return tuple(_number(part) if part.isdecimal() else (1, 0, part) for part in parts), name


def _number(digits: str) -> tuple[int, int, str]:
    """Digits as they are ordered as a number, however many there are."""
    counting = digits.lstrip("0")
    return 0, len(counting), counting


def listed(entries: Iterable[ListedFile]) -> list[ListedFile]:
    """These entries in the order of their names; of two that read the same, the second is spelled
    out.
    """
    shown: dict[str, ListedFile] = {}
    for entry in entries:
        name = (
            entry.name if entry.name not in shown else entry.raw.decode("ascii", "backslashreplace")
        )
        shown[name] = replace(entry, name=name)
    return sorted(shown.values(), key=lambda entry: counted(entry.name))

"""Folder listings: entries in natural order, names decoded."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from hub.errors import Fault, TransientError

_DIGITS = re.compile(r"(\d+)", re.ASCII)
NAME_ENCODINGS = ("utf-8", "gb18030")
"""Encodings of file names; of a name in neither the bytes are escaped."""


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file: name, size in bytes, time of change (seconds since 1970).

    raw: the name as bytes. trouble: why it cannot be read, "" where it can.
    """

    name: str
    size: int
    changed: float
    raw: bytes = b""
    trouble: str = ""


class UnreachableFileError(Exception):
    """One file cannot be reached while others can: `why` is the store's message.

    gone: it no longer exists.
    """

    def __init__(self, why: str, *, gone: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.gone = gone

    def fault(self, name: str) -> Fault:
        """The fault for that file."""
        return Fault("", "file.inaccessible", {"file": name, "why": self.why})


class FailedFileError(TransientError):
    """One file fails transiently while others can be read."""


def named(raw: bytes) -> str:
    """A file name decoded."""
    for encoding in NAME_ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("ascii", "backslashreplace")


def counted(name: str) -> tuple[tuple[tuple[int, int, str], ...], str]:
    """Sort key of a name in natural order: d_9 before d_10."""
    parts = (part for part in _DIGITS.split(name) if part)
    return tuple(_number(part) if part.isdecimal() else (1, 0, part) for part in parts), name


def _number(digits: str) -> tuple[int, int, str]:
    """Sort key of digits as a number of any length."""
    counting = digits.lstrip("0")
    return 0, len(counting), counting


def listed(entries: Iterable[ListedFile]) -> list[ListedFile]:
    """Entries in natural order; of two equal names the second is escaped."""
    shown: dict[str, ListedFile] = {}
    for entry in entries:
        name = (
            entry.name if entry.name not in shown else entry.raw.decode("ascii", "backslashreplace")
        )
        shown[name] = replace(entry, name=name)
    return sorted(shown.values(), key=lambda entry: counted(entry.name))

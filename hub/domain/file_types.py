"""What a file is by its first bytes, whatever its name says; archives are opened within bounds."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from hub.errors import Fault

FileType: TypeAlias = Literal["pdf", "ofd", "jpg", "png", "tif", "dwg"]
MEDIA: dict[str, str] = {
    "pdf": "application/pdf",
    "ofd": "application/ofd",
    "jpg": "image/jpeg",
    "png": "image/png",
    "tif": "image/tiff",
    "dwg": "image/vnd.dwg",
}
KNOWN = tuple(MEDIA)
SHOWN = ("pdf", "jpg", "png")
"""Types that a browser shows by itself; every other is saved."""

_FIRST: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "pdf"),
    (b"\xff\xd8\xff", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"II*\x00", "tif"),
    (b"MM\x00*", "tif"),
    (b"AC10", "dwg"),
)
_ARCHIVES: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"Rar!", "rar"),
    (b"7z\xbc\xaf'\x1c", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
)
_PAGE = re.compile(
    rb"<\s{0,9}(?:!doctype\s{1,9}html|html|head|body|script|iframe)\b", re.IGNORECASE
)
_ENDINGS = {"jpeg": "jpg", "tiff": "tif"}
_ENDING = re.compile(r"\.([A-Za-z]{2,4})\Z")
_SIZE = re.compile(r"([1-9]\d{0,5})(kB|MB)")

LOOKED_AT = 2_048
ENTRIES = 5_000
"""Entries of an OFD at most."""
UNPACKED = 20
"""How many times its own size an OFD may hold unpacked, all entries together."""
LEAST_UNPACKED = 10_000_000
PIECE = 65_536
UNZIPPING = (
    zipfile.BadZipFile,
    zlib.error,
    ValueError,
    NotImplementedError,
    EOFError,
    OSError,
    RuntimeError,
)
"""What the library raises for archives that are damaged or lie."""


def size_of(said: str) -> int:
    """Bytes of a size such as 20MB (the grammar has checked it)."""
    found = _SIZE.fullmatch(said)
    return int(found[1]) * {"kB": 1_000, "MB": 1_000_000}[found[2]] if found else 0


def type_of(content: bytes) -> str:
    """What the first bytes say: a known type, `html`, the name of a kind of archive, or `?`."""
    for first, kind in _FIRST:
        if content.startswith(first):
            return kind
    for first, kind in _ARCHIVES:
        if content.startswith(first):
            return "ofd" if kind == "zip" and _calls_itself_ofd(content) else kind
    return "html" if _PAGE.search(content[:LOOKED_AT]) else "?"


def judged(content: bytes, *, types: Sequence[str], most: int, name: str) -> str | Fault:
    """The type of a file that may be held, or why it may not. name: what it is called there."""
    if not content:
        return Fault("", "attachment.empty", {})
    if len(content) > most:
        return Fault("", "attachment.too_large", {"bytes": str(len(content)), "most": str(most)})
    found = type_of(content)
    return _denied(found, types, ending_of(name)) or _broken(found, content) or found


def _denied(found: str, types: Sequence[str], said: str) -> Fault | None:
    """Why a type may not be held. said: the type that the file's name ends in."""
    if found == "html":
        return Fault("", "attachment.page", {})
    if found not in KNOWN and found != "?":
        return Fault("", "attachment.archive", {"found": found})
    if found not in types:
        return Fault("", "attachment.type_denied", {"found": found, "types": ", ".join(types)})
    if said in KNOWN and said != found:
        return Fault("", "attachment.type_lies", {"found": found, "said": said})
    return None


def _broken(found: str, content: bytes) -> Fault | None:
    why = unsound(content) if found == "ofd" else ""
    return Fault("", "attachment.archive", {"found": f"ofd ({why})"}) if why else None


def ending_of(name: str) -> str:
    """The type that a name ends in, "" where it names none."""
    found = _ENDING.search(name.strip())
    said = found[1].lower() if found else ""
    return _ENDINGS.get(said, said)


def _calls_itself_ofd(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "OFD.xml" in archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return False


def unsound(content: bytes) -> str:
    """Why an OFD is none, or could harm who opens it; "" where it is sound.

    Every entry is unpacked, and counted by what comes out: sizes in its directory prove nothing.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > ENTRIES:
                return "entries"
            if len({one.filename for one in entries}) != len(entries):
                return "double"
            most = max(LEAST_UNPACKED, UNPACKED * len(content))
            return next(filter(None, _entries(archive, entries, most)), "")
    except UNZIPPING as error:
        return type(error).__name__


def _entries(
    archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo], most: int
) -> Iterator[str]:
    """What is wrong with each entry, "" for nothing."""
    for one in entries:
        if _leads_out(one.filename):
            yield "path"
        if one.flag_bits & 1:
            yield "encrypted"
        with archive.open(one) as file:
            while most >= 0 and (piece := file.read(PIECE)):
                if one.filename == "OFD.xml" and file.tell() == len(piece) and not _is_root(piece):
                    yield "OFD.xml"
                most -= len(piece)
        if most < 0:
            yield "size"


def _leads_out(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return name.startswith(("/", "\\")) or ".." in parts or ":" in name or "\0" in name


def _is_root(content: bytes) -> bool:
    """Whether this begins an OFD's own document; it declares no entities."""
    return b"OFD" in content and b"<!" not in content.replace(b"<!--", b"")

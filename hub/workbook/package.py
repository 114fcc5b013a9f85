"""XLSX workbooks as packages of parts: sheets, shared strings, styles.

Only what values need is parsed: broken styles, names or drop-downs do not matter.
"""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from lxml import etree

from hub.workbook.troubles import UnreadableFileError

_OLE, _ZIP = b"\xd0\xcf\x11\xe0", b"PK"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CHUNK = 1 << 20
_DATE_IDS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
"""Built-in number formats of dates and times; 27 to 36 and 50 to 58 are Chinese."""
_SPAN_IDS = {46}
KNOWN_DIGITS = 4
_MOST_PARTS = 20_000
_DECLARED = (
    b"<!DOCTYPE",
    b"<!ENTITY",
    "<!DOCTYPE".encode("utf-16-le"),
    "<!DOCTYPE".encode("utf-16-be"),
)
"""Declarations that no part may have: XML entities expand to gigabytes."""
_NO_PATTERN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\[\]]*\]', re.IGNORECASE)
_SPAN = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_DAMAGE = (
    etree.XMLSyntaxError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    NotImplementedError,
    RuntimeError,
)
_FULL_CALC = {"1", "true"}
_MACROS = ("vbaProject.bin", "vbaData.xml")
_MACRO_SHEETS = "xl/macrosheets/"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name, whether it is hidden, its part."""

    name: str
    hidden: bool
    part: str


@dataclass(frozen=True, slots=True)
class Styles:
    """Indexes of cell formats that are moments, and of those that are durations."""

    moments: frozenset[int] = frozenset()
    spans: frozenset[int] = frozenset()


class Package:
    """An opened workbook. from_1904: its date system. stale: cached results of 0 do not count."""

    def __init__(self, content: bytes, *, most_bytes: int) -> None:
        self._most = most_bytes
        self._zip = _opened(content)
        with damage():
            main = self._target("", "officeDocument") or "xl/workbook.xml"
            book = self._tree(main)
            related = self._related(main)
            self.sheets = [
                Sheet(one.get("name", ""), one.get("state", "visible") != "visible", part)
                for one in book.iterfind("{*}sheets/{*}sheet")
                if (part := related.get(_related_id(one), ("", ""))[1])
                and related[_related_id(one)][0] == "worksheet"
            ]
            settings, calc = book.find("{*}workbookPr"), book.find("{*}calcPr")
            self.from_1904 = settings is not None and settings.get("date1904", "") in _FULL_CALC
            self.stale = calc is not None and calc.get("fullCalcOnLoad", "") in _FULL_CALC
            self._parts = {
                kind: part for kind, part in related.values() if kind in {"styles", "sharedStrings"}
            }

    @property
    def has_macros(self) -> bool:
        """Whether a program is in it: VBA, or a sheet of Excel 4 macros."""
        return any(
            name.endswith(_MACROS) or name.startswith(_MACRO_SHEETS)
            for name in self._zip.namelist()
        )

    def strings(self) -> list[str]:
        """Shared strings as written, with escapes."""
        part = self._parts.get("sharedStrings", "")
        if part not in self._zip.namelist():
            return []
        with damage():
            return [text_of(element) for element in self.elements(part, "si")]

    def styles(self) -> Styles:
        """What cell formats mean; nothing where they cannot be parsed, as values do without."""
        try:
            tree = self._tree(self._parts["styles"])
        except (*_DAMAGE, UnreadableFileError):
            return Styles()
        codes = {
            one.get("numFmtId", ""): one.get("formatCode", "")
            for one in tree.iterfind("{*}numFmts/{*}numFmt")
        }
        moments, spans = set(), set()
        for place, one in enumerate(tree.iterfind("{*}cellXfs/{*}xf")):
            number = one.get("numFmtId", "0")
            if number in codes:
                plain = _NO_PATTERN.sub("", codes[number]).split(";")[0]
                is_span, is_moment = (
                    bool(_SPAN.search(plain)),
                    bool(re.search(r"[dmyhsDMYHS年月日]", plain)),
                )
            else:
                known = int(number) if number.isdecimal() and len(number) < KNOWN_DIGITS else 0
                is_span, is_moment = known in _SPAN_IDS, known in _DATE_IDS
            if is_span:
                spans.add(place)
            elif is_moment:
                moments.add(place)
        return Styles(frozenset(moments), frozenset(spans))

    def chunks(self, part: str) -> Iterator[bytes]:
        """A part, decompressed piece by piece; UnreadableFileError beyond the limit (zip bomb)."""
        done, before = 0, b""
        with self._zip.open(part) as source:
            while piece := source.read(_CHUNK):
                done += len(piece)
                if any(map((before + piece).__contains__, _DECLARED)):
                    raise UnreadableFileError("file.damaged", why="<!DOCTYPE>")
                before = piece[-len(_DECLARED[-1]) :]
                if done > self._most:
                    raise UnreadableFileError(
                        "file.too_big", bytes=f">{self._most}", most=str(self._most)
                    )
                yield piece

    def elements(self, part: str, name: str) -> Iterator[etree._Element]:
        """Elements of this name in a part, one at a time."""
        yield from elements(self.chunks(part), name)

    def _tree(self, part: str) -> etree._Element:
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        for piece in self.chunks(part):
            parser.feed(piece)
        return parser.close()

    def _related(self, part: str) -> dict[str, tuple[str, str]]:
        """{id: (kind, part)} of a part's relationships."""
        folder, name = posixpath.split(part)
        rels = posixpath.join(folder, "_rels", f"{name}.rels")
        found = {}
        for one in self._tree(rels):
            kind = one.get("Type", "").rpartition("/")[2]
            target = posixpath.normpath(posixpath.join("/", folder, one.get("Target", ""))).lstrip(
                "/"
            )
            found[one.get("Id", "")] = (kind, target)
        return found

    def _target(self, part: str, kind: str) -> str:
        try:
            return next(
                (target for known, target in self._related(part).values() if known == kind), ""
            )
        except KeyError:
            return ""


def elements(
    chunks: Iterator[bytes], name: str, *, inside: str = "", most: int = 0
) -> Iterator[etree._Element]:
    """Elements of this name in XML that comes in pieces; each is cleared when the next is taken.

    inside, most: at most so many within one element of that name.
    """
    names = tuple(one for tag in (name, inside) if tag for one in (f"{{*}}{tag}", tag))
    parser = etree.XMLPullParser(
        events=("end",), tag=names, resolve_entities=False, no_network=True, huge_tree=True
    )
    held = 0
    for piece in chunks:
        parser.feed(piece)
        for _, element in parser.read_events():
            if inside and etree.QName(element).localname == inside:
                held += 1
                if held > most:
                    raise UnreadableFileError("file.too_wide", most=str(most))
                continue
            held = 0
            yield element
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)
    parser.close()


class damage:  # noqa: N801 - read as a statement
    """Context manager: errors of zip and XML become UnreadableFileError."""

    def __enter__(self) -> None:
        """Nothing to do."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, _DAMAGE):
            why = str(error.msg if isinstance(error, etree.XMLSyntaxError) else error).strip("'\"")[
                :200
            ]
            raise UnreadableFileError("file.damaged", why=why or type(error).__name__) from None


def text_of(element: etree._Element) -> str:
    """A string's text: its runs joined, without phonetic guides."""
    return "".join(
        part.text or ""
        for part in element.iter("{*}t")
        if not any(etree.QName(above).localname == "rPh" for above in part.iterancestors())
    )


def _related_id(element: etree._Element) -> str:
    return next(
        (value for name, value in element.attrib.items() if etree.QName(name).localname == "id"), ""
    )


def _opened(content: bytes) -> zipfile.ZipFile:
    """The package; UnreadableFileError that names what else the file is."""
    if content.startswith(_OLE):
        if _ENCRYPTED in content:
            raise UnreadableFileError("file.encrypted")
        raise UnreadableFileError("file.not_workbook", found="XLS (Excel 97-2003)")
    if not content.startswith(_ZIP):
        raise UnreadableFileError("file.not_workbook", found=_kind(content))
    if content.count(b"PK\x01\x02") > _MOST_PARTS:
        raise UnreadableFileError("file.damaged", why=f"more than {_MOST_PARTS} parts")
    with damage():
        package = zipfile.ZipFile(BytesIO(content))
    names = set(package.namelist())
    if any(name.endswith("workbook.bin") for name in names):
        raise UnreadableFileError("file.not_workbook", found="XLSB")
    if "content.xml" in names:
        raise UnreadableFileError("file.not_workbook", found="ODS")
    if "xl/workbook.xml" not in names and "_rels/.rels" not in names:
        raise UnreadableFileError("file.not_workbook", found="ZIP")
    return package


def _kind(content: bytes) -> str:
    """What a file that is no package seems to be."""
    head = content[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<html" in head or head.startswith((b"<!doctype html", b"<table", b"<meta")):
        return "HTML"
    if head.startswith(b"<"):
        return "XML"
    if head.startswith((b"%pdf", b"rar!", b"7z\xbc\xaf")):
        return head[:4].strip(b"%!\xbc\xaf").decode("ascii", "replace").upper()
    return "CSV" if b"\x00" not in head and (b"," in head or b"\t" in head) else "?"

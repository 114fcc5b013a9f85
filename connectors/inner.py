"""Documents within a text: XML or JSON in a string of an answer, or of an argument."""

import base64
import binascii
from collections.abc import Iterable, Mapping
from typing import Literal, Protocol, cast
from xml.sax.saxutils import unescape

from lxml import etree
from pydantic import Field, model_validator

from connectors import slices
from connectors.canonical import canonical
from connectors.envelopes import NATIONAL, XmlDocument, no_such_place, parsed, words_of
from connectors.options import Options
from connectors.paging import LONG
from connectors.verdicts import Code, as_text, pick
from connectors.web import LostAnswerError, RefusedError
from hub import exact
from hub.errors import FlowError
from hub.model import Json, Number

NEEDS_OK = "`code` 需要同时写明 `ok` / `code` needs `ok`: the codes that mean success"
NEEDS_ROOT = "XML 需要 `root` / XML needs `root`"
QUOTES = {"&quot;": '"', "&apos;": "'", "&#34;": '"', "&#39;": "'"}
OPENED, CLOSED, BLANKS = "<![CDATA[", "]]>", "\ufeff \t\r\n"


class InnerDocument(Protocol):
    """A document within an answer, XML or JSON."""

    def records(self, path: str, cursor: str) -> list[tuple[bytes, Json]]:
        """(bytes, cursor value) of each record at a path."""

    def verdicts(self, path: str) -> list[Json]:
        """What is at a path, each as fields."""

    def text(self, path: str) -> str | None:
        """The text at a path; None where there is nothing."""

    def nowhere(self, path: str) -> str:
        """Where a path without records ends in something that is no empty list, else ""."""


class JsonDocument:
    """An answer in JSON. A single object where a list is expected is a list of one."""

    def __init__(self, text: str, path: str = "") -> None:
        """path: of the records, one of which may make the whole unreadable."""
        self._content = text.encode("utf-8", "surrogatepass")
        self._salvaged: list[bytes] | None = None
        try:
            self._whole = exact.read_loosely(self._content)
        except ValueError:
            found = slices.salvaged(self._content, path)
            if found is None:
                raise
            self._whole, self._salvaged = found

    def records(self, path: str, cursor: str) -> list[tuple[bytes, Json]]:
        found = self._salvaged
        if found is None:
            _, found = slices.cut(self._content, path) or (None, None)
        if found is None:
            found = [canonical(one) for one in _listed(pick(self._whole, path))]
        moment = slices.reader(cursor)
        return [(payload, moment(payload)) for payload in found]

    def verdicts(self, path: str) -> list[Json]:
        return _listed(pick(self._whole, path))

    def text(self, path: str) -> str | None:
        found = pick(self._whole, path) if path else None
        return None if found is None else as_text(found)

    def nowhere(self, path: str) -> str:
        found, steps = self._whole, path.split(".") if path else []
        for step in steps[:-1]:
            if not isinstance(found, dict) or step not in found:
                return "" if found in (None, {}, []) else f"there is no {step}"
            found = found[step]
        if isinstance(found, dict) and steps:
            known = steps[-1] in found
            return "" if known or not found else f"there is no {steps[-1]}"
        return "" if found in (None, [], "") else "not a list"


def _unwrapped(text: str) -> str:
    """A text without blanks and CDATA around it, however often, in linear time."""
    begin, end = 0, len(text)
    while True:
        while begin < end and text[begin] in BLANKS:
            begin += 1
        while begin < end and text[end - 1] in BLANKS:
            end -= 1
        inside = (begin + len(OPENED), end - len(CLOSED))
        if inside[0] > inside[1]:
            return text[begin:end]
        if not (text.startswith(OPENED, begin) and text.startswith(CLOSED, inside[1])):
            return text[begin:end]
        begin, end = inside


def _listed(found: Json) -> list[Json]:
    return found if isinstance(found, list) else [] if found in (None, "") else [found]


class Inner(Options):
    """A document of its own in a text of the answer."""

    at: str = Field(description="Path of the text in the answer, by element names")
    format: Literal["xml", "json"] = Field(default="xml", description="How the document is written")
    encoding: str = Field(
        default="",
        description=(
            "Its encoding, where it comes as bytes (`base64`) and names none or a wrong one"
        ),
    )
    base64: bool = Field(
        default=False, description="The text is base64 of the document, or refers to an attachment"
    )
    records: str = Field(
        default="", description="Path of the records, or verdicts, in the document"
    )
    total: str = Field(
        default="",
        description=(
            "Path of the number of all records; the flow stops where it names some and none is "
            "found"
        ),
    )
    code: str = Field(default="", description="Path of the result code in the document")
    text: str = Field(default="", description="Path of the reason in words")
    ok: tuple[Code, ...] = Field(default=(), description="Codes that mean success")
    denied: tuple[Code, ...] = Field(
        default=(),
        description="Codes that mean wrong credentials, also where a fault of the server says them",
    )
    retry: tuple[Code, ...] = Field(default=(), description="Codes that mean: try again later")

    @model_validator(mode="after")
    def _judged(self) -> "Inner":
        if self.code and not self.ok:
            raise ValueError(NEEDS_OK)
        return self

    def opened(self, answer: XmlDocument, *, system: str) -> InnerDocument:
        """The document within an answer, once its code is success."""
        holder = answer.at(self.at)
        if holder is None:
            raise no_such_place(
                system, f"inner.at: {self.at}: {answer.nowhere(self.at + '.*') or 'nothing there'}"
            )
        inside = next(holder.iterchildren("*"), None) if self.format == "xml" else None
        if inside is not None:
            document: InnerDocument = XmlDocument(inside)  # not as a text, after all
        else:
            document = self._read(words_of(holder), system=system)
        self._judge(document, system=system)
        return document

    def _read(self, text: str, *, system: str) -> InnerDocument:
        try:
            content = self._bytes(text) if self.base64 else self._bare(text)
            if not content.strip():
                return XmlDocument(etree.Element("empty"))
            if self.format == "xml":
                return XmlDocument(parsed(content, encoding=self.encoding))
            text = content if isinstance(content, str) else self._decoded(content)
            return JsonDocument(text, self.records)
        except (etree.XMLSyntaxError, binascii.Error, ValueError, LookupError):
            raise no_such_place(system, f"inner.at: {self.at}: not {self.format.upper()}") from None

    def _bytes(self, text: str) -> bytes:
        return base64.b64decode("".join(text.split()), validate=True)

    def _decoded(self, content: bytes) -> str:
        name = self.encoding or "utf-8"
        return self._bare(content.decode("gb18030" if name.lower() in NATIONAL else name))

    def _bare(self, text: str) -> str:
        """The document, unescaped and unquoted as often as needed."""
        while True:
            bare = _unwrapped(text)
            if bare.startswith("&lt;") or (
                self.format == "json" and bare[:1] in "{[" and "&quot;" in bare and '"' not in bare
            ):
                bare = unescape(bare, QUOTES)
            elif self.format == "json" and bare.startswith('"'):
                whole = exact.read_loosely(bare.encode())
                bare = whole if isinstance(whole, str) else bare
            if bare == text:
                return bare
            text = bare

    def _judge(self, document: InnerDocument, *, system: str) -> None:
        """Raise for the partner's result code in the document, unless it is success."""
        if not self.code:
            return
        code, words = document.text(self.code), document.text(self.text) or ""
        if code is None:
            raise no_such_place(system, f"inner.code: {self.code}: nothing there")
        if code in map(str, self.ok):
            return
        if code in map(str, self.denied):
            raise FlowError("system.credentials", system=system, status=code, words=words)
        if code in map(str, self.retry):
            raise LostAnswerError("system.busy", system=system, status=code)
        raise RefusedError(said=code, text=words, system=system, status=code, words=words)

    def counted(self, document: InnerDocument) -> int | None:
        """The total of records stated by the document."""
        total = document.text(self.total) or ""
        return int(total) if total.isascii() and total.isdecimal() and len(total) < LONG else None


class InnerQuery(Options):
    """A document of its own in a text that is sent."""

    format: Literal["xml", "json"] = Field(default="xml", description="How it is written")
    root: str = Field(
        default="",
        description="Name of the root element; in JSON of the object around, empty: none",
    )
    fields: dict[str, str] = Field(
        default_factory=dict,
        description="Field of the document, by its path -> argument whose value it takes: "
        "`user`, `secret`, or one "
        "that is declared elsewhere (`since`, the parameter of paging, `size_parameter`, a fixed "
        "argument)",
    )
    record: str = Field(
        default="record", description="When writing: path of the records in the document"
    )
    encoding: str = Field(
        default="", description="Encoding that the XML declaration names; empty: no declaration"
    )

    @model_validator(mode="after")
    def _rooted(self) -> "InnerQuery":
        if self.format == "xml" and not self.root:
            raise ValueError(NEEDS_ROOT)
        return self

    def written(self, values: Mapping[str, Json], records: Iterable[Json] | None = None) -> str:
        """The document. Raises ValueError (no XML character) and KeyError (no such argument)."""
        whole: dict[str, Json] = {}
        for path, argument in self.fields.items():
            _put(whole, path, values[argument])
        if records is not None:
            _put(whole, self.record, list(records))
        if self.format == "json":
            return canonical({self.root: whole} if self.root else whole).decode()
        root = etree.Element(self.root)
        _write(root, whole)
        declaration = f'<?xml version="1.0" encoding="{self.encoding}"?>' if self.encoding else ""
        return declaration + str(etree.tostring(root, encoding="unicode"))


def _put(whole: dict[str, Json], path: str, value: Json) -> None:
    *above, name = path.split(".")
    holder = whole
    for step in above:
        holder = cast("dict[str, Json]", holder.setdefault(step, {}))
    holder[name] = "" if value is None else value


def _write(holder: etree._Element, fields: Mapping[str, Json]) -> None:
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            child = etree.SubElement(holder, name)
            if isinstance(one, dict):
                _write(child, one)
            else:
                child.text = plain(one)


def plain(value: Json) -> str:
    """A value as text in XML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.text if isinstance(value, Number) else "" if value is None else str(value)

"""From the bytes that a partner sent to fields that a mapping can read.

JSON gives its object; XML gives {child: text | {...} | [...]} of the record element, namespaces
dropped, attributes as `@name`, text beside children or attributes as `#text`; CSV is a header line
and one record: {column: text}.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from typing import Literal, NoReturn, TypeAlias

import orjson
from lxml import etree

from hub import exact
from hub.delimited import MalformedLineError, delimiter_of, rows
from hub.domain.storable import storable, storable_facts
from hub.errors import Fault, RecordError
from hub.model import Json

ABSENT = "onecode:absent"
"""Name under which the hub stores the key of a tombstone's record."""

UNREAD = "onecode:unread"
"""Name under which the hub notes why the following bytes are unreadable, on a line before."""

HASH_BYTES = 20
_NOTED = b'{"' + UNREAD.encode() + b'":'
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


@dataclass(frozen=True, slots=True)
class PayloadFormat:
    """Format of one flow's payloads. embedded_json: dotted paths of texts that are JSON."""

    format: Literal["json", "xml", "csv"] = "json"
    encoding: str = "utf-8"
    embedded_json: tuple[str, ...] = ()


def keyed_hash(content: bytes, key: bytes) -> bytes:
    """Keyed hash of a payload: without the hub's key it cannot confirm a guess of the content."""
    return blake2b(content, key=key, digest_size=HASH_BYTES).digest()


def absence(key: str, *, run: int, **how: Json) -> bytes:
    """The payload of a tombstone: the hub's own record that a source no longer has this key.

    how: from what: number of `listings` that lacked it, or a `snapshot`.
    """
    return orjson.dumps({ABSENT: key, **how, "run": run})


def is_absence(payload: bytes) -> bool:
    """Whether a payload is a tombstone written by the hub."""
    return payload.startswith(b'{"' + ABSENT.encode() + b'":')


def unread(fault: Fault, content: bytes) -> bytes:
    """The payload of something unreadable: the reason on a line, then the bytes as received."""
    said = {
        "pointer": storable(fault.pointer),
        "code": storable(fault.code),
        "facts": storable_facts(fault.facts),
    }
    return orjson.dumps({UNREAD: said}) + b"\n" + content


def is_unread(payload: bytes) -> bool:
    """Whether a connector could not read what this payload holds."""
    return payload.startswith(_NOTED)


def received(payload: bytes) -> bytes:
    """The bytes as received, without the hub's line."""
    return payload.partition(b"\n")[2] if is_unread(payload) else payload


def why_unread(payload: bytes) -> Fault:
    """The reason in such a payload."""
    try:
        said = orjson.loads(payload.partition(b"\n")[0])[UNREAD]
        return Fault(
            str(said["pointer"]),
            str(said["code"]),
            {str(k): str(v) for k, v in said["facts"].items()},
        )
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
    ):  # a partner's own record that begins so
        return Fault("", "record.payload_malformed", {"format": "JSON", "why": UNREAD})


def decode(payload: bytes, *, form: PayloadFormat) -> dict[str, Json]:
    """Parse one payload; raises RecordError, and nothing else, where it cannot be read."""
    if is_unread(payload):
        raise RecordError(why_unread(payload))
    try:
        return _decoded(payload, form)
    except (RecordError, MemoryError):
        raise
    # whatever one record's bytes do is that record's own outcome
    except Exception as error:  # noqa: BLE001
        _refuse("record.failed", stage="decode", error=type(error).__name__)


def _decoded(payload: bytes, form: PayloadFormat) -> dict[str, Json]:
    if b"\x00" in payload or (b"\\" in payload and b"\\u0000" in payload):
        _refuse("record.payload_malformed", format=form.format.upper(), why="NUL character")
    decoded = bare(payload, form=form)
    for path in form.embedded_json:
        open_embedded(decoded, path)
    return decoded


def bare(payload: bytes, *, form: PayloadFormat) -> dict[str, Json]:
    """The payload's own fields, embedded JSON left as text: an error in it hides no other field."""
    return _READERS[form.format](payload, form.encoding)


def whole(payload: bytes, *, form: PayloadFormat) -> dict[str, Json]:
    """`bare` with what no mapping reads: null XML's content, trailing text, nameless columns."""
    return _WHOLE[form.format](payload, form.encoding)


def open_embedded(decoded: dict[str, Json], path: str) -> None:
    """Replace a text at a path by the JSON it holds."""
    _open_text(decoded, path.split("."), seen="")


def _refuse(code: str, pointer: str = "", **facts: str) -> NoReturn:
    raise RecordError(Fault(pointer, code, facts)) from None


def _json(payload: bytes, _encoding: str) -> dict[str, Json]:
    try:
        decoded = exact.read(payload)
    except exact.UnreadableJsonError as error:
        _refuse("record.payload_malformed", format="JSON", why=error.why)
    if not isinstance(decoded, dict):
        _refuse("record.payload_malformed", format="JSON", why="not an object")
    return decoded


def _xml(payload: bytes, encoding: str, *, every: bool = False) -> dict[str, Json]:
    parser = etree.XMLParser(
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        remove_comments=True,  # else the text would end at the first of them
        remove_pis=not every,
    )
    try:
        root = etree.fromstring(payload, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        _refuse("record.payload_malformed", format="XML", why=str(error))
    if not every and (unread := _unread_entity(root, parser)) is not None:
        _refuse("record.payload_malformed", format="XML", why=unread)
    content = _element(root, every=every)
    return content if isinstance(content, dict) else {}


def _unread_entity(root: etree._Element, parser: etree.XMLParser) -> str | None:
    """An entity that stands for text which is not read: the value around it would lack a piece.

    In a text it is a node of its own; in an attribute the parser drops it and warns.
    """
    if not root.getroottree().docinfo.doctype:
        return None
    for entity in root.iter(etree.Entity):
        return str(entity.text)
    warned = (one for one in parser.error_log if one.type_name == "WAR_UNDECLARED_ENTITY")
    return next((one.message for one in warned), None)


def _element(element: etree._Element, *, every: bool) -> Json:
    if element.get(_NIL) in {"true", "1"} and not (every and _says_more(element)):
        return None
    text = (element.text or "").strip()
    if not len(element) and not element.attrib:
        return text or None
    content: dict[str, Json] = {}
    for name, value in element.attrib.items():
        _add(content, f"@{etree.QName(name).localname}", str(value))
    for child in element.iterchildren("*"):
        _add(content, etree.QName(child).localname, _element(child, every=every))
    if text:
        content["#text"] = text
    if every:
        for tail in (one.tail for one in element if one.tail and not one.tail.isspace()):
            _add(content, "#text", tail.strip())
    return content


def _says_more(element: etree._Element) -> bool:
    """Whether an XML element marked nil has content all the same."""
    return bool(len(element) or len(element.attrib) > 1 or (element.text or "").strip())


def _add(content: dict[str, Json], name: str, value: Json) -> None:
    """A child, an attribute or a column that comes again makes a list; none is a list itself."""
    if name not in content:
        content[name] = value
        return
    known = content[name]
    if isinstance(known, list):
        known.append(value)
    else:
        content[name] = [known, value]


def _csv(payload: bytes, encoding: str, *, every: bool = False) -> dict[str, Json]:
    try:
        text = payload.decode(encoding)
    except UnicodeDecodeError as error:
        _refuse("record.payload_undecodable", encoding=encoding, at=str(error.start))
    try:
        text = text.removeprefix("\ufeff")
        found = rows(text, delimiter_of(text))
    except MalformedLineError as error:
        _refuse("record.payload_malformed", format="CSV", why=error.why)
    if len(found) != 2:  # noqa: PLR2004 - the header and the record
        _refuse(
            "record.payload_malformed", format="CSV", why=f"{len(found) - 1} records in one payload"
        )
    header, cells = found
    while len(cells) > len(header) and not cells[-1]:  # commas at the end of a line say nothing
        cells.pop()
    if len(header) != len(cells):
        _refuse(
            "record.payload_malformed",
            format="CSV",
            why=f"{len(cells)} cells under {len(header)} columns",
        )
    record: dict[str, Json] = {}
    for name, cell in zip(header, cells, strict=True):
        if name.strip() or (every and cell):  # a column without a name is none, as in a workbook
            _add(record, name.strip(), cell)
    return record


_Readers: TypeAlias = Mapping[str, Callable[[bytes, str], dict[str, Json]]]
_READERS: _Readers = {"json": _json, "xml": _xml, "csv": _csv}
_WHOLE: _Readers = {**_READERS, "xml": partial(_xml, every=True), "csv": partial(_csv, every=True)}


def _open_text(holder: Json, steps: list[str], seen: str) -> None:
    """Replace the text at `steps` by its JSON, through nested layers, in each list item."""
    if isinstance(holder, list):
        for index, item in enumerate(holder):
            _open_text(item, steps, f"{seen}/{index}")
        return
    if not isinstance(holder, dict) or holder.get(steps[0]) is None:
        return
    pointer = f"{seen}/{steps[0]}"
    if len(steps) > 1:
        _open_text(holder[steps[0]], steps[1:], pointer)
        return
    value = holder[steps[0]]
    while isinstance(value, str):
        if (
            "\x00" in value or "\\u0000" in value
        ):  # the escape may itself have been written as an escape
            _refuse("record.payload_malformed", pointer, format="JSON", why="NUL character")
        try:
            value = exact.read(value) if value.strip() else None
        except exact.UnreadableJsonError as error:
            _refuse("record.payload_malformed", pointer, format="JSON", why=error.why)
    holder[steps[0]] = value

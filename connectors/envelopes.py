"""SOAP answers: MIME parts, references, and broken characters that cost one record only."""

import base64
import email
import re
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote

from lxml import etree
from requests import Response

from connectors.web import check_status, unreadable
from connectors.xml_depth import MARK, shallow
from hub.errors import FlowError
from hub.model import Json

NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
XOP = "{http://www.w3.org/2004/08/xop/include}Include"
ENCODED = ("http://schemas.xmlsoap.org/soap/encoding/", "http://www.w3.org/2003/05/soap-encoding")
STYLE = "encodingStyle"
DEEP = "Excessive depth"
"""libxml2's message for elements nested more than 2,048 deep."""
NATIONAL = {"gb2312", "gbk", "gb_2312-80", "cp936"}

# A character of the last private plane: no partner has a use for it, and no Chinese encoding maps
# one to it.
_SIGN = "\U0010fffd"
_UNSAYABLE = re.compile(
    "&#(?:x([0-9A-Fa-f]{1,8})|([0-9]{1,10}));"
    "|([^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff])"
)
_SIGNED = re.compile(
    b"%b(?:%b((?:[0-9a-f]{2})*+)|([0-9a-f]{1,8}))%b"
    % (_SIGN.encode(), MARK.encode(), _SIGN.encode())
)
_DECLARATION = re.compile(r"\s*+<\?xml\b[^>]*+(?<=\?)>")  # only ever looked for at the beginning
_DECLARED = re.compile(rb"\s*+<\?xml\b[^>]*\bencoding\s*+=\s*+[\"']([A-Za-z0-9._:-]++)[\"']")
_MULTIPART = re.compile(rb"\ncontent-type:\s*+multipart/", re.IGNORECASE)
NESTED = 8
"""Parts within parts that are followed: reading them costs depth times lines."""
_BYTES = range(0xDC80, 0xDD00)  # surrogate escapes, for bytes that do not decode


@dataclass(frozen=True, slots=True)
class PartnerFault:
    """A SOAP fault: code, text, and detail."""

    code: str
    words: str
    details: tuple[str, ...]

    def says(self, code: str | int) -> bool:
        """Whether one of the partner's own codes, or its text, is in this fault."""
        known = {self.code, self.code.rpartition(":")[2], self.words, *self.details}
        return str(code) in known or str(code) in re.findall(r"[0-9A-Za-z_.-]+", self.words)


class DeclaredEntityError(ValueError):
    """An XML document declares entities (XXE, billion laughs), which no answer may."""


def parsed(content: bytes | str, *, charset: str = "", encoding: str = "") -> etree._Element:
    """The root of an XML document.

    charset: from outside, where the document names none; encoding: overrides a wrong one.
    Characters that XML cannot hold and elements nested too deep are set aside, so that they spoil
    one record only; `own_bytes` restores them. Raises XMLSyntaxError, DeclaredEntityError.
    """
    refuse_entities(content)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        text = _undeclared(content) if isinstance(content, str) else content
        return etree.fromstring(text, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        text = _UNSAYABLE.sub(_signed, _text_of(content, charset, encoding))
        try:
            return _read(text, parser)
        except ValueError:
            raise error from None


def _read(text: str, parser: etree.XMLParser) -> etree._Element:
    """Parse a document whose elements may be nested too deep for the parser."""
    try:
        return etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        if DEEP not in str(error):
            raise
        return etree.fromstring(shallow(text, _SIGN), parser)


def refuse_entities(content: bytes | str) -> None:
    """Raise DeclaredEntityError for entity declarations: a few lines expand to gigabytes.

    The parser's own option does not cover attributes.
    """
    declared = (b"<!ENTITY", "<!ENTITY".encode("utf-16-le"), "<!ENTITY".encode("utf-16-be"))
    told = (
        "<!ENTITY" in content
        if isinstance(content, str)
        else any(map(content.__contains__, declared))
    )
    if told:
        raise DeclaredEntityError


def _text_of(content: bytes | str, charset: str, encoding: str) -> str:
    text = content if isinstance(content, str) else ""
    if isinstance(content, bytes):
        declared = _DECLARED.match(content[:200].removeprefix(b"\xef\xbb\xbf"))
        name = encoding or (declared[1].decode() if declared else charset or "utf-8")
        try:
            text = content.decode(
                "gb18030" if name.lower() in NATIONAL else name, "surrogateescape"
            )
        except (LookupError, UnicodeError):  # of names that are no charset: punycode, idna
            text = content.decode("utf-8", "surrogateescape")
    return _undeclared(text.lstrip("\ufeff"))


def _undeclared(text: str) -> str:
    """The document without its XML declaration, which is wrong once it is text."""
    found = _DECLARATION.match(text)
    return text[found.end() :] if found else text


def _signed(found: re.Match[str]) -> str:
    hexadecimal, decimal, raw = found.groups()
    number = ord(raw) if raw else int(hexadecimal, 16) if hexadecimal else int(decimal)
    # the last of all
    sayable = number <= 0x10FFFF and not _UNSAYABLE.fullmatch(chr(number))  # noqa: PLR2004
    return found[0] if sayable else f"{_SIGN}{number:x}{_SIGN}"


def own_bytes(element: etree._Element) -> bytes:
    """A record as C14N, with the partner's characters restored: an invalid record fails alone."""
    made: bytes = etree.tostring(element, method="c14n", exclusive=True)
    return _SIGNED.sub(_unsigned, made) if _SIGN.encode() in made else made


def _unsigned(found: re.Match[bytes]) -> bytes:
    if found[1] is not None:
        return _SIGNED.sub(_unsigned, bytes.fromhex(found[1].decode()))
    number = int(found[2], 16)
    return bytes([number - 0xDC00]) if number in _BYTES else f"&#x{number:X};".encode()


def answer_of(
    response: Response, *, system: str, encoding: str = ""
) -> etree._Element | PartnerFault:
    """The element in the SOAP body, or the fault there; encoding: where it names none or lies."""
    content, charset, attached = _root_part(response)
    try:
        envelope = parsed(content, charset=charset, encoding=encoding)
    except DeclaredEntityError:
        check_status(response, system=system)
        raise no_such_place(system, "<!ENTITY") from None
    except etree.XMLSyntaxError as error:
        check_status(response, system=system)
        if DEEP in str(error):
            raise FlowError("system.answer_too_deep", system=system) from None
        raise unreadable(system=system, cut=content.lstrip()[:1] == b"<") from None
    body = next(elements(envelope, "Body"), None) if name_of(envelope) == "Envelope" else None
    first = None if body is None else next(body.iterchildren("*"), None)
    if body is None or first is None:
        check_status(response, system=system)
        raise unreadable(system=system, cut=False)
    if (fault := next(elements(body, "Fault"), None)) is not None:
        return _fault(fault)
    check_status(response, system=system)
    _attach(body, attached)
    encoded = STYLE.encode() in content
    if b'ref="' in content or b"ref='" in content:
        references = {key: one for one in body.iter("*") if (key := one.get("id"))}
        encoded = _follow(body, references, most=len(content)) or encoded
    if encoded:
        _plain(body)
    return next((one for one in body.iterchildren("*") if one.get("id") is None), first)


def _root_part(response: Response) -> tuple[bytes, str, dict[str, bytes]]:
    """The envelope, its charset, and attachments by content id."""
    kind = response.headers.get("Content-Type", "")
    head = b"Content-Type: " + " ".join(kind.split()).encode("ascii", "ignore") + b"\r\n\r\n"
    if not kind.lower().lstrip().startswith("multipart/"):
        return response.content, str(email.message_from_bytes(head).get_content_charset("")), {}
    if sum(1 for _ in islice(_MULTIPART.finditer(response.content), NESTED + 1)) > NESTED:
        return b"", "", {}
    message = email.message_from_bytes(head + response.content)
    parts = [part for part in message.walk() if not part.is_multipart()]
    contents = [part.get_payload(decode=True) for part in parts]
    named = [str(part.get("Content-ID", "")).strip().strip("<>") for part in parts]
    start = str(message.get_param("start", "") or "").strip().strip("<>")
    root = named.index(start) if start in named else 0
    attached = {name: bytes(content) for name, content in zip(named, contents, strict=True) if name}
    charset = parts[root].get_content_charset("") if parts else ""
    return bytes(contents[root]) if parts else b"", str(charset), attached


def _fault(element: etree._Element) -> PartnerFault:
    """A SOAP 1.1 or 1.2 fault."""
    later = ".".join(
        filter(None, (text_at(element, "Code.Value"), text_at(element, "Code.Subcode.Value")))
    )
    details = [
        one
        for holder in element.iterchildren("*")
        if name_of(holder).lower() == "detail"
        for one in holder.iter("*")
    ]
    return PartnerFault(
        text_at(element, "faultcode") or later,
        text_at(element, "faultstring") or text_at(element, "Reason.Text"),
        tuple(text for one in details if (text := words_of(one))),
    )


def _attach(body: etree._Element, attached: dict[str, bytes]) -> None:
    """Replace XOP references by their attachments in base64."""
    if not attached:
        return
    for one in list(body.iter("*")):
        content = attached.get(unquote(one.get("href", "").partition("cid:")[2]))
        if content is None:
            continue
        holder = one.getparent() if one.tag == XOP else one
        if holder is not None:
            holder.text = base64.b64encode(content).decode()
        if holder is not one and holder is not None:
            holder.remove(one)


def _follow(body: etree._Element, references: dict[str, etree._Element], *, most: int) -> bool:
    """Inline multi-references (href of old Axis servers); whether there were any.

    most: elements that may result; beyond that the answer is left as it is.
    """
    found, left = False, most
    waiting = [(one, _ids_around(one)) for one in body.iter("*")]
    while waiting:
        one, above = waiting.pop()
        key = one.get("href", "").removeprefix("#") or one.get(f"{{{ENCODED[1]}}}ref", "")
        meant = references.get(key)
        if meant is None or key in above or len(one) or (one.text or "").strip():
            continue
        inside = [deepcopy(child) for child in meant]
        left -= sum(1 for child in inside for _ in child.iter("*"))
        if left < 0:
            break
        found = True
        one.text = meant.text
        one.extend(inside)
        for name in (name for name in meant.attrib if name != "id"):
            one.set(name, meant.get(name, ""))
        waiting += [(child, above | {key}) for part in inside for child in part.iter("*")]
    return found


def _ids_around(element: etree._Element) -> frozenset[str]:
    """Ids of an element and its ancestors."""
    return frozenset(key for one in (element, *element.iterancestors()) if (key := one.get("id")))


def _plain(body: etree._Element) -> None:
    """Remove the attributes of SOAP encoding: types, references, styles."""
    spaces = tuple(f"{{{space}}}" for space in ENCODED)
    for one in body.iter("*"):
        for name in list(one.attrib):
            short = etree.QName(name).localname
            own = name == TYPE or name.startswith(spaces) or short == STYLE
            if own or (name == "href" and one.get(name, "").startswith("#")):
                del one.attrib[name]


def name_of(element: etree._Element) -> str:
    """The local name: partners' namespaces often differ from their WSDL."""
    return str(etree.QName(element).localname)


def elements(element: etree._Element, path: str) -> Iterator[etree._Element]:
    """The elements at a dotted path of local names."""
    step, _, rest = path.partition(".")
    for child in element.iterchildren("*"):
        if name_of(child) == step:
            yield from elements(child, rest) if rest else (child,)


def words_of(element: etree._Element) -> str:
    """The text before the first child; comments and processing instructions do not end it."""
    said = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str):
            break
        said.append(child.tail or "")
    return "".join(said).strip()


def text_at(element: etree._Element, path: str) -> str:
    """The text at a path, "" where there is none."""
    found = next(elements(element, path), None) if path else None
    return "" if found is None else words_of(found)


class XmlDocument:
    """An XML answer. Paths are of local names from its root, whose own name may come first."""

    def __init__(self, root: etree._Element) -> None:
        self._root = root

    def records(self, path: str, cursor: str) -> list[tuple[bytes, Json]]:
        """(bytes, cursor value) of each record at a path; nil elements are none."""
        return [
            (own_bytes(one), text_at(one, cursor)) for one in self._at(path) if not _is_nil(one)
        ]

    def verdicts(self, path: str) -> list[Json]:
        return [
            {name_of(part): words_of(part) for part in one.iterchildren("*")}
            for one in self._at(path)
        ]

    def text(self, path: str) -> str | None:
        """The text at a path; None where there is no such element."""
        found = next(iter(self._at(path)), None) if path else None
        return None if found is None else words_of(found)

    def at(self, path: str) -> etree._Element | None:
        """The first element at a path."""
        return next(iter(self._at(path)), None)

    def _at(self, path: str) -> Iterator[etree._Element]:
        inner = self._inside(path)
        return elements(self._root, inner) if inner else iter([self._root])

    def _inside(self, path: str) -> str:
        first, _, rest = path.partition(".")
        named = name_of(self._root) == first and next(elements(self._root, first), None) is None
        return rest if named else path

    def nowhere(self, path: str) -> str:
        """Where a path without records ends in something that is no empty list; "" where it does
        not.

        An empty element is an empty list. One with text, with other elements where the path goes
        on, or with records of another name, is not what the path describes.
        """
        holder, names = self._root, self._inside(path).split(".")
        for name in names[:-1]:
            inner = next(
                (child for child in holder.iterchildren("*") if name_of(child) == name), None
            )
            if inner is None:
                filled = len(holder) > 0 or bool((holder.text or "").strip())
                return f"{name_of(holder)} has no {name}" if filled else ""
            holder = inner
        others = Counter(name_of(child) for child in holder.iterchildren("*") if len(child))
        if any(times > 1 for times in others.values()):
            return f"{name_of(holder)} has {', '.join(sorted(others))}"
        return (
            f"{name_of(holder)} is text" if not len(holder) and (holder.text or "").strip() else ""
        )


def _is_nil(element: etree._Element) -> bool:
    return element.get(NIL) in {"true", "1"} and not len(element)


def no_such_place(system: str, detail: str) -> FlowError:
    """The error for an answer in which a path leads nowhere."""
    return FlowError("system.answer_unreadable", system=system, detail=detail)

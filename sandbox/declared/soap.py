"""SOAP 1.1 envelopes: a request taken apart, an answer or a fault built.

What is said stands in elements, or in a document of its own within a text.
"""

import json
import re
from base64 import b64decode
from html import escape
from zlib import crc32

from lxml import etree
from starlette.responses import Response

from sandbox.declared.words import Inner, Soap
from sandbox.state import Record

SPACE = "http://schemas.xmlsoap.org/soap/envelope/"
SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
ENCODED = "http://schemas.xmlsoap.org/soap/encoding/"
XOP = "http://www.w3.org/2004/08/xop/include"
# A partner never reads other documents on a sender's word.
PARSER = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True)
DECLARATION = re.compile(r"<\?xml[^>?]*\?>")
UNSAYABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
BOUNDARY = "onecode-part"


class NotSoapError(ValueError):
    """What came cannot be read; the text says what was looked for."""


def read(soap: Soap, body: bytes) -> tuple[str, tuple[str, str], Record]:
    """Give operation, login and what is asked, or raise NotSoapError."""
    envelope = _parsed(body)
    content = envelope.find(f"{{{SPACE}}}Body")
    if content is None or len(content) != 1:
        raise NotSoapError("Body")
    operation, said = etree.QName(content[0]).localname, _fields(content[0])
    if not soap.inner:
        token = f".//{{{SECURITY}}}"
        who = envelope.findtext(f"{token}Username", ""), envelope.findtext(f"{token}Password", "")
        return operation, who, said
    known = {
        name: str(said.get(f"{soap.argument}{at}", "")) for at, name in enumerate(soap.arguments)
    }
    route = "/".join(filter(None, (operation, known.get("service"))))
    login = known.get("user", ""), known.get("secret", "")
    return route, login, _opened(soap.inner, known["query"])


def _parsed(content: bytes | str) -> etree._Element:
    try:
        return etree.fromstring(content, PARSER)
    except etree.XMLSyntaxError as error:
        raise NotSoapError(error.msg) from error


def _fields(element: etree._Element) -> Record:
    """The parts of an element by name; what stands there more than once is a list."""
    found: Record = {}
    for child in element.iterchildren("*"):
        value: object = _fields(child) if len(child) else child.text or ""
        name = etree.QName(child).localname
        before = found.get(name)
        if name in found:
            value = [*before, value] if isinstance(before, list) else [before, value]
        found[name] = value
    return found


def _opened(inner: Inner, text: str) -> Record:
    if not text:
        return {}
    if inner.format == "xml":
        return _fields(_parsed(DECLARATION.sub("", text.lstrip(), count=1)))
    found = json.loads(text)
    if not isinstance(found, dict):
        raise NotSoapError(inner.format)
    return found


def answer(soap: Soap, operation: str, content: object) -> Response:
    """Give the envelope of an answer, with attachments where some fields travel so."""
    files: list[bytes] = []
    said = _written(soap, "", content, files)
    if soap.inner:
        said = _text(soap.inner, content, said)
    name, beside = f"{operation}Response", ""
    if soap.multiref and soap.inner:
        kind = f'xmlns:x="{ENCODED}" x:root="0" soap:encodingStyle="{ENCODED}"'
        beside = f'<multiRef id="id0" {kind}>{said}</multiRef>'
        said = f'<{soap.inner.at} href="#id0"/>'
    elif soap.inner:
        said = f"<{soap.inner.at}>{said}</{soap.inner.at}>"
    return _sent(f'<{name} xmlns="{soap.namespace}">{said}</{name}>{beside}', files, 200)


def fault(side: str, text: str) -> Response:
    """Give the envelope of a fault."""
    words = f"<faultcode>soap:{side}</faultcode><faultstring>{_escaped(text)}</faultstring>"
    return _sent(f"<soap:Fault>{words}</soap:Fault>", [], 500)


def _text(inner: Inner, content: object, said: str) -> str:
    """What is said, as the text of one element."""
    if inner.format == "json":
        said = json.dumps(content, ensure_ascii=False)
    else:
        declared = f'<?xml version="1.0" encoding="{inner.encoding}"?>' if inner.encoding else ""
        said = f"{declared}<{inner.root}>{said}</{inner.root}>"
    if inner.encoding:
        said = said.encode(inner.encoding, "replace").decode(inner.encoding)
    if inner.cdata:
        return f"<![CDATA[{said.replace(']]>', ']]]]><![CDATA[>')}]]>"
    return escape(said, quote=False)


def _written(soap: Soap, name: str, value: object, files: list[bytes]) -> str:
    """A value as elements of a name; of nothing there is no element."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "".join(_written(soap, name, one, files) for one in value)
    if isinstance(value, dict):
        said = "".join(_written(soap, part, one, files) for part, one in value.items())
    elif name in soap.attached and value:
        files.append(b64decode(str(value)))
        place = f"cid:{_name(files[-1])}"
        said = place if soap.inner else f'<i:Include xmlns:i="{XOP}" href="{place}"/>'
    else:
        said = _escaped(str(value))
    return f"<{name}>{said}</{name}>" if name else said


def _escaped(text: str) -> str:
    """A text in XML; a character that XML cannot say is sent all the same."""
    return UNSAYABLE.sub(lambda found: f"&#x{ord(found[0]):X};", escape(text, quote=False))


def _sent(content: str, files: list[bytes], status: int) -> Response:
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    body = (
        f'{head}<soap:Envelope xmlns:soap="{SPACE}"><soap:Body>{content}</soap:Body>'
        "</soap:Envelope>"
    ).encode()
    if not files:
        return Response(body, status, media_type="text/xml")
    parts = [("root", 'application/xop+xml; charset=UTF-8; type="text/xml"', body)]
    parts += [(_name(one), "application/octet-stream", one) for one in files]
    whole = b"".join(
        f"--{BOUNDARY}\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: binary\r\n"
        f"Content-ID: <{name}>\r\n\r\n".encode()
        + content
        + b"\r\n"
        for name, kind, content in parts
    )
    kind = 'multipart/related; type="application/xop+xml"; start="<root>"'
    kind += f'; start-info="text/xml"; boundary="{BOUNDARY}"'
    return Response(whole + f"--{BOUNDARY}--\r\n".encode(), status, media_type=kind)


def _name(content: bytes) -> str:
    """The name of an attachment: the same bytes always have the same one."""
    return f"{crc32(content):08x}@{BOUNDARY}"

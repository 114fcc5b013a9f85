"""SOAP 1.1 envelopes: taking a request apart, checking who sent it, and building the answer or the
fault.
"""

import hmac
from dataclasses import dataclass

from lxml import etree

from sandbox.fire.messages import NAMESPACE

_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
# A partner never reads other documents on a sender's word.
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True)

Record = dict[str, str]


@dataclass(frozen=True, slots=True)
class Call:
    """One request: the operation's name, its single-valued parts, and its records."""

    operation: str
    parts: Record
    records: list[Record]


class SoapError(Exception):
    """Something that the caller is told as a SOAP fault; `side` says whose mistake it is."""

    def __init__(self, side: str, text: str, *, status: int = 500) -> None:
        super().__init__(text)
        self.side = side
        self.text = text
        self.status = status


def read_call(body: bytes, *, user: str, secret: str) -> Call:
    """Give the call in a request's body, or raise SoapError: not XML, not SOAP, or not a known
    user.
    """
    try:
        envelope = etree.fromstring(body, _PARSER)
    except etree.XMLSyntaxError as error:
        raise SoapError("Client", f"报文不是有效的XML：{error.msg}") from error
    content = envelope.find(f"{{{_SOAP}}}Body")
    if content is None or len(content) != 1:
        raise SoapError("Client", "报文缺少SOAP Body或Body中不是一个元素")
    _authenticate(envelope, user=user, secret=secret)
    request = content[0]
    parts = {_name(part): (part.text or "").strip() for part in request if len(part) == 0}
    records = [
        {_name(field): field.text or "" for field in part}
        for part in request
        if _name(part) == "record" and len(part)
    ]
    return Call(_name(request), parts, records)


def _authenticate(envelope: etree._Element, *, user: str, secret: str) -> None:
    token = f".//{{{_SECURITY}}}UsernameToken"
    name = envelope.findtext(f"{token}/{{{_SECURITY}}}Username", "")
    password = envelope.findtext(f"{token}/{{{_SECURITY}}}Password", "")
    known = hmac.compare_digest(name.encode(), user.encode())
    if not (hmac.compare_digest(password.encode(), secret.encode()) and known):
        raise SoapError("Client.Authentication", "用户名或口令不正确")


def _name(element: etree._Element) -> str:
    return str(etree.QName(element).localname)


def answer(operation: str, parts: list[tuple[str, str | Record]]) -> bytes:
    """Build the envelope of an answer; a part is text or a record of text fields."""
    envelope, content = _envelope()
    response = etree.SubElement(
        content, f"{{{NAMESPACE}}}{operation}Response", nsmap={None: NAMESPACE}
    )
    for name, value in parts:
        part = etree.SubElement(response, f"{{{NAMESPACE}}}{name}")
        if isinstance(value, str):
            part.text = value
        else:
            for field, text in value.items():
                etree.SubElement(part, f"{{{NAMESPACE}}}{field}").text = text
    return _bytes(envelope)


def fault(error: SoapError) -> bytes:
    """Build the envelope of a fault."""
    envelope, content = _envelope()
    report = etree.SubElement(content, f"{{{_SOAP}}}Fault")
    etree.SubElement(report, "faultcode").text = f"soap:{error.side}"
    etree.SubElement(report, "faultstring").text = error.text
    return _bytes(envelope)


def _envelope() -> tuple[etree._Element, etree._Element]:
    envelope = etree.Element(f"{{{_SOAP}}}Envelope", nsmap={"soap": _SOAP})
    return envelope, etree.SubElement(envelope, f"{{{_SOAP}}}Body")


def _bytes(envelope: etree._Element) -> bytes:
    return bytes(etree.tostring(envelope, xml_declaration=True, encoding="UTF-8"))

"""A web service that says what a test wants it to say, with the WSDL that the test gives it."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from hub.model import Connection

SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"


@dataclass(frozen=True)
class Said:
    """One answer over HTTP."""

    body: bytes
    kind: str = "text/xml; charset=utf-8"
    status: int = 200


@dataclass
class ScriptedService:
    """answers: one after the other, the last for ever. documents: path with query -> WSDL or
    schema.
    """

    port: int = 0
    answers: list[Said] = field(default_factory=list)
    documents: dict[str, Said] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Addresses that were read, each with its Authorization."""

    def connection(self, path: str = "/s") -> Connection:
        return Connection("s", "http", "127.0.0.1", self.port, "hub", "geheim-1", path)

    def says(self, *answers: "Said | str", wsdl: str = "", at: str = "/s?wsdl") -> None:
        self.answers = [one if isinstance(one, Said) else Said(one.encode()) for one in answers]
        self.documents = {at: Said(wsdl.encode())} if wsdl else self.documents
        self.calls.clear()
        self.asked.clear()


@contextmanager
def scripted_service() -> Iterator[ScriptedService]:
    service = ScriptedService()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            service.asked.append((self.path, self.headers.get("Authorization", "")))
            self.give(service.documents.get(self.path, Said(b"<html><body>404", "text/html", 404)))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            service.calls.append((self.path, body))
            self.give(service.answers.pop(0) if len(service.answers) > 1 else service.answers[0])

        def give(self, said: Said) -> None:
            self.send_response(said.status)
            self.send_header("Content-Type", said.kind)
            self.send_header("Content-Length", str(len(said.body)))
            self.end_headers()
            self.wfile.write(said.body)

        def log_message(self, *_: object) -> None:
            """Say nothing on the screen."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def wsdl(
    operations: Mapping[str, Mapping[str, str]],
    *,
    address: str = "http://10.1.2.3:8080/s",
    soap: int = 11,
    style: str = "document",
    use: str = "literal",
    types: str = "",
) -> str:
    """A WSDL of operations, each with its arguments: name -> type of XML Schema."""
    space = "soap" if soap == 11 else "soap12"
    rpc = style == "rpc"
    elements = "".join(
        f'<xs:element name="{name}"><xs:complexType><xs:sequence>'
        + "".join(
            f'<xs:element name="{arg}" type="{kind}" minOccurs="0" maxOccurs="unbounded"/>'
            for arg, kind in takes.items()
        )
        + (
            f'</xs:sequence></xs:complexType></xs:element><xs:element name="{name}Response" '
            f'type="xs:anyType"/>'
        )
        for name, takes in operations.items()
    )
    messages = "".join(
        f'<message name="{name}In">'
        + (
            "".join(f'<part name="{arg}" type="{kind}"/>' for arg, kind in takes.items())
            if rpc
            else f'<part name="p" element="t:{name}"/>'
        )
        + f'</message><message name="{name}Out">'
        + (
            '<part name="return" type="xs:string"/>'
            if rpc
            else f'<part name="p" element="t:{name}Response"/>'
        )
        + "</message>"
        for name, takes in operations.items()
    )
    ports = "".join(
        f'<operation name="{n}"><input message="t:{n}In"/><output message="t:{n}Out"/></operation>'
        for n in operations
    )
    coding = (
        ' encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"' if use == "encoded" else ""
    )
    body = f'<s:body use="{use}"{coding}' + (' namespace="urn:t"/>' if rpc else "/>")
    bound = "".join(
        (
            f'<operation name="{n}"><s:operation '
            f'soapAction=""/><input>{body}</input><output>{body}</output></operation>'
        )
        for n in operations
    )
    return f"""<?xml version="1.0"?><definitions xmlns="http://schemas.xmlsoap.org/wsdl/"
 xmlns:s="http://schemas.xmlsoap.org/wsdl/{space}/" xmlns:t="urn:t" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/"
 targetNamespace="urn:t"><types><xs:schema targetNamespace="urn:t" elementFormDefault="qualified">
{types}{"" if rpc else elements}</xs:schema></types>{messages}<portType name="P">{ports}</portType>
<binding name="B" type="t:P"><s:binding transport="http://schemas.xmlsoap.org/soap/http" style="{style}"/>
{bound}</binding>
<service name="S"><port name="B" binding="t:B"><s:address location="{address}"/></port></service></definitions>"""


def envelope(
    content: str,
    *,
    space: str = SOAP11,
    more: str = "",
    head: str = '<?xml version="1.0" encoding="UTF-8"?>',
) -> str:
    """An answer of this content; more: what stands beside it in the body."""
    return f'{head}<E:Envelope xmlns:E="{space}"><E:Body>{content}{more}</E:Body></E:Envelope>'


def answered(content: str) -> str:
    return envelope(f'<QueryResponse xmlns="urn:t">{content}</QueryResponse>')

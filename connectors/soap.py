"""SOAP: the operations of a WSDL, asked page by page or handed records.

A record's payload is its XML element in exclusive canonical form (C14N).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Literal
from urllib.parse import urlsplit

import zeep
from lxml import etree
from pydantic import Field, JsonValue
from requests import Request, Response
from requests.auth import HTTPBasicAuth
from zeep.wsse.username import UsernameToken

from connectors.answers import Bodies, Verdicts
from connectors.handover import deliver
from connectors.options import CursorOptions, Options, read_options, schema_of
from connectors.paging import Answer, Found, Paging, Place, TokenPages, place_of, sweep
from connectors.web import LostAnswerError, RefusedError, Web, WebOptions, address, check_status, unreadable
from hub.errors import FlowError
from hub.model import Connection, Held, Json, Outcome, Outgoing, Page, Receipt

ENVELOPES = ("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope")


class Operation(Options):
    """One operation of the service."""

    operation: str = Field(description="Its name in the WSDL")
    arguments: dict[str, JsonValue] = Field(default_factory=dict, description="Fixed arguments")


class SoapSystem(WebOptions):
    """SOAP: how this partner is called."""

    wsdl: str = Field(default="?wsdl", description="Where the WSDL stands, after the connection's address")
    security: Literal["username_token", "username_digest", "basic", "none"] = Field(
        default="username_token",
        description="WS-Security UsernameToken with the password as text or digest, or HTTP basic",
    )
    path: str = Field(default="", description="Path of the service, where the one in the WSDL is wrong")
    ping: Operation = Field(description="A cheap operation that needs the credentials")


class SoapRead(Operation, CursorOptions):
    """SOAP: an operation that gives records."""

    records: str = Field(default="record", description="Path of the records in the answer, by element names")
    since: str = Field(default="since", description="Argument that asks for records from a cursor value on (inclusive)")
    size: int = Field(default=500, ge=1, description="Records a page")
    size_parameter: str = Field(default="", description="Argument of the page size")
    paging: Paging = Field(description="How pages are turned")


class SoapLookup(Operation):
    """How to ask what became of a delivery."""

    parameter: str = Field(description="Argument of the key")
    path: str = Field(
        default="result", description="Path of the verdict in the answer; no such element: never received"
    )


class SoapWrite(Bodies, Operation):
    """SOAP: an operation that takes records."""

    records: str = Field(default="record", description="Argument that takes the records")
    answers: str = Field(default="result", description="Path of the verdicts in the answer")
    verdict: Verdicts = Field(description="How a verdict is said")
    lookup: SoapLookup | None = Field(default=None, description="How to find an earlier attempt")


class Wire(zeep.Transport):
    """Lets zeep call through `Web`, so that pace, time limits and failures are the same as elsewhere."""

    def __init__(self, web: Web) -> None:
        super().__init__(session=web.session)  # type: ignore[no-untyped-call] # zeep has few types
        self._web = web

    def load(self, url: str) -> bytes:
        response = self._web.call(Request("GET", url))
        check_status(response, system=self._web.system)
        return response.content

    def post(self, address: str, message: bytes, headers: dict[str, str]) -> Response:
        return self._web.call(Request("POST", address, data=message, headers=headers))


class SoapConnector:
    """Talks to one SOAP service."""

    SYSTEM: ClassVar[Mapping[str, Json]] = schema_of(SoapSystem)
    READ: ClassVar[Mapping[str, Json]] = schema_of(SoapRead)
    WRITE: ClassVar[Mapping[str, Json]] = schema_of(SoapWrite)

    def __init__(self, connection: Connection, connect: Mapping[str, Json]) -> None:
        self._name = connection.system
        self._options = read_options(SoapSystem, connect, system=self._name)
        self._connection = connection
        self._base = address(connection)
        self._web = Web(self._name, self._options)
        if self._options.security == "basic":
            self._web.session.auth = HTTPBasicAuth(connection.user.encode(), connection.secret.encode())
        self._proxy: zeep.proxy.ServiceProxy | None = None

    def ping(self) -> str:
        self._call(self._options.ping, {})
        return f"SOAP {self._options.ping.operation}: OK"

    def close(self) -> None:
        self._web.close()

    def pages(self, read: Mapping[str, Json], *, since: str | int | None, resume: Json) -> Iterator[Page]:
        options = read_options(SoapRead, read, system=self._name)

        def ask(place: Place) -> Answer:
            arguments = options.paging.parameters(place)
            if options.size_parameter:
                arguments[options.size_parameter] = options.size
            if options.since and place.since is not None:
                arguments[options.since] = options.asked(place.since)
            return self._page(options, self._call(options, arguments))

        start = place_of(since=since, resume=resume)
        return sweep(ask, paging=options.paging, start=start, name=options.operation, system=self._name)

    def _page(self, options: SoapRead, answer: etree._Element) -> Answer:
        found = [
            Found(etree.tostring(record, method="c14n", exclusive=True), options.shared(_text(record, options.cursor)))
            for record in _elements(answer, options.records)
        ]
        if not found and (place := _nowhere(answer, options.records)):
            detail = f"{options.records}: {place}"
            raise FlowError("system.answer_unreadable", system=self._name, detail=detail)
        token = _text(answer, options.paging.next) if isinstance(options.paging, TokenPages) else None
        return Answer(found, token or None)

    def send(self, write: Mapping[str, Json], items: Sequence[Outgoing]) -> Iterator[Outcome]:
        options = read_options(SoapWrite, write, system=self._name)
        self._web.carry(items)
        return deliver(
            items,
            options,
            size=options.batch,
            look_up=lambda key: self._look_up(options, key),
            hand_over=lambda some: self._hand_over(options, some),
        )

    def _hand_over(self, options: SoapWrite, items: Sequence[Outgoing]) -> Iterator[Outcome]:
        records: list[Json] = [options.shaped(item) for item in items]
        answer = self._call(options, {options.records: records})
        verdicts = [_fields(element) for element in _elements(answer, options.answers)]
        return options.verdict.outcomes(verdicts, [item.key for item in items])

    def _look_up(self, options: SoapWrite, key: str) -> Outcome | None:
        """Ask what became of an earlier attempt; None if the partner never got it or cannot say."""
        if options.lookup is None:
            return None
        answer = self._call(options.lookup, {options.lookup.parameter: key})
        found = next(_elements(answer, options.lookup.path), None)
        return None if found is None else options.verdict.outcome(_fields(found), key=key)

    def held(self, write: Mapping[str, Json], keys: Sequence[str], fields: Sequence[str]) -> Iterator[Held] | None:  # noqa: ARG002
        """One look-up a key, where one is declared: that it was taken, not what it says."""
        options = read_options(SoapWrite, write, system=self._name)
        if options.lookup is None:
            return None
        known = (self._look_up(options, key) for key in keys)
        return (Held(outcome.key, None) for outcome in known if outcome is not None and outcome.state == "confirmed")

    def receipts(self, write: Mapping[str, Json], keys: Sequence[str]) -> tuple[Receipt, ...]:  # noqa: ARG002
        """None: verdicts come with the answer."""
        return ()

    def _call(self, operation: Operation, arguments: Mapping[str, Json]) -> etree._Element:
        """Call an operation; give the element that its answer consists of."""
        together = {**operation.arguments, **arguments}
        wanted = {name: value for name, value in together.items() if value is not None}
        try:
            response = self._service()[operation.operation](**wanted)
        except (zeep.exceptions.Error, AttributeError, TypeError) as error:
            # What does not fit the WSDL is found before anything is sent; the texts may quote values.
            detail = f"{operation.operation}: {type(error).__name__}"
            raise FlowError("system.protocol", system=self._name, detail=detail) from None
        return self._answer(response)

    def _service(self) -> zeep.proxy.ServiceProxy:
        """Read the WSDL, once; calls go to the connection's host, whatever host the WSDL gives."""
        if self._proxy is None:
            client = zeep.Client(  # type: ignore[no-untyped-call] # zeep has few types
                f"{self._base}{self._options.wsdl}",
                wsse=self._proof(),
                transport=Wire(self._web),
                settings=zeep.Settings(raw_response=True, strict=False, xml_huge_tree=True),
            )
            binding, port = next(
                (str(p.binding.name), p) for s in client.wsdl.services.values() for p in s.ports.values()
            )
            path = self._options.path or urlsplit(port.binding_options["address"]).path
            here = urlsplit(self._base)._replace(path=path).geturl()
            self._proxy = client.create_service(binding, here)  # type: ignore[no-untyped-call] # likewise
        return self._proxy

    def _proof(self) -> UsernameToken | None:
        kind, who = self._options.security, self._connection
        if not kind.startswith("username"):
            return None
        return UsernameToken(who.user, who.secret, use_digest=kind == "username_digest")  # type: ignore[no-untyped-call]

    def _answer(self, response: Response) -> etree._Element:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
        try:
            envelope = etree.fromstring(response.content, parser)
        except etree.XMLSyntaxError:
            check_status(response, system=self._name)
            raise unreadable(system=self._name, cut=response.content.lstrip()[:1] == b"<") from None
        body = next((found for space in ENVELOPES if (found := envelope.find(f"{{{space}}}Body")) is not None), None)
        if body is None or len(body) == 0:
            check_status(response, system=self._name)
            raise unreadable(system=self._name, cut=False)
        if _name(body[0]) == "Fault":
            raise self._meaning(body[0])
        check_status(response, system=self._name)
        return body[0]

    def _meaning(self, fault: etree._Element) -> Exception:
        """Say what a SOAP fault (1.1 or 1.2) means."""
        code = _text(fault, "faultcode") or ".".join(
            filter(None, (_text(fault, "Code.Value"), _text(fault, "Code.Subcode.Value")))
        )
        words = _text(fault, "faultstring") or _text(fault, "Reason.Text")
        if any(sign in code.lower() for sign in ("authenti", "security")):
            return FlowError("system.credentials", system=self._name, status=code)
        if any(sign in code for sign in ("Server", "Receiver")):
            return LostAnswerError("system.unavailable", system=self._name, status=code)
        return RefusedError(said=code, text=words, system=self._name, status=code)


def _name(element: etree._Element) -> str:
    return str(etree.QName(element).localname)


def _elements(element: etree._Element, path: str) -> Iterator[etree._Element]:
    """Give the elements at a dotted path of local names."""
    step, _, rest = path.partition(".")
    for child in element.iterchildren("*"):
        if _name(child) == step:
            yield from _elements(child, rest) if rest else (child,)


def _nowhere(answer: etree._Element, path: str) -> str:
    """Where a path of records that found none ends in something that is no empty list; nothing where it is one.

    An element that is there and empty is an empty list. One that holds text, or other elements where the path goes on,
    or several records of another name, is not what the path says.
    """
    holder, names = answer, path.split(".")
    for name in names[:-1]:
        inner = next((child for child in holder.iterchildren("*") if _name(child) == name), None)
        if inner is None:
            filled = len(holder) > 0 or bool((holder.text or "").strip())
            return f"{_name(holder)} has no {name}" if filled else ""
        holder = inner
    others = Counter(_name(child) for child in holder.iterchildren("*") if len(child))
    if any(times > 1 for times in others.values()):
        return f"{_name(holder)} has {', '.join(sorted(others))}"
    return f"{_name(holder)} is text" if not len(holder) and (holder.text or "").strip() else ""


def _text(element: etree._Element, path: str) -> str:
    found = next(_elements(element, path), None) if path else None
    return "" if found is None else (found.text or "").strip()


def _fields(element: etree._Element) -> dict[str, Json]:
    return {_name(child): (child.text or "").strip() for child in element.iterchildren("*")}

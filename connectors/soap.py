"""SOAP connector: operations of a WSDL, called for pages or with records.

A payload is the record's XML element as exclusive C14N, or its JSON where the answer holds a text
of JSON. `connectors/wsdl.py` reads the WSDL, `connectors/envelopes.py` the answers.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Literal, cast

from pydantic import Field, JsonValue
from requests.auth import HTTPBasicAuth
from zeep.wsse.username import UsernameToken

from connectors.encodable import XML
from connectors.envelopes import PartnerFault, XmlDocument, answer_of, no_such_place, parsed
from connectors.handover import deliver
from connectors.inner import Inner, InnerDocument, InnerQuery, plain
from connectors.options import CursorOptions, Options, read_options, schema_of
from connectors.paging import (
    Counted,
    NumberedPages,
    PageAnswer,
    PagedRecord,
    Paging,
    PagingPosition,
    TokenPages,
    counted,
    more_said,
    place_of,
    sweep,
)
from connectors.verdicts import Bodies, Code, Verdicts
from connectors.web import LostAnswerError, RefusedError, Web, WebOptions, address
from connectors.wsdl import Service, misfit
from hub import exact
from hub.errors import FlowError, HubError
from hub.model import Connection, Held, Json, Outcome, Outgoing, Page, Receipt

MOST_WORDS = 500
_PLACE = re.compile(r"\{(\w+)\}")


class Operation(Options):
    """One operation of the service, and how it is called.

    `{user}`, `{secret}`, `{query}`, `{since}` and the other arguments by their names stand for
    their values; what a place or the query has taken is not sent once more under its own name.
    """

    operation: str = Field(description="Its name in the WSDL")
    arguments: dict[str, JsonValue] = Field(
        default_factory=dict,
        description="Fixed arguments by name; a text may have places such as {user} or {query}",
    )
    positional: tuple[JsonValue, ...] = Field(
        default=(),
        description=(
            "Arguments by their order in the WSDL, where names say nothing (in0, arg0); with "
            "places as well"
        ),
    )
    query: InnerQuery | None = Field(
        default=None, description="A document in one text argument; `{query}` says in which"
    )
    inner: Inner | None = Field(default=None, description="A document in a text of the answer")


class SoapSystem(WebOptions):
    """SOAP: how this partner is called."""

    wsdl: str = Field(
        default="?wsdl",
        description="Where the WSDL stands: below the connection's address (`jd?wsdl`, `?wsdl`), "
        "or a whole address "
        "on the same host",
    )
    security: Literal["username_token", "username_digest", "basic", "none"] = Field(
        default="username_token",
        description="WS-Security UsernameToken with the password as text or digest, or HTTP basic",
    )
    path: str = Field(
        default="", description="Path of the service, where the one in the WSDL is wrong"
    )
    encoding: str = Field(
        default="", description="Encoding of answers that name none or a wrong one, e.g. gbk"
    )
    denied: tuple[Code, ...] = Field(
        default=(),
        description="What a fault says of wrong credentials where its own code does not: a code "
        "in it, in its detail, "
        "or its words",
    )
    ping: Operation = Field(description="A cheap operation that needs the credentials")


class SoapRead(Operation, CursorOptions):
    """SOAP: an operation that gives records."""

    records: str = Field(
        default="record",
        description=(
            "Path of the records in the answer, by element names; `inner.records` where they "
            "stand in a text"
        ),
    )
    since: str = Field(
        default="since",
        description="Argument that asks for records from a cursor value on (inclusive)",
    )
    size: int = Field(default=500, ge=1, description="Records a page")
    size_parameter: str = Field(default="", description="Argument of the page size")
    paging: Paging | None = Field(
        default=None, description="How pages are turned; without it one answer has all records"
    )


class SoapLookup(Operation):
    """How to ask what became of a delivery."""

    parameter: str = Field(description="Argument of the key")
    path: str = Field(
        default="result",
        description="Path of the verdict in the answer; no such element: never received",
    )


class SoapShelf(Operation):
    """How everything that the partner has from us is listed, whatever is remembered here."""

    records: str = Field(
        default="record", description="Path of the records in the answer, as in `read:`"
    )
    key: str = Field(
        default="", description="Element of the delivery's key; empty: as `key` of what is sent"
    )
    size: int = Field(default=500, ge=1, description="Records a page")
    size_parameter: str = Field(default="", description="Argument of the page size")
    paging: Paging | None = Field(
        default=None, description="How pages are turned; without it one answer has all records"
    )


class SoapWrite(Bodies, Operation):
    """SOAP: an operation that takes records."""

    records: str = Field(
        default="record",
        description="Argument that takes the records; empty: each record goes alone, its fields "
        "are the arguments. "
        "With `query` the records stand in its document",
    )
    answers: str = Field(
        default="result",
        description="Path of the verdicts in the answer; with `inner` its `records`, and where "
        "that is empty its "
        "`code` is the verdict of all that was sent",
    )
    verdict: Verdicts = Field(description="How a verdict is said")
    lookup: SoapLookup | None = Field(default=None, description="How to find an earlier attempt")
    listing: SoapShelf | None = Field(
        default=None,
        description="How to list all that stands there; without it nobody sees what is there "
        "beyond ours, and after a "
        "restoration single look-ups are asked",
    )


class SoapConnector:
    """One SOAP service."""

    CARRIES: ClassVar[bool] = True
    """Checkpoints of the ledger go with every delivery, in a header."""

    SYSTEM: ClassVar[Mapping[str, Json]] = schema_of(SoapSystem)
    READ: ClassVar[Mapping[str, Json]] = schema_of(SoapRead)
    WRITE: ClassVar[Mapping[str, Json]] = schema_of(SoapWrite)

    def __init__(self, connection: Connection, connect: Mapping[str, Json]) -> None:
        self._name = connection.system
        self._options = read_options(SoapSystem, connect, system=self._name)
        self._connection = connection
        self._web = Web(self._name, self._options)
        if self._options.security == "basic":
            self._web.session.auth = HTTPBasicAuth(
                connection.user.encode(), connection.secret.encode()
            )
        self._service = Service(
            self._web,
            address(connection),
            wsdl=self._options.wsdl,
            path=self._options.path,
            proof=self._proof(),
        )

    def ping(self) -> str:
        self._call(self._options.ping, {}, option="connect.ping")
        return f"SOAP {self._options.ping.operation}: OK"

    def close(self) -> None:
        self._web.close()

    def pages(
        self, read: Mapping[str, Json], *, since: str | int | None, resume: Json
    ) -> Iterator[Page]:
        options = read_options(SoapRead, read, system=self._name)
        paging = options.paging or TokenPages(parameter="", next="")
        so_far = 0 if resume is None else None

        def ask(place: PagingPosition) -> PageAnswer:
            nonlocal so_far
            asked = paging.parameters(place) if options.paging else {}
            if options.size_parameter:
                asked[options.size_parameter] = options.size
            if options.since:
                asked[options.since] = None if place.since is None else options.asked(place.since)
            answer = self._page(options, self._call(options, asked, option="read"), so_far=so_far)
            so_far = None if so_far is None else so_far + len(answer.records)
            return answer

        start = place_of(since=since, resume=resume)
        size = options.size if options.size_parameter else None
        return sweep(
            ask, paging=paging, start=start, name=options.operation, system=self._name, size=size
        )

    def _page(
        self, options: SoapRead, document: InnerDocument, *, so_far: int | None
    ) -> PageAnswer:
        """One page; so_far: records of the pages before it, None where unknown (resumed)."""
        path = options.records if options.inner is None else options.inner.records
        moments = document.records(path, options.cursor)
        found = [PagedRecord(payload, options.shared(moment)) for payload, moment in moments]
        if not found and (place := document.nowhere(path)):
            raise no_such_place(self._name, f"{path}: {place}")
        total = None if options.inner is None else options.inner.counted(document)
        if not found and so_far is not None and total is not None and total > so_far:
            raise no_such_place(
                self._name, f"{path}: nothing there, total is {total}, {so_far} read before"
            )
        return self._turned(options.paging, document, found)

    def _turned(
        self,
        paging: TokenPages | Counted | None,
        document: InnerDocument,
        found: Sequence[PagedRecord],
    ) -> PageAnswer:
        """An answer's records with its pagination."""
        if paging is None:
            return PageAnswer(found)
        token = (
            document.text(paging.next) if isinstance(paging, TokenPages) and paging.next else None
        )
        pages = paging.pages if isinstance(paging, NumberedPages) else ""
        return PageAnswer(
            found,
            token or None,
            total=counted(paging.total, document.text(paging.total), system=self._name)
            if paging.total
            else None,
            pages=counted(pages, document.text(pages), system=self._name) if pages else None,
            more=more_said(document.text(paging.more)) if paging.more else None,
        )

    def send(self, write: Mapping[str, Json], items: Sequence[Outgoing]) -> Iterator[Outcome]:
        options = read_options(SoapWrite, write, system=self._name)
        self._web.carry(items)
        return deliver(
            items,
            options,
            size=options.batch if options.records or options.query else 1,
            look_up=lambda key: self._look_up(options, key),
            hand_over=lambda some: self._hand_over(options, some),
            written=XML,
        )

    def _hand_over(self, options: SoapWrite, items: Sequence[Outgoing]) -> Iterator[Outcome]:
        records: list[Json] = [options.shaped(item) for item in items]
        keys = [item.key for item in items]
        answer = self._call(options, {}, option="write", records=records)
        inner = options.inner
        if inner is not None and not inner.records:  # its code meant success for all
            code = answer.text(inner.code) or ""
            return iter(
                [
                    Outcome(key, "confirmed", code=code, text=answer.text(inner.text) or "")
                    for key in keys
                ]
            )
        return options.verdict.outcomes(
            answer.verdicts(options.answers if inner is None else inner.records), keys
        )

    def _look_up(self, options: SoapWrite, key: str) -> Outcome | None:
        """The outcome of an earlier attempt; None if the partner does not know it."""
        if options.lookup is None:
            return None
        asked = options.lookup
        answer = self._call(asked, {asked.parameter: key}, option="write.lookup")
        found = answer.verdicts(asked.path if asked.inner is None else asked.inner.records)
        said = next((one for one in found if isinstance(one, dict)), None)
        return None if said is None else options.verdict.outcome(said, key=key)

    def held(
        self,
        write: Mapping[str, Json],
        keys: Sequence[str],
        fields: Sequence[str],  # noqa: ARG002
    ) -> Iterator[Held] | None:
        """One look-up per key, where declared (else None): whether it was accepted, no content."""
        options = read_options(SoapWrite, write, system=self._name)
        if options.lookup is None:
            return None
        known = (self._look_up(options, key) for key in keys)
        return (
            Held(outcome.key, None)
            for outcome in known
            if outcome is not None and outcome.state == "confirmed"
        )

    def listed(
        self, write: Mapping[str, Json], begins: Sequence[str] | None, fields: Sequence[str]
    ) -> Iterator[Held] | None:
        """All that the partner has, where `listing` is declared (else None); one reading."""
        options = read_options(SoapWrite, write, system=self._name)
        shelf = options.listing
        if shelf is None:
            return None
        asked = shelf.model_dump(mode="json", exclude={"key"}, by_alias=True) | {"since": ""}
        pages = self.pages(asked, since=None, resume=None)
        records = (_fields(raw.payload) for page in pages for raw in page.records)
        return options.shown(records, begins, fields, key=shelf.key)

    def receipts(self, write: Mapping[str, Json], keys: Sequence[str]) -> tuple[Receipt, ...]:  # noqa: ARG002
        """None: verdicts come with the answer."""
        return ()

    def _call(
        self,
        asked: Operation,
        values: Mapping[str, Json],
        *,
        option: str,
        records: Sequence[Json] | None = None,
    ) -> InnerDocument:
        """Call an operation with values or records; give the answer's document.

        Raises RefusedError, and the error that a fault means.
        """
        try:
            positional, named = self._arguments(asked, values, records, option=option)
            response = self._service.call(asked.operation, positional, named, option=option)
        except ValueError:  # before anything was sent
            if records is None:
                raise misfit(self._name, option, "a name or value that XML cannot say") from None
            text = "含有 XML 无法表示的字符 / holds a character that XML has no way to say"
            raise RefusedError(said="character", text=text, system=self._name) from None
        answer = answer_of(response, system=self._name, encoding=self._options.encoding)
        if isinstance(answer, PartnerFault):
            self._web.check_closed(answer.words)
            raise self._meaning(answer, asked, carried=records is not None)
        document = XmlDocument(answer)
        if asked.inner is None:
            return document
        try:
            return asked.inner.opened(document, system=self._name)
        except RefusedError as error:
            self._web.check_closed(error.text)
            raise

    def _arguments(
        self,
        asked: Operation,
        values: Mapping[str, Json],
        records: Sequence[Json] | None,
        *,
        option: str,
    ) -> tuple[list[Json], dict[str, Json]]:
        """Arguments by order and by name; those used in a template or query are not repeated."""
        fixed = cast("dict[str, Json]", asked.arguments)
        given: dict[str, Json] = dict(values)
        if records is not None and asked.query is None:
            name = cast("SoapWrite", asked).records
            given |= {name: list(records)} if name else cast("dict[str, Json]", records[0])
        known = {**fixed, **given, "user": self._connection.user, "secret": self._connection.secret}
        taken: set[str] = set()
        if asked.query is not None:
            taken |= set(asked.query.fields.values())
            self._check_known(taken, known, f"{option}.query.fields")
            known["query"] = asked.query.written(known, records)

        def filled(template: Json) -> Json:
            if not isinstance(template, str):
                return template
            places = _PLACE.findall(template)
            self._check_known(places, known, f"{option}: {template}")
            taken.update(places)
            if _PLACE.fullmatch(template):
                return "" if known[places[0]] is None else known[places[0]]
            return _PLACE.sub(lambda found: plain(known[found[1]]), template)

        positional = [filled(cast("Json", one)) for one in asked.positional]
        left = {name: value for name, value in fixed.items() if name not in taken}
        named = {name: filled(value) for name, value in left.items()}
        return positional, named | {
            name: value for name, value in given.items() if name not in taken
        }

    def _check_known(
        self, names: Sequence[str] | set[str], known: Mapping[str, Json], option: str
    ) -> None:
        if unknown := sorted(set(names) - set(known)):
            there = ", ".join(sorted(known))
            raise misfit(
                self._name, option, f"no argument {', '.join(unknown)}; there are: {there}"
            )

    def _proof(self) -> UsernameToken | None:
        kind, who = self._options.security, self._connection
        if not kind.startswith("username"):
            return None
        return UsernameToken(who.user, who.secret, use_digest=kind == "username_digest")  # type: ignore[no-untyped-call]

    def _meaning(self, fault: PartnerFault, asked: Operation, *, carried: bool) -> HubError:
        """The error that a fault means. Its text may quote a record: shown if none was sent."""
        code, system = fault.code, self._name
        denied = (*self._options.denied, *(asked.inner.denied if asked.inner else ()))
        error: HubError = RefusedError(said=code, text=fault.words, system=system, status=code)
        if any(map(fault.says, denied)) or any(
            sign in code.lower() for sign in ("authenti", "security")
        ):
            error = FlowError("system.credentials", system=system, status=code)
        elif any(sign in code for sign in ("Server", "Receiver")):
            error = LostAnswerError("system.unavailable", system=system, status=code)
        if fault.words and not carried:
            error.facts["words"] = fault.words[:MOST_WORDS]
        return error


def _fields(payload: bytes) -> Json:
    """A record's fields: of XML, or of JSON from a text."""
    if payload.lstrip()[:1] != b"<":
        return exact.read_loosely(payload)
    return next(iter(XmlDocument(parsed(payload)).verdicts("")), None)

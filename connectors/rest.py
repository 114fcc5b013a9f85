"""REST: JSON over HTTP, signed or with a token, in pages by a cursor token or page numbers.

A record's payload is its JSON object as the partner wrote it; JSON text inside it stays text. Only where an answer
cannot be cut (base64, NaN) is it written canonically (sorted keys, no blanks).
"""

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, cast
from urllib.parse import quote

from pydantic import Field, JsonValue
from requests import Request, Response

from connectors import shortlist, slices
from connectors.answers import Bodies, Code, Verdicts, pick, said
from connectors.canonical import canonical
from connectors.handover import deliver
from connectors.identity import Auth, Bearer, proof
from connectors.options import CursorOptions, Options, read_options, schema_of
from connectors.paging import Answer, Found, Paging, Place, TokenPages, place_of, sweep
from connectors.shortlist import Entry, ShortList
from connectors.web import (
    LostAnswerError,
    RefusedError,
    Web,
    WebOptions,
    address,
    as_text,
    check_status,
    unreadable,
)
from hub import exact
from hub.errors import FlowError
from hub.model import Bucketing, Connection, Held, Json, Listed, Outcome, Outgoing, Page, Raw, Receipt


class Envelope(Options):
    """How the content of a POST is wrapped."""

    fields: dict[str, JsonValue] = Field(default_factory=dict, description="Fixed fields around the content")
    content: str = Field(default="", description="Field that holds the content; empty: the content is the body")
    base64: bool = Field(default=False, description="The content is written as base64 of its JSON")


class Success(Options):
    """The partner's own result code, beside the HTTP status."""

    path: str = Field(description="Path of the code")
    ok: tuple[Code, ...] = Field(description="Codes that mean: it worked; every other one is an error")
    text: str = Field(default="", description="Path of the words beside the code")
    denied: tuple[Code, ...] = Field(default=(), description="Codes that refuse who we are")
    retry: tuple[Code, ...] = Field(default=(), description="Codes that mean: try again later")


class Resource(Options):
    """One address of the partner's."""

    resource: str = Field(description="Address below the connection's path, without a slash before it")
    method: Literal["GET", "POST"] = Field(default="GET", description="POST sends the parameters as content")
    parameters: dict[str, JsonValue] = Field(default_factory=dict, description="Fixed parameters")


class RestSystem(WebOptions):
    """REST: how this partner is called."""

    auth: Auth = Field(description="Proof of who we are")
    ping: Resource = Field(description="A cheap call that needs the credentials")
    query: dict[str, str] = Field(default_factory=dict, description="Query parameters of every call")
    envelope: Envelope = Field(default=Envelope(), description="Wrapping of what is POSTed")
    success: Success | None = Field(default=None, description="Where the answer says whether it worked")
    base64: str = Field(default="", description="Path of the answer's content where that is base64 of JSON")


class RestRead(Resource, CursorOptions):
    """REST: one list that the partner offers."""

    records: str = Field(description="Path of the list in the answer")
    since: str = Field(default="", description="Parameter that asks for records from a cursor value on (inclusive)")
    size: int = Field(default=500, ge=1, description="Records a page")
    size_parameter: str = Field(default="", description="Parameter of the page size")
    paging: Paging = Field(description="How pages are turned")
    short: ShortList | None = Field(default=None, description="How to list keys and cursor values only")


class Lookup(Resource):
    """How to ask what became of a delivery, and what the partner holds of it."""

    parameter: str = Field(default="", description="Parameter of the key; empty: the key ends the path")
    path: str = Field(default="", description="Path of the verdict in the answer")
    found: bool = Field(default=False, description="Being found is the verdict: only what was taken is known")
    absent: tuple[Code, ...] = Field(default=(), description="Result codes that mean: never received (404 always does)")
    content: bool = Field(default=False, description="The answer is the record as the partner holds it now")


class RestWrite(Bodies):
    """REST: one address that takes records."""

    resource: str = Field(description="Where to POST, below the connection's path")
    fields: dict[str, JsonValue] = Field(default_factory=dict, description="Fixed fields around the content")
    records: str | None = Field(
        default="",
        description="Field of the list of records in the content; empty: the content is the list; null: one a call",
    )
    answers: str = Field(default="", description="Path of the list of verdicts in the answer")
    verdict: Verdicts = Field(description="How a verdict is said")
    lookup: Lookup | None = Field(default=None, description="How to find an earlier attempt")


@dataclass(frozen=True)
class Content:
    """What an answer says; records: the list that was asked for as its items were sent, if it could be cut out."""

    document: Json
    records: list[bytes] | None = None


class RestConnector:
    """Talks JSON over HTTP to one partner."""

    SYSTEM: ClassVar[Mapping[str, Json]] = schema_of(RestSystem)
    READ: ClassVar[Mapping[str, Json]] = schema_of(RestRead)
    WRITE: ClassVar[Mapping[str, Json]] = schema_of(RestWrite)

    def __init__(self, connection: Connection, connect: Mapping[str, Json]) -> None:
        self._name = connection.system
        self._options = read_options(RestSystem, connect, system=self._name)
        self._base = address(connection)
        self._web = Web(self._name, self._options)
        self._proof = proof(self._options.auth, connection, base=self._base, ask=self._token_answer)

    def ping(self) -> str:
        self._ask(self._options.ping, {})
        return f"{self._options.ping.method} {self._options.ping.resource}: OK"

    def close(self) -> None:
        self._web.close()

    def pages(self, read: Mapping[str, Json], *, since: str | int | None, resume: Json) -> Iterator[Page]:
        options = read_options(RestRead, read, system=self._name)

        def ask(place: Place) -> Answer:
            parameters = options.paging.parameters(place)
            if options.size_parameter:
                parameters[options.size_parameter] = options.size
            if options.since and place.since is not None:
                parameters[options.since] = options.asked(place.since)
            return self._page(options, parameters)

        return sweep(
            ask,
            paging=options.paging,
            start=place_of(since=since, resume=resume),
            name=options.resource,
            system=self._name,
        )

    def _page(self, options: RestRead, parameters: Mapping[str, Json]) -> Answer:
        answer = self._ask(options, parameters, records=options.records)
        payloads = answer.records
        if payloads is None:
            records = pick(answer.document, options.records)
            if not isinstance(records, list):
                raise FlowError("system.answer_unreadable", system=self._name, detail=f"{options.records}: not a list")
            payloads = [canonical(record) for record in records]
        token = pick(answer.document, options.paging.next) if isinstance(options.paging, TokenPages) else None
        moment = slices.reader(options.cursor)
        found = [Found(payload, options.shared(moment(payload))) for payload in payloads]
        return Answer(found, token if isinstance(token, str | int) else None)

    def digests(self, read: Mapping[str, Json], by: Bucketing) -> dict[int, tuple[int, int]] | None:
        """Made here, of a list of keys and cursor values."""
        options = read_options(RestRead, read, system=self._name)
        return None if options.short is None else shortlist.digests(self._short(options, options.short, by))

    def contents(self, read: Mapping[str, Json], by: Bucketing, chosen: Sequence[int]) -> Iterator[Listed]:
        """Each record by itself, or whole pages, whichever takes fewer calls."""
        options, wanted = read_options(RestRead, read, system=self._name), set(chosen)
        if options.short is None:
            return
        listed = self._short(options, options.short, by)
        keys = dict.fromkeys(one.key for one in listed if one.bucket in wanted)
        raws: Iterator[Raw]
        if options.short.one and len(by.key) == 1 and len(keys) < len(listed) / options.size:
            raws = (raw for key in keys for raw in self._one(options, options.short.one, key))
        else:
            raws = (raw for page in self.pages(read, since=None, resume=None) for raw in page.records)
        for raw in raws:
            one = shortlist.entry(exact.read_loosely(raw.payload), by, options.cursor)
            if one.bucket in wanted:
                yield Listed(raw, one.bucket, one.checksum)

    def _short(self, options: RestRead, short: ShortList, by: Bucketing) -> list[Entry]:
        """The short list, page by page."""
        asked = options.model_copy(
            update={"parameters": {**options.parameters, **short.parameters}, "size": short.size, "short": None}
        )
        pages = self.pages(asked.model_dump(), since=None, resume=None)
        return [
            shortlist.entry(exact.read_loosely(raw.payload), by, options.cursor)
            for page in pages
            for raw in page.records
        ]

    def _one(self, options: RestRead, parameter: str, key: str) -> Iterator[Raw]:
        found = self._page(options, {parameter: key}).records
        return (Raw(record.payload, f"{options.resource} {key}") for record in found)

    def send(self, write: Mapping[str, Json], items: Sequence[Outgoing]) -> Iterator[Outcome]:
        options = read_options(RestWrite, write, system=self._name)
        self._web.carry(items)
        return deliver(
            items,
            options,
            size=1 if options.records is None else options.batch,
            look_up=lambda key: self._look_up(options, key),
            hand_over=lambda some: self._hand_over(options, some),
        )

    def _hand_over(self, options: RestWrite, items: Sequence[Outgoing]) -> Iterator[Outcome]:
        records: list[Json] = [options.shaped(item) for item in items]
        content: Json = records
        if options.records is None:
            content = records[0]
        elif options.records:
            content = {options.records: content}
        answer = self._exchange(
            "POST", options.resource, content=content, fields=cast("dict[str, Json]", options.fields)
        )
        answers = pick(answer.document, options.answers)
        listed = answers if isinstance(answers, list) else [answers]
        return options.verdict.outcomes(listed, [item.key for item in items])

    def _look_up(self, options: RestWrite, key: str) -> Outcome | None:
        """Ask what became of an earlier attempt; None if the partner never got it or cannot say."""
        answer = self._known(options.lookup, key) if options.lookup else None
        if answer is None or options.lookup is None:
            return None
        return Outcome(key, "confirmed") if options.lookup.found else options.verdict.outcome(answer, key=key)

    def _known(self, lookup: Lookup, key: str) -> dict[str, Json] | None:
        """What the partner says of a key, None if it does not know it."""
        asked: Resource = lookup
        if not lookup.parameter:
            asked = lookup.model_copy(update={"resource": f"{lookup.resource}/{quote(key, safe='')}"})
        try:
            found = self._ask(asked, {lookup.parameter: key} if lookup.parameter else {})
        except FlowError as error:
            if error.facts.get("status") in {"404", *map(str, lookup.absent)}:
                return None
            raise
        answer = pick(found.document, lookup.path)
        return answer if isinstance(answer, dict) else None

    def held(self, write: Mapping[str, Json], keys: Sequence[str], fields: Sequence[str]) -> Iterator[Held] | None:  # noqa: ARG002
        """One look-up a key, where one is declared; what was refused is not held."""
        options = read_options(RestWrite, write, system=self._name)
        return None if options.lookup is None else self._held(options, options.lookup, keys)

    def _held(self, options: RestWrite, lookup: Lookup, keys: Sequence[str]) -> Iterator[Held]:
        for key in keys:
            answer = self._known(lookup, key)
            if answer is None:
                continue
            if lookup.content:
                yield Held(key, answer)
            elif lookup.found or options.verdict.outcome(answer, key=key).state == "confirmed":
                yield Held(key, None)

    def receipts(self, write: Mapping[str, Json], keys: Sequence[str]) -> Iterator[Receipt]:
        """Verdicts come with the answer, unless a look-up is declared: then it is asked for each key."""
        options = read_options(RestWrite, write, system=self._name)
        for key in keys if options.receipts else ():
            outcome = self._look_up(options, key)
            if outcome and outcome.state in {"confirmed", "rejected"}:
                state: Literal["accepted", "rejected"] = "accepted" if outcome.state == "confirmed" else "rejected"
                yield Receipt(key, state, code=outcome.code, text=outcome.text, reference=outcome.reference)

    def _ask(self, resource: Resource, parameters: Mapping[str, Json], *, records: str | None = None) -> Content:
        """Ask a resource with its fixed parameters and these."""
        together: dict[str, Json] = {**cast("dict[str, Json]", resource.parameters), **parameters}
        asked: Json = {name: value for name, value in together.items() if value is not None}
        if resource.method == "GET":
            return self._exchange("GET", resource.resource, query=as_text(together), records=records)
        return self._exchange("POST", resource.resource, content=asked, records=records)

    def _exchange(
        self,
        method: str,
        resource: str,
        *,
        content: Json = None,
        query: Mapping[str, str] | None = None,
        fields: Mapping[str, Json] | None = None,
        records: str | None = None,
    ) -> Content:
        """Call once, and once more with a fresh token where the partner no longer knows ours."""
        url = f"{self._base}/{resource}"
        body = None if method == "GET" else self._wrapped(content, fields or {})
        request = Request(method, url, params={**self._options.query, **(query or {})}, json=body, auth=self._proof)
        try:
            return self._content(self._web.call(request), records)
        except FlowError as error:
            if error.code != "system.credentials" or not (isinstance(self._proof, Bearer) and self._proof.forget()):
                raise
            return self._content(self._web.call(request), records)

    def _token_answer(self, request: Request) -> Json:
        return self._content(self._web.call(request), None).document

    def _wrapped(self, content: Json, fields: Mapping[str, Json]) -> Json:
        """Put the content of a POST into the partner's envelope."""
        envelope = self._options.envelope
        around = {**cast("dict[str, Json]", envelope.fields), **fields}
        if envelope.base64:
            content = base64.b64encode(canonical(content)).decode()
        if envelope.content:
            return {**around, envelope.content: content}
        return {**around, **content} if isinstance(content, dict) else content

    def _content(self, response: Response, records: str | None) -> Content:
        """Read an answer: HTTP status, the partner's own code, the content unpacked; its records cut out if asked."""
        check_status(response, system=self._name)
        if records is not None and not self._options.base64:
            document, items = slices.cut(response.content, records) or (None, None)
            if items is not None:
                self._check_code(document)
                return Content(document, items)
        try:
            # What is no JSON but often met (NaN) stays as text, for the mapping to judge.
            document = exact.read_loosely(response.content)
        except ValueError:
            raise unreadable(system=self._name, cut=response.content.lstrip()[:1] in {b"{", b"["}) from None
        self._check_code(document)
        if self._options.base64:
            self._unpack(document)
        return Content(document)

    def _check_code(self, document: Json) -> None:
        """Raise what the partner's own result code means, unless it is success."""
        success = self._options.success
        if success is None:
            return
        code = said(pick(document, success.path))
        if code in map(str, success.ok):
            return
        if code in map(str, success.denied):
            raise FlowError("system.credentials", system=self._name, status=code)
        if code in map(str, success.retry):
            raise LostAnswerError("system.busy", system=self._name, status=code)
        text = said(pick(document, success.text)) if success.text else ""
        raise RefusedError(said=code, text=text, system=self._name, status=code, detail=success.path)

    def _unpack(self, document: Json) -> None:
        """Replace the base64 text of an answer's content by what it says."""
        *above, name = self._options.base64.split(".")
        holder = pick(document, ".".join(above))
        if isinstance(holder, dict) and isinstance(packed := holder.get(name), str):
            try:
                holder[name] = exact.read_loosely(base64.b64decode(packed, validate=True))
            except (binascii.Error, ValueError):
                raise unreadable(system=self._name, cut=True) from None

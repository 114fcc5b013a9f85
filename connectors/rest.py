"""REST connector: JSON over HTTP, with pagination, authentication, envelopes and verdicts.

A payload is the record's JSON object as sent, in UTF-8; JSON text inside it stays text. Where an
answer cannot be cut (base64, NaN) it is canonical JSON (sorted keys, no blanks).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import ClassVar, Literal

from pydantic import Field, ValidationInfo, model_validator

from connectors import key_listing, slices, web_files
from connectors.canonical import canonical
from connectors.exchange import (
    AnswerContent,
    EmptyAnswerError,
    Exchange,
    Resource,
    RestSystem,
    refuse_unsigned,
)
from connectors.handover import deliver
from connectors.key_listing import ListedKey, ShortList
from connectors.options import (
    ContradictionError,
    CursorOptions,
    SnapshotOptions,
    read_options,
    schema_of,
)
from connectors.paging import (
    LinkPages,
    NumberedPages,
    OffsetPages,
    PageAnswer,
    PagedRecord,
    PagingPosition,
    TokenPages,
    WebPaging,
    counted,
    more_said,
    place_of,
    sweep,
)
from connectors.rest_asking import RestAsk, answer_to
from connectors.verdicts import Code, as_text, pick
from connectors.web_files import RestFile
from connectors.windows import Window, WindowSpan, in_windows
from connectors.writes import Desk, Lookup, RestWrite, Shelf, by_key_alone
from hub import exact
from hub.errors import FlowError
from hub.model import (
    Bucketing,
    Connection,
    Held,
    Json,
    KeyAnswer,
    Listed,
    Outcome,
    Outgoing,
    Page,
    Raw,
    Receipt,
)

AnyPages = TokenPages | LinkPages | NumberedPages | OffsetPages

__all__ = ["RestAsk", "RestConnector", "RestRead", "RestSystem", "RestWrite"]


class RestRead(Resource, CursorOptions, SnapshotOptions):
    """REST: one list that the partner offers."""

    records: str = Field(description="Path of the list in the answer")
    since: str = Field(
        default="", description="Parameter that asks for records from a cursor value on (inclusive)"
    )
    window: Window | None = Field(
        default=None,
        description=(
            "How to ask for what lies between two moments, where only that can be asked for"
        ),
    )
    size: int = Field(default=500, ge=1, description="Records a page")
    size_parameter: str = Field(default="", description="Parameter of the page size")
    paging: WebPaging = Field(description="How pages are turned")
    empty: tuple[Code | None, ...] = Field(
        default=(),
        description="What else means that there is no more: HTTP statuses or result codes such "
        "as 204 and 404; null "
        "for an answer in which the list is null, or missing where `success` says that the call "
        "worked",
    )
    complete: Literal["rows"] | None = Field(
        default=None,
        description="What proves a snapshot complete; rows: `paging.total` of it have been read",
    )
    short: ShortList | None = Field(
        default=None, description="How to list keys and cursor values only"
    )

    @model_validator(mode="after")
    def _refuse(self) -> "RestRead":
        advance = isinstance(self.paging, NumberedPages | OffsetPages) and self.paging.advance
        if self.snapshot and not (
            self.complete and (self.paging.total or self.paging.total_header)
        ):
            raise ContradictionError(
                zh="snapshot 须同时写 complete: rows 和 paging.total，否则无从证明清单完整",
                en=(
                    "snapshot wants complete: rows and paging.total, or nothing proves that the "
                    "list is the whole"
                ),
            )
        if self.snapshot and (self.since or self.window or advance):
            raise ContradictionError(
                zh="snapshot 每次读取完整清单，不能同时写 since、window 或 advance",
                en="snapshot is read whole each time, without since, window and advance",
            )
        if self.window is not None and (self.since or advance):
            raise ContradictionError(
                zh="window 自己按时间取数，不能同时写 since 或 advance",
                en="window asks by time itself, without since and advance",
            )
        return self

    @model_validator(mode="after")
    def _signed(self, info: ValidationInfo) -> "RestRead":
        refuse_unsigned(self.sid, info)
        return self

    @property
    def asked_size(self) -> int | None:
        """Records per page; None where the partner is not told."""
        return self.size if self.size_parameter else None


class RestConnector:
    """One partner that speaks JSON over HTTP."""

    CARRIES: ClassVar[bool] = True
    """Checkpoints of the ledger go with every delivery, in a header."""

    SYSTEM: ClassVar[Mapping[str, Json]] = schema_of(RestSystem)
    READ: ClassVar[Mapping[str, Json]] = schema_of(RestRead)
    WRITE: ClassVar[Mapping[str, Json]] = schema_of(RestWrite)
    FETCH: ClassVar[Mapping[str, Json]] = schema_of(RestFile)
    ASK: ClassVar[Mapping[str, Json]] = schema_of(RestAsk)

    def __init__(self, connection: Connection, connect: Mapping[str, Json]) -> None:
        self._name = connection.system
        self._exchange = Exchange(connection, connect)

    def ping(self) -> str:
        ping = self._exchange.options.ping
        self._exchange.ask(ping, {})
        return f"{ping.method} {ping.resource}: OK"

    def close(self) -> None:
        self._exchange.web.close()

    def fetch(self, source: Mapping[str, Json], value: str, *, most: int) -> bytes:
        """A file by the value that a record names it by."""
        options = read_options(RestFile, source, system=self._name)
        return web_files.fetch(self._exchange, options, value, most=most)

    def pages(
        self, read: Mapping[str, Json], *, since: str | int | None, resume: Json
    ) -> Iterator[Page]:
        options = read_options(RestRead, read, system=self._name)
        if options.snapshot:
            return self._wholes(options, resume)
        start = place_of(since=since, resume=resume)
        if options.window is None:
            return self._swept(options, None, start)
        moment = slices.reader(options.cursor)
        return in_windows(
            options.window,
            start,
            datetime.now(UTC),
            read=partial(self._swept, options),
            moment=lambda payload: options.shared(moment(payload)),
        )

    def answers(self, read: Mapping[str, Json], keys: Sequence[str]) -> Iterator[KeyAnswer]:
        """One call a key."""
        options = read_options(RestAsk, read, system=self._name)
        return (answer_to(self._exchange, options, key) for key in keys)

    def _wholes(self, options: RestRead, resume: Json) -> Iterator[Page]:
        """Pages of one snapshot, named by the time at which its reading began."""
        name, place = (
            f"{options.resource} {datetime.now(UTC).isoformat(timespec='microseconds')}",
            None,
        )
        if isinstance(resume, dict) and resume:
            name, place = str(resume["snapshot"]), resume["place"]
        for page in self._swept(options, None, place_of(since=None, resume=place)):
            again: Json = None if page.last else {"snapshot": name, "place": page.resume}
            yield replace(page, resume=again, snapshot=options.whole(name, ends=page.last))

    def _swept(
        self, options: RestRead, span: WindowSpan | None, start: PagingPosition
    ) -> Iterator[Page]:
        """Pages of the list, or of one time window."""

        def ask(place: PagingPosition) -> PageAnswer:
            if isinstance(options.paging, LinkPages) and isinstance(place.token, str):
                return self._page(
                    options,
                    lambda: self._exchange.follow(
                        str(place.token), options, records=options.records
                    ),
                )
            parameters = options.paging.parameters(place)
            if options.size_parameter:
                parameters[options.size_parameter] = options.size
            if options.since and place.since is not None:
                parameters[options.since] = options.asked(place.since)
            if options.window is not None and span is not None:
                parameters |= {options.window.from_: span.begins, options.window.to: span.ends}
            answer = self._page(
                options, lambda: self._exchange.ask(options, parameters, records=options.records)
            )
            if options.snapshot and answer.total is None:
                raise FlowError(
                    "system.answer_unreadable",
                    system=self._name,
                    detail=f"{options.paging.total}: no number",
                )
            return answer

        return sweep(
            ask,
            paging=options.paging,
            start=start,
            name=options.resource,
            system=self._name,
            size=options.asked_size,
        )

    def _page(self, options: RestRead, call: Callable[[], AnswerContent]) -> PageAnswer:
        try:
            answer = call()
        except FlowError as error:
            nothing = None in options.empty and isinstance(error, EmptyAnswerError)
            if nothing or error.facts.get("status") in {
                str(code) for code in options.empty if code is not None
            }:
                return PageAnswer([])
            raise
        payloads = answer.records
        if payloads is None:
            records = pick(answer.document, options.records)
            if (
                records is None
                and None in options.empty
                and self._says_nothing(answer.document, options.records)
            ):
                records = []
            if not isinstance(records, list):
                raise FlowError(
                    "system.answer_unreadable",
                    system=self._name,
                    detail=f"{options.records}: not a list",
                )
            payloads = [canonical(record) for record in records]
        moment = slices.reader(options.cursor)
        found = [PagedRecord(payload, options.shared(moment(payload))) for payload in payloads]
        return self._turned(options.paging, answer, found)

    def _says_nothing(self, document: Json, path: str) -> bool:
        """Whether a path ends in null; a missing one counts where `success` says it worked."""
        found = document
        for step in path.split(".") if path else ():
            if isinstance(found, dict) and step not in found:
                return self._exchange.options.success is not None
            found = pick(found, step)
        return found is None

    def _turned(
        self, paging: AnyPages, answer: AnswerContent, found: Sequence[PagedRecord]
    ) -> PageAnswer:
        """An answer's records with its pagination."""
        token: Json = None
        if isinstance(paging, LinkPages):
            link = as_text(pick(answer.document, paging.next)) if paging.next else answer.link
            token = self._exchange.near(link, answer.url) if link else None
        elif isinstance(paging, TokenPages):
            token = answer.headers.get(paging.next_header) or pick(
                answer.document, paging.next or "-"
            )
        pages = paging.pages if isinstance(paging, NumberedPages) else ""
        header = answer.headers.get(paging.total_header) if paging.total_header else None
        total = pick(answer.document, paging.total) if paging.total else header
        return PageAnswer(
            found,
            token if isinstance(token, str | int) else None,
            total=counted(paging.total or paging.total_header, as_text(total), system=self._name),
            pages=counted(pages, as_text(pick(answer.document, pages)), system=self._name)
            if pages
            else None,
            more=more_said(as_text(pick(answer.document, paging.more))) if paging.more else None,
        )

    def digests(self, read: Mapping[str, Json], by: Bucketing) -> dict[int, tuple[int, int]] | None:
        """Made here from the list of keys and cursor values; None without one."""
        options = read_options(RestRead, read, system=self._name)
        return (
            None
            if options.short is None
            else key_listing.digests(self._short(options, options.short, by))
        )

    def contents(
        self, read: Mapping[str, Json], by: Bucketing, chosen: Sequence[int]
    ) -> Iterator[Listed]:
        """Single records, or whole pages, whichever takes fewer calls."""
        options, wanted = read_options(RestRead, read, system=self._name), set(chosen)
        if options.short is None:
            return
        listed = self._short(options, options.short, by)
        keys = dict.fromkeys(one.key for one in listed if one.bucket in wanted)
        raws: Iterator[Raw]
        if options.short.one and len(by.key) == 1 and len(keys) < len(listed) / options.size:
            raws = (raw for key in keys for raw in self._one(options, options.short.one, key))
        else:
            raws = (
                raw for page in self.pages(read, since=None, resume=None) for raw in page.records
            )
        for raw in raws:
            one = key_listing.entry(exact.read_loosely(raw.payload), by, options.cursor)
            if one.bucket in wanted:
                yield Listed(raw, one.bucket, one.checksum)

    def _short(self, options: RestRead, short: ShortList, by: Bucketing) -> list[ListedKey]:
        """The list of keys and cursor values."""
        asked = options.model_copy(
            update={
                "parameters": {**options.parameters, **short.parameters},
                "size": short.size,
                "short": None,
            }
        )
        pages = self.pages(asked.model_dump(by_alias=True), since=None, resume=None)
        return [
            key_listing.entry(exact.read_loosely(raw.payload), by, options.cursor)
            for page in pages
            for raw in page.records
        ]

    def _one(self, options: RestRead, parameter: str, key: str) -> Iterator[Raw]:
        asked = {parameter: key}
        found = self._page(
            options, lambda: self._exchange.ask(options, asked, records=options.records)
        ).records
        return (Raw(record.payload, f"{options.resource} {key}") for record in found)

    def send(self, write: Mapping[str, Json], items: Sequence[Outgoing]) -> Iterator[Outcome]:
        options = read_options(RestWrite, write, system=self._name)
        self._exchange.web.carry(items)
        desk = Desk(self._exchange, options, items)
        return deliver(
            items, options, size=options.size, look_up=desk.look_up, hand_over=desk.hand_over
        )

    def held(
        self,
        write: Mapping[str, Json],
        keys: Sequence[str],
        fields: Sequence[str],  # noqa: ARG002
    ) -> Iterator[Held] | None:
        """One look-up per key, where it needs the key only (else None), without rejected ones."""
        options = read_options(RestWrite, write, system=self._name)
        if options.lookup is None or not by_key_alone(options.lookup):
            return None
        return self._held(options, options.lookup, keys)

    def _held(self, options: RestWrite, lookup: Lookup, keys: Sequence[str]) -> Iterator[Held]:
        desk = Desk(self._exchange, options)
        for key in keys:
            answer = desk.known(lookup, key)
            if answer is None:
                continue
            if lookup.content:
                yield Held(key, answer)
            elif lookup.found or options.verdict.outcome(answer, key=key).state == "confirmed":
                yield Held(key, None)

    def recognised(
        self, write: Mapping[str, Json], items: Sequence[Outgoing]
    ) -> Iterator[Held] | None:
        """One look-up per record, where its address needs the record's content (else None)."""
        options = read_options(RestWrite, write, system=self._name)
        lookup = options.lookup
        if lookup is None or by_key_alone(lookup):
            return None
        desk = Desk(self._exchange, options, items)
        answers = ((item.key, desk.known(lookup, item.key)) for item in items)
        return (options.recognised(key, answer) for key, answer in answers if answer is not None)

    def listed(
        self, write: Mapping[str, Json], begins: Sequence[str] | None, fields: Sequence[str]
    ) -> Iterator[Held] | None:
        """All that the partner has, where `listing` is declared (else None); one reading."""
        options = read_options(RestWrite, write, system=self._name)
        shelf = options.listing
        if shelf is None:
            return None
        asked = RestRead(
            **{name: getattr(shelf, name) for name in Shelf.model_fields if name != "key"}
        )
        pages = self._swept(asked, None, PagingPosition())
        records = (exact.read_loosely(raw.payload) for page in pages for raw in page.records)
        return options.shown(records, begins, fields, key=shelf.key)

    def receipts(self, write: Mapping[str, Json], keys: Sequence[str]) -> Iterator[Receipt]:
        """Verdicts by look-up of each key, where they come later; else none."""
        options = read_options(RestWrite, write, system=self._name)
        desk = Desk(self._exchange, options)
        first: FlowError | None = None
        failed = False
        for key in keys if options.receipts else ():
            try:
                outcome = desk.look_up(key)
            except FlowError as error:  # of one key; of two in a row it is not the keys'
                if failed or error.code == "system.credentials":
                    raise
                first, failed = first or error, True
                continue
            failed = False
            if outcome and (receipt := _receipt(outcome)):
                yield receipt
        if first is not None:
            raise first


def _receipt(outcome: Outcome) -> Receipt | None:
    """The receipt of an outcome; None while it is undecided."""
    if outcome.state == "unknown":
        return Receipt(outcome.key, "unknown", code=outcome.code) if outcome.fault else None
    state: Literal["accepted", "rejected"] = (
        "accepted" if outcome.state == "confirmed" else "rejected"
    )
    return Receipt(
        outcome.key, state, code=outcome.code, text=outcome.text, reference=outcome.reference
    )

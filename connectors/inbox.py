"""Connector `inbox`: a partner, or a person, hands records in; the hub keeps the bodies.

A payload is the record's JSON object as it was sent, in UTF-8. A body counts as a file of the
source, named by its receipt: read once, in order, and held as a file is held.
"""

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from email.message import Message
from typing import ClassVar, Literal

from pydantic import Field

from connectors import slices
from connectors.callers import Caller, CallerSystem
from connectors.canonical import canonical
from connectors.charset import in_utf8
from connectors.options import Options, read_options, schema_of
from connectors.verdicts import pick
from hub import exact
from hub.contract import InboundBodies, Remembered
from hub.errors import Fault, FlowError
from hub.model import Connection, File, InboundBody, Json, Outcome, Outgoing, Page, Raw, Receipt

VERDICTS_AT_MOST = 100
FAMILY = {"gb2312": "gb18030", "gbk": "gb18030"}
"""Character sets that are read as a larger one."""
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


class SheetTemplate(Options):
    """The workbook that people fill in, made of the mapping."""

    sheet: str = Field(
        default="", max_length=31, description="Name of its sheet; empty: any that is not hidden"
    )
    header_rows: int = Field(
        default=1, ge=1, le=5, description="Rows down to the titles; the last of them are these"
    )


class InboxRead(Options):
    """What is handed in under one address: /v1/intake/<system>/<resource>."""

    resource: str = Field(
        pattern=r"^[a-z][a-z0-9_]*$", description="Last part of the address that the partner calls"
    )
    records: str = Field(
        default="",
        description="Path of the records in the body: a list, or one record alone; empty: the "
        "body itself",
    )
    answer: Literal["receipt", "verdicts"] = Field(
        default="receipt",
        description="What a call is answered: a receipt, or what became of each record (of at "
        "most 100, which are taken in while the partner waits)",
    )
    template: SheetTemplate | None = Field(
        default=None,
        description="Records come from people, by workbook or form, whose columns are the paths "
        "that the mapping reads; partners cannot call then",
    )


class InboxWrite(Options):
    """Nothing is sent by this connector."""


class InboxConnector(Caller):
    """What one partner hands in."""

    SYSTEM: ClassVar[Mapping[str, Json]] = schema_of(CallerSystem)
    READ: ClassVar[Mapping[str, Json]] = schema_of(InboxRead)
    WRITE: ClassVar[Mapping[str, Json]] = schema_of(InboxWrite)

    def __init__(self, connection: Connection, connect: Mapping[str, Json]) -> None:
        super().__init__(connection, connect)
        self._bodies: InboundBodies | None = None

    def lend(self, bodies: InboundBodies) -> None:
        self._bodies = bodies

    def cut(self, read: Mapping[str, Json], content: bytes, *, content_type: str) -> list[bytes]:
        """The records of a body as it came, in UTF-8; FlowError (call.*) where it is refused."""
        options = read_options(InboxRead, read, system=self._name)
        if options.template is not None:
            raise FlowError("call.nowhere", system=self._name)
        self._agreed(content_type)
        records = self._cut(options, self._text(content, self._calls.charset))
        most = self.limits().records
        if options.answer == "verdicts":
            most = min(most, VERDICTS_AT_MOST)
        if len(records) > most:
            raise FlowError("call.many_records", records=len(records), most=most)
        return records

    def pages(
        self,
        read: Mapping[str, Json],
        *,
        since: str | int | None,  # noqa: ARG002 -- as the contract has it
        resume: Json,  # noqa: ARG002 -- likewise
    ) -> Iterator[Page]:
        """The bodies that are still there."""
        return self._pages(read, None)

    def unread(
        self,
        read: Mapping[str, Json],
        *,
        known: Remembered,
        resume: Json,  # noqa: ARG002 -- as the contract has it
    ) -> Iterator[Page]:
        """The bodies that this flow has not taken."""
        return self._pages(read, known)

    def _pages(self, read: Mapping[str, Json], known: Remembered | None) -> Iterator[Page]:
        options = read_options(InboxRead, read, system=self._name)
        name = None
        for body in self._bodies(options.resource, known) if self._bodies else ():
            name = body.name
            yield self._page(options, body)
        yield Page((), 0, None, name, last=True)

    def _page(self, options: InboxRead, body: InboundBody) -> Page:
        try:
            if options.template is not None:
                records = tuple(_filled_in(body))
            else:
                payloads = self._cut(options, self._text(body.content, body.charset))
                records = tuple(
                    Raw(payload, f"{body.name} row {row}")
                    for row, payload in enumerate(payloads, 1)
                )
        except FlowError as error:  # agreed otherwise since it came: it waits for another contract
            return _unread(body, error)
        state: Literal["read", "empty"] = "read" if records else "empty"
        ends = File(
            body.name, body.version, body.version, state, len(records), receipt=body.receipt
        )
        return Page(records, len(records), None, body.name, last=False, part=body.name, ends=ends)

    def _agreed(self, content_type: str) -> None:
        """FlowError for a body of another kind or character set than agreed."""
        header = Message()
        header["content-type"] = content_type
        kind, named = header.get_content_type(), header.get_param("charset")
        if not (kind == "application/json" or kind.endswith("+json")):
            raise FlowError("ask.media_type", given=kind[:100])
        if named is not None and _known(str(named)) != _known(self._calls.charset):
            given = str(named)[:40]
            raise FlowError("call.charset", given=given, agreed=self._calls.charset)

    def _text(self, content: bytes, agreed: str) -> bytes:
        try:
            content.decode(_known(agreed))
        except UnicodeDecodeError:
            raise FlowError("call.charset", given="?", agreed=agreed) from None
        return in_utf8(content, "", otherwise=agreed, system=self._name)

    def _cut(self, options: InboxRead, content: bytes) -> list[bytes]:
        """The records of a body in UTF-8; FlowError where it is no JSON, or has none there."""
        try:
            document = exact.read(content)
        except exact.UnreadableJsonError as error:
            raise FlowError("call.unreadable", why=error.why) from None
        if b"\\u0000" in content and _NUL.search(content.decode()):
            raise FlowError("call.unreadable", why="NUL")
        found = pick(document, options.records) if options.records else document
        if isinstance(found, list):
            cut = slices.cut(content, options.records)
            return cut[1] if cut else [canonical(one) for one in found]
        if isinstance(found, dict):
            return [canonical(found) if options.records else content]
        raise FlowError("call.no_records", path=options.records or "/")

    def send(
        self,
        write: Mapping[str, Json],  # noqa: ARG002 -- as the contract has it
        items: Sequence[Outgoing],  # noqa: ARG002 -- likewise
    ) -> Iterable[Outcome]:
        raise FlowError(
            "system.not_configured", system=self._name, detail="inbox takes, outbox gives"
        )

    def receipts(
        self,
        write: Mapping[str, Json],  # noqa: ARG002 -- as the contract has it
        keys: Sequence[str],  # noqa: ARG002 -- likewise
    ) -> Iterable[Receipt]:
        return ()


def _unread(body: InboundBody, error: FlowError) -> Page:
    """A body that was taken in as another contract said, and cannot be cut as this one says."""
    name, fault = body.name, Fault("", error.code, dict(error.facts))
    raw = Raw(body.content, name, unread=fault, item=name)
    ends = File(name, body.version, body.version, "unreadable", 1, receipt=body.receipt)
    return Page((raw,), 1, None, name, last=False, part=name, ends=ends)


def _filled_in(body: InboundBody) -> Iterator[Raw]:
    """Rows that people filled in: the cells are the payload, the position says whose and where."""
    document = exact.read(body.content)
    whose = [str(pick(document, f"origin.{name}") or "") for name in ("account", "file", "sha256")]
    rows = pick(document, "rows")
    for number, row in enumerate(rows if isinstance(rows, list) else [], 1):
        said = row if isinstance(row, dict) else {}
        place = [str(said.get("at") or ""), whose[1], whose[2], whose[0]]
        told = " · ".join([f"{body.name} row {number}", *filter(None, place)])
        yield Raw(canonical(said.get("cells")), told)


def _known(charset: str) -> str:
    """The character set by its Python name; "" for one that there is not."""
    try:
        name = codecs.lookup(charset).name
    except LookupError:
        return ""
    return FAMILY.get(name, name)

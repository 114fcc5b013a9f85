"""Partners with ways of their own of turning pages and of answering, over REST and SOAP, for the
conformance kit.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape

from connectors.rest import RestConnector
from connectors.soap import SoapConnector
from hub.contract import Connector
from hub.model import Json
from hub.testing.conformance import Habit
from tests.connectors.answering import Asked, Partner, Reply, answering
from tests.connectors.soap_service import SOAP12, envelope, wsdl

SIZE = 3
Paging = dict[str, Json]
NUMBER: Paging = {"kind": "page", "parameter": "page"}


@dataclass
class Ways:
    """How a partner turns pages: what it says of them, what lies beyond the end, how many records
    it gives at most.
    """

    says: Callable[[int, int], Mapping[str, Json]] = lambda _at, _count: {}
    clamps: bool = False
    beyond: Reply | None = None
    cap: int = SIZE
    first: int = 1


@dataclass
class Shelf:
    """Offers `count` records in pages; `twice`: the next page that is not the first comes as the
    one before.
    """

    ways: Ways
    count: int = 0
    twice: bool = False
    last: list[int] = field(default_factory=list)

    def page(self, asked: Mapping[str, str]) -> tuple[list[int], int]:
        """The records of a page, and where the next begins."""
        cap = min(self.ways.cap, int(asked.get("size", SIZE)))
        by_number = (int(asked.get("page", self.ways.first)) - self.ways.first) * cap
        start = int(asked.get("start") or by_number)
        if self.ways.clamps and start:
            start = min(start, max(0, (self.count - 1) // cap * cap))
        found = list(range(start, min(start + cap, self.count)))
        if self.twice and start:
            self.twice, found = False, self.last
        self.last = found
        return found, start + cap


def at_end(says: Callable[[bool], Mapping[str, Json]]) -> Callable[[int, int], Mapping[str, Json]]:
    return lambda at, count: says(at >= count)


BOTH: dict[str, tuple[Ways, Paging]] = {
    "an empty page": (Ways(), NUMBER),
    "pages from 0": (Ways(first=0), {**NUMBER, "first": 0}),
    "a total": (
        Ways(says=lambda _, count: {"total": count}, clamps=True),
        {**NUMBER, "total": "total"},
    ),
    "a total as text": (
        Ways(says=lambda _, count: {"total": str(count)}),
        {**NUMBER, "total": "total"},
    ),
    "a number of pages": (
        Ways(says=lambda _, count: {"pages": -(-count // SIZE)}, clamps=True),
        {**NUMBER, "pages": "pages"},
    ),
    "whether more come": (
        Ways(says=at_end(lambda end: {"more": not end}), clamps=True),
        {**NUMBER, "more": "more"},
    ),
    "a last page that repeats": (Ways(clamps=True), {**NUMBER, "last": "repeats"}),
    "a short page": (Ways(), {**NUMBER, "last": "short"}),
    "fewer than asked for": (
        Ways(says=lambda _, count: {"total": count}, cap=2),
        {**NUMBER, "total": "total"},
    ),
    "an offset": (Ways(), {"kind": "offset", "parameter": "start"}),
    "an offset with fewer than asked for": (Ways(cap=2), {"kind": "offset", "parameter": "start"}),
    "a cursor": (
        Ways(says=lambda at, count: {"next": str(at)} if at < count else {}),
        {"kind": "cursor", "parameter": "start", "next": "next"},
    ),
    "a cursor that never ends": (
        Ways(says=lambda at, count: {"next": str(min(at, count))}),
        {"kind": "cursor", "parameter": "start", "next": "next", "first": "empty"},
    ),
}
REST_ALONE: dict[str, tuple[Ways, Paging]] = {
    "204 beyond the end": (Ways(beyond=Reply(status=204)), NUMBER),
    "404 beyond the end": (Ways(beyond=Reply({"msg": "没有数据"}, status=404)), NUMBER),
    "null beyond the end": (Ways(beyond=Reply({"rows": None})), NUMBER),
    "a link": (
        Ways(says=lambda at, count: {"links": {"next": f"?start={at}" if at < count else None}}),
        {"kind": "link", "next": "links.next"},
    ),
}


def in_parts(body: str) -> str:
    head = (
        "--b\r\nContent-ID: <r>\r\nContent-Type: application/xop+xml; charset=utf-8; "
        'type="text/xml"\r\n\r\n'
    )
    return f"{head}{body}\r\n--b--\r\n"


@dataclass(frozen=True)
class Manner:
    """How a web service wraps its records: what stands in the body, what goes over HTTP, what is
    declared.
    """

    body: Callable[[Sequence[int]], str] = lambda found: answer_with(listed(found))
    sent: Callable[[str], str] = envelope
    kind: str = "text/xml"
    read: Mapping[str, Json] = field(default_factory=dict)
    key: Callable[[bytes], str] = lambda payload: payload.decode()[12:-14]


def listed(found: Sequence[int]) -> str:
    return "".join(f"<record><id>{one}</id></record>" for one in found)


def answer_with(content: str) -> str:
    return f'<R:listResponse xmlns:R="urn:t">{content}</R:listResponse>'


def referred(found: Sequence[int]) -> str:
    there = "".join(f'<multiRef id="r{one}"><id>{one}</id></multiRef>' for one in found)
    return answer_with("".join(f'<record href="#r{one}"/>' for one in found)) + there


DECLARED_GBK = '<?xml version="1.0" encoding="GBK"?>'
MANNERS: dict[str, Manner] = {
    "XML in a text": Manner(
        body=lambda found: answer_with(
            f"<return>{escape(f'{DECLARED_GBK}<D><L>{listed(found)}</L></D>')}</return>"
        ),
        read={"inner": {"at": "return", "records": "L.record"}},
    ),
    "XML in CDATA": Manner(
        body=lambda found: answer_with(
            f"<return><![CDATA[<D><L>{listed(found)}</L></D>]]></return>"
        ),
        read={"inner": {"at": "return", "records": "D.L.record"}},
    ),
    "JSON in a text": Manner(
        body=lambda found: answer_with(
            f"<return>{json.dumps({'rows': [{'id': one} for one in found]})}</return>"
        ),
        read={"inner": {"at": "return", "format": "json", "records": "rows"}},
        key=lambda payload: payload.decode()[7:-1],
    ),
    "MIME parts": Manner(
        sent=lambda content: in_parts(envelope(content)),
        kind='multipart/related; boundary=b; start="<r>"',
    ),
    "references": Manner(body=referred),
    "SOAP 1.2": Manner(sent=lambda content: envelope(content, space=SOAP12)),
    "no namespace": Manner(body=lambda found: f"<listResponse>{listed(found)}</listResponse>"),
}


@contextmanager
def manner(name: str) -> Iterator[Habit]:
    """A web service that answers in its own manner, its pages ended by an empty one."""
    ways, paging = BOTH["an empty page"]
    shelf, wrapped = Shelf(ways), MANNERS[name]
    takes = dict.fromkeys(("page", "size", "since"), "xs:string")

    def answer(asked: Asked) -> Reply:
        if asked.method == "GET":
            return Reply(
                content=wsdl({"list": takes}).encode(), headers={"Content-Type": "text/xml"}
            )
        found, _ = shelf.page(dict(re.findall(r"<\w+:(\w+)>([^<]*)</", asked.body.decode())))
        return Reply(
            content=wrapped.sent(wrapped.body(found)).encode(),
            headers={"Content-Type": wrapped.kind},
        )

    with answering() as partner:
        partner.answer = answer
        made = SoapConnector(
            partner.connection(), {"security": "none", "ping": {"operation": "list"}}
        )
        yield habit(
            shelf, partner, made, {"operation": "list", **wrapped.read}, paging, key=wrapped.key
        )
        made.close()


@contextmanager
def rest(name: str) -> Iterator[Habit]:
    """A partner that speaks JSON."""
    ways, paging = {**BOTH, **REST_ALONE}[name]
    shelf = Shelf(ways)

    def answer(asked: Asked) -> Reply:
        found, following = shelf.page(asked.query)
        if not found and ways.beyond is not None:
            return ways.beyond
        return Reply({"rows": [{"id": one} for one in found], **ways.says(following, shelf.count)})

    with answering() as partner:
        partner.answer = answer
        read: dict[str, Json] = {"resource": "list", "records": "rows", "empty": [204, 404, None]}
        made = RestConnector(
            partner.connection(), {"auth": {"kind": "none"}, "ping": {"resource": "list"}}
        )
        yield habit(shelf, partner, made, read, paging, key=lambda payload: payload.decode()[7:-1])
        made.close()


@contextmanager
def soap(name: str, *, host: str = "127.0.0.1") -> Iterator[Habit]:
    """The same partner as a web service."""
    ways, paging = BOTH[name]
    shelf = Shelf(ways)
    takes = dict.fromkeys(("page", "size", "start", "since"), "xs:string")

    def answer(asked: Asked) -> Reply:
        if asked.method == "GET":
            return Reply(
                content=wsdl({"list": takes}).encode(), headers={"Content-Type": "text/xml"}
            )
        found, following = shelf.page(
            dict(re.findall(r"<\w+:(\w+)>([^<]*)</", asked.body.decode()))
        )
        said = "".join(
            f"<{name}>{value!s}</{name}>"
            for name, value in ways.says(following, shelf.count).items()
        )
        content = "".join(f"<record><id>{one}</id></record>" for one in found) + said
        body = envelope(f'<R:listResponse xmlns:R="urn:t">{content}</R:listResponse>')
        return Reply(content=body.encode(), headers={"Content-Type": "text/xml"})

    with answering(host) as partner:
        partner.answer = answer
        made = SoapConnector(
            partner.connection(), {"security": "none", "ping": {"operation": "list"}}
        )
        yield habit(
            shelf,
            partner,
            made,
            {"operation": "list"},
            paging,
            key=lambda payload: payload.decode()[12:-14],
        )
        made.close()


def habit(
    shelf: Shelf,
    partner: Partner,
    connector: Connector,
    read: dict[str, Json],
    paging: Paging,
    *,
    key: Callable[[bytes], str],
) -> Habit:
    """The case of one partner."""

    def holds(count: int) -> None:
        shelf.count, shelf.twice = count, False
        partner.asked.clear()

    def twice() -> None:
        shelf.twice = True

    return Habit(
        connector=connector,
        read={**read, "paging": paging, "size": SIZE, "size_parameter": "size"},
        key=key,
        size=shelf.ways.cap,
        holds=holds,
        twice=twice,
        calls=lambda: len(partner.asked),
    )


HABITS = {
    **{f"rest: {name}": (rest, name) for name in {**BOTH, **REST_ALONE}},
    **{f"soap: {name}": (soap, name) for name in BOTH},
    **{f"soap: {name}": (manner, name) for name in MANNERS},
}

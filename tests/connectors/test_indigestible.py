"""One record that nobody can read costs that record: whatever it holds, and however its page is
wrapped.
"""

import base64
import json
from collections.abc import Iterator

import pytest
from requests import Response

from connectors.envelopes import DeclaredEntityError, XmlDocument, answer_of, parsed
from connectors.inner import Inner
from connectors.options import CursorOptions
from connectors.rest import RestConnector
from hub.domain.payload import PayloadFormat, decode
from hub.errors import FlowError, RecordError
from hub.model import Json, Number
from tests.connectors.answering import Partner, Reply, answering

NUMBERS = {
    "NaN": "NaN",
    "infinity": "-Infinity",
    "5,000 digits": "9" * 5000,
    "4,200 digits": "-" + "9" * 4200,
    "digits behind the point": "1." + "9" * 5000,
    "a great power": "1e999999",
    "no power at all": "1e-99999999999999999999",
}
OTHERS = {
    "lists in lists": "[" * 100_000 + "]" * 100_000,
    "objects in objects": '{"a":' * 50_000 + "1" + "}" * 50_000,
    "deeper than is written": "[" * 300 + "]" * 300,
    "a name twice": '{"a":1,"a":' + "[" * 1000 + "]" * 1000 + "}",
    "half a character": '"\\ud800"',
    "a raw line end": '"a\nb"',
}
WRAPPED: dict[str, dict[str, Json]] = {
    "plain": {},
    "base64": {"base64": "data"},
    "text": {"embedded_json": "data"},
    "all of it a text": {},
}


def _page(wrapped: str, rows: str) -> bytes:
    whole = f'{{"rows":{rows}}}'
    pages = {
        "plain": f'{{"data":{whole}}}',
        "base64": json.dumps({"data": base64.b64encode(whole.encode()).decode()}),
        "text": json.dumps({"data": whole}),
        "all of it a text": json.dumps(f'{{"data":{whole}}}'),
    }
    return pages[wrapped].encode()


@pytest.fixture(scope="module")
def partner() -> Iterator[Partner]:
    with answering() as made:
        yield made


def _ids(payloads: list[bytes]) -> list[str]:
    """The numbers of the records; ? for one that cannot be read."""
    told = []
    for payload in payloads:
        try:
            found = decode(payload, form=PayloadFormat())["id"]
            told.append(found.text if isinstance(found, Number) else str(found))
        except RecordError:
            told.append("?")
    return told


@pytest.mark.parametrize("also", ["3", "NaN"])
@pytest.mark.parametrize("wrapped", WRAPPED)
def test_a_value_that_nobody_can_read_costs_its_record(
    partner: Partner, wrapped: str, also: str
) -> None:
    options: dict[str, Json] = {
        "resource": "x",
        "records": "data.rows",
        "cursor": "v",
        "cursor_format": "number",
    }
    options |= {"paging": {"kind": "cursor", "parameter": "c", "next": "next"}}
    connect: dict[str, Json] = {"auth": {"kind": "none"}, "ping": {"resource": "x"}}
    connector = RestConnector(partner.connection(), connect | WRAPPED[wrapped])
    for name, value in (NUMBERS | OTHERS).items():
        rows = f'[{{"id":1,"v":1}},{{"id":2,"v":{value}}},{{"id":3,"v":{also}}}]'
        partner.answer = lambda _, rows=rows: Reply(content=_page(wrapped, rows))  # type: ignore[misc]
        pages = list(connector.pages(options, since=None, resume=None))
        first, second, third = _ids([raw.payload for page in pages for raw in page.records])
        assert (first, second in {"2", "?"}) == ("1", True), name
        assert third == "3" or also == "NaN"
    connector.close()


@pytest.mark.parametrize("value", [*NUMBERS.values(), *OTHERS.values()])
def test_so_it_is_with_json_in_an_answer_of_soap(value: str) -> None:
    text = f'{{"rows":[{{"id":1}},{{"id":2,"v":{value}}},{{"id":3}}]}}'
    document = Inner(at="a", format="json", records="rows")._read(text, system="x")
    first, second, third = _ids([payload for payload, _ in document.records("rows", "")])
    assert (first, second in {"2", "?"}, third) == ("1", True, "3")


def test_a_number_that_no_cursor_can_hold_is_none() -> None:
    options = CursorOptions(cursor="v", cursor_format="number")
    for text in NUMBERS.values():
        assert options.shared(Number(text)) in {None, 0, 1}


def test_elements_that_are_nested_deep_cost_their_record() -> None:
    deep = b"<a>" * 1500 + b"</a>" * 1500
    root = parsed(b"<r><x><id>1</id></x><x>" + deep + b"</x></r>")
    one, two = (payload for payload, _ in XmlDocument(root).records("x", ""))
    assert decode(one, form=PayloadFormat("xml")) == {"id": "1"}
    with pytest.raises(RecordError):
        decode(two, form=PayloadFormat("xml"))


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("last", ["<a/>", "<a></a>", "<a b='>'>&#x1;名</a >"])
def test_elements_that_lie_deeper_than_the_parser_goes_cost_their_record(
    encoding: str, last: str
) -> None:
    at_the_edge = "<a b='>'/>"
    deep = (
        "<a>" * 1997 + at_the_edge + "<a>" * 3000 + f"<![CDATA[<a>]]>{last}{last}" + "</a>" * 4997
    )
    text = (
        f"<?xml version='1.0' "
        f"encoding='{encoding}'?><r><x><id>1</id></x><x>{deep}</x><x><id>三</id></x></r>"
    )
    root = parsed(text.encode(encoding))
    one, two, three = (payload for payload, _ in XmlDocument(root).records("x", ""))
    assert (decode(one, form=PayloadFormat("xml")), decode(three, form=PayloadFormat("xml"))) == (
        {"id": "1"},
        {"id": "三"},
    )
    assert two == f"<x>{deep}</x>".replace(at_the_edge, '<a b=">"></a>').encode()
    with pytest.raises(RecordError):
        decode(two, form=PayloadFormat("xml"))


@pytest.mark.parametrize("deep", [b"<a>" * 200_000 + b"</a>" * 200_000, b"<a>" * 5000])
def test_what_nobody_goes_through_is_refused_as_too_deep(deep: bytes) -> None:
    answer = Response()
    answer.status_code, answer._content = 200, b"<Envelope><Body>" + deep + b"</Body></Envelope>"
    with pytest.raises(FlowError, match=r"system\.answer_too_deep"):
        answer_of(answer, system="x")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_an_answer_declares_no_words_of_its_own(encoding: str) -> None:
    entities = "".join(
        f'<!ENTITY e{n} "{f"&e{n - 1};" * 20 if n else "x" * 20}">' for n in range(9)
    )
    text = f'<?xml version="1.0"?><!DOCTYPE r [{entities}]><r a="&e8;">&e8;</r>'
    for content in (text.encode(encoding), text):
        with pytest.raises(DeclaredEntityError):
            parsed(content)

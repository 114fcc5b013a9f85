"""SOAP answers as a hostile or careless server writes them: each is read right or told in words."""

import time

import pytest
import requests
from lxml import etree

from connectors.envelopes import NESTED, PartnerFault, XmlDocument, answer_of
from connectors.inner import Inner
from hub.errors import HubError

KIND = "text/xml; charset=utf-8"


def answered(content: bytes, kind: str = KIND) -> requests.Response:
    response = requests.Response()
    response.status_code = 200
    response.headers["Content-Type"] = kind
    response._content = content
    return response


def read(body: str) -> etree._Element | PartnerFault:
    return answer_of(answered(f"<Envelope><Body>{body}</Body></Envelope>".encode()), system="x")


def document(body: str) -> XmlDocument:
    found = read(body)
    assert not isinstance(found, PartnerFault)
    return XmlDocument(found)


@pytest.mark.parametrize("said", ["<!-- 注 -->", "<?print page?>"])
def test_comments_and_instructions_end_no_text_and_are_no_records(said: str):
    answer = document(
        f"{said}<r><code>{said}0</code><id>1{said}2</id><list>{said}<row><id>{said}7</id></row>"
        f"</list></r>"
    )
    assert (answer.text("code"), answer.text("id")) == ("0", "12")
    assert [cursor for _, cursor in answer.records("list.row", "id")] == ["7"]
    assert answer.verdicts("list.row") == [{"id": "7"}]


@pytest.mark.parametrize("said", ["<!-- 注 -->", "<?print page?>"])
def test_a_fault_is_read_whatever_stands_beside_its_words(said: str):
    fault = read(
        f"<Fault>{said}<faultcode>a{said}b</faultcode><faultstring>{said}忙</faultstring>"
        f"<detail>{said}<k>1{said}</k></detail></Fault>"
    )
    assert fault == PartnerFault("ab", "忙", ("1",))


@pytest.mark.parametrize("said", ["<!-- 注 -->", "<?print page?>"])
def test_an_inner_document_is_found_behind_what_says_nothing(said: str):
    for inner in (
        f"{said}&lt;d&gt;&lt;row&gt;1&lt;/row&gt;&lt;/d&gt;",
        f"{said}<d><row>1</row></d>",
    ):
        found = Inner(at="return").opened(document(f"<r><return>{inner}</return></r>"), system="x")
        assert found.text("row") == "1"


def told(content: bytes) -> str:
    """The code of the error, where it is no answer."""
    try:
        answer_of(answered(content), system="x")
    except HubError as error:
        return error.code
    return "read"


@pytest.mark.parametrize(
    "content",
    [
        b"<Envelope><Body><!-- nothing --></Body></Envelope>",
        b"<Envelope><Body><?nothing here?></Body></Envelope>",
        b'<?xml version="1.0" encoding="punycode"?><Envelope><Body><r/></Body></Envelope>',
        b'<?xml version="1.0" encoding="idna"?><Envelope><Body><r/></Body></Envelope>',
        b'<?xml version="1.0" encoding="undefined"?><Envelope><Body><r>\x01</r></Body></Envelope>',
    ],
)
def test_an_answer_of_nothing_or_in_no_charset_is_an_error_in_words_or_read(content: bytes):
    assert told(content) in {"read", "system.answer_unreadable"}


def nested(depth: int, lines: int) -> requests.Response:
    """A MIME answer of parts within parts, the innermost of so many lines."""
    heads = (
        b"--b%d\r\nContent-Type: multipart/related; boundary=b%d\r\n\r\n" % (one - 1, one)
        for one in range(1, depth)
    )
    last = b"--b%d\r\nContent-Type: text/xml\r\n\r\n<a/>\r\n" % (depth - 1)
    return answered(
        b"".join([*heads, last, b"x\r\n" * lines]),
        'multipart/related; boundary=b0; type="text/xml"',
    )


@pytest.mark.parametrize(("depth", "lines"), [(2000, 0), (400, 100_000)])
def test_parts_within_parts_without_end_are_refused_before_they_are_read(depth: int, lines: int):
    answer = nested(depth, lines)
    began = time.process_time()
    with pytest.raises(HubError):
        answer_of(answer, system="x")
    assert time.process_time() - began < 2  # of the processor: 8 s when each was followed


def test_parts_within_parts_are_read_as_far_as_anybody_sends_them():
    inside = (
        b"--b1\r\nContent-Type: text/xml\r\n\r\n<Envelope><Body><r/></Body></Envelope>\r\n--b1--"
    )
    outside = b"--b0\r\nContent-Type: multipart/related; boundary=b1\r\n\r\n%s\r\n--b0--" % inside
    found = answer_of(answered(outside, "multipart/mixed; boundary=b0"), system="x")
    assert not isinstance(found, PartnerFault)
    assert found.tag == "r"
    assert NESTED > 1

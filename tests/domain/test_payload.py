import pytest

from hub.domain.payload import PayloadFormat, decode
from hub.errors import RecordError

XML = b"""<x:Record xmlns:x="urn:a" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<x:No> 1 </x:No><Empty/><Nil xsi:nil="true">x</Nil><Unit code="2">mu</Unit><Item>a</Item><Item>b</Item>
<In><A>1</A></In></x:Record>"""


def fault(payload, **form):
    with pytest.raises(RecordError) as caught:
        decode(payload, form=PayloadFormat(**form))
    (found,) = caught.value.faults
    return found.pointer, found.code


def test_xml_becomes_children_by_name():
    assert decode(XML, form=PayloadFormat("xml")) == {
        "No": "1",
        "Empty": None,
        "Nil": None,
        "Unit": {"@code": "2", "#text": "mu"},
        "Item": ["a", "b"],
        "In": {"A": "1"},
    }


def test_xml_entities_are_not_followed():
    bomb = b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r><a>&x;</a></r>'
    assert "root" not in str(decode(bomb, form=PayloadFormat("xml")))


def test_a_csv_record_is_read_under_its_header_whatever_it_quotes():
    payload = '\ufeff编号, 名称\n1,"甲\n乙,"'.encode("gb18030")
    assert decode(payload, form=PayloadFormat("csv", "gb18030")) == {"编号": "1", "名称": "甲\n乙,"}


def test_json_text_in_json_text_is_opened_through_all_its_layers():
    form = PayloadFormat(embedded_json=("a.inner", "missing", "list.text"))
    payload = rb'{"a": {"inner": "\"{\\\"x\\\": 1}\""}, "list": [{"text": "[2]"}, {"text": ""}]}'
    assert decode(payload, form=form) == {
        "a": {"inner": {"x": 1}},
        "list": [{"text": [2]}, {"text": None}],
    }


@pytest.mark.parametrize(
    ("payload", "form", "expected"),
    [
        (b'{"a": ', {}, ("", "record.payload_malformed")),
        (b"[1]", {}, ("", "record.payload_malformed")),
        (b'{"a": "\xff"}', {}, ("", "record.payload_malformed")),
        (b'{"a": "x\\u0000"}', {}, ("", "record.payload_malformed")),
        (b'{"a": {"b": "{"}}', {"embedded_json": ("a.b",)}, ("/a/b", "record.payload_malformed")),
        (b"<a><b></a>", {"format": "xml"}, ("", "record.payload_malformed")),
        (b"a,b\n1", {"format": "csv"}, ("", "record.payload_malformed")),
        (b"a,b\n1,2\n3,4", {"format": "csv"}, ("", "record.payload_malformed")),
        (b'a\n"x', {"format": "csv"}, ("", "record.payload_malformed")),
        (
            "名\n值".encode("gbk")[:-1],
            {"format": "csv", "encoding": "gb18030"},
            ("", "record.payload_undecodable"),
        ),
    ],
)
def test_an_unreadable_payload_is_a_fault_of_the_record(payload, form, expected):
    assert fault(payload, **form) == expected

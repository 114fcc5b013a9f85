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


DOCTYPES = {
    "a file": '[<!ENTITY x SYSTEM "file:///etc/passwd">]',
    "a text": '[<!ENTITY x "有限公司">]',
    "elsewhere": 'SYSTEM "r.dtd"',
}


@pytest.mark.parametrize("doctype", DOCTYPES.values(), ids=DOCTYPES)
def test_xml_entities_are_not_followed_and_no_text_stands_without_them(doctype: str):
    for record in ("<a>甲&x;乙</a>", '<a unit="亩">1&x;2</a>'):
        bomb = f"<!DOCTYPE r {doctype}><r>{record}</r>".encode()
        assert fault(bomb, format="xml") == ("", "record.payload_malformed")


def test_an_attribute_whose_entity_is_declared_elsewhere_is_none():
    bomb = '<!DOCTYPE r {}><r><a unit="甲&x;">1</a></r>'
    assert fault(bomb.format(DOCTYPES["elsewhere"]).encode(), format="xml") == (
        "",
        "record.payload_malformed",
    )
    # what the document declares itself is read, as XML has it
    assert decode(bomb.format(DOCTYPES["a text"]).encode(), form=PayloadFormat("xml")) == {
        "a": {"@unit": "甲有限公司", "#text": "1"}
    }


@pytest.mark.parametrize("between", ["<!-- 注 -->", "<?print page?>", "<![CDATA[]]>"])
def test_what_says_nothing_cuts_no_value_in_two(between: str):
    for record, expected in (
        (f"<a>甲{between}乙</a>", "甲乙"),
        (f'<a unit="亩">1{between}2</a>', {"@unit": "亩", "#text": "12"}),
    ):
        assert decode(f"<r>{record}</r>".encode(), form=PayloadFormat("xml")) == {"a": expected}


def test_a_doctype_alone_costs_nothing():
    assert decode(b'<!DOCTYPE r SYSTEM "r.dtd"><r><a>1</a></r>', form=PayloadFormat("xml")) == {
        "a": "1"
    }


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

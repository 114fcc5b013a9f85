"""SOAP as offices speak it: texts that hold documents, operations by order, answers in parts,
faults in their words.
"""

import base64
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from connectors.envelopes import own_bytes, parsed
from connectors.hours import check_closed
from connectors.soap import SoapConnector
from hub.domain.payload import PayloadFormat, decode
from hub.errors import ClosedError, FlowError, RecordError, TransientError
from hub.model import Json, Outcome, Outgoing
from tests.connectors.soap_service import (
    SOAP12,
    Said,
    ScriptedService,
    answered,
    envelope,
    scripted_service,
    wsdl,
)

PING: Json = {"operation": "Query"}
CONNECT: dict[str, Json] = {"security": "none", "ping": PING}
ASKED = {"Query": {"since": "xs:string", "token": "xs:string"}}
FLAT = {"queryData": {f"in{n}": "xs:string" for n in range(4)}}
OFFICE: dict[str, Json] = {
    "operation": "queryData",
    "positional": ["{user}", "{secret}", "XFKY", "{query}"],
    "query": {"format": "xml", "root": "Q", "fields": {"KSSJ": "since", "YM": "page"}},
    "paging": {"kind": "page", "parameter": "page"},
    "inner": {
        "at": "return",
        "format": "xml",
        "encoding": "gbk",
        "records": "DATA.ROW",
        "total": "HEAD.TOTAL",
        "code": "HEAD.CODE",
        "text": "HEAD.MSG",
        "ok": ["1"],
        "denied": ["9001"],
    },
}
XML = (
    '<?xml version="1.0" '
    'encoding="GBK"?><R><HEAD><CODE>{code}</CODE><MSG>{msg}</MSG><TOTAL>{total}</TOTAL></HEAD>'
    "<DATA>{rows}</DATA></R>"
)
ROWS = (
    "<ROW><BH>消防〔2024〕1号</BH><DW>甲 &amp; 乙</DW></ROW>",
    "<ROW><BH>消防〔2024〕2号</BH></ROW>",
)


@pytest.fixture(scope="module")
def service() -> Iterator[ScriptedService]:
    with scripted_service() as running:
        yield running


def read(
    service: ScriptedService, options: dict[str, Json], *, since: str | None = None, **connect: Json
) -> list[bytes]:
    with closing(SoapConnector(service.connection(), CONNECT | connect)) as connector:
        return [
            raw.payload
            for page in connector.pages(options, since=since, resume=None)
            for raw in page.records
        ]


def send(
    service: ScriptedService, options: dict[str, Json], *bodies: dict[str, Json], **connect: Json
) -> list[Outcome]:
    items = [Outgoing(f"k{n}", "upsert", body) for n, body in enumerate(bodies)]
    with closing(SoapConnector(service.connection(), CONNECT | connect)) as connector:
        return list(connector.send(options, items))


def office(rows: str = "", *, code: str = "1", msg: str = "", total: str = "") -> str:
    return XML.format(code=code, msg=msg, total=total, rows=rows)


def returned(text: str) -> str:
    return envelope(f'<queryDataResponse xmlns="urn:t"><return>{text}</return></queryDataResponse>')


WAYS = {
    "escaped": escape,
    "escaped twice": lambda text: escape(escape(text)),
    "in CDATA": lambda text: f"<![CDATA[{text}]]>",
    "in CDATA, escaped": lambda text: f"<![CDATA[{escape(text)}]]>",
    "with a mark of byte order": lambda text: "\ufeff" + escape(text),
    "as an element": lambda text: text.partition("?>")[2] or text,
}


@pytest.mark.parametrize("way", WAYS)
def test_case_04_each_record_of_a_document_in_a_text_is_its_own_bytes(
    service: ScriptedService, way: str
):
    service.says(
        returned(WAYS[way](office("".join(ROWS), total="2"))),
        returned(escape(office())),
        wsdl=wsdl(FLAT),
    )
    first, second = read(service, OFFICE)
    assert decode(first, form=PayloadFormat("xml")) == {"BH": "消防〔2024〕1号", "DW": "甲 & 乙"}
    assert (first[:4], first[-6:]) == (b"<ROW", b"</ROW>")
    assert decode(second, form=PayloadFormat("xml")) == {"BH": "消防〔2024〕2号"}


def test_an_operation_is_called_by_the_order_of_its_arguments_with_a_query_as_text(
    service: ScriptedService,
):
    service.says(returned(escape(office(ROWS[0]))), returned(escape(office())), wsdl=wsdl(FLAT))
    read(service, OFFICE, since="2026-10-01")
    sent = [
        etree.fromstring(body.encode()).find(".//{urn:t}queryData") for _, body in service.calls
    ]
    assert [[part.text for part in one] for one in sent if one is not None] == [
        ["hub", "geheim-1", "XFKY", f"<Q><KSSJ>2026-10-01</KSSJ><YM>{page}</YM></Q>"]
        for page in (1, 2)
    ]


def test_flat_arguments_have_values_in_their_texts_and_one_answer_has_all_records(
    service: ScriptedService,
):
    service.says(
        answered("<row><a>1</a></row>"),
        wsdl=wsdl({"Query": {"user": "xs:string", "what": "xs:string", "since": "xs:string"}}),
    )
    options: dict[str, Json] = {
        "operation": "Query",
        "records": "row",
        "arguments": {"user": "{user}", "what": "von {since}"},
    }
    assert read(service, options, since="5") == [b'<row xmlns="urn:t"><a>1</a></row>']
    (call,) = service.calls
    sent = etree.fromstring(call[1].encode()).find(".//{urn:t}Query")
    assert sent is not None
    assert [(etree.QName(part).localname, part.text) for part in sent] == [
        ("user", "hub"),
        ("what", "von 5"),
    ]


JSON_INNER: dict[str, Json] = {
    "operation": "Query",
    "inner": {"at": "return", "format": "json", "records": "data.list", "total": "data.total"},
}


@pytest.mark.parametrize(
    "text",
    [
        '{"data":{"total":1,"list":[{"金额": 1.10, "号":"a"}]}}',
        json.dumps('{"data":{"total":1,"list":[{"金额": 1.10, "号":"a"}]}}', ensure_ascii=False),
        escape('{"data":{"total":1,"list":[{"金额": 1.10, "号":"a"}]}}'),
    ],
    ids=["once", "as a JSON text", "escaped"],
)
def test_a_text_of_json_gives_each_object_as_it_was_written(service: ScriptedService, text: str):
    service.says(answered(f"<return>{escape(text)}</return>"), wsdl=wsdl(ASKED))
    assert read(service, JSON_INNER) == ['{"金额": 1.10, "号":"a"}'.encode()]


def test_a_single_object_where_a_list_is_expected_is_a_list_of_one(service: ScriptedService):
    service.says(answered('<return>{"data":{"total":1,"list":{"b":1}}}</return>'), wsdl=wsdl(ASKED))
    assert read(service, JSON_INNER) == [b'{"b":1}']


def test_a_document_in_base64_is_read_in_its_own_encoding(service: ScriptedService):
    packed = base64.b64encode(office(ROWS[0]).encode("gb18030")).decode()
    last = base64.b64encode(office().encode()).decode()
    service.says(returned(packed), returned(last), wsdl=wsdl(FLAT))
    inner = OFFICE["inner"]
    assert isinstance(inner, dict)
    (only,) = read(service, OFFICE | {"inner": {**inner, "base64": True}})
    assert decode(only, form=PayloadFormat("xml"))["BH"] == "消防〔2024〕1号"


@pytest.mark.parametrize(
    ("options", "text", "why"),
    [
        (OFFICE, office(total="12"), "total is 12"),
        (
            OFFICE,
            office()
            .replace("DATA>", "DATEN>")
            .replace("<DATEN>", "<DATEN><ROW><BH>1</BH></ROW><ROW><BH>2</BH></ROW>"),
            "DATA",
        ),
        (OFFICE, "查询成功", "not XML"),
        (OFFICE, "<R><HEAD/></R>", "HEAD.CODE"),
        (JSON_INNER, '{"data":{"total":3,"list":[]}}', "total is 3"),
        (JSON_INNER, '{"data":{"rows":[{}]}}', "there is no list"),
        (JSON_INNER, "<data/>", "not JSON"),
    ],
    ids=[
        "total",
        "elsewhere",
        "words",
        "no code",
        "total of JSON",
        "elsewhere in JSON",
        "XML for JSON",
    ],
)
def test_records_that_are_not_where_they_should_be_stop_the_flow(
    service: ScriptedService, options: dict[str, Json], text: str, why: str
):
    service.says(returned(escape(text)), wsdl=wsdl(FLAT | ASKED))
    with pytest.raises(FlowError, match=r"system\.answer_unreadable") as caught:
        read(service, options)
    assert why in caught.value.facts["detail"]


def test_a_page_beyond_the_end_is_empty_whatever_the_total_says(service: ScriptedService):
    service.says(
        *(returned(escape(office(rows, total="1"))) for rows in (ROWS[0], "")), wsdl=wsdl(FLAT)
    )
    assert len(read(service, OFFICE)) == 1


@pytest.mark.parametrize(
    "empty",
    ["", "<return/>", '<return xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>'],
)
def test_an_empty_text_is_an_empty_list_where_no_code_is_agreed(
    service: ScriptedService, empty: str
):
    options: dict[str, Json] = {"operation": "Query", "inner": {"at": "return", "records": "row"}}
    service.says(answered(empty or "<return></return>"), wsdl=wsdl(ASKED))
    assert read(service, options) == []


def test_codes_inside_the_text_mean_what_the_contract_says(service: ScriptedService):
    service.says(returned(escape(office(code="9001", msg="口令错误"))), wsdl=wsdl(FLAT))
    with pytest.raises(FlowError, match=r"system\.credentials.*口令错误"):
        read(service, OFFICE)
    service.says(returned(escape(office(code="77", msg="参数缺失"))), wsdl=wsdl(FLAT))
    with pytest.raises(FlowError, match=r"system\.protocol.*status=77.*参数缺失"):
        read(service, OFFICE)


def fault(code: str, words: str, detail: str = "") -> str:
    inside = (
        f"<faultcode>{code}</faultcode><faultstring>{words}</faultstring><detail>{detail}</detail>"
    )
    return envelope(f"<E:Fault>{inside}</E:Fault>")


@pytest.mark.parametrize(
    ("denied", "words", "detail"),
    [
        (["AUTH_001"], "用户名或密码错误", "<code>AUTH_001</code>"),
        (["用户名或密码错误"], "用户名或密码错误", ""),
        (["9001"], "9001:用户名或密码错误", ""),
        ([9001], "[9001] 用户名或密码错误", ""),
    ],
)
def test_case_39_a_denial_told_as_a_fault_of_the_server_counts_as_credentials(
    service: ScriptedService, denied: list[Json], words: str, detail: str
):
    options: dict[str, Json] = {"operation": "Query"}
    for status in (200, 500):
        service.says(
            Said(fault("soap:Server", words, detail).encode(), status=status), wsdl=wsdl(ASKED)
        )
        with pytest.raises(FlowError, match=r"system\.credentials.*用户名或密码错误"):
            read(service, options, denied=denied)
        with pytest.raises(FlowError, match=r"system\.credentials"):
            read(service, options | {"inner": {"at": "return", "denied": denied}})
        with pytest.raises(
            TransientError, match=r"system\.unavailable.*用户名或密码错误"
        ):  # what it said is shown
            read(service, options)


@pytest.mark.parametrize("told", ["fault", "text"])
def test_who_is_closed_says_when_it_opens_and_is_asked_again_then(
    service: ScriptedService, told: str
):
    opens = datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(hours=5)
    words = f"系统维护中，{opens:%H:%M}后开放"
    body = f"<R><C>9</C><M>{words}</M></R>"
    service.says(
        fault("soap:Server", words)
        if told == "fault"
        else answered(f"<return>{escape(body)}</return>"),
        wsdl=wsdl(ASKED),
    )
    options: dict[str, Json] = {"operation": "Query"}
    if told == "text":
        options["inner"] = {"at": "return", "records": "R", "code": "C", "ok": ["1"], "text": "M"}
    with pytest.raises(ClosedError) as closed:
        read(service, options, closed=["维护中，{until}后开放"])
    assert closed.value.facts["opens"] == opens.isoformat(timespec="minutes")
    assert 5 * 3600 - 60 <= closed.value.after <= 5 * 3600
    with pytest.raises((TransientError, FlowError), match=r"system\.(unavailable|protocol)"):
        read(service, options, closed=["维护中，{until}关闭"])  # other words


@pytest.mark.parametrize(
    ("now", "opens"),
    [("21:59", "06:00"), ("05:59", "06:00"), ("18:00", "06:00"), ("06:00", None), ("17:59", None)],
)
def test_an_hour_that_lies_further_than_half_a_day_ahead_is_one_that_has_passed(now, opens):
    here = datetime.fromisoformat(f"2026-11-30T{now}:00+08:00")

    def ask() -> None:
        check_closed("6:00后开放", ["{until}后"], zone="Asia/Shanghai", system="s", now=here)

    if opens is None:
        ask()
        return
    with pytest.raises(ClosedError) as closed:
        ask()
    assert f"T{opens}+08:00" in closed.value.facts["opens"]


@pytest.mark.parametrize("words", ["维护中", "{until}至{until}"])
def test_words_of_closing_without_their_hour_are_refused(service: ScriptedService, words: str):
    service.says(answered(""), wsdl=wsdl(ASKED))
    with pytest.raises(FlowError, match=r"closed.*\{until\}"):
        read(service, {"operation": "Query"}, closed=[words])


def test_a_fault_at_a_record_that_was_sent_is_not_quoted_since_it_may_quote_the_record(
    service: ScriptedService,
):
    service.says(
        fault("soap:Server", "张三 370102199001011234 保存失败"),
        wsdl=wsdl({"Push": {"record": "xs:string"}}),
    )
    write: dict[str, Json] = {
        "operation": "Push",
        "key": "k",
        "records": "record",
        "query": {"root": "D"},
        "arguments": {"record": "{query}"},
        "verdict": {"key": "k", "code": "c", "ok": ["1"]},
    }
    (outcome,) = send(service, write, {"name": "张三"})
    assert (outcome.state, outcome.text) == (
        "unknown",
        "system.unavailable (system=s, status=soap:Server)",
    )


MTOM = (
    'multipart/related; start="<root>"; type="application/xop+xml"; boundary="uuid:x"; '
    'start-info="text/xml"'
)


def parts(root: str, attached: bytes = b"\x00\xff%PDF\r\n--not a boundary") -> bytes:
    return (
        b"--uuid:x\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: "
        b"binary\r\n"
        b"Content-ID: <pdf@x>\r\n\r\n" + attached + b"\r\n--uuid:x\r\nContent-Id: "
                                                    b"<root>\r\nContent-Type: "
        b'application/xop+xml;charset=utf-8;type="text/xml"\r\nContent-Transfer-Encoding: '
        b'binary\r\n\r\n'
        + root.encode() + b"\r\n--uuid:x--"
    )  # fmt: skip


@pytest.mark.parametrize(
    "reference",
    ['<x:Include xmlns:x="http://www.w3.org/2004/08/xop/include" href="cid:pdf%40x"/>', None],
    ids=["MTOM", "SwA"],
)
def test_case_37_an_answer_in_parts_is_read_with_what_is_attached_to_it(
    service: ScriptedService, reference: str | None
):
    paper = f"<paper>{reference}</paper>" if reference else '<paper href="cid:pdf@x"/>'
    service.says(
        Said(parts(answered(f"<record><n>一</n>{paper}</record>")), MTOM), wsdl=wsdl(ASKED)
    )
    (only,) = read(service, {"operation": "Query"})
    taken = decode(only, form=PayloadFormat("xml"))
    paper_read = taken["paper"]
    text = paper_read["#text"] if isinstance(paper_read, dict) else paper_read
    assert (taken["n"], base64.b64decode(str(text))) == ("一", b"\x00\xff%PDF\r\n--not a boundary")


def test_case_37_a_fault_in_parts_is_a_fault_and_parts_without_a_start_begin_with_the_first(
    service: ScriptedService,
):
    body = b"--b\nContent-Type: text/xml\n\n" + fault("soap:Client", "不行").encode() + b"\n--b--"
    service.says(Said(body, "Multipart/Related; boundary=b"), wsdl=wsdl(ASKED))
    with pytest.raises(FlowError, match=r"system\.protocol.*不行"):
        read(service, {"operation": "Query"})


MULTIREF = (
    '<multiRef id="id0" xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="t:R"><编号 '
    'i:type="x:s">S05</编号>'
    '<人 href="#id1"/><环 href="#id0"/></multiRef><multiRef id="id1"><名>某人</名></multiRef>'
)


@pytest.mark.parametrize("beside", [False, True], ids=["in the answer", "beside it"])
def test_case_37_what_an_old_axis_answer_refers_to_stands_in_the_record(
    service: ScriptedService, *, beside: bool
):
    answer = (
        f'<QueryResponse xmlns="urn:t"><record '
        f'href="#id0"/>{"" if beside else MULTIREF}</QueryResponse>'
    )
    service.says(envelope(answer, more=MULTIREF if beside else ""), wsdl=wsdl(ASKED))
    (only,) = read(service, {"operation": "Query"})
    assert decode(only, form=PayloadFormat("xml")) == {
        "编号": "S05",
        "人": {"名": "某人"},
        "环": None,
    }


def test_references_that_would_grow_without_end_are_left_as_they_are(service: ScriptedService):
    doubling = "".join(
        f'<m id="r{n}"><a href="#r{n + 1}"/><b href="#r{n + 1}"/></m>' for n in range(40)
    )
    answer = f'<QueryResponse xmlns="urn:t"><record href="#r0"/>{doubling}</QueryResponse>'
    service.says(envelope(answer), wsdl=wsdl(ASKED))
    (only,) = read(service, {"operation": "Query"})
    assert len(only) < 100_000


def test_a_service_of_the_rpc_encoded_kind_is_described_and_read(service: ScriptedService):
    types = (
        '<xs:complexType name="Rows"><xs:complexContent><xs:restriction base="soapenc:Array">'
        '<xs:attribute ref="soapenc:arrayType" wsdl:arrayType="xs:string[]"/></xs:restriction>'
        "</xs:complexContent></xs:complexType>"
    )
    described = wsdl(
        {"Query": {"a": "xs:string", "b": "xs:int"}}, style="rpc", use="encoded", types=types
    )
    kind = (
        'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" '
        'xmlns:x="http://www.w3.org/2001/XMLSchema"'
    )
    answer = (
        f'<n:QueryResponse xmlns:n="urn:t" {kind} '
        f'E:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><return>'
        '<record i:type="n:R"><a i:type="x:string">甲</a><b '
        'i:nil="true"/></record></return></n:QueryResponse>'
    )
    service.says(envelope(answer), wsdl=described)
    options: dict[str, Json] = {
        "operation": "Query",
        "records": "return.record",
        "arguments": {"a": "x", "b": 7},
    }
    (only,) = read(service, options)
    assert decode(only, form=PayloadFormat("xml")) == {"a": "甲", "b": None}
    assert "http://schemas.xmlsoap.org" not in "".join(path for path, _ in service.asked)


@pytest.mark.parametrize("style", ["document", "rpc"])
@pytest.mark.parametrize("soap", [11, 12])
def test_both_versions_of_soap_and_both_styles_are_read(
    service: ScriptedService, style: str, soap: int
):
    space = SOAP12 if soap == 12 else "http://schemas.xmlsoap.org/soap/envelope/"
    service.says(
        envelope("<QueryResponse><record><a>1</a></record></QueryResponse>", space=space),
        wsdl=wsdl(ASKED, soap=soap, style=style),
    )
    options: dict[str, Json] = {
        "operation": "Query",
        "paging": {"kind": "cursor", "parameter": "token", "next": "n"},
    }
    assert read(service, options) == [b"<record><a>1</a></record>"]  # and no namespace at all
    sent = etree.fromstring(service.calls[0][1].encode()).find(".//{urn:t}Query")
    assert sent is not None
    assert [part.text for part in sent] == (
        [] if style == "document" else [None, None]
    )  # rpc wants each part


def test_the_words_of_a_fault_of_soap_12_are_read(service: ScriptedService):
    inside = "<E:Code><E:Value>E:Sender</E:Value><E:Subcode><E:Value>w:FailedAuthentication</E:Value></E:Subcode></E:Code>"
    words = "<E:Reason><E:Text>不认识</E:Text></E:Reason>"
    service.says(
        envelope(f"<E:Fault>{inside}{words}</E:Fault>", space=SOAP12), wsdl=wsdl(ASKED, soap=12)
    )
    with pytest.raises(FlowError, match=r"system\.credentials.*不认识"):
        read(service, {"operation": "Query"})


@pytest.mark.parametrize("broken", ["&#x1B;", "&#11;", "\x0b", "&#xD800;", "&#x0;"])
def test_a_character_that_xml_cannot_say_costs_the_record_that_holds_it(
    service: ScriptedService, broken: str
):
    rows = "".join(
        f"<record><n>{n}</n><t>{broken if n == 1 else '甲'}</t></record>" for n in range(3)
    )
    service.says(answered(rows), wsdl=wsdl(ASKED))
    read_in = read(service, {"operation": "Query"})
    assert len(read_in) == 3
    assert [decode(read_in[n], form=PayloadFormat("xml"))["n"] for n in (0, 2)] == ["0", "2"]
    with pytest.raises(RecordError):
        decode(read_in[1], form=PayloadFormat("xml"))


def test_bytes_that_are_no_text_cost_the_record_that_holds_them_and_come_as_they_were_sent():
    root = parsed(
        b'<?xml version="1.0" encoding="GBK"?><l><r>\xbc\xd7</r><r>\xbc\xff\x80\xff</r></l>'
    )
    first, second = (own_bytes(one) for one in root)
    assert first == "<r>甲</r>".encode()
    with pytest.raises(RecordError):
        decode(second, form=PayloadFormat("xml"))


@pytest.mark.parametrize(
    ("head", "kind", "option"),
    [
        ('<?xml version="1.0" encoding="GBK"?>', "text/xml", {}),
        ('<?xml version="1.0" encoding="gb2312"?>', "text/xml", {}),
        ("", "text/xml; charset=GBK", {}),
        ("", "text/xml", {"encoding": "gbk"}),
        ('<?xml version="1.0" encoding="UTF-8"?>', "text/xml;charset=UTF-8", {"encoding": "gbk"}),
    ],
    ids=["declared", "declared too narrowly", "by HTTP", "by contract", "declared wrongly"],
)
def test_answers_in_chinese_encodings_are_read(
    service: ScriptedService, head: str, kind: str, option: dict[str, Json]
):
    text = envelope("<QueryResponse><record><a>喆镕</a></record></QueryResponse>", head=head)
    service.says(Said(text.encode("gb18030"), kind), wsdl=wsdl(ASKED))
    assert read(service, {"operation": "Query"}, **option) == [
        "<record><a>喆镕</a></record>".encode()
    ]


def test_a_nil_record_is_no_record(service: ScriptedService):
    nil = '<record xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>'
    service.says(answered(nil), wsdl=wsdl(ASKED))
    assert read(service, {"operation": "Query"}) == []


@pytest.mark.parametrize(
    ("option", "address"),
    [
        ("?wsdl", "/s?wsdl"),
        ("jd?wsdl", "/s/jd?wsdl"),
        ("/jd.asmx?WSDL", "/s/jd.asmx?WSDL"),
        ("jd?wsdl=1&v=2", "/s/jd?wsdl=1&v=2"),
        ("http://127.0.0.1/other/jd?wsdl", "/other/jd?wsdl"),
    ],
)
def test_a_wsdl_is_looked_for_where_the_contract_says(
    service: ScriptedService, option: str, address: str
):
    service.says(
        answered("<record><a>1</a></record>"),
        wsdl=wsdl(ASKED, address="https://inner.example/ws/jd?x=1"),
        at=address,
    )
    assert len(read(service, {"operation": "Query"}, wsdl=option)) == 1
    assert [path for path, _ in service.asked] == [address]
    assert [path for path, _ in service.calls] == [
        "/ws/jd?x=1"
    ]  # at our host, whatever host the WSDL names


def test_what_a_wsdl_imports_from_another_host_is_read_from_the_partner_and_nobody_else_sees_the_password(
    service: ScriptedService,
):
    schema = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:u"/>'
    imported = '<xs:import namespace="urn:u" schemaLocation="http://inner.example/s?xsd=1"/>'
    service.says(answered("<record><a>1</a></record>"), wsdl=wsdl(ASKED, types=imported))
    service.documents["/s?xsd=1"] = Said(schema.encode())
    assert len(read(service, {"operation": "Query"}, security="basic")) == 1
    assert [path for path, _ in service.asked] == ["/s?wsdl", "/s?xsd=1"]
    assert all(proof.startswith("Basic ") for _, proof in service.asked)


@pytest.mark.parametrize(
    ("connect", "options", "option", "said"),
    [
        ({"wsdl": "nowhere?wsdl"}, {}, "connect.wsdl", "/s/nowhere?wsdl: HTTP 404"),
        ({"wsdl": "page"}, {}, "connect.wsdl", "no SOAP service"),
        (
            {"wsdl": "http://other.example/s?wsdl"},
            {},
            "connect.wsdl",
            "not at the connection's host",
        ),
        ({}, {"operation": "Qery"}, "read.operation", "Qery; the WSDL has operations: Query"),
        ({}, {"arguments": {"seit": "1"}}, "read", "Query takes: since, token; given: seit"),
        (
            {},
            {"positional": ["a", "b", "c"]},
            "read",
            "Query takes: since, token; given: 3 by order",
        ),
        (
            {},
            {"positional": ["{nutzer}"]},
            "read: {nutzer}",
            "no argument nutzer; there are: secret, since, user",
        ),
        (
            {},
            {"query": {"root": "Q", "fields": {"A": "page"}}},
            "read.query.fields",
            "no argument page",
        ),
        ({}, {"query": {"root": "Q R"}}, "read", "XML cannot say"),
    ],
)
def test_our_own_mistakes_are_ours_and_say_what_there_is(
    service: ScriptedService,
    connect: dict[str, Json],
    options: dict[str, Json],
    option: str,
    said: str,
):
    service.says(answered(""), wsdl=wsdl(ASKED))
    service.documents["/s/page"] = Said(b"<html><body>Hello</body></html>", "text/html")
    with pytest.raises(FlowError) as caught:
        read(service, {"operation": "Query", **options}, **connect)
    assert (caught.value.code, caught.value.facts["option"]) == ("system.contract", option)
    assert said in caught.value.facts["detail"]
    assert service.calls == []
    assert "geheim" not in str(caught.value)


WRITE: dict[str, Json] = {
    "operation": "push",
    "key": "LSH",
    "positional": ["{user}", "{query}"],
    "query": {
        "root": "DATA",
        "record": "BODY.ROW",
        "fields": {"HEAD.YHM": "user"},
        "encoding": "GBK",
    },
    "inner": {
        "at": "return",
        "records": "ROW",
        "code": "CODE",
        "ok": ["1"],
        "denied": ["9001"],
        "text": "MSG",
    },
    "verdict": {"key": "LSH", "code": "JG", "text": "YY", "ok": ["0"]},
}
PUSH = {"push": {"a": "xs:string", "b": "xs:string"}}


def pushed(text: str) -> str:
    return envelope(f"<pushResponse><return>{escape(text)}</return></pushResponse>")


def test_records_go_as_a_text_of_xml_and_verdicts_come_in_one(service: ScriptedService):
    verdicts = "<ROW><LSH>k0</LSH><JG>0</JG></ROW><ROW><LSH>k1</LSH><JG>5</JG><YY>重复</YY></ROW>"
    service.says(pushed(f"<R><CODE>1</CODE>{verdicts}</R>"), wsdl=wsdl(PUSH))
    outcomes = send(service, WRITE, {"MC": "甲 & <乙>"}, {"MC": "二"})
    assert [(one.key, one.state, one.text) for one in outcomes] == [
        ("k0", "confirmed", ""),
        ("k1", "rejected", "重复"),
    ]
    sent = etree.fromstring(service.calls[0][1].encode()).findtext(".//{urn:t}b")
    assert sent == (
        '<?xml version="1.0" encoding="GBK"?><DATA><HEAD><YHM>hub</YHM></HEAD><BODY><ROW><MC>甲 '
        "&amp; &lt;乙&gt;</MC>"
        "<LSH>k0</LSH></ROW><ROW><MC>二</MC><LSH>k1</LSH></ROW></BODY></DATA>"
    )


def test_records_go_as_a_text_of_json(service: ScriptedService):
    service.says(pushed('{"code":"1"}'), wsdl=wsdl(PUSH))
    write = WRITE | {
        "query": {"format": "json", "record": "list"},
        "inner": {"at": "return", "format": "json", "code": "code", "ok": [1]},
    }
    assert [one.state for one in send(service, write, {"MC": "甲"})] == ["confirmed"]
    sent = etree.fromstring(service.calls[0][1].encode()).findtext(".//{urn:t}b")
    assert json.loads(str(sent)) == {"list": [{"LSH": "k0", "MC": "甲"}]}


def test_one_code_for_all_that_was_sent_isolates_the_culprit(service: ScriptedService):
    inner: Json = {"at": "return", "code": "CODE", "ok": ["1"], "text": "MSG"}
    bad, good = (
        pushed(f"<R><CODE>{code}</CODE><MSG>{msg}</MSG></R>")
        for code, msg in (("8", "格式错误"), ("1", ""))
    )
    service.says(bad, good, bad, wsdl=wsdl(PUSH))
    outcomes = send(service, WRITE | {"inner": inner}, {"MC": "一"}, {"MC": "二"})
    assert [(one.key, one.state, one.code, one.text) for one in outcomes] == [
        ("k0", "confirmed", "1", ""),
        ("k1", "rejected", "8", "格式错误"),
    ]


def test_a_record_alone_goes_as_the_arguments_of_its_operation(service: ScriptedService):
    service.says(
        pushed("<R><CODE>1</CODE></R>"),
        wsdl=wsdl({"push": {"user": "xs:string", "MC": "xs:string", "LSH": "xs:string"}}),
    )
    write: dict[str, Json] = {
        "operation": "push",
        "key": "LSH",
        "records": "",
        "arguments": {"user": "{user}"},
        "inner": {"at": "return", "code": "CODE", "ok": ["1"]},
        "verdict": {"key": "LSH", "code": "JG", "ok": ["0"]},
    }
    assert [one.state for one in send(service, write, {"MC": "一"}, {"MC": "二"})] == [
        "confirmed"
    ] * 2
    assert [
        etree.fromstring(body.encode()).findtext(".//{urn:t}MC") for _, body in service.calls
    ] == ["一", "二"]


def test_a_wrong_password_told_in_the_text_stops_the_sending(service: ScriptedService):
    service.says(pushed("<R><CODE>9001</CODE></R>"), wsdl=wsdl(PUSH))
    with pytest.raises(FlowError, match=r"system\.credentials"):
        send(service, WRITE, {"MC": "甲"})


def test_a_record_with_a_character_that_xml_cannot_say_is_rejected_alone(service: ScriptedService):
    service.says(pushed("<R><CODE>1</CODE><ROW><LSH>k0</LSH><JG>0</JG></ROW></R>"), wsdl=wsdl(PUSH))
    outcomes = {one.key: one for one in send(service, WRITE, {"MC": "甲"}, {"MC": "\x0b"})}
    assert (outcomes["k0"].state, outcomes["k1"].state, outcomes["k1"].code) == (
        "confirmed",
        "rejected",
        "delivery.unsayable",
    )


def test_ping_proves_the_password_by_the_code_in_the_text(service: ScriptedService):
    service.says(pushed("<R><CODE>9001</CODE><MSG>口令错误</MSG></R>"), wsdl=wsdl(PUSH))
    inner: Json = {"at": "return", "code": "CODE", "ok": ["1"], "denied": ["9001"], "text": "MSG"}
    ping: Json = {"operation": "push", "positional": ["{user}", "{secret}"], "inner": inner}
    with closing(SoapConnector(service.connection(), CONNECT | {"ping": ping})) as connector:
        with pytest.raises(FlowError, match=r"system\.credentials.*口令错误"):
            connector.ping()
        service.says(pushed("<R><CODE>1</CODE></R>"))
        assert connector.ping() == "SOAP push: OK"

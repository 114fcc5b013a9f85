"""REST lists as partners offer them: links, headers, totals, charsets, answers without content,
windows of time.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, tzinfo

import pytest

from connectors.rest import RestConnector
from connectors.windows import Window
from hub.config.connections import connection_from
from hub.errors import FlowError, TransientError
from hub.model import Json
from tests.connectors.answering import Asked, Partner, Reply, answering

OPEN: dict[str, Json] = {"auth": {"kind": "none"}, "ping": {"resource": "list"}}


@pytest.fixture(scope="module")
def serving() -> Iterator[Partner]:
    with answering() as made:
        yield made


@pytest.fixture
def partner(serving: Partner) -> Partner:
    serving.asked.clear()
    return serving


def rows(*numbers: int) -> list[Json]:
    return [{"id": number} for number in numbers]


def read(partner: Partner, connect: dict[str, Json] | None = None, **options: Json) -> list[str]:
    """All payloads of the list, by a connector of its own."""
    connector = RestConnector(partner.connection(), {**OPEN, **(connect or {})})
    options = {
        "resource": "list",
        "records": "rows",
        "paging": {"kind": "page", "parameter": "page"},
        **options,
    }
    try:
        pages = list(connector.pages(options, since=None, resume=None))
    finally:
        connector.close()
    return [raw.payload.decode() for page in pages for raw in page.records]


def ids(payloads: list[str]) -> list[int]:
    return [int(payload.partition(":")[2].strip(" }")) for payload in payloads]


def in_three(
    *, next_of: Callable[[Partner, int], tuple[Json, dict[str, str]]]
) -> Callable[[Asked], Reply]:
    """A partner of records 0 to 5 in three pages that says in some way which page is the next."""

    def answer(asked: Asked) -> Reply:
        at = int(asked.query.get("start", "0"))
        said, headers = next_of(None, at + 2) if at + 2 < 6 else (None, {})  # type: ignore[arg-type]
        return Reply({"rows": rows(at, at + 1), "links": {"next": said}}, headers=headers)

    return answer


@pytest.mark.parametrize(
    "link", ["/api/list?start={}", "?start={}", "list?start={}", "http://{host}/api/list?start={}"]
)
@pytest.mark.parametrize("where", ["body", "header"])
def test_a_link_to_the_next_page_is_followed_whole_or_relative_in_body_or_header(
    partner: Partner, link: str, where: str
) -> None:
    def next_of(_: object, at: int) -> tuple[Json, dict[str, str]]:
        said = link.replace("{host}", f"127.0.0.1:{partner.port}").format(at)
        return (
            (said, {})
            if where == "body"
            else (None, {"Link": f'<{said}>; rel="next", </first>; rel="first"'})
        )

    partner.answer = in_three(next_of=next_of)
    paging: Json = {"kind": "link", "next": "links.next"} if where == "body" else {"kind": "link"}
    assert ids(read(partner, paging=paging)) == [0, 1, 2, 3, 4, 5]
    assert [asked.query for asked in partner.asked] == [{}, {"start": "2"}, {"start": "4"}]


@pytest.mark.parametrize(
    ("link", "place"),
    [
        ("http://evil.example/list?start=2", "http://evil.example"),
        ("//evil.example/list", "http://evil.example"),
        ("https://127.0.0.1:{port}/api/list", "https://127.0.0.1"),
        ("http://127.0.0.1:1/api/list", "http://127.0.0.1"),
        ("http://127.0.0.1:x/", "(unreadable)"),
        ("file:///etc/passwd", "file://"),
        ("http://127.0.0.1:{port}@evil.example/", "http://evil.example"),
    ],
)
def test_a_link_to_another_host_port_or_protocol_is_refused(
    partner: Partner, link: str, place: str
) -> None:
    partner.answer = lambda _: Reply(
        {"rows": rows(0), "links": {"next": link.format(port=partner.port)}}
    )
    with pytest.raises(FlowError) as caught:
        read(partner, paging={"kind": "link", "next": "links.next"})
    assert caught.value.code == "system.foreign_link"
    assert caught.value.facts["place"] == place
    assert len(partner.asked) == 1


def test_a_key_that_a_link_repeats_is_not_kept_and_the_call_carries_it_anew(
    partner: Partner,
) -> None:
    partner.answer = in_three(next_of=lambda _, at: (f"?start={at}&api_key=s3cret", {}))
    connector = RestConnector(
        partner.connection(),
        {**OPEN, "auth": {"kind": "headers", "query": {"api_key": "{secret}"}}},
    )
    options: dict[str, Json] = {
        "resource": "list",
        "records": "rows",
        "paging": {"kind": "link", "next": "links.next"},
    }
    pages = list(connector.pages(options, since=None, resume=None))
    assert "s3cret" not in repr(pages)
    assert [asked.query for asked in partner.asked] == [
        {"api_key": "s3cret"},
        {"start": "2", "api_key": "s3cret"},
        {"start": "4", "api_key": "s3cret"},
    ]
    rest = list(connector.pages(options, since=None, resume=pages[0].resume))
    assert [raw.payload for page in rest for raw in page.records] == [
        raw.payload for page in pages[1:] for raw in page.records
    ]


def test_a_link_that_leads_to_its_own_page_is_broken(partner: Partner) -> None:
    partner.answer = lambda _: Reply(
        {"rows": rows(len(partner.asked)), "links": {"next": "?start=2"}}
    )
    with pytest.raises(TransientError) as caught:
        read(partner, paging={"kind": "link", "next": "links.next"})
    assert caught.value.facts["hint_en"] == " The link leads back to a page that was read."


def test_the_cursor_of_the_next_page_is_read_from_a_header(partner: Partner) -> None:
    def answer(asked: Asked) -> Reply:
        at = int(asked.query.get("after", "0"))
        return Reply({"rows": rows(at, at + 1)}, headers={"X-Next": str(at + 2)} if at < 4 else {})

    partner.answer = answer
    assert ids(
        read(partner, paging={"kind": "cursor", "parameter": "after", "next_header": "X-Next"})
    ) == [*range(6)]
    assert [asked.query for asked in partner.asked] == [{}, {"after": "2"}, {"after": "4"}]


@pytest.mark.parametrize(
    ("first", "query"), [("omit", {}), ("empty", {"after": ""}), ("0", {"after": "0"})]
)
def test_the_first_call_of_a_cursor_has_the_parameter_as_declared(
    partner: Partner, first: str, query: dict[str, str]
) -> None:
    partner.answer = lambda _: Reply({"rows": rows(1)})
    read(partner, paging={"kind": "cursor", "parameter": "after", "next": "next", "first": first})
    assert partner.asked[0].query == query


@pytest.mark.parametrize(
    ("options", "said", "headers"),
    [
        ({"total": "total"}, {"total": 5}, {}),
        ({"total": "total"}, {"total": "5"}, {}),
        ({"total": "data.page.total"}, {"data": {"page": {"total": 5.0}}}, {}),
        ({"total_header": "X-Total-Count"}, {}, {"x-total-count": "5"}),
        ({"pages": "pages"}, {"pages": 3}, {}),
        ({"more": "data.hasNextPage"}, None, {}),
    ],
    ids=["number", "text", "nested", "header", "pages", "more"],
)
@pytest.mark.parametrize("kind", ["page", "offset"])
def test_a_total_ends_the_list_wherever_and_however_it_is_said(
    partner: Partner, kind: str, options: dict[str, Json], said: Json, headers: dict[str, str]
) -> None:
    if kind == "offset" and "pages" in options:
        options, said = (
            {"total": "0.n"},
            None,
        )  # offsets count no pages; a total within a list instead

    def answer(asked: Asked) -> Reply:
        at = int(asked.query["offset"]) if kind == "offset" else (int(asked.query["page"]) - 1) * 2
        more = {"data": {"hasNextPage": at + 2 < 5}} if "more" in options else said
        found = rows(*range(at, min(at + 2, 5)))
        return Reply(
            [{"n": 5}, found] if "0.n" in options.values() else {"rows": found, **(more or {})},
            headers=headers,
        )

    partner.answer = answer
    paging: Json = {"kind": kind, **({"parameter": "page"} if kind == "page" else {}), **options}
    records = "1" if "0.n" in options.values() else "rows"
    assert ids(read(partner, paging=paging, records=records)) == [*range(5)]
    assert len(partner.asked) == 3


def test_a_total_that_is_no_number_is_told_by_its_path(partner: Partner) -> None:
    partner.answer = lambda _: Reply({"rows": rows(1), "total": "很多"})
    with pytest.raises(FlowError) as caught:
        read(partner, paging={"kind": "page", "parameter": "page", "total": "total"})
    assert caught.value.code == "system.answer_unreadable"
    assert caught.value.facts["detail"] == "total: not a number"


def test_a_total_of_minus_one_says_nothing(partner: Partner) -> None:
    partner.answer = lambda asked: Reply(
        {"rows": rows(1) if asked.query["page"] == "1" else [], "total": -1}
    )
    assert ids(read(partner, paging={"kind": "page", "parameter": "page", "total": "total"})) == [1]


NOTHING = {
    "204": Reply(status=204),
    "404": Reply({"msg": "没有数据"}, status=404),
    "null": Reply({"rows": None}),
    "whole": Reply(None),
    "blank": Reply(content=b""),
}


@pytest.mark.parametrize("nothing", NOTHING)
def test_204_404_and_null_end_a_list_where_declared_and_stop_the_flow_elsewhere(
    partner: Partner, nothing: str
) -> None:
    partner.answer = lambda asked: (
        Reply({"rows": rows(1)}) if asked.query["page"] == "1" else NOTHING[nothing]
    )
    assert ids(read(partner, empty=[204, 404, None])) == [1]
    with pytest.raises(FlowError):
        read(partner)
    others = [
        code
        for code in (204, 404, None)
        if str(code) != nothing and (code or nothing in {"204", "404"})
    ]
    with pytest.raises(FlowError):
        read(partner, empty=others if nothing != "204" else [404])


def test_a_list_that_is_missing_ends_where_the_answer_says_that_the_call_worked(
    partner: Partner,
) -> None:
    success: Json = {"path": "code", "ok": [200], "text": "msg"}
    sound = Reply({"code": 200, "rows": rows(1)})
    for says, ends in (
        ({"code": 200}, True),
        ({"code": 500, "msg": "系统异常"}, False),
        ({"code": 401}, False),
    ):
        partner.answer = lambda asked, says=says: (
            sound if asked.query["page"] == "1" else Reply(says)
        )  # type: ignore[misc]
        if ends:
            assert ids(read(partner, {"success": success}, empty=[None])) == [1]
        else:
            with pytest.raises(FlowError):
                read(partner, {"success": success}, empty=[None])
        with pytest.raises(FlowError):
            read(partner, empty=[None])


def test_a_result_code_in_http_200_ends_a_list_where_declared(partner: Partner) -> None:
    success: Json = {"path": "code", "ok": [200], "text": "msg"}
    partner.answer = lambda asked: (
        Reply({"code": 200, "rows": rows(1)})
        if asked.query["page"] == "1"
        else Reply({"code": 404, "msg": "暂无数据"})
    )
    assert ids(read(partner, {"success": success}, empty=[404])) == [1]


TEXT = '{"rows": [{"name": "某建设有限公司㙍"}], "msg": "操作成功"}'


@pytest.mark.parametrize(
    ("charset", "said", "option"),
    [
        ("gb18030", "application/json;charset=GBK", ""),
        ("gb18030", 'application/json; charset="gb18030"', ""),
        ("gb18030", "application/json", "gbk"),
        ("gb18030", "text/html; charset=utf-8", "gbk"),
        ("gb18030", "application/json;charset=ISO-8859-1", "gb2312"),
        ("utf-8", "application/json;charset=ISO-8859-1", ""),
        ("utf-8-sig", "application/json", ""),
        ("utf-8-sig", "application/json;charset=gbk", "gbk"),
        ("utf-16", "application/json", ""),
        ("utf-8", "application/json;charset=UTF8", "gbk"),
    ],
)
def test_an_answer_is_read_by_its_mark_then_its_charset_then_the_option(
    partner: Partner, charset: str, said: str, option: str
) -> None:
    page = Reply(content=TEXT.encode(charset), headers={"Content-Type": said})
    partner.answer = lambda asked: page if asked.query["page"] == "1" else Reply({"rows": []})
    assert read(partner, {"encoding": option}) == ['{"name": "某建设有限公司㙍"}']


@pytest.mark.parametrize(
    ("charset", "said"),
    [
        ("gb18030", "application/json"),
        ("gb18030", "application/json;charset=utf-8"),
        ("utf-8", "x/y;charset=klingon"),
        *(("utf-8", f"x/y;charset={codec}") for codec in ("hex", "zlib", "punycode", "idna")),
        *(("utf-8", f"x/y;charset={codec}") for codec in ("undefined", "unicode_escape", "rot13")),
    ],
)
def test_a_wrong_charset_is_told_as_such(partner: Partner, charset: str, said: str) -> None:
    partner.answer = lambda _: Reply(content=TEXT.encode(charset), headers={"Content-Type": said})
    with pytest.raises(FlowError) as caught:
        read(partner)
    assert caught.value.code == "system.charset"
    assert "某" not in str(caught.value)


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_a_sign_that_was_cut_spoils_its_own_record_only(partner: Partner, charset: str) -> None:
    sound = '{"a": "某公司的名称"}'.encode(charset)
    page = (
        b'{"rows": [' + sound + b", " + '{"a": "某'.encode(charset)[:-1] + b'"}, ' + sound + b"]}"
    )
    partner.answer = lambda asked: (
        Reply(content=page, headers={"Content-Type": f"application/json; charset={charset}"})
        if asked.query["page"] == "1"
        else Reply({"rows": []})
    )
    connector = RestConnector(partner.connection(), OPEN)
    options: dict[str, Json] = {
        "resource": "list",
        "records": "rows",
        "paging": {"kind": "page", "parameter": "page"},
    }
    payloads = [
        raw.payload for raw in next(iter(connector.pages(options, since=None, resume=None))).records
    ]
    assert [payload == '{"a": "某公司的名称"}'.encode() for payload in payloads] == [
        True,
        False,
        True,
    ]


def test_an_answer_that_is_or_holds_a_text_of_json_is_opened(partner: Partner) -> None:
    inner = '{"rows": [{"id": 1, "area": 1.10, "name": "某"}]}'
    for says, connect, records in (
        ({"code": 200, "data": inner}, {"embedded_json": "data"}, "data.rows"),
        (inner, {}, "rows"),
        (
            {"code": 200, "data": json.dumps({"body": json.dumps({"inner": inner})})},
            {"embedded_json": ["data", "data.body", "data.body.inner"]},
            "data.body.inner.rows",
        ),
    ):
        end = {"data": ""} if "data." in records else {"rows": []}
        partner.answer = lambda asked, says=says, end=end: Reply(
            says if asked.query["page"] == "1" else end
        )  # type: ignore[misc]
        found = read(partner, connect, records=records, empty=[None])
        assert found == ['{"area":1.10,"id":1,"name":"某"}']
    partner.answer = lambda _: Reply({"data": "{broken"})
    with pytest.raises(TransientError):
        read(partner, {"embedded_json": "data"}, records="data.rows")


def test_parameters_with_brackets_go_out_and_a_get_may_carry_them_as_content_or_a_form(
    partner: Partner,
) -> None:
    partner.answer = lambda _: Reply({"rows": []})
    fixed: Json = {"params[beginTime]": "2026-01-01", "status": ["1", "2"]}
    for send in ("auto", "content", "form"):
        read(partner, parameters=fixed, send=send, paging={"kind": "page", "parameter": "page"})
    query, content, form = partner.asked
    assert query.query["params[beginTime]"] == "2026-01-01"
    assert content.method == "GET"
    assert content.content == {"params[beginTime]": "2026-01-01", "status": ["1", "2"], "page": 1}
    assert b"params%5BbeginTime%5D=2026-01-01&status=1&status=2" in form.body
    read(partner, parameters={"params": {"beginTime": "2026-01-01"}, "open": True, "none": None})
    assert partner.asked[-1].query == {
        "params[beginTime]": "2026-01-01",
        "open": "true",
        "page": "1",
    }


DAY: dict[str, Json] = {"from": "params[beginTime]", "to": "params[endTime]", "step": "7d"}


def spans(window: dict[str, Json], since: str | int | None, now: datetime) -> list[tuple[str, str]]:
    return [(span.begins, span.ends) for span in Window.model_validate(window).spans(since, now)]


def test_windows_of_days_touch_and_do_not_overlap_and_reach_to_today() -> None:
    now = datetime(2026, 10, 9, 20, 0, tzinfo=UTC)  # the tenth in China
    assert spans(DAY, "2026-09-25T09:30:00", now) == [
        ("2026-09-25", "2026-10-01"),
        ("2026-10-02", "2026-10-08"),
        ("2026-10-09", "2026-10-10"),
    ]
    assert spans({**DAY, "end": "exclusive"}, "2026-10-01", now) == [
        ("2026-10-01", "2026-10-08"),
        ("2026-10-08", "2026-10-11"),
    ]
    assert spans({**DAY, "begin": "2026-10-08"}, None, now) == [("2026-10-08", "2026-10-10")]
    assert spans(DAY, "2026-10-10", now) == [("2026-10-10", "2026-10-10")]
    assert spans({**DAY, "step": "1d"}, "2026-10-09", now) == [
        ("2026-10-09", "2026-10-09"),
        ("2026-10-10", "2026-10-10"),
    ]


def test_windows_of_hours_share_their_edges_and_are_written_as_declared() -> None:
    now = datetime(2026, 10, 9, 2, 30, tzinfo=UTC)
    hours: dict[str, Json] = {**DAY, "step": "12h", "format": "%Y%m%d%H%M%S"}
    assert spans(hours, "2026-10-08T22:00:00", now) == [
        ("20261008220000", "20261009100000"),
        ("20261009100000", "20261009103000"),
    ]
    assert spans({**hours, "format": "milliseconds"}, 1791469800000, now) == [
        ("1791469800000", "1791513000000")
    ]


@pytest.mark.parametrize("end", ["inclusive", "exclusive"])
@pytest.mark.parametrize("written", ["%Y-%m-%d", "%Y-%m-%d %H:%M:%S"])
def test_what_lies_on_the_edge_of_two_windows_is_read_once(
    partner: Partner, written: str, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = [
        f"2026-10-{day:02} {time}"
        for day in range(1, 16)
        for time in ("00:00:00", "12:00:00", "23:59:59")
    ]

    def answer(asked: Asked) -> Reply:
        begin, until = asked.query["params[beginTime]"], asked.query["params[endTime]"]
        assert begin <= until
        length = len(until)
        found = [
            at
            for at in moments
            if begin <= at[:length]
            and (at[:length] < until or (at[:length] == until and end == "inclusive"))
        ]
        page = int(asked.query["page"])
        return Reply(
            {"rows": [{"at": at} for at in found[(page - 1) * 4 : page * 4]], "total": len(found)}
        )

    partner.answer = answer
    monkeypatch.setattr("connectors.rest.datetime", Fixed)
    connector = RestConnector(partner.connection(), OPEN)
    window = {**DAY, "format": written, "begin": "2026-09-20", "end": end}
    options: dict[str, Json] = {
        "resource": "list",
        "records": "rows",
        "cursor": "at",
        "cursor_format": "%Y-%m-%d %H:%M:%S",
        "window": window,
        "paging": {"kind": "page", "parameter": "page", "total": "total"},
    }
    pages = list(connector.pages(options, since=None, resume=None))
    read_ = [raw.payload.decode()[8:-2] for page in pages for raw in page.records]
    assert read_ == moments
    assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
    positions = [raw.position for page in pages for raw in page.records]
    assert len(set(positions)) == len(positions)
    for at, page in enumerate(pages[:-1]):
        rest = list(connector.pages(options, since=None, resume=page.resume))
        assert [raw.payload.decode()[8:-2] for one in rest for raw in one.records] == [
            raw.payload.decode()[8:-2] for one in pages[at + 1 :] for raw in one.records
        ]
    again = list(connector.pages(options, since="2026-10-14T12:00:00", resume=None))
    assert [raw.payload.decode()[8:-2] for one in again for raw in one.records][-3:] == moments[-3:]
    assert again[-1].high == "2026-10-15T23:59:59"


class Fixed(datetime):
    """A clock that stands."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Fixed":
        return cls(2026, 10, 16, 1, 0, tzinfo=tz)


def test_a_window_with_since_or_advance_is_refused(partner: Partner) -> None:
    for more in (
        {"since": "since"},
        {"paging": {"kind": "page", "parameter": "page", "advance": True}},
    ):
        with pytest.raises(FlowError) as caught:
            read(partner, window=DAY, **more)  # type: ignore[arg-type]
        assert "window" in caught.value.facts["detail"]


def test_a_partner_with_an_address_of_ipv6_is_reached_and_its_links_followed() -> None:
    with answering("::1") as partner:
        host = f"[::1]:{partner.port}"
        partner.answer = in_three(next_of=lambda _, at: (f"http://{host}/api/list?start={at}", {}))
        assert ids(read(partner, paging={"kind": "link", "next": "links.next"})) == [*range(6)]
        assert partner.asked[0].headers["host"] == host
        talk = RestConnector(connection_from("eia", f"http://app:s3cret@{host}/api"), OPEN)
        assert talk.ping() == "GET list: OK"
        talk.close()

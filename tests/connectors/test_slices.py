import pytest

from connectors.slices import cut, reader

PAGE = b'{"code": 0, "data": {"next": 7, "list": [ {"b": 1,  "a": "\xe6\xa1\xa5"}, {"a": 2} ]}}'


def test_records_keep_their_own_bytes_and_the_rest_is_read():
    rest, records = cut(PAGE, "data.list") or (None, [])
    assert records == [b'{"b": 1,  "a": "\xe6\xa1\xa5"}', b'{"a": 2}']
    assert rest == {"code": 0, "data": {"next": 7, "list": []}}


def test_the_answer_itself_may_be_the_list():
    assert cut(b'[{"a": 1}, 5]', "") == ([], [b'{"a": 1}', b"5"])


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b'{"data": {"list": null}}', id="no list"),
        pytest.param(b'{"data": []}', id="another shape"),
        pytest.param(b'{"data": {}}', id="not there"),
        pytest.param(b'{"data": {"list": [{"a": NaN}]}}', id="no strict JSON"),
        pytest.param(b'{"data": {"list": [{"a": "\\ud800"}]}}', id="half a character"),
        pytest.param(b'{"data": {"list": [{"a": 1}', id="broken off"),
        pytest.param(b"<html>", id="no JSON"),
        pytest.param(b"\xff\xfe", id="no text"),
    ],
)
def test_what_is_not_such_an_answer_is_left_to_be_read_otherwise(content: bytes):
    assert cut(content, "data.list") is None


@pytest.mark.parametrize(
    ("path", "record", "found"),
    [
        ("at", b'{"x": [1, {"at": 3}], "at": 5}', 5),
        ("meta.at", '{"meta": {"at": "2026年"}}'.encode(), "2026年"),
        ("meta.at", b'{"meta": null}', None),
        ("meta.at", b'{"meta": "no object"}', None),
        ("at", b'{"other": 1}', None),
        ("at", b'["at"]', None),
        ("", b'{"at": 1}', None),
    ],
)
def test_one_value_is_read_out_of_a_record(path: str, record: bytes, found: object):
    assert reader(path)(record) == found


SOUND = '{"id": "好", "inner": "[{\\"a\\": 1}]"}'.encode()


@pytest.mark.parametrize(
    "spoilt",
    [
        *(b'{"a": "x%by"}' % mark for mark in (b"\x01", b"\n", b"\t", b"\r\n")),
        *(
            b'{"a": %b}' % value
            for value in (
                b"01",
                b"+1",
                b"0x1",
                b"undefined",
                b"'x'",
                b'"\\x41"',
                b"1 2",
                b'"x"y"z"',
            )
        ),
        *(b"{a: 1}", b'{"a": 1,}', b"x", b'{"a": ' + b"[" * 50_000 + b"]" * 50_000 + b"}"),
    ],
)
@pytest.mark.parametrize("path", ["", "data.list"])
def test_one_spoilt_record_of_a_page_spoils_no_other(spoilt: bytes, path: str) -> None:
    page = b"[%b, %b ,%b]" % (SOUND, spoilt, SOUND)
    page = (
        page
        if not path
        else b'{"code": 200, "list": [7], "data": {"total": 3, "list": %b, "more": null}}' % page
    )
    found = cut(page, path)
    assert found is not None
    rest, items = found
    assert items == [SOUND, spoilt, SOUND]
    assert rest == (
        []
        if not path
        else {"code": 200, "list": [7], "data": {"total": 3, "list": [], "more": None}}
    )


@pytest.mark.parametrize(
    "inner",
    [
        # the quotes of the first and the third have swallowed the second
        b'{"a": "x"y"},{"b": 1},{"c": "x"y"}',
        b'{"a": "x"y"},{"b": 1}',
        b'{"a": [1},{"b": 1}',
        b'{"a": 1}},{"b": 1}',
        b'{"a": 01},,{"b": 1}',
    ],
)
def test_a_page_of_which_nobody_can_tell_the_records_is_not_cut(inner: bytes) -> None:
    assert cut(b'{"list": [%b]}' % inner, "list") is None


@pytest.mark.parametrize(
    "page",
    [
        b'{"list": [{"a": 01}], "code": x y}',
        b'{"other": [{"a": 01}]}',
        b'{"list": {"a": 01}}',
        b"<html>",
    ],
)
def test_what_is_no_page_is_not_cut(page: bytes) -> None:
    assert cut(page, "list") is None

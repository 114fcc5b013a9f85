"""A form that is asked for again: the same bytes while nothing has changed, and never anything that
is no longer so.
"""

import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from psycopg import Cursor
from psycopg.sql import Composable

from hub import auth
from hub.api.cache import form_request
from hub.auth import Reader
from hub.auth.context import operating
from hub.db.access.accounts import AccessEntry, Account
from hub.domain.rights import Limited, Rights
from hub.services import erasure
from hub.services.prefill.cache import AROUND, CachedForm, FormCache
from tests.api.conftest import Client, Opened
from tests.filled import CODE, CONTRACTS, Filled, payload

FORM = f"/v1/prefill/water_connection?project_code={CODE}"
FRESH = f"{FORM}&fresh=1"
"""The same, and no wish for a kept answer: it is made anew each time."""

INVESTMENT, APPROVAL, PERMIT = (
    "pull.investment.project",
    "pull.approval.project",
    "pull.approval.approval_document.permit",
)
GRANTED = ("project", "participant", "approval_document", "material", "unit_work", "fire_review")


def changed(filled: Filled, **more: str) -> None:
    given = {"id": 1, "xmdm": CODE, "xmmc": "新名称", "jzmj": "56628.02", "ydmj": "5157.20"}
    filled.pull(INVESTMENT, payload(INVESTMENT, **(given | more)))


def erased(filled: Filled) -> None:
    erasure.erase(
        operating(filled.hub, "data office"),
        record=str(filled.record("participant")),
        reason="court order 7",
    )


def moved(filled: Filled, field: str, value: str) -> None:
    filled.execute(f"update golden.{field} = {value} where project_code = '{CODE}'")


CHANGES: dict[str, Callable[[Filled], object]] = {
    "a value": lambda filled: changed(filled, gxsj="2026-11-01 00:00:00"),
    "sources disagree": lambda filled: filled.pull(
        APPROVAL, payload(APPROVAL, lsh=99, xmmc="另一个名称")
    ),
    "they say otherwise": lambda filled: filled.pull(
        APPROVAL, payload(APPROVAL, lsh=100, xmmc="第三个名称")
    ),
    "they agree again": lambda filled: filled.pull(
        APPROVAL, payload(APPROVAL, lsh=101, xmmc="新名称")
    ),
    "a paper taken back": lambda filled: filled.pull(PERMIT, payload(PERMIT, lsh=900, sjyxbs=0)),
    "a paper that is there again": lambda filled: filled.pull(PERMIT, payload(PERMIT, lsh=901)),
    "a record of another project": lambda filled: moved(
        filled, "material set project_code", "'2405-520502-04-01-000001'"
    ),
    "a grant of persons": lambda filled: filled.execute(
        "update hub.access_grant set classes = '{public,internal,personal}' where entity = "
        "'participant'"
    ),
    "persons erased": erased,
    "a grant that has ended": lambda filled: filled.execute(
        "update hub.access_grant set ended_at = now() where entity = 'participant'"
    ),
    "a grant of more": lambda filled: filled.execute(
        "update hub.access_grant set classes = '{public,internal,personal}' where entity = "
        "'project'"
    ),
    "a grant held to other regions": lambda filled: filled.execute(
        "update hub.access_grant set regions = '{11}' where entity = 'approval_document'"
    ),
    "the project is there": lambda filled: moved(filled, "project set region_code", "'110108'"),
}
TABLES = re.compile(r"(?:from|join)\s+((?:hub|shown|golden|source|public)\.[\w\"]+)(?!\s*\()")

NOT_ASKED = {"a grant of persons", "persons erased"}
"""What these forms do not show of this project."""


def rows(filled: Filled) -> list[dict[str, object]]:
    return filled.rows("""
        select account, route, purpose, project_code, record_ids, refused from hub.access
         where route like '%prefill%' order by id
    """)


def test_what_is_asked_for_again_comes_as_it_was_and_leaves_its_row_each_time(
    client: Client, opened: Opened, filled: Filled
):
    token = opened("bureau", "department", *GRANTED)
    first = client.get(FORM, token)
    # Nothing ever changes when a batch was committed: that it is not seen shows that nothing is
    # made anew.
    filled.execute("update hub.batch set committed_at = '2020-01-01'")
    again = client.get(FORM.replace(CODE, CODE.lower()), token)
    assert again.content == first.content != client.get(FRESH, token).content
    assert again.headers["content-type"] == first.headers["content-type"]
    written = rows(filled)
    assert len(written) == 3
    assert written[0] == written[1] == written[2]
    assert written[0]["account"] == "bureau"
    assert written[0]["purpose"]
    assert written[0]["project_code"] == CODE
    assert written[0]["record_ids"]
    assert client.get(FORM).status_code == 401


def test_an_answer_that_is_kept_leaves_the_address_of_who_asks_now(
    client: Client, opened: Opened, filled: Filled
):
    token, place = opened("bureau", "department", *GRANTED), urlsplit(client.address)
    first = client.get(FORM, token).content
    other = HTTPConnection(
        str(place.hostname), place.port, source_address=("127.0.0.2", 0), timeout=30
    )
    with closing(other):
        other.request("GET", FORM, headers={"Authorization": f"Bearer {token}"})
        assert other.getresponse().read() == first
    seen = filled.rows("select address from hub.access order by id")
    assert [row["address"] for row in seen] == ["127.0.0.1", "127.0.0.2"]


def test_whatever_changes_is_seen_at_the_next_request(
    client: Client, opened: Opened, filled: Filled
):
    token = opened("bureau", "department", *GRANTED)
    forms = [
        FORM.replace("water_connection", form)
        for form in ("water_connection", "construction_permit")
    ]
    before = [client.get(form, token).content for form in forms]
    for name, change in CHANGES.items():
        change(filled)
        answers = [client.get(form, token).content for form in forms]
        assert answers == [client.get(f"{form}&fresh=1", token).content for form in forms], name
        assert answers != before or name in NOT_ASKED, name
        before = answers


def test_an_answer_is_made_of_nothing_that_neither_key_nor_stamp_covers(
    client: Client, opened: Opened, filled: Filled, monkeypatch: pytest.MonkeyPatch
):
    token = opened("bureau", "department", *GRANTED)
    client.get(FRESH, token)
    said: list[str] = []
    execute = Cursor.execute

    def noting(
        self: Cursor[object], query: Composable | str | bytes, *given: object, **more: object
    ) -> Cursor[object]:
        text = query.as_string(self) if isinstance(query, Composable) else query
        said.append(text.decode() if isinstance(text, bytes) else text)
        return execute(self, query, *given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Cursor, "execute", noting)
    client.get(FRESH, token)
    read = {table.replace('"', "") for query in said for table in TABLES.findall(query)}
    # The stamp is of every row of the project in golden tables, and of what sources disagree about.
    stamped = {
        f"{where}.{name}" for where in ("shown", "golden") for name in filled.hub.contracts.entities
    }
    stamped |= {"hub.disagreement"}
    # Accounts and grants are the key; of landings, batches and names of records nothing ever
    # changes.
    assert read - stamped == {"hub.account", "hub.access_grant", "hub.record", "shown.arrival"}
    assert read & stamped


def test_who_may_no_longer_ask_gets_nothing_that_was_kept(
    client: Client, opened: Opened, filled: Filled
):
    token = opened("bureau", "department", *GRANTED)
    assert client.get(FORM, token).status_code == 200
    filled.execute("update hub.access_grant set ended_at = now()")
    assert client.get(FORM, token).json()["code"] == "access.no_grant"
    with filled.hub.database.write() as tx:
        auth.end_account(tx, "bureau")
    assert client.get(FORM, token).json()["code"] == "access.token_invalid"
    assert [row["refused"] for row in rows(filled)] == [False, True, True]


def test_nobody_gets_what_was_kept_for_another(client: Client, opened: Opened, filled: Filled):
    of_all = client.get(FORM, opened("bureau", "department", *GRANTED)).content
    of_one = opened("office", "department", "project")
    assert client.get(FORM, of_one).content == client.get(FRESH, of_one).content != of_all
    assert {row["account"] for row in rows(filled)} == {"bureau", "office"}


@pytest.fixture
def reader() -> Reader:
    account = Account("bureau", "department", "", created_at=None, ended_at=None)  # type: ignore[arg-type]
    return Reader(
        account,
        Rights(classes={"project": frozenset({"public", "internal"})}),
        {"project": "核发施工许可"},
    )


def scope(
    path: str = "/v1/prefill/fire_review", query: str = f"project_code={CODE}", method: str = "GET"
):
    return {
        "type": "http",
        "path": path,
        "query_string": query.encode(),
        "method": method,
        "headers": [],
        "client": None,
    }


@pytest.mark.parametrize(
    "other",
    [
        scope(method="POST"),
        scope("/v1/prefill/fire_review/submissions"),
        scope("/v1/projects/x"),
        scope(query=""),
        scope(query=f"project_code={CODE}&project_code="),
        scope(query=f"project_code={CODE}&x"),
        scope(query=f"project_code={CODE}&project_code={CODE}"),
    ],
)
def test_only_a_form_for_one_project_is_a_wish(reader: Reader, other: dict[str, object]):
    assert form_request(scope(), reader, CONTRACTS)
    assert form_request(other, reader, CONTRACTS) is None


def test_all_that_decides_what_a_reader_sees_is_in_the_key(reader: Reader):
    account, classes, purposes = reader.account, {"project": frozenset({"public"})}, reader.purposes
    others = [
        Reader(account, Rights(classes=classes), purposes),
        Reader(account, Rights(True, reader.rights.classes), purposes),  # noqa: FBT003
        Reader(
            account,
            Rights(classes=reader.rights.classes, limited=(Limited("project", frozenset()),)),
            purposes,
        ),
        Reader(account, reader.rights, {"project": "x"}),
        Reader(Account("bureau", "auditor", "", None, None), reader.rights, purposes),  # type: ignore[arg-type]
    ]
    wishes = [form_request(scope(), one, CONTRACTS) for one in (reader, *others)]
    wishes.append(form_request(scope("/v1/prefill/water_connection"), reader, CONTRACTS))
    wishes.append(form_request(scope(), reader, replace(CONTRACTS, digest="of other rules")))
    assert len({wish.key for wish in wishes if wish}) == len(wishes)
    assert form_request(scope(), reader, CONTRACTS) == wishes[0]


def kept(stamp: bytes, size: int) -> CachedForm:
    return CachedForm(stamp, b"x" * size, AccessEntry("a", "r"))


def test_no_more_bytes_are_kept_than_allowed_and_the_longest_unasked_go_first():
    answers = FormCache(3 * (AROUND + 100))
    for name in (b"a", b"b", b"c"):
        answers.keep(name, kept(b"1", 100))
    assert answers.find(b"a", b"1")
    answers.keep(b"d", kept(b"1", 100))
    assert [name for name in (b"a", b"b", b"c", b"d") if answers.find(name, b"1")] == [
        b"a",
        b"c",
        b"d",
    ]
    answers.keep(
        b"d", kept(b"2", 10_000)
    )  # larger than the whole: neither it nor what it was stays
    assert [name for name in (b"a", b"c", b"d") if answers.find(name, b"1")] == [b"a", b"c"]
    assert answers.find(b"d", b"2") is None
    answers.keep(b"f", kept(b"1", 100))
    assert answers.find(b"f", b"1")


def test_an_answer_under_another_stamp_is_none_and_is_forgotten():
    answers = FormCache(10_000)
    answers.keep(b"a", kept(b"1", 100))
    assert answers.find(b"a", b"2") is None
    assert answers.find(b"a", b"1") is None

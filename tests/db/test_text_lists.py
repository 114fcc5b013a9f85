"""A list of texts reaches PostgreSQL as it is, whatever stands in it."""

from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.db.database import BoundedConnection
from tests.postgres import DatabaseServer

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
ODD = ["", " ", "null", "NULL", "{a}", "a,b", '"', "\\", '\\"', "a\nb", "\u3000", "项目（一）", "'"]


@pytest.fixture(scope="module")
def connection(database_server: DatabaseServer) -> Iterator[BoundedConnection]:
    with database_server.database() as url, BoundedConnection.connect(url) as made:
        yield made


def back(connection: BoundedConnection, some: list[str | None]) -> list[str | None]:
    (row,) = connection.execute("select %s::text[]", (some,)).fetchall()
    connection.rollback()
    found: list[str | None] = row[0]
    return found


def test_odd_texts_come_back(connection: BoundedConnection) -> None:
    for some in (ODD, [*ODD, None], [], *([one] for one in ODD)):
        assert back(connection, some) == some


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, max_size=8))
def test_every_text_comes_back(connection: BoundedConnection, some: list[str]) -> None:
    assert back(connection, some) == some


def test_a_nul_is_refused(connection: BoundedConnection) -> None:
    with pytest.raises(psycopg.DataError):
        back(connection, ["a\0b"])
    connection.rollback()


def test_other_lists_are_the_drivers_own(connection: BoundedConnection) -> None:
    (row,) = connection.execute("select %s::bigint[], %s::text[]", ([1, 2], [["a"], ["b"]]))
    connection.rollback()
    assert row == ([1, 2], [["a"], ["b"]])

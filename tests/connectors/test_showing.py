"""Partners that show what they hold: the kit for tables, json-server, a web service and folders of
files.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from connectors.files.connector import FilesConnector
from connectors.rest import RestConnector
from connectors.soap import SoapConnector
from connectors.sql_exchange import SqlExchangeConnector
from hub.errors import FlowError
from hub.model import Connection, Json, Outgoing
from hub.testing.showing import Showing, ShowingConformance
from tests.connectors.cases import QUICK, code
from tests.peers.node import json_server
from tests.postgres import DatabaseServer
from tests.sandbox_processes import SECRET, USER, running_partner

TABLE = (
    "create table front (no bigint generated always as identity, key text unique, dm text, mc "
    "text, valid text)"
)


def _record(number: int, words: str) -> dict[str, Json]:
    return {"dm": code(number), "mc": words}


@contextmanager
def table(_: Path, server: DatabaseServer) -> Iterator[Showing]:
    with server.database() as url:
        at = urlsplit(url)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(TABLE)
        known = Connection(
            "front", "postgresql", "127.0.0.1", at.port or 0, "postgres", str(at.password), at.path
        )
        write: dict[str, Json] = {
            "table": "front",
            "key": "key",
            "serial": "no",
            "validity": {"column": "valid"},
        }
        yield Showing(SqlExchangeConnector(known, {}), write, _record, "mc", lists=True)


@contextmanager
def json_server_of(_: Path, __: DatabaseServer) -> Iterator[Showing]:
    with json_server({"permits": []}) as address:
        at = urlsplit(address)
        known = Connection("site", "http", str(at.hostname), at.port or 0, "", "", "")
        connector = RestConnector(
            known, {"auth": {"kind": "none"}, "ping": {"resource": "permits"}}
        )
        write: dict[str, Json] = {
            "resource": "permits",
            "records": None,
            "key": "requestNo",
            "verdict": {"of": "call"},
            "update": {"method": "PUT", "resource": "permits/{id}"},
            "remove": {"method": "DELETE", "resource": "permits/{id}"},
            "lookup": {"resource": "permits/{id}", "found": True},
            "listing": {
                "resource": "permits",
                "records": "",
                "size": 2,
                "size_parameter": "_limit",
                "paging": {"kind": "page", "parameter": "_page", "total_header": "X-Total-Count"},
            },
        }
        good = lambda n, words: {"id": f"施字第{n}号", "mc": words}  # noqa: E731 -- one line
        yield Showing(connector, write, good, "mc", lists=True, recognises=True, forgets=True)


@contextmanager
def web_service(state: Path, _: DatabaseServer) -> Iterator[Showing]:
    with running_partner("fire", state=state, projects=40) as partner:
        known = Connection("fire", "http", "127.0.0.1", partner.port, USER, SECRET, "/fire")
        ping: Json = {"operation": "QueryReview", "arguments": {"size": 1}}
        write: dict[str, Json] = {
            "operation": "PushProject",
            "key": "YWZJ",
            "verdict": {"key": "YWZJ", "code": "SJSCZT", "text": "SBYY", "ok": ["4"]},
            "withdraw": {"SJYXBS": 0},
            "listing": {
                "operation": "ListProject",
                "size": 2,
                "size_parameter": "size",
                "paging": {"kind": "cursor", "parameter": "token", "next": "nextToken"},
            },
        }
        # likewise
        good = lambda n, words: {"XMDM": code(n), "XMMC": words, "JSDW": "丙", "SJYXBS": "1"}  # noqa: E731
        yield Showing(
            SoapConnector(known, {**QUICK, "ping": ping}), write, good, "XMMC", lists=True
        )


@contextmanager
def files(state: Path, _: DatabaseServer, kind: str = "csv") -> Iterator[Showing]:
    (state / "inbox").mkdir()
    connector = FilesConnector(Connection("drawer", "file", "", 0, "", "", str(state)), {})
    write: dict[str, Json] = {
        "folder": "inbox",
        "name": "need",
        "format": kind,
        "key": "key",
        "withdraw": {"czbz": "0"},
        "stays": True,
    }
    yield Showing(
        connector, write, lambda n, words: {**_record(n, words), "czbz": "1"}, "mc", lists=True
    )


@contextmanager
def workbooks(state: Path, server: DatabaseServer) -> Iterator[Showing]:
    with files(state, server, "xlsx") as case:
        yield case


@contextmanager
def files_that_are_taken_away(state: Path, server: DatabaseServer) -> Iterator[Showing]:
    with files(state, server) as case:
        yield Showing(case.connector, {**case.write, "stays": False}, case.good, case.text)


CASES = {
    case.__name__: case
    for case in (table, json_server_of, web_service, files, workbooks, files_that_are_taken_away)
}


@pytest.fixture(scope="module", params=CASES)
def showing(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    database_server: DatabaseServer,
) -> Iterator[Showing]:
    with CASES[request.param](tmp_path_factory.mktemp(request.param), database_server) as case:
        yield case
        case.connector.close()


class TestShowing(ShowingConformance):
    """Each of them."""


def test_a_file_of_ours_that_cannot_be_read_makes_no_list(
    tmp_path: Path, database_server: DatabaseServer
):
    with files(tmp_path, database_server, "xlsx") as case:
        connector = case.connector
        assert isinstance(connector, FilesConnector)
        list(connector.send(case.write, [Outgoing("k1", "upsert", case.good(1, "甲"))]))
        (file,) = (tmp_path / "inbox").glob("*.xlsx")
        (tmp_path / "inbox" / "need_of-somebody-else.xlsx").write_bytes(b"theirs")
        assert [held.key for held in connector.listed(case.write, None, []) or ()] == ["k1"]
        file.write_bytes(b"cut")
        with pytest.raises(FlowError) as caught:
            list(connector.listed(case.write, None, []) or ())
        assert caught.value.code == "system.answer_unreadable"

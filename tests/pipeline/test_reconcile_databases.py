"""The checksums that the manual gives, for PostgreSQL, MariaDB and SQLite: a reconciliation comes
out equal.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
import yaml

from connectors.columns import FAMILIES
from connectors.odbc import OdbcConnector
from connectors.sql import SqlConnector
from hub.model import Bucketing, Connection, Json, Listed
from tests.connectors.databases import KINDS, WAYS, Partner, mariadb, postgresql, sqlite
from tests.docs.pages import HOME
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.test_reconcile import PLAN, code, compared
from tests.pipeline.test_reconcile_sql import SQL_FILES
from tests.postgres import DatabaseServer

MANUAL = (HOME / "docs/connectors.md").read_text(encoding="utf-8")
NAMED = {"postgresql": "PostgreSQL", "mariadb": "MySQL and MariaDB", "sqlite": "SQLite"}
ROWS = 40
READ: dict[str, Json] = {"table": "plan", "cursor": "at", "cursor_format": "number", "key": ["n"]}
BY = Bucketing(("id",), ignore=("fetched",), count=64)


def of_manual(kind: str) -> dict[str, str]:
    """The SQL that the manual gives for a database."""
    blocks = re.findall(
        r"```yaml\n# sql: checksums in ([^\n,]*)[^\n]*\n(.*?)```", MANUAL, re.DOTALL
    )
    connect: dict[str, str] = yaml.safe_load(dict(blocks)[NAMED[kind]])["connect"]
    return connect


class Watched:
    """Notes the buckets that are read row by row."""

    def __init__(self, where: Connection, connect: dict[str, Json]) -> None:
        super().__init__(where, connect)  # type: ignore[call-arg] # it stands before a connector
        self.chosen: list[int] = []

    def contents(
        self, read: dict[str, Json], by: Bucketing, chosen: Sequence[int]
    ) -> Iterator[Listed]:
        self.chosen += chosen
        # likewise
        found: Iterator[Listed] = super().contents(read, by, chosen)  # type: ignore[misc]
        return found


class WatchedOdbc(Watched, OdbcConnector):
    """Through ODBC."""


class WatchedSql(Watched, SqlConnector):
    """Natively."""


WATCHED = {"odbc": WatchedOdbc, "natively": WatchedSql}


@pytest.mark.parametrize("kind", KINDS)
def test_the_manual_says_what_is_done_without_options(kind: str) -> None:
    family = FAMILIES[kind]
    assert of_manual(kind) == {"text": family.text, "checksum": family.checksum}


@pytest.fixture(scope="module", params=KINDS)
def partner(
    request: pytest.FixtureRequest,
    database_server: DatabaseServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Partner]:
    with ExitStack() as held:
        if request.param == "postgresql":
            made = held.enter_context(postgresql(database_server))
        elif request.param == "mariadb":
            made = held.enter_context(mariadb(request.getfixturevalue("mariadb")))
        else:
            made = held.enter_context(sqlite(Path(tmp_path_factory.mktemp("plan"))))
        moment = {"postgresql": "timestamptz", "mariadb": "timestamp(6) null", "sqlite": "text"}[
            request.param
        ]
        binary = {"postgresql": "bytea", "mariadb": "blob", "sqlite": "blob"}[request.param]
        made.run(
            "create table plan (n int primary key, id int, code varchar(40), name varchar(40), "
            "money decimal(12, 2),"
            f" at bigint, gone varchar(9), fetched {moment}, moment {moment}, part real, bytes "
            f"{binary})",
            *(
                f"insert into plan values ({n}, {n}, '{code(n)}', '项目{n}', {n}.5, "  # noqa: S608
                f"{n}, null, null,"
                f" '2026-01-01 00:00:00.00000{n % 9}', {n}.25, null)"
                for n in range(1, ROWS + 1)
            ),
        )
        yield made


@pytest.mark.parametrize("way", WAYS)
def test_checksums_of_the_manual_stand_for_the_rows_and_move_with_every_column(
    partner: Partner, way: str
) -> None:
    changes = {
        "name": "'改'",
        "money": "7.25",
        "moment": "'2026-01-01 00:00:00.000009'",
        "part": "7.0000005" if partner.kind == "sqlite" else "7.2500005",
        "bytes": {"postgresql": "'\\x00ff'"}.get(partner.kind, "x'00ff'"),
        "gone": "''",
    }
    with closing(partner.reader(way, **of_manual(partner.kind))) as connector:
        before = connector.digests(READ, BY)
        assert before
        listed = list(connector.contents(READ, BY, sorted(before)))
        assert len(listed) == ROWS
        sums = {
            bucket: [one.checksum or 0 for one in listed if one.bucket == bucket]
            for bucket in before
        }
        assert {bucket: (len(found), sum(found)) for bucket, found in sums.items()} == before
        partner.run("update plan set fetched = '2026-01-01 00:00:01'")
        assert connector.digests(READ, BY) == before
        for column, value in changes.items():
            partner.run(f"update plan set {column} = {value} where id = 7")  # noqa: S608 - our own
            after = connector.digests(READ, BY) or {}
            assert len([bucket for bucket in before if after[bucket] != before[bucket]]) == 1, (
                column
            )
            before = after
        partner.run(
            "update plan set name = '项目7', money = 7.5, part = 7.25, bytes = null, gone = null,"
            " moment = '2026-01-01 00:00:00.000007' where id = 7",
            "update plan set fetched = null",
        )


@pytest.mark.parametrize("way", WAYS)
def test_a_reconciliation_by_the_checksums_of_the_manual_comes_out_equal(
    small: Small, partner: Partner, way: str
) -> None:
    connect = partner.odbc if way == "odbc" else partner.connect
    small.contracts = contracts_of(SQL_FILES)
    with closing(WATCHED[way](partner.where, {**connect, **of_manual(partner.kind)})) as source:
        assert small.pull(PLAN, source) == {"read": ROWS, "created": ROWS}
        assert compared(small, PLAN, source) == {"same": ROWS}
        source.chosen.clear()
        assert compared(small, PLAN, source) == {"same": ROWS}
        assert source.chosen == []
        partner.run("update plan set name = '悄悄改名' where id = 9")
        assert compared(small, PLAN, source)["missing_here"] == 1
        assert len(source.chosen) == 1
        partner.run("update plan set name = '项目9' where id = 9")

"""The kit against PostgreSQL, MariaDB and SQLite, read through ODBC and natively and written to,
with their habits.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import replace

import orjson
import psycopg
import pytest

from hub.model import Json
from hub.testing.conformance import Reading, ReadingConformance, Writing, WritingConformance
from tests.connectors.databases import KINDS, WAYS, Partner, mariadb, postgresql, sqlite

ROWS = 40
MOMENTS = {"postgresql": "timestamp", "mariadb": "datetime(6)", "sqlite": "text"}
READ: dict[str, Json] = {"table": "表", "cursor": "更新", "key": ["k", "n"], "page_size": 15}
COMMON = {
    "one moment": "update {t} set {at} = '2026-01-01 00:00:00.000001'",
    "a moment each microsecond": (
        "update {t} set {at} = '2026-01-01 00:00:00.0000' || lpad(id, 2, '0')"
    ),
    "no moments": "update {t} set {at} = null",
    "some without a moment or a key": "update {t} set {at} = null, k = null where id % 3 = 0",
    "no keys": "update {t} set k = null",
    "twins": "update {t} set k = 'a', n = 1, {at} = '2026-01-01 00:00:00' where id > 4",
    "keys alike": "update {t} set k = 'A', n = 1 where id % 2 = 0",
    "blanks behind": "update {t} set k = 'a ', n = 1 where id % 2 = 0",
    "control signs": "update {t} set x = '\\t\u000b\u2028\u200b'",
}
HABITS: Mapping[str, Mapping[str, str]] = {
    "postgresql": {
        "infinity and before Christ": "update {t} set {at} = case id % 2 when 0 then timestamp "
        "'infinity'"
        " else timestamp '0044-03-15 BC' end where id < 20",
        "beyond 9999": "update {t} set {at} = '12026-01-01' where id = 7",
    },
    "mariadb": {
        "zero dates": "update {t} set {at} = '0000-00-00' where id < 20",
        "a month that is none": (
            "update {t} set {at} = '2024-00-10', clock = '30:15:00' where id % 2 = 0"
        ),
        "less than no time": "update {t} set clock = '-12:00:00.5'",
    },
    "sqlite": {
        "any type": (
            "update {t} set {at} = case id % 3 when 0 then id when 1 then id + 0.5 else x'31' "
            "end, k = id"
        ),
        "bytes that are no text": "update {t} set k = cast(x'ff' as text) where id % 5 = 0",
        "moments of all kinds": "update {t} set {at} = 'soon', clock = 1e400 where id < 9",
    },
}
OF_SQLITE = {
    "a moment each microsecond": (
        "update {t} set {at} = '2026-01-01 00:00:00.0000' || substr('0' || id, -2)"
    ),
}
OF_MARIADB = {
    "a moment each microsecond": (
        "update {t} set {at} = concat('2026-01-01 00:00:00.0000', lpad(id, 2, '0'))"
    ),
}
OF_POSTGRESQL = {
    "a moment each microsecond": (
        "update {t} set {at} = timestamp '2026-01-01' + id * interval '1 microsecond'"
    ),
}


@pytest.fixture(scope="module", params=KINDS)
def partner(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Partner]:
    with ExitStack() as held:
        if request.param == "postgresql":
            yield held.enter_context(postgresql(request.getfixturevalue("database_server")))
        elif request.param == "mariadb":
            yield held.enter_context(mariadb(request.getfixturevalue("mariadb")))
        else:
            yield held.enter_context(sqlite(tmp_path_factory.mktemp("front")))


class Locks:
    """Holds tables as the partner's own jobs do."""

    def __init__(self, partner: Partner) -> None:
        self._partner = partner
        self._held = ExitStack()

    def take(self, table: str) -> None:
        """Nobody else reads or writes this table until all is let go."""
        partner, where = self._partner, self._partner.where
        if partner.kind == "sqlite":
            connection = self._held.enter_context(
                closing(sqlite3.connect(where.path, isolation_level=None))
            )
            connection.execute("begin exclusive")
        elif partner.kind == "mariadb":
            assert partner.open
            server = partner.open()
            self._held.enter_context(server)
            with server.cursor() as cursor:
                cursor.execute(f"lock tables {partner.name(table)} write")
        else:
            url = f"postgresql://{where.user}:{where.secret}@{where.host}:{where.port}{where.path}"
            session = self._held.enter_context(psycopg.connect(url))
            session.execute(f"lock table {partner.name(table)}".encode())

    def drop(self) -> None:
        """Let all go."""
        self._held.close()
        self._held = ExitStack()


QUICK: Mapping[str, list[str]] = {
    "postgresql": ["set lock_timeout = 200"],
    "mariadb": ["set session lock_wait_timeout = 1, innodb_lock_wait_timeout = 1"],
    "sqlite": ["pragma busy_timeout = 100"],
}


@pytest.fixture(scope="module", params=WAYS)
def front(request: pytest.FixtureRequest, partner: Partner) -> Iterator[Reading]:
    """A table with a Chinese name, read one way."""
    table, at = partner.name("表"), partner.name("更新")
    rows = ", ".join(
        f"({n}, '2026-01-01 00:00:0{n // 10}', 'a', {n}, '桥{n}', null)" for n in range(1, ROWS + 1)
    )
    clock = "time(6)" if partner.kind == "mariadb" else "varchar(20)"

    def fresh() -> None:
        # our own
        partner.run(f"delete from {table}", f"insert into {table} values {rows}")  # noqa: S608

    partner.run(
        f"drop table if exists {table}",
        f"create table {table} (id int, {at} {MOMENTS[partner.kind]}, k varchar(20), n int, x "
        f"varchar(99),"
        f" clock {clock})",
    )
    fresh()
    locks = Locks(partner)
    own = {"postgresql": OF_POSTGRESQL, "mariadb": OF_MARIADB, "sqlite": OF_SQLITE}[partner.kind]
    habits = {**COMMON, **own, **HABITS[partner.kind]}
    troubles: dict[str, Callable[[], None]] = {"locked": lambda: locks.take("表")}
    if partner.ends:
        troubles["session ended"] = partner.ends

    def calm() -> None:
        locks.drop()
        fresh()

    def offered() -> int:
        return ROWS

    connector = partner.reader(request.param, start=QUICK[partner.kind])
    known = bool(partner.where.secret)
    wrong = replace(partner, where=replace(partner.where, secret="wrong" if known else ""))
    yield Reading(
        connector=connector,
        stranger=wrong.reader(request.param) if known else None,
        secret=partner.where.secret or "no secret",
        read=READ,
        key=lambda payload: str(orjson.loads(payload)["id"]),
        offered=offered,
        troubles=troubles,
        ties=lambda: partner.run(COMMON["one moment"].format(t=table, at=at)),
        repeat=lambda: None,
        calm=calm,
        digested=("id",),
        habits={
            # its own default
            name: lambda sql=sql: partner.run(sql.format(t=table, at=at))  # type: ignore[misc]
            for name, sql in habits.items()
        },
    )
    connector.close()


@pytest.fixture
def reading(front: Reading) -> Iterator[Reading]:
    yield front
    front.calm()


class TestReading(ReadingConformance):
    """Reading each of the three, both ways."""


INBOX = """
    create table {t} (id integer primary key {serial}, yw_key varchar(60) unique,
        xmdm varchar(40) not null,
        xmmc varchar(60), ztze decimal(12, 2), sxbs int, zt int not null default 1,
            cwxx varchar(99),
        check (xmdm <> '审核中'))
"""
SERIAL = {"postgresql": "generated always as identity", "mariadb": "auto_increment", "sqlite": ""}


@pytest.fixture(scope="module")
def inbox(partner: Partner) -> Iterator[Writing]:
    """A front table that takes what it does not refuse at once."""
    table = partner.name("收件箱")
    partner.run(f"drop table if exists {table}", INBOX.format(t=table, serial=SERIAL[partner.kind]))
    locks = Locks(partner)

    def rows(number: int) -> list[dict[str, Json]]:
        found = partner.rows(
            f"select xmdm, xmmc, ztze, sxbs from {table} where xmdm = 'P{number}' order by id"  # noqa: S608
        )
        return [dict(zip(("xmdm", "xmmc", "ztze", "sxbs"), row, strict=True)) for row in found]  # type: ignore[arg-type]

    connector = partner.writer(start=QUICK[partner.kind])
    known = bool(partner.where.secret)
    wrong = replace(partner, where=replace(partner.where, secret="wrong" if known else ""))
    yield Writing(
        connector=connector,
        stranger=wrong.writer() if known else None,
        secret=partner.where.secret or "no secret",
        holds=True,
        write={
            "table": "收件箱",
            "key": "yw_key",
            "serial": "id",
            "status": {
                "column": "zt",
                "pending": [0],
                "accepted": [1],
                "rejected": [9],
                "reason": "cwxx",
            },
            "validity": {"column": "sxbs", "copies": False},
        },
        good=lambda n: {"xmdm": f"P{n}", "xmmc": "甲", "ztze": "12.50"},
        bad={"xmdm": "审核中", "xmmc": "甲", "ztze": "1.00"},
        applied=lambda n: len(rows(n)),
        received=lambda n: rows(n)[0],
        text="xmmc",
        troubles={"locked": lambda: locks.take("收件箱")},
        calm=locks.drop,
    )
    connector.close()


@pytest.fixture
def writing(inbox: Writing) -> Iterator[Writing]:
    yield inbox
    inbox.calm()


class TestWriting(WritingConformance):
    """Writing to each of the three."""

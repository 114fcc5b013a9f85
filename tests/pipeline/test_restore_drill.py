"""The drill: traffic, pg_dump, traffic, pg_restore; then every partner holds each record once, in
its last version.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from connectors.files.connector import FilesConnector
from connectors.rest import RestConnector
from connectors.sql_exchange import SqlExchangeConnector
from hub.db.database import Database
from hub.domain.idempotency import IdempotencyKeys
from hub.errors import FlowError
from hub.model import Connection, Json
from hub.pipeline import surplus
from hub.pipeline.steward import DecidedBy
from hub.pipeline.verify import verify
from hub.services import restorations
from tests.connectors.answering import Asked, Partner, Reply, answering
from tests.contexts import asking
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.partners import Source
from tests.pipeline.small import FILES, SYSTEM
from tests.pipeline.test_reconcile import compared
from tests.postgres import DatabaseServer
from tests.restoring import dump, restore

PLAN, BUILD = "pull.plan.project", "pull.build.project"
REST, TABLE, FILE = "push.desk.project", "push.front.project", "push.drawer.project"
WORD = DecidedBy("tester", "演练")
PUSH = FILES["mappings/desk/project.push.yaml"]
DRILL = FILES | {
    "mappings/front/system.yaml": SYSTEM.format(name="front"),
    "mappings/drawer/system.yaml": SYSTEM.format(name="drawer"),
    "mappings/desk/project.push.yaml": PUSH.replace(
        "{resource: projects, batch: 2}",
        "{resource: items, key: key, records: null, receipts: true, lookup: {resource: items, "
        "path: data},"
        " answers: data, verdict: {of: call, code: state, ok: [taken], retry: [judged]},"
        " remove: {method: DELETE, resource: 'items/{dm}'}}",
    ),
    "mappings/front/project.push.yaml": PUSH.replace(
        "{resource: projects, batch: 2}",
        "{table: front, key: key, serial: no, validity: {column: valid}}",
    ),
    "mappings/drawer/project.push.yaml": PUSH.replace(
        "{resource: projects, batch: 2}",
        "{folder: inbox, name: need, key: key, withdraw: {mc: ''}}",
    ),
}
FRONT = (
    "create table front (no bigint generated always as identity, key text unique, dm text, mc "
    "text, valid text)"
)


class Registry:
    """A partner over HTTP: takes each key once, and judges later what it took."""

    def __init__(self, partner: Partner) -> None:
        self.items: dict[str, dict[str, Json]] = {}
        self.times: dict[str, int] = {}
        self.taken_back: list[str] = []
        partner.answer = self.answer

    def answer(self, asked: Asked) -> Reply:
        last = asked.path.rpartition("/")[2]
        if asked.method == "GET":
            known = self.items.get(last)
            return Reply({"data": {**known, "state": "taken"}}) if known else Reply({}, status=404)
        if asked.method == "DELETE":
            self.taken_back.append(last)
            return Reply({"data": {"state": "taken"}})
        content = asked.content
        assert isinstance(content, dict)
        key = str(content["key"])
        self.times[key] = self.times.get(key, 0) + 1
        self.items[key] = content
        return Reply({"data": {"state": "judged"}})

    def last(self) -> dict[str, Json]:
        return {str(one["dm"])[-1:]: one["mc"] for one in self.items.values()}


class Town:
    """The hub between two sources and three targets."""

    def __init__(self, small: Small, table: str, folder: Path, partner: Partner) -> None:
        self.small = small
        self.table = psycopg.connect(table, autocommit=True)
        self.table.execute(FRONT)
        self.registry = Registry(partner)
        self.folder = folder / "inbox"
        self.folder.mkdir()
        at = self.table.info
        front = Connection(
            "front", "postgresql", at.host, at.port, at.user, at.password, f"/{at.dbname}"
        )
        self.connectors: Mapping[str, object] = {
            REST: RestConnector(
                partner.connection(), {"auth": {"kind": "none"}, "ping": {"resource": "items"}}
            ),
            TABLE: SqlExchangeConnector(front, {}),
            FILE: FilesConnector(Connection("drawer", "file", "", 0, "", "", str(folder)), {}),
        }

    def close(self) -> None:
        for connector in self.connectors.values():
            connector.close()  # type: ignore[attr-defined]
        self.table.close()

    def says(self, at: int, gone: str = "", **names: str) -> None:
        """The first source shows these projects by their last digit (p1="甲"); those in `gone` are
        deleted there.
        """
        rows = [
            {"id": one, "code": f"2405-520502-04-01-10000{one[1]}", "name": name}
            for one, name in names.items()
        ]
        marked = [
            row | {"at": str(at), "gone": "1" if row["id"] in gone.split() else ""} for row in rows
        ]
        self.small.pull(PLAN, Source(marked))

    def deliver(self) -> dict[str, dict[str, int]]:
        done = {
            flow: self.small.push(flow, connector) for flow, connector in self.connectors.items()
        }
        self.small.receipts(REST, self.connectors[REST])
        return done

    def rows(self) -> list[tuple[str, str, str]]:
        """What was written into the table, in its order: project, name, whether it is valid."""
        found = self.table.execute(
            "select right(dm, 1), mc, valid from front order by no"
        ).fetchall()
        return [tuple(row) for row in found]

    def lines(self) -> list[str]:
        """What was put down in files."""
        return sorted(
            line
            for file in self.folder.glob("*.csv")
            for line in file.read_text("gb18030").splitlines()[1:]
        )


@pytest.fixture
def town(small: Small, database_server: DatabaseServer, tmp_path: Path) -> Iterator[Town]:
    small.contracts = contracts_of(DRILL)
    with (
        database_server.database() as table,
        answering() as partner,
        closing(Town(small, table, tmp_path, partner)) as made,
    ):
        yield made


def test_after_a_restoration_every_partner_holds_each_record_once_in_its_last_version(
    town: Town, tmp_path: Path
):
    small = town.small
    town.says(1, p1="甲", p2="乙", p5="戊")
    town.deliver()
    backup = dump(small.url, tmp_path / "hub.dump")
    town.says(2, p1="甲二", p2="乙", p3="丙", p4="丁", p5="戊二")
    town.deliver()
    town.says(3, "p4", p4="丁", p5="戊三")
    town.deliver()
    table, files, posts = town.rows(), town.lines(), dict(town.registry.times)
    small.database.close()
    restore(small.url, backup)
    small.database = Database(small.url, key=b"test")

    # The sources go on; 4 is gone there without a trace, 5 has moved on.
    town.says(4, p1="甲二", p2="乙", p3="丙", p5="戊四")
    small.pull(BUILD, Source([]))
    assert town.deliver() == {
        REST: {"due": 3, "awaiting_receipt": 2, "retrying": 1},
        TABLE: {"due": 3, "confirmed": 3},
        FILE: {"due": 3, "blocked": 3},
    }
    assert town.registry.last() == {"1": "甲二", "2": "乙", "3": "丙", "4": "丁", "5": "戊四"}
    assert {key: times for key, times in town.registry.times.items() if key in posts} == posts
    assert set(town.registry.times.values()) == {1}
    assert town.rows() == [*table, ("5", "戊三", "0"), ("5", "戊四", "1")]
    assert town.lines() == files
    assert town.deliver() == {REST: {}, TABLE: {}, FILE: {"due": 3, "blocked": 3}}
    told = restorations.waiting(asking(small))
    assert sorted((one.flow, one.key[-1:]) for one in told) == [
        (FILE, "1"),
        (FILE, "3"),
        (FILE, "5"),
    ]
    found = verify(small.database, small.contracts, small.settings)
    assert found.findings == []


def test_what_stands_at_a_target_and_is_unknown_here_is_surplus_until_a_person_decides(
    town: Town, tmp_path: Path
):
    small, front = town.small, town.connectors[TABLE]
    town.says(1, p1="甲", p2="乙")
    small.push(TABLE, front)
    town.table.execute(
        "insert into front (key, dm, mc, valid) values ('somebody-else', 'x', 'x', '1')"
    )
    backup = dump(small.url, tmp_path / "hub.dump")
    town.says(2, p1="甲二", p2="乙", p3="丙")
    small.push(TABLE, front)
    town.says(3, p1="甲", p2="乙")
    small.push(TABLE, front)
    before = town.rows()
    town.table.execute("update front set valid = '1', mc = '甲三' where mc = '甲二'")
    small.database.close()
    restore(small.url, backup)
    small.database = Database(small.url, key=b"test")

    assert small.push(TABLE, front) == {}
    assert compared(small, TABLE, front) == {"same": 2, "surplus_there": 1}
    (row,) = small.rows("select id, key, state, record_id from hub.difference")
    assert (row["state"], row["record_id"]) == ("queued", None)
    assert IdempotencyKeys(b"test", TABLE).ordinal(str(row["key"])) == 1
    # The first record had two later sendings that were lost: the last of them says what stands
    # there.
    assert small.push(TABLE, front) == {"due": 1, "confirmed": 1}
    assert len(town.rows()) == len(before)

    with pytest.raises(FlowError):
        surplus.settle(
            small.database, small.settings, [int(str(row["id"]))], withdraw=False, word=WORD
        )
    assert (
        surplus.settle(
            small.database, small.settings, [int(str(row["id"]))], withdraw=True, word=WORD
        )
        == 1
    )
    assert small.push(TABLE, front) == {"due": 1, "confirmed": 1}
    assert small.push(TABLE, front) == {}
    assert town.rows()[len(before) :] == [("3", "丙", "0")]
    assert compared(small, TABLE, front) == {"same": 2}
    assert verify(small.database, small.contracts, small.settings).findings == []

    # All that stands there has been looked at: nothing is uncertain. Another hub that sends in our
    # name is told.
    assert small.rows(f"select from hub.delivery where flow = '{TABLE}' and uncertain") == []
    second = "2405-520502-04-01-100002"
    other = IdempotencyKeys(b"test", TABLE).of(
        second, ordinal=7, action="upsert", body={"mc": "别处"}
    )
    town.table.execute(
        "insert into front (key, dm, mc, valid) values (%s, %s, '别处', '1')", (other, second)
    )
    compared(small, TABLE, front)
    (told,) = small.rows("select how, reason from hub.restoration order by id desc limit 1")
    assert told == {
        "how": "seen",
        "reason": f"{TABLE}: 1 records were sent later than this database knows",
    }
    assert small.push(TABLE, front) == {"due": 1, "confirmed": 1}
    assert town.rows()[-2:] == [("2", "别处", "0"), ("2", "乙", "1")]
    assert compared(small, TABLE, front) == {"same": 2}

    # A delivery that the hub has lost, of a record that it has, is ours again when a person says
    # so.
    small.rows(
        "delete from hub.delivery where record_id = (select min(record_id) from "
        "hub.delivery) returning 1"
    )
    assert compared(small, TABLE, front) == {"same": 1, "surplus_there": 1}
    (row,) = small.rows("select id, record_id from hub.difference where closed_at is null")
    assert row["record_id"] is not None
    surplus.settle(small.database, small.settings, [int(str(row["id"]))], withdraw=False, word=WORD)
    assert small.push(TABLE, front) == {"due": 1, "confirmed": 1}
    assert compared(small, TABLE, front) == {"same": 2}

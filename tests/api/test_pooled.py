"""Behind PgBouncer in transaction mode, where each transaction goes to whichever of a few servers
is free.

Everybody is shown what he is shown without it, flows run and balance, and what no reader is named
for is refused.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import psycopg
import pytest

from hub import auth
from hub.errors import FlowError
from tests.api.conftest import asking
from tests.filled import CODE, Filled, fill, payload
from tests.peers.pgbouncer import pgbouncer
from tests.pipeline.partners import Desk
from tests.postgres import DatabaseServer

READERS, ROUNDS = 28, 4
ASKED = (
    f"/v1/projects/{CODE}",
    f"/v1/projects/{CODE}/life",
    f"/v1/projects/{CODE}/clocks",
    f"/v1/projects?q={CODE[:10]}",
    "/v1/prefill/construction_permit?project_code=" + CODE,
)
GRANTS = {
    "boss": ("administrator", ()),
    "auditor": ("auditor", ()),
    "planning": ("department", ("public",)),
    "water": ("department", ("public", "internal", "personal")),
    "stranger": ("department", None),
}


@pytest.fixture(scope="module")
def direct(database_server: DatabaseServer) -> Iterator[Filled]:
    """A hub on a database that was migrated through no pooler, and the accounts."""
    with database_server.database() as url:
        world = Filled(url)
        world.hub.migrate()
        fill(world)
        yield world
        world.hub.close()


@pytest.fixture(scope="module")
def tokens(direct: Filled) -> dict[str, str]:
    made = {}
    with direct.hub.database.write() as tx:
        for name, (role, classes) in GRANTS.items():
            made[name] = auth.open_account(tx, name, role, department="市住房和城乡建设局")
            for entity in (
                ("project", "approval_document", "participant", "clock") if classes else ()
            ):
                auth.grant(
                    *(tx, direct.hub.contracts.granted, name, entity),
                    classes=classes or (),
                    purpose="核发施工许可",
                    valid_from=date(2020, 1, 1),
                    valid_until=date(2099, 1, 1),
                )
    return made


@pytest.fixture(scope="module")
def pooled(direct: Filled) -> Iterator[Filled]:
    """The same hub, through a PgBouncer that has two servers for all."""
    with pgbouncer(direct.url, servers=2) as url:
        world = Filled(url)
        yield world
        world.hub.close()


def answers(
    world: Filled, tokens: dict[str, str], asked: list[tuple[str, str]]
) -> list[tuple[int, object]]:
    """What so many readers at once are told."""
    with asking(world) as client, ThreadPoolExecutor(READERS) as pool:

        def ask(who: str, path: str) -> tuple[int, object]:
            response = client.get(path, tokens[who])
            return response.status_code, response.json()

        return list(pool.map(lambda one: ask(*one), asked))


def test_everybody_is_shown_through_it_what_he_is_shown_without(
    direct: Filled, pooled: Filled, tokens: dict[str, str]
):
    asked = [(who, path) for path in ASKED for who in GRANTS]
    wanted = dict(zip(asked, answers(direct, tokens, asked), strict=True))
    assert {code for code, _ in wanted.values()} == {200, 403}
    many = asked * ROUNDS
    for one, found in zip(many, answers(pooled, tokens, many), strict=True):
        code, said = wanted[one]
        assert found == (code, said), one


def test_flows_run_and_balance_through_it(pooled: Filled):
    new = "2403-140108-70-03-01394{}".format
    run = pooled.pull(
        "pull.investment.project",
        *(
            payload("pull.investment.project", id=n, xmdm=new(n), xmmc=f"项目{n}")
            for n in range(3, 9)
        ),
    )
    assert pooled.counts(run) == {"read": 6, "created": 6}
    desk = Desk(receipts=True)
    pooled.push("push.power.project", desk)
    assert desk.sent >= 6
    pooled.hub.release()
    pooled.hub.seal()
    assert not pooled.hub.verify().findings
    states = {str(row["state"]) for row in pooled.rows("select state from hub.run")}
    assert states == {"complete"}
    assert (
        pooled.rows(
            "select pid from pg_locks where locktype = 'advisory' and pid <> pg_backend_pid()"
        )
        == []
    )


@pytest.mark.parametrize("how", [{}, {"snapshot": True}])
def test_what_reads_is_refused_to_write_through_it(pooled: Filled, how: dict[str, bool]):
    with pooled.hub.database.write() as tx:
        tx.execute("update hub.dag_wish set paused = true")
    with (
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
        pooled.hub.database.read(**how) as tx,
    ):
        tx.execute("update hub.dag_wish set paused = true")


def test_instants_are_read_in_our_zone_through_it(pooled: Filled):
    (row,) = pooled.rows(
        "select current_setting('TimeZone') as zone, current_setting('jit') as jit"
    )
    assert row == {"zone": "Asia/Shanghai", "jit": "off"}


def test_a_user_whose_sessions_know_no_zone_is_refused_through_it(
    direct: Filled, database_server: DatabaseServer
):
    with database_server.database() as url, pgbouncer(url, servers=1) as through:
        world = Filled(through)
        with pytest.raises(FlowError) as caught:
            world.rows("select 1 as one")
        assert caught.value.code == "database.pooled"
        direct_world = Filled(url)
        direct_world.hub.migrate()
        direct_world.hub.close()
        world.hub.close()
    with database_server.database() as url:
        Filled(url).hub.migrate()
        with pgbouncer(url, servers=1) as through:
            world = Filled(through)
            assert world.rows("select 1 as one") == [{"one": 1}]
            world.hub.close()


@pytest.mark.parametrize(
    "view", ["shown.project", "shown.arrival", "shown.clock", "asserted.project", "hub.landing"]
)
def test_nobody_reads_where_no_reader_is_named_in_the_transaction(direct: Filled, view: str):
    with psycopg.connect(direct.url) as connection:
        connection.execute("select hub.read_as('boss')")
        connection.commit()
        connection.execute("set local role hub_reader")
        columns = "id" if view == "hub.landing" else "*"
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no reader is named"):
            # our own words
            connection.execute(f"select {columns} from {view}".encode())  # noqa: S608


def test_a_reader_can_neither_write_nor_outlive_his_transaction(direct: Filled):
    database = direct.hub.database
    with database.read(reader="boss") as tx, pytest.raises(psycopg.Error), tx.transaction():
        tx.execute("create temp table mine (n int)")
    with database.read(reader="boss") as tx:
        ((role, named),) = tx.execute(
            "select current_user, current_setting('hub.account')"
        ).fetchall()
        tx.commit()
        ((after, still),) = tx.execute(
            "select current_user, current_setting('hub.account', true)"
        ).fetchall()
    assert (role, named) == ("hub_reader", "boss")
    assert after != "hub_reader"
    assert not still

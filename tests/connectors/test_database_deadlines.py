"""A partner's database that hangs is given up at its deadline, whatever it hangs in and whichever
way it is reached.
"""

import contextlib
import gc
import re
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import psycopg
import pytest

from connectors.odbc import OdbcConnector
from connectors.sql import SqlConnector
from hub.errors import TransientError
from hub.model import Json, Outgoing
from tests.connectors.databases import WAYS, Partner

SERVERS = ("postgresql", "mariadb")
SECONDS: dict[str, Json] = {"seconds": 0.8}
PATIENCE = 10
SLEEPING = {"postgresql": "pg_sleep(60)::text", "mariadb": "sleep(60)"}
BUSY = {
    "postgresql": "select count(*) from pg_stat_activity where datname = current_database() and "
    "state = 'active'"
    " and pid <> pg_backend_pid()",
    "mariadb": "select count(*) from information_schema.processlist where db = database() and "
    "command = 'Query'"
    " and id <> connection_id()",
}
WRITE: dict[str, Json] = {"table": "inbox", "key": "k"}
ITEMS = [Outgoing("k1", "upsert", {"a": "1"})]


class Proxy:
    """Hands on what both sides say, until it is told to swallow all of it."""

    def __init__(self, port: int) -> None:
        self.swallows = False
        self.swallows_at: re.Pattern[bytes] | None = None
        self._to = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._over = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._over = True
        self._thread.join(PATIENCE)
        self._listening.close()

    def _serve(self) -> None:
        pairs: dict[socket.socket, socket.socket] = {}
        while not self._over:
            ready, _, _ = select.select([self._listening, *pairs], [], [], 0.05)
            for one in ready:
                if one is self._listening:
                    here, _ = self._listening.accept()
                    there = socket.create_connection(("127.0.0.1", self._to), timeout=PATIENCE)
                    pairs |= {here: there, there: here}
                elif one in pairs:
                    self._hand_on(one, pairs)
        for one in pairs:
            one.close()

    def _hand_on(self, one: socket.socket, pairs: dict[socket.socket, socket.socket]) -> None:
        said = b""
        with contextlib.suppress(OSError):
            said = one.recv(65536)
        if not said:
            for each in (one, pairs[one]):
                del pairs[each]
                each.close()
            return
        self.swallows = self.swallows or bool(self.swallows_at and self.swallows_at.search(said))
        if not self.swallows:
            with contextlib.suppress(OSError):
                pairs[one].sendall(said)


@contextmanager
def proxied(partner: Partner) -> Iterator[tuple[Proxy, Partner]]:
    assert partner.where.port
    proxy = Proxy(partner.where.port)
    try:
        yield proxy, replace(partner, where=replace(partner.where, port=proxy.port))
    finally:
        proxy.close()


def read(connector: OdbcConnector | SqlConnector, table: str) -> list[bytes]:
    pages = connector.pages({"table": table, "key": ["k"]}, since=None, resume=None)
    return [raw.payload for page in pages for raw in page.records]


def slow(ask: Callable[[], object]) -> None:
    """It is given up in time, and said so."""
    began = time.monotonic()
    with pytest.raises(TransientError) as told:
        ask()
    assert time.monotonic() - began < PATIENCE
    assert (told.value.code, told.value.facts.get("option")) == (
        "system.answer_slow",
        "connect.answer.seconds",
    )


def comes_to_rest(there: Partner) -> None:
    """The database runs nothing for us any more."""
    deadline = time.monotonic() + PATIENCE
    while there.rows(BUSY[there.kind])[0][0]:
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture(params=SERVERS)
def there(request: pytest.FixtureRequest, partner: Callable[[str], Partner]) -> Partner:
    made = partner(request.param)
    made.run("create table t (k int primary key)", "insert into t values (1)")
    made.run("create table inbox (k varchar(20) primary key, a varchar(9))")
    return made


@pytest.mark.parametrize("way", WAYS)
def test_a_query_that_sleeps_ends_at_both_sides_and_the_next_is_answered(
    there: Partner, way: str
) -> None:
    there.run(f"create view slow as select 1 as k, {SLEEPING[there.kind]} as s")
    with closing(there.reader(way, answer=SECONDS)) as connector:
        assert read(connector, "t") == [b'{"k":1}']
        slow(lambda: read(connector, "slow"))
        comes_to_rest(there)
        assert read(connector, "t") == [b'{"k":1}']


@pytest.mark.parametrize("way", WAYS)
def test_a_network_that_swallows_all_after_the_login_is_given_up(there: Partner, way: str) -> None:
    with proxied(there) as (proxy, far), closing(far.reader(way, answer=SECONDS)) as connector:
        assert read(connector, "t") == [b'{"k":1}']
        proxy.swallows = True
        slow(lambda: read(connector, "t"))
        proxy.swallows = False
        assert read(connector, "t") == [b'{"k":1}']


@pytest.mark.parametrize("way", WAYS)
def test_a_network_that_swallows_the_login_is_given_up(there: Partner, way: str) -> None:
    brief: dict[str, Json] = (
        {"login_timeout": 1} if way == "odbc" else {"arguments": {"connect_timeout": 1}}
    )
    with (
        proxied(there) as (proxy, far),
        closing(far.reader(way, answer=SECONDS, **brief)) as connector,
    ):
        proxy.swallows = True
        began = time.monotonic()
        with pytest.raises(TransientError):
            connector.ping()
        assert time.monotonic() - began < PATIENCE
        proxy.swallows = False
        assert connector.ping().endswith("OK")


def test_what_waits_for_a_lock_of_the_partners_is_given_up_and_not_written_later(
    there: Partner,
) -> None:
    with closing(there.writer(answer=SECONDS)) as connector:
        with holding(there):
            slow(lambda: list(connector.send(WRITE, ITEMS)))
        comes_to_rest(there)
        assert list(there.rows("select k from inbox")) == []
        (sent,) = connector.send(WRITE, ITEMS)
        assert sent.state == "confirmed"


@contextmanager
def holding(there: Partner) -> Iterator[None]:
    """The partner's own work, which keeps the table."""
    if there.open is not None:
        with there.open() as session, session.cursor() as cursor:
            cursor.execute("lock tables inbox write")
            yield
        return
    where = there.where
    at = f"postgresql://{where.user}:{where.secret}@{where.host}:{where.port}{where.path}"
    with psycopg.connect(at) as session:
        session.execute("lock table inbox in exclusive mode")
        yield


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # of a cursor whose connection is gone
def test_a_commit_that_is_not_answered_is_unknown(there: Partner) -> None:
    with proxied(there) as (proxy, far), closing(far.writer(answer=SECONDS)) as connector:
        assert connector.ping().endswith("OK")  # by which SQLAlchemy gets to know the database
        proxy.swallows_at = re.compile(b"(?<!AUTO)COMMIT", re.IGNORECASE)
        (sent,) = connector.send(WRITE, ITEMS)
        assert (sent.state, sent.code) == ("unknown", "system.unavailable")
        proxy.swallows, proxy.swallows_at = False, None
        (sent,) = connector.send(WRITE, ITEMS)
        assert sent.state == "confirmed"
        proxy.swallows_at = re.compile(b"order by", re.IGNORECASE)
        slow(lambda: list(connector.listed(WRITE, None, ["a"])))
        gc.collect()

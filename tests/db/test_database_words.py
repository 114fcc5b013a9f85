"""What a real PostgreSQL says of its troubles reaches people under a code of its own, not as one
word for all.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import psycopg
import pytest

from deploy import postgres
from deploy.postgres import Cluster
from hub.db.database import Database
from hub.errors import HubError, TransientError
from hub.settings import Timeouts
from hub.texts import cure, say
from tests.postgres import throwaway_cluster

FEW = (
    "max_connections=4",
    "superuser_reserved_connections=1",
    "reserved_connections=0",
    "max_wal_senders=0",
)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A server of our own with room for three clients."""
    log: Path = tmp_path_factory.mktemp("words") / "postgres.log"
    with throwaway_cluster() as made:
        small = Cluster(
            data=made.data,
            port=made.port,
            password=made.password,
            settings=(*made.settings, *FEW),
            initdb=made.initdb,
        )
        process = small.start(log)
        small.ensure_role("hub", "right")
        try:
            yield small
        finally:
            os.kill(process.pid, signal.SIGCONT)
            postgres.stop(process)


def url(cluster: Cluster, *, word: str = "right", database: str = "postgres", port: int = 0) -> str:
    return f"postgresql://hub:{word}@127.0.0.1:{port or cluster.port}/{database}"


def met(url: str, statement: str = "select 1", *, most: int = 1) -> HubError:
    """The error under which this comes to nothing."""
    database = Database(url, most=most, waits=Timeouts(pool=0.3))
    try:
        with pytest.raises(HubError) as caught, database.write() as tx:
            tx.execute(statement.encode())
    finally:
        database.close()
    return caught.value


def test_connections_that_are_used_up_are_told_as_such(cluster: Cluster):
    with ExitStack() as held:
        with suppress(psycopg.OperationalError):
            for _ in range(4):
                held.enter_context(psycopg.connect(url(cluster)))
        error = met(url(cluster))
    assert error.code == "database.connections"
    assert isinstance(error, TransientError)
    assert "max_connections" in cure(error.code, error.facts, "zh")


def test_a_pool_of_which_all_is_lent_is_not_taken_for_a_server_that_is_away(cluster: Cluster):
    database = Database(url(cluster), most=1, waits=Timeouts(pool=0.2))
    with database.write(), pytest.raises(HubError) as caught, database.write():
        pass
    database.close()
    assert caught.value.code == "database.busy"


def test_a_full_disk_is_told_as_such(cluster: Cluster):
    error = met(cluster.url(), "copy (select repeat('x', 100000)) to '/dev/full'")
    assert (error.code, error.facts["sqlstate"]) == ("database.disk_full", "53100")
    assert isinstance(error, TransientError)
    assert "磁盘已满" in say(error.code, error.facts, "zh")


def test_sign_in_and_a_missing_database_are_told_apart(cluster: Cluster):
    assert met(url(cluster, word="wrong")).code == "database.login"
    assert met(url(cluster, database="nowhere")).code == "database.missing"


def test_nobody_listening_and_a_host_that_nobody_knows_are_told_apart(cluster: Cluster):
    assert met(url(cluster, port=1)).code == "database.down"
    assert met("postgresql://hub@nowhere.invalid/hub").code == "database.unreachable"


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("set local statement_timeout = 20; select pg_sleep(5)", "database.time_limit"),
        (
            "set transaction read only; create temporary sequence s; create table t ()",
            "database.read_only",
        ),
        ("set local temp_file_limit = 0", "database.forbidden"),
        ("select * from not_there", "database.not_migrated"),
        ("select pg_terminate_backend(pg_backend_pid())", "database.restarting"),
        ("do $$ begin raise exception using errcode = '53200'; end $$", "database.memory"),
        ("do $$ begin raise exception using errcode = 'XX001'; end $$", "database.damaged"),
    ],
)
def test_what_a_statement_meets_is_told_by_its_sqlstate(
    cluster: Cluster, statement: str, code: str
):
    assert met(url(cluster), statement).code == code


def test_a_server_that_hangs_is_told_as_silent(cluster: Cluster):
    [server] = [int((cluster.data / "postmaster.pid").read_text().splitlines()[0])]
    os.kill(server, signal.SIGSTOP)
    try:
        assert met(url(cluster)).code == "database.silent"
    finally:
        os.kill(server, signal.SIGCONT)

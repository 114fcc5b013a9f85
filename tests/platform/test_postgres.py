"""The embedded PostgreSQL starts, survives a kill, and leaves nothing behind."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from deploy import postgres
from tests.postgres import PREFIX, DatabaseServer, throwaway_cluster, throwaway_folder

START_AND_WAIT = """
import sys
from pathlib import Path
from deploy import postgres
cluster = postgres.Cluster(data=Path(sys.argv[1]), port=int(sys.argv[2]), password=sys.argv[3])
process = cluster.start(Path(sys.argv[1]).with_suffix(".log"))
print(process.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def cluster() -> Iterator[postgres.Cluster]:
    with throwaway_cluster() as made:
        yield made


def test_a_test_gets_an_empty_database(empty_database_url):
    with psycopg.connect(empty_database_url) as db:
        tables = db.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone()
    assert tables == (0,)


def test_a_database_is_a_copy_of_its_template(database_server: DatabaseServer):
    with database_server.database() as url:
        with psycopg.connect(url) as db:
            db.execute("create table t as select 1 as n")
        template = url.rpartition("/")[2]
        with database_server.database(template=template) as copy, psycopg.connect(copy) as db:
            assert db.execute("select n from t").fetchone() == (1,)


def test_only_the_right_password_opens_the_database(database_server: DatabaseServer):
    wrong = database_server.cluster.url().replace(database_server.cluster.password, "wrong")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_a_role_keeps_its_name_and_takes_the_newest_password(database_server: DatabaseServer):
    cluster = database_server.cluster
    for password in ("first", "second"):
        cluster.ensure_role("partner", password)
    with psycopg.connect(
        cluster.url().replace(f"postgres:{cluster.password}", "partner:second")
    ) as db:
        assert db.execute("select current_user").fetchone() == ("partner",)


def test_what_was_committed_outlives_a_kill_of_the_server(cluster: postgres.Cluster):
    log = cluster.data.with_suffix(".log")
    process = cluster.start(log)
    with psycopg.connect(cluster.url()) as db:
        db.execute("create table kept as select 1 as n")
    process.kill()
    process.wait()
    again = cluster.start(log)
    try:
        with psycopg.connect(cluster.url()) as db:
            assert db.execute("select n from kept").fetchone() == (1,)
    finally:
        postgres.stop(again)


def test_the_server_stops_when_the_process_that_started_it_is_killed(cluster: postgres.Cluster):
    arguments = [str(cluster.data), str(cluster.port), cluster.password]
    starter = subprocess.Popen(
        [sys.executable, "-c", START_AND_WAIT, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=postgres.CHECKOUT,
    )
    with starter:
        assert starter.stdout is not None
        server = int(starter.stdout.readline())
        starter.kill()
    assert gone(server)


def test_making_a_data_directory_that_cannot_be_made_names_the_log(cluster: postgres.Cluster):
    unusable = postgres.Cluster(
        data=cluster.data.with_name("other"), port=cluster.port, password=""
    )
    with pytest.raises(postgres.DatabaseFailedError) as caught:
        unusable.initialise()
    assert "password" in caught.value.log.read_text()
    assert not unusable.data.exists()


def gone(pid: int) -> bool:
    """Wait, within bounds, for a process that is no child of ours."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        status = Path(f"/proc/{pid}/stat")
        if not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    return False


def test_data_of_a_checkout_that_was_deleted_is_moved_aside_and_kept(cluster: postgres.Cluster):
    assert cluster.initialise() is None
    successor = postgres.Cluster(
        data=cluster.data, port=cluster.port, password=secrets.token_hex(8)
    )
    aside = successor.initialise()
    assert aside is not None
    assert (aside / "PG_VERSION").exists()
    process = successor.start(cluster.data.with_suffix(".log"))
    try:
        with psycopg.connect(successor.url()) as db:
            assert db.execute("select 1").fetchone() == (1,)
    finally:
        postgres.stop(process)
    assert successor.initialise() is None


def test_what_a_killed_run_has_left_goes_when_the_next_begins_and_what_is_in_use_stays(
    tmp_path: Path,
):
    left = tmp_path / f"{PREFIX}left"
    left.mkdir()
    (left / "lock").touch()
    with throwaway_folder(tmp_path) as first, throwaway_folder(tmp_path) as second:
        assert set(tmp_path.iterdir()) == {first, second}
    assert list(tmp_path.iterdir()) == []

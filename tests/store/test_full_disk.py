"""A file system that is really full: what the hub says then, and that it goes on by itself once there is room.

Only who may mount a file system can try this; elsewhere it is left out.
"""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from deploy import postgres
from deploy.postgres import Cluster
from hub.errors import HubError
from hub.model import Json
from hub.services import health
from tests.filled import Filled, payload
from tests.ports import reserve_port
from tests.postgres import INITDB, MEMORY, throwaway_folder

SIZE = "300m"
LEFT = 3_000_000
FLOW = "pull.investment.project"
SMALL = ("max_connections=30", "shared_buffers=32MB", "min_wal_size=32MB", "max_wal_size=48MB", "synchronous_commit=on")


@pytest.fixture
def disk() -> Iterator[Path]:
    """A small file system of its own."""
    with throwaway_folder(MEMORY) as folder:
        (place := folder / "disk").mkdir(mode=0o755)
        options = ["-t", "tmpfs", "-o", f"size={SIZE},mode=755", "tmpfs", str(place)]
        if (
            not shutil.which("mount")
            or subprocess.run(["mount", *options], check=False, capture_output=True).returncode
        ):
            pytest.skip("nobody may mount a file system here")
        try:
            yield place
        finally:
            subprocess.run(["umount", "--lazy", str(place)], check=True, capture_output=True)


@pytest.fixture
def cluster(disk: Path) -> Cluster:
    """A PostgreSQL on it."""
    made = Cluster(data=disk / "data", port=reserve_port(), password="x", settings=SMALL, initdb=INITDB)  # noqa: S106
    made.initialise()
    return made


def projects(first: int, count: int) -> list[dict[str, Json]]:
    """So many projects, each of some two kilobytes."""
    return [
        payload(FLOW, id=n, xmdm=f"2019-140108-70-03-{n:06}", xmmc=f"某某工程{n}", jsgm="建" * 600)
        for n in range(first, first + count)
    ]


def met(world: Filled) -> str:
    """The code of what stops a load that finds no room."""
    for first in range(1, 100_000, 3000):
        try:
            world.pull(FLOW, *projects(first, 3000))
        except HubError as error:
            return error.code
    return ""


def test_a_hub_on_a_full_disk_says_so_and_goes_on_by_itself_once_there_is_room(cluster: Cluster, disk: Path):
    server = cluster.start(log := disk.parent / "postgres.log")
    try:
        cluster.ensure_role("hub", "hub")
        with psycopg.connect(cluster.url(), autocommit=True) as db:
            db.execute("create role hub_reader nologin; create role hub_shown nologin")
            db.execute("grant hub_reader, hub_shown to hub")
        cluster.ensure_database("hub", owner="hub")
        world = Filled(cluster.url("hub"))
        world.hub.migrate()
        world.pull(FLOW, *projects(1, 50))
        (ballast := disk / "ballast").write_bytes(bytes(shutil.disk_usage(disk).free - LEFT))
        assert met(world) == "database.disk_full"
        (database, *_) = health.look(world.hub).checks
        assert [said.code for said in database.told] == ["database.disk_full"]
        ballast.unlink()
        if server.poll() is not None:  # the supervisor starts it again as well
            server = cluster.start(log)
        counts = world.counts(world.pull(FLOW, *projects(1, 1000)))
        assert counts["read"] == counts["created"] + counts["unchanged"] == 1000
        world.hub.seal()
        assert world.hub.verify().wrong == 0
        assert world.rows("select count(*) as n from hub.report where not balanced") == [{"n": 0}]
        world.hub.close()
    finally:
        postgres.stop(server)

"""A real PostgreSQL for the tests: one server a session, a database of its own for each test."""

import itertools
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy import postgres
from tests.ports import reserve_port

# A killed server must keep what it committed, so synchronous_commit stays on.
QUICK = (
    "fsync=off",
    "full_page_writes=off",
    "max_connections=200",
    "shared_buffers=64MB",
)


class DatabaseServer:
    """Databases to throw away."""

    def __init__(self, cluster: postgres.Cluster) -> None:
        self.cluster = cluster
        self._numbers = itertools.count(1)

    @contextmanager
    def database(self, *, template: str = "template1") -> Iterator[str]:
        """Give the URL of a fresh database, a copy of `template` (which nobody may be connected to)."""
        name = f"test_{next(self._numbers)}"
        self.cluster.ensure_database(name, template=template)
        try:
            yield self.cluster.url(name)
        finally:
            self.cluster.drop_database(name)


@contextmanager
def throwaway_cluster() -> Iterator[postgres.Cluster]:
    """Give a cluster that is made and not yet started; its folder goes afterwards."""
    postgres.home().mkdir(mode=0o755, parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="test-", dir=postgres.home()))
    folder.chmod(0o755)
    try:
        cluster = postgres.Cluster(
            data=folder / "data", port=reserve_port(), password=secrets.token_hex(8), settings=QUICK
        )
        cluster.initialise()
        yield cluster
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def database_server() -> Iterator[DatabaseServer]:
    with throwaway_cluster() as cluster:
        process = cluster.start(cluster.data.with_suffix(".log"))
        try:
            yield DatabaseServer(cluster)
        finally:
            postgres.stop(process)


@pytest.fixture
def empty_database_url(database_server: DatabaseServer) -> Iterator[str]:
    """The URL of an empty database, dropped after the test."""
    with database_server.database() as url:
        yield url

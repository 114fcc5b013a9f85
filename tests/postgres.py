"""A real PostgreSQL for the tests: one server a session, a database of its own for each test.

A database is a thousand small files. They lie in memory where there is room, which takes a third of
the work; what a run that was killed has left there goes when the next begins.
"""

import fcntl
import itertools
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from deploy import postgres
from tests.ports import reserve_port

# A killed server must keep what it committed, so synchronous_commit stays on.
QUICK = (
    "fsync=off",
    "full_page_writes=off",
    "max_connections=200",
    "shared_buffers=64MB",
    "max_wal_size=128MB",
)
# Tests connect some ten thousand times: a word that is hashed once opens as well as one that is
# hashed 4,096 times.
INITDB = ("--no-sync", "--no-data-checksums", "--set=scram_iterations=1")
MEMORY = Path("/dev/shm")  # noqa: S108 -- folders there have names that nobody knows before
ROOM = 2_000_000_000  # bytes
PREFIX = "onecode-test-"


class DatabaseServer:
    """Databases to throw away; one connection makes and drops them all."""

    def __init__(self, cluster: postgres.Cluster) -> None:
        self.cluster = cluster
        self._numbers = itertools.count(1)
        self._admin = psycopg.connect(cluster.url(), autocommit=True)

    @contextmanager
    def database(self, *, template: str = "template1") -> Iterator[str]:
        """Give the URL of a fresh database, a copy of `template` (which nobody may be connected
        to).
        """
        name = f"test_{next(self._numbers)}"
        named = sql.Identifier(name)
        copied = sql.SQL("create database {} template {} strategy file_copy")
        self._admin.execute(copied.format(named, sql.Identifier(template)))
        try:
            yield self.cluster.url(name)
        finally:
            self._admin.execute(sql.SQL("drop database if exists {} with (force)").format(named))

    def close(self) -> None:
        """Give the connection back."""
        self._admin.close()


@contextmanager
def throwaway_cluster(*options: str) -> Iterator[postgres.Cluster]:
    """Give a cluster that is made and not yet started; its folder goes afterwards. options: more
    for `initdb`.
    """
    with throwaway_folder(_place()) as folder:
        cluster = postgres.Cluster(
            data=folder / "data",
            port=reserve_port(),
            password=secrets.token_hex(8),
            settings=QUICK,
            initdb=(*INITDB, *options),
        )
        cluster.initialise()
        yield cluster


@contextmanager
def throwaway_folder(place: Path) -> Iterator[Path]:
    """Give a folder in which the database's user may have its own; locked, so that nobody takes it
    for a leftover.
    """
    clear(place)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
    folder.chmod(0o755)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def clear(place: Path) -> None:
    """Delete what runs that were killed have left there."""
    for lock in place.glob(f"{PREFIX}*/lock"):
        with suppress(OSError), lock.open() as mine:
            fcntl.flock(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock.parent, ignore_errors=True)


def _place() -> Path:
    """Where data is to lie: in memory, or on disk where memory is short, as in most containers."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        return MEMORY
    postgres.home().mkdir(mode=0o755, parents=True, exist_ok=True)
    return postgres.home()


@pytest.fixture(scope="session")
def database_server() -> Iterator[DatabaseServer]:
    with running_server() as server:
        yield server


@contextmanager
def running_server(*options: str) -> Iterator[DatabaseServer]:
    """A PostgreSQL of its own, stopped and gone afterwards; options: more for `initdb`."""
    with throwaway_cluster(*options) as cluster:
        process = cluster.start(cluster.data.with_suffix(".log"))
        try:
            with closing(DatabaseServer(cluster)) as server:
                yield server
        finally:
            postgres.stop(process)


@pytest.fixture
def empty_database_url(database_server: DatabaseServer) -> Iterator[str]:
    """The URL of an empty database, dropped after the test."""
    with database_server.database() as url:
        yield url

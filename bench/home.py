"""The bench's own contracts, and its own PostgreSQL."""

import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from deploy import postgres
from hub.rules.contracts import Contracts
from hub.rules.load import load
from hub.settings import HOME
from hub.wiring import connector_schemas, contract_files

SETTINGS = ("shared_buffers=512MB", "max_wal_size=4GB", "wal_compression=on")
"""Alike for all; fsync and synchronous commit stay on."""

STATEMENTS = ("shared_preload_libraries=pg_stat_statements", "pg_stat_statements.track=all")


def files() -> dict[str, str]:
    """The bench's contract files on the product's own code lists."""
    codes = {path: text for path, text in contract_files(HOME).items() if path.startswith("mappings/codes/")}
    return codes | contract_files(HOME / "bench/contracts")


def contracts() -> Contracts:
    """The bench's contracts, checked and compiled."""
    return load(files(), connector_schemas(), year=2026)


@contextmanager
def server(*settings: str) -> Iterator[tuple[postgres.Cluster, psutil.Process]]:
    """A PostgreSQL of this run's own, and its process."""
    postgres.home().mkdir(mode=0o755, parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=postgres.home()))
    folder.chmod(0o755)
    try:
        cluster = postgres.Cluster(
            data=folder / "data", port=_free_port(), password="bench", settings=(*SETTINGS, *settings)
        )
        cluster.initialise()
        process = cluster.start(folder / "log")
        try:
            yield cluster, psutil.Process(process.pid)
        finally:
            postgres.stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def cpu_of(server_process: psutil.Process) -> float:
    """CPU seconds of a PostgreSQL so far: its processes now, and those that have ended."""
    own = server_process.cpu_times()
    total = own.user + own.system + own.children_user + own.children_system
    for child in server_process.children():
        with suppress(psutil.NoSuchProcess):  # a connection that has just been closed
            times = child.cpu_times()
            total += times.user + times.system
    return float(total)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

"""A real MariaDB for the tests: one server a session, by whoever runs them, in a folder that goes
afterwards.
"""

import getpass
import itertools
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pymysql
import pytest

from hub.model import Connection
from tests.ports import reserve_port

WAIT_SECONDS = 60
UNPACKED = Path(__file__).parents[1] / ".tools/odbc"
USER, SECRET = "hub", "secret-of-mariadb"


def program(name: str) -> str:
    """Where a program of MariaDB is: installed, or unpacked by tools/bootstrap.sh."""
    places = ["/usr/sbin", "/usr/bin", f"{UNPACKED}/usr/sbin", f"{UNPACKED}/usr/bin"]
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *places]))
    assert found, f"{name} is missing: run tools/bootstrap.sh requirements-dev.lock"
    return found


class MariaServer:
    """Databases to throw away."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._numbers = itertools.count(1)

    def open(self, database: str = "") -> "pymysql.connections.Connection[pymysql.cursors.Cursor]":
        """A connection of the partner's own, strict as a server is that nobody has touched."""
        return pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            user=USER,
            password=SECRET,
            database=database or None,
            autocommit=True,
        )

    @contextmanager
    def database(self, system: str) -> Iterator[Connection]:
        """A fresh database, as a partner's connection."""
        name = f"test_{next(self._numbers)}"
        with self.open() as partner, partner.cursor() as cursor:
            cursor.execute(f"create database {name} character set utf8mb4")
        try:
            yield Connection(system, "mysql", "127.0.0.1", self.port, USER, SECRET, f"/{name}")
        finally:
            with self.open() as partner, partner.cursor() as cursor:
                cursor.execute(f"drop database {name}")


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaServer]:
    """A server whose clock is in Shanghai, as partners' are."""
    folder = Path(tempfile.mkdtemp(prefix="mariadb-"))
    data, port = folder / "data", reserve_port()
    start = folder / "start.sql"
    start.write_text(
        "".join(
            (
                f"create user '{USER}'@'{host}' identified by '{SECRET}';\ngrant all on *.* to "
                f"'{USER}'@'{host}';\n"
            )
            for host in ("127.0.0.1", "localhost")  # as it may name whoever comes from here
        ),
        encoding="ascii",
    )
    # MariaDB will not run as root unless it is told to; as anybody else it runs as he is.
    who = ["--user=root"] if getpass.getuser() == "root" else []
    share = Path(program("mariadb-install-db")).parents[1]
    subprocess.run(
        [
            *(
                program("mariadb-install-db"),
                "--no-defaults",
                f"--datadir={data}",
                f"--basedir={share}",
            ),
            *("--auth-root-authentication-method=normal", "--skip-test-db", *who),
        ],
        check=True,
        capture_output=True,
    )
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                *(
                    program("mariadbd"),
                    "--no-defaults",
                    f"--datadir={data}",
                    f"--basedir={share}",
                    *who,
                ),
                *(
                    f"--port={port}",
                    "--bind-address=127.0.0.1",
                    f"--socket={folder}/s",
                    f"--pid-file={folder}/pid",
                ),
                *(f"--init-file={start}", "--default-time-zone=+08:00"),
                *("--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M"),
            ],
            stdout=log,
            stderr=log,
        )
    try:
        server = MariaServer(port)
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                server.open().close()
                break
            except pymysql.err.OperationalError:
                assert process.poll() is None, (folder / "log").read_text(errors="replace")
                assert time.monotonic() < deadline, (folder / "log").read_text(errors="replace")
                time.sleep(0.1)
        yield server
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)

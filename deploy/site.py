"""What belongs to this checkout when it runs: ports, secrets, addresses, and the environment that
each process gets.
"""

import argparse
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import yaml
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.postgres import CHECKOUT
from deploy.postgres import home as database_home
from hub.config.environment import CONNECTION, CONNECTIONS_FILE, lines_of
from hub.settings import Starting, read
from sandbox import programs
from sandbox.declared.declaration import read_declaration, without_database
from sandbox.sftp import keep_host_key

RUN = CHECKOUT / ".run"

# Offsets from HUB_PORT_BASE; every port is bound to 127.0.0.1.
PORTS = {
    "postgres": 0,
    "airflow": 1,
    "api": 4,
    **programs.PORTS,
    "declared": 15,
    "declared-sftp": 16,
}
DECLARED = {name: read_declaration(name) for name in without_database()}
"""Partners that `sandbox serve declared` serves together, as sandbox/partners/ says."""
CALLERS = tuple(name for name, declaration in DECLARED.items() if declaration.calls)
"""Those that call the hub, in place of being called."""
OWN_PROGRAMS = tuple(programs.PORTS)
SANDBOX_PROGRAMS = (*OWN_PROGRAMS, "declared")
PARTNERS = (*OWN_PROGRAMS, *DECLARED)
DATABASE_PARTNERS = tuple(programs.DATABASES)
AIRFLOW_USERS = {"admin": "admin", "operator": "op", "viewer": "viewer"}
AIRFLOW = "AIRFLOW__"
# Pages decrypt what is kept of connections, sign sessions, and take the tokens of tasks, which the
# scheduler makes.
AIRFLOW_SECRETS = {
    "api-server": ("CORE__FERNET_KEY", "API__SECRET_KEY", "API_AUTH__JWT_SECRET"),
    "scheduler": ("API_AUTH__JWT_SECRET",),
}
"""Which part of Airflow gets which secret of Airflow's, beside the address of its database, which
all need.
"""
KEYS = ("HUB_HASH_KEY", "HUB_DIGEST_KEY", "HUB_SEAL_KEY", "HUB_SEAL_SM2_KEY", "HUB_ALERT_URLS")
SIGNING_IN = ("HUB_OIDC_CLIENT_SECRET",)
SHOWN = ("HUB_PORT_BASE", "HUB_AIRFLOW_URL", "HUB_PUBLIC_URL")
PEOPLE = {
    "admin": ("administrator", "市大数据局"),
    "auditor": ("auditor", "市审计局"),
    "water": ("department", "供水公司"),
    "gongai": ("supervisor", "工改办"),
}
"""The console's first accounts: role and department."""
SUPERVISED = ("52",)
"""What the reform office of the demo sees: the province in which most of its projects lie."""


def write_private(path: Path, text: str) -> None:
    """Write a file that only we may read, in one step."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
    fresh.replace(path)


@dataclass(frozen=True, kw_only=True)
class Site:
    """Ports and secrets of one running hub; the secrets are made on the first start and kept below
    `home`.

    airflow_url: where people reach Airflow's pages, if not at its port. connections:
    HUB_CONN_<SYSTEM> of the shell that starts it. limits: how long the start waits.
    """

    home: Path = RUN
    base_port: int
    secrets: Mapping[str, str] = field(repr=False)
    database_host: str = "127.0.0.1"
    database_port: int
    airflow_url: str = ""
    connections: Mapping[str, str] = field(default_factory=dict, repr=False)
    limits: Starting = field(default_factory=Starting)
    partners_at: str = "127.0.0.1"
    partners: tuple[str, ...] = PARTNERS

    def partner_host(self, partner: str) -> str:
        return self.partners_at.replace("*", "declared" if partner in DECLARED else partner)

    @property
    def programs(self) -> list[str]:
        """The programs of the sandbox that serve the partners of this site."""
        own = [name for name in OWN_PROGRAMS if name in self.partners]
        return [*own, "declared"] if set(DECLARED) & set(self.partners) else own

    @property
    def own(self) -> Path:
        """Settings of one's own; the connections in it are read anew by every task."""
        return self.home / "own.env"

    def port(self, name: str) -> int:
        return self.base_port + PORTS[name]

    def address(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port(name)}"

    def database(self, name: str, *, role: str) -> str:
        server = f"{self.database_host}:{self.database_port}"
        return f"postgresql://{role}:{self.secrets[role]}@{server}/{name}"

    def partner_state(self, program: str) -> Path:
        """Where a program keeps its state; those declared have folders below that of their
        program.
        """
        states = self.home / "sandbox"
        return states if program == "declared" else states / program


class NoSuchPartnerError(argparse.ArgumentTypeError):
    """Somebody named a partner that the sandbox does not have."""

    def __init__(self, unknown: Iterable[str], known: Iterable[str]) -> None:
        named, there = ", ".join(sorted(unknown)), ", ".join(known)
        super().__init__(
            f"没有合作系统 {named}；可选：{there} · no partner system {named}; there are: {there}"
        )


def chosen(said: str) -> tuple[str, ...]:
    """The partners that `make demo PARTNERS=...` names: a set of partners.yaml, or names with
    commas. Raises NoSuchPartnerError, which says what there is.
    """
    sets = yaml.safe_load((Path(__file__).parent / "partners.yaml").read_text(encoding="utf-8"))
    names = sets.get(said, said.split(","))
    if unknown := set(names) - set(PARTNERS):
        raise NoSuchPartnerError(unknown, [*sets, *PARTNERS])
    return tuple(name for name in PARTNERS if name in names)


def open_site(partners: tuple[str, ...] = PARTNERS) -> Site:
    """This checkout as it runs on one machine."""
    base = int(os.environ.get("HUB_PORT_BASE", "18700"))
    return Site(
        base_port=base,
        secrets=keep_secrets(RUN),
        database_port=base + PORTS["postgres"],
        connections={
            name: uri for name, uri in os.environ.items() if name.startswith(CONNECTION) and uri
        },
        limits=limits(),
        partners=partners,
    )


def limits() -> Starting:
    """How long the start waits, as the shell says, else as own.env does."""
    return read(Starting, {**lines_of(RUN / "own.env"), **os.environ})


def keep_secrets(home: Path) -> dict[str, str]:
    """Read the secrets below `home`, making those that are not there yet."""
    file = home / "secrets.json"
    kept: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    names = [
        "postgres",
        "redis",
        "hub",
        "airflow",
        "hash-key",
        "digest-key",
        "airflow-jwt",
        "airflow-session",
        *AIRFLOW_USERS,
    ]
    names += PARTNERS
    names += (f"sandbox_{partner}" for partner in DATABASE_PARTNERS)
    names += (f"console-{name}" for name in PEOPLE)
    made = {name: secrets.token_urlsafe(18) for name in names} | {
        "fernet": Fernet.generate_key().decode()
    }
    if made.keys() - kept.keys():
        write_private(file, json.dumps(made | kept, indent=1))
    return made | kept


def keep_seal_key(home: Path) -> Path:
    """The Ed25519 key that signs the ledger's checkpoints."""
    file = home / "seal.pem"
    if not file.exists():
        key = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        write_private(file, key.decode())
    return file


def connection(site: Site, partner: str) -> str:
    """The URI by which the hub reaches a partner."""
    host = site.partner_host(partner)
    login = f"hub_{partner}:{site.secrets[partner]}"
    if partner in DECLARED:
        if partner in CALLERS:  # nobody reaches it there: login and secret are what it signs with
            return f"http://{login}@{partner}"
        return _declared_connection(site, partner, f"{login}@{host}")
    if partner in programs.DATABASES:
        place = f"{site.database_host}:{site.database_port}/sandbox_{partner}"
        return f"postgresql://{login}@{place}{programs.DATABASES[partner]}"
    return f"http://{login}@{host}:{site.port(partner)}/api"


def _declared_connection(site: Site, partner: str, place: str) -> str:
    http = DECLARED[partner].http
    if http:
        return f"http://{place}:{site.port('declared')}/{partner}{http.base}"
    key = keep_host_key(site.partner_state("declared")).get_fingerprint()
    return f"sftp://{place}:{site.port('declared-sftp')}/?host_key={quote(key, safe='')}"


def sandbox_login(site: Site, program: str) -> dict[str, str]:
    """Whom a program of the sandbox lets in; those declared are called SANDBOX_USER_<partner>
    each.
    """
    if program != "declared":
        return {"SANDBOX_USER": f"hub_{program}", "SANDBOX_SECRET": site.secrets[program]}
    secrets = {f"SANDBOX_SECRET_{name.upper()}": site.secrets[name] for name in DECLARED}
    return {"SANDBOX_USER": "hub", **secrets}


def hub_environment(site: Site) -> dict[str, str]:
    """Everything of the hub's, for who runs flows: written to .run/hub.env; `own.env` beside it has
    the last word.
    """
    return {
        "HUB_DATABASE_URL": site.database("hub", role="hub"),
        "HUB_HASH_KEY": site.secrets["hash-key"],
        "HUB_DIGEST_KEY": site.secrets["digest-key"],
        "HUB_SEAL_KEY": str(keep_seal_key(site.home)),
        "HUB_MARKER": str(site.home / "sent.json"),
        "HUB_PORT_BASE": str(site.base_port),
        "HUB_AIRFLOW_URL": site.airflow_url or site.address("airflow"),
        "HUB_DISK_PATHS": f"{database_home()}:{site.home}",
        CONNECTIONS_FILE: str(site.own),
        **{f"HUB_CONN_{partner.upper()}": connection(site, partner) for partner in PARTNERS},
        **site.connections,
        **{
            name: value
            for name, value in lines_of(site.own).items()
            if not name.startswith(AIRFLOW)
        },
    }


def web_environment(site: Site) -> dict[str, str]:
    """What console and API need of it: they reach no partner, and prove those who call them."""
    keys = connections_of_callers()
    return {
        name: value
        for name, value in hub_environment(site).items()
        if name in keys or (not name.startswith(CONNECTION) and name != CONNECTIONS_FILE)
    }


def connections_of_callers() -> set[str]:
    """The variables of the connections whose systems have something to prove when they call."""
    return {f"{CONNECTION}{name.upper()}" for name in callers()}


def callers() -> list[str]:
    """The systems whose contract says that they call the hub."""
    files = sorted((CHECKOUT / "mappings").glob("*/system.yaml"))
    said = {file.parent.name: yaml.safe_load(file.read_text(encoding="utf-8")) for file in files}
    return [name for name, one in said.items() if one.get("connector") in {"inbox", "outbox"}]


def shown_environment(site: Site) -> dict[str, str]:
    """What Airflow's pages need of it: where the console is. Nothing of it is a secret."""
    return {name: value for name, value in hub_environment(site).items() if name in SHOWN}


def airflow_environment(site: Site, part: str = "") -> dict[str, str]:
    """Airflow for a small machine. The figures behind each choice are in docs/install.md.

    part: which of Airflow's; only it gets the secrets that it needs (`AIRFLOW_SECRETS`).
    """
    database = site.database("airflow", role="airflow").removeprefix("postgresql")
    settings = {
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": "8",
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__DAGS_FOLDER": str(CHECKOUT / "dags"),
        "CORE__PLUGINS_FOLDER": str(CHECKOUT / "deploy/airflow_plugins"),
        "CORE__EXECUTION_API_SERVER_URL": f"{site.address('airflow')}/execution/",
        "CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{u}:{r}" for u, r in AIRFLOW_USERS.items()),
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(site.home / "airflow/passwords.json"),
        "DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg{database}",
        "DATABASE__SQL_ALCHEMY_CONN_ASYNC": f"postgresql+psycopg_async{database}",
        "DATABASE__SQL_ALCHEMY_POOL_SIZE": "20",
        "DATABASE__SQL_ALCHEMY_MAX_OVERFLOW": "30",
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
        # a task whose worker is gone is tried again after so long
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "120",
        "WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "WORKERS__MAX_FAILED_HEARTBEATS": "20",
        "DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",
        # else what a partner adds soon after a start waits for 300 s
        "CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL": "0",
        "DAG_PROCESSOR__PRINT_STATS_INTERVAL": "300",
        "API__HOST": "127.0.0.1",
        "API__PORT": str(site.port("airflow")),
        "API__BASE_URL": site.address("airflow"),
        "LOGGING__BASE_LOG_FOLDER": str(site.home / "logs/airflow"),
        "LOGGING__NAMESPACE_LEVELS": "http.access=WARNING",
    }
    secret = {
        "CORE__FERNET_KEY": site.secrets["fernet"],
        "API__SECRET_KEY": site.secrets["airflow-session"],
        "API_AUTH__JWT_SECRET": site.secrets["airflow-jwt"],
    }
    settings |= {name: secret[name] for name in AIRFLOW_SECRETS.get(part, ())}
    named = {"AIRFLOW_HOME": str(site.home / "airflow")} | {
        f"{AIRFLOW}{k}": v for k, v in settings.items()
    }
    return named | own_airflow_settings(site)


def own_airflow_settings(site: Site) -> dict[str, str]:
    """Settings of Airflow in own.env, which have the last word too."""
    return {name: value for name, value in lines_of(site.own).items() if name.startswith(AIRFLOW)}


def write_files(site: Site) -> None:
    """Write what other processes read: the hub's environment and Airflow's passwords."""
    lines = (f"{name}={value}\n" for name, value in hub_environment(site).items())
    write_private(site.home / "hub.env", "".join(lines))
    write_private(site.home / "airflow/passwords.json", airflow_passwords(site))


def airflow_passwords(site: Site) -> str:
    return json.dumps({user: site.secrets[user] for user in AIRFLOW_USERS})

"""What the containers of docker-compose.yml need to know: secrets made once, and the databases.

`python -m deploy.compose secrets FOLDER` writes one environment file a service (mode 0600) and
keeps them; `python -m deploy.compose databases` makes the databases;
`python -m deploy.compose exec COMMAND ...` writes the files that the environment carries (keys,
passwords) and becomes the command.
"""

import base64
import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from deploy import site, stack
from deploy.postgres import Server
from deploy.site import Site, write_private
from hub.config.environment import CONNECTION, CONNECTIONS_FILE, lines_of
from hub.settings import Starting, read

HOME = Path("/run/hub")  # in the container, in its memory: what is secret stays on no disk
LOGS = "/var/lib/hub/logs"
STATE = Path("/var/lib/hub/sandbox")
FILES = "PRIVATE_FILES"
SEAL = {"HUB_SEAL_KEY": str(HOME / "seal.pem")}


def container_site(folder: Path) -> Site:
    """The hub as its containers see it: every part by its service's name."""
    return Site(
        home=folder,
        base_port=18700,
        secrets=site.keep_secrets(folder),
        database_host="postgres",
        database_port=5432,
        airflow_url="http://127.0.0.1:8080",
        partners_at="sandbox-*",
    )


def write_secrets(folder: Path) -> None:
    """One file a service, with the secrets that it needs and no other."""
    here = container_site(folder)
    for name, variables in environments(here).items():
        lines = "".join(f"{key}={value}\n" for key, value in variables.items())
        write_private(folder / f"{name}.env", lines)


def environments(here: Site) -> dict[str, dict[str, str]]:
    """What each service is told."""
    hub = {
        name: value
        for name, value in site.hub_environment(here).items()
        if name != CONNECTIONS_FILE
    }
    hub |= SEAL | {
        "HUB_MARKER": "",
        "HUB_DISK_PATHS": lines_of(here.own).get("HUB_DISK_PATHS", LOGS),
    }
    web = {name: value for name, value in hub.items() if not name.startswith(CONNECTION)}
    sealing = {FILES: _packed({HOME / "seal.pem": (here.home / "seal.pem").read_text()})}
    watching = {
        name: value for name, value in web.items() if name not in (*site.KEYS, *site.SIGNING_IN)
    }
    shown = {name: value for name, value in web.items() if name in site.SHOWN}
    address = hub["HUB_AIRFLOW_URL"]
    queue = queue_environment(here)
    passwords = {FILES: _packed({HOME / "airflow/passwords.json": site.airflow_passwords(here)})}
    found = {
        "postgres": {"POSTGRES_PASSWORD": here.secrets["postgres"]},
        "redis": {"REDIS_PASSWORD": here.secrets["redis"]},
        "databases": {
            "SECRETS": _packed(
                {name: here.secrets[name] for name in ("postgres", *stack.DATABASES)}
            )
        },
        "prepare": web | airflow_environment(here, address=address),
        "api": web | sealing | {name: hub[name] for name in site.connections_of_callers()},
        "airflow-api": shown | airflow_environment(here, "api-server", address=address) | passwords,
        "airflow-scheduler": watching
        | airflow_environment(here, "scheduler", address=address)
        | queue,
        "airflow-dag-processor": watching | airflow_environment(here, address=address),
        "airflow-worker": hub | airflow_environment(here, address=address) | queue | sealing,
    }
    found["prepare"].pop("HUB_SEAL_KEY")
    found["airflow-worker"]["SANDBOX_REACHED_AT"] = here.partners_at
    return found | {
        f"sandbox-{program}": partner_environment(here, program)
        for program in site.SANDBOX_PROGRAMS
    }


def airflow_environment(here: Site, part: str = "", *, address: str) -> dict[str, str]:
    """As on one machine, but for what several containers need; own.env has the last word.

    address: where people reach Airflow's pages.
    """
    settings = {
        "CORE__EXECUTOR": "CeleryExecutor",
        "CORE__PARALLELISM": "64",  # what the workers take is what holds it back
        "CORE__DAGS_FOLDER": "/opt/hub/dags",
        "CORE__PLUGINS_FOLDER": "/opt/hub/deploy/airflow_plugins",
        "CORE__EXECUTION_API_SERVER_URL": "http://airflow-api:8080/execution/",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(HOME / "airflow/passwords.json"),
        # inside the container; the host publishes it on 127.0.0.1
        "API__HOST": "0.0.0.0",  # noqa: S104
        "API__PORT": "8080",
        "API__BASE_URL": address,
        "CELERY__WORKER_CONCURRENCY": "4",
        "LOGGING__BASE_LOG_FOLDER": LOGS,
    }
    own = {f"{site.AIRFLOW}{name}": value for name, value in settings.items()}
    home = {"AIRFLOW_HOME": str(HOME / "airflow")}
    return site.airflow_environment(here, part) | own | home | site.own_airflow_settings(here)


def queue_environment(here: Site) -> dict[str, str]:
    """Where tasks are handed over, for those two who do."""
    database = here.database("airflow", role="airflow").removeprefix("postgresql")
    return {
        "AIRFLOW__CELERY__BROKER_URL": f"redis://:{here.secrets['redis']}@redis:6379/0",
        "AIRFLOW__CELERY__RESULT_BACKEND": f"db+postgresql+psycopg{database}",
    }


def partner_environment(here: Site, partner: str) -> dict[str, str]:
    found = {
        **site.sandbox_login(here, partner),
        "SANDBOX_HOST": "0.0.0.0",  # noqa: S104 -- inside the container; nothing of it is published
    }
    if partner in site.DATABASE_PARTNERS:
        name = f"sandbox_{partner}"
        found["SANDBOX_DATABASE_URL"] = here.database(name, role=name)
    if partner == "declared":
        found["SANDBOX_HUB"] = f"http://api:{here.port('api')}"
        key = (here.partner_state(partner) / "host_key").read_text()
        found[FILES] = _packed({STATE / "host_key": key})
    return found


def make_databases() -> None:
    secrets = json.loads(base64.b64decode(os.environ["SECRETS"]))
    server = Server(host="postgres", port=5432, password=secrets["postgres"])
    # Not every compose implementation waits for a service to be healthy.
    deadline = time.monotonic() + read(Starting, os.environ).part_seconds
    while not server.answers() and time.monotonic() < deadline:
        time.sleep(0.5)
    stack.prepare_databases(server, secrets)


def become(command: list[str]) -> None:
    """Write the files that the environment carries and run the command in our place."""
    for name, text in json.loads(base64.b64decode(os.environ.pop(FILES, "e30="))).items():
        write_private(Path(name), text)
    os.execvp(command[0], command)  # noqa: S606 -- the container's own command


def _packed(values: Mapping[str, str] | Mapping[Path, str]) -> str:
    """Pack values for one line of an environment file, where quotes and dollar signs would be read
    as syntax.
    """
    return base64.b64encode(
        json.dumps({str(key): value for key, value in values.items()}).encode()
    ).decode()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["secrets", folder]:
            write_secrets(Path(folder))
        case ["databases"]:
            make_databases()
        case ["exec", *command]:
            become(command)
        case _:
            sys.exit(__doc__)

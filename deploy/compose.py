"""What the containers of docker-compose.yml need to know: secrets made once, and the databases.

`python -m deploy.compose secrets FOLDER` writes one environment file a service (mode 0600) and keeps them;
`python -m deploy.compose databases` makes the databases; `python -m deploy.compose exec COMMAND ...` writes the files
that the environment carries (keys, passwords) and becomes the command.
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
from deploy.site import PARTNERS, Site, write_private
from hub.settings import starting_from

HOME = Path("/var/lib/hub")  # in the container
FILES = "PRIVATE_FILES"


def container_site(folder: Path) -> Site:
    """The hub as its containers see it; partners share the worker's network and so stay on 127.0.0.1."""
    return Site(
        home=folder,
        base_port=18700,
        secrets=site.keep_secrets(folder),
        database_host="postgres",
        database_port=5432,
        airflow_url="http://127.0.0.1:8080",
    )


def write_secrets(folder: Path) -> None:
    here = container_site(folder)
    hub = site.hub_environment(here) | {"HUB_SEAL_KEY": str(HOME / "seal.pem"), "HUB_MARKER": ""}
    airflow = hub | airflow_environment(here, address=hub["HUB_AIRFLOW_URL"])
    files = {HOME / "seal.pem": (folder / "seal.pem").read_text()}
    passwords = {HOME / "airflow/passwords.json": site.airflow_passwords(here)}
    environments = {
        "postgres": {"POSTGRES_PASSWORD": here.secrets["postgres"]},
        "redis": {"REDIS_PASSWORD": here.secrets["redis"]},
        "databases": {"SECRETS": _packed({name: here.secrets[name] for name in ("postgres", *stack.DATABASES)})},
        "hub": hub | {FILES: _packed(files)},
        "airflow": airflow | {FILES: _packed(files | passwords)},
    }
    for partner in PARTNERS:
        environments[f"sandbox-{partner}"] = partner_environment(here, partner)
    for name, variables in environments.items():
        lines = "".join(f"{key}={value}\n" for key, value in variables.items())
        write_private(folder / f"{name}.env", lines)


def airflow_environment(here: Site, *, address: str) -> dict[str, str]:
    """As on one machine, but for what several containers need: Celery over Redis, and addresses among them.

    address: where people reach Airflow's pages.
    """
    database = here.database("airflow", role="airflow").removeprefix("postgresql")
    settings = {
        "CORE__EXECUTOR": "CeleryExecutor",
        "CORE__DAGS_FOLDER": "/opt/hub/dags",
        "CORE__PLUGINS_FOLDER": "/opt/hub/deploy/airflow_plugins",
        "CORE__EXECUTION_API_SERVER_URL": "http://airflow-api:8080/execution/",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(HOME / "airflow/passwords.json"),
        "API__HOST": "0.0.0.0",  # noqa: S104 -- inside the container; the host publishes it on 127.0.0.1
        "API__PORT": "8080",
        "API__BASE_URL": address,
        "CELERY__BROKER_URL": f"redis://:{here.secrets['redis']}@redis:6379/0",
        "CELERY__RESULT_BACKEND": f"db+postgresql+psycopg{database}",
        "CELERY__WORKER_CONCURRENCY": "4",
        "LOGGING__BASE_LOG_FOLDER": str(HOME / "logs"),
    }
    own = {f"AIRFLOW__{name}": value for name, value in settings.items()}
    return site.airflow_environment(here) | own | {"AIRFLOW_HOME": str(HOME / "airflow")}


def partner_environment(here: Site, partner: str) -> dict[str, str]:
    found = {"SANDBOX_USER": f"hub_{partner}", "SANDBOX_SECRET": here.secrets[partner]}
    if partner in site.DATABASE_PARTNERS:
        name = f"sandbox_{partner}"
        found["DATABASE_URL"] = here.database(name, role=name)
    if partner in site.SFTP_PARTNERS:
        key = (here.partner_state(partner) / "host_key").read_text()
        found[FILES] = _packed({HOME / partner / "host_key": key})
    return found


def make_databases() -> None:
    secrets = json.loads(base64.b64decode(os.environ["SECRETS"]))
    server = Server(host="postgres", port=5432, password=secrets["postgres"])
    # Not every compose implementation waits for a service to be healthy.
    deadline = time.monotonic() + starting_from(os.environ).part_seconds
    while not server.answers() and time.monotonic() < deadline:
        time.sleep(0.5)
    stack.prepare_databases(server, secrets)


def become(command: list[str]) -> None:
    """Write the files that the environment carries and run the command in our place."""
    for name, text in json.loads(base64.b64decode(os.environ.pop(FILES, "e30="))).items():
        write_private(Path(name), text)
    os.execvp(command[0], command)  # noqa: S606 -- the container's own command


def _packed(values: Mapping[str, str] | Mapping[Path, str]) -> str:
    """Pack values for one line of an environment file, where quotes and dollar signs would be read as syntax."""
    return base64.b64encode(json.dumps({str(key): value for key, value in values.items()}).encode()).decode()


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

"""The bench's own contracts, in any size, and what its PostgreSQL is doing."""

import argparse
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil
import yaml

from bench import items
from bench.items import Work
from deploy import postgres
from hub.config import connector_schemas, contract_files
from hub.db import migrate as migrating
from hub.domain.contracts import Contracts
from hub.domain.load import load
from hub.settings import HOME
from hub.wiring import Hub

STATEMENTS = ("shared_preload_libraries=pg_stat_statements", "pg_stat_statements.track=all")


ENTITY = "approval_item"
SCHEMA = f"schemas/{ENTITY}.json"
DESK = "mappings/desk/"
PULLS = tuple(f"mappings/{system}/{ENTITY}.pull.yaml" for system in ("web", "front", "direct"))


def files(fields: int = items.FIELDS, receivers: int = 1) -> dict[str, str]:
    """The bench's contract files on the product's own code lists, with so many fields an item (10
    to 60).
    """
    codes = {
        path: text for path, text in _texts(HOME).items() if path.startswith("mappings/codes/")
    }
    own = _texts(HOME / "bench/contracts")
    own |= _resized(own, fields) if fields != items.FIELDS else {}
    desks = {path: text for path, text in own.items() if path.startswith(DESK)}
    more = {
        path.replace(DESK, f"mappings/desk{number}/"): text
        for number in range(2, receivers + 1)
        for path, text in desks.items()
    }
    kept = {path: text for path, text in own.items() if receivers or path not in desks}
    return codes | kept | more


def _texts(home: Path) -> dict[str, str]:
    """The contract files below a folder; all of ours can be read."""
    return {path: text for path, text in contract_files(home).items() if isinstance(text, str)}


def _resized(own: Mapping[str, str], fields: int) -> dict[str, str]:
    """The last fields left out, or the first repeated under other names."""
    schema = json.loads(own[SCHEMA])
    every = dict(schema["properties"])
    every |= {name + items.AGAIN: rule for name, rule in every.items()}
    schema["properties"] = {name: every[name] for name in list(every)[:fields]}
    resized = {SCHEMA: json.dumps(schema)}
    for path in PULLS:
        mapping = yaml.safe_load(own[path])
        rules = mapping["fields"]
        rules |= {
            name + items.AGAIN: rule | {"from": rule["from"] + items.AGAIN}
            for name, rule in rules.items()
        }
        mapping["fields"] = {name: rules[name] for name in schema["properties"]}
        resized[path] = json.dumps(mapping)
    push = f"{DESK}{ENTITY}.push.yaml"
    resized[push] = own[push].replace("  blyj: {from: opinion}\n", "")
    return resized


def contracts(fields: int = items.FIELDS, receivers: int = 1) -> Contracts:
    """The bench's contracts, checked and compiled."""
    return load(files(fields, receivers), connector_schemas(), year=2026)


def migrate(hub: Hub, own: Contracts) -> None:
    """Bring a hub's database up to the bench's contracts, and let it work by these."""
    migrating.migrate(hub.settings.database_url, own.entities.values())
    hub.contracts = own
    hub.refresh_facts()


SIZE = ("records", "projects", "fields", "receivers")


def add_size(parser: argparse.ArgumentParser) -> None:
    """The options that say how much work there is."""
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--projects", type=int, default=0, help="one for 20 records unless given")
    parser.add_argument("--fields", type=int, default=items.FIELDS, help="10 to 60")
    parser.add_argument(
        "--receivers", type=int, default=1, help="partners that each item is marked for"
    )


def work_of(asked: argparse.Namespace) -> Work:
    """The work that these options ask for."""
    columns: tuple[str, ...] = ()
    if asked.fields != items.FIELDS:
        mapping = yaml.safe_load(files(asked.fields)[PULLS[0]])
        columns = ("lsh", *dict.fromkeys(rule["from"] for rule in mapping["fields"].values()))
    return items.work(asked.records, projects=asked.projects, columns=columns)


def size_of(asked: argparse.Namespace) -> list[str]:
    """The same options, for another process."""
    return [word for name in SIZE for word in (f"--{name}", str(getattr(asked, name)))]


def process_of(cluster: postgres.Cluster) -> psutil.Process:
    """The process of a PostgreSQL that runs."""
    return psutil.Process(
        int((cluster.data / "postmaster.pid").read_text(encoding="ascii").split()[0])
    )


def cpu_of(server_process: psutil.Process) -> float:
    """CPU seconds of a PostgreSQL so far: its processes now, and those that have ended."""
    own = server_process.cpu_times()
    total = own.user + own.system + own.children_user + own.children_system
    return float(total) + sum(map(_spent, server_process.children()))


def cpu_of_backends(server_process: psutil.Process) -> float:
    """CPU seconds so far of the processes that a PostgreSQL has now, without autovacuum: what that
    does in one case is mostly for the cases before.
    """
    total = 0.0
    for child in server_process.children():
        with suppress(psutil.NoSuchProcess):
            if "autovacuum" not in " ".join(child.cmdline()):
                total += _spent(child)
    return total


def _spent(process: psutil.Process) -> float:
    """CPU seconds of one process, to the nanosecond, where `cpu_times` counts in hundredths."""
    with suppress(FileNotFoundError, ProcessLookupError):  # a connection just closed
        spent = Path(f"/proc/{process.pid}/schedstat").read_text(encoding="ascii")
        return int(spent.split()[0]) / 1e9
    return 0.0

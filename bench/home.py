"""The bench's own contracts, and its own PostgreSQL."""

import argparse
import json
import shutil
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import yaml

from bench import items
from bench.items import Work
from deploy import postgres
from hub.rules.contracts import Contracts
from hub.rules.load import load
from hub.settings import HOME
from hub.wiring import connector_schemas, contract_files

SETTINGS = ("shared_buffers=512MB", "max_wal_size=4GB", "wal_compression=on")
"""Alike for all; fsync and synchronous commit stay on."""

STATEMENTS = ("shared_preload_libraries=pg_stat_statements", "pg_stat_statements.track=all")


ENTITY = "approval_item"
SCHEMA = f"schemas/{ENTITY}.json"
PULLS = tuple(f"mappings/{system}/{ENTITY}.pull.yaml" for system in ("web", "front"))


def files(fields: int = items.FIELDS) -> dict[str, str]:
    """The bench's contract files on the product's own code lists, with so many fields an item (10 to 60)."""
    codes = {path: text for path, text in contract_files(HOME).items() if path.startswith("mappings/codes/")}
    own = contract_files(HOME / "bench/contracts")
    return codes | own | (_resized(own, fields) if fields != items.FIELDS else {})


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
        rules |= {name + items.AGAIN: rule | {"from": rule["from"] + items.AGAIN} for name, rule in rules.items()}
        mapping["fields"] = {name: rules[name] for name in schema["properties"]}
        resized[path] = json.dumps(mapping)
    push = "mappings/desk/approval_item.push.yaml"
    resized[push] = own[push].replace("  blyj: {from: opinion}\n", "")
    return resized


def contracts(fields: int = items.FIELDS) -> Contracts:
    """The bench's contracts, checked and compiled."""
    return load(files(fields), connector_schemas(), year=2026)


def add_size(parser: argparse.ArgumentParser) -> None:
    """The options that say how much work there is."""
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--projects", type=int, default=0, help="one for 20 records unless given")
    parser.add_argument("--fields", type=int, default=items.FIELDS, help="10 to 60")


def work_of(asked: argparse.Namespace) -> Work:
    """The work that these options ask for."""
    columns: tuple[str, ...] = ()
    if asked.fields != items.FIELDS:
        mapping = yaml.safe_load(files(asked.fields)[PULLS[0]])
        columns = ("lsh", *dict.fromkeys(rule["from"] for rule in mapping["fields"].values()))
    return items.work(asked.records, projects=asked.projects, columns=columns)


def size_of(asked: argparse.Namespace) -> list[str]:
    """The same options, for another process."""
    return ["--records", str(asked.records), "--projects", str(asked.projects), "--fields", str(asked.fields)]


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

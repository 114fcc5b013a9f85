"""The intake route: what partners push, received with a durable receipt, beside a bare insert.

`python -m bench.inbound [--clients N] [--seconds S] [--runs N] [--keep NAME]`: records a second
over HTTP, proven by a bearer, for bodies of one record and of a list, each answered once it is
committed (fsync on); beside it the yardstick, as many connections that each insert and commit the
same body, in turns. The server is `python -m hub.web` as it is.
"""

import argparse
import asyncio
import itertools
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import psycopg
import requests

from bench.database import free_port, server
from bench.kept import keep
from bench.prefill import cpu, percentile
from deploy import postgres
from hub import wiring
from hub.model import Json
from hub.settings import HOME

SAMPLE = HOME / "tests/mappings/telecom/utility_connection.pull/01.in.json"
PATH, CONTRACT, SECRET = "/v1/intake/bench/applications", "mappings/bench", "secret"
SYSTEM = """title: {zh: 推送方, en: Caller}
department: {zh: 测量, en: Bench}
connector: inbox
connect:
  auth: {kind: headers, headers: {Authorization: "Bearer {secret}"}}
  limits: {per_minute: 10000000}
pool: {slots: 1}
every: 5m
freshness: 1h
owner: 测量
"""
BODIES = {"single": 1, "lists": 20}
"""Case -> records of a body."""


def home_of(folder: Path) -> Path:
    """The product's contracts, and one partner more that pushes what telecommunications pushes."""
    for name in ("schemas", "mappings"):
        shutil.copytree(HOME / name, folder / name)
    own, telecom = folder / CONTRACT, folder / "mappings/telecom"
    shutil.copytree(telecom / "codes", own / "codes")
    shutil.copy(telecom / "utility_connection.pull.yaml", own)
    (own / "system.yaml").write_text(SYSTEM, encoding="utf-8")
    schema = folder / "schemas/utility_connection.json"
    said = schema.read_text(encoding="utf-8").replace('"telecom"', '"telecom", "bench"', 1)
    schema.write_text(said, encoding="utf-8")
    return folder


@contextmanager
def serving(environ: dict[str, str]) -> Iterator[int]:
    """The console and API as a process of its own; give its port."""
    port = free_port()
    own = os.environ | environ | {"HUB_API_PORT": str(port), "HUB_API_HOST": "127.0.0.1"}
    process = subprocess.Popen([sys.executable, "-m", "hub.web"], cwd=HOME, env=own)
    try:
        for _ in range(3_000):
            try:
                requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5)
                break
            except requests.ConnectionError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


def bodies(size: int) -> Iterator[bytes]:
    """Bodies of so many records, each of another content."""
    record = orjson.loads(SAMPLE.read_bytes())
    for number in itertools.count():
        rows = [record | {"sqbh": f"{size}-{number}-{at}-{time.time_ns()}"} for at in range(size)]
        yield orjson.dumps({"data": {"list": rows}})


async def client(port: int, given: Iterator[bytes], until: float, times: list[float]) -> None:
    """Push one body after the other on one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {SECRET}\r\n"
        "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n"
    )
    while (began := time.perf_counter()) < until:
        body = next(given)
        writer.write(head.format(len(body)).encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        said = await reader.readexactly(length)
        if not answer.startswith(b"HTTP/1.1 200") or b'"repeated":false' not in said:
            raise SystemExit((answer + said).decode())
        times.append(time.perf_counter() - began)
    writer.close()


async def pushed(port: int, size: int, asked: argparse.Namespace) -> list[float]:
    """So many clients at once for so long; the seconds of every answer."""
    times: list[float] = []
    given, until = bodies(size), time.perf_counter() + asked.seconds
    await asyncio.gather(*(client(port, given, until, times) for _ in range(asked.clients)))
    return times


def inserted(url: str, size: int, asked: argparse.Namespace) -> list[float]:
    """The yardstick: as many connections insert the same bodies, a commit each."""
    times: list[float] = []
    until = time.perf_counter() + asked.seconds

    def insert() -> None:
        given = bodies(size)
        with psycopg.connect(url, autocommit=True) as tx:
            while (began := time.perf_counter()) < until:
                tx.execute("insert into public.yardstick (body) values (%s)", (next(given),))
                times.append(time.perf_counter() - began)

    threads = [threading.Thread(target=insert) for _ in range(asked.clients)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return times


def measure(cluster: postgres.Cluster, asked: argparse.Namespace, folder: Path) -> dict[str, Json]:
    """Both in turns, some rounds, for each size of a body."""
    url = cluster.url("bench")
    environ = {
        "HUB_DATABASE_URL": url,
        "HUB_HASH_KEY": "bench",
        "HUB_HOME": str(home_of(folder)),
        "HUB_CONN_BENCH": f"http://bench:{SECRET}@bench",
        "HUB_INTAKE_A_MINUTE": "10000000",
    }
    hub = wiring.start(environ=environ)
    hub.migrate()
    hub.close()
    found: dict[str, dict[str, list[list[float]]]] = {
        case: {"hub": [], "insert": []} for case in BODIES
    }
    burnt = dict.fromkeys(BODIES, 0.0)
    with serving(environ) as port, psycopg.connect(url, autocommit=True) as tx:
        tx.execute("create table public.yardstick (id bigserial primary key, body bytea)")
        asyncio.run(pushed(port, 1, argparse.Namespace(clients=1, seconds=1)))
        for _ in range(asked.runs):
            for case, size in BODIES.items():
                found[case]["insert"].append(inserted(url, size, asked))
                before = cpu()
                found[case]["hub"].append(asyncio.run(pushed(port, size, asked)))
                burnt[case] += cpu() - before
        ((kept,),) = tx.execute("select sum(records) from hub.inbound").fetchall()
    return {
        "clients": asked.clients,
        "kept": int(kept),
        "fsync": True,
        "cases": [
            _case(name, size, found[name], burnt[name], asked) for name, size in BODIES.items()
        ],
    }


def _case(
    name: str,
    size: int,
    found: dict[str, list[list[float]]],
    burnt: float,
    asked: argparse.Namespace,
) -> dict[str, Json]:
    rates = {
        who: statistics.median(len(times) * size / asked.seconds for times in runs)
        for who, runs in found.items()
    }
    ratio = statistics.median(
        len(mine) / len(bare) for mine, bare in zip(found["hub"], found["insert"], strict=True)
    )
    answered = sum(map(len, found["hub"]))
    return {
        "case": name,
        "records_of_a_body": size,
        "records_a_second": round(rates["hub"]),
        "insert_records_a_second": round(rates["insert"]),
        "share_of_insert": round(ratio, 3),
        "p50_ms": round(statistics.median(percentile(one, 0.5) for one in found["hub"]), 1),
        "p99_ms": round(statistics.median(percentile(one, 0.99) for one in found["hub"]), 1),
        "cpu_ms_a_body": round(burnt / answered * 1000, 2),
    }


def main() -> None:
    """Measure and keep."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--keep", default="inbound", help="name in bench/results")
    asked = parser.parse_args()
    with server() as cluster, tempfile.TemporaryDirectory() as folder:
        cluster.ensure_database("bench")
        figures = measure(cluster, asked, Path(folder))
    keep(asked.keep, {"runs": asked.runs, "seconds": asked.seconds, **figures})


if __name__ == "__main__":
    main()

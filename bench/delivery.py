"""Delivery to a REST partner that takes batches, against a bare loop that posts the same bodies:
ratios in one run.
"""

import argparse
import cProfile
import json
import pstats
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

import orjson
import requests

from bench.database import free_port, server
from bench.kept import keep
from deploy import postgres
from hub import wiring
from hub.contract import Connector
from hub.db import records
from hub.db.deliveries import outbox
from hub.domain.contracts import PushFlow
from hub.model import Json, Page, Raw
from hub.pipeline import intake
from hub.settings import HOME

PULL, PUSH = "pull.investment.project", "push.power.project"
CODE = "2405-520502-04-01-{:06}"
PAGE = 1_000


class Partner(BaseHTTPRequestHandler):
    """Takes a batch, keeps nothing, answers for each record after its service time."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    service = 0.0

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer: dict[str, Json] = {
            "code": "0000",
            "msg": "",
            "data": {"accessToken": "t", "expiresIn": 7200},
        }
        if isinstance(asked.get("data"), list):
            time.sleep(self.service)
            answer["data"] = [
                {"serialNo": record["serialNo"], "code": "0000"} for record in asked["data"]
            ]
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def partner(service: float) -> Iterator[int]:
    """A partner process of its own; give its port."""
    port = free_port()
    command = [sys.executable, "-m", "bench.delivery", "--serve", str(port), str(service)]
    process = subprocess.Popen(command, cwd=HOME)  # noqa: S603  our own program
    try:
        for _ in range(100):
            try:
                requests.post(f"http://127.0.0.1:{port}/api/token", json={}, timeout=5)
                break
            except requests.ConnectionError:
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


class Memory:
    """Projects from memory: one real record under many codes."""

    def __init__(self, count: int) -> None:
        self.count = count
        sample = HOME / "tests/mappings/investment/project.pull/01.in.json"
        self.sample: dict[str, Json] = orjson.loads(sample.read_bytes())

    def pages(
        self,
        read: Mapping[str, Json],  # noqa: ARG002
        *,
        since: str | int | None,  # noqa: ARG002
        resume: Json,  # noqa: ARG002
    ) -> Iterator[Page]:
        for start in range(0, self.count, PAGE):
            stop = min(start + PAGE, self.count)
            rows = (
                self.sample | {"id": n, "xmdm": CODE.format(n), "xmmc": f"项目{n}"}
                for n in range(start, stop)
            )
            records_ = tuple(Raw(orjson.dumps(row), str(row["id"])) for row in rows)
            yield Page(
                records_, read=len(records_), resume=stop, high=None, last=stop == self.count
            )


def bodies(hub: wiring.Hub, flow: PushFlow) -> list[dict[str, Json]]:
    """What the hub would send, with a key each."""
    made = []
    with hub.database.write() as tx:
        ids = records.record_ids(tx, flow.entity, after=0, most=10_000_000)
        for start in range(0, len(ids), 5_000):
            for row in records.golden(tx, flow.entity, ids[start : start + 5_000]).values():
                body = flow.shaper.shape(row.values, {"project": row.values}).body
                made.append(cast("dict[str, Json]", body) | {"serialNo": f"{row.record_id:032x}"})
    return made


def bare(port: int, made: list[dict[str, Json]], size: int) -> float:
    """The yardstick: one session, one batch after another, the answer read."""
    session = requests.Session()
    session.trust_env = False
    began = time.perf_counter()
    for start in range(0, len(made), size):
        envelope = {
            "serviceCode": "20001780",
            "source": "HUB",
            "target": "37101",
            "data": made[start : start + size],
        }
        answer = session.post(
            f"http://127.0.0.1:{port}/api/needs", json=envelope, timeout=60
        ).json()
        if answer["code"] != "0000" or any(one["code"] != "0000" for one in answer["data"]):
            raise SystemExit(answer["msg"])
    return time.perf_counter() - began


def through_the_hub(hub: wiring.Hub) -> float:
    """The same records through the push flow, everything on; every one is new to the partner."""
    with hub.database.write() as tx:
        tx.execute("truncate hub.delivery")
        outbox.mark_all(tx, PUSH, hub.contracts.pushes[PUSH].entity.name)
    began = time.perf_counter()
    hub.push(PUSH)
    return time.perf_counter() - began


def measure(
    cluster: postgres.Cluster, service: float, asked: argparse.Namespace
) -> dict[str, Json]:
    """One partner: bare loop and hub in turn."""
    with partner(service) as port:
        url = cluster.url("bench")
        uri = f"http://u:s@127.0.0.1:{port}/api"
        hub = wiring.start(
            environ={"HUB_DATABASE_URL": url, "HUB_HASH_KEY": "bench", "HUB_CONN_POWER": uri}
        )
        flow = hub.contracts.pushes[PUSH]
        made = bodies(hub, flow)
        loop, ours, busy = [], [], []
        for _ in range(asked.runs):
            loop.append(bare(port, made, flow.batch))
            before = time.process_time()
            ours.append(through_the_hub(hub))
            busy.append(time.process_time() - before)
        if asked.profile:
            profiled(hub)
        hub.close()
    yardstick, middle = statistics.median(loop), statistics.median(ours)
    return {
        "service_ms_a_batch": service * 1000,
        "batch": flow.batch,
        "bare_s": round(yardstick, 3),
        "hub_s": round(middle, 3),
        "hub_cpu_us_a_record": round(statistics.median(busy) / len(made) * 1e6, 1),
        "share_of_bare": round(yardstick / middle, 3),
    }


def profiled(hub: wiring.Hub) -> None:
    """Where the hub's own time goes."""
    profile = cProfile.Profile()
    profile.enable()
    through_the_hub(hub)
    profile.disable()
    pstats.Stats(profile).sort_stats("cumulative").print_stats(40)


def main() -> None:
    """Print the ratios for several service times of the partner."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--service", type=float, nargs="*", default=[0, 0.02, 0.1], help="seconds a batch"
    )
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--serve", nargs=2, metavar=("PORT", "SECONDS"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        Partner.service = float(asked.serve[1])
        ThreadingHTTPServer(("127.0.0.1", int(asked.serve[0])), Partner).serve_forever()
    with server() as cluster:
        cluster.ensure_database("bench")
        hub = wiring.start(
            environ={"HUB_DATABASE_URL": cluster.url("bench"), "HUB_HASH_KEY": "bench"}
        )
        hub.migrate()
        pull = hub.contracts.pulls[PULL]
        source = cast("Connector", Memory(asked.records))
        intake.pull(hub.database, hub.contracts, pull, connector=source, settings=hub.settings)
        hub.close()
        cases: list[Json] = [measure(cluster, service, asked) for service in asked.service]
    keep("delivery", {"records": asked.records, "runs": asked.runs, "cases": cases})


if __name__ == "__main__":
    main()

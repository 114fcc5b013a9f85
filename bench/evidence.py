"""What evidence costs: an answer of the API, a batch of intake, a push, with its triggers and
without them.

`python -m bench.evidence [--reads N] [--records N] [--runs N] [--keep NAME]`: the same work by
turns in one database. An answer is timed at the client, intake in CPU microseconds of the hub and
of PostgreSQL a record.
"""

import argparse
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import cast

import requests
import uvicorn

from bench.database import server
from bench.home import cpu_of, process_of
from bench.kept import keep
from bench.partners import INVESTMENT, Payloads
from deploy import postgres
from hub import auth, wiring
from hub.api import make_app
from hub.contract import Connector
from hub.domain.sealed_tables import SEALED
from hub.model import Json
from hub.pipeline import intake
from hub.wiring import Hub


def switch(hub: Hub, *, on: bool) -> None:
    """Let triggers note acts, or none."""
    verb = "enable" if on else "disable"
    with hub.database.write() as tx:
        for table in SEALED:
            for event in ("insert", "update", "delete"):
                tx.execute(f"alter table hub.{table} {verb} trigger note_{table}_{event}".encode())


@contextmanager
def api(hub: Hub) -> Iterator[Callable[[], None]]:
    """The API on a real socket: what asks it for one project."""
    with hub.database.write() as tx:
        token = auth.open_account(tx, "bench", "service", department="")
        auth.grant(
            tx,
            hub.contracts.granted,
            "bench",
            "project",
            classes=("public",),
            purpose="bench",
            valid_from=date(2020, 1, 1),
            valid_until=date(2099, 1, 1),
        )
        code = str(next(iter(tx.execute("select project_code from golden.project limit 1")))[0])
    listener = socket.create_server(("127.0.0.1", 0))
    served = uvicorn.Server(uvicorn.Config(make_app(hub), log_level="critical", access_log=False))
    thread = threading.Thread(target=served.run, kwargs={"sockets": [listener]})
    thread.start()
    while not served.started:
        time.sleep(0.01)
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token}"
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1/projects/{code}"
    try:
        yield lambda: session.get(url, timeout=30).raise_for_status()
    finally:
        session.close()
        served.should_exit = True
        thread.join()
        listener.close()


def read(ask: Callable[[], None], times: int) -> list[float]:
    """Milliseconds of each answer."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        took.append((time.perf_counter() - began) * 1e3)
    return took


def load(cluster: postgres.Cluster, records: int, *, on: bool) -> float:
    """CPU microseconds a record of a first load into a database of its own."""
    cluster.drop_database("evidence")
    cluster.ensure_database("evidence")
    hub = wiring.start(
        environ={"HUB_DATABASE_URL": cluster.url("evidence"), "HUB_HASH_KEY": "bench"}
    )
    hub.migrate()
    switch(hub, on=on)
    processes = process_of(cluster)
    source = cast("Connector", Payloads(INVESTMENT.payloads(range(records))))
    client, database = time.process_time(), cpu_of(processes)
    intake.pull(
        hub.database,
        hub.contracts,
        hub.contracts.pulls[INVESTMENT.flow],
        connector=source,
        settings=hub.settings,
    )
    took = time.process_time() - client + cpu_of(processes) - database
    hub.close()
    return took / records * 1e6


def main() -> None:
    """Measure and keep."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reads", type=int, default=500)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--keep", metavar="NAME")
    given = parser.parse_args()
    figures: dict[str, list[float]] = {}
    with server() as cluster:
        for _ in range(given.runs):
            for on in (False, True):
                word = "with" if on else "without"
                figures.setdefault(f"intake_{word}_us", []).append(
                    load(cluster, given.records, on=on)
                )
        hub = wiring.start(
            environ={"HUB_DATABASE_URL": cluster.url("evidence"), "HUB_HASH_KEY": "bench"}
        )
        with api(hub) as ask:
            read(ask, 50)
            for _ in range(given.runs * 2):
                for on in (False, True):
                    switch(hub, on=on)
                    word = "with" if on else "without"
                    figures.setdefault(f"answer_{word}_ms", []).extend(read(ask, given.reads))
        hub.close()
    said: dict[str, Json] = {
        name: round(statistics.median(values), 3) for name, values in figures.items()
    }
    for name, value in said.items():
        print(name, value)
    if given.keep:
        keep(given.keep, said)


if __name__ == "__main__":
    main()

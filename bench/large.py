"""What a hub of a million projects costs, half of them with a former version in one of twelve
months of history.

Questions are timed in the service and over HTTP; every one is searched for sequential scans of big
tables. Then `hub verify`, and intake and look-up beside the same in a hub without a past.
"""

import argparse
import random
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Self

import psutil
import psycopg
import requests

from bench.database import server
from bench.kept import keep
from bench.million import PULL, PUSH, fill
from bench.prefill import FORM, serving
from hub import auth, wiring
from hub.db import landing
from hub.db.database import Transaction
from hub.db.deliveries import outbox
from hub.db.records import projects
from hub.db.runs import reading
from hub.domain.rights import operator
from hub.domain.times import HUB_ZONE
from hub.model import Json
from hub.services import lineage
from hub.services.prefill import prefill

TIMES = 200
BIG = 100_000
SCANS = """
    select s.schemaname || '.' || s.relname, s.seq_scan from pg_stat_all_tables s join pg_class c
        on c.oid = s.relid
     where c.reltuples > %s and s.schemaname in ('hub', 'source', 'golden')
"""

Question = Callable[[Transaction, int], object]


def questions(hub: wiring.Hub) -> dict[str, Question]:
    """What is asked of a big hub, by the number of a record."""
    contracts, rights = hub.contracts, operator(hub.contracts.entities)
    entities, form = list(contracts.entities.values()), contracts.forms[FORM]

    def page(tx: Transaction, record: int) -> object:
        (code,) = tx.execute("select key from hub.record where id = %s", (record,)).fetchone() or (
            "",
        )
        known = projects.known_of_project(tx, entities, code)
        arrived = projects.arrivals(tx, {one for row in known for one in row.provenance.values()})
        return known, arrived, projects.deliveries(tx, [row.record_id for row in known])

    today = datetime.now(HUB_ZONE).date()

    def filled(tx: Transaction, record: int) -> object:
        (code,) = tx.execute("select key from hub.record where id = %s", (record,)).fetchone() or (
            "",
        )
        return prefill(tx, contracts, form, project_code=code, rights=rights, on=today)

    return {
        "history of a record": lambda tx, record: lineage.of_record(
            tx, contracts, str(record), rights=rights
        ),
        "lineage of a field": lambda tx, record: lineage.of_field(
            tx, contracts, str(record), "name", rights=rights
        ),
        "project page": page,
        "prefill": filled,
        "due marks": lambda tx, record: outbox.take(
            tx, PUSH, after=record % 1000, most=1000, died=4, lonely=False
        ),
        "awaited verdicts": lambda tx, _: outbox.awaited(tx, PUSH, after="", most=1000),
        "releasable": lambda tx, _: (
            landing.releasable(tx, PULL, after=0, most=1000),
            landing.releasable_flows(tx),
        ),
        "runs": lambda tx, _: reading.run_rows(tx),
        "how deliveries stand": lambda tx, _: reading.deliveries_now(tx),
    }


def percentile(times: list[float], share: float) -> float:
    """So large a share is answered within so many milliseconds."""
    return round(sorted(times)[int((len(times) - 1) * share)] * 1000, 2)


def timed(ask: Callable[[int], object], ids: list[int]) -> dict[str, Json]:
    """Median and 99th percentile."""
    times = []
    for record in ids:
        began = time.perf_counter()
        ask(record)
        times.append(time.perf_counter() - began)
    return {"p50_ms": percentile(times, 0.5), "p99_ms": percentile(times, 0.99)}


def scans(url: str) -> Mapping[str, int]:
    """Sequential scans of big tables so far."""
    with psycopg.connect(url) as tx:
        tx.execute("select pg_stat_force_next_flush()")
        return dict(tx.execute(SCANS, (BIG,)).fetchall())


def asked_of(hub: wiring.Hub, ids: list[int]) -> dict[str, Json]:
    """Each question in the service, with the big tables that it scanned."""
    url, found = hub.settings.database_url, dict[str, Json]()
    for name, ask in questions(hub).items():
        before = scans(url)
        with hub.database.write() as tx:
            some = ids if name not in {"how deliveries stand", "due marks"} else ids[:10]
            figures = timed(lambda record, ask=ask, tx=tx: ask(tx, record), some)  # type: ignore[misc]
            tx.execute("select pg_stat_force_next_flush()")
        time.sleep(0.1)
        after = scans(url)
        scanned: list[Json] = [
            table for table, count in after.items() if count > before.get(table, 0)
        ]
        found[name] = figures | {"scanned": scanned}
        print(name, found[name])
    return found


def over_http(hub: wiring.Hub, ids: list[int]) -> dict[str, Json]:
    """The same over HTTP, one client."""
    with hub.database.write() as tx:
        token = auth.open_account(tx, f"auditor{time.time()}", "auditor", department="")
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {token}"
    paths = {
        "history of a record": "/v1/records/{}/lineage",
        "lineage of a field": "/v1/records/{}/fields/name/lineage",
    }
    with serving(hub.settings.database_url) as port:

        def get(path: str) -> None:
            session.get(f"http://127.0.0.1:{port}{path}", timeout=30).raise_for_status()

        for path in paths.values():
            get(path.format(ids[0]))
        return {
            name: timed(lambda one, path=path: get(path.format(one)), ids)  # type: ignore[misc]
            for name, path in paths.items()
        }


class Peak:
    """The most memory that this process has held while the block lasted, in MiB, beyond what it
    held before.
    """

    def __enter__(self) -> Self:
        self._process, self._over = psutil.Process(), threading.Event()
        self.most = self._process.memory_info().rss
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            self.most = max(self.most, self._process.memory_info().rss)

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self.mib = round(self.most / 2**20)


def verified(hub: wiring.Hub) -> dict[str, Json]:
    """`hub verify`, with its stages."""
    began, stages = time.perf_counter(), dict[str, Json]()

    def progress(kind: str, count: int) -> None:
        if count:
            stages[kind] = [count, round(time.perf_counter() - began, 1)]

    with Peak() as peak:
        found = hub.verify(progress)
    seconds = round(time.perf_counter() - began, 1)
    return {
        "seconds": seconds,
        "wrong": found.wrong,
        "peak_mib": peak.mib,
        "stages_count_until_s": stages,
    }


def main() -> None:
    """Fill (or find what was filled before) and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--projects", type=int, default=1_000_000)
    parser.add_argument("--data", type=Path, help="keep the database here, or find it here")
    parser.add_argument("--only", nargs="*", default=["questions", "http", "verify"])
    asked = parser.parse_args()
    found = asked.data is not None and asked.data.exists()
    figures: dict[str, Json] = {"projects": asked.projects}
    with server(asked.data) as cluster:
        cluster.ensure_database("bench")
        hub = wiring.start(
            environ={"HUB_DATABASE_URL": cluster.url("bench"), "HUB_HASH_KEY": "bench"}
        )
        if found:
            hub.migrate()
        else:
            fill(hub, asked.projects)
        with hub.database.write() as tx:
            (first, last) = tx.execute("select min(id), max(id) from hub.record").fetchone() or (
                1,
                1,
            )
        ids = [random.randint(first, last) for _ in range(TIMES)]  # noqa: S311
        if "questions" in asked.only:
            figures["questions"] = asked_of(hub, ids)
        if "http" in asked.only:
            figures["over_http"] = over_http(hub, ids)
        if "console" in asked.only:
            # needs a browser, which only this part does
            from bench.console import painted  # noqa: PLC0415

            figures["console"] = painted(hub)
        if "verify" in asked.only:
            figures["verify"] = verified(hub)
        hub.close()
    keep("large", figures)


if __name__ == "__main__":
    main()

"""What a night's comparison of a table costs, beside reading the whole table, in one run.

python -m bench.reconcile --records 200000
"""

import argparse
import statistics
import time
from collections.abc import Callable

import psycopg

from bench import database, home
from bench.source import Table
from hub import wiring
from hub.contract import Connector
from hub.db.runs.reading import run_rows

FLOW = "pull.front.approval_item"
RUNS = 3
SILENT = "update items set spbmmc = spbmmc || '*' where lsh %% 100 = %s"


def measured(case: Callable[[], str]) -> tuple[float, str]:
    """Seconds, and what came out."""
    began = time.perf_counter()
    said = case()
    return time.perf_counter() - began, said


def compared(hub: wiring.Hub) -> str:
    """One night; its outcomes."""
    run = hub.reconcile(FLOW)
    with hub.database.write() as tx:
        (row,) = run_rows(tx, run_id=run)
    return ", ".join(f"{count} {name}" for name, count in row.counts.items() if count)


def read(connector: Connector, hub: wiring.Hub) -> str:
    """The yardstick: every page of the source, and nothing else."""
    pages = connector.pages(hub.contracts.pulls[FLOW].read, since=None, resume=None)
    return f"{sum(page.read for page in pages)} read"


def by_pages(hub: wiring.Hub) -> wiring.Hub:
    """The same hub for a partner that computes no checksums."""
    flow = hub.contracts.pulls[FLOW]
    # this bench's own contracts, compiled a moment ago
    flow.connect["checksum"] = ""  # type: ignore[index]
    return hub


def measure(url: str, own: str, asked: argparse.Namespace) -> None:
    """Take the table in, then compare it: the first night, nights without change, a night after
    silent edits.
    """
    table = Table(url, home.work_of(asked))
    environ = {"HUB_DATABASE_URL": own, "HUB_HASH_KEY": "bench", "HUB_CONN_FRONT": url}
    hub = wiring.start(environ={**environ, "HUB_RECONCILE_RECORDS": str(10 * asked.records)})
    home.migrate(hub, home.contracts(asked.fields))
    show("taken in", *measured(lambda: f"run {hub.pull(FLOW)}"))
    show("first night, everything is read", *measured(lambda: compared(hub)))
    with hub.connector(hub.contracts.pulls[FLOW]) as connector:
        whole = [measured(lambda: read(connector, hub)) for _ in range(RUNS)]
    nights = [measured(lambda: compared(hub)) for _ in range(RUNS)]
    yardstick = statistics.median(seconds for seconds, _ in whole)
    show("reading the whole table", yardstick, whole[0][1])
    show(
        "a night, nothing changed",
        statistics.median(seconds for seconds, _ in nights),
        nights[0][1],
        yardstick,
    )
    with psycopg.connect(table.url) as connection:
        connection.execute(SILENT, (7,))
    show("a night, 1 % silently edited", *measured(lambda: compared(hub)), yardstick)
    show("the night after", *measured(lambda: compared(hub)), yardstick)
    show("a night without checksums", *measured(lambda: compared(by_pages(hub))), yardstick)
    hub.close()


def show(name: str, seconds: float, said: str, yardstick: float = 0) -> None:
    """One line."""
    print(
        (
            f"{name:36}{seconds:8.2f} s{f'{seconds / yardstick:7.2f} x' if yardstick else '':10} "
            f" {said}"
        ),
        flush=True,
    )


def main() -> None:
    """On a PostgreSQL of its own, for the source and for the hub."""
    parser = argparse.ArgumentParser(description=__doc__)
    home.add_size(parser)
    asked = parser.parse_args()
    with database.server() as cluster:
        for name in ("source", "hub"):
            cluster.ensure_database(name)
        measure(cluster.url("source"), cluster.url("hub"), asked)


if __name__ == "__main__":
    main()

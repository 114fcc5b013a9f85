"""A second system's statement of records that stand already, beside the first load of the same
records.

`python -m bench.second [--records N] [--runs N] [--keep NAME]`: CPU microseconds a record of the
hub and of PostgreSQL, on the product's own mappings: investment's projects first, then approval's
word on every one of them. The ratio to the first load of the same run is the figure that other
machines can compare.
"""

import argparse
import cProfile
import pstats
import statistics
import time
from dataclasses import dataclass
from typing import cast

from bench.database import server
from bench.home import cpu_of, process_of
from bench.kept import keep
from bench.prefill import CODE, Rows, sample
from deploy import postgres
from hub import wiring
from hub.contract import Connector
from hub.model import Json
from hub.pipeline import intake

FIRST, SECOND = "pull.investment.project", "pull.approval.project"


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU microseconds a record."""

    client: float
    database: float

    @property
    def both(self) -> float:
        return self.client + self.database


def statements(records: int) -> dict[str, list[dict[str, Json]]]:
    """Flow -> what its system says: of the same projects, differing in most fields that both have a
    say in.
    """
    own, other = sample("investment", "project"), sample("approval", "project")
    codes = [CODE.format(n) for n in range(records)]
    return {
        FIRST: [own | {"id": n, "xmdm": code, "xmmc": f"项目{n}"} for n, code in enumerate(codes)],
        SECOND: [
            other | {"xmdm": code, "gcdm": f"{code}-001", "dfsjzj": f"p{n}"}
            for n, code in enumerate(codes)
        ],
    }


def loads(cluster: postgres.Cluster, records: int, *, profile: bool = False) -> dict[str, Cost]:
    """Flow -> what taking its records in cost, on a fresh database."""
    cluster.drop_database("second")
    cluster.ensure_database("second")
    hub = wiring.start(environ={"HUB_DATABASE_URL": cluster.url("second"), "HUB_HASH_KEY": "bench"})
    hub.migrate()
    processes, costs = process_of(cluster), {}
    for name, rows in statements(records).items():
        source = cast("Connector", Rows(rows))
        profiler = cProfile.Profile()
        client, database = time.process_time(), cpu_of(processes)
        if profile:
            profiler.enable()
        intake.pull(
            hub.database,
            hub.contracts,
            hub.contracts.pulls[name],
            connector=source,
            settings=hub.settings,
        )
        profiler.disable()
        took = time.process_time() - client, cpu_of(processes) - database
        costs[name] = Cost(*(seconds / records * 1e6 for seconds in took))
        if profile:
            pstats.Stats(profiler).strip_dirs().sort_stats("tottime").print_stats(25)
    with hub.database.write() as tx:
        ((disagreements,),) = tx.execute("select count(*) from hub.disagreement").fetchall()
    print(f"{disagreements} disagreements of {records} records")
    hub.close()
    return costs


def main() -> None:
    """Measure and keep."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--profile", action="store_true", help="print where one run's time goes instead"
    )
    parser.add_argument("--keep", default="second", help="name in bench/results")
    asked = parser.parse_args()
    with server() as cluster:
        if asked.profile:
            loads(cluster, asked.records, profile=True)
            return
        rounds = [loads(cluster, asked.records) for _ in range(asked.runs)]
    middle = {
        name: Cost(
            statistics.median(one[name].client for one in rounds),
            statistics.median(one[name].database for one in rounds),
        )
        for name in rounds[0]
    }
    figures: dict[str, Json] = {
        name: {"client_us": round(cost.client, 1), "postgresql_us": round(cost.database, 1)}
        for name, cost in middle.items()
    }
    ratio = round(middle[SECOND].both / middle[FIRST].both, 2)
    keep(
        asked.keep,
        {"records": asked.records, "runs": asked.runs, **figures, "second_over_first": ratio},
    )


if __name__ == "__main__":
    main()

"""Lists inside a record: the same records once flat and once as the parts of wholes.

`python -m bench.explode [--records N] [--parts N] [--runs N] [--keep NAME]`: CPU microseconds a
record of the hub and of PostgreSQL, the same 30 fields a record, on a fresh database each, in
turns. The ratio of parts to flat records of the same run is the figure that machines can compare.
"""

import argparse
import cProfile
import pstats
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from typing import cast

import orjson
import yaml

from bench import home, items
from bench.database import server
from bench.home import PULLS, cpu_of, process_of
from bench.kept import keep
from deploy import postgres
from hub import wiring
from hub.config import connector_schemas
from hub.contract import Connector
from hub.domain.contracts import Contracts
from hub.domain.load import load
from hub.model import Json, Page, Raw
from hub.pipeline import intake

PAGE, FLAT, PARTS = 1_000, "flat", "parts"
ITEMS, PROJECTS = "pull.web.approval_item", "pull.web.project"


class Pages:
    """A source that gives these payloads, so many a page."""

    def __init__(self, payloads: list[bytes], size: int) -> None:
        self._payloads, self._size = payloads, size

    def pages(
        self,
        read: Mapping[str, Json],  # noqa: ARG002
        *,
        since: str | int | None,  # noqa: ARG002
        resume: Json,  # noqa: ARG002
    ) -> Iterator[Page]:
        for begin in range(0, len(self._payloads), self._size):
            some = self._payloads[begin : begin + self._size]
            records = tuple(Raw(one, str(at)) for at, one in enumerate(some, begin))
            last = begin + self._size >= len(self._payloads)
            yield Page(records, read=len(records), resume=None, high=None, last=last)


def exploded(files: Mapping[str, str]) -> dict[str, str]:
    """The contract files, with items read as the elements of a list."""
    mapping = yaml.safe_load(files[PULLS[0]])
    mapping |= {
        "each": {"at": "rows", "as": "item"},
        "key": ["lot", "item.spsxslbm"],
        "version": "lsh",
        "fields": {
            name: rule | {"from": f"item.{rule['from']}"}
            for name, rule in mapping["fields"].items()
        },
    }
    return {**files, PULLS[0]: yaml.safe_dump(mapping, allow_unicode=True)}


def payloads(case: str, records: int, parts: int) -> tuple[list[bytes], int]:
    """What the source gives, and how much of it a page: as many records either way."""
    work = items.work(records)
    rows = list(work.first())
    if case == FLAT:
        return [items.payload(one) for one in rows], PAGE
    wholes = [
        orjson.dumps({"lot": begin, "lsh": begin + 1, "rows": rows[begin : begin + parts]})
        for begin in range(0, records, parts)
    ]
    return wholes, PAGE // parts


def cost(cluster: postgres.Cluster, own: Contracts, case: str, asked: argparse.Namespace) -> float:
    """CPU microseconds a record of taking them in, on a fresh database."""
    cluster.drop_database("explode")
    cluster.ensure_database("explode")
    url = cluster.url("explode")
    hub = wiring.start(environ={"HUB_DATABASE_URL": url, "HUB_HASH_KEY": "bench"})
    home.migrate(hub, own)
    projects = [
        orjson.dumps({"lsh": at, "xmdm": items.project_code(at), "xmmc": f"项目{at}"})
        for at in range(items.work(asked.records).projects)
    ]
    given, size = payloads(case, asked.records, asked.parts)
    for name, source in ((PROJECTS, Pages(projects, PAGE)), (ITEMS, Pages(given, size))):
        profiler = cProfile.Profile()
        began, before = time.process_time(), cpu_of(process_of(cluster))
        if asked.profile and name == ITEMS:
            profiler.enable()
        flow, connector = own.pulls[name], cast("Connector", source)
        intake.pull(hub.database, own, flow, connector=connector, settings=hub.settings)
        profiler.disable()
        took = time.process_time() - began + cpu_of(process_of(cluster)) - before
    if asked.profile:
        pstats.Stats(profiler).strip_dirs().sort_stats("tottime").print_stats(25)
    with hub.database.write() as tx:
        ((kept,),) = tx.execute("select count(*) from golden.approval_item").fetchall()
    hub.close()
    if kept != asked.records:
        sys.exit(f"{case}: {kept} records of {asked.records}")
    return float(took / asked.records * 1e6)


def main() -> None:
    """Measure in turns and keep."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--parts", type=int, default=10, help="records of one whole")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--profile", action="store_true", help="print where Python's time goes")
    parser.add_argument("--keep", default="explode", help="name in bench/results")
    asked = parser.parse_args()
    files = home.files()
    own = {
        FLAT: home.contracts(),
        PARTS: load(exploded(files), connector_schemas(), year=2026),
    }
    with server() as cluster:
        rounds = [
            {case: cost(cluster, own[case], case, asked) for case in own} for _ in range(asked.runs)
        ]
    middle: dict[str, Json] = {
        f"{case}_cpu_us": round(statistics.median(one[case] for one in rounds), 1) for case in own
    }
    ratio = statistics.median(one[PARTS] / one[FLAT] for one in rounds)
    keep(
        asked.keep,
        {
            "records": asked.records,
            "parts_of_a_whole": asked.parts,
            "runs": asked.runs,
            **middle,
            "parts_over_flat": round(ratio, 2),
        },
    )


if __name__ == "__main__":
    main()

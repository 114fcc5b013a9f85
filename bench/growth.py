"""How the cost of intake grows: with records, projects, fields, receivers, and with a year of
history behind it.

    python -m bench.growth --keep growth

Each size is measured as in `bench.compare`, with COPY beside it. `--axes` takes some of them; those
kept before stay.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace

import orjson

from bench import compare, home
from bench.compare import CONTENDERS, COPY, Contender, Row
from bench.database import server
from bench.kept import RESULTS, keep
from bench.plots import charts
from deploy import postgres
from hub.model import Json

HUB = next(one for one in CONTENDERS if one.name == "hub-rest")
FRESH = replace(HUB, name="no history", cases=("first", "again", "changed", "looked"))
AGED = replace(HUB, name="a year of history", cases=("first", "aged", "again", "changed", "looked"))
YARDSTICK = next(one for one in CONTENDERS if one.name == COPY)

AXES: dict[str, Sequence[int]] = {
    "records": (20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000),
    "projects": (100, 1_000, 5_000, 20_000),
    "fields": (10, 20, 30, 40, 50, 60),
    "receivers": (0, 1, 2, 4, 8),
}
RECORDS = 20_000
"""Of every axis but the first, and of the year."""


def measured(
    cluster: postgres.Cluster, contenders: Sequence[Contender], *, runs: int, size: dict[str, int]
) -> list[Row]:
    """The rows of one size."""
    asked = argparse.Namespace(records=RECORDS, projects=0, fields=30, receivers=1, profile=None)
    for name, value in size.items():
        setattr(asked, name, value)
    print(" ".join(home.size_of(asked)), file=sys.stderr)
    with compare.ground(asked, cluster, table=False) as stands:
        return compare.medians(compare.run(stands, contenders, runs=runs), asked.records)


def grown(axes: Sequence[str], *, runs: int, most: int) -> dict[str, Json]:
    """Every axis: its sizes and what was measured at each."""
    found: dict[str, Json] = {}
    with server() as cluster:
        for axis in axes:
            if axis == "year":
                found[axis] = [*measured(cluster, (YARDSTICK, FRESH, AGED), runs=runs, size={})]
                continue
            found[axis] = [
                {
                    "size": size,
                    "rows": [*measured(cluster, (YARDSTICK, HUB), runs=runs, size={axis: size})],
                }
                for size in AXES[axis]
                if axis != "records" or size <= most
            ]
    return found


def main() -> None:
    """Measure, keep and draw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--axes", default=",".join([*AXES, "year"]))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--most", type=int, default=1_000_000, help="records at most")
    parser.add_argument("--keep", default="", help="name under which figures and pictures are kept")
    asked = parser.parse_args()
    found = grown(asked.axes.split(","), runs=asked.runs, most=asked.most)
    if asked.keep:
        path = RESULTS / f"{asked.keep}.json"
        before = orjson.loads(path.read_bytes())["axes"] if path.exists() else {}
        keep(asked.keep, {"runs": asked.runs, "axes": before | found})
        charts(asked.keep)


if __name__ == "__main__":
    main()

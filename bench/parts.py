"""What the parts of intake cost on one core, each alone: CPU of 20,000 different records, the best
of three.

python -m bench.parts --keep parts
"""

import argparse
import time
from collections.abc import Callable
from typing import TypeVar

from bench import home, items
from bench.kept import keep
from hub.db import entity_tables
from hub.domain.contracts import Mapper
from hub.domain.payload import decode, keyed_hash
from hub.model import Json

T = TypeVar("T")
RECORDS, OF, ROUNDS, KEY = 20_000, 200_000, 3, b"bench"


def costs(records: int) -> dict[str, Json]:
    """Part -> CPU microseconds a record."""
    flow = home.contracts().pulls["pull.web.approval_item"]
    mapper: Mapper = flow.mapper
    work = items.work(OF)
    found: dict[str, Json] = {}

    def part(name: str, do: Callable[[], list[T]]) -> list[T]:
        took = []
        for _ in range(ROUNDS):
            began = time.process_time()
            made = do()
            took.append(time.process_time() - began)
        found[name] = round(min(took) / records * 1e6, 2)
        return made

    raw = [items.payload(work.item(number * (OF // records))) for number in range(records)]
    part("hash of the payload", lambda: [keyed_hash(one, KEY) for one in raw])
    decoded = part("decode", lambda: [decode(one, form=flow.form) for one in raw])
    mapped = part("map 30 fields and validate them", lambda: [mapper.map(one) for one in decoded])
    part(
        "cells of the typed row",
        lambda: [entity_tables.row_of(flow.entity, one.values) for one in mapped],
    )
    return found


def main() -> None:
    """Measure and keep."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--keep", default="parts", help="name in bench/results")
    asked = parser.parse_args()
    keep(asked.keep, {"records": RECORDS, "cpu_us_a_record": costs(RECORDS)})


if __name__ == "__main__":
    main()

"""Files held and passed on, beside a bare loop that copies the same files.

`python -m bench.held [--files N] [--bytes N] [--keep NAME]`: a folder of made-up papers, each with
other content. The loop reads each, writes it beside and syncs it, and no more. The hub fetches them
by its real flow from the same folder (connector `files`): digest, judging, store, database. In one
run, in turns of the same files, so that the ratio is what other machines can compare; resident
memory is looked at after the first tenth and at the end.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

import psutil

from bench.database import server
from bench.kept import keep
from bench.prefill import CODE, Rows, sample
from connectors.files import FilesConnector
from hub import wiring
from hub.contract import Connector
from hub.db import files
from hub.domain.contracts import Contracts, FileSource, PullFlow
from hub.model import Connection, Json
from hub.pipeline import fetching, intake
from hub.wiring import Hub

PROJECT, FLOW = "pull.investment.project", "pull.licence.approval_document"
WANTS = """
    insert into source.approval_document (flow, source_key, system, record_id, landing_id, version,
        contract_id, file)
    select %(flow)s, n::text, 'licence', 1, 1, '', 1, 'f' || n || '.pdf'
      from generate_series(%(first)s::int, %(last)s::int) n
    on conflict do nothing
"""


def papers(folder: Path, count: int, size: int) -> None:
    """Papers of one size, each with another content."""
    folder.mkdir(parents=True)
    for number in range(count):
        (folder / f"f{number}.pdf").write_bytes(b"%PDF-1.4\n" + os.urandom(size - 9))


def copied(source: Path, target: Path, numbers: range) -> float:
    """Seconds of the bare loop."""
    target.mkdir(exist_ok=True)
    began = time.perf_counter()
    for number in numbers:
        content = (source / f"f{number}.pdf").read_bytes()
        with (target / f"f{number}.pdf").open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    return time.perf_counter() - began


@contextmanager
def hub_of(url: str, store: Path) -> Iterator[Hub]:
    """A hub with one project, whose approval documents name the papers."""
    environ = {"HUB_DATABASE_URL": url, "HUB_HASH_KEY": "bench", "HUB_FILES": str(store)}
    hub = wiring.start(environ=environ)
    hub.migrate()
    row = sample("investment", "project") | {"id": 1, "xmdm": CODE.format(1)}
    source = cast("Connector", Rows([row]))
    flow = hub.contracts.pulls[PROJECT]
    intake.pull(hub.database, hub.contracts, flow, connector=source, settings=hub.settings)
    yield hub
    hub.close()


def contracts_of(hub: Hub) -> tuple[Contracts, PullFlow]:
    """The product's own flow, its papers in a folder and without a digest that is told."""
    flow = hub.contracts.pulls[FLOW]
    place = FileSource("folder", "files", {}, {"folder": ""})
    rule = replace(flow.files["file"], source=place, hash_field=None, types=("pdf",))
    flow = replace(flow, files={"file": rule})
    return replace(hub.contracts, pulls={**hub.contracts.pulls, FLOW: flow}), flow


def held(hub: Hub, folder: Path, numbers: range) -> float:
    """Seconds of a fetch of these files."""
    contracts, flow = contracts_of(hub)
    with hub.database.write() as tx:
        tx.execute(WANTS, {"flow": FLOW, "first": numbers[0], "last": numbers[-1]})
    connection = Connection("licence", "file", "", None, "", "", str(folder))
    with closing(FilesConnector(connection, {})) as connector:
        began = time.perf_counter()
        fetching.fetch(
            hub.database, contracts, flow, opened=lambda _: connector, settings=hub.settings
        )
        return time.perf_counter() - began


def passed_on(hub: Hub, folder: Path, numbers: range) -> float:
    """Seconds of fetching and judging these files, as they are handed through."""
    _, flow = contracts_of(hub)
    rule = flow.files["file"]
    connection = Connection("licence", "file", "", None, "", "", str(folder))
    with closing(FilesConnector(connection, {})) as connector:
        began = time.perf_counter()
        for number in numbers:
            value = f"f{number}.pdf"
            content = fetching.fetched(flow, rule, value, opened=lambda _: connector)
            want = files.FileWant(FLOW, str(number), "file", value, 1, 1, None, False, 0)  # noqa: FBT003
            fetching.checked(content, rule, want)
        return time.perf_counter() - began


def main() -> None:
    """Measure and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--bytes", type=int, default=100_000)
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--keep", default="held", help="name in bench/results")
    asked = parser.parse_args()
    size, process = asked.files // asked.turns, psutil.Process()
    bare, hubs, through, memory = 0.0, 0.0, 0.0, list[int]()
    with server() as cluster, tempfile.TemporaryDirectory() as place:
        cluster.ensure_database("held")
        root = Path(place)
        papers(root / "papers", asked.files, asked.bytes)
        with hub_of(cluster.url("held"), root / "store") as hub:
            for turn in range(asked.turns):
                numbers = range(turn * size, (turn + 1) * size)
                bare += copied(root / "papers", root / "copy", numbers)
                hubs += held(hub, root / "papers", numbers)
                through += passed_on(hub, root / "papers", numbers)
                memory.append(process.memory_info().rss)
            with hub.database.read() as tx:
                stored = files.stored(tx)
    figures: dict[str, Json] = {
        "files": stored.files,
        "bytes": stored.bytes,
        "copied_a_second": round(asked.files / bare),
        "held_a_second": round(asked.files / hubs),
        "passed_on_a_second": round(asked.files / through),
        "held_of_copied": round(bare / hubs, 2),
        "passed_on_of_copied": round(bare / through, 2),
        "memory_mib": [round(one / 2**20) for one in memory],
    }
    keep(asked.keep, figures)


if __name__ == "__main__":
    main()

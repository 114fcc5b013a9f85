"""Intake of many approval items against raw COPY of the mapped rows: ratios, medians of interleaved runs."""

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import orjson
import psutil
import psycopg
from psycopg import sql

from deploy import postgres
from hub.flow import intake, replay
from hub.model import Json, Page, Raw
from hub.rules.contracts import Contracts, PullFlow
from hub.rules.load import load
from hub.rules.payload import decode
from hub.settings import HOME, Settings
from hub.store import migrate, typed
from hub.store.database import Database
from hub.wiring import connector_schemas, contract_files

FLOW, PARENT = "pull.approval.approval_item", "pull.approval.project"
PAGE = 1_000
SAMPLES = HOME / "tests/mappings/approval"


class Memory:
    """A source that makes its pages in memory: one real record under many keys."""

    def __init__(self, sample: dict[str, Json], keys: Mapping[str, str], count: int) -> None:
        self.sample, self.keys, self.count = sample, keys, count

    def payload(self, number: int) -> bytes:
        record = dict(self.sample)
        for column, pattern in self.keys.items():
            record[column] = pattern.format(number=number, project=number % 500 + 100_000)
        record["lsh"] = number + 1
        return orjson.dumps(record)

    def pages(self, read: Mapping[str, Json], *, since: str | int | None, resume: Json) -> Iterator[Page]:  # noqa: ARG002
        for start in range(0, self.count, PAGE):
            stop = min(start + PAGE, self.count)
            records = tuple(Raw(self.payload(n), str(n)) for n in range(start, stop))
            yield Page(records, read=len(records), resume=stop, high=stop, last=stop == self.count)

    def close(self) -> None:
        """Nothing to give back."""


@contextmanager
def server() -> Iterator[postgres.Cluster]:
    """A PostgreSQL of this run's own, with fsync on."""
    postgres.home().mkdir(mode=0o755, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=postgres.home(), ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        cluster = postgres.Cluster(
            data=Path(folder) / "data",
            port=21_999,
            password="bench",
            settings=("shared_buffers=512MB",),
        )
        cluster.initialise()
        process = cluster.start(Path(folder) / "log")
        try:
            yield cluster
        finally:
            postgres.stop(process)


def copy_mapped(url: str, flow: PullFlow, rows: Sequence[Sequence[object]]) -> float:
    """The yardstick: COPY of the mapped rows into an empty typed table with a primary key."""
    table = typed.table("source", flow.entity)
    with psycopg.connect(url) as connection:
        connection.execute(sql.SQL("drop table if exists yardstick"))
        connection.execute(
            sql.SQL("create table yardstick as select 0::bigint as id, {} from {} limit 0").format(
                typed.columns(flow.entity), table
            )
        )
        connection.execute("alter table yardstick add primary key (id)")
        connection.commit()
        began = time.perf_counter()
        typed.copy_in(connection, sql.SQL("yardstick"), rows)
        connection.commit()
        return time.perf_counter() - began


def timed(hub: "Bench", name: str, source: Memory) -> float:
    """One whole pull."""
    began = time.perf_counter()
    intake.pull(hub.database, hub.contracts, hub.contracts.pulls[name], connector=source, settings=hub.settings)
    return time.perf_counter() - began


class Bench:
    """The hub on a fresh database, its projects there."""

    def __init__(self, url: str, contracts: Contracts) -> None:
        migrate.migrate(url, contracts.entities.values())
        self.contracts, self.database = contracts, Database(url)
        self.settings = Settings(database_url=url, hash_key=b"bench")
        project = sample("project")
        timed(self, PARENT, Memory(project, {"xmdm": CODE, "gcdm": CODE, "dfsjzj": "p{number}"}, 500))
        replay.release(self.database, contracts)


CODE = "2405-520502-04-01-{project}"


def sample(entity: str) -> dict[str, Json]:
    """The clean golden pair's input: a real record of the partner."""
    read: dict[str, Json] = orjson.loads((SAMPLES / f"{entity}.pull" / "01.in.json").read_bytes())
    return read


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    contracts = load(contract_files(HOME), connector_schemas(), year=2026)
    flow = contracts.pulls[FLOW]
    keys = {"gcdm": CODE, "spsxslbm": "S{number:09}", "dfsjzj": "i{number}"}
    source = Memory(sample("approval_item"), keys, asked.records)
    mapped = [
        [n, *typed.row_of(flow.entity, flow.mapper.map(decode(source.payload(n), form=flow.form)).values)]
        for n in range(asked.records)
    ]
    figures: dict[str, list[float]] = {"copy": [], "first load": [], "unchanged": []}
    with server() as cluster:
        for run in range(asked.runs):
            cluster.ensure_database(f"bench_{run}")
            bench = Bench(cluster.url(f"bench_{run}"), contracts)
            figures["copy"].append(copy_mapped(cluster.url(f"bench_{run}"), flow, mapped))
            figures["first load"].append(timed(bench, FLOW, source))
            figures["unchanged"].append(timed(bench, FLOW, source))
            bench.database.close()
            cluster.drop_database(f"bench_{run}")
    yardstick = statistics.median(figures["copy"])
    for name, seconds in figures.items():
        middle = statistics.median(seconds)
        each = middle / asked.records * 1e6
        print(f"{name:12} {middle:7.2f} s  {each:6.1f} us a record  {middle / yardstick:5.1f} x COPY")
    print(f"peak memory of this process {psutil.Process().memory_info().rss / 2**20:.0f} MiB (rows of COPY included)")


if __name__ == "__main__":
    main()

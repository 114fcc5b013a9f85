"""What users do: the product's own mappings, a record's whole cost, beside COPY of the same rows.

`python -m bench.flows [--records N] [--runs N] [--only WORDS] [--settings NAME=VALUE ...] [--keep
NAME] [--profile FLOW]`: for each case CPU microseconds a record of the hub (all threads) and of
PostgreSQL (without autovacuum), bytes of WAL and of disk, on the settings that `make up` starts.
Every case is a sweep of its own after some records that make modules, connections and plans warm.
COPY, in the same run, writes the golden rows that the case made, as text that is ready, into a
typed table with a primary key; its CPU is the yardstick of the case.
"""

import argparse
import cProfile
import json
import os
import pstats
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import cast

import psycopg
from psycopg import sql

from bench import home, items, partners
from bench.database import server
from bench.kept import keep
from bench.partners import Payloads, Statement
from deploy import postgres
from hub import wiring
from hub.contract import Connector
from hub.db import entity_tables
from hub.db.runs.reading import run_rows
from hub.domain.contracts import Entity
from hub.model import Json
from hub.pipeline import intake

WARM = 500
"""Records taken in before the time of a case begins, behind those that it measures."""
COPIES = 3
"""Times that COPY is done; the least is what it costs where nothing disturbs it."""
CLAIMS = "approval.project, a second claim"
SIZES = "select pg_current_wal_insert_lsn() - '0/0', pg_database_size(current_database())"


@dataclass(frozen=True)
class Case:
    """A statement taken in. name: its line in the table."""

    name: str
    statement: Statement


OWN = (
    Case("investment.project", partners.INVESTMENT),
    Case(CLAIMS, partners.APPROVAL),
    Case("approval.approval_item", partners.ITEM),
    Case("approval.approval_document.permit", partners.PERMIT),
    Case("approval.material", partners.MATERIAL),
    Case("registry.property_registration, linked by permits", partners.REGISTRY),
    Case("fire.fire_acceptance, XML", partners.FIRE),
    Case("water.utility_connection, CSV", partners.WATER),
)
ALONE = (Case("approval.project, a first load", partners.APPROVAL),)
ITEMS = "approval items of the comparison (30 fields)"


@dataclass(frozen=True)
class Cost:
    """What one case cost, a record: CPU microseconds and bytes. copy_us: of its COPY."""

    case: str
    client_us: float
    postgresql_us: float
    wal_bytes: float
    disk_bytes: float
    copy_us: float

    @property
    def times_copy(self) -> float:
        return (self.client_us + self.postgresql_us) / self.copy_us


class NotAllError(RuntimeError):
    """A case that did not take in all of its records measures something else."""


class Bench:
    """A hub on a fresh database, with what it costs."""

    def __init__(self, cluster: postgres.Cluster, records: int, *, profile: str = "") -> None:
        self._cluster, self._records, self._profile = cluster, records, profile
        self._server = home.process_of(cluster)
        cluster.drop_database("flows")
        cluster.ensure_database("flows")
        self._url = cluster.url("flows")
        own = {"HUB_DATABASE_URL": self._url, "HUB_HASH_KEY": "bench"}
        self.hub = wiring.start(environ={**os.environ, **own})

    def take_in(self, flow: str, payloads: list[bytes]) -> str:
        """One sweep of a flow; what came of it."""
        run = intake.pull(
            self.hub.database,
            self.hub.contracts,
            self.hub.contracts.pulls[flow],
            connector=cast("Connector", Payloads(payloads)),
            settings=self.hub.settings,
        )
        with self.hub.database.read() as tx:
            (row,) = run_rows(tx, run_id=run)
        return ", ".join(f"{count} {name}" for name, count in row.counts.items() if count)

    def cost(self, case: str, flow: str, payloads: list[bytes]) -> Cost:
        """Take them in; the last ones only warm up."""
        records, entity = self._records, self.hub.contracts.pulls[flow].entity
        self.take_in(flow, payloads[records:])
        with psycopg.connect(self._url, autocommit=True) as asking:
            asking.execute("checkpoint")
            wal, disk = asking.execute(SIZES).fetchone() or (0, 0)
            client, database = time.process_time(), home.cpu_of_backends(self._server)
            with self._profiled(flow):
                did = self.take_in(flow, payloads[:records])
            client = time.process_time() - client
            database = home.cpu_of_backends(self._server) - database
            wal_after, disk_after = asking.execute(SIZES).fetchone() or (0, 0)
        if did != f"{records} read, {records} created":  # source records; of known projects too
            raise NotAllError(case, did)
        return Cost(
            case,
            client_us=client / records * 1e6,
            postgresql_us=database / records * 1e6,
            wal_bytes=float(wal_after - wal) / records,
            disk_bytes=float(disk_after - disk) / records,
            copy_us=self._copied(entity),
        )

    def _copied(self, entity: Entity) -> float:
        """CPU microseconds a record of a COPY of this entity's golden rows."""
        columns = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(entity_tables.TYPES[field.kind]))
            for name, field in entity.fields.items()
        )
        out = sql.SQL("copy (select record_id, {} from {} limit {}) to stdout").format(
            entity_tables.columns(entity),
            entity_tables.table("golden", entity),
            sql.Literal(self._records),
        )
        with psycopg.connect(self._url) as connection:
            with connection.cursor().copy(out) as written:
                ready = [bytes(block) for block in written]
            joined = b"".join(ready)
            blocks = [joined[at : at + 2**20] for at in range(0, len(joined), 2**20)]
            make = sql.SQL("create table yardstick (id bigint primary key, {})")
            connection.execute(make.format(columns))
            connection.commit()
            took = [self._copy(connection, blocks) for _ in range(COPIES)]
            connection.execute("drop table yardstick")
        return min(took) / self._records * 1e6

    def _copy(self, connection: psycopg.Connection, blocks: list[bytes]) -> float:
        """CPU seconds of one COPY into the empty yardstick."""
        connection.execute("truncate yardstick")
        connection.commit()
        began = time.process_time() + home.cpu_of_backends(self._server)
        with connection.cursor().copy("copy yardstick from stdin") as destination:
            for block in blocks:
                destination.write(block)
        connection.commit()
        return time.process_time() + home.cpu_of_backends(self._server) - began

    @contextmanager
    def _profiled(self, flow: str) -> Iterator[None]:
        """Print where the thread that writes spends its time, of the flow asked for."""
        if self._profile != flow:
            yield
            return
        with cProfile.Profile() as profile:
            yield
        pstats.Stats(profile).strip_dirs().sort_stats("tottime").print_stats(40)


def loads(cluster: postgres.Cluster, records: int, only: str, profile: str) -> Iterator[Cost]:
    """Every case once: the product's own flows in one database, each in turn; approval's projects
    and the items of the comparison in databases of their own.
    """
    every = range(records + WARM)
    for cases in (OWN, ALONE):
        chosen = [case for case in cases if _asked(case.name, only)]
        if not chosen:
            continue
        bench = Bench(cluster, records, profile=profile)
        bench.hub.migrate()
        needed = cases[: cases.index(chosen[-1]) + 1]
        for case in needed:
            payloads = case.statement.payloads(every)
            yield bench.cost(case.name, case.statement.flow, payloads)
        bench.hub.close()
    if _asked(ITEMS, only):
        bench = Bench(cluster, records, profile=profile)
        home.migrate(bench.hub, home.contracts())
        work = items.work(len(every))
        projects = [items.payload(dict(items.project(n))) for n in range(work.projects)]
        bench.take_in("pull.web.project", projects)
        payloads = [items.payload(item) for item in work.first()]
        yield bench.cost(ITEMS, "pull.web.approval_item", payloads)
        bench.hub.close()


def _asked(name: str, only: str) -> bool:
    return not only or any(word in name for word in only.split(","))


def medians(costs: Sequence[Cost]) -> list[dict[str, Json]]:
    """One row a case, in the order in which they came; the ratio of each run before its median."""
    found: dict[str, list[Cost]] = defaultdict(list)
    for cost in costs:
        found[cost.case].append(cost)
    rows: list[dict[str, Json]] = []
    for case, several in found.items():
        row: dict[str, Json] = {"case": case}
        for name in ("client_us", "postgresql_us", "wal_bytes", "disk_bytes", "copy_us"):
            row[name] = round(statistics.median(getattr(one, name) for one in several), 1)
        row["times_copy"] = round(statistics.median(one.times_copy for one in several), 1)
        rows.append(row)
    return rows


def main() -> None:
    """Measure, print, keep where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="", help="words of the cases' names")
    parser.add_argument("--settings", nargs="*", default=[], help="of PostgreSQL, to try: a=b")
    parser.add_argument("--profile", default="", help="a flow whose writing thread is profiled")
    parser.add_argument("--keep", default="", help="name of a file in bench/results")
    asked = parser.parse_args()
    costs: list[Cost] = []
    with server(settings=asked.settings) as cluster:
        for _ in range(asked.runs):
            for cost in loads(cluster, asked.records, asked.only, asked.profile):
                costs.append(cost)
                print(json.dumps(asdict(cost), ensure_ascii=False), flush=True)
    rows = medians(costs)
    for row in rows:
        print(row)
    if asked.keep:
        measured: list[Json] = [cast("Json", asdict(cost)) for cost in costs]
        size: dict[str, Json] = {"records": asked.records, "runs": asked.runs}
        keep(asked.keep, {**size, "rows": cast("Json", rows), "measured": measured})


if __name__ == "__main__":
    main()

"""A contender: the hub, through its real connectors, with all that it does.

Validation, mapping, history, provenance, marks for one receiver, the ledger's root of every batch
and its seal.
"""

import argparse
import cProfile
import pstats
import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from bench import home
from bench.worker import work
from hub import wiring
from hub.db.runs.reading import run_rows
from hub.domain.rights import operator
from hub.services import lineage

MONTHS, LOOKED = 12, 300
PARTITION = "select pg_temp.past_partition(%(table)s, %(months)s)"
PAST_PARTITION = """
    create function pg_temp.past_partition(parent text, months
        integer) returns void language plpgsql as $$
    declare
        at timestamptz := now() - make_interval(months => months);
    begin
        execute format('create table hub.%I partition of hub.%I for values from (%s) to (%s)',
                       parent || '_' || to_char(at at time zone 'UTC', 'YYYYMM'), parent,
                       hub.event_base(at), hub.event_base(at + interval '1 month'));
    end $$
"""
PAST = {
    "landing": """
        insert into hub.landing
        select hub.event_base(now() - make_interval(months => %(months)s)) + id %% 1000000000000,
               flow, key, batch_id, position, version, hash, salt, payload, 'applied'
          from hub.landing where id >= hub.event_base(now()) and flow like '%%approval_item'
    """,
    "history": """
        insert into hub.history
        select hub.event_base(now() - make_interval(months => %(months)s)) + record_id,
               record_id, %(all)s + 1 - %(months)s, to_jsonb(g) - 'provenance', provenance,
                   batch_id, batch_id
          from golden.approval_item g
    """,
}
"""What a year leaves behind: each item changed once a month."""
SOME = "select record_id from golden.approval_item order by hashint8(record_id) limit %s"


class Profiled:
    """Profiles of all threads, since pages are read in one of their own."""

    def __init__(self) -> None:
        self._profiles: list[cProfile.Profile] = []

    def run(self, case: Callable[[], str], path: Path) -> str:
        """Do a case and write what it spent its time with."""
        threading.setprofile(self._begin)
        own = cProfile.Profile()
        self._profiles = [own]
        did = own.runcall(case)
        threading.setprofile(None)
        pstats.Stats(*self._profiles).dump_stats(path)
        return did

    def _begin(self, _frame: FrameType, _event: str, _argument: object) -> None:
        """Take over in a new thread."""
        profile = cProfile.Profile()
        self._profiles.append(profile)
        profile.enable()


def aged(hub: wiring.Hub) -> str:
    """Give every item a year of history: in each of twelve months a landing and a version that was
    superseded.
    """
    with hub.database.write() as tx:
        tx.execute(PAST_PARTITION)
        for months in range(1, MONTHS + 1):
            for table, fill in PAST.items():
                tx.execute(PARTITION, {"table": table, "months": months})
                tx.execute(fill, {"months": months, "all": MONTHS})
        tx.execute("update golden.approval_item set version = version + %s", (MONTHS,))
    with hub.database.read() as session:
        for table in (*PAST, "head"):
            session.execute(f"vacuum analyze hub.{table}".encode())
        session.execute("vacuum analyze golden.approval_item")
    return f"{MONTHS} months of history"


def looked(hub: wiring.Hub) -> str:
    """Look up all that is known of records here and there; how long one takes."""
    rights = operator(hub.contracts.entities)
    took, versions = [], 0
    with hub.database.write() as tx:
        ids = [record for (record,) in tx.execute(SOME, (LOOKED,))]
        for record in ids:
            began = time.perf_counter()
            found = lineage.of_record(tx, hub.contracts, str(record), rights=rights)
            took.append((time.perf_counter() - began) * 1000)
            versions += len(found.history)
    middle, slowest = statistics.median(took), statistics.quantiles(took, n=100)[98]
    return (
        f"{versions} versions of {len(ids)} records, each {middle:.2f} ms, 99 % under "
        f"{slowest:.2f} ms"
    )


def main() -> None:
    """Open the hub, take the projects in, and wait to be told."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--web", required=True, help="URL of the source over REST")
    parser.add_argument("--table", default="", help="URL of the source's database")
    home.add_size(parser)
    parser.add_argument("--flow", default="pull.web.approval_item")
    parser.add_argument(
        "--profile", default="", help="where profiles go: the beginning of their names"
    )
    asked = parser.parse_args()
    environ = {
        "HUB_DATABASE_URL": asked.database,
        "HUB_HASH_KEY": "bench",
        "HUB_CONN_WEB": asked.web,
        "HUB_CONN_FRONT": asked.table,
        "HUB_CONN_DIRECT": asked.table,
    }
    hub = wiring.start(environ=environ)
    home.migrate(hub, home.contracts(asked.fields, asked.receivers))
    hub.pull("pull.web.project")
    hub.seal()

    def once() -> str:
        run = hub.pull(asked.flow)
        hub.seal()
        with hub.database.write() as tx:
            (row,) = run_rows(tx, run_id=run)
        return ", ".join(f"{count} {name}" for name, count in row.counts.items() if count)

    def again() -> str:
        hub.rewind(asked.flow, None)
        return once()

    def told(name: str, case: Callable[[], str]) -> Callable[[], str]:
        if not asked.profile:
            return case
        return lambda: Profiled().run(case, Path(f"{asked.profile}-{name}.prof"))

    cases = {
        "first": once,
        "again": again,
        "changed": once,
        "aged": lambda: aged(hub),
        "looked": lambda: looked(hub),
    }
    work({name: told(name, case) for name, case in cases.items()})
    hub.close()


if __name__ == "__main__":
    main()

"""A contender: the hub, through its real connectors, with all that it does.

Validation, mapping, history, provenance, marks for one receiver, the ledger's root of every batch and its seal.
"""

import argparse
import cProfile
import pstats
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from bench import home
from bench.worker import work
from hub import wiring
from hub.store.reading import run_rows


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


def main() -> None:
    """Open the hub, take the projects in, and wait to be told."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--web", required=True, help="URL of the source over REST")
    parser.add_argument("--table", default="", help="URL of the source's database")
    home.add_size(parser)
    parser.add_argument("--flow", default="pull.web.approval_item")
    parser.add_argument("--profile", default="", help="where profiles go: the beginning of their names")
    asked = parser.parse_args()
    environ = {
        "HUB_DATABASE_URL": asked.database,
        "HUB_HASH_KEY": "bench",
        "HUB_CONN_WEB": asked.web,
        "HUB_CONN_FRONT": asked.table,
    }
    hub = wiring.start(environ=environ)
    hub.contracts = home.contracts(asked.fields)
    hub.migrate()
    hub.pull("pull.web.project")
    hub.seal()

    def once() -> str:
        run = hub.pull(asked.flow)
        hub.seal()
        with hub.database.transaction() as tx:
            (row,) = run_rows(tx, run_id=run)
        return ", ".join(f"{count} {name}" for name, count in row.counts.items() if count)

    def again() -> str:
        hub.rewind(asked.flow, None)
        return once()

    def told(name: str, case: Callable[[], str]) -> Callable[[], str]:
        if not asked.profile:
            return case
        return lambda: Profiled().run(case, Path(f"{asked.profile}-{name}.prof"))

    work({name: told(name, case) for name, case in {"first": once, "again": again, "changed": once}.items()})
    hub.close()


if __name__ == "__main__":
    main()

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from psycopg.rows import dict_row

from hub.db import migrate
from hub.db.database import Database
from hub.db.deliveries.outbox import DELIVERY_OUTCOMES
from hub.db.quarantine import Selection
from hub.db.runs import OUTCOMES
from hub.domain.contracts import Contracts
from hub.domain.load import ConnectorSchemas, load
from hub.pipeline import delivery, intake, receipts, replay
from hub.settings import Settings
from tests.filled import filled, filled_template
from tests.pipeline.small import FILES
from tests.postgres import DatabaseServer

__all__ = ["filled", "filled_template"]

PATIENCE = 30.0  # seconds
OPEN = ConnectorSchemas(system={}, read={}, write={})


def contracts_of(files: dict[str, str]) -> Contracts:
    return load(files, {"given": OPEN}, year=2026)


class Small:
    """The hub's flows on a database of their own, with partners handed in."""

    def __init__(self, url: str, contracts: Contracts) -> None:
        self.url = url
        self.contracts = contracts
        self.settings = Settings(
            database_url=url, hash_key=b"test", hold_seconds=1, backoff_seconds=0.001
        )
        self.database = Database(url, key=self.settings.hash_key)

    def with_settings(self, **changes: object) -> None:
        self.settings = replace(self.settings, **changes)  # type: ignore[arg-type]

    def pull(self, name: str, source: object) -> dict[str, int]:
        """Run a pull and give the sums of its outcomes."""
        flow = self.contracts.pulls[name]
        run = intake.pull(
            self.database, self.contracts, flow, connector=source, settings=self.settings
        )  # type: ignore[arg-type]
        return self.sums(run)

    def sums(self, run: int) -> dict[str, int]:
        columns = ", ".join(f"coalesce(sum({name}), 0)::int as {name}" for name in OUTCOMES)
        (row,) = self.rows(f"select {columns} from hub.batch where run_id = {run}")  # noqa: S608
        return {name: count for name, count in row.items() if count}

    def push(self, name: str, desk: object) -> dict[str, int]:
        flow = self.contracts.pushes[name]
        run = delivery.push(
            self.database, self.contracts, flow, connector=desk, settings=self.settings
        )  # type: ignore[arg-type]
        return self.tally(run)

    def tally(self, run: int) -> dict[str, int]:
        names = DELIVERY_OUTCOMES
        columns = ", ".join(f"coalesce(sum({name}), 0)::int as {name}" for name in names)
        (row,) = self.rows(f"select {columns} from hub.delivery_batch where run_id = {run}")  # noqa: S608
        return {name: count for name, count in row.items() if count}

    def receipts(self, name: str, desk: object) -> dict[str, int]:
        return self.tally(
            receipts.collect(self.database, self.contracts.pushes[name], connector=desk)
        )  # type: ignore[arg-type]

    def replay(self, **selection: object) -> replay.Replayed:
        return replay.replay(self.database, self.contracts, Selection(**selection))  # type: ignore[arg-type]

    def release(self) -> int:
        return replay.release(self.database, self.contracts)

    def rows(self, query: str) -> list[dict[str, object]]:
        with self.database.write() as tx, tx.cursor(row_factory=dict_row) as cursor:
            cursor.execute(query, prepare=False)  # type: ignore[call-overload]
            while cursor.nextset():
                pass
            return cursor.fetchall()

    def wait_while(self, query: str) -> None:
        """Return once a query gives nothing."""
        deadline = time.monotonic() + PATIENCE
        while self.rows(query):
            assert time.monotonic() < deadline, query
            time.sleep(0.02)

    def wait_for_lapse(self) -> None:
        """Return once whoever was sending has had its time: another worker may take it up."""
        self.wait_while("select from hub.delivery where state = 'sending' and held_until >= now()")

    def golden(self, entity: str = "project") -> dict[str, dict[str, object]]:
        rows = self.rows(
            f"select r.key, g.* from golden.{entity} g join hub.record r on "  # noqa: S608
            f"r.id = g.record_id order by r.key"
        )
        return {str(row["key"]): row for row in rows}


@pytest.fixture(scope="session")
def small_template(database_server: DatabaseServer) -> Iterator[str]:
    with database_server.database() as url:
        migrate.migrate(url, contracts_of(FILES).entities.values(), key=b"test")
        yield url.rsplit("/", 1)[1]


@pytest.fixture
def small(database_server: DatabaseServer, small_template: str) -> Iterator[Small]:
    """The small contracts on an empty, migrated database."""
    with database_server.database(template=small_template) as url:
        made = Small(url, contracts_of(FILES))
        try:
            yield made
        finally:
            made.database.close()

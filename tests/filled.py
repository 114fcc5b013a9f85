"""The hub with its real contracts on a database of its own, fed with payloads as the partners
really send them.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import gettempdir

import pytest
from psycopg.rows import dict_row

from hub import wiring
from hub.config import connector_schemas, contract_files
from hub.db.runs.reading import run_rows
from hub.domain.contracts import Contracts
from hub.domain.load import load
from hub.model import Json
from hub.pipeline import delivery, intake, receipts
from hub.wiring import Hub
from tests.pipeline.partners import Desk, Source
from tests.postgres import DatabaseServer

HOME = Path(__file__).parent.parent
MAPPINGS = Path(__file__).parent / "mappings"
CODE = "2019-140108-70-03-013941"
OTHER = "2605-520201-60-05-326058"
NAME = "太原尖草坪三给村城改1号地块北区"
PERMIT = "140108202601210000009"


def payload(flow: str, number: int = 1, **changes: Json) -> dict[str, Json]:
    """A payload of the golden pairs, with some fields changed."""
    way, system, stem = flow.split(".", 2)
    read: dict[str, Json] = json.loads(
        (MAPPINGS / system / f"{stem}.{way}" / f"{number:02}.in.json").read_bytes()
    )
    return read | changes


class Filled:
    """A hub, and what happens to it."""

    def __init__(self, url: str, **environ: str) -> None:
        self.url = url
        # What room the machine has on which this runs is no business of the tests.
        roomy = {"HUB_DISK_WARN_BYTES": "2", "HUB_DISK_LEAST_BYTES": "1"}
        self.environ = {
            "HUB_DATABASE_URL": url,
            "HUB_HASH_KEY": "test",
            "HUB_LANG": "en",
            "HUB_FILES": str(Path(gettempdir()) / "files" / url.rpartition("/")[2]),
            **roomy,
            **environ,
        }
        self.hub: Hub = wiring.start(environ=self.environ)
        self.hub.contracts = CONTRACTS

    def pull(self, flow: str, *rows: dict[str, Json] | bytes) -> int:
        """Take payloads in; give the run's id."""
        hub = self.hub
        return intake.pull(
            *(hub.database, hub.contracts, hub.contracts.pulls[flow]),
            connector=Source(rows),  # type: ignore[arg-type]
            settings=hub.settings,
        )

    def push(self, flow: str, desk: Desk) -> int:
        """Hand on what is due; give the run's id."""
        hub = self.hub
        return delivery.push(
            *(hub.database, hub.contracts, hub.contracts.pushes[flow]),
            connector=desk,  # type: ignore[arg-type]
            settings=hub.settings,
        )

    def receipts(self, flow: str, desk: Desk) -> int:
        """Ask for verdicts; give the run's id."""
        hub = self.hub
        return receipts.collect(hub.database, hub.contracts.pushes[flow], connector=desk)  # type: ignore[arg-type]

    def counts(self, run_id: int) -> dict[str, int]:
        """The outcomes of a run that are not nothing."""
        with self.hub.database.write() as tx:
            (row,) = run_rows(tx, run_id=run_id)
        return {name: count for name, count in row.counts.items() if count}

    def rows(self, query: str, *values: object) -> list[dict[str, object]]:
        with self.hub.database.write() as tx, tx.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query, values or None, prepare=False).fetchall()  # type: ignore[call-overload]

    def execute(self, query: str, *values: object) -> None:
        with self.hub.database.write() as tx:
            tx.execute(query, values or None, prepare=False)  # type: ignore[call-overload]

    def record(self, entity: str) -> int:
        """The id of the first record of an entity."""
        return int(
            str(
                self.rows(f"select min(id) as id from hub.record where entity = '{entity}'")[0][  # noqa: S608
                    "id"
                ]
            )
        )


def load_contracts() -> Contracts:
    files = contract_files(HOME)
    return load(files, connector_schemas(), year=datetime.now(UTC).year)


CONTRACTS = load_contracts()


def fill(world: Filled) -> None:
    """One project known to two systems, its permit, a participant and a material; one malformed
    project.
    """
    world.pull(
        "pull.investment.project",
        payload(
            "pull.investment.project", id=1, xmdm=CODE, xmmc=NAME, jzmj="56628.02", ydmj="5157.20"
        ),
        payload("pull.investment.project", 2, id=2),
    )
    world.pull("pull.approval.project", payload("pull.approval.project"))
    world.pull(
        "pull.approval.participant",
        payload("pull.approval.participant", xmdm=CODE, gcdm=f"{CODE}-001", dwlx=2),
    )
    world.pull(
        "pull.approval.approval_document.permit", payload("pull.approval.approval_document.permit")
    )
    world.pull("pull.approval.material", payload("pull.approval.material", gcdm=f"{CODE}-001"))


@pytest.fixture(scope="session")
def filled_template(database_server: DatabaseServer) -> Iterator[str]:
    with database_server.database() as url:
        world = Filled(url)
        world.hub.migrate()
        fill(world)
        world.hub.close()
        yield url.rsplit("/", 1)[1]


@contextmanager
def filling(database_server: DatabaseServer, template: str) -> Iterator[Filled]:
    """A hub on a copy of a database."""
    with database_server.database(template=template) as url:
        world = Filled(url)
        try:
            yield world
        finally:
            world.hub.close()


@pytest.fixture
def filled(database_server: DatabaseServer, filled_template: str) -> Iterator[Filled]:
    """A hub that knows one project."""
    with filling(database_server, filled_template) as world:
        yield world

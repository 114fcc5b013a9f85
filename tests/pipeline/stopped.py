"""A process to be stopped: `python -m tests.pipeline.stopped URL KIND`. Its limits come from its
environment.
"""

import os
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence

from hub.db import landing
from hub.db.database import Database
from hub.db.quarantine import Selection
from hub.domain.contracts import Contracts
from hub.domain.load import ConnectorSchemas, load
from hub.model import Outcome, Outgoing, Receipt
from hub.pipeline import delivery, intake, receipts, reconcile, replay
from hub.settings import Settings, Timeouts, read
from tests.pipeline.partners import Source
from tests.pipeline.small import CODE, FILES

PLAN, PERMIT = "pull.plan.project", "pull.build.permit"
DESK, PERMITS = "push.desk.project", "push.desk.permit"
ROWS = [
    {"id": f"p{n}", "code": f"2405-520502-04-01-1{n:05}", "name": f"项目{n}", "at": "1"}
    for n in range(30)
]
FLOWS = {
    **dict.fromkeys(("pull", "copy", "reconcile"), PLAN),
    **dict.fromkeys(("release", "replay"), PERMIT),
    **dict.fromkeys(("push", "sending"), DESK),
    "receipts": PERMITS,
}
"""The flow that each kind of work is of."""


class Partner:
    """Confirms what it is given, by its key; may fall asleep first. `bodies` is what it was given,
    in order.
    """

    def __init__(self, *, sleeps: bool = False) -> None:
        self.sleeps = sleeps
        self.bodies: list[tuple[str, object]] = []

    def send(self, _write: object, items: Sequence[Outgoing]) -> Iterator[Outcome]:
        for item in items:
            if self.sleeps:
                self.sleeps = False
                os.kill(os.getpid(), signal.SIGSTOP)
            self.bodies.append((item.key, item.body))
            yield Outcome(item.key, "confirmed" if "dm" in item.body else "awaiting_receipt")

    def receipts(self, _write: object, keys: Sequence[str]) -> list[Receipt]:
        return [Receipt(key, "accepted") for key in keys]

    def close(self) -> None:
        """Nothing to give back."""


def contracts() -> Contracts:
    return load(FILES, {"given": ConnectorSchemas(system={}, read={}, write={})}, year=2026)


def act(kind: str, database: Database, settings: Settings, partner: Partner | None = None) -> None:
    """Do one kind of work."""
    made, flow = contracts(), FLOWS.get(kind, "")
    desk = partner or Partner()
    if kind in {"pull", "copy"}:
        intake.pull(database, made, made.pulls[flow], connector=Source(ROWS), settings=settings)  # type: ignore[arg-type]
    elif kind in {"push", "sending"}:
        delivery.push(database, made, made.pushes[flow], connector=desk, settings=settings)  # type: ignore[arg-type]
    elif kind == "receipts":
        receipts.collect(database, made.pushes[flow], connector=desk)  # type: ignore[arg-type]
    elif kind == "release":
        replay.release(database, made)
    elif kind == "replay":
        replay.replay(database, made, Selection())
    else:
        reconcile.reconcile(
            database, made, made.pulls[flow], connector=Source(ROWS), settings=settings
        )  # type: ignore[arg-type]


def fill(kind: str, database: Database, settings: Settings) -> None:
    """Bring about what this kind of work works on."""
    made = contracts()
    permits: list[dict[str, object]] = [{"code": CODE, "number": f"A{n}"} for n in range(3)]
    if kind == "replay":
        permits = [{"code": "?", "number": f"A{n}"} for n in range(3)]
    if kind in {"release", "replay", "receipts"}:
        intake.pull(
            database, made, made.pulls[PERMIT], connector=Source(permits), settings=settings
        )  # type: ignore[arg-type]
    if kind in {"push", "sending", "receipts", "reconcile", "release"}:
        source = Source([{"id": "p0", "code": CODE, "name": "甲", "at": "1"}])
        intake.pull(database, made, made.pulls[PLAN], connector=source, settings=settings)  # type: ignore[arg-type]
    if kind == "receipts":
        replay.release(database, made)
        for flow in (DESK, PERMITS):
            delivery.push(database, made, made.pushes[flow], connector=Partner(), settings=settings)  # type: ignore[arg-type]


def _asleep(rows: Iterable[Sequence[object]]) -> Iterator[Sequence[object]]:
    for number, row in enumerate(rows):
        yield row
        if number == 0:
            os.kill(os.getpid(), signal.SIGSTOP)


def main() -> None:
    url, kind = sys.argv[1:]
    settings = Settings(
        database_url=url, hash_key=b"test", hold_seconds=1, waits=read(Timeouts, os.environ)
    )
    if kind == "copy":
        land = landing.land
        landing.land = lambda tx, rows: land(tx, _asleep(rows))  # type: ignore[assignment,arg-type,return-value]
    database = Database(url, key=settings.hash_key, waits=settings.waits)
    act(kind, database, settings, Partner(sleeps=kind == "sending"))
    database.close()


if __name__ == "__main__":
    main()

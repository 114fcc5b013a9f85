"""A process to be killed: one flow of the small contracts.

`python -m tests.pipeline.killed URL pull|hold|push|remap [DIRECTORY]`, `... URL accept BATCH...`
"""

import json
import sys
from contextlib import nullcontext, suppress
from pathlib import Path

from hub.db.database import Database
from hub.domain.load import ConnectorSchemas, load
from hub.errors import HeldError
from hub.model import Outcome
from hub.pipeline import delivery, held_decisions, intake, remap, replay
from hub.pipeline.steward import DecidedBy
from hub.settings import Settings
from tests.pipeline.partners import Source
from tests.pipeline.small import FILES

COUNT, BATCH = 200, 60
"""Records, and how many of them a batch holds: three full ones and a rest."""
ROWS = [
    {"id": f"p{n}", "code": f"2405-520502-04-01-1{n:05}", "name": f"项目{n}", "at": "1"}
    for n in range(COUNT)
]
RENAMED = [
    {"id": row["id"], "code": row["code"], "title": f"新{row['name']}", "at": "2"} for row in ROWS
]


class Drawer:
    """A partner that keeps each delivery in a file by its key, and counts how often each was
    applied and sent.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, write, items):  # type: ignore[no-untyped-def]
        for item in items:
            file = self.folder / item.key
            times = json.loads(file.read_text())["sent"] if file.exists() else 0
            fresh = self.folder / f".{item.key}"  # whoever is killed here leaves no half of a file
            fresh.write_text(json.dumps({"body": item.body, "sent": times + 1}))
            fresh.replace(file)
            yield Outcome(item.key, "confirmed")

    def close(self) -> None:
        """Nothing to give back."""


def main() -> None:
    url, direction, *rest = sys.argv[1:]
    open_schemas = ConnectorSchemas(system={}, read={}, write={})
    files = FILES
    file = "mappings/plan/project.pull.yaml"
    if direction == "accept":
        files = FILES | {file: FILES[file].replace("{from: name,", "{from: [name, title],")}
    elif direction == "remap":
        files = FILES | {file: FILES[file].replace("{from: name, use: [trim]}", "{const: 改名}")}
        replay.BATCH = BATCH
    contracts = load(files, {"given": open_schemas}, year=2026)
    settings = Settings(database_url=url, hash_key=b"test", batch_records=BATCH, hold_seconds=1)
    database = Database(url, key=settings.hash_key)
    if direction in {"pull", "hold"}:
        flow = contracts.pulls["pull.plan.project"]
        source = Source(ROWS if direction == "pull" else RENAMED, size=BATCH // 3)  # type: ignore[arg-type]
        with suppress(HeldError) if direction == "hold" else nullcontext():
            intake.pull(database, contracts, flow, connector=source, settings=settings)
    elif direction == "accept":
        word = DecidedBy("审计员甲", "来源改名，已核实")
        for batch in rest:
            held_decisions.accept(database, contracts, settings, int(batch), word=word)
    elif direction == "remap":
        remap.remap(database, contracts, contracts.pulls["pull.plan.project"])
    else:
        push = contracts.pushes["push.desk.project"]
        delivery.push(database, contracts, push, connector=Drawer(Path(rest[0])), settings=settings)  # type: ignore[arg-type]
    database.close()


if __name__ == "__main__":
    main()

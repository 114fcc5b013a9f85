"""Those who read in the hostile world, over the hub's API: what they were granted, and what they
were shown.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from hub import auth
from hub.api import make_app
from tests.contexts import Made
from tests.hostile import oracle_access
from tests.hostile.truth import code_of

if TYPE_CHECKING:
    from random import Random

    from hub.db.database import Database
    from hub.domain.contracts import Contracts
    from hub.settings import Settings

PEOPLE = {
    "li": ("administrator", ()),
    "wang": ("department", (("project", ("public",), ()), ("permit", ("public",), ()))),
    "zhao": ("service", (("project", ("public", "internal"), ("520503",)),)),
    "qian": ("department", (("permit", ("public", "personal"), ("5205",)),)),
    "sun": ("auditor", ()),
    "zhou": ("department", ()),
}
"""Account -> role and grants: entity, classes, regions."""
TODAY = date.today()  # noqa: DTZ011 -- around it there is a day's room
WIDER = ("project", ("public",), ())


@dataclass(frozen=True, slots=True)
class Grant:
    """What was granted. number: the hub's name for it."""

    entity: str
    classes: tuple[str, ...]
    regions: tuple[str, ...]
    number: int


@dataclass(frozen=True, slots=True)
class Reading:
    """One request and how it was answered. records: those that its answer shows."""

    account: str
    code: str
    status: int
    records: tuple[int, ...]


@dataclass
class Told:
    """Grants by account, readings in their order, and what was shown that should not be, or not."""

    grants: dict[str, list[Grant]] = field(default_factory=dict)
    readings: list[Reading] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


class Readers:
    """Everybody of `PEOPLE` with a token of his own."""

    def __init__(self, database: Database, contracts: Contracts, settings: Settings) -> None:
        self.contracts, self.told = contracts, Told()
        self._app = make_app(Made(database, contracts, settings))  # type: ignore[arg-type]
        self._tokens: dict[str, str] = {}
        with database.write() as tx:
            for name, (role, _) in PEOPLE.items():
                self._tokens[name] = auth.open_account(tx, name, role, department="")
        for name, (_, grants) in PEOPLE.items():
            self.told.grants[name] = [self._granted(database, name, *one) for one in grants]

    def _granted(
        self,
        database: Database,
        name: str,
        entity: str,
        classes: tuple[str, ...],
        regions: tuple[str, ...],
    ) -> Grant:
        far = timedelta(days=99)
        with database.write() as tx:
            number = auth.grant(
                tx,
                self.contracts.entities,
                name,
                entity,
                classes=classes,
                regions=regions,
                purpose="核对",
                valid_from=TODAY - far,
                valid_until=TODAY + far,
            )
        return Grant(entity, classes, regions, number)

    def regrant(self, database: Database, rng: Random) -> str:
        """Somebody's grant ends, or somebody gets one more."""
        held = [(name, one) for name, some in self.told.grants.items() for one in some]
        if held and rng.random() < 0.5:
            name, one = rng.choice(held)
            with database.write() as tx:
                auth.end_grant(tx, one.number)
            self.told.grants[name].remove(one)
            return f"{name} no longer sees {one.entity} {one.classes} in {one.regions}"
        name = rng.choice(("zhou", "qian", "zhao"))
        self.told.grants[name].append(self._granted(database, name, *WIDER))
        return f"{name} sees all projects"

    def read(self, database: Database, world: oracle_access.Read, codes: int, rng: Random) -> None:
        """Somebody asks for a project; what he is shown is looked at at once."""
        name = rng.choice(sorted(PEOPLE))
        self.ask(database, world, name, code_of(rng.randrange(1, codes + 2)))

    def ask(self, database: Database, world: oracle_access.Read, name: str, code: str) -> None:
        """This account asks for this project."""
        self._app.state.hub.database = database
        status, said = asyncio.run(self._answer(f"/v1/projects/{code}", self._tokens[name]))
        shown = said.get("records", [])
        ids = tuple(sorted(row["record_id"] for row in shown))
        self.told.readings.append(Reading(name, code, status, ids))
        role, _ = PEOPLE[name]
        reader = name, role, self.told.grants[name]
        self.told.wrong += oracle_access.misshown(world, reader, code, status, shown)

    async def _answer(self, path: str, token: str) -> tuple[int, dict[str, Any]]:
        """Status and body of an answer, as a web server asks for it."""
        scope = {"type": "http", "http_version": "1.1", "method": "GET", "path": path}
        scope |= {"query_string": b"", "raw_path": path.encode(), "client": ("127.0.0.1", 1)}
        scope |= {"headers": [(b"authorization", f"Bearer {token}".encode())], "scheme": "http"}
        sent: list[MutableMapping[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        body = b"".join(message.get("body", b"") for message in sent)
        return int(sent[0]["status"]), json.loads(body)

"""One visit of a reader: who asks, what the answer is made of, and the row that says so; for programs and for pages."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime

from starlette.requests import HTTPConnection

from hub import auth
from hub.errors import FlowError
from hub.auth import Reader
from hub.services.prefill import Filled, chosen, prefill
from hub.services.prefill.finding import BEYOND, PROJECT, Suggestion, candidates, suggestions
from hub.domain.rights import Rights
from hub.domain.times import HUB_ZONE
from hub.db import projects
from hub.db.accounts import Read
from hub.db.database import Transaction
from hub.wiring import Hub

LONGEST_ROUTE = 300

WATCHING = frozenset({"administrator", "auditor", "service"})
LOOKING_INTO = frozenset({"administrator", "auditor"})
ADMINISTERING = frozenset({"administrator"})
PEOPLE = frozenset({"administrator", "auditor", "department"})
HANDING_IN = frozenset({"department", "service"})
EVERYBODY = frozenset({"administrator", "auditor", "department", "service"})


@dataclass(slots=True)
class Visit:
    """One request, or one look of a page: who makes it, from which address, and what it has read so far."""

    hub: Hub
    reader: Reader
    purpose: str = ""
    address: str = ""
    project_code: str | None = None
    record_ids: list[int] = field(default_factory=list)

    def may_see(self, entities: Iterable[str]) -> None:
        """Refuse a reader who may see nothing of any of these entities; note for what purpose they are read."""
        seen = [name for name in entities if self.reader.rights.may_see(name)]
        if not seen:
            raise FlowError("access.no_grant", account=self.reader.account.name)
        self.purpose = self.reader.purpose(seen)

    def reading(self) -> AbstractContextManager[Transaction]:
        """A connection that PostgreSQL shows no more than this reader may see: the way to what records say."""
        return self.hub.database.reading_as(self.reader.account.name)

    def rights_on(self, tx: Transaction, project_code: str, entities: Iterable[str]) -> Rights:
        """What may be seen of a project; refuse a reader who may see nothing of any of these entities in it."""
        rights = auth.rights_on(tx, self.reader, project_code)
        if not any(rights.sees(name) for name in entities):
            raise FlowError("access.no_grant", account=self.reader.account.name)
        return rights

    def rights_to(self, tx: Transaction, record: str) -> Rights:
        """What may be seen of the project that a record belongs to; the record is named by its id or as entity:key."""
        found = projects.find(tx, record)
        entity = self.hub.contracts.entities.get(found[1]) if found else None
        known = projects.known(tx, entity, found[0]) if found and entity else None
        return auth.rights_on(tx, self.reader, str(known.values.get("project_code") or "") if known else "")

    def found(self, text: str, *, most: int) -> list[Suggestion]:
        """The projects that a text may mean, as far as this reader may see them."""
        self.may_see([PROJECT])
        enough, farthest, rows, sought = most, self.hub.settings.search_projects, list[Suggestion](), True
        while sought and len(rows) < most:
            with self.hub.database.reading() as tx:
                ids = candidates(tx, text, most=enough)
            with self.reading() as tx:
                rows = suggestions(tx, ids, most=most)
            sought = len(ids) == enough < farthest
            enough = min(enough * BEYOND, farthest)
        self.saw([row.record_id for row in rows])
        return rows

    def prefilled(self, form: str, project_code: str) -> tuple[Filled, Rights]:
        """A form as far as this reader may see the project, and what that is."""
        contracts = self.hub.contracts
        asked = chosen(contracts, form)
        self.may_see(asked.entities)
        today = datetime.now(HUB_ZONE).date()
        with self.reading() as tx:
            rights = self.rights_on(tx, project_code, asked.entities)
            whole = self.hub.of_project(project_code)
            filled = prefill(tx, contracts, asked, project_code=project_code, rights=rights, on=today, whole=whole)
        self.saw(filled.record_ids, project_code=project_code)
        return filled, rights

    def saw(self, record_ids: Sequence[int], *, project_code: str | None = None) -> None:
        """Note what the answer is made of."""
        self.record_ids.extend(record_ids)
        self.project_code = project_code or self.project_code

    def row(self, route: str, *, refused: bool) -> Read:
        """What the access log keeps of it."""
        name = self.reader.account.name
        return Read(name, route, self.purpose, self.project_code, self.record_ids, refused, self.address)


def address_of(connection: HTTPConnection) -> str:
    """Where somebody asks from, as the proxies that are trusted say (hub/serving.py)."""
    return connection.client.host if connection.client else ""


def route_of(method: str, path: str) -> str:
    """A route as the access log keeps it."""
    return f"{method} {path}".replace("\0", "")[:LONGEST_ROUTE]

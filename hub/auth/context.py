"""Who asks, what he may see, and what his answer is made of: the first argument of every use case
in `hub.services`.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from starlette.requests import HTTPConnection

from hub import auth
from hub.auth import Reader
from hub.db.access.accounts import AccessEntry, Account
from hub.db.database import Transaction
from hub.db.records import projects
from hub.domain.rights import Rights, operator
from hub.errors import FlowError
from hub.runtime import Runtime

LONGEST_ROUTE = 300

WATCHING = frozenset({"administrator", "auditor", "service"})
LOOKING_INTO = frozenset({"administrator", "auditor"})
ADMINISTERING = frozenset({"administrator"})
PEOPLE = frozenset({"administrator", "auditor", "department"})
HANDING_IN = frozenset({"department", "service"})
EVERYBODY = frozenset({"administrator", "auditor", "department", "service"})
OPERATOR = "operator"
"""The role of whoever holds the database: no account has it."""


@dataclass(slots=True)
class RequestContext:
    """One request, one look of a page, or one command: who makes it, from which address, what it
    has read so far.
    """

    hub: Runtime
    reader: Reader
    purpose: str = ""
    address: str = ""
    project_code: str | None = None
    record_ids: list[int] = field(default_factory=list)

    @property
    def by(self) -> str:
        """By whom what is decided in it is decided."""
        return self.reader.account.name

    @property
    def operating(self) -> bool:
        """Whether it is whoever holds the database."""
        return self.reader.account.role == OPERATOR

    @property
    def rights(self) -> Rights:
        """What he may see of every project."""
        return self.reader.rights

    def require(self, roles: frozenset[str]) -> None:
        """Refuse an account of none of these roles; whoever holds the database may do what each of
        them may.
        """
        role = self.reader.account.role
        if not self.operating and role not in roles:
            raise FlowError("access.role", role=role)

    @property
    def masking(self) -> Rights | None:
        """By whose rights values are masked: None for whoever holds the database, who repairs by
        what came.
        """
        return None if self.operating else self.rights

    @property
    def sees_payloads(self) -> bool:
        """Whether what partners sent, and their own words, may be shown to him; anybody else sees
        what is wrong.
        """
        return self.reader.account.role in {"administrator", OPERATOR}

    def may_see(self, entities: Iterable[str]) -> None:
        """Refuse a reader who may see nothing of any of these entities; note for what purpose they
        are read.
        """
        seen = [name for name in entities if self.reader.rights.may_see(name)]
        if not seen:
            raise FlowError("access.no_grant", account=self.reader.account.name)
        self.purpose = self.reader.purpose(seen)

    def read(self) -> AbstractContextManager[Transaction]:
        """A connection that PostgreSQL shows no more than this reader may see: the way to what
        records say.
        """
        database = self.hub.database
        return database.read(reader=None if self.operating else self.by)

    def rights_on(self, tx: Transaction, project_code: str, entities: Iterable[str]) -> Rights:
        """What may be seen of a project; refuse a reader who may see nothing of any of these
        entities in it.
        """
        rights = auth.rights_on(tx, self.reader, project_code)
        if not any(rights.sees(name) for name in entities):
            raise FlowError("access.no_grant", account=self.reader.account.name)
        return rights

    def rights_to(self, tx: Transaction, record: str) -> Rights:
        """What may be seen of the project that a record belongs to; the record is named by its id
        or as entity:key.
        """
        found = projects.find(tx, record)
        entity = self.hub.contracts.entities.get(found[1]) if found else None
        known = projects.known(tx, entity, found[0]) if found and entity else None
        return auth.rights_on(
            tx, self.reader, str(known.values.get("project_code") or "") if known else ""
        )

    def saw(self, record_ids: Sequence[int], *, project_code: str | None = None) -> None:
        """Note what the answer is made of, each record once."""
        self.record_ids[:] = dict.fromkeys([*self.record_ids, *record_ids])
        self.project_code = project_code or self.project_code

    def row(self, route: str, *, refused: bool) -> AccessEntry:
        """What the access log keeps of it."""
        name = self.reader.account.name
        return AccessEntry(
            name, route, self.purpose, self.project_code, self.record_ids, refused, self.address
        )


def operating(hub: Runtime, by: str) -> RequestContext:
    """The context of whoever holds the database and calls himself so: he sees everything but what
    is secret.
    """
    account = Account(by, OPERATOR, "", datetime.now(UTC), None)
    return RequestContext(hub, Reader(account, operator(hub.contracts.entities), {}))


def on_behalf(hub: Runtime, name: str) -> RequestContext:
    """The context of an account in use, for what it would be shown; FlowError where there is none
    of that name.
    """
    with hub.database.read() as tx:
        reader = auth.reader_named(tx, name)
    if reader is None:
        raise FlowError("access.account_unknown", account=name)
    return RequestContext(hub, reader)


def address_of(connection: HTTPConnection) -> str:
    """Where somebody asks from, as the proxies that are trusted say (hub/serving.py)."""
    return connection.client.host if connection.client else ""


def route_of(method: str, path: str) -> str:
    """A route as the access log keeps it."""
    return f"{method} {path}".replace("\0", "")[:LONGEST_ROUTE]

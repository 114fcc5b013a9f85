"""RequestContext, first argument of every use case: who asks, what he may see and was shown."""

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

SUPERVISING = frozenset({"supervisor"})
WATCHING = frozenset({"administrator", "auditor", "service"})
LOOKING_INTO = frozenset({"administrator", "auditor"})
ADMINISTERING = frozenset({"administrator"})
PEOPLE = frozenset({"administrator", "auditor", "department"})
SEEING_PROJECTS = PEOPLE | SUPERVISING
"""People who look at projects."""
HANDING_IN = frozenset({"department", "service"})
EVERYBODY = frozenset({"administrator", "auditor", "department", "service"})
ASKING = EVERYBODY | SUPERVISING
"""Everybody who asks for projects and the catalogue, programs too."""
PARTNER = "partner"
"""The role of a partner that calls; no account has this role."""
CALLING = frozenset({PARTNER})
OPERATOR = "operator"
"""The role of a command line that has the database's credentials; no account has this role."""


@dataclass(slots=True)
class RequestContext:
    """One API request, page view or command: its account, IP address, and records shown so far."""

    hub: Runtime
    reader: Reader
    purpose: str = ""
    address: str = ""
    project_code: str | None = None
    record_ids: list[int] = field(default_factory=list)

    @property
    def by(self) -> str:
        """The account's name, kept as the author of decisions."""
        return self.reader.account.name

    @property
    def operating(self) -> bool:
        """Whether this is the operator (command line with the database's credentials)."""
        return self.reader.account.role == OPERATOR

    @property
    def rights(self) -> Rights:
        """What the account may see, of every project."""
        return self.reader.rights

    def require(self, roles: frozenset[str]) -> None:
        """Raise FlowError (access.role) unless the account has one of these roles or operates."""
        role = self.reader.account.role
        if not self.operating and role not in roles:
            raise FlowError("access.role", role=role)

    @property
    def masking(self) -> Rights | None:
        """The rights by which values are masked; None for the operator, who repairs by payloads."""
        return None if self.operating else self.rights

    @property
    def sees_payloads(self) -> bool:
        """Whether whole payloads and partners' error texts may be shown: to administrators only."""
        return self.reader.account.role in {"administrator", OPERATOR}

    def may_see(self, entities: Iterable[str]) -> None:
        """Keep the purpose of the grants on these entities for the access log.

        Raises FlowError (access.no_grant) where the reader has no right to any of them.
        """
        seen = [name for name in entities if self.reader.rights.may_see(name)]
        if not seen:
            raise FlowError("access.no_grant", account=self.reader.account.name)
        self.purpose = self.reader.purpose(seen)

    def read(self) -> AbstractContextManager[Transaction]:
        """A read-only connection under row-level security: only what this reader may see."""
        database = self.hub.database
        return database.read(reader=None if self.operating else self.by)

    def rights_on(self, tx: Transaction, project_code: str, entities: Iterable[str]) -> Rights:
        """The rights on one project; FlowError (access.no_grant) if they cover none of these."""
        rights = auth.rights_on(tx, self.reader, project_code)
        if not any(rights.sees(name) for name in entities):
            raise FlowError("access.no_grant", account=self.reader.account.name)
        return rights

    def rights_to(self, tx: Transaction, record: str) -> Rights:
        """The rights on the project of a record, which is named by its id or as entity:key."""
        found = projects.find(tx, record)
        entity = self.hub.contracts.entities.get(found[1]) if found else None
        if found and entity and entity.projectless:
            codes = projects.projects_of(tx, entity, found[0])
            return auth.rights_beside(tx, self.reader, entity.name, codes)
        known = projects.known(tx, entity, found[0]) if found and entity else None
        return auth.rights_on(
            tx, self.reader, str(known.values.get("project_code") or "") if known else ""
        )

    def saw(self, record_ids: Sequence[int], *, project_code: str | None = None) -> None:
        """Add records that the answer is made of to the access log's entry, each once."""
        self.record_ids[:] = dict.fromkeys([*self.record_ids, *record_ids])
        self.project_code = project_code or self.project_code

    def row(self, route: str, *, refused: bool) -> AccessEntry:
        """The access log's entry for this request, by its route."""
        name = self.reader.account.name
        return AccessEntry(
            name, route, self.purpose, self.project_code, self.record_ids, refused, self.address
        )


def operating(hub: Runtime, by: str) -> RequestContext:
    """The operator's context under this name: sees everything but secret fields."""
    account = Account(by, OPERATOR, "", datetime.now(UTC), None)
    return RequestContext(hub, Reader(account, operator(hub.contracts.entities), {}))


def calling(hub: Runtime, system: str, *, purpose: str, address: str) -> RequestContext:
    """The context of a partner that calls the hub, proven by its own recipe: sees nothing."""
    account = Account(f"{PARTNER}:{system}", PARTNER, "", datetime.now(UTC), None)
    return RequestContext(hub, Reader(account, Rights(), {}), purpose=purpose, address=address)


def on_behalf(hub: Runtime, name: str) -> RequestContext:
    """The context of another account, to show what it would be shown.

    Raises FlowError (access.account_unknown) where no account in use has that name.
    """
    with hub.database.read() as tx:
        reader = auth.reader_named(tx, name)
    if reader is None:
        raise FlowError("access.account_unknown", account=name)
    return RequestContext(hub, reader)


def address_of(connection: HTTPConnection) -> str:
    """The client's IP address, as trusted proxies forward it (hub/serving.py)."""
    return connection.client.host if connection.client else ""


def route_of(method: str, path: str) -> str:
    """Method and path for the access log: without NUL, cut to its column."""
    return f"{method} {path}".replace("\0", "")[:LONGEST_ROUTE]

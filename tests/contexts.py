"""Who asks a service in a test: whoever holds the database, of a world that a test has made."""

from datetime import UTC, datetime
from typing import Protocol

from hub.auth import Reader
from hub.auth.context import RequestContext, operating
from hub.db.access.accounts import Account
from hub.db.database import Database
from hub.domain.contracts import Contracts
from hub.domain.rights import Rights
from hub.runtime import Runtime
from hub.settings import Settings


class World(Protocol):
    """What a test has made."""

    database: Database
    contracts: Contracts
    settings: Settings


class Made(Runtime):
    """A runtime of what a test has made, instead of files and an address."""

    def __init__(self, database: Database, contracts: Contracts, settings: Settings) -> None:
        super().__init__(settings, {})
        self.database, self.contracts = database, contracts

    def contracts_now(self) -> Contracts:
        return self.contracts


def asking(world: World, by: str = "tester", *, rights: Rights | None = None) -> RequestContext:
    """The context of whoever holds the database of a world, or of an administrator with these
    rights.
    """
    hub = Made(world.database, world.contracts, world.settings)
    if rights is None:
        return operating(hub, by)
    account = Account(by, "administrator", "", datetime.now(UTC), None)
    return RequestContext(hub, Reader(account, rights, {}))

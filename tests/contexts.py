"""Who asks a service in a test: whoever holds the database, of a world that a test has made."""

from typing import Protocol

from hub.auth.context import RequestContext, operating
from hub.db.database import Database
from hub.domain.contracts import Contracts
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


def asking(world: World, by: str = "tester") -> RequestContext:
    """The context of whoever holds the database of a world."""
    return operating(Made(world.database, world.contracts, world.settings), by)

"""Runtime of a process: settings, contracts, database."""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import cached_property
from threading import Event, Thread
from typing import Self

from hub import config
from hub.config import Following
from hub.db import contract_files
from hub.db.database import Database
from hub.db.records import projects
from hub.db.records.projects import Known
from hub.domain.contracts import Contracts, Entity, FileRule, PullFlow
from hub.errors import FlowError, HubError
from hub.settings import Settings, Timeouts


class Runtime:
    """Settings, and contracts and database, opened on first use."""

    def __init__(
        self, settings: Settings, uris: Mapping[str, str], *, asking: bool = False
    ) -> None:
        """uris: partners' connections by system. asking: interactive, so waits are short."""
        self.settings = settings
        self._asking = asking
        self._uris = uris
        self.closing = Event()
        self._jobs: list[Thread] = []
        self._following: Following | None = None

    @cached_property
    def contracts(self) -> Contracts:
        """The contract files of `settings.home` as far as sound; unsound flows raise when run."""
        return self.contracts_now()

    @property
    def has_contracts(self) -> bool:
        """Whether the contract files have been read already."""
        return "contracts" in self.__dict__

    def contracts_now(self) -> Contracts:
        """The contract files as they are now, for whoever has just repaired one."""
        try:
            return contract_files.contracts_of(
                self.database, self.settings.home, secret=self.settings.digest_key
            )
        except HubError:  # without the database there is no last sound version
            return config.contracts_of(self.settings.home, secret=self.settings.digest_key)

    def follow_contracts(self) -> None:
        """Reload changed contract files from now on (servers); running work keeps its own."""
        self._following = Following(
            self.settings.home,
            self.settings.contracts_seconds,
            lambda: contract_files.contracts_of(
                self.database, self.settings.home, secret=self.settings.digest_key
            ),
            lambda contracts: setattr(self, "contracts", contracts),
        )
        self._following.begin()

    def as_it_stands(self) -> Self:
        """A copy with the current contracts, for one request that must not see a reload."""
        _ = self.contracts, self.database
        return copy(self)

    @cached_property
    def database(self) -> Database:
        """The hub's database."""
        return self.another_database(asking=self._asking)

    def another_database(self, *, asking: bool = False, waits: Timeouts | None = None) -> Database:
        """A second `Database` with its own pools, so that it blocks nobody; the caller closes."""
        settings = self.settings
        return Database(
            settings.database_url,
            key=settings.hash_key,
            waits=waits or settings.waits,
            asking=asking,
        )

    def beside(self, job: Thread) -> None:
        """Start a background job; `close` waits for it."""
        self._jobs[:] = [one for one in self._jobs if one.is_alive()] + [job]
        job.start()

    def close(self) -> None:
        """Close what was opened; background jobs end with their batch."""
        self.closing.set()
        if self._following is not None:
            self._following.end()
        for job in self._jobs:
            job.join(
                self.settings.waits.transaction
            )  # it ends with its batch, which takes no longer
        if "database" in self.__dict__:
            self.database.close()

    def fetched(self, flow: PullFlow, rule: FileRule, value: str) -> bytes:
        """One file from its partner; only a process with connections can."""
        raise FlowError(
            "system.not_configured", system=flow.system.name, detail=f"{rule.field} {value}"
        )

    def of_project(self, code: str) -> Callable[[Sequence[Entity]], list[Known]]:
        """Reader of a project's records unmasked: to decide by, never to show."""

        def known(entities: Sequence[Entity]) -> list[Known]:
            with self.database.read() as tx:
                return projects.known_of_project(tx, entities, code)

        return known

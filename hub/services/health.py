"""Whether the hub can do its work: database, structure, disk, connections, clock, sealing,
contracts; for everybody.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock
from typing import Literal, TypeAlias

from hub import config
from hub.db import vitals
from hub.db.vitals import Vitals
from hub.domain.contracts import Contracts
from hub.errors import Fault, HubError
from hub.runtime import Runtime
from hub.services import failures, machine_health
from hub.services.contract_problems import mistakes
from hub.services.failures import FaultText
from hub.settings import Settings
from hub.texts import Language, word

Status: TypeAlias = Literal["ready", "degraded", "not_ready"]
ABOUT = ("database", "schema", "disk", "connections", "clock", "sealing", "contracts")


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One thing that was looked at. told: what is wrong and what to do, None where nothing is, or
    it was not seen.

    seen: False where the database, which alone knows, did not answer. stops: work ends for it.
    """

    name: str
    ok: bool
    seen: bool
    stops: bool
    told: list[FaultText]


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the hub can do its work. ready: all is well; degraded: it works, and somebody should
    look; not_ready.
    """

    status: Status
    failing: list[str]
    checks: list[HealthCheck]

    @property
    def readiness(self) -> "Readiness":
        """What everybody may know of it."""
        return Readiness(self.status, self.failing, self.told("zh"), self.told("en"))

    def told(self, lang: Language) -> str:
        """In words, without a detail that only people of this hub may know."""
        named = [word(f"check.{name}", lang) for name in self.failing]
        if not named:
            return word(self.status, lang)
        return word(self.status, lang) + (
            "：" + "、".join(named) if lang == "zh" else ": " + ", ".join(named)
        )


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the hub can do its work, and which things are not as they should be: without
    details.
    """

    status: Status
    failing: list[str]
    title: str
    title_en: str


def look(hub: Runtime) -> Health:
    """Look now; it takes no longer than HUB_HEALTH_SECONDS and a moment, whatever the database
    does.
    """
    settings = hub.settings
    found: dict[str, list[tuple[Fault, bool]]] = {name: [] for name in ABOUT}
    says: Vitals | None = None
    try:
        says = vitals.ask(settings.database_url, settings.health.seconds)
    except HubError as error:
        found["database"].append((Fault("", error.code, error.facts), True))
    for short in _shorts(settings, says):
        found[short.about].append((short.fault, short.stops))
    if says is not None:
        found["database"] += [(Fault("", "database.read_only"), True)] if says.read_only else []
        if unfit := says.fit.error:
            found["schema"].append((Fault("", unfit.code, unfit.facts), True))
    found["contracts"] += [
        (one.fault, False) for one in mistakes(_contracts(hub, away=says is None))
    ]
    return _health(found, seen=says is not None)


def _shorts(settings: Settings, says: Vitals | None) -> Iterator[machine_health.Shortage]:
    yield from machine_health.disks(settings.health)
    if says is not None:
        yield from machine_health.connections(says, settings.health)
        yield from machine_health.clock(says, settings.health)
        yield from machine_health.sealing(says, settings)


def _contracts(hub: Runtime, *, away: bool) -> Contracts:
    """The contracts that this process has, or the files as they are; without the database where
    that is away.
    """
    if away and not hub.has_contracts:
        return config.contracts_of(hub.settings.home, secret=hub.settings.digest_key)
    return hub.contracts


def _health(found: dict[str, list[tuple[Fault, bool]]], *, seen: bool) -> Health:
    blind = () if seen else ("schema", "connections", "clock", "sealing")
    checks = [
        HealthCheck(
            name,
            ok=not faults and name not in blind,
            seen=bool(faults) or name not in blind,
            stops=any(stops for _, stops in faults),
            told=[failures.fault_text(fault) for fault, _ in faults],
        )
        for name, faults in found.items()
    ]
    failing = [check.name for check in checks if check.told]
    stopped = any(check.stops for check in checks)
    return Health("not_ready" if stopped else "degraded" if failing else "ready", failing, checks)


class Lookout:
    """The health of one process for whoever asks, and however many ask: one look at a time, kept
    for a moment.
    """

    def __init__(self, hub: Runtime) -> None:
        self._hub, self._lock = hub, Lock()
        self._kept: Health | None = None
        self._until = 0.0

    def health(self) -> Health:
        """The health of now, or of a moment ago. Who asks while somebody looks is told what was
        seen last.
        """
        first = self._kept is None
        if not self._lock.acquire(first, self._hub.settings.health.seconds if first else -1):
            return self._kept or _health(
                {"database": [(Fault("", "database.silent"), True)]}, seen=False
            )
        try:
            if self._kept is None or time.monotonic() >= self._until:
                self._kept = look(self._hub)
                self._until = time.monotonic() + self._hub.settings.health.again
            return self._kept
        finally:
            self._lock.release()

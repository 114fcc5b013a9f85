"""Health and readiness: database, schema, disk, connections, clock, sealing, contracts."""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Literal, TypeAlias

from hub import config
from hub.db import vitals
from hub.db.vitals import Vitals
from hub.domain.contracts import Contracts
from hub.errors import Fault, HubError
from hub.pipeline.facts import kept_from
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
    """One check. told: faults with their cures; empty where all is well or nothing could be seen.

    seen: False where the database did not answer, which alone knows. stops: the hub cannot work.
    """

    name: str
    ok: bool
    seen: bool
    stops: bool
    told: list[FaultText]


@dataclass(frozen=True, slots=True)
class Health:
    """status: ready; degraded: it works, and somebody should look; not_ready: it cannot work."""

    status: Status
    failing: list[str]
    checks: list[HealthCheck]

    @property
    def readiness(self) -> "Readiness":
        """The public part: status and names of failing checks."""
        return Readiness(self.status, self.failing, self.told("zh"), self.told("en"))

    def told(self, lang: Language) -> str:
        """Status and failing checks in words, without details."""
        named = [word(f"check.{name}", lang) for name in self.failing]
        if not named:
            return word(self.status, lang)
        return word(self.status, lang) + (
            "：" + "、".join(named) if lang == "zh" else ": " + ", ".join(named)
        )


@dataclass(frozen=True, slots=True)
class Readiness:
    """Status and failing checks without details, which anybody may ask."""

    status: Status
    failing: list[str]
    title: str
    title_en: str


def look(hub: Runtime) -> Health:
    """Run all checks now; takes little more than HUB_HEALTH_SECONDS, even if the database hangs."""
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
    contracts = _contracts(hub, away=says is None)
    found["contracts"] += [(one.fault, False) for one in mistakes(contracts)]
    if says is not None and says.fit.error is None:
        found["contracts"] += [(one, False) for one in _clocks(settings, contracts)]
    return _health(found, seen=says is not None)


def _shorts(settings: Settings, says: Vitals | None) -> Iterator[machine_health.Shortage]:
    yield from machine_health.disks(settings.health)
    if says is not None:
        yield from machine_health.connections(says, settings.health)
        yield from machine_health.clock(says, settings.health)
        yield from machine_health.sealing(says, settings)


def _clocks(settings: Settings, contracts: Contracts) -> Iterator[Fault]:
    """Why clocks are still computed by earlier rules; nothing where the database is gone by now."""
    with suppress(HubError):
        why = vitals.within(
            settings.database_url, settings.health.seconds, lambda tx: kept_from(tx, contracts)
        )
        if why is not None:
            yield why


def _contracts(hub: Runtime, *, away: bool) -> Contracts:
    """The contracts of this process; read from files where the database is down."""
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
    """The health of a process, cached for a moment: one check at a time, however many ask."""

    def __init__(self, hub: Runtime) -> None:
        self._hub, self._lock = hub, Lock()
        self._kept: Health | None = None
        self._until = 0.0

    def health(self) -> Health:
        """The health of now or a moment ago; during a check the last result is given at once."""
        first = self._kept is None
        # Only the very first callers wait for the result, and no longer than the check may take.
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

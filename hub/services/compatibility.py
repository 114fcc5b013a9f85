"""Schema compatibility: whether the database's revision fits this program."""

from dataclasses import dataclass

from hub.db import vitals
from hub.errors import Fault
from hub.runtime import Runtime
from hub.services import failures
from hub.services.failures import FaultText


@dataclass(frozen=True, slots=True)
class Fitting:
    """at: the database's revision; head: this program's; pending: what `hub migrate` would do."""

    at: str
    head: str
    pending: list[str]
    told: FaultText | None


def fits(hub: Runtime) -> Fitting:
    """Compare revisions; nothing is changed. HubError where the database cannot be asked."""
    found = vitals.ask(hub.settings.database_url, hub.settings.health.seconds).fit
    error = found.error
    told = failures.fault_text(Fault("", error.code, error.facts)) if error else None
    return Fitting(found.at, found.head, list(found.pending), told)

"""Records that wait for their project or link, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.auth.context import RequestContext
from hub.db.runs import reading
from hub.db.runs.reading import WaitingRow
from hub.errors import Fault
from hub.services import failures
from hub.services.failures import FaultText

PROJECT = "project.project_code="


@dataclass(frozen=True, slots=True)
class WaitingView:
    """One waiting record, the tokens it waits for, and why in words."""

    flow: str
    key: str
    landing_id: int
    wants: list[str]
    since: datetime
    why: FaultText


@dataclass(frozen=True, slots=True)
class WaitingRecords:
    """How many records of each flow wait, and the first of them."""

    waiting: dict[str, int]
    records: list[WaitingView]


def listed(context: RequestContext, *, flow: str | None = None, most: int = 50) -> WaitingRecords:
    """Waiting records of every flow, or of one: the longest waiting first."""
    with context.hub.database.read() as tx:
        counts = {name: n for name, n in reading.waiting_now(tx).items() if flow in {None, name}}
        rows = reading.waiting(tx, flow=flow, most=most)
    return WaitingRecords(counts, [_view(row) for row in rows])


def _view(row: WaitingRow) -> WaitingView:
    return WaitingView(
        row.flow,
        row.key,
        row.landing_id,
        row.wants,
        row.since,
        failures.fault_text(reason(row.wants)),
    )


def reason(wants: Sequence[str]) -> Fault:
    """The fault for tokens that a record waits for; "?" marks one that names several projects."""
    several = [token for token in wants if token.startswith("?")]
    if several:
        return Fault("", "waiting.link_ambiguous", {"value": several[0].partition("=")[2]})
    project = next((token for token in wants if token.startswith(PROJECT)), None)
    if project is not None:
        return Fault("", "waiting.project_unknown", {"project_code": project.removeprefix(PROJECT)})
    numbers = [token for token in wants if not token.startswith(("link.", "*"))]
    return Fault("", "waiting.no_link", {"wants": ", ".join(numbers)} if numbers else {})

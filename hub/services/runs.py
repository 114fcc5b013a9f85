"""Runs: listed, one with its batches, the single records of one, the entries that it opened or
closed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeVar

from pydantic import Field, JsonValue

from hub.auth.context import RequestContext
from hub.db import rehearsing
from hub.db.deliveries.outbox import DELIVERY_OUTCOMES
from hub.db.runs import OUTCOMES, PART_OUTCOMES, outcomes, reading
from hub.db.runs.outcomes import AttemptRow, LandedRow, TouchedRow
from hub.db.runs.reading import BatchRow, Kind, RunRow, State
from hub.errors import FlowError
from hub.services import failures, naming
from hub.services.failures import FaultText
from hub.services.view import extended

__all__ = [
    "DELIVERY_OUTCOMES",
    "OUTCOMES",
    "PART_OUTCOMES",
    "AttemptRow",
    "BatchRow",
    "CauseCount",
    "LandedRow",
    "RunDetail",
    "RunEntries",
    "RunRecords",
    "RunView",
    "TouchedRow",
    "by_numbers",
    "entries",
    "listed",
    "of_dag_run",
    "one",
    "records",
    "standing_under",
    "view",
]


@dataclass(frozen=True, slots=True)
class CauseCount:
    """Entries that a run opened for one cause; example: the number of one of them."""

    cause: str
    times: int
    example: int


@dataclass(frozen=True, slots=True)
class RunView:
    """One run. counts: what was read (or due, or compared), then its parts, which add up to it.

    parts: what became of the parts of what was taken apart, {} where nothing was. notes: what was
    remarkable and no fault, by rule and place. balanced: None while it runs, and where it did not
    end well. why: what stopped it. causes: why records were set aside. airflow: DAG, run and task
    that it belongs to, if any.
    """

    id: int
    flow: Annotated[str, Field(examples=["pull.investment.project"])]
    kind: Kind
    state: State
    started_at: datetime
    ended_at: datetime | None
    counts: Annotated[
        dict[str, int],
        Field(examples=[{"read": 100, "created": 90, "unchanged": 8, "quarantined": 2}]),
    ]
    parts: Annotated[
        dict[str, int], Field(examples=[{"parts": 3, "parts_created": 2, "parts_deleted": 1}])
    ]
    notes: Annotated[dict[str, int], Field(examples=[{"record.list_unread /owners": 3}])]
    balanced: bool | None
    why: FaultText | None
    causes: list[CauseCount]
    airflow: JsonValue


@dataclass(frozen=True, slots=True)
class RunDetail(RunView):
    """One run with its batches, each with the Merkle root over its records and the seal that covers
    it.
    """

    batches: list[BatchRow]


Shown = TypeVar("Shown", RunView, RunDetail)


@dataclass(frozen=True, slots=True)
class RunRecords:
    """The single records of a run, a page of them: after the last `id` comes the next."""

    landed: list[LandedRow]
    handed: list[AttemptRow]


@dataclass(frozen=True, slots=True)
class RunEntries:
    """The quarantine entries that a run opened, and those that it closed."""

    opened: list[TouchedRow]
    closed: list[TouchedRow]


def listed(
    context: RequestContext,
    *,
    flow: str | None = None,
    state: str | None = None,
    since: datetime | None = None,
    before: int | None = None,
    most: int = 50,
) -> list[RunView]:
    """Runs, the newest first; before: with a smaller number only."""
    naming.one_of("state", state, naming.RUN_STATES)
    with context.hub.database.read() as tx:
        return [
            view(row)
            for row in reading.run_rows(
                tx, flow=flow, state=state, since=since, before=before, most=most
            )
        ]


def by_numbers(context: RequestContext, numbers: Iterable[int]) -> list[RunView]:
    """The runs with these numbers, in this order."""
    with context.hub.database.read() as tx:
        return [view(row) for number in numbers for row in reading.run_rows(tx, run_id=number)]


def of_dag_run(
    context: RequestContext, dag_id: str, dag_run: str | None = None, *, most: int = 50
) -> list[RunView]:
    """What a run of a DAG in Airflow (None: any of its runs) has done here, the newest first."""
    with context.hub.database.read() as tx:
        return [view(row) for row in reading.run_rows(tx, dag_run=(dag_id, dag_run), most=most)]


def one(context: RequestContext, number: int) -> RunDetail:
    """One run with its batches; FlowError (ask.run_unknown) where there is no such one."""
    with context.hub.database.read() as tx:
        found = reading.run_rows(tx, run_id=number)
        if not found:
            raise FlowError("ask.run_unknown", id=number)
        return _view(RunDetail, found[0], batches=reading.batches(tx, number))


def records(
    context: RequestContext, run: int, *, outcome: str | None = None, after: int = 0, most: int = 50
) -> RunRecords:
    """Payloads that landed in a run, and what it handed over: those of one outcome, where one is
    named.
    """
    naming.one_of("outcome", outcome, outcomes.OUTCOMES)
    with context.hub.database.read() as tx:
        naming.numbered(tx, "run", [run])
        found = RunRecords(
            outcomes.landed(tx, run, outcome=outcome, after=after, most=most),
            outcomes.handed(tx, run, outcome=outcome, after=after, most=most),
        )
    context.saw([row.record_id for row in found.handed])
    return found


def entries(context: RequestContext, run: int) -> RunEntries:
    """The quarantine entries that a run opened or closed, the first of each."""
    with context.hub.database.read() as tx:
        return RunEntries(outcomes.touched(tx, run, "opened"), outcomes.touched(tx, run, "closed"))


def standing_under(context: RequestContext, flow: str, keys: Sequence[str]) -> Mapping[str, int]:
    """The records that stand today under source keys of a pull flow."""
    pull = context.hub.contracts.pulls.get(flow)
    if pull is None:
        return {}
    with context.hub.database.read() as tx:
        found = rehearsing.records_of(tx, pull, set(keys))
    context.saw(list(found.values()))
    return found


def view(row: RunRow) -> RunView:
    """A run as it is shown."""
    return _view(RunView, row)


def _view(kind: type[Shown], row: RunRow, **more: object) -> Shown:
    return extended(
        row,
        kind,
        balanced=row.balanced,
        why=failures.fault_text(row.fault) if row.fault else None,
        causes=[CauseCount(**one) for one in row.causes],
        **more,
    )

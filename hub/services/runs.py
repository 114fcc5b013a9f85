"""Runs: listed, one with its batches, its single records, the entries it opened or closed."""

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
    """Entries that a run opened for one cause; example: the number of one."""

    cause: str
    times: int
    example: int


@dataclass(frozen=True, slots=True)
class RunView:
    """One run. counts: first the whole (read, due or compared), then the outcomes that add up to
    it.

    parts: outcomes of parts of records that were split, {} where none. notes: findings that are no
    errors, by rule and place. balanced: None while it runs and where it did not complete. why: what
    stopped it. causes: why records were set aside. airflow: DAG, run and task, if any.
    """

    id: int
    flow: Annotated[str, Field(examples=["pull.partner.project"])]
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
    """One run with its batches: the Merkle root over each batch's records, and its seal."""

    batches: list[BatchRow]


Shown = TypeVar("Shown", RunView, RunDetail)


@dataclass(frozen=True, slots=True)
class RunRecords:
    """A page of single records of a run; the next follows the last `id`."""

    landed: list[LandedRow]
    handed: list[AttemptRow]


@dataclass(frozen=True, slots=True)
class RunEntries:
    """Quarantine entries that a run opened, and those it closed."""

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
    """Runs, newest first; before: with a smaller number only."""
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
    """Runs of the hub within a run of an Airflow DAG (None: within any of them), newest first."""
    with context.hub.database.read() as tx:
        return [view(row) for row in reading.run_rows(tx, dag_run=(dag_id, dag_run), most=most)]


def one(context: RequestContext, number: int) -> RunDetail:
    """One run with its batches; FlowError (ask.run_unknown) where there is none."""
    with context.hub.database.read() as tx:
        found = reading.run_rows(tx, run_id=number)
        if not found:
            raise FlowError("ask.run_unknown", id=number)
        return _view(RunDetail, found[0], batches=reading.batches(tx, number))


def records(
    context: RequestContext, run: int, *, outcome: str | None = None, after: int = 0, most: int = 50
) -> RunRecords:
    """Payloads that landed in a run and deliveries it made, of one outcome if named."""
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
    """The first quarantine entries that a run opened or closed."""
    with context.hub.database.read() as tx:
        return RunEntries(outcomes.touched(tx, run, "opened"), outcomes.touched(tx, run, "closed"))


def standing_under(context: RequestContext, flow: str, keys: Sequence[str]) -> Mapping[str, int]:
    """Source keys of a pull flow -> the records they belong to today."""
    pull = context.hub.contracts.pulls.get(flow)
    if pull is None:
        return {}
    with context.hub.database.read() as tx:
        found = rehearsing.records_of(tx, pull, set(keys))
    context.saw(list(found.values()))
    return found


def view(row: RunRow) -> RunView:
    """The view of a stored run."""
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

"""The shape of a flow's source (schema drift): fields seen, who reads them, changes met."""

from dataclasses import dataclass
from datetime import datetime

from hub.auth.context import RequestContext
from hub.db.landing import shapes
from hub.db.landing.shapes import ChangeRow, FieldRow
from hub.domain.contracts import PullFlow
from hub.domain.schema_drift import KINDS, Policy
from hub.errors import FlowError
from hub.services import failures
from hub.services.failures import FaultText

CHANGES = 50


@dataclass(frozen=True, slots=True)
class SourceField:
    """One field. records: looked at since it was first seen; present, filled: in how many of them.

    missing: how many records in a row lack it. codes: distinct values of a coded field; for
    personal fields only their number. mapped: the shared fields made from it.
    """

    path: str
    records: int
    present: int
    filled: int
    missing: int
    types: list[str]
    codes: list[str]
    distinct: int
    mapped: list[str]
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class SourceChange:
    """One change; done: hold (its batch was held) or tell (an alert only)."""

    id: int
    kind: str
    place: str
    done: str
    run: int
    batch: int
    met_at: datetime
    said: FaultText


@dataclass(frozen=True, slots=True)
class SourceShape:
    """A flow's source; unseen: paths that the mapping reads and no payload had yet."""

    flow: str
    policy: dict[str, Policy]
    fields: list[SourceField]
    unseen: list[str]
    changes: list[SourceChange]


def shape_of(context: RequestContext, flow: str) -> SourceShape:
    """The known shape of a pull flow's source; FlowError (flow.unknown) for any other."""
    reads = context.hub.contracts.pulls.get(flow)
    if reads is None:
        raise FlowError("flow.unknown", flow=flow)
    with context.hub.database.read() as tx:
        rows, changes = shapes.fields_of(tx, flow), shapes.changes(tx, flow, most=CHANGES)
    known = {row.path for row in rows}
    needed = {path for several in reads.watched.fields.values() for path in several}
    return SourceShape(
        flow,
        {kind: reads.watched.policy[kind] for kind in KINDS},
        [_field(reads, row) for row in rows],
        sorted((needed | set(reads.watched.keys)) - known) if rows else [],
        [_change(row) for row in changes],
    )


def _field(flow: PullFlow, row: FieldRow) -> SourceField:
    hidden = row.path in flow.watched.personal
    mapped = [name for name, several in flow.watched.fields.items() if row.path in several]
    mapped += ["key"] if row.path in flow.watched.keys else []
    return SourceField(
        row.path,
        row.records,
        row.present,
        row.filled,
        row.missing,
        row.types,
        [] if hidden else row.codes,
        len(row.codes),
        mapped,
        row.first_at,
        row.last_at,
    )


def _change(row: ChangeRow) -> SourceChange:
    return SourceChange(
        row.id,
        row.kind,
        row.place,
        row.done,
        row.run_id,
        row.batch_id,
        row.met_at,
        failures.fault_text(row.fault),
    )

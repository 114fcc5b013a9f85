"""Conservation: sums of every outcome by day, and runs that are exceptions to the balance."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from hub.db.database import Transaction
from hub.db.deliveries.outbox import DELIVERY_OUTCOMES
from hub.db.rows import fault_of, rows
from hub.db.runs import OUTCOMES, PART_OUTCOMES
from hub.db.runs.reading import DELIVERY, INTAKE, PARTS
from hub.domain.conservation import adds_up
from hub.errors import Fault
from hub.model import Json

DAY = "(b.committed_at at time zone 'Asia/Shanghai')::date"
# Runs of one kind: what an acceptance, a replay or a release counts was counted before, by the pull
# that met it; what a receipt ends was counted by the push that handed it over.
KIND = "case when r.kind in ('pull', 'push', 'receipts', 'fetch') then r.kind else 'again' end"
SUMS = {
    table: f"""
    select {DAY} as day, count(*), {columns} from hub.{table} b join hub.run r on r.id = b.run_id
     where b.committed_at >= %(since)s and (%(flow)s::text is null or b.flow = %(flow)s)
         and {KIND} = %(kind)s
     group by 1 order by 1
"""  # noqa: S608 -- made of this module's own constants
    for table, columns in (("batch", f"{INTAKE}, {PARTS}"), ("delivery_batch", DELIVERY))
}
EXCEPTIONS = """
    select r.id, r.flow, r.kind, r.state, r.started_at, r.ended_at, r.cause, true as balanced
      from hub.run r
     where r.state in ('failed', 'aborted') and r.started_at >= %(since)s
       and (%(flow)s::text is null or r.flow = %(flow)s)
     union all
    select r.id, r.flow, r.kind, r.state, r.started_at, r.ended_at, r.cause, false
      from hub.report p join hub.run r on r.id = p.run_id
     where not p.balanced and r.started_at >= %(since)s and (%(flow)s::text is null
         or r.flow = %(flow)s)
     order by id desc limit %(most)s
"""
# Runs that have not come to a good end, on the day on which they began.
UNFINISHED_BY_DAY = f"""
    select (r.started_at at time zone 'Asia/Shanghai')::date, r.state, count(*) from hub.run r
     where r.state <> 'complete' and r.started_at >= %(since)s
       and (%(flow)s::text is null or r.flow = %(flow)s) and {KIND} = %(kind)s
     group by 1, 2 order by 1, 2
"""  # noqa: S608 -- likewise


@dataclass(frozen=True, slots=True)
class DaySums:
    """Batches of a day: the total first, then its parts; balanced: whether it is their sum.

    unfinished: runs begun on this day that are in progress, failed, aborted or held.
    """

    day: date
    batches: int
    counts: dict[str, int]
    balanced: bool
    unfinished: dict[str, int]


@dataclass(frozen=True, slots=True)
class ExceptionRow:
    """A run that did not end well, or does not balance."""

    id: int
    flow: str
    kind: str
    state: str
    started_at: datetime
    ended_at: datetime | None
    cause: dict[str, Json] | None
    balanced: bool

    @property
    def fault(self) -> Fault | None:
        """The error that stopped it."""
        return fault_of(self.cause) if self.cause else None


def intake_by_day(
    tx: Transaction,
    since: datetime,
    flow: str | None = None,
    *,
    kind: Literal["pull", "again"] = "pull",
) -> tuple[list[DaySums], list[DaySums]]:
    """By day what pulls read (or other runs took up again), and the parts of exploded records."""
    days = _by_day(tx, "batch", (*OUTCOMES, *PART_OUTCOMES), since=since, flow=flow, kind=kind)
    whole = [_only(day, OUTCOMES) for day in days]
    return whole, [part for day in days if any((part := _only(day, PART_OUTCOMES)).counts.values())]


def delivery_by_day(
    tx: Transaction,
    since: datetime,
    flow: str | None = None,
    *,
    kind: Literal["push", "receipts"] = "push",
) -> list[DaySums]:
    """By day what pushes had to do (or awaited receipts), and its outcomes."""
    return _by_day(tx, "delivery_batch", DELIVERY_OUTCOMES, since=since, flow=flow, kind=kind)


def _only(day: DaySums, names: Sequence[str]) -> DaySums:
    counts = {name: day.counts[name] for name in names}
    return replace(day, counts=counts, balanced=adds_up(counts))


def _by_day(
    tx: Transaction,
    table: str,
    names: Sequence[str],
    *,
    since: datetime,
    flow: str | None,
    kind: str,
) -> list[DaySums]:
    """Days with committed batches, or with runs begun that did not end well."""
    asked = {"since": since, "flow": flow, "kind": kind}
    unfinished: dict[date, dict[str, int]] = {}
    for day, state, count in tx.execute(UNFINISHED_BY_DAY, asked):
        unfinished.setdefault(day, {})[state] = count
    sums = {day: (batches, counts) for day, batches, *counts in tx.execute(SUMS[table], asked)}
    nothing = (0, [0] * len(names))
    return [
        DaySums(day, batches, named, adds_up(named), unfinished.get(day, {}))
        for day in sorted({*sums, *unfinished})
        for batches, counts in [sums.get(day, nothing)]
        for named in [dict(zip(names, counts, strict=True))]
    ]


def exceptions(
    tx: Transaction, since: datetime, flow: str | None = None, *, most: int = 100
) -> list[ExceptionRow]:
    """Runs that failed, were aborted, or do not balance, newest first."""
    return rows(tx, ExceptionRow, EXCEPTIONS, since=since, flow=flow, most=most)

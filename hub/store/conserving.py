"""Sums of every outcome by day, and the runs that are exceptions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString

from psycopg.rows import class_row

from hub.errors import Fault
from hub.model import Json
from hub.rules.conservation import adds_up
from hub.store.database import Transaction
from hub.store.outbox import DELIVERY_OUTCOMES
from hub.store.reading import DELIVERY, INTAKE, fault_of
from hub.store.runs import OUTCOMES

DAY = "(b.committed_at at time zone 'Asia/Shanghai')::date"
INTAKE_BY_DAY = f"""
    select {DAY} as day, count(*), {INTAKE} from hub.batch b
     where b.committed_at >= %(since)s and (%(flow)s::text is null or b.flow = %(flow)s) group by 1 order by 1
"""  # noqa: S608 -- made of this module's own constants
DELIVERY_BY_DAY = f"""
    select {DAY} as day, count(*), {DELIVERY} from hub.delivery_batch b
     where b.committed_at >= %(since)s and (%(flow)s::text is null or b.flow = %(flow)s) group by 1 order by 1
"""  # noqa: S608 -- likewise
EXCEPTIONS = """
    select r.id, r.flow, r.kind, r.state, r.started_at, r.ended_at, r.cause, true as balanced
      from hub.run r
     where r.state in ('failed', 'aborted') and r.started_at >= %(since)s
       and (%(flow)s::text is null or r.flow = %(flow)s)
     union all
    select r.id, r.flow, r.kind, r.state, r.started_at, r.ended_at, r.cause, false
      from hub.report p join hub.run r on r.id = p.run_id
     where not p.balanced and r.started_at >= %(since)s and (%(flow)s::text is null or r.flow = %(flow)s)
     order by id desc limit %(most)s
"""
# Runs that have not come to a good end, on the day on which they began.
UNFINISHED_BY_DAY = """
    select (r.started_at at time zone 'Asia/Shanghai')::date, r.state, count(*) from hub.run r
     where r.state <> 'complete' and r.started_at >= %(since)s
       and (%(flow)s::text is null or r.flow = %(flow)s) and (r.kind in ('push', 'receipts')) = %(delivers)s
     group by 1, 2 order by 1, 2
"""


@dataclass(frozen=True, slots=True)
class DaySums:
    """All batches of a day: the whole first, then its parts.

    unfinished: how many runs that began on this day are under way, failed, broken off or held.
    """

    day: date
    batches: int
    counts: dict[str, int]
    unfinished: dict[str, int]

    @property
    def balanced(self) -> bool:
        """Whether the whole is the sum of its parts."""
        return adds_up(self.counts)


@dataclass(frozen=True, slots=True)
class ExceptionRow:
    """A run that did not come to a good end, or does not balance."""

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
        """What stopped it."""
        return fault_of(self.cause) if self.cause else None


def intake_by_day(tx: Transaction, since: datetime, flow: str | None = None) -> list[DaySums]:
    """What pulls, replays and releases read, by day, and what became of it."""
    return _by_day(tx, INTAKE_BY_DAY, OUTCOMES, since=since, flow=flow, delivers=False)


def delivery_by_day(tx: Transaction, since: datetime, flow: str | None = None) -> list[DaySums]:
    """What pushes had to do, by day, and what became of it."""
    return _by_day(tx, DELIVERY_BY_DAY, DELIVERY_OUTCOMES, since=since, flow=flow, delivers=True)


def _by_day(
    tx: Transaction,
    query: LiteralString,
    names: Sequence[str],
    *,
    since: datetime,
    flow: str | None,
    delivers: bool,
) -> list[DaySums]:
    """The days on which batches were committed or runs began that have not come to a good end."""
    asked = {"since": since, "flow": flow, "delivers": delivers}
    unfinished: dict[date, dict[str, int]] = {}
    for day, state, count in tx.execute(UNFINISHED_BY_DAY, asked):
        unfinished.setdefault(day, {})[state] = count
    sums = {day: (batches, counts) for day, batches, *counts in tx.execute(query, asked)}
    nothing = (0, [0] * len(names))
    return [
        DaySums(day, batches, dict(zip(names, counts, strict=True)), unfinished.get(day, {}))
        for day in sorted({*sums, *unfinished})
        for batches, counts in [sums.get(day, nothing)]
    ]


def exceptions(tx: Transaction, since: datetime, flow: str | None = None, *, most: int = 100) -> list[ExceptionRow]:
    """Runs that failed, were broken off, or do not balance, newest first."""
    with tx.cursor(row_factory=class_row(ExceptionRow)) as cursor:
        return cursor.execute(EXCEPTIONS, {"since": since, "flow": flow, "most": most}).fetchall()

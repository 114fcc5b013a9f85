"""Sums of every outcome by day, and the runs that are exceptions."""

from dataclasses import dataclass
from datetime import date, datetime

from psycopg.rows import class_row

from hub.errors import Fault
from hub.model import Json
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


@dataclass(frozen=True, slots=True)
class DaySums:
    """All batches of a day: the whole first, then its parts."""

    day: date
    batches: int
    counts: dict[str, int]

    @property
    def balanced(self) -> bool:
        """Whether the whole is the sum of its parts."""
        whole, *parts = self.counts.values()
        return whole == sum(parts)


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
    rows = tx.execute(INTAKE_BY_DAY, {"since": since, "flow": flow})
    return [DaySums(day, count, dict(zip(OUTCOMES, sums, strict=True))) for day, count, *sums in rows]


def delivery_by_day(tx: Transaction, since: datetime, flow: str | None = None) -> list[DaySums]:
    """What pushes had to do, by day, and what became of it."""
    rows = tx.execute(DELIVERY_BY_DAY, {"since": since, "flow": flow})
    return [DaySums(day, count, dict(zip(DELIVERY_OUTCOMES, sums, strict=True))) for day, count, *sums in rows]


def exceptions(tx: Transaction, since: datetime, flow: str | None = None, *, most: int = 100) -> list[ExceptionRow]:
    """Runs that failed, were broken off, or do not balance, newest first."""
    with tx.cursor(row_factory=class_row(ExceptionRow)) as cursor:
        return cursor.execute(EXCEPTIONS, {"since": since, "flow": flow, "most": most}).fetchall()

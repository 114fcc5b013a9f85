"""State of every flow now, at any size: no count goes beyond the limit given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.db.database import Transaction
from hub.db.rows import fault_of, rows
from hub.errors import Fault
from hub.model import Json

HOURS = 24

# Each count walks an index up to the limit (`order by` forces it, or a whole table might be read).
# Kinds per flow: 'pull', or 'push' and 'receipts'; a failed replay is no failure of the source. A
# pull never completed is measured from the hub's first run.
STANDING = """
    select f.name as flow, l.id as last_run, l.state as last_state, l.started_at as last_at,
           e.id as ended_run, case when e.state = 'failed' then e.cause end as cause,
           extract(epoch from now() - coalesce(case when f.name like 'pull.%%'
               then w.last_complete_at
                                                    else c.ended_at end,
                                               (select started_at from hub.run
                                                   order by id limit 1)))::float as seconds,
           (select count(*) from (select from hub.quarantine q
                                   where q.flow = f.name and q.state = 'open'
                                   order by q.flow, q.cause limit %(most)s) x) as entries,
           (select count(*) from (select from hub.held_batch q where q.flow = f.name
               and q.state = 'waiting'
                                   order by q.batch_id limit %(most)s) x) as held,
           (select count(*) from (select from hub.waiting q where q.flow = f.name
                                   order by q.flow, q.key limit %(most)s) x) as waiting,
           (select count(*) from (select from hub.delivery d
                                   where d.flow = f.name
                                     and (d.dirty or d.state in ('due', 'sending', 'retrying',
                                         'blocked',
                                                                 'awaiting_receipt', 'dead'))
                                   order by d.flow, d.record_id limit %(most)s) x) as deliveries
      from unnest(%(flows)s::text[]) as f (name)
      left join hub.flow w on w.name = f.name
      left join lateral (select id, state, started_at from hub.run
                          where flow = f.name and kind = split_part(f.name, '.', 1)
                          order by id desc limit 1) l on true
      left join lateral (select id, state, cause from hub.run
                          where flow = f.name and kind = split_part(f.name, '.', 1)
                            and state in ('complete', 'held', 'failed')
                          order by id desc limit 1) e on true
      left join lateral (select ended_at from hub.run
                          where flow = f.name and kind = split_part(f.name, '.', 1)
                              and state = 'complete'
                          order by id desc limit 1) c on true
"""
THROUGHPUT = f"""
    select flow, floor(extract(epoch from now() - committed_at) / 3600)::int, sum(moved)::bigint
      from (select flow, committed_at, read as moved from hub.batch
             where committed_at > now() - interval '{HOURS} hours'
             union all
            select flow, committed_at, due from hub.delivery_batch
             where committed_at > now() - interval '{HOURS} hours') b
     where moved > 0
     group by 1, 2
"""  # noqa: S608 -- made of this module's own constants
# From one cause to the next through the index, and of each no more entries than wanted.
OPEN_CAUSES = """
    with recursive met (flow, cause) as (
        (select flow, cause from hub.quarantine where state = 'open' order by flow, cause limit 1)
        union all
        select n.flow, n.cause from met m
         cross join lateral (select flow, cause from hub.quarantine q
                              where state = 'open' and (q.flow, q.cause) > (m.flow, m.cause)
                              order by flow, cause limit 1) n)
    select m.flow, m.cause, o.owner, o.opened_at,
           (select count(*) from (select from hub.quarantine q
                                   where q.state = 'open' and q.flow = m.flow and q.cause = m.cause
                                   order by q.flow, q.cause limit %s) e) as entries
      from met m
      cross join lateral (select owner, opened_at from hub.quarantine q
                           where q.state = 'open' and q.flow = m.flow and q.cause = m.cause
                           order by q.flow, q.cause limit 1) o
     order by entries desc, m.flow, m.cause
"""

DURATIONS = """
    select f.name, k.kind, extract(epoch from l.ended_at - l.started_at)::float
      from hub.flow f
      cross join (select distinct kind from hub.run) k
      cross join lateral (select started_at, ended_at from hub.run r
                           where r.flow = f.name and r.kind = k.kind and r.ended_at is not null
                           order by r.id desc limit 1) l
"""
HELD = "select flow, count(*) from hub.held_batch where state = 'waiting' group by flow"


@dataclass(frozen=True, slots=True)
class FlowStanding:
    """One flow now; counts end at the limit given.

    held: waiting batches. last_*: its newest run. ended_run, cause: its newest run that ended, and
    its error, if any. seconds: since it was last complete; None if the hub never ran anything.
    """

    flow: str
    last_run: int | None
    last_state: str | None
    last_at: datetime | None
    ended_run: int | None
    cause: dict[str, Json] | None
    seconds: float | None
    entries: int
    held: int
    waiting: int
    deliveries: int

    @property
    def fault(self) -> Fault | None:
        """The error of its last ended run, None without."""
        return fault_of(self.cause) if self.cause else None


@dataclass(frozen=True, slots=True)
class OpenCause:
    """Open quarantine entries of one cause, with an example; the count ends at the limit given."""

    flow: str
    cause: str
    owner: str
    opened_at: datetime
    entries: int


def standing(tx: Transaction, flows: Sequence[str], *, most: int) -> list[FlowStanding]:
    """State of these flows, in their order."""
    return rows(tx, FlowStanding, STANDING, flows=list(flows), most=most)


def throughput(tx: Transaction) -> dict[str, tuple[int, ...]]:
    """Flow -> records moved in each of the last hours, oldest first."""
    found: dict[str, list[int]] = {}
    for flow, ago, moved in tx.execute(THROUGHPUT):
        hours = found.setdefault(flow, [0] * HOURS)
        hours[max(0, HOURS - 1 - ago)] += moved
    return {flow: tuple(hours) for flow, hours in found.items()}


def open_causes(tx: Transaction, *, most: int) -> list[OpenCause]:
    """Causes of open entries, the largest group first."""
    return rows(tx, OpenCause, OPEN_CAUSES, (most,))


def durations(tx: Transaction) -> dict[tuple[str, ...], float]:
    """(flow, kind) -> seconds of the last run that ended."""
    return {(flow, kind): seconds for flow, kind, seconds in tx.execute(DURATIONS)}


def held(tx: Transaction) -> dict[str, int]:
    """Flow -> waiting batches."""
    return dict(tx.execute(HELD))

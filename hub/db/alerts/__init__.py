"""Alerts: one row per cause, open while it lasts, notified at most so often; and their sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.db.database import Transaction, as_rows
from hub.db.rows import fault_of, rows
from hub.errors import Fault
from hub.model import Json

# The last run of each flow and kind that came to an end, where that end was a failure; how often in
# a row.
FAILING = """
    select f.name, l.kind, l.cause, l.id, l.ended_at,
           (select count(*) from hub.run r
             where r.flow = f.name and r.kind = l.kind and r.state in ('failed', 'aborted')
                 and r.cause is not null
               and r.id > coalesce((select max(c.id) from hub.run c
                                     where c.flow = f.name and c.kind = l.kind and c.state
                                         in ('complete', 'held')), 0))
      from hub.flow f
      cross join unnest(array['pull', 'push', 'receipts', 'replay', 'release', 'remap', 'reconcile',
          'erase',
                               'decide', 'accept', 'drop',
                               'write_back'])
            as k (kind)
      cross join lateral (select r.id, r.kind, r.state, r.cause, r.ended_at from hub.run r
                           where r.flow = f.name and r.kind = k.kind and r.state <> 'running'
                             and (r.state <> 'aborted' or r.cause is not null)
                           order by r.id desc limit 1) l
     where l.state in ('failed', 'aborted')
"""
# A flow that has never read its source completely is measured from the first run of all.
SILENCE = """
    select w.flow, extract(epoch from now() - coalesce(f.last_complete_at, (select min(started_at)
        from hub.run)))
      from unnest(%s::text[]) as w (flow) left join hub.flow f on f.name = w.flow
"""
MEET = """
    insert into hub.alert as a (cause, code, facts, times, last_at)
    select m.cause, m.code, m.facts, m.times, m.last_at
      from json_to_recordset(%s) as m (cause text, code text, facts jsonb, times bigint,
          last_at timestamptz)
    on conflict (cause) do update
       set code = excluded.code, facts = excluded.facts, times = excluded.times,
           last_at = excluded.last_at,
           first_at = case when a.closed_at is null then a.first_at else now() end, closed_at = null
"""
CLOSE = "update hub.alert set closed_at = now() where closed_at is null and not cause = any(%s)"
HOLD = """
    update hub.alert set held_until = now() + interval '2 minutes'
     where cause in (select cause from hub.alert
                      where closed_at is null and (held_until is null or held_until < now())
                        and (told_at is null
                             or (last_at > told_at and told_at < now() - make_interval(secs => %s)))
                      for update skip locked)
    returning cause, code, facts, times, first_at, last_at, told_at, closed_at
"""
TOLD = "update hub.alert set told_at = now(), held_until = null where cause = %s"
ALERTS = """
    select cause, code, facts, times, first_at, last_at, told_at, closed_at from hub.alert
     where closed_at is null or %s order by closed_at nulls first, first_at, cause
"""


@dataclass(frozen=True, slots=True)
class AlertFinding:
    """A condition to alert; `cause` identifies it from one check to the next."""

    cause: str
    fault: Fault
    times: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Alert:
    """One cause, and when people were notified of it."""

    cause: str
    code: str
    facts: dict[str, str]
    times: int
    first_at: datetime
    last_at: datetime
    told_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Failing:
    """A flow whose last run of a kind failed: that run."""

    flow: str
    kind: str
    fault: Fault
    run: int
    last_at: datetime
    times: int


def failing(tx: Transaction) -> list[Failing]:
    """Flows whose last run of a kind failed, with its cause."""
    rows: list[tuple[str, str, dict[str, Json], int, datetime, int]] = tx.execute(
        FAILING
    ).fetchall()
    return [
        Failing(flow, kind, fault_of(cause), run, at, times)
        for flow, kind, cause, run, at, times in rows
    ]


def silence(tx: Transaction, flows: Sequence[str]) -> dict[str, float]:
    """Seconds since each flow last read its source completely; 0 if the hub never ran anything."""
    return {flow: float(seconds or 0) for flow, seconds in tx.execute(SILENCE, (list(flows),))}


def meet(tx: Transaction, found: Sequence[AlertFinding]) -> int:
    """Open, renew or close alerts to match what was found; gives how many are open."""
    causes = [finding.cause for finding in found]
    tx.execute(CLOSE, (causes,))
    if found:
        rows = [
            {
                "cause": finding.cause,
                "code": finding.fault.code,
                "facts": finding.fault.facts,
                "times": finding.times,
                "last_at": finding.last_at,
            }
            for finding in found
        ]
        tx.execute(MEET, (as_rows(rows),))
    return len(found)


def hold_due(tx: Transaction, *, again_seconds: int) -> list[Alert]:
    """Claim alerts to notify for two minutes: new ones, and those met again since long enough ago.

    A claim lapses, so an alert whose notifier died is notified by the next one (at least once).
    """
    return rows(tx, Alert, HOLD, (again_seconds,))


def told(tx: Transaction, cause: str) -> None:
    """Store that an alert was notified."""
    tx.execute(TOLD, (cause,))


def alerts(tx: Transaction, *, closed: bool = False) -> list[Alert]:
    """Open alerts, the oldest first; closed ones after them if wanted."""
    return rows(tx, Alert, ALERTS, (closed,))

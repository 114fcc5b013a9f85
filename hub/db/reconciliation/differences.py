"""Differences found by reconciliation: stored, closed, decided, listed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from psycopg import sql
from pydantic import JsonValue

from hub.db.database import Transaction, as_rows
from hub.db.rows import rows
from hub.model import Json

Class = Literal[
    "lag",
    "lost_push",
    "foreign_edit",
    "mapping_fault",
    "missing_here",
    "missing_there",
    "surplus_there",
]
COMPARED = (
    "compared",
    "same",
    "superseded",
    "lag",
    "lost_push",
    "foreign_edit",
    "mapping_fault",
    "missing_here",
    "missing_there",
    "surplus_there",
)
"""Columns of a comparison: the total, then the outcomes it must equal (a constraint)."""
KINDS = COMPARED[3:]
"""Outcomes that are differences."""

State = Literal["open", "queued", "repaired", "gone", "left"]

# What a person has left as it is stays so until something else is found. Whatever was closed counts
# from one again.
NOTE = """
    insert into hub.difference as d (flow, key, class, state, record_id, found, first_run, last_run)
    select %(flow)s, n.key, n.class, 'open', n.record_id, n.found, %(run)s, %(run)s
      from json_to_recordset(%(met)s) as n (key text, class text, record_id bigint, found jsonb)
    on conflict (flow, key) do update
       set class = excluded.class, record_id = excluded.record_id, found = excluded.found,
           last_run = excluded.last_run, last_at = excluded.last_at,
           state = case when d.state = 'queued' and d.class = excluded.class then 'queued'
               else 'open' end,
           times = case when d.closed_at is null and d.class = excluded.class then d.times + 1
               else 1 end,
           first_run = case when d.closed_at is null then d.first_run else excluded.first_run end,
           first_at = case when d.closed_at is null then d.first_at else excluded.first_at end,
           closed_at = null, closed_by = null, reason = null
     where not (d.state = 'left' and d.class = excluded.class and d.found = excluded.found)
    returning d.key, d.times
"""
TURN = """
    update hub.difference set state = %(state)s, closed_at = case when %(closed)s then now() end
     where flow = %(flow)s and key = any(%(keys)s) and closed_at is null
"""
GONE = """
    update hub.difference d set state = 'gone', closed_at = now()
     where d.flow = %(flow)s and d.closed_at is null and d.key = any(%(keys)s)
"""
GONE_BUT = """
    update hub.difference d set state = 'gone', closed_at = now()
     where d.flow = %(flow)s and d.class = %(class)s and d.closed_at is null
         and not d.key = any(%(keys)s)
"""
CHOSEN = """
    select id, flow, key, class as kind, state, record_id, found, times, first_run, last_run,
        first_at, last_at,
           closed_at, closed_by, reason
      from hub.difference where id = any(%s) and class = %s and closed_at is null
          order by id for update
"""
REPAIRED_BY = """
    update hub.difference set state = 'repaired', closed_at = now(), closed_by = %s, reason = %s
     where id = any(%s) and closed_at is null
"""
LEAVE = """
    update hub.difference set state = 'left', closed_at = now(), closed_by = %(by)s,
        reason = %(reason)s
     where id = any(%(ids)s) and closed_at is null
"""
RESEND = """
    update hub.difference set state = 'repaired', closed_at = now(), closed_by = %(by)s,
        reason = %(reason)s
     where id = any(%(ids)s) and closed_at is null and class in ('lost_push', 'foreign_edit')
         and found ? 'key'
    returning flow, found->>'key', class
"""
LIST = """
    select id, flow, key, class as kind, state, record_id, found, times, first_run, last_run,
        first_at, last_at,
           closed_at, closed_by, reason
      from hub.difference
     where (%(flow)s::text is null or flow = %(flow)s)
       and (%(kind)s::text is null or class = %(kind)s)
       and (%(closed)s or closed_at is null)
     order by case when %(closed)s then closed_at end nulls first, id limit %(most)s
"""
BY_CAUSE = """
    select flow, class, count(*), count(*) filter (where state = 'queued') from hub.difference
     where closed_at is null group by flow, class order by flow, class
"""
STAYING = """
    select flow, class, count(*), max(last_at) from hub.difference
     where closed_at is null and (state = 'queued' or times > 1) and class <> 'mapping_fault'
     group by flow, class
"""


@dataclass(frozen=True, slots=True)
class Met:
    """One difference as met by a comparison; `found` names what differs, never a value."""

    key: str
    kind: Class
    found: Mapping[str, Json]
    record_id: int | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """One stored difference, as last met."""

    id: int
    flow: str
    key: str
    kind: Class
    state: State
    record_id: int | None
    found: dict[str, JsonValue]
    times: int
    first_run: int
    last_run: int
    first_at: datetime
    last_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    reason: str | None


def note(tx: Transaction, flow: str, run_id: int, met: Sequence[Met]) -> dict[str, int]:
    """Store differences; gives key -> times met in a row, without those that people accepted."""
    if not met:
        return {}
    rows = [
        {"key": one.key, "class": one.kind, "record_id": one.record_id, "found": dict(one.found)}
        for one in met
    ]
    return dict(tx.execute(NOTE, {"flow": flow, "run": run_id, "met": as_rows(rows)}).fetchall())


def turn(
    tx: Transaction, flow: str, keys: Sequence[str], state: Literal["queued", "repaired"]
) -> None:
    """Set open differences to repaired, or queued for a person."""
    if keys:
        tx.execute(
            TURN, {"flow": flow, "keys": list(keys), "state": state, "closed": state == "repaired"}
        )


def gone(tx: Transaction, flow: str, keys: Sequence[str]) -> None:
    """Close all differences of these keys: they were found equal."""
    if keys:
        tx.execute(GONE, {"flow": flow, "keys": list(keys)})


def gone_but(tx: Transaction, flow: str, kind: Class, keys: Sequence[str]) -> None:
    """Close differences of this class, except of these keys: everything was compared."""
    tx.execute(GONE_BUT, {"flow": flow, "class": kind, "keys": list(keys)})


def chosen(tx: Transaction, ids: Sequence[int], kind: Class) -> list[Difference]:
    """Those of these ids that are open and of this class."""
    return rows(tx, Difference, CHOSEN, (list(ids), kind))


def repaired_by(tx: Transaction, ids: Sequence[int], *, by: str, reason: str) -> None:
    """Store that a person started the repair of these."""
    tx.execute(REPAIRED_BY, (by, reason, list(ids)))


def leave(tx: Transaction, ids: Sequence[int], *, by: str, reason: str) -> int:
    """Accept differences until something else is found; gives how many."""
    return tx.execute(LEAVE, {"ids": list(ids), "by": by, "reason": reason}).rowcount


def resend(
    tx: Transaction, ids: Sequence[int], *, by: str, reason: str
) -> list[tuple[str, str, Class]]:
    """Queue deliveries for resending; gives (flow, key, class) of each."""
    return tx.execute(RESEND, {"ids": list(ids), "by": by, "reason": reason}).fetchall()


def listed(
    tx: Transaction,
    *,
    flow: str | None = None,
    kind: str | None = None,
    closed: bool = False,
    most: int = 50,
) -> list[Difference]:
    """Open differences, oldest first; closed ones after them if wanted."""
    return rows(tx, Difference, LIST, flow=flow, kind=kind, closed=closed, most=most)


def by_cause(tx: Transaction) -> list[tuple[str, Class, int, int]]:
    """(flow, class, open differences, those of them that wait for a person)."""
    return tx.execute(BY_CAUSE).fetchall()


def staying(tx: Transaction) -> list[tuple[str, str, int, datetime]]:
    """(flow, class, number, last time) of differences met twice, or waiting for a person."""
    return tx.execute(STAYING).fetchall()


def add_comparison(tx: Transaction, run_id: int, flow: str, outcomes: Counter[str]) -> None:
    """Store the outcomes of a comparison; the database refuses them when they do not balance."""
    row = {name: outcomes[name] for name in COMPARED} | {
        "compared": outcomes.total(),
        "run_id": run_id,
        "flow": flow,
    }
    tx.execute(
        sql.SQL("insert into hub.comparison ({}) values ({})").format(
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(map(sql.Placeholder, row)),
        ),
        row,
    )

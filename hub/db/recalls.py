"""Recall cases: wrong values that were handed on, their receivers, and who has been corrected."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Literal

from psycopg import sql
from psycopg.types.json import Jsonb

from hub.db import entity_tables
from hub.db.database import Transaction
from hub.db.rows import rows
from hub.domain.contracts import Entity
from hub.model import Json

# By event order, not by clock. A batch takes its place just before it commits, so whoever read in
# between still saw the old value.
WITHIN = """
    exists (select from unnest(%(since)s::bigint[], %(until)s::bigint[], %(ended)s::timestamptz[])
                        as s (since, until, ended)
             where hub.event_order(a.id) > s.since
               and (s.until is null or hub.event_order(a.id) < s.until
                    or a.at between s.ended and s.ended + interval '5 seconds'))
"""
EVENTS = """
    select e.flow, e.record_id, e.key, e.state, e.golden_version, e.at, hub.event_order(e.id)
        as place,
           coalesce(e.body, case when d.key = e.key then d.body end) as body
      from hub.delivery_event e left join hub.delivery d on d.flow = e.flow
          and d.record_id = e.record_id
     where e.record_id = any(%s) and e.flow = %s and e.action = 'upsert' and e.state <> 'rejected'
     order by hub.event_order(e.id)
"""
# Reading the notice of a recall, or of the dispute before it, is no new read of the value.
READS = f"""
    select a.account, coalesce(c.department, '') as department, a.route, a.purpose, a.at
      from hub.access a left join hub.account c on c.name = a.account
     where a.record_ids @> array[%(record)s::bigint] and not a.refused
       and a.route !~ '^[A-Z]+ (/v1)?/(recalls|disputes(?!/new))|^hub (recall|disputes)'
       and {WITHIN}
     order by hub.event_order(a.id)
"""  # noqa: S608 -- made of this module's own constants
QUOTING = "select record_id from {table} where project_code = %s"
BORROWING = """
    select distinct record_id from {table}
     where lent_by in (select token from hub.crosswalk where record_id = %s)
"""
SOURCED = """
    select s.record_id from {table} s join hub.landing l on l.flow = s.flow and l.key = s.source_key
     where l.id = %(landing)s
     union select record_id from hub.part where landing_id = %(landing)s
"""
LANDING_FLOW = "select flow from hub.landing where id = %s"
OPEN = """
    insert into hub.recall (record_id, field, value, landing_id, reason, opened_by) values (%s, %s,
        %s, %s, %s, %s)
    on conflict (record_id, field, value) where closed_at is null do nothing returning id
"""
COLUMNS = (
    "c.id, c.record_id, r.entity, r.key, c.field, c.value, c.landing_id, c.reason, c.opened_by, "
    "c.opened_at,"
)
CASES = f"""
    select {COLUMNS} c.closed_at,
           (select count(*) from hub.recall_receiver v where v.recall_id = c.id) as receivers,
           (select count(*) from hub.recall_receiver v where v.recall_id = c.id
               and v.acknowledged_at is null) as owed
      from hub.recall c join hub.record r on r.id = c.record_id
     where (%(id)s::bigint is null or c.id = %(id)s) and (%(closed)s or c.closed_at is null)
     order by c.id desc
"""  # noqa: S608 -- likewise
RECEIVERS = """
    select kind, name, record_id, times, first_at, last_at, sent, acknowledged_at, acknowledged_by,
        note
      from hub.recall_receiver where recall_id = %s order by kind, name, record_id
"""
# A receiver that got the value again after acknowledging owes another one.
MEET = """
    insert into hub.recall_receiver as v (recall_id, kind, name, record_id, times, first_at,
        last_at, sent)
    select %s, n.kind, n.name, n.record_id, n.times, n.first_at, n.last_at, n.sent
      from jsonb_to_recordset(%s) as n (kind text, name text, record_id bigint, times integer,
          first_at timestamptz,
                                        last_at timestamptz, sent jsonb)
    on conflict (recall_id, kind, name, record_id) do update
       set times = excluded.times, first_at = excluded.first_at, last_at = excluded.last_at,
           sent = excluded.sent,
           acknowledged_at = case when excluded.last_at <= v.last_at then v.acknowledged_at end,
           acknowledged_by = case when excluded.last_at <= v.last_at then v.acknowledged_by end
"""
HELD = """
    select v.name, v.record_id, v.sent, d.state, d.dirty, d.held_body
      from hub.recall_receiver v join hub.delivery d on d.flow = v.name
          and d.record_id = v.record_id
     where v.recall_id = %s and v.kind = 'target' and v.acknowledged_at is null
"""
ACKNOWLEDGE = """
    update hub.recall_receiver set acknowledged_at = now(), acknowledged_by = %(by)s,
        note = %(note)s
     where recall_id = %(recall)s and name = any(%(names)s) and acknowledged_at is null
       and (%(records)s::bigint[] is null or record_id = any(%(records)s))
"""
CLOSE = """
    update hub.recall c set closed_at = now()
     where c.id = %s and c.closed_at is null
       and not exists (select from hub.recall_receiver v where v.recall_id = c.id
           and v.acknowledged_at is null)
"""
COLLEAGUES = """
    select name from hub.account
     where name = %(name)s
        or (department <> '' and department = (select department from hub.account
            where name = %(name)s))
"""


@dataclass(frozen=True, slots=True)
class Event:
    """One delivery attempt or verdict.

    place: its order among all events. body: as sent, None once erased.
    """

    flow: str
    record_id: int
    key: str
    state: str
    golden_version: int
    at: datetime
    place: int
    body: dict[str, Json] | None


@dataclass(frozen=True, slots=True)
class RecalledRead:
    """One read of the record: account, unit, route, purpose, time."""

    account: str
    department: str
    route: str
    purpose: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RecallRow:
    """One recall. receivers: who got the value; owed: how many are not corrected yet.

    value: None for readers who may not see it.
    """

    id: int
    record_id: int
    entity: str
    key: str
    field: str
    value: str | None
    landing_id: int | None
    reason: str
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None
    receivers: int
    owed: int


@dataclass(frozen=True, slots=True)
class Receiver:
    """A receiver of the value: how often, and when, by whom and how corrected."""

    kind: Literal["target", "reader"]
    name: str
    record_id: int
    times: int
    first_at: datetime
    last_at: datetime
    sent: dict[str, Json] = field(default_factory=dict)
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class OwingTarget:
    """A target that owes a correction: what it was sent, and what it is known to hold now."""

    name: str
    record_id: int
    sent: dict[str, Json]
    state: str
    dirty: bool
    held_body: dict[str, Json] | None


def events(tx: Transaction, flow: str, record_ids: Sequence[int]) -> list[Event]:
    """Delivery events of these records at a target, oldest first, without refusals."""
    return rows(tx, Event, EVENTS, (list(record_ids), flow))


def reads(
    tx: Transaction, record_id: int, spans: Sequence[tuple[int, int | None, datetime | None]]
) -> list[RecalledRead]:
    """Reads of the record, oldest first, in spans of (from, to place among events; time of end)."""
    since, until, ended = (list(part) for part in zip(*spans, strict=True))
    wanted = {"record": record_id, "since": since, "until": until, "ended": ended}
    return rows(tx, RecalledRead, READS, wanted)


def quoting(tx: Transaction, entity: Entity, project_code: str) -> list[int]:
    """Records of an entity that belong to a project."""
    query = sql.SQL(QUOTING).format(table=entity_tables.table("golden", entity))
    return [row[0] for row in tx.execute(query, (project_code,))]


def borrowing(tx: Transaction, entity: Entity, record_id: int) -> list[int]:
    """Records of an entity that got their project code from this record."""
    query = sql.SQL(BORROWING).format(table=entity_tables.table("source", entity))
    return [row[0] for row in tx.execute(query, (record_id,))]


def flow_of(tx: Transaction, landing_id: int) -> str | None:
    """The flow that brought a landing; None: unknown."""
    row = tx.execute(LANDING_FLOW, (landing_id,)).fetchone()
    return row[0] if row else None


def sourced(tx: Transaction, entity: Entity, landing_id: int) -> int | None:
    """The record that a landing was applied to; None for none, or several (parts of a whole)."""
    query = sql.SQL(SOURCED).format(table=entity_tables.table("source", entity))
    rows = tx.execute(query, {"landing": landing_id}).fetchall()
    return rows[0][0] if len(rows) == 1 else None


def open_case(
    tx: Transaction,
    record_id: int,
    name: str,
    *,
    value: str,
    landing_id: int | None,
    reason: str,
    by: str,
) -> int | None:
    """Open a case; gives its number, None when one is open for this value."""
    row = tx.execute(OPEN, (record_id, name, value, landing_id, reason, by)).fetchone()
    return int(row[0]) if row else None


def cases(
    tx: Transaction, *, recall_id: int | None = None, closed: bool = False
) -> list[RecallRow]:
    """One case, the open ones, or all; newest first."""
    return rows(tx, RecallRow, CASES, id=recall_id, closed=closed or recall_id is not None)


def receivers(tx: Transaction, recall_id: int) -> list[Receiver]:
    """Receivers of a case."""
    return rows(tx, Receiver, RECEIVERS, (recall_id,))


def meet(tx: Transaction, recall_id: int, found: Iterable[Receiver]) -> None:
    """Store receivers; one that got the value again after acknowledging owes another one."""
    tx.execute(MEET, (recall_id, Jsonb([_plain(one) for one in found])))


def held(tx: Transaction, recall_id: int) -> list[OwingTarget]:
    """What targets of a case hold that are not corrected yet."""
    return rows(tx, OwingTarget, HELD, (recall_id,))


def acknowledge(
    tx: Transaction,
    recall_id: int,
    names: Sequence[str],
    *,
    by: str,
    note: str,
    record_ids: Sequence[int] | None = None,
) -> int:
    """Store that these receivers are corrected; gives how many owed it."""
    chosen = {"recall": recall_id, "names": list(names), "by": by, "note": note}
    return tx.execute(ACKNOWLEDGE, chosen | {"records": record_ids and list(record_ids)}).rowcount


def close(tx: Transaction, recall_id: int) -> bool:
    """Close a case in which nobody owes anything; False otherwise."""
    return tx.execute(CLOSE, (recall_id,)).rowcount == 1


def colleagues(tx: Transaction, account: str) -> list[str]:
    """Accounts of this account's unit, itself included."""
    return [row[0] for row in tx.execute(COLLEAGUES, {"name": account})]


def _plain(one: Receiver) -> dict[str, object]:
    return asdict(one) | {
        "first_at": one.first_at.isoformat(),
        "last_at": one.last_at.isoformat(),
        "acknowledged_at": None,
    }

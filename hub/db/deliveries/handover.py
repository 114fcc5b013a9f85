"""Deliveries that their partner fetches: lying ready, handed over, acknowledged with a verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from psycopg import sql

from hub.db import entity_tables
from hub.db.database import Transaction, as_rows
from hub.db.rows import rows
from hub.domain.contracts import Entity
from hub.domain.delivery_states import UNSETTLED
from hub.model import Json

READY = """
    insert into hub.handover (flow, key, record_id)
    select d.flow, d.key, d.record_id from hub.delivery d
     where d.flow = %s and d.key = any(%s)
    on conflict (flow, key) do nothing
"""
STANDING = """
    select key, state, ready_at, handed_at from hub.handover where flow = %s and key = any(%s)
"""
# What has been overtaken or erased since lies ready no longer.
COLUMNS = """
    h.id as number, h.key, h.record_id, d.action, d.body, h.ready_at, h.handed_at, h.times,
    h.state, g.key as record_key
"""
OPEN = f"""
    select {COLUMNS}
      from hub.handover h
      join hub.delivery d on d.flow = h.flow and d.record_id = h.record_id and d.key = h.key
      join hub.record g on g.id = h.record_id
     where h.flow = %(flow)s and h.id > %(after)s and h.state in ('ready', 'handed')
       and d.state = any(%(unsettled)s) and d.body is not null
     order by h.id limit %(most)s
"""  # noqa: S608 -- made of this module's own constants
HAND = """
    update hub.handover set handed_at = coalesce(handed_at, clock_timestamp()),
           handed_to = coalesce(handed_to, %s), times = times + 1,
           state = case state when 'ready' then 'handed' else state end
     where id = any(%s)
"""
LOCK = """
    select key, state, acknowledged_by from hub.handover
     where flow = %s and key = any(%s) order by id for update
"""
ACKNOWLEDGE = """
    update hub.handover h
       set state = n.state, code = n.code, text = n.text, acknowledged_by = %(by)s,
           acknowledged_at = clock_timestamp()
      from json_to_recordset(%(verdicts)s) as n (key text, state text, code text, text text)
     where h.flow = %(flow)s and h.key = n.key and h.state = 'handed'
"""
VERDICTS = """
    select key, state, code, text from hub.handover
     where flow = %s and key = any(%s) and state in ('accepted', 'rejected')
"""
CODES = "select record_id, project_code from {} where record_id = any(%s)"
COUNTED = """
    select flow, count(*) filter (where state = 'ready') as ready,
           count(*) filter (where state = 'handed') as handed,
           count(*) filter (where state in ('accepted', 'rejected')) as acknowledged,
           coalesce(extract(epoch from now() - min(ready_at)
               filter (where state in ('ready', 'handed'))), 0)::float8 as oldest
      from hub.handover group by flow order by flow
"""


@dataclass(frozen=True, slots=True)
class ReadyDelivery:
    """How a delivery stands that is to be fetched."""

    key: str
    state: Literal["ready", "handed", "accepted", "rejected"]
    ready_at: datetime
    handed_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenHandover:
    """A delivery that waits to be fetched or acknowledged, with its frozen body."""

    number: int
    key: str
    record_id: int
    action: Literal["upsert", "withdraw"]
    body: Mapping[str, Json]
    ready_at: datetime
    handed_at: datetime | None
    times: int
    state: str
    record_key: str


@dataclass(frozen=True, slots=True)
class HandoverState:
    """The state of one delivery by its key, and who acknowledged it."""

    key: str
    state: str
    acknowledged_by: str | None


@dataclass(frozen=True, slots=True)
class HandoverVerdict:
    """A verdict on a delivery. state: accepted or rejected."""

    key: str
    state: Literal["accepted", "rejected"]
    code: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class HandoverCounts:
    """Deliveries of a flow by state; seconds since the oldest open one lay ready."""

    flow: str
    ready: int
    handed: int
    acknowledged: int
    oldest: float


def ready(tx: Transaction, flow: str, keys: Sequence[str]) -> dict[str, ReadyDelivery]:
    """Lay the flow's deliveries of these keys ready, if they do not lie there; how they stand."""
    tx.execute(READY, (flow, list(keys)))
    return {one.key: one for one in rows(tx, ReadyDelivery, STANDING, (flow, list(keys)))}


def still_open(tx: Transaction, flow: str, *, after: int, most: int) -> list[OpenHandover]:
    """Deliveries of a flow that nobody has acknowledged, by number."""
    asked = {"flow": flow, "after": after, "most": most, "unsettled": UNSETTLED}
    return rows(tx, OpenHandover, OPEN, asked)


def hand(tx: Transaction, numbers: Sequence[int], *, to: str) -> None:
    """Note that these were handed over."""
    if numbers:
        tx.execute(HAND, (to, list(numbers)))


def states(tx: Transaction, flow: str, keys: Sequence[str]) -> dict[str, HandoverState]:
    """Lock the deliveries of these keys; those that there are."""
    return {one.key: one for one in rows(tx, HandoverState, LOCK, (flow, list(keys)))}


def acknowledge(tx: Transaction, flow: str, verdicts: Sequence[HandoverVerdict], *, by: str) -> int:
    """Store the verdicts on what was handed over and is not acknowledged yet; how many."""
    asked = {"flow": flow, "by": by, "verdicts": as_rows(verdicts)}
    return tx.execute(ACKNOWLEDGE, asked).rowcount


def verdicts(tx: Transaction, flow: str, keys: Sequence[str]) -> list[HandoverVerdict]:
    """The verdicts that have come for these keys."""
    return rows(tx, HandoverVerdict, VERDICTS, (flow, list(keys)))


def project_codes(
    tx: Transaction, entity: Entity, record_ids: Sequence[int]
) -> dict[int, str | None]:
    """Record id -> its project's code. Not filtered by any reader's rights."""
    query = sql.SQL(CODES).format(entity_tables.table("golden", entity))
    return {row[0]: row[1] for row in tx.execute(query, (list(record_ids),))}


def counted(tx: Transaction) -> list[HandoverCounts]:
    """How many lie ready, were handed over and acknowledged, by flow."""
    return rows(tx, HandoverCounts, COUNTED)

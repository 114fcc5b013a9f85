"""Deliveries beside their events, for verification of the one by the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from hub.db.database import Transaction
from hub.db.deliveries.outbox import MARK_COLUMNS, Mark
from hub.db.rows import rows
from hub.model import Json

KEYS = (
    "select record_id from hub.delivery where flow = %s and record_id > %s order by record_id "
    "limit %s"
)
MARKS = f"""
    select {MARK_COLUMNS}
      from hub.delivery d join hub.record r on r.id = d.record_id
     where d.flow = %s and d.record_id = any(%s) order by d.record_id
"""  # noqa: S608 -- our own constants
# Targets may hold deliveries unknown here: after a restoration, or an adopted surplus.
ASKED = (
    "select exists (select from hub.restoration) or exists (select from hub.landing where flow = "
    "%s)"
)
EVENT_IDS = "select id from hub.delivery_event where id > %s order by id limit %s"
SENT = """
    select e.id, e.flow, e.record_id, r.key as natural_key, e.key, e.action, e.state, e.body
      from hub.delivery_event e join hub.record r on r.id = e.record_id where e.id = any(%s)
"""
# The last event of each delivery, and the last that was confirmed; how many keys there were.
EVENTS = """
    select e.record_id, n.state, n.key, n.action, n.golden_version, n.body, c.key as confirmed_key,
           c.action as confirmed_action, c.body as confirmed_body, c.at as confirmed_at, e.keys,
           coalesce((select v.reference from hub.delivery_event v
                      where v.flow = %(flow)s and v.record_id = e.record_id and v.reference <> ''
                      order by hub.event_order(v.id) desc limit 1), '') as reference,
           exists (select from hub.erasure x where x.record_id = e.record_id) as erased
      from (select record_id, count(distinct key) as keys from hub.delivery_event
             where flow = %(flow)s and record_id = any(%(ids)s) group by record_id) e
     cross join lateral (select * from hub.delivery_event v where v.flow = %(flow)s
         and v.record_id = e.record_id
                          order by hub.event_order(v.id) desc limit 1) n
      left join lateral (select * from hub.delivery_event v where v.flow = %(flow)s
          and v.record_id = e.record_id
                            and v.state = 'confirmed' order by hub.event_order(v.id) desc limit 1) c
                                on true
"""


BESIDE = """
    select d.record_id, d.held_until, d.confirmed_at, coalesce(d.uncertain, true) as uncertain,
           d.dirty is null or d.serial is null or d.attempt is null as lacking,
           exists (select from hub.erasure x where x.record_id = d.record_id) as erased
      from hub.delivery d where d.flow = %s and d.record_id = any(%s)
"""


@dataclass(frozen=True, slots=True)
class DeliveryHistory:
    """What a delivery's events say: the last attempt, and the last confirmed one."""

    record_id: int
    state: str
    key: str
    action: str
    golden_version: int
    body: dict[str, Json] | None
    confirmed_key: str | None
    confirmed_action: str | None
    confirmed_body: dict[str, Json] | None
    confirmed_at: datetime | None
    keys: int
    reference: str
    erased: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """Columns of a delivery that its mark leaves out.

    lacking: mark or number are missing. erased: its record has been erased.
    """

    record_id: int
    held_until: datetime | None
    confirmed_at: datetime | None
    uncertain: bool
    lacking: bool
    erased: bool


@dataclass(frozen=True, slots=True)
class DeliveryEvent:
    """An event; natural_key: its record's."""

    id: int
    flow: str
    record_id: int
    natural_key: str
    key: str
    action: Literal["upsert", "withdraw"]
    state: str
    body: dict[str, Json] | None


def event_ids(tx: Transaction, after: int, most: int) -> list[int]:
    """Ids of the next events, in order."""
    return [row[0] for row in tx.execute(EVENT_IDS, (after, most)).fetchall()]


def sent(tx: Transaction, ids: Sequence[int]) -> list[DeliveryEvent]:
    """These events."""
    return rows(tx, DeliveryEvent, SENT, (list(ids),))


def keys(tx: Transaction, flow: str, after: int, most: int) -> list[int]:
    """The next record ids with a delivery to this target."""
    return [row[0] for row in tx.execute(KEYS, (flow, after, most)).fetchall()]


def marks(tx: Transaction, flow: str, ids: Sequence[int]) -> list[Mark]:
    """The deliveries of these records."""
    return rows(tx, Mark, MARKS, (flow, list(ids)))


def asked(tx: Transaction, surplus: str) -> bool:
    """Whether targets were ever to be asked what they hold (a restoration, or a surplus decision).

    surplus: the flow under which surplus decisions land.
    """
    row = tx.execute(ASKED, (surplus,)).fetchone()
    return bool(row and row[0])


def beside(tx: Transaction, flow: str, ids: Sequence[int]) -> dict[int, Beside]:
    """The rest of the deliveries of these records."""
    return {row.record_id: row for row in rows(tx, Beside, BESIDE, (flow, list(ids)))}


def told(tx: Transaction, flow: str, ids: Sequence[int]) -> dict[int, DeliveryHistory]:
    """Record id -> what the events of its delivery say."""
    return {
        row.record_id: row for row in rows(tx, DeliveryHistory, EVENTS, flow=flow, ids=list(ids))
    }

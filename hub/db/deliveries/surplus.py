"""Surplus at targets: deliveries under our keys that are unknown here; their withdrawals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from psycopg.types.json import Jsonb

from hub.db.database import Transaction
from hub.db.rows import rows
from hub.domain.delivery_states import LATE
from hub.model import Json

# The keys under which targets are known to hold something, or something is under way.
KNOWN = """
    select key from hub.delivery where flow = %(flow)s and key = any(%(keys)s)
     union
    select found_key from hub.surplus_withdrawal
     where flow = %(flow)s and found_key = any(%(keys)s) and state = 'due'
     union
    select key from hub.surplus_withdrawal where flow = %(flow)s and key = any(%(keys)s)
"""
# Keys of all surplus ever found at the target, whatever became of it.
FOUND = """
    select found->>'key' from hub.difference where flow = %(flow)s and class = 'surplus_there'
     union
    select found_key from hub.surplus_withdrawal where flow = %(flow)s
"""
# Records of which nothing was ever sent, as far as is known here.
FRESH = """
    select d.record_id, r.key from hub.delivery d join hub.record r on r.id = d.record_id
     where d.flow = %s and d.record_id > %s and d.serial = 0 and d.dirty and not d.uncertain
     order by d.record_id limit %s
"""
OVERTAKE = """
    update hub.surplus_withdrawal set state = 'rejected', code = %s, ended_at = clock_timestamp()
     where flow = %s and state = 'due' and attempt = 0 and left(found_key, %s) = any(%s)
"""
# Asked for the few that are left: it reads every delivery of the flow.
CONFIRMED = "select confirmed_key from hub.delivery where flow = %s and confirmed_key = any(%s)"
DELIVERED = """
    select key from hub.delivery where flow = %(flow)s and key = any(%(keys)s)
     union
    select confirmed_key from hub.delivery where flow = %(flow)s and confirmed_key = any(%(keys)s)
"""
RECORDS = "select id, key from hub.record where entity = %s and id > %s order by id limit %s"
STATES = """
    select record_id, serial, uncertain,
           dirty or state = any(%(late)s) as late,
           confirmed_key is not null or (state = 'confirmed' and action = 'withdraw') as known
      from hub.delivery where flow = %(flow)s and record_id = any(%(records)s)
"""
# The next push asks the target what it holds of these.
ADOPT = """
    insert into hub.delivery (flow, record_id, uncertain) select %s, r, true
        from unnest(%s::bigint[]) r order by r
    on conflict (flow, record_id) do update set dirty = true, uncertain = true
"""
# The target was listed completely: deliveries at rest are what it holds.
CERTAIN = """
    update hub.delivery set uncertain = false
     where flow = %s and uncertain and not dirty and word is null
       and state in ('confirmed', 'unchanged', 'superseded', 'withheld', 'rejected')
"""
WITHDRAW = """
    insert into hub.surplus_withdrawal (flow, found_key, key, body, by, reason, landing_id)
    values (%s, %s, %s, '{}', %s, %s, %s) on conflict (flow, key) do nothing
"""
DUE = """
    select id, found_key, key, body, attempt from hub.surplus_withdrawal
     where flow = %s and state = 'due' order by id limit %s for update skip locked
"""
FREEZE = (
    "update hub.surplus_withdrawal set body = %s, attempt = attempt + 1 where id = %s and state "
    "= 'due'"
)
END = """
    update hub.surplus_withdrawal
       set state = %(state)s, code = %(code)s, text = %(text)s,
           ended_at = case when %(state)s <> 'due' then clock_timestamp() end
     where id = %(id)s and state = 'due'
"""

State = Literal["due", "confirmed", "rejected"]
OVERTAKEN = "delivery.overtaken"
"""Code of a withdrawal not sent, since a delivery of its record came first."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A surplus delivery to withdraw; body: {} before its first attempt."""

    id: int
    found_key: str
    key: str
    body: dict[str, Json]
    attempt: int


@dataclass(frozen=True, slots=True)
class DeliveryState:
    """What is known here of a target's copy of one record. known: that it is there, or gone."""

    record_id: int
    serial: int
    uncertain: bool
    late: bool
    known: bool


def unknown(tx: Transaction, flow: str, keys: Sequence[str]) -> list[str]:
    """Those of these keys that no delivery here has."""
    known = {row[0] for row in tx.execute(KNOWN, {"flow": flow, "keys": list(keys)}).fetchall()}
    left = [key for key in keys if key not in known]
    if left:
        known |= {row[0] for row in tx.execute(CONFIRMED, (flow, left)).fetchall()}
    return [key for key in left if key not in known]


def delivered(tx: Transaction, flow: str, keys: Sequence[str]) -> set[str]:
    """Those of these keys that are a delivery's own by now."""
    if not keys:
        return set()
    return {row[0] for row in tx.execute(DELIVERED, {"flow": flow, "keys": list(keys)})}


def found(tx: Transaction, flow: str) -> list[str]:
    """Keys of all surplus ever found at the target."""
    return [row[0] for row in tx.execute(FOUND, {"flow": flow}).fetchall()]


def fresh(tx: Transaction, flow: str, *, after: int, most: int) -> list[tuple[int, str]]:
    """The next (record id, key) that are due and of which nothing was ever sent."""
    return tx.execute(FRESH, (flow, after, most)).fetchall()


def overtake(tx: Transaction, flow: str, begins: Sequence[str]) -> None:
    """Drop withdrawals of these records not sent yet: their own deliveries replace them."""
    if begins:
        tx.execute(OVERTAKE, (OVERTAKEN, flow, len(begins[0]), list(begins)))


def records(tx: Transaction, entity: str, *, after: int, most: int) -> list[tuple[int, str]]:
    """The next (record id, key) of an entity."""
    return tx.execute(RECORDS, (entity, after, most)).fetchall()


def states(tx: Transaction, flow: str, record_ids: Sequence[int]) -> Mapping[int, DeliveryState]:
    """Delivery state by record id."""
    return {
        row.record_id: row
        for row in rows(tx, DeliveryState, STATES, flow=flow, records=list(record_ids), late=LATE)
    }


def adopt(tx: Transaction, flow: str, record_ids: Sequence[int]) -> None:
    """Make the next push ask the target about these records before sending."""
    if record_ids:
        tx.execute(ADOPT, (flow, list(record_ids)))


def certain(tx: Transaction, flow: str) -> None:
    """Mark the target's resting deliveries certain: it was listed completely, surplus is stored."""
    tx.execute(CERTAIN, (flow,))


def withdraw(
    tx: Transaction, flow: str, found_key: str, key: str, *, by: str, reason: str, landing_id: int
) -> None:
    """Queue a withdrawal of what is held under `found_key`; the next push sends it under `key`."""
    tx.execute(WITHDRAW, (flow, found_key, key, by, reason, landing_id))


def due(tx: Transaction, flow: str, *, most: int) -> list[Withdrawal]:
    """The next withdrawals to send; those locked by another worker are skipped."""
    return rows(tx, Withdrawal, DUE, (flow, most))


def freeze(tx: Transaction, row: Withdrawal, body: Mapping[str, Json]) -> None:
    """Store the body before it is sent."""
    tx.execute(FREEZE, (Jsonb(dict(body)), row.id))


def end(tx: Transaction, row: Withdrawal, state: State, *, code: str = "", text: str = "") -> None:
    """Store the outcome of a withdrawal; state "due": unknown, repeat it."""
    tx.execute(END, {"id": row.id, "state": state, "code": code, "text": text})

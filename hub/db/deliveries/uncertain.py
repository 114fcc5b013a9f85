"""Uncertain deliveries after a restoration: read, found at the target, freed, decided by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from psycopg import sql
from psycopg.types.json import Jsonb

from hub.db.database import Transaction
from hub.db.deliveries.outbox import MARK_COLUMNS, Frozen, Mark
from hub.db.rows import rows
from hub.domain.delivery_states import IN_FLIGHT, UNSETTLED
from hub.domain.storable import storable_facts
from hub.errors import Fault
from hub.model import Held

TAKE = f"""
    select {MARK_COLUMNS}
      from hub.delivery d join hub.record r on r.id = d.record_id
     where d.flow = %(flow)s and d.record_id > %(after)s and d.uncertain
       and ((dirty and state <> all(%(in_flight)s))
            or state in ('retrying', 'blocked') or word is not null
            or (state = 'awaiting_receipt' and due <= now())
            or (state = 'sending' and held_until < now()))
     order by d.record_id limit %(most)s
"""  # noqa: S608 -- made of constants
# Rows that another worker has settled since are skipped.
BELIEVED = (
    "d.flow = %(flow)s and d.record_id = n.record_id and d.uncertain and d.serial = n.believed"
)
CERTAIN = "uncertain = false, word = null, word_version = null"
# A target holds this delivery: it counts as sent, and its verdict follows in the same transaction.
TAKE_BACK = f"""
    update hub.delivery d
       set uncertain = n.uncertain, word = null, word_version = null, state = 'sending',
           dirty = n.dirty, attempt = 1,
           serial = n.serial, key = n.key, action = n.action, body = n.body,
               golden_version = n.golden_version,
           held_until = now(), note = null
      from jsonb_to_recordset(%(rows)s)
           as n (record_id bigint, believed integer, dirty boolean, serial integer, key text,
               action text, body jsonb,
                 golden_version integer, uncertain boolean)
     where {BELIEVED}
    returning d.record_id
"""  # noqa: S608 -- likewise
# forgets: the target holds nothing of it. holds: what it holds, though we never knew.
FREE = f"""
    update hub.delivery d
       set {CERTAIN}, serial = greatest(d.serial, n.serial), note = null,
           dirty = d.dirty or not n.repeat,
           due = case when n.repeat then now() else d.due end,
           state = case when n.repeat and d.state = 'sending' then 'retrying' when n.repeat
               then d.state
                        when d.state = any(%(unsettled)s) or d.state = 'blocked' then 'due'
                        else d.state end,
           attempt = case when n.repeat then d.attempt else 0 end,
           held_body = case when n.forgets or n.holds then n.body else d.held_body end,
           confirmed_key = case when n.forgets or n.holds then n.key else d.confirmed_key end,
           confirmed_body = case when n.forgets or n.holds then n.body else d.confirmed_body end,
           confirmed_at = case when n.forgets then null when n.holds then now()
               else d.confirmed_at end
      from jsonb_to_recordset(%(rows)s)
           as n (record_id bigint, believed integer, serial integer, repeat boolean,
               forgets boolean, holds boolean,
                 key text, body jsonb)
     where {BELIEVED}
"""  # noqa: S608 -- likewise
TELL = f"""
    update hub.delivery d
       set note = n.fault, word = null, word_version = null,
           dirty = d.dirty and d.state = any(%(unsettled)s),
           state = case when d.state = any(%(unsettled)s) then d.state
                        else 'blocked' end
      from jsonb_to_recordset(%(rows)s) as n (record_id bigint, believed integer, fault jsonb)
     where {BELIEVED}
"""  # noqa: S608 -- likewise
# Deliveries that wait for a person's decision.
WAITS = "d.uncertain and d.word is null and d.note->>'code' = 'delivery.uncertain'"
WAITING = f"""
    select d.flow, d.record_id, r.entity, r.key, d.state, d.action, d.confirmed_at
      from hub.delivery d join hub.record r on r.id = d.record_id
     where (%(flow)s::text is null or d.flow = %(flow)s) and d.record_id > %(after)s and {WAITS}
     order by d.record_id, d.flow limit %(most)s
"""  # noqa: S608 -- likewise
CHOSEN = f"""
    select d.record_id, r.entity from hub.delivery d join hub.record r on r.id = d.record_id
     where d.flow = %(flow)s and (%(records)s::bigint[] is null or d.record_id = any(%(records)s))
         and {WAITS}
     order by d.record_id for update of d
"""  # noqa: S608 -- likewise
WORD = """
    update hub.delivery d
       set word = %s, word_version = g.version, note =
           '{{"code": "delivery.decided", "facts": {{}}}}'
      from {golden} g
     where d.flow = %s and d.record_id = any(%s) and g.record_id = d.record_id and d.uncertain
"""


@dataclass(frozen=True, slots=True)
class UndecidedDelivery:
    """A delivery that a person has to decide, since its target cannot be asked."""

    flow: str
    record_id: int
    entity: str
    key: str
    state: str
    action: str | None
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Returned:
    """A delivery found at its target under this key.

    serial: ordinal of that attempt. definite: counts as confirmed, else its receipt is asked for.
    dirty: something newer is to follow. uncertain: what follows still is.
    """

    mark: Mark
    sent: Frozen
    key: str
    serial: int
    definite: bool
    dirty: bool = False
    uncertain: bool = False


@dataclass(frozen=True, slots=True)
class Free:
    """A delivery that may be sent. serial: ordinal that the next attempt follows.

    repeat: resend the attempt in flight unchanged. holds: what the target holds, as it has
    answered; forgets: it holds nothing.
    """

    mark: Mark
    serial: int
    repeat: bool = False
    forgets: bool = False
    holds: Held | None = None


@dataclass(frozen=True, slots=True)
class ToldUncertain:
    """A delivery that waits for a person's decision."""

    mark: Mark
    fault: Fault


def take(tx: Transaction, flow: str, *, after: int, most: int) -> list[Mark]:
    """The next due deliveries of which the target may hold more than is known here."""
    return rows(tx, Mark, TAKE, flow=flow, after=after, most=most, in_flight=IN_FLIGHT)


def take_back(tx: Transaction, flow: str, found: Sequence[Returned]) -> list[Returned]:
    """Store what targets hold; gives those that no other worker has settled meanwhile."""
    rows = [
        {
            "record_id": one.mark.record_id,
            "believed": one.mark.serial,
            "dirty": one.dirty,
            "serial": one.serial,
            "key": one.key,
            "action": one.sent.action,
            "body": one.sent.body,
            "golden_version": one.sent.golden_version,
            "uncertain": one.uncertain,
        }
        for one in found
    ]
    if not rows:
        return []
    written = {
        row[0] for row in tx.execute(TAKE_BACK, {"flow": flow, "rows": Jsonb(rows)}).fetchall()
    }
    return [one for one in found if one.mark.record_id in written]


def free(tx: Transaction, flow: str, found: Sequence[Free]) -> None:
    """Release these for sending."""
    rows = [
        {
            "record_id": one.mark.record_id,
            "believed": one.mark.serial,
            "serial": one.serial,
            "repeat": one.repeat,
            "forgets": one.forgets or (one.holds is not None and one.holds.ended),
            "holds": one.holds is not None and not one.holds.ended,
            "key": one.holds.key if one.holds and not one.holds.ended else None,
            "body": one.holds.body if one.holds and not one.holds.ended else None,
        }
        for one in found
    ]
    if rows:
        tx.execute(FREE, {"flow": flow, "rows": Jsonb(rows), "unsettled": UNSETTLED})


def tell(tx: Transaction, flow: str, told: Sequence[ToldUncertain]) -> None:
    """Store that these wait for a person."""
    rows = [
        {
            "record_id": one.mark.record_id,
            "believed": one.mark.serial,
            "fault": {"code": one.fault.code, "facts": storable_facts(one.fault.facts)},
        }
        for one in told
    ]
    if rows:
        tx.execute(TELL, {"flow": flow, "rows": Jsonb(rows), "unsettled": UNSETTLED})


def waiting(
    tx: Transaction, *, flow: str | None, after: int = 0, most: int = 50
) -> list[UndecidedDelivery]:
    """Deliveries that wait for a person, by record."""
    return rows(tx, UndecidedDelivery, WAITING, flow=flow, after=after, most=most)


def decide(
    tx: Transaction, flow: str, records: Sequence[int] | None, word: Literal["send", "sent"]
) -> list[int]:
    """Store a decision on these, or all that wait, for their versions of now; gives record ids."""
    asked = {"flow": flow, "records": None if records is None else list(records)}
    chosen: list[tuple[int, str]] = tx.execute(CHOSEN, asked).fetchall()
    for entity in {entity for _, entity in chosen}:
        golden = sql.Identifier("golden", entity)
        tx.execute(
            sql.SQL(WORD).format(golden=golden),
            (word, flow, [one for one, of in chosen if of == entity]),
        )
    return [record for record, _ in chosen]

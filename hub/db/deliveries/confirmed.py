"""Confirmed deliveries, as reconciliation of targets expects them; resends of lost, edited ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.db.database import Transaction
from hub.db.rows import rows
from hub.domain.delivery_states import LATE, REFUSED
from hub.model import Json

# A withdrawal that arrived leaves nothing confirmed; its own key is what the target then knows.
NEXT = """
    select d.record_id, r.key as record_key, d.dirty, d.state,
           coalesce(d.confirmed_key, d.key, '') as key, coalesce(d.confirmed_body, d.body, '{}')
               as body,
           d.confirmed_key is null as withdrawn
      from hub.delivery d join hub.record r on r.id = d.record_id
     where d.flow = %(flow)s and d.record_id > %(after)s
       and (d.dirty or d.confirmed_key is not null or (d.action = 'withdraw'
           and d.state = 'confirmed')
            or d.state = any(%(open)s))
     order by d.record_id limit %(most)s
"""
# Lost: the target has nothing of it, so that nothing is there to be replaced, and a new key is
# needed.
AGAIN_LOST = """
    update hub.delivery
       set dirty = true, attempt = 0, held_body = null, confirmed_body = null, confirmed_at = null,
           confirmed_key = null
     where flow = %s and confirmed_key = any(%s)
"""
# A lost withdrawal: what it was to remove is still there.
AGAIN_WITHDRAWN = """
    update hub.delivery set dirty = true, attempt = 0, held_body = body, confirmed_body = body,
        confirmed_key = key
     where flow = %s and key = any(%s) and action = 'withdraw' and state = 'confirmed'
"""
AGAIN_EDITED = """
    update hub.delivery set dirty = true, attempt = 0, held_body = null where flow = %s
        and confirmed_key = any(%s)
"""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a target should hold of one record; dirty, state: something is due or was refused."""

    record_id: int
    record_key: str
    dirty: bool
    state: str
    key: str
    body: Mapping[str, Json]
    withdrawn: bool


def expected(tx: Transaction, flow: str, *, after: int, most: int) -> list[Expected]:
    """The next records, by id, that this target should hold."""
    return rows(tx, Expected, NEXT, flow=flow, after=after, most=most, open=[*LATE, *REFUSED])


def send_lost_again(tx: Transaction, flow: str, keys: Sequence[str]) -> None:
    """Resend confirmed deliveries that are gone at the target, under a new key."""
    tx.execute(AGAIN_LOST, (flow, list(keys)))
    tx.execute(AGAIN_WITHDRAWN, (flow, list(keys)))


def send_edited_again(tx: Transaction, flow: str, keys: Sequence[str]) -> None:
    """Resend the newest version of deliveries that were edited at the target."""
    tx.execute(AGAIN_EDITED, (flow, list(keys)))

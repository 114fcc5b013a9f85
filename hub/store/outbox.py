"""Deliveries: dirty marks, the one attempt under way of each, what the partner said, and its receipts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

from psycopg import sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from hub.errors import Fault
from hub.model import Json, Receipt
from hub.rules.causes import refusal_cause
from hub.store.database import Transaction

DeliveryState = Literal[
    "confirmed", "awaiting_receipt", "unchanged", "superseded", "withheld", "blocked", "retrying", "rejected", "dead"
]

MARK = """
    insert into hub.delivery (flow, record_id) select f, r from unnest(%s::text[]) f, unnest(%s::bigint[]) r
    on conflict (flow, record_id) do update set dirty = true
"""
TAKE = """
    select record_id, dirty, state, attempt, serial, key, action, body, golden_version, confirmed_key, confirmed_body,
           held_body
      from hub.delivery
     where flow = %(flow)s and record_id > %(after)s
       and ((dirty and state not in ('sending', 'awaiting_receipt', 'retrying'))
            or (state in ('retrying', 'awaiting_receipt') and due <= now())
            or (state = 'sending' and held_until < now())
            or state = 'blocked')
     order by record_id limit %(most)s
       for update skip locked
"""
CLOSE = """
    update hub.delivery d
       set state = n.state, dirty = false, note = n.note, held_body = coalesce(n.held_body, d.held_body)
      from unnest(%s::bigint[], %s::text[], %s::jsonb[], %s::jsonb[]) as n (record_id, state, note, held_body)
     where d.flow = %s and d.record_id = n.record_id
"""
FREEZE = """
    update hub.delivery d
       set state = 'sending', dirty = case when n.fresh then false else d.dirty end, attempt = n.attempt, key = n.key,
           action = n.action, body = n.body, golden_version = n.golden_version, note = null,
           serial = d.serial + n.fresh::integer,
           held_until = now() + make_interval(secs => %s)
      from unnest(%s::bigint[], %s::integer[], %s::text[], %s::text[], %s::jsonb[], %s::integer[], %s::boolean[])
           as n (record_id, attempt, key, action, body, golden_version, fresh)
     where d.flow = %s and d.record_id = n.record_id
"""
RELEASE = """
    update hub.delivery
       set state = %(state)s, due = coalesce(%(due)s, due), note = %(note)s, held_until = null,
           attempt = attempt - %(uncounted)s,
           reference = coalesce(nullif(%(reference)s, ''), reference)
     where flow = %(flow)s and key = %(key)s and attempt = %(attempt)s and state = 'sending'
"""
CONFIRM = """
    update hub.delivery
       set state = 'confirmed', confirmed_at = now(), note = null, held_until = null,
           confirmed_key = case when action = 'upsert' then key end,
           confirmed_body = case when action = 'upsert' then body end,
           held_body = case when action = 'upsert' then body end,
           reference = coalesce(nullif(%(reference)s, ''), reference)
     where flow = %(flow)s and key = %(key)s
       and state in ('sending', 'awaiting_receipt', 'retrying', 'rejected', 'dead')
"""
REJECT = """
    update hub.delivery set state = 'rejected', note = %(note)s, held_until = null
     where flow = %(flow)s and key = %(key)s and state in ('sending', 'awaiting_receipt', 'retrying')
"""
EVENT = """
    insert into hub.delivery_event
           (id, run_id, flow, record_id, key, action, golden_version, state, body, code, text, reference)
    select hub.event_base(now()) + nextval('hub.event_seq'), %(run)s, flow, record_id, key, action, golden_version,
           %(state)s, case when %(state)s in ('confirmed', 'awaiting_receipt') then body end, %(code)s, %(text)s,
           %(reference)s
      from hub.delivery where flow = %(flow)s and key = %(key)s
"""
AWAITED = """
    select key from hub.delivery
     where flow = %s and state in ('awaiting_receipt', 'retrying', 'dead') and key > %s order by key limit %s
"""
LOCK_KEYS = "select from hub.delivery where flow = %s and key = any(%s) order by record_id for update"
STORE_RECEIPT = """
    insert into hub.receipt (flow, key, state, code, text, reference) values (%s, %s, %s, %s, %s, %s)
    on conflict (flow, key) do nothing
"""
RECEIPTS = "select key, state, code, text, reference from hub.receipt where flow = %s and key = any(%s)"
CONFIRMED_PARENTS = """
    select g.project_code from golden.project g join hub.delivery d on d.record_id = g.record_id
     where d.flow = %s and g.project_code = any(%s) and d.held_body is not null
"""
REJECTED_ENTRY = """
    insert into hub.quarantine (flow, key, stage, record_id, cause, faults, owner, opened_run)
    select d.flow, r.key, 'delivery', d.record_id, %(cause)s, %(faults)s, %(owner)s, %(run)s
      from hub.delivery d join hub.record r on r.id = d.record_id
     where d.flow = %(flow)s and d.key = %(key)s
    on conflict (flow, key) where state = 'open' do update
       set cause = excluded.cause, faults = excluded.faults
"""
RESOLVE_ENTRY = """
    update hub.quarantine q set state = %(state)s, closed_at = now(), closed_run = %(run)s
      from hub.delivery d
     where d.flow = %(flow)s and d.key = %(key)s and q.flow = d.flow and q.record_id = d.record_id
       and q.stage = 'delivery' and q.state = 'open'
"""
OVERTAKE_ENTRIES = """
    update hub.quarantine set state = 'overtaken', closed_at = now(), closed_run = %s
     where flow = %s and record_id = any(%s) and stage = 'delivery' and state = 'open'
"""
MARK_ALL = """
    insert into hub.delivery (flow, record_id)
    select %s, g.record_id from {table} g where g.deleted_at is null
    on conflict (flow, record_id) do update set dirty = true
"""
MARK_OF_PROJECTS = """
    insert into hub.delivery (flow, record_id)
    select %s, g.record_id from {table} g where g.project_code = any(%s)
    on conflict (flow, record_id) do update set dirty = true
"""


@dataclass(frozen=True, slots=True)
class Mark:
    """A delivery that is due: a dirty mark, or a frozen attempt to repeat."""

    record_id: int
    dirty: bool
    state: str
    attempt: int
    serial: int
    key: str | None
    action: Literal["upsert", "withdraw"] | None
    body: dict[str, Json] | None
    golden_version: int | None
    confirmed_key: str | None
    confirmed_body: dict[str, Json] | None
    held_body: dict[str, Json] | None


@dataclass(frozen=True, slots=True)
class Closed:
    """A mark that needs nothing sent, and why; held_body where the target turned out to hold it already."""

    record_id: int
    state: DeliveryState
    fault: Fault | None = None
    held_body: dict[str, Json] | None = None


@dataclass(frozen=True, slots=True)
class Frozen:
    """What goes out: body and key stay as they are until the outcome is definite. fresh: made now, not a repeat."""

    record_id: int
    attempt: int
    key: str
    action: Literal["upsert", "withdraw"]
    body: dict[str, Json]
    golden_version: int
    fresh: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """The outcomes of the marks of one delivery batch; `due` must equal their sum (a constraint)."""

    due: int = 0
    confirmed: int = 0
    awaiting_receipt: int = 0
    unchanged: int = 0
    superseded: int = 0
    withheld: int = 0
    blocked: int = 0
    retrying: int = 0
    rejected: int = 0
    dead: int = 0


DELIVERY_OUTCOMES = tuple(field.name for field in fields(Tally))


def mark(tx: Transaction, flows: Sequence[str], record_ids: Iterable[int]) -> None:
    """These records are to go to these targets (again)."""
    ids = sorted(record_ids)
    if flows and ids:
        tx.execute(MARK, (list(flows), ids))


def mark_all(tx: Transaction, flow: str, entity: str) -> None:
    """A target is new, or its mapping is: every record is looked at again, and sent where its shape has changed."""
    table = sql.SQL("golden.{}").format(sql.Identifier(entity))
    tx.execute(sql.SQL(MARK_ALL).format(table=table), (flow,))


def mark_of_projects(tx: Transaction, flow: str, entity: str, project_codes: Sequence[str]) -> None:
    """The project that these records quote has changed."""
    table = sql.SQL("golden.{}").format(sql.Identifier(entity))
    tx.execute(sql.SQL(MARK_OF_PROJECTS).format(table=table), (flow, list(project_codes)))


def take(tx: Transaction, flow: str, *, after: int, most: int) -> list[Mark]:
    """Lock the next marks that are due; those that another worker holds are passed over."""
    with tx.cursor(row_factory=class_row(Mark)) as cursor:
        return cursor.execute(TAKE, {"flow": flow, "after": after, "most": most}).fetchall()


def close(tx: Transaction, flow: str, rows: Sequence[Closed]) -> None:
    """Close marks that need nothing sent."""
    if rows:
        notes = [_note(row.fault) for row in rows]
        bodies = [Jsonb(row.held_body) if row.held_body else None for row in rows]
        tx.execute(CLOSE, ([row.record_id for row in rows], [row.state for row in rows], notes, bodies, flow))


def freeze(tx: Transaction, flow: str, rows: Sequence[Frozen], *, hold_seconds: int) -> None:
    """Write down what goes out, before it goes out."""
    if rows:
        tx.execute(
            FREEZE,
            (
                hold_seconds,
                [row.record_id for row in rows],
                [row.attempt for row in rows],
                [row.key for row in rows],
                [row.action for row in rows],
                [Jsonb(row.body) for row in rows],
                [row.golden_version for row in rows],
                [row.fresh for row in rows],
                flow,
            ),
        )


def release(
    tx: Transaction,
    flow: str,
    held: Frozen,
    *,
    state: DeliveryState,
    due: datetime | None = None,
    fault: Fault | None = None,
    reference: str = "",
    tried: bool = True,
) -> bool:
    """End an attempt; False when another worker has taken it over meanwhile (its word counts)."""
    change = {"flow": flow, "key": held.key, "attempt": held.attempt, "state": state, "due": due}
    more = {"note": _note(fault), "reference": reference, "uncounted": 0 if tried else 1}
    return tx.execute(RELEASE, change | more).rowcount == 1


def confirm(tx: Transaction, flow: str, key: str, *, reference: str = "") -> bool:
    """The partner has it, definitely."""
    return tx.execute(CONFIRM, {"flow": flow, "key": key, "reference": reference}).rowcount == 1


def reject(tx: Transaction, flow: str, key: str, fault: Fault) -> bool:
    """The partner refused it for what it says."""
    return tx.execute(REJECT, {"flow": flow, "key": key, "note": _note(fault)}).rowcount == 1


def _note(fault: Fault | None) -> Jsonb | None:
    return None if fault is None else Jsonb({"code": fault.code, "facts": fault.facts})


def add_event(tx: Transaction, run_id: int, flow: str, verdict: Mapping[str, str]) -> None:
    """Keep one verdict (key, state, code, text, reference) for lineage."""
    tx.execute(EVENT, {"run": run_id, "flow": flow, "code": "", "text": "", "reference": "", **verdict})


def open_entry(tx: Transaction, flow: str, key: str, *, fault: Fault, owner: str, run_id: int) -> None:
    """Put a refused or dead delivery into quarantine, in the partner's own words."""
    faults = Jsonb([{"pointer": fault.pointer, "code": fault.code, "facts": fault.facts}])
    cause = refusal_cause(fault)
    tx.execute(
        REJECTED_ENTRY,
        {"flow": flow, "key": key, "cause": cause, "faults": faults, "owner": owner, "run": run_id},
    )


def resolve_entry(tx: Transaction, flow: str, key: str, *, run_id: int) -> None:
    """A delivery that had been refused has arrived."""
    tx.execute(RESOLVE_ENTRY, {"flow": flow, "key": key, "state": "resolved", "run": run_id})


def overtake_entries(tx: Transaction, flow: str, record_ids: Sequence[int], *, run_id: int) -> None:
    """Refused deliveries that a newer version has made pointless."""
    tx.execute(OVERTAKE_ENTRIES, (run_id, flow, list(record_ids)))


def awaited(tx: Transaction, flow: str, *, after: str, most: int) -> list[str]:
    """Keys whose verdict has not come."""
    return [row[0] for row in tx.execute(AWAITED, (flow, after, most)).fetchall()]


def store_receipt(tx: Transaction, flow: str, receipt: Receipt) -> None:
    """Keep a verdict, whether or not its delivery is known to wait for it yet."""
    tx.execute(STORE_RECEIPT, (flow, receipt.key, receipt.state, receipt.code, receipt.text, receipt.reference))


def lock_keys(tx: Transaction, flow: str, keys: Sequence[str]) -> None:
    """Lock deliveries in the order in which intake marks them, so that neither waits for the other in a circle."""
    tx.execute(LOCK_KEYS, (flow, list(keys)))


def receipts(tx: Transaction, flow: str, keys: Sequence[str]) -> list[Receipt]:
    """The verdicts kept for these keys."""
    with tx.cursor(row_factory=class_row(Receipt)) as cursor:
        return cursor.execute(RECEIPTS, (flow, list(keys))).fetchall()


def confirmed_parents(tx: Transaction, parent_flow: str, project_codes: Iterable[str]) -> set[str]:
    """Projects that this target has confirmed, or holds already."""
    return {row[0] for row in tx.execute(CONFIRMED_PARENTS, (parent_flow, list(project_codes))).fetchall()}


def add_batch(tx: Transaction, run_id: int, flow: str, tally: Tally) -> None:
    """Write a delivery batch; the database refuses it when it does not balance."""
    row: dict[str, Any] = {name: getattr(tally, name) for name in DELIVERY_OUTCOMES} | {"run_id": run_id, "flow": flow}
    tx.execute(
        sql.SQL("insert into hub.delivery_batch ({}) values ({})").format(
            sql.SQL(", ").join(map(sql.Identifier, row)), sql.SQL(", ").join(map(sql.Placeholder, row))
        ),
        row,
    )

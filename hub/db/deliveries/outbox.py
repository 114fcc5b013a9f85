"""The outbox: dirty marks, the one attempt in flight of each delivery, its result and receipts.

Delivery is at least once. A mark is set in the transaction that changes the golden record; body and
key are frozen before they are sent and stay until the outcome is definite.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

from psycopg import sql
from psycopg.types.json import Jsonb

from hub.db import entity_tables, erasing
from hub.db.database import Transaction, as_rows
from hub.db.rows import rows
from hub.domain.delivery_states import IN_FLIGHT
from hub.domain.failure_grouping import refusal_cause
from hub.domain.storable import as_kept
from hub.errors import Fault
from hub.model import Json, Receipt

DeliveryState = Literal[
    "confirmed",
    "awaiting_receipt",
    "unchanged",
    "superseded",
    "withheld",
    "blocked",
    "retrying",
    "rejected",
    "dead",
]

# Standing rows are locked, in record order as results are stored, before anything is decided: a
# push that freezes one at this moment has not seen what makes it dirty. Dirty ones stay as they
# are; `on conflict` alone takes five times as long. It is left for rows that another transaction
# makes meanwhile.
MARK = """
    with there as materialized (
        select d.flow, d.record_id, d.dirty from hub.delivery d
         where d.flow = any(%(flows)s) and d.record_id = any(%(records)s)
         order by d.record_id, d.flow for no key update
    ), anew as (
        update hub.delivery d set dirty = true from there t
         where not t.dirty and d.flow = t.flow and d.record_id = t.record_id)
    insert into hub.delivery (flow, record_id, uncertain)
    select f.flow, r.id, f.uncertain
      from (select f as flow, hub.recovers(f) as uncertain from unnest(%(flows)s::text[]) f) f,
          unnest(%(records)s::bigint[]) r (id)
     where not exists (select from there t where t.flow = f.flow and t.record_id = r.id)
    on conflict (flow, record_id) do update set dirty = true
"""
# Withheld for want of a file that can be had by now.
MARK_READY = """
    update hub.delivery d set dirty = true
     where d.flow = any(%(flows)s) and d.state = 'withheld' and not d.dirty
       and d.note->>'code' in ('delivery.file_pending', 'delivery.file_failed')
       and d.record_id in (select w.record_id from hub.file_want w
                            where w.flow = %(fetched)s and (w.state = 'held' or not w.keep))
"""
RECOVERING = "select f, hub.recovers(f) from unnest(%s::text[]) f"
NEW_MARKS = sql.SQL("hub.delivery (flow, record_id, uncertain)")
MARK_COLUMNS = """
    d.record_id, r.key as natural_key, d.dirty, d.state, d.attempt, d.serial, d.key, d.action,
    d.body, d.golden_version, d.confirmed_key, d.confirmed_body, d.held_body,
    coalesce(d.reference, '') as reference, d.word, d.word_version, d.erased_serial
"""
# What is uncertain waits until its target has been asked (`hub/pipeline/restored_deliveries.py`).
TAKE = f"""
    select {MARK_COLUMNS}
      from hub.delivery d join hub.record r on r.id = d.record_id
     where d.flow = %(flow)s and d.record_id > %(after)s and not d.uncertain
       and ((dirty and state <> all(%(in_flight)s))
            or (state in ('retrying', 'awaiting_receipt') and due <= now())
            or (state = 'sending' and held_until < now())
            or state = 'blocked')
       and (state = 'sending' and attempt >= %(died)s) = %(lonely)s
     order by d.record_id limit %(most)s
       for update of d skip locked
"""  # noqa: S608 -- made of this module's own constants
# Erased and not at its target: nothing is kept; only `unchanged` means that it is there as it is
# now.
CLOSE = """
    update hub.delivery d
       set state = n.state, dirty = false, note = n.fault - 'pointer', erased_serial = null,
           held_body = case when d.erased_serial is null or n.state = 'unchanged'
                            then coalesce(n.held_body, d.held_body)
                            when d.held_body = d.confirmed_body then d.held_body end,
           reference = case when d.erased_serial is null or d.confirmed_body is not null
               then d.reference end
      from json_to_recordset(%s) as n (record_id bigint, state text, fault jsonb, held_body jsonb)
     where d.flow = %s and d.record_id = n.record_id
"""
BLOCK = """
    update hub.delivery set state = 'blocked', note = %(fault)s
     where flow = %(flow)s and dirty and state <> all(%(in_flight)s)
       and (state <> 'blocked' or note is distinct from %(fault)s)
"""
BLOCKED = "select count(*) from hub.delivery where flow = %s and dirty and state = 'blocked'"
FREEZE = """
    update hub.delivery d
       set state = 'sending', dirty = case when n.fresh then false else d.dirty end,
           attempt = n.attempt, key = n.key,
           action = n.action, body = n.body, golden_version = n.golden_version, note = null,
           serial = d.serial + n.fresh::integer,
           held_until = now() + make_interval(secs => %s)
      from json_to_recordset(%s)
           as n (record_id bigint, attempt integer, key text, action text, body jsonb,
               golden_version integer,
                 fresh boolean)
     where d.flow = %s and d.record_id = n.record_id
"""
# Fencing: only attempts frozen by this worker; one that took over has raised `attempt`.
HOLD_ON = """
    update hub.delivery d set held_until = now() + make_interval(secs => %s)
      from unnest(%s::bigint[], %s::text[], %s::integer[]) as n (record_id, key, attempt)
     where d.flow = %s and d.record_id = n.record_id and d.key is not distinct from n.key
         and d.attempt = n.attempt
       and d.state = 'sending'
    returning d.key
"""
NOTE = """
    update hub.delivery d set note = n.fault
      from json_to_recordset(%s) as n (record_id bigint, fault jsonb)
     where d.flow = %s and d.record_id = n.record_id and d.state in ('awaiting_receipt', 'retrying')
"""
LOCK = (
    "select from hub.delivery where flow = %s and record_id = any(%s) order by record_id for update"
)
# Settles a portion in one statement; results that another worker has stored since win.
# `is not distinct from` keeps the planner from searching by key, which would read every delivery
# of the flow.
SETTLE = """
    with settled as (
        update hub.delivery d
           set state = n.state, due = coalesce(n.due, d.due), note = n.fault - 'pointer',
               body = case when n.state = 'confirmed' and d.action = 'withdraw'
                   and d.erased_serial is not null
                           then null else d.body end,
               erased_serial = case when n.state = 'confirmed'
                                         and (d.action = 'withdraw' or d.serial > d.erased_serial)
                                    then null else d.erased_serial end,
               held_until = null, attempt = d.attempt - (not n.tried)::integer,
               reference = case when n.state = 'confirmed' and d.action = 'withdraw'
                   and d.erased_serial is not null
                                then null else coalesce(nullif(n.reference, ''), d.reference) end,
               confirmed_at = case n.state when 'confirmed' then now() else d.confirmed_at end,
               confirmed_key = case when n.state <> 'confirmed' then d.confirmed_key
                                    when d.action = 'upsert' then d.key end,
               confirmed_body = case when n.state <> 'confirmed' then d.confirmed_body
                                     when d.action = 'upsert' then d.body end,
               held_body = case when n.state <> 'confirmed' then d.held_body
                   when d.action = 'upsert' then d.body end
          from json_to_recordset(%(verdicts)s)
               as n (record_id bigint, key text, attempt integer, state text, due timestamptz,
                   fault jsonb,
                     tried boolean, code text, text text, reference text)
         where d.flow = %(flow)s and d.record_id = n.record_id and d.key is not distinct from n.key
           and case n.state
                 when 'confirmed' then d.state = any(%(in_flight)s) or d.state in ('rejected',
                     'dead')
                 when 'rejected' then d.state = any(%(in_flight)s)
                 else d.state = 'sending' and d.attempt = n.attempt end
        returning d.record_id, d.key, d.action, d.golden_version, d.state, n.code, n.text,
            n.reference,
                  case when d.erased_serial is null or d.action = 'upsert'
                      and d.serial > d.erased_serial
                       then d.body end as body)
    insert into hub.delivery_event
           (id, run_id, flow, record_id, key, action, golden_version, state, body, code, text,
               reference)
    select hub.event_base(now()) + nextval('hub.event_seq'), %(run)s, %(flow)s, record_id, key,
        action,
           golden_version, state, case when state in ('confirmed', 'awaiting_receipt')
               then body end, code, text,
           reference
      from settled
    returning key, record_id, state
"""
# Privacy: of a secret record that was withdrawn nothing is needed any more, partners' words
# included.
TAKEN_BACK = """
    select record_id from hub.delivery
     where flow = %s and record_id = any(%s) and action = 'withdraw' and state = 'confirmed'
         and body is null
"""
AWAITED = """
    select key, record_id from hub.delivery
     where flow = %s and state in ('awaiting_receipt', 'retrying', 'dead') and key > %s
         order by key limit %s
"""
STORE_RECEIPTS = """
    insert into hub.receipt (flow, key, state, code, text, reference)
    select %s, key, state, code, text, reference
      from unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
           as r (key, state, code, text, reference)
    on conflict (flow, key) do nothing
"""
RECEIPT_COLUMNS = ("key", "state", "code", "text", "reference")
READ_RECEIPTS = (
    "select key, state, code, text, reference from hub.receipt where flow = %s and key = any(%s)"
)
CONFIRMED_PARENTS = """
    select g.project_code from golden.project g join hub.delivery d on d.record_id = g.record_id
     where d.flow = %s and g.project_code = any(%s) and d.held_body is not null
"""
OPEN_ENTRIES = """
    insert into hub.quarantine (flow, key, stage, record_id, cause, faults, owner, opened_run)
    select %s, r.key, 'delivery', r.id, n.cause, n.faults, %s, %s
      from json_to_recordset(%s) as n (record_id bigint, cause text, faults jsonb)
      join hub.record r on r.id = n.record_id
    on conflict (flow, key) where state = 'open' do update
       set cause = excluded.cause, faults = excluded.faults
"""
CLOSE_ENTRIES = """
    update hub.quarantine set state = %s, closed_at = now(), closed_run = %s
     where flow = %s and record_id = any(%s) and stage = 'delivery' and state = 'open'
"""
# Rows are locked in record order, as `settle` locks them: otherwise both could deadlock.
MARK_ALL = """
    insert into hub.delivery (flow, record_id, uncertain)
    select f.flow, g.record_id, hub.recovers(f.flow) from (select %s as flow) f, {table} g
        where g.deleted_at is null
     order by g.record_id
    on conflict (flow, record_id) do update set dirty = true
"""
OF_PROJECTS = "select {name}, record_id from {table} where project_code = any(%(codes)s)"


@dataclass(frozen=True, slots=True)
class Mark:
    """A delivery that is due: a dirty mark, or a frozen attempt to repeat.

    word: a person's decision on this version where the target cannot be asked. erased_serial:
    bodies up to this attempt contained data erased since, which the target may still hold.
    """

    record_id: int
    natural_key: str
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
    reference: str = ""
    word: Literal["send", "sent"] | None = None
    word_version: int | None = None
    erased_serial: int | None = None


@dataclass(frozen=True, slots=True)
class Closed:
    """A mark that needs nothing sent, and why; held_body: if the target turned out to hold it."""

    record_id: int
    state: DeliveryState
    fault: Fault | None = None
    held_body: dict[str, Json] | None = None


@dataclass(frozen=True, slots=True)
class Frozen:
    """An attempt: body and key stay until the outcome is definite. fresh: new, not a repeat."""

    record_id: int
    attempt: int
    key: str
    action: Literal["upsert", "withdraw"]
    body: dict[str, Json]
    golden_version: int
    fresh: bool


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """The result of one attempt, with the partner's own code and text.

    attempt: its number, so that a late result changes no newer one. due: next look. tried: False
    when the partner was away, which uses up no attempt.
    """

    record_id: int
    key: str
    state: DeliveryState
    attempt: int = 0
    due: datetime | None = None
    fault: Fault | None = None
    tried: bool = True
    code: str = ""
    text: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """Outcomes of one delivery batch; `due` must equal their sum (a constraint)."""

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
    """Mark these records dirty for these targets."""
    ids = sorted(record_ids)
    if flows and ids:
        tx.execute(MARK, {"flows": list(flows), "records": ids})


def mark_ready(tx: Transaction, flows: Sequence[str], fetched: str) -> None:
    """Mark deliveries of these flows that waited for a file which this pull's records name."""
    if flows:
        tx.execute(MARK_READY, {"flows": list(flows), "fetched": fetched})


def mark_new(tx: Transaction, flows: Sequence[str], record_ids: Sequence[int]) -> None:
    """Mark records whose header this transaction has made: no target can know them yet."""
    if not (flows and record_ids):
        return
    uncertain: dict[str, bool] = dict(tx.execute(RECOVERING, (list(flows),)).fetchall())
    entity_tables.copy_in(
        tx,
        NEW_MARKS,
        ((flow, record, uncertain[flow]) for flow in flows for record in record_ids),
        types=("text", "int8", "bool"),
    )


def mark_all(tx: Transaction, flow: str, entity: str) -> None:
    """Mark every record of a target whose mapping is new or changed; equal bodies are not sent."""
    table = sql.SQL("golden.{}").format(sql.Identifier(entity))
    tx.execute(sql.SQL(MARK_ALL).format(table=table), (flow,))


def mark_of_projects(
    tx: Transaction, flows: Mapping[str, Sequence[str]], project_codes: Sequence[str]
) -> None:
    """Mark the records of these projects dirty, since they quote the project. flows: the targets
    whose bodies do, by entity.
    """
    if not (flows and project_codes):
        return
    each = (
        sql.SQL(OF_PROJECTS).format(
            name=sql.Literal(entity), table=sql.Identifier("golden", entity)
        )
        for entity in flows
    )
    found: dict[str, list[int]] = {}
    for entity, record in tx.execute(
        sql.SQL(" union all ").join(each), {"codes": list(project_codes)}
    ):
        found.setdefault(entity, []).append(record)
    for entity in flows:
        mark(tx, flows[entity], found.get(entity, ()))


def take(
    tx: Transaction, flow: str, *, after: int, most: int, died: int, lonely: bool
) -> list[Mark]:
    """Lock and give the next due marks, skipping those locked by other workers.

    lonely: only those whose process died `died` times while they were in flight; else all others.
    """
    asked = {"flow": flow, "after": after, "most": most, "died": died, "lonely": lonely}
    return rows(tx, Mark, TAKE, asked | {"in_flight": IN_FLIGHT})


def close(tx: Transaction, flow: str, rows: Sequence[Closed]) -> None:
    """Close marks that need nothing sent."""
    if rows:
        tx.execute(CLOSE, (as_rows(rows), flow))


def block(tx: Transaction, flow: str, fault: Fault) -> int:
    """Put a fault on all that is due to a target; it stays due. Gives how many."""
    said = Jsonb({"code": fault.code, "facts": fault.facts})
    tx.execute(BLOCK, {"flow": flow, "fault": said, "in_flight": IN_FLIGHT})
    (count,) = tx.execute(BLOCKED, (flow,)).fetchone() or (0,)
    return int(count)


def freeze(tx: Transaction, flow: str, rows: Sequence[Frozen], *, hold_seconds: int) -> None:
    """Store body and key of attempts, before they are sent, with a hold of so many seconds."""
    if rows:
        tx.execute(FREEZE, (hold_seconds, as_rows(rows), flow))


def settle(
    tx: Transaction, flow: str, verdicts: Sequence[DeliveryResult], *, owner: str, run_id: int
) -> Counter[DeliveryState]:
    """Store results, each with its event and quarantine entry; gives counts by state.

    Results of attempts that another worker has taken over are skipped. Two results of one call must
    be of two deliveries.
    """
    if not verdicts:
        return Counter()
    # Locks rows in record order, as intake does when it marks them: otherwise both could deadlock.
    tx.execute(LOCK, (flow, [verdict.record_id for verdict in verdicts]))
    asked = {"flow": flow, "run": run_id, "verdicts": as_rows(verdicts), "in_flight": IN_FLIGHT}
    settled = tx.execute(SETTLE, asked).fetchall()
    arrived = [one[1] for one in settled if one[2] == "confirmed"]
    close_entries(tx, flow, arrived, state="resolved", run_id=run_id)
    if gone := [record for (record,) in tx.execute(TAKEN_BACK, (flow, arrived))]:
        erasing.blank_words(tx, gone, flows=[flow])
    faults = {verdict.key: verdict.fault for verdict in verdicts}
    refused = {
        one[1]: fault
        for one in settled
        if one[2] in {"rejected", "dead"} and (fault := faults[one[0]])
    }
    _open_entries(tx, flow, refused, owner=owner, run_id=run_id)
    return Counter(one[2] for one in settled)


def _open_entries(
    tx: Transaction, flow: str, faults: Mapping[int, Fault], *, owner: str, run_id: int
) -> None:
    """Quarantine refused and dead deliveries (dead letters), with the partner's own words."""
    if faults:
        entries = [
            {"record_id": record_id, "cause": refusal_cause(fault), "faults": as_kept([fault])}
            for record_id, fault in faults.items()
        ]
        tx.execute(OPEN_ENTRIES, (flow, owner, run_id, as_rows(entries)))


def hold_on(tx: Transaction, flow: str, frozen: Sequence[Frozen], *, hold_seconds: int) -> set[str]:
    """Extend the hold on frozen attempts; gives the keys that are still this worker's."""
    each = (
        [one.record_id for one in frozen],
        [one.key for one in frozen],
        [one.attempt for one in frozen],
    )
    return {row[0] for row in tx.execute(HOLD_ON, (hold_seconds, *each, flow))}


def close_entries(
    tx: Transaction, flow: str, record_ids: Sequence[int], *, state: str, run_id: int
) -> None:
    """Close entries of refused deliveries: arrived after all (resolved), or overtaken."""
    if record_ids:
        tx.execute(CLOSE_ENTRIES, (state, run_id, flow, list(record_ids)))


def awaited(tx: Transaction, flow: str, *, after: str, most: int) -> list[tuple[str, int]]:
    """(key, record id) of deliveries without a verdict, by key."""
    return tx.execute(AWAITED, (flow, after, most)).fetchall()


def store_receipts(tx: Transaction, flow: str, found: Sequence[Receipt]) -> None:
    """Store receipts, also for deliveries that are not known to wait yet."""
    if found:
        columns = ([getattr(receipt, name) for receipt in found] for name in RECEIPT_COLUMNS)
        tx.execute(STORE_RECEIPTS, (flow, *columns))


def receipts(tx: Transaction, flow: str, keys: Sequence[str]) -> list[Receipt]:
    """The verdicts kept for these keys."""
    return rows(tx, Receipt, READ_RECEIPTS, (flow, list(keys)))


def note(tx: Transaction, flow: str, faults: Mapping[int, Fault]) -> None:
    """Store faults of deliveries whose verdict is outstanding, by record id."""
    if faults:
        rows = [
            {"record_id": record_id, "fault": {"code": fault.code, "facts": fault.facts}}
            for record_id, fault in faults.items()
        ]
        tx.execute(NOTE, (as_rows(rows), flow))


def confirmed_parents(tx: Transaction, parent_flow: str, project_codes: Iterable[str]) -> set[str]:
    """Those of these projects that this target has confirmed, or asserts itself."""
    return {
        row[0]
        for row in tx.execute(CONFIRMED_PARENTS, (parent_flow, list(project_codes))).fetchall()
    }


def add_batch(tx: Transaction, run_id: int, flow: str, tally: Tally) -> None:
    """Write a delivery batch; the database refuses it when it does not balance."""
    row: dict[str, Any] = {name: getattr(tally, name) for name in DELIVERY_OUTCOMES} | {
        "run_id": run_id,
        "flow": flow,
    }
    tx.execute(
        sql.SQL("insert into hub.delivery_batch ({}) values ({})").format(
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(map(sql.Placeholder, row)),
        ),
        row,
    )

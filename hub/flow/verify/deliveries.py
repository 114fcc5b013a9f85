"""golden records + what targets have confirmed -> deliveries and their marks, decided anew; and the events of each."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TypeAlias

from hub.flow import outgoing
from hub.flow.outgoing import Push
from hub.flow.verify.found import Reading, Work, ask, walk
from hub.model import Json
from hub.rules.contracts import PushFlow
from hub.rules.idempotency import Action, Keys
from hub.store import handed_over, remapping
from hub.store.crosschecks import DELIVERIES, TARGETS
from hub.store.database import Transaction
from hub.store.handed_over import Told
from hub.store.outbox import Closed, Mark
from hub.store.runs import Run

DELIVERY = "flow record_id dirty state key action body golden_version confirmed_key confirmed_body held_body"
EVENT = "run_id flow record_id key action golden_version state body"
BATCH = "run_id flow due confirmed awaiting_receipt retrying rejected dead"
Body: TypeAlias = Mapping[str, Json]
DONE = {"confirmed", "unchanged", "superseded", "withheld"}
"""States in which nothing is to go out, unless the record is marked."""


def check_deliveries(work: Work) -> None:
    """Decide about every delivery anew: one that needs sending and is not marked has lost its mark."""
    for question in DELIVERIES:
        ask(work, question)
    for flow in work.contracts.pushes.values():
        with work.database.transaction(snapshot=True) as tx:
            adopted = remapping.adopted(tx, flow.name) == flow.contract
        if adopted:
            for question in TARGETS:
                ask(work, question, flow.entity, bound={"flow": flow.name})
        keys, check = partial(_keys, flow), partial(_check, work, flow, adopted=adopted)
        walk(work, Reading("delivery", "hub.delivery", keys, check, partial(_named, flow)), 0)


def _keys(flow: PushFlow, tx: Transaction, after: int, most: int) -> list[int]:
    return handed_over.keys(tx, flow.name, after, most)


def _named(flow: PushFlow, record: int) -> str:
    return f"{flow.name} record {record}"


def _check(work: Work, flow: PushFlow, tx: Transaction, ids: Sequence[int], *, adopted: bool) -> None:
    marks, told = handed_over.marks(tx, flow.name, ids), handed_over.told(tx, flow.name, ids)
    push = Push(work.contracts, flow, work.settings, Run(0, flow.name, 0, {}), connector=None)  # type: ignore[arg-type] # sends nothing
    decidable = [] if flow.form or not adopted else [mark for mark in marks if mark.state in DONE and not mark.dirty]
    around = outgoing.surroundings(tx, push, decidable)
    for mark in decidable:
        if mark.record_id not in around.golden:
            work.note("delivery", "hub.delivery", _named(flow, mark.record_id), "delivery.golden")
        elif not isinstance(outgoing.decided_alone(flow, push.keys, around, mark), Closed):
            work.note("delivery", "hub.delivery", _named(flow, mark.record_id), "delivery.mark", mark.state)
    for mark in marks:
        if not _is_named(push.keys, mark.key, mark.natural_key, mark.action, mark.body):
            work.note("delivery", "hub.delivery", _named(flow, mark.record_id), "delivery.key", str(mark.key))
        if not _is_named(push.keys, mark.confirmed_key, mark.natural_key, "upsert", mark.confirmed_body):
            work.note("delivery", "hub.delivery", _named(flow, mark.record_id), "delivery.confirmed_body")
        for what, found, expected in _by_events(mark, told.get(mark.record_id)):
            work.note("delivery", "hub.delivery", _named(flow, mark.record_id), what, found, expected)
    work.count("deliveries", len(marks))
    work.count("deliveries decided anew", len(decidable))


def _is_named(keys: Keys, key: str | None, natural_key: str, action: Action | None, body: Body | None) -> bool:
    """Whether a key of ours is that of this record and content; nobody can make another without our secret."""
    shown = keys.ordinal(key) if key else None
    if key is None or shown is None or action is None or body is None:
        return True
    return key == keys.of(natural_key, ordinal=shown, action=action, body=body)


def check_events(work: Work) -> None:
    """Every body that was handed over is the one that its key was made of."""

    def check(tx: Transaction, ids: Sequence[int]) -> None:
        for one in handed_over.sent(tx, ids):
            keys = Keys(work.settings.hash_key, one.flow)
            body = {} if one.action == "withdraw" else one.body
            if not _is_named(keys, one.key, one.natural_key, one.action, body):
                work.note(
                    "delivery", "hub.delivery_event", f"{one.flow} record {one.record_id} {one.state}", "event.key"
                )
        work.count("delivery events", len(ids))

    walk(work, Reading("delivery", "hub.delivery_event", handed_over.event_ids, check, lambda key: f"event {key}"), 0)


def _by_events(mark: Mark, told: Told | None) -> Iterator[tuple[str, str, str]]:
    """What a delivery says otherwise than its events."""
    sent = mark.state in {"confirmed", "awaiting_receipt", "retrying", "rejected", "dead"}
    if told is None:
        if sent or mark.confirmed_key:
            yield "delivery.event", mark.state, ""
        return
    if mark.serial < told.keys:
        yield "delivery.serial", str(mark.serial), str(told.keys)
    last = (told.state, told.key, told.action, told.golden_version)
    if sent and (mark.state, mark.key, mark.action, mark.golden_version) != last:
        yield "delivery.last", f"{mark.state} {mark.key}", f"{told.state} {told.key}"
    if mark.state in DONE and not mark.dirty:  # a repair begins with a mark, and sets back what was confirmed
        yield from _confirmed(mark, told)


def _confirmed(mark: Mark, told: Told) -> Iterator[tuple[str, str, str]]:
    """What it says otherwise of what was confirmed last."""
    given = told.confirmed_key if told.confirmed_action == "upsert" else None
    if mark.confirmed_key != given:
        yield "delivery.confirmed_key", str(mark.confirmed_key), str(given)
    elif given is not None and not told.erased and mark.confirmed_body != told.confirmed_body:
        yield "delivery.confirmed_body", "", ""
    if mark.state == "confirmed" and mark.held_body != mark.confirmed_body:
        yield "delivery.held_body", "", ""
    if mark.state == "confirmed" and mark.action == "upsert" and mark.body != mark.confirmed_body:
        yield "delivery.body", "", ""

"""Verifies the outbox: decides each delivery anew, checks keys and bodies against their events."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeAlias

from hub.db.crosschecks import DELIVERIES, TARGETS
from hub.db.database import Transaction
from hub.db.deliveries import event_log
from hub.db.deliveries.event_log import Beside, DeliveryHistory
from hub.db.deliveries.outbox import Closed, Mark
from hub.db.landing import remapping
from hub.db.runs import Run
from hub.domain.contracts import PushFlow
from hub.domain.delivery_states import IN_FLIGHT, REFUSED
from hub.domain.idempotency import Action, IdempotencyKeys, ordinal_near
from hub.model import Json
from hub.pipeline import outgoing
from hub.pipeline.outgoing import DeliveryContext, Push
from hub.pipeline.restoration import FLOW
from hub.pipeline.verify.found import RowsReading, VerifyContext, ask, walk

DELIVERY = (
    "flow record_id dirty state serial key action body golden_version confirmed_key "
    "confirmed_body confirmed_at"
    " held_body reference uncertain word"
)
EVENT = "run_id flow record_id key action golden_version state body"
BATCH = "run_id flow due confirmed awaiting_receipt retrying rejected dead"
Body: TypeAlias = Mapping[str, Json]
DONE = {"confirmed", "unchanged", "superseded", "withheld"}
"""States in which nothing is to be sent, unless the record is marked dirty."""
SENT = {"confirmed", "awaiting_receipt", "retrying", "rejected", "dead"}
"""States that have an event."""
FROZEN = {*IN_FLIGHT, *REFUSED}
"""States with a frozen body that the target has not confirmed."""
STATES = {"due", "blocked"} | DONE | FROZEN
UNWANTED = {"superseded", "withheld"}
NEAR = timedelta(minutes=10)
"""Tolerance between two times written by one transaction."""


def check_deliveries(work: VerifyContext) -> None:
    """Decide every delivery anew; a finding where one has to be sent and is not marked dirty."""
    for question in DELIVERIES:
        ask(work, question)
    for flow in work.contracts.pushes.values():
        with work.database.read(snapshot=True) as tx:
            adopted = remapping.adopted(tx, flow.name) == flow.contract
            asked = event_log.asked(tx, FLOW)
        if adopted:
            for question in TARGETS:
                ask(work, question, flow.entity, bound={"flow": flow.name})
        keys, check = (
            partial(_keys, flow),
            partial(_check, work, flow, adopted=adopted, asked=asked),
        )
        walk(work, RowsReading("delivery", "hub.delivery", keys, check, partial(_named, flow)), 0)


def _keys(flow: PushFlow, tx: Transaction, after: int, most: int) -> list[int]:
    return event_log.keys(tx, flow.name, after, most)


def _named(flow: PushFlow, record: int) -> str:
    return f"{flow.name} record {record}"


def _check(
    work: VerifyContext,
    flow: PushFlow,
    tx: Transaction,
    ids: Sequence[int],
    *,
    adopted: bool,
    asked: bool,
) -> None:
    marks, told = event_log.marks(tx, flow.name, ids), event_log.told(tx, flow.name, ids)
    beside = event_log.beside(tx, flow.name, ids)
    # sends nothing
    push = Push(work.contracts, flow, work.settings, Run(0, flow.name, 0, {}), connector=None)  # type: ignore[arg-type]
    decidable = (
        [mark for mark in marks if _is_decidable(flow, mark, beside[mark.record_id])]
        if adopted
        else []
    )
    around = outgoing.surroundings(tx, push, decidable)
    wrong = [(mark, found) for mark in decidable for found in _decided(push, around, mark)]
    for mark in marks:
        row, events = beside[mark.record_id], told.get(mark.record_id)
        wrong += [(mark, found) for found in _by_itself(push.keys, mark, row)]
        wrong += [(mark, found) for found in _by_events(push.keys, mark, row, events)]
        wrong += (
            [] if asked else [(mark, found) for found in _certain(push.keys, mark, row, events)]
        )
    for mark, (what, found, expected) in wrong:
        work.note("delivery", "hub.delivery", _named(flow, mark.record_id), what, found, expected)
    work.count("deliveries", len(marks))
    work.count("deliveries decided anew", len(decidable))


def _is_decidable(flow: PushFlow, mark: Mark, beside: Beside) -> bool:
    """Whether a delivery can be decided anew: not dirty, and no person is being asked."""
    return not flow.form and not mark.dirty and not beside.uncertain and mark.state in DONE | FROZEN


def _decided(push: Push, around: DeliveryContext, mark: Mark) -> Iterator[tuple[str, str, str]]:
    """Findings where the body that stands, or will once confirmed, is not today's."""
    if mark.record_id not in around.golden:
        yield "delivery.golden", "", ""
        return
    decided = outgoing.decided_alone(push.flow, push.keys, around, _arrived(mark))
    if not isinstance(decided, Closed):
        yield "delivery.mark", mark.state, ""
    elif mark.state in DONE - {"confirmed"} and (
        mark.state in UNWANTED or decided.state in UNWANTED
    ):
        if mark.state != decided.state:
            yield "delivery.outcome", mark.state, decided.state
    elif mark.state == "confirmed" and mark.action == "upsert" and decided.state in UNWANTED:
        yield "delivery.outcome", mark.state, decided.state


def _arrived(mark: Mark) -> Mark:
    """The delivery as it will be once the target confirms the attempt in flight."""
    if mark.state not in FROZEN:
        return mark
    kept = mark.action == "upsert"
    body = mark.body if kept else None
    return replace(
        mark, held_body=body, confirmed_body=body, confirmed_key=mark.key if kept else None
    )


def _by_itself(keys: IdempotencyKeys, mark: Mark, beside: Beside) -> Iterator[tuple[str, str, str]]:
    """Findings of impossible columns, whatever was sent."""
    if mark.state not in STATES or beside.lacking or (mark.state == "due" and not mark.dirty):
        yield "delivery.state", str(mark.state), ""
    bare = mark.body is None and not beside.erased
    if mark.state in FROZEN and (bare or None in {mark.key, mark.action, mark.golden_version}):
        yield "delivery.frozen", str(mark.state), ""
    elif mark.state == "sending" and beside.held_until is None:
        yield "delivery.held", "", ""
    if (mark.confirmed_key is None) != (mark.confirmed_body is None):
        yield "delivery.confirmed_body", "", ""
    if not _is_named(keys, mark.key, mark.natural_key, mark.action, mark.body):
        yield "delivery.key", str(mark.key), ""
    if not _is_named(keys, mark.confirmed_key, mark.natural_key, "upsert", mark.confirmed_body):
        yield "delivery.confirmed_body", "", ""
    shown = keys.ordinal(mark.key) if mark.key else None
    if shown is not None and not beside.lacking and mark.serial < ordinal_near(shown, mark.serial):
        yield "delivery.serial", str(mark.serial), str(shown)


def _certain(
    keys: IdempotencyKeys, mark: Mark, beside: Beside, told: DeliveryHistory | None
) -> Iterator[tuple[str, str, str]]:
    """Findings of impossible columns where no target was ever to be asked what it holds."""
    if beside.uncertain or mark.word is not None or mark.word_version is not None:
        yield "delivery.uncertain", "", ""
    shown = keys.ordinal(mark.key) if mark.key else 0
    if shown is not None and not beside.lacking and mark.serial != ordinal_near(shown, mark.serial):
        yield "delivery.serial", str(mark.serial), str(shown)
    waits = (
        told is not None and told.state in {"awaiting_receipt", "retrying"} and mark.key == told.key
    )
    if told is not None and waits and mark.state in STATES - SENT - {"sending"}:
        yield "delivery.last", f"{mark.state} {mark.key}", f"{told.state} {told.key}"


def _is_named(
    keys: IdempotencyKeys,
    key: str | None,
    natural_key: str,
    action: Action | None,
    body: Body | None,
) -> bool:
    """Whether an idempotency key of ours fits record and content (it needs the hub's secret)."""
    shown = keys.ordinal(key) if key else None
    if key is None or shown is None or action is None or body is None:
        return True
    return key == keys.of(natural_key, ordinal=shown, action=action, body=body)


def check_events(work: VerifyContext) -> None:
    """Check that every body sent is the one that its idempotency key was made from."""

    def check(tx: Transaction, ids: Sequence[int]) -> None:
        for one in event_log.sent(tx, ids):
            keys = IdempotencyKeys(work.settings.hash_key, one.flow)
            body = {} if one.action == "withdraw" else one.body
            if not _is_named(keys, one.key, one.natural_key, one.action, body):
                work.note(
                    "delivery",
                    "hub.delivery_event",
                    f"{one.flow} record {one.record_id} {one.state}",
                    "event.key",
                )
        work.count("delivery events", len(ids))

    walk(
        work,
        RowsReading(
            "delivery",
            "hub.delivery_event",
            event_log.event_ids,
            check,
            lambda key: f"event {key}",
        ),
        0,
    )


def _by_events(
    keys: IdempotencyKeys, mark: Mark, beside: Beside, told: DeliveryHistory | None
) -> Iterator[tuple[str, str, str]]:
    """Findings where a delivery and its events differ."""
    if (
        beside.confirmed_at is not None
        and mark.confirmed_key is None
        and (told is None or told.confirmed_at is None)
    ):
        yield "delivery.confirmed_at", str(beside.confirmed_at), ""
    if told is None:
        if mark.state in SENT:
            yield "delivery.event", mark.state, ""
        elif mark.confirmed_key and keys.ordinal(mark.confirmed_key) is None:
            yield "delivery.confirmed_key", mark.confirmed_key, ""
        return
    yield from _last(mark, beside, told)
    if (
        mark.state in DONE and not mark.dirty
    ):  # a repair begins with a mark, and sets back what was confirmed
        yield from _confirmed(mark, beside, told)
    elif (
        mark.confirmed_key not in {None, told.confirmed_key}
        and keys.ordinal(mark.confirmed_key or "") is None
    ):
        yield "delivery.confirmed_key", str(mark.confirmed_key), str(told.confirmed_key)


def _last(mark: Mark, beside: Beside, told: DeliveryHistory) -> Iterator[tuple[str, str, str]]:
    """Differences from the last event."""
    if not beside.lacking and mark.serial < told.keys:
        yield "delivery.serial", str(mark.serial), str(told.keys)
    last = (told.state, told.key, told.action, told.golden_version)
    again = (
        mark.state == "sending" and mark.key == told.key and told.state in {"confirmed", "rejected"}
    )
    if again or (
        mark.state in SENT and (mark.state, mark.key, mark.action, mark.golden_version) != last
    ):
        yield "delivery.last", f"{mark.state} {mark.key}", f"{told.state} {told.key}"
    if (
        mark.key == told.key
        and told.body is not None
        and not beside.erased
        and mark.body != told.body
    ):
        yield "delivery.body", "", ""
    if mark.reference != told.reference and not (told.erased and not told.reference):
        yield "delivery.reference", "", ""


def _confirmed(mark: Mark, beside: Beside, told: DeliveryHistory) -> Iterator[tuple[str, str, str]]:
    """Differences from the last confirmed event."""
    given = told.confirmed_key if told.confirmed_action == "upsert" else None
    if mark.confirmed_key != given:
        yield "delivery.confirmed_key", str(mark.confirmed_key), str(given)
    elif given is not None and not told.erased and mark.confirmed_body != told.confirmed_body:
        yield "delivery.confirmed_body", "", ""
    if not _is_near(beside.confirmed_at, told.confirmed_at):
        yield "delivery.confirmed_at", str(beside.confirmed_at), str(told.confirmed_at)
    if mark.state == "confirmed" and mark.held_body != mark.confirmed_body:
        yield "delivery.held_body", "", ""
    if mark.state == "confirmed" and mark.action == "upsert" and mark.body != mark.confirmed_body:
        yield "delivery.body", "", ""


def _is_near(found: datetime | None, expected: datetime | None) -> bool:
    if found is None or expected is None:
        return found is expected
    return abs(found - expected) <= NEAR

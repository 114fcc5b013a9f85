"""Recovery after a restoration: uncertain delivery -> inquiry -> found there, free, or manual.

A target may hold what this database has forgotten. Nothing of a record is sent before its target
has answered what it holds of it (`hub/pipeline/delivery_inquiry.py`).
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from operator import attrgetter

from hub.db import restorations
from hub.db.database import Database, Transaction
from hub.db.deliveries import outbox, uncertain
from hub.db.deliveries.outbox import Closed, DeliveryResult, Frozen, Mark, Tally
from hub.db.deliveries.uncertain import Free, Returned, ToldUncertain
from hub.db.keyset import portions
from hub.domain.equivalence import differing
from hub.domain.idempotency import name_of, ordinal_near
from hub.errors import Fault
from hub.model import Held
from hub.pipeline import outgoing
from hub.pipeline.delivery_inquiry import NOTHING, Evidence, Target, UncertainDelivery
from hub.pipeline.outgoing import DeliveryContext, Push

log = logging.getLogger(__name__)

PORTION = 500
UNWANTED = {"superseded", "withheld"}
RESTORED = "restored"
"""The event code of a delivery that was found at its target after a restoration."""

Resolved = Free | Returned | ToldUncertain | Closed


def recover(database: Database, work: Push) -> None:
    """Ask the target about all uncertain deliveries that are due; then end the recovery if done."""

    def due(tx: Transaction, after: int) -> Sequence[Mark]:
        return uncertain.take(tx, work.flow.name, after=after, most=PORTION)

    def looked(
        tx: Transaction, marks: Sequence[Mark]
    ) -> tuple[Sequence[UncertainDelivery], Target]:
        return _cases(tx, work, marks), _target(tx, work)

    # Writes nothing, yet `write`: it checks that the run is not over before anybody is asked.
    for _, (cases, target) in portions(
        database.write, due, looked, key=attrgetter("record_id"), first=0
    ):
        evidence = target.ask(cases)  # no transaction is open here
        resolved = [
            resolve(target, case, evidence.get(case.mark.record_id, NOTHING)) for case in cases
        ]
        with database.write() as tx:
            _write_down(tx, work, resolved)
    with database.write() as tx:
        if restorations.recovers(tx, work.flow.name):
            restorations.end_if_heard(tx, work.flow.name, _sources(work))


def _sources(work: Push) -> list[str]:
    """The pull flows that bring the records of this push, and the projects that they quote."""
    entities = {work.flow.entity.name, "project"}
    return [flow.name for flow in work.contracts.pulls.values() if flow.entity.name in entities]


def _target(tx: Transaction, work: Push) -> Target:
    """How this flow's target can be asked.

    Lost attempts can be named only while the hash key is the one of then (most: 0 otherwise).
    """
    settings, flow = work.settings, work.flow
    same = restorations.this(tx).secret == name_of(settings.hash_key)
    return Target(
        work.keys,
        work.connector,
        flow.write,
        flow.system.name,
        fields=flow.shaper.fields,
        receipts=flow.receipts,
        most=settings.restore_sendings if same else 0,
    )


def _cases(tx: Transaction, work: Push, marks: Sequence[Mark]) -> list[UncertainDelivery]:
    if not marks:
        return []
    around = outgoing.surroundings(tx, work, marks)
    return [_case(work, around, mark) for mark in marks]


def _case(work: Push, around: DeliveryContext, mark: Mark) -> UncertainDelivery:
    """What would be sent for a mark, whatever the target is believed to hold."""
    golden = around.golden[mark.record_id]
    decided = outgoing.decided_alone(work.flow, work.keys, around, replace(mark, held_body=None))
    late = None
    if golden.deleted and isinstance(decided, Closed):
        undeleted = replace(
            around, golden={mark.record_id: replace(golden, deleted=False)}, parents=None, claims={}
        )
        former = outgoing.decided_alone(
            work.flow, work.keys, undeleted, replace(mark, held_body=None)
        )
        late = former if isinstance(former, Frozen) else None
    word = mark.word if mark.word_version == golden.version else None
    return UncertainDelivery(replace(mark, word=word), decided, late, version=golden.version)


def resolve(target: Target, case: UncertainDelivery, evidence: Evidence) -> Resolved:
    """What becomes of an uncertain delivery, by the target's evidence."""
    if evidence.listed:
        return _by_what_stands(target, case, evidence)
    return _by_keys(target, case, evidence)


def _by_what_stands(target: Target, case: UncertainDelivery, evidence: Evidence) -> Resolved:
    """Resolve by a listing: the newest delivery of the record that the target holds counts."""
    mark, decided, last = case.mark, case.decided, evidence.last
    shown = target.keys.ordinal(last.key) if last else None
    ordinal = mark.serial if shown is None else ordinal_near(shown, mark.serial)
    if case.in_flight and ordinal <= mark.serial and (last is None or last.key != mark.key):
        return Free(mark, serial=mark.serial, repeat=True)
    if not evidence.exact:  # skip ordinals of lost attempts: a reused key passes for a repeat
        ordinal = max(ordinal, mark.serial + target.most)
    if last is None or last.ended:
        if isinstance(decided, Frozen) and decided.action == "upsert":
            return Free(mark, serial=ordinal, forgets=True)
        return _closed(case, Free(mark, serial=ordinal, forgets=True))
    if isinstance(decided, Frozen) and decided.action == "upsert" and _same(decided, last):
        return Returned(mark, decided, key=last.key, serial=ordinal, definite=not target.receipts)
    if isinstance(decided, Frozen) or (isinstance(decided, Closed) and decided.state in UNWANTED):
        # The next attempt replaces or withdraws this.
        return Free(mark, serial=ordinal, holds=last)
    return _closed(case, ToldUncertain(mark, _uncertain()))


def _by_keys(target: Target, case: UncertainDelivery, evidence: Evidence) -> Resolved:
    """Resolve by keys that attempts must have had; silence counts only if the target was asked."""
    mark, wanted, lost = case.mark, case.wanted, target.candidates(case)
    found = [(lost[key], held) for key, held in evidence.known.items() if key in lost]
    if found and wanted is not None:
        ordinal, held = max(found, key=lambda one: one[0])
        if wanted is case.decided and _same(wanted, held):
            return Returned(
                mark, wanted, key=held.key, serial=ordinal, definite=not target.receipts
            )
        return Free(
            mark,
            serial=ordinal,
            holds=Held(held.key, wanted.body, ended=wanted.action == "withdraw"),
        )
    beyond = mark.serial + target.most
    if case.in_flight and mark.key in evidence.known:
        return _arrived(target, case, beyond, asked=evidence.asked)
    if evidence.asked:
        return _by_what_is_known(case, evidence, beyond)
    return _underway_by_word(case, beyond) if case.in_flight else _by_word(case, beyond)


def _by_what_is_known(case: UncertainDelivery, evidence: Evidence, beyond: int) -> Resolved:
    """Resolve where none of the lost attempts that could be named is there."""
    mark, decided = case.mark, case.decided
    if case.in_flight:
        return Free(mark, serial=beyond, repeat=True)
    stands = evidence.known.get(mark.confirmed_key or "")
    if (
        isinstance(decided, Frozen)
        and stands
        and mark.confirmed_body == decided.body
        and _same(decided, stands)
    ):
        return Returned(mark, decided, key=stands.key, serial=mark.serial, definite=True)
    return _closed(case, Free(mark, serial=beyond))


def _arrived(target: Target, case: UncertainDelivery, beyond: int, *, asked: bool) -> Returned:
    """Resolve where the attempt in flight at the backup arrived; a newer one may have been lost."""
    frozen, decided = case.frozen, case.decided
    current = isinstance(decided, Frozen) and (decided.action, decided.body) == (
        frozen.action,
        frozen.body,
    )
    serial = case.mark.serial if current else beyond
    return Returned(
        case.mark,
        frozen,
        key=frozen.key,
        serial=serial,
        definite=not target.receipts,
        dirty=not current,
        uncertain=not asked,
    )


def _by_word(case: UncertainDelivery, beyond: int) -> Resolved:
    """Resolve by a person's decision, since the target cannot be asked; else wait for one."""
    mark, decided = case.mark, case.decided
    if not isinstance(decided, Frozen) or (
        decided.body == mark.held_body and decided.action == "upsert"
    ):
        return _closed(case, Closed(mark.record_id, "unchanged"))
    if mark.word == "send":
        return Free(mark, serial=beyond)
    if mark.word == "sent":
        return Returned(mark, decided, key=decided.key, serial=mark.serial + 1, definite=True)
    return ToldUncertain(mark, _uncertain())


def _underway_by_word(case: UncertainDelivery, beyond: int) -> Resolved:
    """The same for an attempt that was in flight at the backup."""
    mark = case.mark
    if mark.word == "send":
        return Free(mark, serial=beyond, repeat=True)
    if mark.word == "sent":
        return Returned(
            mark,
            case.frozen,
            key=case.frozen.key,
            serial=beyond,
            definite=True,
            dirty=True,
            uncertain=True,
        )
    return ToldUncertain(mark, _uncertain())


def _closed(case: UncertainDelivery, otherwise: Resolved) -> Resolved:
    """The closed mark where nothing would be sent anyway (it stays uncertain), else `otherwise`."""
    if isinstance(case.decided, Closed):
        return case.decided
    if isinstance(case.decided, Fault):
        return Free(case.mark, serial=case.mark.serial)  # its fault is stored when it is sent
    return otherwise


def _same(wanted: Frozen, held: Held) -> bool:
    """Whether a target holds the wanted content, as far as it shows content at all."""
    if wanted.action == "withdraw":
        return True
    return held.body is None or not differing(wanted.body, held.body)


def _uncertain() -> Fault:
    return Fault("", "delivery.uncertain", {})


def _write_down(tx: Transaction, work: Push, resolved: Sequence[Resolved]) -> None:
    flow, run = work.flow.name, work.run.id
    closed = [one for one in resolved if isinstance(one, Closed)]
    returned = [one for one in resolved if isinstance(one, Returned)]
    told = [one for one in resolved if isinstance(one, ToldUncertain)]
    outbox.close(tx, flow, closed)
    uncertain.free(tx, flow, [one for one in resolved if isinstance(one, Free)])
    uncertain.tell(tx, flow, told)
    due = datetime.now(UTC) + timedelta(seconds=work.settings.receipt_seconds)
    verdicts = [
        DeliveryResult(
            one.mark.record_id,
            one.key,
            "confirmed" if one.definite else "awaiting_receipt",
            attempt=1,
            due=None if one.definite else due,
            code=RESTORED,
        )
        for one in uncertain.take_back(tx, flow, returned)
    ]
    settled = outbox.settle(tx, flow, verdicts, owner=work.flow.system.owner, run_id=run)
    sums: dict[str, int] = _sums(closed, told)
    for state, count in settled.items():
        sums[state] = sums.get(state, 0) + count
    if sums:
        outbox.add_batch(tx, run, flow, Tally(due=sum(sums.values()), **sums))
    log.info(
        "uncertain deliveries asked about",
        extra={"run": run, "flow": flow, "asked": len(resolved), **sums},
    )


def _sums(closed: Sequence[Closed], told: Sequence[ToldUncertain]) -> dict[str, int]:
    """Counts by state of what needs nothing sent; undecided deliveries count as blocked."""
    sums: dict[str, int] = {}
    for one in closed:
        sums[one.state] = sums.get(one.state, 0) + 1
    if told:
        sums["blocked"] = sums.get("blocked", 0) + len(told)
    return sums

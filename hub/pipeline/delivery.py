"""Delivers what is due to one target: golden record + dirty mark -> frozen body -> partner ->
outcome.

Delivery is at least once: body and idempotency key are frozen in one transaction, sent outside any,
the outcome is stored in another. If the process dies in between, the hold lapses and the same body
goes out under the same key.
"""

import logging
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import attrgetter
from typing import Literal, TypeAlias

import orjson

from hub.contract import Connector
from hub.db import runs
from hub.db.database import Database, Transaction
from hub.db.deliveries import outbox
from hub.db.deliveries.outbox import Closed, DeliveryResult, Frozen, Mark, Tally
from hub.db.keyset import portions, split
from hub.db.ledger import witnesses
from hub.domain import blame
from hub.domain.backoff import RetryPolicy, next_try
from hub.domain.contracts import Contracts, PushFlow
from hub.domain.delivery_states import REFUSED, UNSETTLED
from hub.errors import Fault, FlowError, TransientError
from hub.model import Json, Outcome, Outgoing, OutgoingFile
from hub.pipeline import ledger_check, restoration, restored_deliveries, surplus
from hub.pipeline.batch_sending import hand_over
from hub.pipeline.outgoing import (
    Answers,
    Contents,
    Push,
    decided_alone,
    next_key,
    surroundings,
)
from hub.pipeline.run_lifecycle import running
from hub.settings import Settings

log = logging.getLogger(__name__)

TAKEN = 1_000
AHEAD = 3
"""Portions under way at once: one being written down, one sent, one frozen."""

PROMPT = 0.0005
"""Thread switch interval in seconds, so that computing threads hardly delay the sending one."""

NOBODYS_RECORD = {
    "system.credentials",
    "system.not_configured",
    "system.driver_missing",
    "flow.connector_unknown",
}
"""Error codes that no record can cause: the run ends without trying others."""

UNDECIDED = {"sending", "retrying"}


@dataclass(frozen=True, slots=True)
class PreparedPortion:
    """One portion: marks closed without sending, and frozen deliveries by key.

    ended: by key, deliveries given up here, with the reason. alone: keys sent one by one, since
    they may fail others of a batch. lonely: a portion of one that may even kill the process.
    held_at: time.monotonic() when the hold on it began.
    """

    closed: list[Closed]
    outgoing: dict[str, tuple[Frozen, Outgoing]]
    ended: dict[str, tuple[Literal["dead", "rejected"], Fault]]
    alone: set[str]
    lonely: bool = False
    held_at: float = field(default_factory=time.monotonic)


Answered: TypeAlias = tuple[dict[str, Outcome], TransientError | FlowError | None]
"""Outcomes by key, and the error that ended the sending early; no outcome means not tried."""


def push(
    database: Database,
    contracts: Contracts,
    flow: PushFlow,
    *,
    connector: Connector,
    settings: Settings,
    airflow: Json = None,
    answers: Answers | None = None,
    contents: Contents | None = None,
) -> int:
    """Deliver all that is due to this target; gives the run's id.

    Raises TransientError when the partner is away: outcomes so far are stored, the rest stays due.
    Also FlowError for a refused connection or a lost fence.
    """
    adding = partial(blame.hint, flow=flow, files=contracts.sound)
    restoration.notice(database, settings)
    with running(database, flow.name, "push", airflow=airflow, adding=adding) as (run, fenced):
        with fenced.write() as tx:
            work = Push(
                contracts,
                flow,
                settings,
                run,
                connector,
                ledger_check.newest_checkpoint(tx),
                answers,
                contents,
            )
            if runs.adopt(tx, flow.name, flow.contract):
                outbox.mark_all(tx, flow.name, flow.entity.name)
        surplus.meet(fenced, work)
        surplus.take_back(fenced, work)
        restored_deliveries.recover(fenced, work)
        with fenced.write() as tx:  # not read: a run that is over leaves no mark
            restoration.remember(tx, settings, run.id)
        _deliver(fenced, work)
    return run.id


def _deliver(database: Database, work: Push) -> None:
    """Pipeline of three: one portion is frozen, one sent, one stored, each in its thread."""
    sender = Sender(database, work)
    line: deque[Future[None]] = deque()
    with (
        _promptly(),
        ThreadPoolExecutor(1, "send") as sending,
        ThreadPoolExecutor(1, "write-down") as writing,
    ):
        for prepared in _portions(database, work):
            sent = sending.submit(copy_context().run, sender.send, prepared)
            line.append(
                writing.submit(copy_context().run, _write_down, database, work, prepared, sent)
            )
            while len(line) >= (1 if prepared.lonely else AHEAD):
                line.popleft().result()
            if sender.fault is not None:
                break
    for written in line:
        written.result()
    if sender.fault is not None:
        raise sender.fault


@contextmanager
def _promptly() -> Iterator[None]:
    """Shorten Python's thread switch interval (5 ms) while sending: it adds to each answer."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(PROMPT)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def _portions(database: Database, work: Push) -> Iterator[PreparedPortion]:
    """All that is due, frozen portion by portion; the first is one batch, to start sending soon.

    Deliveries whose process died again and again come last, one by one: they may be the cause.
    """
    half = max(2, work.settings.attempts // 2)
    for lonely, first, further in ((False, work.flow.batch, TAKEN), (True, 1, 1)):
        due = partial(
            _due, flow=work.flow.name, first=first, further=further, died=half, lonely=lonely
        )
        ready = partial(_ready, work=work, lonely=lonely)
        yield from (
            one
            for _, one in portions(database.write, due, ready, key=attrgetter("record_id"), first=0)
        )


def _due(
    tx: Transaction, after: int, *, flow: str, first: int, further: int, died: int, lonely: bool
) -> Sequence[Mark]:
    return outbox.take(
        tx, flow, after=after, most=further if after else first, died=died, lonely=lonely
    )


def _ready(tx: Transaction, marks: Sequence[Mark], *, work: Push, lonely: bool) -> PreparedPortion:
    return replace(prepare(tx, work, marks), lonely=lonely)


def _write_down(
    database: Database, work: Push, prepared: PreparedPortion, sent: Future[Answered]
) -> None:
    """Wait for the outcomes of a portion, then store them with its balanced delivery batch."""
    outcomes, fault = sent.result()
    run, flow = work.run.id, work.flow.name
    verdicts = []
    for key, (frozen, _) in prepared.outgoing.items():
        if key in prepared.ended:
            state, why = prepared.ended[key]
            verdicts.append(
                DeliveryResult(
                    frozen.record_id, key, state, frozen.attempt, fault=why, code=why.code
                )
            )
            continue
        # No outcome: it may or may not have arrived, so the same body goes out again under its key.
        outcome = outcomes.get(key) or Outcome(key, "unknown", code=fault.code if fault else "")
        verdicts.append(
            _delivery_result(work, frozen, outcome, tried=key in outcomes or fault is None)
        )
    with database.write() as tx:
        tally = Counter[str](closed.state for closed in prepared.closed)
        tally.update(outbox.settle(tx, flow, verdicts, owner=work.flow.system.owner, run_id=run))
        outbox.add_batch(tx, run, flow, Tally(due=tally.total(), **tally))
        if tally["confirmed"] or tally["awaiting_receipt"]:
            _note_handed(tx, work)
    _log_results(work, verdicts)
    log.info("marks dealt with", extra={"run": run, "flow": flow, "due": tally.total(), **tally})


def _log_results(work: Push, verdicts: Sequence[DeliveryResult]) -> None:
    """Log each refused or dead delivery, and the number of retries by code; no values."""
    about = {"run": work.run.id, "flow": work.flow.name}
    for one in verdicts:
        if one.state in REFUSED:
            code = one.fault.code if one.fault else ""
            log.warning(
                "delivery %s", one.state, extra=about | {"record": one.record_id, "code": code}
            )
    again = Counter(one.fault.code for one in verdicts if one.state == "retrying" and one.fault)
    for code, count in again.items():
        log.info("deliveries tried again later", extra=about | {"code": code, "count": count})


def prepare(tx: Transaction, work: Push, marks: Sequence[Mark]) -> PreparedPortion:
    """Close marks that need nothing sent; freeze body and idempotency key of the others."""
    flow, around = work.flow.name, surroundings(tx, work, marks)
    made = PreparedPortion([], {}, {}, set())
    overtaken: list[int] = []
    for mark in map(_shut, marks):
        why = _ended(mark, work.settings)
        decided = _repeat(mark, tried=why is None) or decided_alone(
            work.flow, work.keys, around, mark
        )
        if isinstance(decided, Fault):
            key = next_key(work.keys, mark, "upsert", {})
            made.ended[key] = "rejected", decided
            decided = Frozen(
                mark.record_id, 1, key, "upsert", {}, mark.golden_version or 0, fresh=True
            )
        if isinstance(decided, Closed):
            made.closed.append(decided)
        else:
            made.outgoing[decided.key] = decided, _outgoing(decided, mark, work)
            if why is not None:
                made.ended[decided.key] = "dead", why
            elif mark.state in UNDECIDED and mark.attempt * 2 >= work.settings.attempts:
                made.alone.add(decided.key)
        # A refused body resent unchanged keeps its entry: it is resolved, or refused again.
        if mark.state == "rejected" and (isinstance(decided, Closed) or decided.body != mark.body):
            overtaken.append(mark.record_id)
    outbox.close(tx, flow, made.closed)
    frozen = [one for one, _ in made.outgoing.values()]
    outbox.freeze(tx, flow, frozen, hold_seconds=work.settings.hold_seconds)
    outbox.close_entries(tx, flow, overtaken, state="overtaken", run_id=work.run.id)
    return made


def _ended(mark: Mark, settings: Settings) -> Fault | None:
    """Why a delivery under way is dead: its attempts are used up. None: it is tried again.

    Any delivery gets at least two attempts, since a hold can lapse while its worker lives.
    """
    if mark.state not in {"sending", "awaiting_receipt"} or mark.attempt < max(
        2, settings.attempts
    ):
        return None
    code = "delivery.interrupted" if mark.state == "sending" else "delivery.no_verdict"
    return Fault("", code, {"attempts": str(mark.attempt)})


class Sender:
    """Sends one portion after the other; once an error has ended the run, none."""

    def __init__(self, database: Database, work: Push) -> None:
        self._database, self._work = database, work
        self.fault: TransientError | FlowError | None = None

    def send(self, prepared: PreparedPortion) -> Answered:
        """Outcomes by key, and the error that ended the sending (now or before)."""
        if self.fault is not None:
            return {}, self.fault
        outcomes, self.fault = send(self._database, self._work, prepared)
        return outcomes, self.fault


def send(
    database: Database, work: Push, prepared: PreparedPortion
) -> tuple[dict[str, Outcome], TransientError | FlowError | None]:
    """Send a portion in batches; gives outcomes by key and the error that ended it early.

    No transaction is open here. What was not tried has no outcome and is repeated under its key. A
    FlowError on a whole batch ends the run only when the next batch meets one too: a poisonous
    record must not hold back those behind it.
    """
    outcomes: dict[str, Outcome] = {}
    fault: FlowError | None = None
    failed_before = False
    held_at = prepared.held_at
    for batch in _batches(prepared, work.flow.batch):
        try:
            some, held_at = _still_ours(database, work, prepared, batch, held_at)
        except (TransientError, FlowError) as error:  # of the run: it says nothing of these records
            return outcomes, error
        try:
            hand_over(work, some, outcomes)
        except TransientError as error:
            return outcomes, error
        except FlowError as error:
            if failed_before or error.code in NOBODYS_RECORD:
                return outcomes, error
            fault, failed_before = error, True
            outcomes.update(
                {item.key: Outcome(item.key, "unknown", code=error.code) for item in some}
            )
        else:
            failed_before = False
    return outcomes, fault


def _still_ours(
    database: Database,
    work: Push,
    prepared: PreparedPortion,
    items: Sequence[Outgoing],
    held_at: float,
) -> tuple[Sequence[Outgoing], float]:
    """The items still held by this worker, and since when; renews a hold that is half over.

    Guards against a process that slept: another worker may have sent this and newer versions, and
    sending the old body would set the partner back. FlowError when the run's fence is lost.
    """
    if time.monotonic() - held_at < work.settings.hold_seconds / 2:
        return items, held_at
    began = time.monotonic()
    with database.write() as tx:
        frozen = [one for one, _ in prepared.outgoing.values()]
        ours = outbox.hold_on(tx, work.flow.name, frozen, hold_seconds=work.settings.hold_seconds)
    return [item for item in items if item.key in ours], began


def _batches(prepared: PreparedPortion, size: int) -> Iterator[Sequence[Outgoing]]:
    """Batches of `size`, then each delivery that has to go alone."""
    items = [item for key, (_, item) in prepared.outgoing.items() if key not in prepared.ended]
    together = [item for item in items if item.key not in prepared.alone]
    yield from split(together, size)
    yield from ([item] for item in items if item.key in prepared.alone)


def _delivery_result(
    work: Push, frozen: Frozen, outcome: Outcome, *, tried: bool
) -> DeliveryResult:
    """What an outcome makes of a delivery. Unknown (the answer was lost): retried under the same
    key, until the attempts are used up.

    tried: False when the partner was away, which uses up no attempt.
    """
    settings, now = work.settings, datetime.now(UTC)
    verdict = DeliveryResult(
        frozen.record_id,
        frozen.key,
        "confirmed",
        frozen.attempt,
        code=outcome.code,
        text=outcome.text,
        reference=outcome.reference,
    )
    match outcome.state:
        case "confirmed":
            return verdict
        case "awaiting_receipt":
            return replace(
                verdict,
                state="awaiting_receipt",
                due=now + timedelta(seconds=outcome.patience or settings.receipt_seconds),
                fault=outcome.fault,
                tried=outcome.patience is None,
            )
        case "rejected":
            refused = Fault("", "delivery.rejected", {"code": outcome.code, "text": outcome.text})
            return replace(verdict, state="rejected", fault=outcome.fault or refused)
        case "unknown":
            patience = RetryPolicy(
                settings.backoff_seconds, settings.backoff_most, settings.attempts
            )
            due = next_try(frozen.attempt if tried else 1, now=now, after=None, patience=patience)
            if due is None:
                fault = Fault(
                    "", "delivery.dead", {"attempts": str(frozen.attempt), "last": outcome.code}
                )
                return replace(verdict, state="dead", fault=fault)
            lost = Fault("", "delivery.lost_answer", {"attempt": str(frozen.attempt)})
            return replace(
                verdict, state="retrying", due=due, fault=outcome.fault or lost, tried=tried
            )


def _repeat(mark: Mark, *, tried: bool) -> Frozen | None:
    """The frozen attempt to send again unchanged, None where its outcome is known.

    tried: False where the delivery ends here, so that no attempt is added.
    """
    if mark.state not in UNSETTLED:
        return None
    if mark.key is None or mark.body is None or mark.action is None:
        return None
    return Frozen(
        mark.record_id,
        mark.attempt + tried,
        mark.key,
        mark.action,
        mark.body,
        mark.golden_version or 0,
        fresh=False,
    )


def _shut(mark: Mark) -> Mark:
    """A mark whose frozen body was erased since: that body never goes out again.

    What may have arrived of it is replaced, or withdrawn.
    """
    if mark.erased_serial is None or mark.serial > mark.erased_serial:
        return mark
    if mark.action != "upsert" or mark.state not in UNSETTLED:
        return mark
    key, body = mark.confirmed_key or mark.key, mark.confirmed_body or mark.body
    return replace(
        mark, state="due", action=None, attempt=0, confirmed_key=key, confirmed_body=body
    )


def _note_handed(tx: Transaction, work: Push) -> None:
    """Note the checkpoint as handed to the partner, where its connector or contract carries one."""
    if work.checkpoint and (
        getattr(work.connector, "CARRIES", False) or work.flow.write.get("checkpoints")
    ):
        said = orjson.loads(work.checkpoint)
        witnesses.sent(tx, work.flow.name, int(said["seal"]), bytes.fromhex(said["chain"]))


def _outgoing(frozen: Frozen, mark: Mark, work: Push) -> Outgoing:
    return Outgoing(
        key=frozen.key,
        action=frozen.action,
        body=frozen.body,
        previous=mark.confirmed_body,
        previous_key=mark.confirmed_key,
        repeat=not frozen.fresh,
        checkpoint=work.checkpoint,
        reference=mark.reference,
        files=_files(frozen, work) if frozen.action == "upsert" else (),
    )


def _files(frozen: Frozen, work: Push) -> tuple[OutgoingFile, ...]:
    """The files that a frozen body names; their bytes are read when they are sent."""
    if work.contents is None:
        return ()
    said = [
        (str(frozen.body.get(one.name)), frozen.body.get(one.digest)) for one in work.flow.files
    ]
    return tuple(
        OutgoingFile(name, digest, partial(work.contents, frozen.record_id, digest))
        for name, digest in said
        if isinstance(digest, str)
    )

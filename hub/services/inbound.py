"""What partners and people hand in: kept with a receipt, and what became of its records."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from pydantic import Field

from hub.auth.context import RequestContext
from hub.db import inbound
from hub.db.database import Database, Transaction
from hub.db.inbound import InboundReceipt, LandedOutcome, NewBody
from hub.db.rows import fault_of
from hub.domain.contracts import PullFlow
from hub.domain.payload import keyed_hash
from hub.errors import FlowError, HubError
from hub.model import Admitted, Json
from hub.pipeline.inbound import resource_of
from hub.runtime import Runtime
from hub.settings import Settings
from hub.texts import cure, say

log = logging.getLogger(__name__)

REPEATED = 86_400
"""Seconds for which what a person hands in again is the same."""
PENDING, UNCHANGED = "pending", "unchanged"
OUTCOMES: Mapping[str, str] = {"applied": "taken", "exploded": "taken", "empty": "taken"}
"""What a partner is told of a landed record, where it is told otherwise than it landed."""


@dataclass(frozen=True, slots=True)
class BodyReceipt:
    """The receipt of a body. repeated: the same one had come before; this is its first receipt."""

    receipt: Annotated[int, Field(examples=[1024])]
    records: int
    repeated: bool
    received_at: datetime


@dataclass(frozen=True, slots=True)
class RecordVerdict:
    """What became of one record of a body, in its order, from 1. code: why it was set aside."""

    row: int
    outcome: Annotated[str, Field(examples=["taken", "unchanged", "quarantined", "waiting"])]
    code: str = ""
    zh: str = ""
    en: str = ""
    cure_zh: str = ""
    cure_en: str = ""


@dataclass(frozen=True, slots=True)
class InboundView:
    """A body that was handed in. taken: its records are taken in; times: how often it came."""

    receipt: int
    source: str
    origin: Mapping[str, str]
    records: int
    received_at: datetime
    taken: bool
    times: int


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A body about to be kept. source: who hands it in; origin: what is known of it besides.

    admitted: how its signature was proven, where it was signed. repeats_seconds: for how long the
    same body is a repetition.
    """

    system: str
    resource: str
    source: str
    content: bytes = field(repr=False)
    charset: str
    records: int
    repeats_seconds: int
    origin: Mapping[str, Json] = field(default_factory=dict)
    admitted: Admitted = field(default_factory=Admitted)


def refuse_secret(flows: Sequence[PullFlow], payloads: Sequence[bytes]) -> None:
    """Raise FlowError (call.secret) where a record may be secret: nothing is kept then."""
    for flow in flows:
        for row, payload in enumerate(payloads, 1):
            if flow.withheld(payload) is not None:
                raise FlowError("call.secret", row=row)


def keep(database: Database, settings: Settings, bodies: Sequence[HandedIn]) -> list[BodyReceipt]:
    """Keep bodies and give their receipts, once they are committed.

    FlowError (call.replayed) for a nonce that was used before: then nothing is kept.
    """
    rows = [
        NewBody(
            one.system,
            one.resource,
            keyed_hash(one.content, settings.hash_key),
            content=one.content,
            charset=one.charset,
            records=one.records,
            source=one.source,
            repeats_seconds=one.repeats_seconds,
            origin=one.origin,
        )
        for one in bodies
    ]
    with database.write() as tx:
        for one in bodies:
            spend(tx, settings, one.system, one.admitted)
        kept = inbound.put(tx, rows)
    for body in kept:
        about = {"system": body.system, "resource": body.resource, "receipt": body.receipt}
        log.info("body kept", extra=about | {"records": body.records, "times": body.times})
    return [_receipt(one) for one in kept]


def spend(tx: Transaction, settings: Settings, system: str, admitted: Admitted) -> None:
    """Note the nonce of a call; FlowError (call.replayed) where it was used before."""
    if not admitted.nonce or admitted.until is None:
        return
    digest = keyed_hash(admitted.nonce.encode(), settings.hash_key)
    if not inbound.use_nonce(tx, system, digest, until=admitted.until):
        raise FlowError("call.replayed", system=system)


def hand_in(
    context: RequestContext,
    flow: PullFlow,
    content: bytes,
    *,
    records: int,
    origin: Mapping[str, Json],
) -> BodyReceipt:
    """Keep what a person hands in for a flow: JSON in UTF-8, as the flow's mapping reads it."""
    body = HandedIn(
        flow.system.name,
        resource_of(flow),
        source=context.by,
        content=content,
        charset="utf-8",
        records=records,
        repeats_seconds=REPEATED,
        origin=origin,
    )
    (kept,) = keep(context.hub.database, context.hub.settings, [body])
    return kept


def listed(
    context: RequestContext, flow: PullFlow, *, before: int | None = None, most: int = 50
) -> list[InboundView]:
    """What was handed in for a flow's resource, the newest first."""
    with context.hub.database.read() as tx:
        found = inbound.listed(tx, flow.system.name, resource_of(flow), before=before, most=most)
    return [_view(one) for one in found]


def known(context: RequestContext, flow: PullFlow, content: bytes) -> InboundView | None:
    """The former coming of the very same body; None where it is new."""
    digest = keyed_hash(content, context.hub.settings.hash_key)
    with context.hub.database.read() as tx:
        found = inbound.known(tx, flow.system.name, resource_of(flow), digest)
    return _view(found) if found else None


def taken_in(
    hub: Runtime, flow: PullFlow, receipt: BodyReceipt, pull: Callable[[str], object]
) -> tuple[RecordVerdict, ...]:
    """Take a body in at once, if that can be, and tell what became of each record.

    Where another run is under way, or this one fails, the records are told as pending: the body is
    kept, and the next run takes them.
    """
    with hub.database.read() as tx:
        done = inbound.has_taken(tx, flow.name, receipt.receipt)
    if not done:
        try:
            pull(flow.name)
        except HubError as error:
            about = {"flow": flow.name, "receipt": receipt.receipt, "code": error.code}
            log.warning("body not taken in at once", extra=about)
    return verdicts(hub, flow, receipt)


def verdicts(hub: Runtime, flow: PullFlow, receipt: BodyReceipt) -> tuple[RecordVerdict, ...]:
    """What became of each record of a body."""
    with hub.database.read() as tx:
        done = inbound.has_taken(tx, flow.name, receipt.receipt)
        landed = inbound.outcomes(tx, flow.name, receipt.receipt) if done else []
    by_row = {_row(one.position): one for one in landed}
    silent = UNCHANGED if done else PENDING
    return tuple(
        _verdict(row, by_row[row]) if row in by_row else RecordVerdict(row, silent)
        for row in range(1, receipt.records + 1)
    )


def _verdict(row: int, landed: LandedOutcome) -> RecordVerdict:
    outcome = OUTCOMES.get(landed.disposition, landed.disposition)
    if not landed.faults:
        return RecordVerdict(row, outcome)
    fault = fault_of(landed.faults[0])
    facts = {**fault.facts, "pointer": fault.pointer}
    return RecordVerdict(
        row,
        outcome,
        code=fault.code,
        zh=say(fault.code, facts, "zh"),
        en=say(fault.code, facts, "en"),
        cure_zh=cure(fault.code, facts, "zh"),
        cure_en=cure(fault.code, facts, "en"),
    )


def _row(position: str) -> int:
    """The number of a record in its body: of "r12 row 3", whatever is told behind it."""
    return int(position.split(" row ", 1)[1].split(" ", 1)[0])


def _receipt(kept: InboundReceipt) -> BodyReceipt:
    return BodyReceipt(kept.receipt, kept.records, kept.times > 1, kept.received_at)


def _view(kept: InboundReceipt) -> InboundView:
    return InboundView(
        kept.receipt,
        source=kept.source,
        origin={name: str(value) for name, value in kept.origin.items()},
        records=kept.records,
        received_at=kept.received_at,
        taken=kept.taken_at is not None,
        times=kept.times,
    )

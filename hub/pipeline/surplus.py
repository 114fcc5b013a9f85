"""Surplus: deliveries a target holds and the hub does not know -> adopted or withdrawn by hand.

Such a delivery was made after the backup that was restored, of a record gone at its source since. A
target that can be listed shows it, since its key is one of ours.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import TypeAlias

from hub.contract import Connector, Listing
from hub.db.database import Database, Transaction
from hub.db.deliveries import outbox, surplus
from hub.db.deliveries.outbox import Tally
from hub.db.deliveries.surplus import DeliveryState, State, Withdrawal
from hub.db.keyset import portions
from hub.db.reconciliation import differences
from hub.db.reconciliation.differences import Met
from hub.domain.contracts import PushFlow
from hub.domain.idempotency import RECORD, IdempotencyKeys, ordinal_near
from hub.errors import FlowError
from hub.model import Held, Json, Outcome, Outgoing
from hub.pipeline import connector_boundary, restoration
from hub.pipeline.outgoing import Push
from hub.pipeline.restoration import FLOW
from hub.pipeline.run_lifecycle import running
from hub.pipeline.steward import DecidedBy, land
from hub.settings import Settings

PORTION = 1_000
TAKEN = 100

Ended: TypeAlias = tuple[State, str, str]
"""The end of a withdrawal: state, the target's code and text."""


def found(
    database: Database, settings: Settings, flow: PushFlow, connector: Connector
) -> list[Met] | None:
    """Surplus deliveries at the target (checked against our keys); None where it cannot be listed.

    Known records of which only an attempt was missed are marked: the next push asks about them.
    """
    if not isinstance(connector, Listing):
        return None
    rows = connector_boundary.translated(
        flow.system.name, lambda: connector.listed(flow.write, None, [])
    )
    if rows is None:
        return None
    keys, most, unknown = (
        IdempotencyKeys(settings.hash_key, flow.name),
        settings.reconcile_keys,
        dict[str, Held](),
    )
    newest = _newest(connector_boundary.given(lambda: rows, flow.system.name), keys)
    while len(unknown) < most and (some := {held.key: held for held in islice(newest, PORTION)}):
        with database.read() as tx:
            unknown |= {key: some[key] for key in surplus.unknown(tx, flow.name, list(some))}
    met = _beyond_ours(database, settings, flow, keys, list(unknown.values())[:most])
    if len(unknown) < most:
        with database.write() as tx:
            surplus.certain(tx, flow.name)
    return met


def _newest(rows: Iterator[Held], keys: IdempotencyKeys) -> Iterator[Held]:
    """The newest of our deliveries per record; rows must be ordered by key."""
    ours = (held for held in rows if keys.ordinal(held.key) is not None)
    for _, of_record in groupby(ours, key=lambda held: held.key[:RECORD]):
        *_, last = of_record
        yield last


def _beyond_ours(
    database: Database,
    settings: Settings,
    flow: PushFlow,
    keys: IdempotencyKeys,
    unknown: Sequence[Held],
) -> list[Met]:
    """The real surplus among unknown deliveries; marks records of which an attempt was missed.

    A withdrawal counts as surplus only for a record known here that stands there as far as is
    known.
    """
    left = {held.key[:RECORD]: held for held in unknown}
    met, missed, strangers = [], list[int](), 0

    def known(tx: Transaction, after: int) -> Sequence[tuple[int, str]]:
        return surplus.records(tx, flow.entity.name, after=after, most=PORTION) if left else ()

    def stands(
        tx: Transaction, some: Sequence[tuple[int, str]]
    ) -> tuple[Mapping[int, Held], Mapping[int, DeliveryState]]:
        named = {
            record: left.pop(begin)
            for record, key in some
            if (begin := keys.of_record(key)) in left
        }
        return named, surplus.states(tx, flow.name, list(named))

    for _, (named, states) in portions(
        database.read, known, stands, key=lambda one: one[0], first=0
    ):
        for record, held in named.items():
            state = states.get(record)
            if state is None or not (state.known or state.late):
                met += [] if held.ended else [_beyond(held, record)]
            elif ordinal_near(keys.ordinal(held.key) or 0, state.serial) > state.serial:
                missed.append(record)
                strangers += state.serial > 0 and not state.uncertain
    with database.write() as tx:
        surplus.adopt(tx, flow.name, missed)
    if strangers:  # a restored data directory, or another hub that sends with our secret
        reason = f"{flow.name}: {strangers} records were sent later than this database knows"
        restoration.declare(database, settings, word=DecidedBy(restoration.HUB, reason), how="seen")
    return [*met, *(_beyond(held) for held in left.values() if not held.ended)]


def _beyond(held: Held, record: int | None = None) -> Met:
    return Met(held.key, "surplus_there", {"key": held.key}, record)


def settle(
    database: Database, settings: Settings, ids: Sequence[int], *, withdraw: bool, word: DecidedBy
) -> int:
    """Let surplus deliveries be withdrawn, or adopted, by the next push; gives how many.

    Only a delivery of a record known here can be adopted: it is asked about and then treated as any
    other. FlowError: no such difference, or a record unknown here.
    """
    word.checked()
    with database.write() as tx:
        if not differences.chosen(tx, ids, "surplus_there"):
            raise FlowError("reconcile.surplus_none")
    with running(database, FLOW, "decide") as (run, fenced), fenced.write() as tx:
        rows = differences.chosen(tx, ids, "surplus_there")
        if not withdraw and any(row.record_id is None for row in rows):
            raise FlowError("reconcile.surplus_unknown")
        for row in rows:
            key, records = (
                str(row.found["key"]),
                [row.record_id] if row.record_id is not None else [],
            )
            said: dict[str, Json] = {
                "event": "surplus",
                "decision": "withdraw" if withdraw else "adopt",
                "key": key,
            }
            landing_id, _ = land(
                tx,
                settings,
                run.id,
                flow=FLOW,
                key=row.flow,
                said={**said, "flow": row.flow, "by": word.by, "reason": word.reason},
            )
            if withdraw:
                after = IdempotencyKeys(settings.hash_key, row.flow).after(key)
                surplus.withdraw(
                    tx, row.flow, key, after, by=word.by, reason=word.reason, landing_id=landing_id
                )
            else:
                surplus.adopt(tx, row.flow, records)
        differences.repaired_by(tx, [row.id for row in rows], by=word.by, reason=word.reason)
    return len(rows)


def meet(database: Database, work: Push) -> None:
    """Mark records that seem new but whose surplus was found at the target: ask before sending.

    Their own delivery then follows what stands there, and replaces a withdrawal that is still due.
    """
    flow = work.flow.name
    with database.read() as tx:
        known = {key[:RECORD] for key in surplus.found(tx, flow)}
    if not known:
        return

    def fresh(tx: Transaction, after: int) -> Sequence[tuple[int, str]]:
        return surplus.fresh(tx, flow, after=after, most=PORTION)

    def follow(tx: Transaction, some: Sequence[tuple[int, str]]) -> None:
        begins = {record: work.keys.of_record(key) for record, key in some}
        again = {record: begin for record, begin in begins.items() if begin in known}
        surplus.adopt(tx, flow, list(again))
        surplus.overtake(tx, flow, list(again.values()))

    for _ in portions(database.write, fresh, follow, key=lambda one: one[0], first=0):
        pass


def take_back(database: Database, work: Push) -> None:
    """Send the withdrawals people want; body and key are frozen until the outcome is definite."""
    while True:
        with database.write() as tx:
            rows = surplus.due(tx, work.flow.name, most=TAKEN)
            fresh = [row.found_key for row in rows if not row.attempt]
            ours = surplus.delivered(tx, work.flow.name, fresh)
        if not rows:
            return
        # Its record came after it was found and is what the target is to have: no surplus any more.
        bodies, over = _bodies(work, [row for row in rows if row.found_key not in ours])
        over |= {
            row.id: ("rejected", surplus.OVERTAKEN, "") for row in rows if row.found_key in ours
        }
        going = [row for row in rows if row.id in bodies]
        with database.write() as tx:
            for row in going:
                surplus.freeze(tx, row, bodies[row.id])
        # No transaction is open here, so the rows are no longer locked: after a crash, or beside
        # another push, the same body goes out again under the same key (at least once).
        items = [_item(row, bodies[row.id]) for row in going]
        sent = connector_boundary.send(
            work.connector, work.flow.write, items, system=work.flow.system.name
        )
        said = {outcome.key: outcome for outcome in sent}
        states = {"confirmed": 0, "rejected": 0, "retrying": 0}
        with database.write() as tx:
            for row in rows:
                state, code, text = over.get(row.id) or _became(
                    row, said.get(row.key), work.settings.attempts
                )
                surplus.end(tx, row, state, code=code, text=text)
                states["retrying" if state == "due" else state] += 1
            outbox.add_batch(tx, work.run.id, work.flow.name, Tally(due=len(rows), **states))
        if states["retrying"]:
            return  # again at the next run


def _became(row: Withdrawal, outcome: Outcome | None, attempts: int) -> Ended:
    """The new state of a withdrawal by its outcome."""
    if outcome is not None and outcome.state != "unknown":
        return (
            "rejected" if outcome.state == "rejected" else "confirmed",
            outcome.code,
            outcome.text,
        )
    return ("rejected", "delivery.dead", "") if row.attempt + 1 >= attempts else ("due", "", "")


def _bodies(
    work: Push, rows: Sequence[Withdrawal]
) -> tuple[dict[int, dict[str, Json]], dict[int, Ended]]:
    """Body by id of each withdrawal (what stands there, or was frozen before), and those over.

    Where something else has followed since, nothing is sent and the end is given.
    """
    connector, fresh = work.connector, [row for row in rows if not row.attempt]
    bodies, over = {row.id: row.body for row in rows}, dict[int, Ended]()
    if not (fresh and isinstance(connector, Listing)):
        return bodies, over
    begins = sorted({row.found_key[:RECORD] for row in fresh})
    listed = connector_boundary.given(
        lambda: connector.listed(work.flow.write, begins, work.flow.shaper.fields) or (),
        work.flow.system.name,
    )
    stands = {held.key[:RECORD]: held for held in _newest(listed, work.keys)}
    for row in fresh:
        held = stands.get(row.found_key[:RECORD])
        if held is not None and held.key == row.found_key:
            bodies[row.id] = held.body or {}
            continue
        del bodies[row.id]
        gone = held is None or held.ended
        over[row.id] = ("confirmed", "", "") if gone else ("rejected", surplus.OVERTAKEN, "")
    return bodies, over


def _item(row: Withdrawal, body: dict[str, Json]) -> Outgoing:
    return Outgoing(
        row.key, "withdraw", body, previous=body, previous_key=row.found_key, repeat=row.attempt > 0
    )

"""what a target holds beyond ours -> told by the comparison -> adopted or taken back, when a person says so.

A delivery made after a backup whose record is gone at its source stands at the target, and nobody here remembers it. A
target that can be listed shows it: its key is one of ours.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, islice

from hub.contract import Connector, Listing
from hub.errors import FlowError
from hub.flow import boundary, restored
from hub.flow.outgoing import Push
from hub.flow.restored import FLOW
from hub.flow.running import running
from hub.flow.word import Word, land
from hub.model import Held, Json, Outgoing
from hub.rules.contracts import PushFlow
from hub.rules.idempotency import RECORD, Keys, ordinal_near
from hub.settings import Settings
from hub.store import differences, outbox, surplus
from hub.store.database import Database
from hub.store.differences import Met
from hub.store.outbox import Tally
from hub.store.surplus import State, Withdrawal

PORTION = 1_000
TAKEN = 100


def found(database: Database, settings: Settings, flow: PushFlow, connector: Connector) -> list[Met] | None:
    """What the target holds of ours and the hub has no delivery for; None where it cannot be listed.

    What this database has only not heard of yet is asked about by the next push.
    """
    if not isinstance(connector, Listing):
        return None
    rows = boundary.translated(flow.system.name, lambda: connector.listed(flow.write, None, []))
    if rows is None:
        return None
    keys, most, unknown = Keys(settings.hash_key, flow.name), settings.reconcile_keys, list[str]()
    newest = _newest(boundary.given(lambda: rows, flow.system.name), keys)
    while len(unknown) < most and (some := [held.key for held in islice(newest, PORTION)]):
        with database.transaction() as tx:
            unknown += surplus.unknown(tx, flow.name, some)
    met = _met(database, settings, flow, keys, unknown[:most])
    if len(unknown) < most:
        with database.transaction() as tx:
            surplus.certain(tx, flow.name)
    return met


def _newest(rows: Iterator[Held], keys: Keys) -> Iterator[Held]:
    """The last of our deliveries of each record, where it is no withdrawal; rows: in the order of keys."""
    ours = (held for held in rows if keys.ordinal(held.key) is not None)
    for _, of_record in groupby(ours, key=lambda held: held.key[:RECORD]):
        *_, last = of_record
        if not last.ended:
            yield last


def _met(database: Database, settings: Settings, flow: PushFlow, keys: Keys, unknown: Sequence[str]) -> list[Met]:
    """What is really beyond ours; of a record that is known here, whether the hub has only missed a sending."""
    left = {key[:RECORD]: key for key in unknown}
    met, missed, after, strangers = [], list[int](), 0, 0
    while left:
        with database.transaction() as tx:
            some = surplus.records(tx, flow.entity.name, after=after, most=PORTION)
            named = {record: left.pop(begin) for record, key in some if (begin := keys.of_record(key)) in left}
            states = surplus.states(tx, flow.name, list(named))
        if not some:
            break
        for record, key in named.items():
            state = states.get(record)
            if state is None or not (state.known or state.late):
                met.append(Met(key, "surplus_there", {"key": key}, record))
            elif ordinal_near(keys.ordinal(key) or 0, state.serial) > state.serial:
                missed.append(record)
                strangers += not state.uncertain
        after = some[-1][0]
    with database.transaction() as tx:
        surplus.adopt(tx, flow.name, missed)
    if strangers:  # a data directory that was put back, or another hub that sends in our name
        reason = f"{flow.name}: {strangers} records were sent later than this database knows"
        restored.declare(database, settings, word=Word(restored.HUB, reason), how="seen")
    return [*met, *(Met(key, "surplus_there", {"key": key}) for key in left.values())]


def settle(database: Database, settings: Settings, ids: Sequence[int], *, withdraw: bool, word: Word) -> int:
    """A person lets what stands beyond ours be taken back, or be ours again; the next push does it. Give how many.

    Only a record that is known here can be ours again: it is asked about, and then treated as the others are.
    """
    word.checked()
    with database.transaction() as tx:
        if not differences.chosen(tx, ids, "surplus_there"):
            raise FlowError("reconcile.surplus_none")
    with running(database, FLOW, "decide") as (run, fenced), fenced.transaction() as tx:
        rows = differences.chosen(tx, ids, "surplus_there")
        if not withdraw and any(row.record_id is None for row in rows):
            raise FlowError("reconcile.surplus_unknown")
        for row in rows:
            key, records = str(row.found["key"]), [row.record_id] if row.record_id is not None else []
            said: dict[str, Json] = {"event": "surplus", "decision": "withdraw" if withdraw else "adopt", "key": key}
            landing_id, _ = land(
                tx,
                settings,
                run.id,
                flow=FLOW,
                key=row.flow,
                said={**said, "flow": row.flow, "by": word.by, "reason": word.reason},
            )
            if withdraw:
                after = Keys(settings.hash_key, row.flow).after(key)
                surplus.withdraw(tx, row.flow, key, after, by=word.by, reason=word.reason, landing_id=landing_id)
            else:
                surplus.adopt(tx, row.flow, records)
        differences.repaired_by(tx, [row.id for row in rows], by=word.by, reason=word.reason)
    return len(rows)


def take_back(database: Database, work: Push) -> None:
    """Withdraw at the target what people want withdrawn there: body and key stay until the outcome is definite."""
    while True:
        with database.transaction() as tx:
            rows = surplus.due(tx, work.flow.name, most=TAKEN)
            if not rows:
                return
        bodies = _bodies(work, rows)
        with database.transaction() as tx:
            for row in rows:
                surplus.freeze(tx, row, bodies[row.id])
        # No transaction is open here: whoever dies repeats the same key.
        items = [_item(row, bodies[row.id]) for row in rows]
        sent = boundary.send(work.connector, work.flow.write, items, system=work.flow.system.name)
        said = {outcome.key: outcome for outcome in sent}
        states = {"confirmed": 0, "rejected": 0, "retrying": 0}
        with database.transaction() as tx:
            for row in rows:
                outcome = said.get(row.key)
                if outcome is None or outcome.state == "unknown":
                    last = row.attempt + 1 >= work.settings.attempts
                    surplus.end(tx, row, "rejected" if last else "due", code="delivery.dead" if last else "")
                    states["rejected" if last else "retrying"] += 1
                else:
                    state: State = "rejected" if outcome.state == "rejected" else "confirmed"
                    surplus.end(tx, row, state, code=outcome.code, text=outcome.text)
                    states[state] += 1
            outbox.add_batch(tx, work.run.id, work.flow.name, Tally(due=len(rows), **states))
        if states["retrying"]:
            return  # again at the next run


def _bodies(work: Push, rows: Sequence[Withdrawal]) -> Mapping[int, dict[str, Json]]:
    """What stands there now under these keys, as it goes into the withdrawal; what went out before stays as it was."""
    connector, fresh = work.connector, {row.found_key: row for row in rows if not row.attempt}
    bodies = {row.id: row.body for row in rows}
    if fresh and isinstance(connector, Listing):
        listed = boundary.given(
            lambda: connector.listed(work.flow.write, list(fresh), work.flow.shaper.fields) or (),
            work.flow.system.name,
        )
        for held in listed:
            if held.key in fresh:
                bodies[fresh[held.key].id] = held.body or {}
    return bodies


def _item(row: Withdrawal, body: dict[str, Json]) -> Outgoing:
    return Outgoing(row.key, "withdraw", body, previous=body, previous_key=row.found_key, repeat=row.attempt > 0)

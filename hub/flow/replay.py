"""quarantined or waiting payloads -> (apply): what was set aside goes the same way again, under today's contracts.

A replay keeps its landing id, so an old payload cannot overwrite a newer one. Replays and releases are runs of
their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hub.errors import Fault, RecordError
from hub.flow import apply
from hub.flow.apply import Arrival, Context
from hub.flow.running import running
from hub.model import Json
from hub.rules import merkle
from hub.rules.contracts import Contracts, Mapped, PullFlow
from hub.rules.payload import decode
from hub.store import landing, quarantine, records, runs
from hub.store.database import Database, Transaction
from hub.store.landing import Landed
from hub.store.quarantine import Selection
from hub.store.runs import Counts, Run

BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Replayed:
    """What one replay did: its runs, and how many entries it took up again (intake) or marked due (delivery)."""

    runs: tuple[int, ...]
    applied: int
    marked: int


def replay(database: Database, contracts: Contracts, selection: Selection, *, airflow: Json = None) -> Replayed:
    """Take the selected open entries up again.

    Intake entries are mapped and applied anew; delivery entries are marked due: the next push sends the newest version.
    """
    with database.transaction() as tx:
        marked = quarantine.mark_due(tx, selection)
        flows = quarantine.flows_of(tx, selection)
    made, applied = [], 0
    for name in flows:
        flow = contracts.pulls.get(name)
        if flow is None:
            continue
        with running(database, name, "replay", airflow=airflow) as run:
            made.append(run.id)
            after = 0
            while True:
                with database.transaction() as tx:
                    ids = quarantine.landings(tx, selection, name, after=after, most=BATCH)
                    if not ids:
                        break
                    applied += _again(tx, contracts, flow, run, ids, closing="resolved").read
                after = ids[-1]
    return Replayed(tuple(made), applied, marked)


def release(database: Database, contracts: Contracts, *, airflow: Json = None) -> int:
    """Apply the waiting records whose project or link has come; give how many were looked at again."""
    with database.transaction() as tx:
        flows = landing.releasable_flows(tx)
    count = 0
    for name in flows:
        flow = contracts.pulls.get(name)
        if flow is None:
            continue
        with running(database, name, "release", airflow=airflow) as run:
            after = 0
            while True:
                with database.transaction() as tx:
                    ids = landing.releasable(tx, name, after=after, most=BATCH)
                    if not ids:
                        break
                    count += _again(tx, contracts, flow, run, ids, closing="overtaken").read
                after = ids[-1]
    return count


def _again(
    tx: Transaction, contracts: Contracts, flow: PullFlow, run: Run, landing_ids: Sequence[int], *, closing: str
) -> Counts:
    """One batch of landed payloads through `apply`, with a batch row that must balance."""
    records.lock_entity(tx, flow.entity.name)
    runs.hold(tx, run, None)
    contract = runs.contract_id(tx, flow.name, flow.contract, flow.text)
    batch_id = runs.next_batch(tx)
    context = Context(contracts, flow, contract, run.id, batch_id, closing)
    rows = landing.landed(tx, flow.name, landing_ids)
    arrivals = [Arrival(row.id, row.key, row.hash, _mapped(flow, row)) for row in rows]
    heads = landing.heads_by_key(tx, flow.name, [arrival.key for arrival in arrivals])
    plan = apply.plan(tx, context, arrivals, heads)
    effects = apply.carry_out(tx, context, plan)
    past = [arrival.key for arrival in arrivals if plan.fates[arrival.landing_id] in {"stale", "superseded"}]
    landing.close(tx, flow.name, past, stage="intake", state="overtaken", run_id=run.id)
    fates = list(plan.fates.values())
    counts = Counts(
        read=len(rows),
        created=effects.created,
        changed=effects.changed,
        deleted=effects.deleted,
        superseded=fates.count("superseded"),
        stale=fates.count("stale"),
        ignored=fates.count("ignored"),
        quarantined=effects.quarantined,
        waiting=effects.waiting,
    )
    root = merkle.root([])
    runs.add_batch(tx, batch_id, run=run, contract=contract, counts=counts, root=root, leaves=0, cursor=None)
    return counts


def _mapped(flow: PullFlow, row: Landed) -> Mapped:
    """Map a landed payload under today's contract; its key stays the one under which it landed."""
    try:
        mapped = flow.mapper.map(decode(row.payload, form=flow.form))
    except RecordError as error:
        return _unread(row, error.faults)
    return mapped if mapped.key == row.key or not mapped.key else replace(mapped, key=row.key)


def _unread(row: Landed, faults: tuple[Fault, ...]) -> Mapped:
    return Mapped(key=row.key, version=row.version, deleted=False, skipped=None, values={}, faults=faults, warnings=())

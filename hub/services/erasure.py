"""Erasure: blank payloads, former versions and personal fields by a recorded decision, and no more.

Rows and ledger leaves stay, so that the batch's Merkle root still proves the other payloads.
"""

from dataclasses import dataclass

from hub.auth.context import RequestContext
from hub.db import erasing, files, records
from hub.db.database import Database
from hub.db.ledger import evidence
from hub.db.records import projects
from hub.db.runs import Counts
from hub.domain.contracts import Contracts
from hub.errors import FlowError
from hub.pipeline import fetching, replay
from hub.pipeline.golden import merge
from hub.pipeline.run_lifecycle import running


@dataclass(frozen=True, slots=True)
class Erased:
    """One erasure: its number, its run, and how many payloads it blanked."""

    id: int
    run_id: int
    payloads: int


def erase_landing(
    database: Database, contracts: Contracts, landing_id: int, *, by: str, reason: str
) -> Erased:
    """Blank one landed payload; records made from it stay as they are."""
    with database.read() as tx:
        found = erasing.kept(tx, [landing_id])
        _refuse_waiting(erasing.waiting(tx, [landing_id]))
    if not found or found[0].flow not in contracts.pulls:
        raise FlowError("erase.nothing", what=f"landing {landing_id}")
    flow = contracts.pulls[found[0].flow]
    with running(database, flow.name, "erase") as (run, fenced), fenced.write() as tx:
        # Read again under the lock: a payload may have been taken up meanwhile, or begun to wait.
        records.lock_entity(tx, flow.entity.name)
        _refuse_waiting(erasing.waiting(tx, [landing_id]))
        rows = erasing.kept(tx, [landing_id])
        erasing.blank_payloads(tx, rows, run_id=run.id, by=by, reason=reason)
        made = erasing.add(
            tx, run.id, record_id=None, landing_ids=[landing_id], by=by, reason=reason
        )
        evidence.forget_former(tx)
    return Erased(made, run.id, len(rows))


def erase_record(
    database: Database, contracts: Contracts, name: str, *, by: str, reason: str
) -> Erased:
    """Blank all payloads that a record was made from, its former versions, and its personal fields.

    Other fields stay. The record is settled anew, and its targets get the result with the next
    push.
    """
    with database.read() as tx:
        record_id, entity_name = projects.find(tx, name) or (0, "")
        flow = next(iter(contracts.fed_by(entity_name)), None)
        if flow is None:
            raise FlowError("ask.record_unknown", record=name)
        entity = flow.entity
        _refuse_waiting(erasing.waiting(tx, erasing.landings_of(tx, entity, record_id)))
    with running(database, flow.name, "erase") as (run, fenced), fenced.write() as tx:
        # As above: landings are listed again under the lock.
        records.lock_entity(tx, entity.name)
        landings = erasing.landings_of(tx, entity, record_id)
        _refuse_waiting(erasing.waiting(tx, landings))
        rows = erasing.kept(tx, landings)
        erasing.blank_payloads(tx, rows, run_id=run.id, by=by, reason=reason)
        erasing.blank_persons(tx, entity, record_id)
        place = replay.apply_context(tx, replay.ReplayContext(contracts, flow, run.id, "overtaken"))
        merge(tx, place, [record_id])
        replay.close_batch(tx, place, Counts())
        erasing.blank_past(tx, entity, record_id)
        files.erase(tx, [record_id])
        landing_ids = [row.id for row in rows]
        made = erasing.add(
            tx, run.id, record_id=record_id, landing_ids=landing_ids, by=by, reason=reason
        )
        evidence.forget_former(tx)
    return Erased(made, run.id, len(rows))


def _refuse_waiting(keys: list[str]) -> None:
    """A waiting record would be lost for good: nothing has been made of its payload yet."""
    if keys:
        raise FlowError("erase.waiting", keys=", ".join(keys))


def erase(
    context: RequestContext, *, record: str = "", landing_id: int | None = None, reason: str
) -> Erased:
    """Blank one landing, or a record (its id, or entity:key): payloads, past, personal fields.

    Raises FlowError: erase.nothing, erase.waiting, ask.record_unknown.
    """
    database, contracts = context.hub.database, context.hub.contracts
    if landing_id is not None:
        return erase_landing(database, contracts, landing_id, by=context.by, reason=reason)
    done = erase_record(database, contracts, record, by=context.by, reason=reason)
    fetching.sweep(database, context.hub.settings)
    return done

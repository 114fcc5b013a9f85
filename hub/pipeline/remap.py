"""Remap: landed payloads under older contracts -> `apply` under today's; no partner is asked.

One transaction per batch; what is done stands under today's contract, so a killed remap resumes.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from hub.db import landing, records, runs
from hub.db.database import Database, Transaction
from hub.db.keyset import portions
from hub.db.landing import LandingHead, Place, remapping
from hub.db.runs import Counts, Parts
from hub.domain.contracts import Contracts, PullFlow
from hub.domain.survivorship import rules_of
from hub.model import Json
from hub.pipeline import apply, isolation, replay, secret_records
from hub.pipeline.apply import Effects, Plan, PreparedRecord
from hub.pipeline.golden import merge
from hub.pipeline.run_lifecycle import running

log = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]
"""Called after each batch with (flow or entity, done, total)."""

Next = Callable[[Transaction, int, str], Sequence[Place]]
Doing = Callable[[Transaction, replay.ReplayContext, Sequence[Place]], Counts]


def remap(
    database: Database,
    contracts: Contracts,
    flow: PullFlow,
    *,
    progress: Progress = lambda _name, _done, _of: None,
    airflow: Json = None,
) -> int:
    """Apply today's contract to every payload that stands under an older one; gives the run's id.

    Where survivorship rules changed too, every record of the entity is settled anew.
    """
    with running(database, flow.name, "remap", airflow=airflow) as (run, fenced):
        work = replay.ReplayContext(contracts, flow, run.id, "resolved", rekeys=True)
        with fenced.write() as tx:
            total = remapping.count(
                tx, flow, runs.contract_id(tx, flow.name, flow.contract, flow.text)
            )

        def heads(tx: Transaction, contract: int, after: str) -> Sequence[Place]:
            return remapping.heads(tx, flow, contract, after=after, most=replay.BATCH)

        def standing(tx: Transaction, contract: int, after: str) -> Sequence[Place]:
            return remapping.standing(tx, flow, contract, after=after, most=replay.BATCH)

        _through(fenced, work, heads, replay.again, lambda done: progress(flow.name, done, total))
        _through(fenced, work, standing, _keep_up, lambda _done: None)
        _settle_anew(fenced, work, progress)
    return run.id


def _through(
    database: Database,
    work: replay.ReplayContext,
    chosen: Next,
    do: Doing,
    told: Callable[[int], None],
) -> None:
    """Work off portions, each chosen under the entity's lock."""
    flow, count = work.flow, 0

    def alone(tx: Transaction, after: str) -> Sequence[Place]:
        records.lock_entity(tx, flow.entity.name)
        return chosen(tx, runs.contract_id(tx, flow.name, flow.contract, flow.text), after)

    for places, _ in portions(
        database.write,
        alone,
        lambda tx, some: do(tx, work, some),
        key=lambda place: place[0],
        first="",
    ):
        log.info(
            "batch mapped anew",
            extra={"run": work.run_id, "flow": flow.name, "payloads": len(places)},
        )
        count += len(places)
        told(count)


def _keep_up(tx: Transaction, work: replay.ReplayContext, places: Sequence[Place]) -> Counts:
    """Remap the last good version behind heads that are quarantined or waiting.

    Those heads stay as they are. A version that today's contract rejects stays under the one that
    took it.
    """
    place = replay.apply_context(tx, work)
    arrivals = replay.again_read(work.flow, landing.landed(tx, work.flow.name, places))
    own = {
        at.key: LandingHead(at.key, at.landing_id, at.mapped.version, at.hash, "current")
        for at in arrivals
    }

    def write(some: Sequence[PreparedRecord]) -> Effects:
        made = apply.plan(tx, place, some, own)
        landing.applied_anew(tx, place.batch_id, apply.places(made))
        secret_records.forget(tx, place, secret_records.keys_of(some))
        parts = _values_only(made.parts) if made.parts else None
        return apply.carry_out(tx, place, replace(_values_only(made), parts=parts))

    effects = isolation.written(tx, arrivals, write, write)
    counts = Counts(
        read=effects.created + effects.changed + effects.deleted,
        created=effects.created,
        changed=effects.changed,
        deleted=effects.deleted,
        parts=_kept_up(effects.of_parts),
    )
    replay.close_batch(tx, place, counts)
    return counts


def _kept_up(done: Effects | None) -> Parts:
    if done is None:
        return Parts()
    return Parts(
        parts=done.created + done.changed + done.unchanged + done.deleted,
        parts_created=done.created,
        parts_changed=done.changed,
        parts_unchanged=done.unchanged,
        parts_deleted=done.deleted,
    )


def _values_only(made: Plan) -> Plan:
    return replace(made, heads=[], quarantined=[], waiting=[])


def _settle_anew(database: Database, work: replay.ReplayContext, progress: Progress) -> None:
    """Settle all records of an entity where authority or required fields changed.

    These batches read nothing; they still get a batch and a run.
    """
    entity = work.flow.entity
    name, rules, done = f"settled.{entity.name}", rules_of(entity), 0

    def unsettled(tx: Transaction, after: int) -> Sequence[int]:
        records.lock_entity(tx, entity.name)
        if remapping.adopted(tx, name) == rules:
            return ()
        ids = records.record_ids(tx, entity, after=after, most=replay.BATCH)
        if not ids:
            runs.adopt(tx, name, rules)
        return ids

    def settle(tx: Transaction, ids: Sequence[int]) -> None:
        place = replay.apply_context(tx, work)
        merge(tx, place, ids)
        replay.close_batch(tx, place, Counts())

    for ids, _ in portions(database.write, unsettled, settle, key=int, first=0):
        done += len(ids)
        progress(entity.name, done, done)

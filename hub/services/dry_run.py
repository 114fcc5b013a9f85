"""Dry run (rehearsal): landed payloads + changed contracts -> which values, records and deliveries
would change.

Read only, in portions, each in its own snapshot. Planning and deciding are the production code
(`apply.plan`, `outgoing.decide`).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Any

from hub import config
from hub.auth.context import RequestContext
from hub.db import contract_files, landing, records, rehearsing
from hub.db.database import Database, Transaction
from hub.db.deliveries import outbox
from hub.db.deliveries.outbox import Closed, Frozen, Mark
from hub.db.keyset import portions, split
from hub.db.landing import LandedPayload, Place, shapes
from hub.db.records import Golden
from hub.db.runs import held
from hub.domain import origins
from hub.domain.contracts import Contracts, Entity, PullFlow, PushFlow
from hub.domain.failure_grouping import cause_of
from hub.domain.idempotency import IdempotencyKeys
from hub.domain.keys import record_key
from hub.domain.load import ContractsInvalidError, Files
from hub.domain.rights import Rights, Sight
from hub.domain.survivorship import Claim, settle
from hub.errors import Fault, FlowError
from hub.model import Json, Value
from hub.pipeline import apply, outgoing, replay, secret_records
from hub.pipeline.apply import Plan, PreparedRecord
from hub.pipeline.golden import ApplyContext
from hub.pipeline.outgoing import DeliveryContext
from hub.services.dry_run_view import ChangeExample, Changes, Rehearsed

__all__ = ["ChangeExample", "Changes", "Rehearsed", "dry_run", "rehearse"]

COVERED = "***"
"""Stands for a masked value as a whole: a changed mapping could slice out any of its characters."""
PROJECT = "project"

Progress = Callable[[int, int], None]
"""Called after each portion with (payloads done, payloads in all)."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """State of one dry run. now: contracts that the database was migrated to; then: the changed
    ones.

    seen: bitmap of project record ids, so that each is counted once.
    """

    now: Contracts
    then: Contracts
    flow: PullFlow
    rights: Rights
    found: Rehearsed
    seen: bytearray = field(default_factory=bytearray)


@dataclass(frozen=True, slots=True)
class Turn:
    """A record that would change; its id is negative where the record does not exist yet."""

    record_id: int
    was: Golden | None
    would_be: Golden
    claims: Sequence[Claim]


def dry_run(
    context: RequestContext,
    name: str,
    changed: Mapping[str, str],
    *,
    home: Path | None = None,
    sample: int | None = None,
    held_batches: bool = False,
    progress: Progress = lambda _done, _of: None,
) -> Rehearsed:
    """Dry-run changed contract files ({path: text}) over today's files, or those of `home`.

    held_batches: run over the flow's held batches instead. Raises ContractsInvalidError with
    problems that the changed files have and today's have not.
    """
    hub = context.hub
    files: Files = {**config.contract_files(home or hub.settings.home), **changed}
    then = contract_files.compiled(
        hub.database, files, migrating=True, secret=hub.settings.digest_key
    )
    known = set(hub.contracts.problems)
    if new := tuple(one for one in then.problems if one not in known) or then.disabled.get(name):
        raise ContractsInvalidError(new)
    asked = hub.database, hub.contracts, then
    found = rehearse(
        *asked,
        name=name,
        rights=context.rights,
        sample=sample,
        held_batches=held_batches,
        progress=progress,
    )
    context.saw([record for record in found.record_ids if record > 0])
    return found


def rehearse(
    database: Database,
    now: Contracts,
    then: Contracts,
    *,
    name: str,
    rights: Rights,
    sample: int | None = None,
    held_batches: bool = False,
    progress: Progress = lambda _done, _of: None,
) -> Rehearsed:
    """Dry-run the contracts `then` in place of `now`, to which the database was migrated.

    A pull flow's landed payloads are mapped, settled and turned into deliveries; a push flow's
    records are put into the target's new shape. held_batches: of the flow, instead. sample: number
    of payloads (records) to look at. Raises FlowError: flow.unknown, ask.rehearsal_masked.
    """
    if name in then.pushes:
        return _rehearse_push(
            database, now, then, name=name, rights=rights, sample=sample, progress=progress
        )
    if name not in then.pulls:
        raise FlowError("flow.unknown", flow=name)
    flow = then.pulls[name]
    work = Rehearsal(now, then, flow, rights, Rehearsed(name, flow.contract))
    with database.read(snapshot=True) as tx:
        if (
            path := origins.asks_masked(now, then, flow, rights, shapes.seen(tx, name))
        ) is not None:
            raise FlowError("ask.rehearsal_masked", field=path)
        work.found.total = (
            held.count(tx, name, batch_id=None) if held_batches else rehearsing.count(tx, name)
        )
    read, key, first = _chosen(database, name, sample, held_batches=held_batches)
    opening, plan = partial(database.read, snapshot=True), partial(_portion, work)
    for _ in portions(opening, read, plan, key=key, first=first):
        progress(work.found.read, min(sample or work.found.total, work.found.total))
    if flow.entity.name != PROJECT:
        work.found.projects = sum(byte.bit_count() for byte in work.seen)
    return work.found


def _chosen(
    database: Database, flow: str, sample: int | None, *, held_batches: bool
) -> tuple[Callable[[Transaction, Any], Sequence[Place]], Callable[[Place], Any], str | int]:
    """How to read what the dry run covers: a portion's reader, the key of a row, the first key."""
    if sample is not None:
        with database.read(snapshot=True) as tx:
            chosen = (held if held_batches else rehearsing).sample(tx, flow, most=sample)
        left = split(sorted(chosen, key=itemgetter(1)), replay.BATCH)
        return lambda _tx, _after: next(left, ()), itemgetter(1), 0
    if held_batches:
        places = partial(held.places, flow=flow, batch_id=None, most=replay.BATCH)
        return lambda tx, after: places(tx, after=after), itemgetter(1), 0
    heads = partial(rehearsing.heads, flow=flow, most=replay.BATCH)
    return lambda tx, after: heads(tx, after=after), itemgetter(0), ""


def _portion(work: Rehearsal, tx: Transaction, places: Sequence[Place]) -> None:
    """Plan one portion as a remap would, settle the records it touches, decide their deliveries."""
    flow, found = work.flow, work.found
    rows = landing.landed(tx, flow.name, places)
    keys = {row.id: row.key for row in rows}
    arrivals = _withheld_alike(work, rows, replay.again_read(flow, rows, rekeys=True))
    heads = landing.heads_by_key(tx, flow.name, [*keys.values(), *(at.key for at in arrivals)])
    made = apply.plan(tx, ApplyContext(work.then, flow, 0, 0, 0), arrivals, heads)
    found.read += len(rows)
    found.outcomes.update(made.fates.values())
    singles = _singles(made, keys)
    if made.parts is not None:
        heads = {**heads, **made.parts.standing}
        found.parts.update(state for _, at, state in singles if at.whole is not None)
    aside = {
        key
        for key, _, _ in singles
        if (head := heads.get(key)) is not None and head.state == "quarantined"
    }
    bad = {key for key, _, state in singles if state == "quarantined"}
    asides = [*made.quarantined, *(made.parts.quarantined if made.parts else ())]
    stood = {at.key: key for key, at, _ in singles}
    found.set_aside.update(cause_of(one.faults) for one in asides if stood[one.key] not in aside)
    causes = rehearsing.open_causes(tx, flow.name, aside)
    found.accepted.update(causes.get(key, "") for key in aside - bad)
    turns = list(_turns(tx, work, singles))
    for turn in turns:
        _note(work, turn)
    _note_projects(tx, work, turns)
    _note_deliveries(tx, work, turns)


def _withheld_alike(
    work: Rehearsal, rows: Sequence[LandedPayload], arrivals: Sequence[PreparedRecord]
) -> list[PreparedRecord]:
    """Withhold what today's contract withholds as secret, though the changed one would not."""
    today = work.now.pulls.get(work.flow.name)
    if today is None or today.secrecy == work.flow.secrecy:
        return list(arrivals)
    found = {row.id: fault for row in rows if (fault := today.withheld(row.payload)) is not None}
    return [
        secret_records.shut(at, found[at.landing_id]) if at.landing_id in found else at
        for at in arrivals
    ]


def _singles(
    made: Plan, keys: Mapping[int, str]
) -> list[tuple[str, PreparedRecord, landing.State]]:
    """Records and parts with their planned state, by the key they have today."""
    wholes = [(keys[at.landing_id], at, state) for at, state in made.heads]
    parts = [(at.key, at, state) for at, state in made.parts.heads] if made.parts else []
    return wholes + parts


def _turns(
    tx: Transaction, work: Rehearsal, singles: Sequence[tuple[str, PreparedRecord, landing.State]]
) -> Iterator[Turn]:
    """Records whose golden values would differ, with the portion's claims in place of today's."""
    flow, entity = work.flow, work.flow.entity
    stored = _stored(tx, work.now, entity)
    applied = [
        (record_key(entity, at.mapped.values) or "", at)
        for _, at, state in singles
        if state == "current"
    ]
    replaced = {key for key, _, state in singles if state not in {"quarantined", "waiting"}}
    known = rehearsing.headers(tx, entity.name, {key for key, _ in applied})
    fresh = dict.fromkeys(key for key, _ in applied if key not in known)
    ids = known | {key: -number for number, key in enumerate(fresh, 1)}
    touched = sorted({*rehearsing.records_of(tx, flow, replaced).values(), *known.values()})
    golden = records.golden(tx, stored, touched)
    would: dict[int, list[Claim]] = {record: [] for record in [*touched, *ids.values()]}
    for record, stands in records.claims(tx, stored, touched).items():
        would[record] += [
            one for one in stands if one.flow != flow.name or one.source_key not in replaced
        ]
    for key, at in applied:
        would[ids[key]].append(_claim(flow, at))
    for record, claims in would.items():
        was, would_be = golden.get(record), _settled(entity, record, claims, golden.get(record))
        if would_be is not None and (
            was is None or (was.deleted, was.values) != (would_be.deleted, would_be.values)
        ):
            yield Turn(record, was, would_be, claims)


def _claim(flow: PullFlow, at: PreparedRecord) -> Claim:
    return Claim(
        flow.system.name, flow.name, at.key, at.mapped.version, at.landing_id, at.mapped.values
    )


def _settled(
    entity: Entity, record: int, claims: Sequence[Claim], was: Golden | None
) -> Golden | None:
    """The golden record that these claims would make; None where there is none before or after."""
    if not claims:
        return replace(was, deleted=True) if was is not None else None
    made = settle(entity, claims)
    version = was.version + 1 if was is not None else 1
    return Golden(record, version, 0, False, made.incomplete, made.provenance, made.values)  # noqa: FBT003


def _note(work: Rehearsal, turn: Turn) -> None:
    """Count a changed record and its changed fields."""
    found, was, would_be = work.found, turn.was, turn.would_be
    if was is None or was.deleted:
        found.created += not would_be.deleted
        return
    if would_be.deleted:
        found.withdrawn += 1
        return
    found.changed += 1
    entity = work.flow.entity
    key, before, after = record_key(entity, would_be.values) or "", was.values, would_be.values
    for name in sorted(name for name in {*before, *after} if before.get(name) != after.get(name)):
        sight = origins.of_changed(work.now, work.then, work.flow, name, work.rights)
        old, new = (_seen(side.get(name), sight) for side in (before, after))
        found.note(name, ChangeExample(turn.record_id, key, old, new))


def _note_projects(tx: Transaction, work: Rehearsal, turns: Sequence[Turn]) -> None:
    """Count each project once over all portions; projects that do not exist yet are not counted."""
    if work.flow.entity.name == PROJECT:
        work.found.projects += len(turns)
        return
    codes = _codes(side for turn in turns for side in (turn.was, turn.would_be) if side is not None)
    for record in rehearsing.headers(tx, PROJECT, codes).values():
        if record // 8 >= len(work.seen):
            work.seen.extend(bytes(record // 8 + 1 - len(work.seen)))
        work.seen[record // 8] |= 1 << record % 8


def _note_deliveries(tx: Transaction, work: Rehearsal, turns: Sequence[Turn]) -> None:
    """Decide deliveries of these records and of records that quote their project."""
    entity = work.flow.entity
    golden = {turn.record_id: turn.would_be for turn in turns}
    claims = {turn.record_id: turn.claims for turn in turns}
    codes = _codes(golden.values())
    if entity.name == PROJECT:
        projects = {
            str(row.values["project_code"]): row
            for row in golden.values()
            if row.values.get("project_code")
        }
    else:
        projects = _projects(tx, work.now, codes)
    for push in work.then.pushes_of(entity.name):
        _tally(tx, work.found, push, golden=golden, claims=claims, projects=projects)
    for push in work.then.pushes.values():
        if entity.name == PROJECT and push.quotes and push.entity.name != PROJECT and codes:
            stored = _stored(tx, work.now, push.entity)
            quoting = records.golden_of_projects(tx, stored, codes)
            theirs = records.claims(tx, stored, quoting)
            _tally(tx, work.found, push, golden=quoting, claims=theirs, projects=projects)


def _tally(
    tx: Transaction,
    found: Rehearsed,
    push: PushFlow,
    *,
    golden: Mapping[int, Golden],
    claims: Mapping[int, Sequence[Claim]],
    projects: Mapping[str, Golden],
) -> list[tuple[Mark, Frozen | Closed]]:
    """Decide deliveries as the push would, and count the results by kind."""
    if not golden or push.form is not None:  # rights on a form are checked when it is sent
        return []
    own = {
        record: [one for one in said if one.system == push.system.name]
        for record, said in claims.items()
    }
    parents = None
    if push.after is not None:
        parents = outbox.confirmed_parents(
            tx, f"push.{push.system.name}.{push.after}", _codes(golden.values())
        )
    named = outgoing.files_named(tx, push, sorted(golden))
    around = DeliveryContext(golden, projects, own, parents, files=named)
    marks = rehearsing.marks(tx, push.name, sorted(golden))
    keys = IdempotencyKeys(b"", push.name)  # nothing is sent under them
    decided = [(mark, outgoing.decided_alone(push, keys, around, mark)) for mark in marks]
    sums = found.deliveries.setdefault(push.name, Counter())
    sums.update(_becomes(one) for _, one in decided)
    return [(mark, one) for mark, one in decided if not isinstance(one, Fault)]


def _becomes(decided: Frozen | Closed | Fault) -> str:
    """The result of a decided delivery, in a word."""
    if isinstance(decided, Fault):
        return "rejected"
    return decided.state if isinstance(decided, Closed) else decided.action


def _rehearse_push(
    database: Database,
    now: Contracts,
    then: Contracts,
    *,
    name: str,
    rights: Rights,
    sample: int | None,
    progress: Progress,
) -> Rehearsed:
    """Put all records of the entity into the new shape; compare with what the target has."""
    push = then.pushes[name]
    found = Rehearsed(name, push.contract)
    if (path := origins.asks_masked_of_push(now, then, push, rights)) is not None:
        raise FlowError("ask.rehearsal_masked", field=path)
    today = now.pushes.get(name)
    # What a target has was made by today's mapping, whatever the changed one would make of
    # that field.
    sights = [
        origins.of_target([now, then], one, rights) for one in (today, push) if one is not None
    ]
    opening = partial(database.read, snapshot=True)
    with opening() as tx:
        found.total = rehearsing.count_records(tx, push.entity.name)

    def ids(tx: Transaction, after: int) -> Sequence[int]:
        left = min(replay.BATCH, (sample or found.total) - found.read)
        return records.record_ids(tx, _stored(tx, now, push.entity), after=after, most=left)

    def decide(tx: Transaction, ids: Sequence[int]) -> list[tuple[Mark, Frozen | Closed, str]]:
        stored = _stored(tx, now, push.entity)
        golden = records.golden(tx, stored, ids)
        decided = _tally(
            tx,
            found,
            push,
            golden=golden,
            claims=records.claims(tx, stored, ids),
            projects=_projects(tx, now, _codes(golden.values())),
        )
        return [
            (mark, one, record_key(stored, golden[mark.record_id].values) or "")
            for mark, one in decided
        ]

    for some, decided in portions(opening, ids, decide, key=int, first=0):
        for mark, one, key in decided:
            if isinstance(one, Frozen) and one.action == "upsert" and mark.held_body is not None:
                _compare(found, mark, key, body=one.body, sights=sights)
        found.read += len(some)
        progress(found.read, min(sample or found.total, found.total))
    return found


def _compare(
    found: Rehearsed,
    mark: Mark,
    key: str,
    *,
    body: Mapping[str, Json],
    sights: Sequence[Mapping[str, Sight]],
) -> None:
    """Note the fields in which the new body differs from the target's, by the target's names."""
    held = mark.held_body or {}
    found.changed += 1
    for name in sorted(name for name in {*held, *body} if held.get(name) != body.get(name)):
        known = [one[name] for one in sights if name in one]
        old, new = (
            _shown(side.get(name), origins.strictest(known or ["hidden"])) for side in (held, body)
        )
        found.note(name, ChangeExample(mark.record_id, key, old, new))


def _seen(value: Value, sight: Sight) -> Value:
    if sight == "shown" or value is None:
        return value
    return COVERED if sight == "masked" else None


def _shown(value: Json, sight: Sight) -> Value | Json:
    if sight == "shown" or value is None:
        return value
    return COVERED if sight == "masked" else None


def _stored(tx: Transaction, now: Contracts, entity: Entity) -> Entity:
    """The entity with the columns that the database has."""
    return rehearsing.stored(tx, now.entities.get(entity.name, entity))


def _projects(tx: Transaction, now: Contracts, codes: Sequence[str]) -> dict[str, Golden]:
    found = records.golden_of_projects(tx, _stored(tx, now, now.entities[PROJECT]), codes)
    return {str(row.values["project_code"]): row for row in found.values()}


def _codes(golden: Iterable[Golden]) -> list[str]:
    return sorted(
        {str(row.values["project_code"]) for row in golden if row.values.get("project_code")}
    )

"""decoded records of a batch -> what its source shows otherwise than before, and what of that is to
be held.

Only what was decoded anyway is looked at, a sample of it; all of a batch only where the sample
makes suspicious.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from hub.db import landing, rehearsing
from hub.db.database import Transaction
from hub.db.landing import LandingHead, SetAside, shapes
from hub.db.landing.shapes import SweepCounts
from hub.domain import schema_drift
from hub.domain.contracts import Mapped, PullFlow
from hub.domain.failure_grouping import cause_of
from hub.domain.schema_drift import VALUES, Look, PathStatistics, ShapeChange
from hub.domain.secrecy import MISSING, UNREADABLE
from hub.errors import RecordError
from hub.model import Json, Raw
from hub.pipeline.apply import Plan
from hub.settings import Settings


@dataclass(frozen=True, slots=True)
class BatchShape:
    """What a batch shows of its source.

    look, whole: a look at decoded records, and whether it is at all of them. news: the records that
    are not known yet, each as received and as mapped. known: some of those that are. header, parts:
    as its pages give them. sweep: whether it belongs to a sweep whose length says something.
    snapshot: the whole that it ends, "" if none.
    """

    look: Look
    whole: bool
    news: Sequence[tuple[Raw, Mapped]]
    known: Sequence[Raw]
    header: frozenset[str] | None
    read: int
    last: bool
    sweep: bool
    parts: Sequence[str] = ()
    snapshot: str = ""


@dataclass(frozen=True, slots=True)
class Examined:
    """Changes to hold a batch for, changes to tell, and those that nobody cares for; what was known
    before.
    """

    hold: list[ShapeChange]
    tell: list[ShapeChange]
    ignore: list[ShapeChange]
    seen: Mapping[str, PathStatistics]
    sweep: SweepCounts


def sampled(records: Sequence[Mapping[str, Json]], flow: PullFlow) -> Look:
    """What these decoded records look like; one that cannot be looked at teaches nothing."""
    try:
        return schema_drift.look(records, flow.watched)
    except MemoryError:
        raise
    # what a record may be is the mapping's affair, which sets it aside
    except Exception:  # noqa: BLE001
        seen = [record for record in records if _can_be_looked_at(record, flow)]
        return schema_drift.look(seen, flow.watched)


def _can_be_looked_at(record: Mapping[str, Json], flow: PullFlow) -> bool:
    try:
        schema_drift.look([record], flow.watched)
    except Exception:  # noqa: BLE001 -- likewise
        return False
    return True


def examine(
    tx: Transaction,
    flow: PullFlow,
    settings: Settings,
    shown: BatchShape,
    *,
    plan: Plan,
    heads: Mapping[str, LandingHead],
    more: Iterable[ShapeChange] = (),
) -> Examined:
    """Compare a batch with what its flow's source has looked like until now; more: changes found
    elsewhere.
    """
    seen, sweep = known(tx, flow, settings), shapes.sweep(tx, flow.name)
    batch = schema_drift.ObservedBatch(
        shown.look,
        shown.header,
        shown.read,
        whole=cache(lambda: shown.look if shown.whole else _whole(flow, shown)),
        unchanged=cache(lambda: sampled(_readable(flow, shown.known), flow)),
        former=lambda paths: _former(tx, flow, settings, shown, heads, paths),
        ended=sweep.read + shown.read if shown.last and shown.sweep else None,
    )
    changes = schema_drift.compare(
        flow.watched, seen, batch, last_sweep=sweep.last, bounds=settings.shape
    )
    changes += [*more, *_flagless(flow, seen, shown), *_faults(flow, settings, plan, shown.read)]
    by = {
        done: [one for one in changes if _done(flow, one) == done] for done in schema_drift.POLICIES
    }
    return Examined(by["hold"], by["tell"], by["ignore"], seen, sweep)


def _done(flow: PullFlow, change: ShapeChange) -> schema_drift.Policy:
    if change.kind == "behind" or change.kind == "flagless":  # noqa: PLR1714 -- mypy narrows no set
        return "hold"
    return flow.watched.policy[change.kind]


def _flag(flow: PullFlow) -> str:
    """The path of what flags a secret record; "" where the source says that it holds none."""
    return schema_drift.general(flow.secrecy.field) if flow.secrecy.asks else ""


def _flagless(
    flow: PullFlow, seen: Mapping[str, PathStatistics], shown: BatchShape
) -> Iterator[ShapeChange]:
    """The flag of secrecy that was there and that no record of a batch shows any more, however few
    they are.

    Withheld one by one they would all be withdrawn and erased: the column may only have been
    renamed.
    """
    before = seen.get(_flag(flow))
    codes = {
        raw.unread.code if raw.unread else ""
        for raw in (*(raw for raw, _ in shown.news), *shown.known)
    }
    if before is not None and before.filled and MISSING in codes and codes <= {MISSING, UNREADABLE}:
        facts = {"before": str(before.present), "of": str(before.records), "read": str(shown.read)}
        yield ShapeChange("flagless", _flag(flow), facts)


def known(tx: Transaction, flow: PullFlow, settings: Settings) -> dict[str, PathStatistics]:
    """What is known of a flow's source; where nothing was learnt yet, what stands here shows it."""
    seen = shapes.seen(tx, flow.name)
    if seen:
        return seen
    places = rehearsing.sample(tx, flow.name, most=settings.shape.sample)
    if not places:
        return {}
    rows = [Raw(row.payload, "") for row in landing.landed(tx, flow.name, places)]
    return schema_drift.learnt({}, sampled(live(flow, rows, sound=True), flow), settings.shape)


def learn(
    tx: Transaction, flow: PullFlow, settings: Settings, look: Look, examined: Examined
) -> None:
    """Add what was looked at to what is known; a change that holds nothing is known from now on.

    What is set aside teaches nothing: the source is what its sound records are like.
    """
    if not look.records:
        return
    lost = {
        one.place for one in (*examined.tell, *examined.ignore) if one.kind in schema_drift.LOSING
    }
    before = schema_drift.forgotten(examined.seen, lost, flow.watched)
    shapes.keep(
        tx,
        flow.name,
        schema_drift.learnt(before, look, settings.shape),
        before=shapes.seen(tx, flow.name),
    )


def note(
    tx: Transaction, flow: PullFlow, examined: Examined, *, run_id: int, batch_id: int
) -> None:
    """Write down the changes that a batch is held for, and those that are told."""
    changes = [(one, "hold") for one in examined.hold] + [(one, "tell") for one in examined.tell]
    shapes.met(tx, flow.name, changes, run_id=run_id, batch_id=batch_id)


def count_sweep(
    tx: Transaction, flow: PullFlow, sweep: SweepCounts, *, read: int, last: bool, says: bool
) -> None:
    """Note what a batch adds to the sweep under way. says: its sweep began at the beginning, or
    read files.
    """
    total = sweep.read + read
    done = SweepCounts(0, total if says else sweep.last) if last else SweepCounts(total, sweep.last)
    if done != sweep:
        shapes.count_sweep(tx, flow.name, done)


def _whole(flow: PullFlow, shown: BatchShape) -> Look:
    live = [raw for raw, mapped in shown.news if mapped.shows]
    return sampled(_readable(flow, live), flow)


def _readable(flow: PullFlow, raws: Sequence[Raw]) -> list[dict[str, Json]]:
    """Those that can be decoded and may be looked at, decoded."""
    found = []
    for raw in raws:
        try:
            found.append(flow.fields(raw.payload))
        except RecordError:
            continue
    return found


def live(flow: PullFlow, raws: Sequence[Raw], *, sound: bool = False) -> list[dict[str, Json]]:
    """Those that can be decoded and are neither deleted nor filtered out nor secret; sound: nor
    have a fault.
    """
    mapped = ((fields, flow.mapper.map(fields)) for fields in _readable(flow, raws))
    return [fields for fields, said in mapped if said.shows and not (sound and said.faults)]


def _former(
    tx: Transaction,
    flow: PullFlow,
    settings: Settings,
    shown: BatchShape,
    heads: Mapping[str, LandingHead],
    paths: Sequence[str],
) -> int:
    """How many of a batch's records used to have one of these paths, as far as a sample shows."""
    keys = [mapped.key for _, mapped in shown.news if mapped.key in heads]
    places = [(key, heads[key].landing_id) for key in dict.fromkeys(keys[: settings.shape.sample])]
    rows = [Raw(row.payload, "") for row in landing.landed(tx, flow.name, places)]
    looks = (sampled([fields], flow) for fields in _readable(flow, rows))
    return sum(any(map(look.has, paths)) for look in looks)


def _faults(flow: PullFlow, settings: Settings, plan: Plan, read: int) -> list[ShapeChange]:
    """One cause for much of a batch, or of its parts, is a change at the source, not bad
    records.
    """
    parts = plan.parts
    found = _for_one_cause(flow, settings, plan.quarantined, read)
    return found + (
        _for_one_cause(flow, settings, parts.quarantined, len(parts.heads)) if parts else []
    )


def _for_one_cause(
    flow: PullFlow, settings: Settings, asides: Sequence[SetAside], of: int
) -> list[ShapeChange]:
    causes = Counter(cause_of(aside.faults) for aside in asides)
    for cause, times in causes.most_common(1):
        if times >= settings.drift_least and times > settings.drift_share * of:
            values = Counter(
                fault.facts["value"]
                for aside in asides
                if cause_of(aside.faults) == cause
                for fault in aside.faults
                if "value" in fault.facts and not _personal(flow, fault.pointer)
            )
            facts = {
                "cause": cause,
                "times": str(times),
                "read": str(of),
                "share": f"{times / of:.0%}",
            }
            return [ShapeChange("faults", cause, facts, dict(values.most_common(VALUES)))]
    return []


def _personal(flow: PullFlow, pointer: str) -> bool:
    steps = [step for step in pointer.split("/") if step and not step.isdigit()]
    return ".".join(steps) in flow.watched.personal

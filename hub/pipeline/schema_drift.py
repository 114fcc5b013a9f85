"""Schema drift: compares a batch with its source's known shape; decides hold, tell or ignore.

Only records decoded anyway are examined, a sample of them; all of a batch where the sample is
suspicious.
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

    look: statistics of decoded records; whole: of all, not a sample. news: unknown records, raw and
    mapped. known: some known ones. header, parts: as in its pages. sweep: part of a sweep whose
    length is meaningful. snapshot: the one that ends with it, "" if none.
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
    """Changes by policy: hold the batch, tell, ignore. seen, sweep: what was known before."""

    hold: list[ShapeChange]
    tell: list[ShapeChange]
    ignore: list[ShapeChange]
    seen: Mapping[str, PathStatistics]
    sweep: SweepCounts


def sampled(records: Sequence[Mapping[str, Json]], flow: PullFlow) -> Look:
    """Statistics of these decoded records; those that cannot be examined are left out."""
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
    """Compare a batch with its source's known shape; more: changes found elsewhere."""
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
    """The path of the secrecy flag; "" where the source declares that it holds no secrets."""
    return schema_drift.general(flow.secrecy.field) if flow.secrecy.asks else ""


def _flagless(
    flow: PullFlow, seen: Mapping[str, PathStatistics], shown: BatchShape
) -> Iterator[ShapeChange]:
    """A secrecy flag that existed and that no record of the batch has, however few they are.

    Without this check they would all be withheld, withdrawn and erased, although the column may
    only have been renamed.
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
    """Path -> statistics of a flow's source; computed from a sample of heads if none are stored."""
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
    """Add a look to the known shape; changes that hold nothing become known.

    Quarantined records teach nothing: the source is what its sound records are like.
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
    """Store the changes that a batch is held for, and those that are told."""
    changes = [(one, "hold") for one in examined.hold] + [(one, "tell") for one in examined.tell]
    shapes.met(tx, flow.name, changes, run_id=run_id, batch_id=batch_id)


def count_sweep(
    tx: Transaction, flow: PullFlow, sweep: SweepCounts, *, read: int, last: bool, says: bool
) -> None:
    """Add a batch to the sweep under way. says: the sweep is whole, so its length counts."""
    total = sweep.read + read
    done = SweepCounts(0, total if says else sweep.last) if last else SweepCounts(total, sweep.last)
    if done != sweep:
        shapes.count_sweep(tx, flow.name, done)


def _whole(flow: PullFlow, shown: BatchShape) -> Look:
    live = [raw for raw, mapped in shown.news if mapped.shows]
    return sampled(_readable(flow, live), flow)


def _readable(flow: PullFlow, raws: Sequence[Raw]) -> list[dict[str, Json]]:
    """The records that can be decoded and are not secret, decoded."""
    found = []
    for raw in raws:
        try:
            found.append(flow.fields(raw.payload))
        except RecordError:
            continue
    return found


def live(flow: PullFlow, raws: Sequence[Raw], *, sound: bool = False) -> list[dict[str, Json]]:
    """Decoded records that are readable, not deleted, filtered out or secret; sound: nor faulty."""
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
    """How many records of a batch used to have one of these paths, by a sample of their heads."""
    keys = [mapped.key for _, mapped in shown.news if mapped.key in heads]
    places = [(key, heads[key].landing_id) for key in dict.fromkeys(keys[: settings.shape.sample])]
    rows = [Raw(row.payload, "") for row in landing.landed(tx, flow.name, places)]
    looks = (sampled([fields], flow) for fields in _readable(flow, rows))
    return sum(any(map(look.has, paths)) for look in looks)


def _faults(flow: PullFlow, settings: Settings, plan: Plan, read: int) -> list[ShapeChange]:
    """One cause for much of a batch, or of its parts: the source changed, not the records."""
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

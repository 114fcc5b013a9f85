"""Snapshots (complete lists): which keys each shows; what a newer one lacks is withdrawn.

A partly read list proves no absence; neither does one with records without a readable key, since
any of those may be the missing one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from hub.db import landing, runs
from hub.db.database import Transaction
from hub.db.keyset import split
from hub.db.reconciliation import sightings
from hub.db.reconciliation.sightings import Absent, Progress, Sighting
from hub.domain.contracts import PullFlow
from hub.domain.payload import absence
from hub.domain.schema_drift import ShapeChange
from hub.model import Snapshot
from hub.pipeline import tombstones
from hub.pipeline.golden import ApplyContext
from hub.settings import Settings

PORTION = 1000
"""Absences per batch."""


@dataclass(frozen=True, slots=True)
class SnapshotBatch:
    """A batch of a snapshot: keys shown; unnamed: records without a readable key."""

    snapshot: Snapshot
    keys: frozenset[str]
    unnamed: int


@dataclass(frozen=True, slots=True)
class Ended:
    """A snapshot read to its end. absent: heads that it lacks; alive: keys the flow holds."""

    snapshot: Snapshot
    absent: Sequence[Absent]
    alive: int
    unnamed: int

    @property
    def changes(self) -> Iterable[ShapeChange]:
        """Why its absences are suspicious: too many, or records without a key (hold the batch)."""
        lost = sum(
            one.state != "quarantined" or not one.key.startswith("#") for one in self.absent
        )  # no stand-ins
        facts = {"snapshot": self.snapshot.name, "absent": str(lost), "of": str(self.alive)}
        if lost and self.unnamed:
            yield ShapeChange("unnamed", "", facts | {"unnamed": str(self.unnamed)})
        elif lost > self.snapshot.most * self.alive:
            yield ShapeChange("shrunk", "", facts | {"most": f"{self.snapshot.most:.4g}"})


def see(tx: Transaction, flow: PullFlow, listed: SnapshotBatch | None) -> Ended | None:
    """Note the keys that a batch shows; at the snapshot's end give what it lacks, else None."""
    if listed is None:
        return None
    name = listed.snapshot.name
    progress = _under_way(tx, flow.name, name)
    sightings.put(
        tx,
        flow.name,
        progress.sweep,
        [Sighting(key, None, set_back=False) for key in sorted(listed.keys)],
    )
    unnamed = int(str(progress.place.get("unnamed", 0))) + listed.unnamed
    sightings.move(tx, flow.name, {"snapshot": name, "unnamed": unnamed})
    return _ended(tx, flow, listed.snapshot, unnamed, progress) if listed.snapshot.ends else None


def withdraw(
    tx: Transaction, context: ApplyContext, settings: Settings, ended: Ended | None
) -> None:
    """Withdraw what a snapshot lacks, after its last batch, in the same transaction."""
    if ended is None:
        return
    flow = context.flow
    sightings.finish(tx, flow.name)
    if ended.unnamed:
        return
    for some in split(ended.absent, PORTION):
        heads = landing.heads_by_key(tx, flow.name, [one.key for one in some])
        gone = {
            one: absence(one.key, snapshot=ended.snapshot.name, run=context.run_id) for one in some
        }
        place = replace(context, batch_id=runs.next_batch(tx))
        tombstones.withdraw(
            tx, place, settings, gone, heads, position=f"{sightings.ABSENT_AT}{ended.snapshot.name}"
        )


def accept(tx: Transaction, context: ApplyContext, settings: Settings, name: str) -> None:
    """Withdraw what a snapshot lacks, however much: its held last batch was accepted.

    Does nothing where a newer snapshot has begun since.
    """
    progress = sightings.begin(tx, context.flow.name)
    if name and progress.place.get("snapshot") == name:
        unnamed = int(str(progress.place.get("unnamed", 0)))
        ended = _ended(tx, context.flow, Snapshot(name, ends=True, most=1), unnamed, progress)
        withdraw(tx, context, settings, ended)


def _under_way(tx: Transaction, flow: str, name: str) -> Progress:
    """The progress of this snapshot, begun if new; an older unfinished one is dropped."""
    progress = sightings.begin(tx, flow)
    if progress.place.get("snapshot", name) == name:
        return progress
    sightings.finish(tx, flow)
    return sightings.begin(tx, flow)


def _ended(
    tx: Transaction, flow: PullFlow, snapshot: Snapshot, unnamed: int, progress: Progress
) -> Ended:
    sightings.forget_unlisted(tx, flow.name, progress.sweep, None)
    absent = sightings.absent(tx, flow.name, began=progress.began)
    return Ended(snapshot, absent, sightings.live(tx, flow.name), unnamed)

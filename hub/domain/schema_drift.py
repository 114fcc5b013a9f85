"""Schema drift: statistics of a source's fields, and the changes that a batch shows.

Paths have no indexes, since any item of a list may show a field (`owners.name`).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

from hub.domain import paths
from hub.errors import Fault
from hub.model import UNUSABLE, Json
from hub.settings import ShapeBounds

Kind: TypeAlias = Literal[
    "header",
    "gone",
    "retyped",
    "codes",
    "emptied",
    "no_records",
    "shrunk",
    "faults",
    "new",
    "unnamed",
]
Policy: TypeAlias = Literal["hold", "tell", "ignore"]
KINDS: tuple[Kind, ...] = get_args(Kind)
POLICIES: tuple[Policy, ...] = get_args(Policy)
DEFAULTS: Mapping[Kind, Policy] = {**dict.fromkeys(KINDS, "hold"), "new": "tell", "unnamed": "tell"}
"""Policy per kind of change where a flow's `shape:` gives none."""

LOSING = frozenset({"gone", "emptied", "flagless"})
VALUED = frozenset({"codes", "faults"})
"""Kinds of change that are reported with the values met."""
NAMED = 20
VALUES = 8


@dataclass(frozen=True, slots=True)
class MappedPaths:
    """Source paths that a mapping reads.

    fields: by target field, alternative paths of which one must exist. keys: key columns. codes:
    path -> how codes are read, which are known. personal: paths whose values are not shown. policy:
    by kind of change.
    """

    fields: Mapping[str, tuple[str, ...]]
    keys: tuple[str, ...]
    codes: Mapping[str, "Coded"]
    personal: frozenset[str]
    policy: Mapping[Kind, Policy]
    xml: bool = False

    @property
    def paths(self) -> frozenset[str]:
        """All paths read, and their ancestors."""
        every = {path for several in self.fields.values() for path in several} | set(self.keys)
        return frozenset(every | {above for path in every for above in _above(path)})


@dataclass(frozen=True, slots=True)
class Coded:
    """A source field mapped by a code list: reader of its codes, known codes."""

    read: Callable[[Mapping[str, Json]], Iterable[str]]
    known: frozenset[str]


@dataclass(slots=True)
class PathStatistics:
    """Statistics of one path: records seen, present, filled; kinds of values with counts."""

    records: int = 0
    present: int = 0
    filled: int = 0
    missing: int = 0
    types: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Look:
    """Statistics of some records of a batch: their number, and all paths."""

    records: int
    seen: Mapping[str, PathStatistics]

    def has(self, path: str) -> bool:
        """Whether any of them has the path."""
        return path in self.seen

    def filled(self, path: str) -> int:
        """Number of records with a value at the path."""
        found = self.seen.get(path)
        return found.filled if found else 0


@dataclass(frozen=True, slots=True)
class ShapeChange:
    """One change: kind, place, facts. values: those met, with counts."""

    kind: Kind | Literal["behind", "flagless"]
    place: str
    facts: dict[str, str]
    values: dict[str, int] = field(default_factory=dict)

    @property
    def fault(self) -> Fault:
        """The change as code and facts."""
        facts = dict(self.facts)
        if self.kind in VALUED:
            facts["values"] = (
                ", ".join(f"{value} ×{times}" for value, times in self.values.items()) or "—"
            )
        if self.kind == "faults":
            return Fault("", "flow.drift", facts)
        if self.place:
            facts["place"] = self.place
        return Fault("", f"shape.{self.kind}", facts)


def general(path: str) -> str:
    """The path without indexes."""
    return ".".join(str(step) for step in paths.steps(path) if not isinstance(step, int))


def _above(path: str) -> Iterator[str]:
    steps = path.split(".")
    for end in range(1, len(steps)):
        yield ".".join(steps[:end])


def look(records: Sequence[Mapping[str, Json]], watched: MappedPaths) -> Look:
    """Statistics of these decoded records."""
    seen: dict[str, PathStatistics] = {}
    for record in records:
        here: dict[str, set[str]] = {}
        _walk(record, "", here, xml=watched.xml)
        for path, types in here.items():
            found = seen.get(path)
            if found is None:
                found = seen[path] = PathStatistics()
            found.present += 1
            if types:
                found.filled += 1
                found.types.update(types)
    for path, coded in watched.codes.items():
        if path in seen:
            for record in records:
                seen[path].codes.update(set(coded.read(record)))
    for found in seen.values():
        found.records = len(records)
    return Look(len(records), seen)


def _walk(value: Mapping[str, Json], at: str, here: dict[str, set[str]], *, xml: bool) -> None:
    """Collect paths below a value with the kinds of their values; empty ones are left out."""
    for name, inner in value.items():
        path = f"{at}.{name}" if at else name
        types = here.setdefault(path, set())
        if isinstance(inner, str):
            if inner and not inner.isspace():
                types.add("text")
        elif isinstance(inner, dict):
            if inner and UNUSABLE not in inner:
                types.add("object")
                _walk(inner, path, here, xml=xml)
        elif isinstance(inner, list):
            _walk_items(inner, path, here, xml=xml)
        elif inner is not None:
            types.add("boolean" if isinstance(inner, bool) else "number")


def _walk_items(items: Sequence[Json], path: str, here: dict[str, set[str]], *, xml: bool) -> None:
    """The items of a list, under its path (XML: one child is a list of one)."""
    if not xml and items:
        here[path].add("list")
    for item in items:
        if isinstance(item, dict):
            if xml:
                here[path].add("object")
            _walk(item, path, here, xml=xml)
        elif xml and item is not None:
            here[path].add("text")


@dataclass(frozen=True, slots=True)
class ObservedBatch:
    """A batch under comparison.

    header: columns, if the source has a header. read: records in it. whole: statistics of all
    decoded records. unchanged: of known records that were not decoded. former: how many of its
    records used to have one of these paths. ended: records of the sweep that ends with it; None if
    none ends or its length means nothing.
    """

    look: Look
    header: frozenset[str] | None
    read: int
    whole: Callable[[], Look]
    unchanged: Callable[[], Look]
    former: Callable[[Sequence[str]], int]
    ended: int | None = None


def compare(
    watched: MappedPaths,
    seen: Mapping[str, PathStatistics],
    batch: ObservedBatch,
    *,
    last_sweep: int,
    bounds: ShapeBounds,
) -> list[ShapeChange]:
    """All changes against what was seen before, whatever their policy."""
    changes = [*_header(watched, batch), *_gone(watched, seen, batch, bounds)]
    lost = {change.place for change in changes}
    changes += [
        change
        for change in (
            *_emptied(watched, seen, batch, bounds),
            *_retyped(watched, seen, batch, bounds),
        )
        if change.place not in lost
    ]
    changes += _codes(watched, seen, batch, bounds)
    changes += _new(seen, batch)
    if batch.ended == 0 and last_sweep >= bounds.sweep:
        changes.append(ShapeChange("no_records", "", {"before": str(last_sweep)}))
    return changes


def _header(watched: MappedPaths, batch: ObservedBatch) -> Iterator[ShapeChange]:
    """A key column that the header has not, or that no record has, makes all records unreadable."""
    for path in watched.keys:
        if batch.header is not None:
            missing = path.split(".")[0] not in batch.header
        else:
            missing = batch.look.records > 1 and not (
                batch.look.has(path) or batch.whole().has(path)
            )
            missing = missing and not batch.unchanged().has(path)
        if missing:
            yield ShapeChange("header", path, {"read": str(batch.read)})


def _gone(
    watched: MappedPaths,
    seen: Mapping[str, PathStatistics],
    batch: ObservedBatch,
    bounds: ShapeBounds,
) -> Iterator[ShapeChange]:
    """What was there and is in no record any more, or not in the header."""
    for several in dict.fromkeys(watched.fields.values()):
        before = [seen[path] for path in several if path in seen and seen[path].present]
        if not before or any(path in watched.keys for path in several):
            continue
        most = max(before, key=lambda one: one.present / one.records)
        if batch.header is not None:
            gone = not any(path.split(".")[0] in batch.header for path in several)
        else:
            gone = _lacking(several, most, batch, bounds)
        if gone:
            facts = {"before": str(most.present), "of": str(most.records), "read": str(batch.read)}
            yield ShapeChange("gone", several[0], facts)


def _lacking(
    several: Sequence[str], before: PathStatistics, batch: ObservedBatch, bounds: ShapeBounds
) -> bool:
    """Whether no record has any of these paths though it should."""
    if batch.look.records == 0 or any(map(batch.look.has, several)):
        return False
    whole = batch.whole()
    if any(map(whole.has, several)) or any(map(batch.unchanged().has, several)):
        return False
    if any(
        whole.has(above) and not whole.filled(above) for path in several for above in _above(path)
    ):
        return False  # a list or an object that is there and empty: see `_emptied`
    records = whole.records + before.missing
    usual = before.records >= bounds.sure and before.present >= bounds.formerly * before.records
    return (usual and records >= bounds.least) or batch.former(several) >= bounds.least


def _emptied(
    watched: MappedPaths,
    seen: Mapping[str, PathStatistics],
    batch: ObservedBatch,
    bounds: ShapeBounds,
) -> Iterator[ShapeChange]:
    """What used to be filled and is empty in a whole batch."""
    for several in dict.fromkeys(watched.fields.values()):
        before = [seen[path] for path in several if path in seen and seen[path].records]
        if not any(one.filled >= bounds.formerly * one.records for one in before):
            continue
        if batch.look.records == 0 or any(map(batch.look.filled, several)):
            continue
        whole = batch.whole()
        if whole.records < bounds.empty or any(map(whole.filled, several)):
            continue
        if not any(map(batch.unchanged().filled, several)):
            most = max(before, key=lambda one: one.filled)
            facts = {"before": str(most.filled), "of": str(most.records), "read": str(batch.read)}
            yield ShapeChange("emptied", several[0], facts)


def _retyped(
    watched: MappedPaths,
    seen: Mapping[str, PathStatistics],
    batch: ObservedBatch,
    bounds: ShapeBounds,
) -> Iterator[ShapeChange]:
    """Values of a kind that was never there before: all of them, or many."""
    for path in sorted(watched.paths):
        before, now = seen.get(path), batch.look.seen.get(path)
        if (
            before is None
            or now is None
            or not before.types
            or not now.types.keys() - before.types.keys()
        ):
            continue
        now = batch.whole().seen[path]
        other = {name: times for name, times in now.types.items() if name not in before.types}
        times = sum(other.values())
        every = times >= now.filled >= bounds.least and not _keeps(path, before, batch)
        if every or (times >= bounds.codes and times >= bounds.share * batch.read):
            facts = {"was": ", ".join(sorted(before.types)), "now": ", ".join(sorted(other))}
            yield ShapeChange(
                "retyped", path, facts | {"times": str(times), "read": str(batch.read)}
            )


def _keeps(path: str, before: PathStatistics, batch: ObservedBatch) -> bool:
    """Whether records of the batch that were not decoded have values of the kind that is known."""
    found = batch.unchanged().seen.get(path)
    return found is not None and bool(found.types.keys() & before.types.keys())


def _codes(
    watched: MappedPaths,
    seen: Mapping[str, PathStatistics],
    batch: ObservedBatch,
    bounds: ShapeBounds,
) -> Iterator[ShapeChange]:
    """Codes in bulk that neither the code list knows nor was met before."""
    for path, coded in watched.codes.items():
        before, now = seen.get(path), batch.look.seen.get(path)
        if before is None or now is None:
            continue
        known = coded.known | before.codes.keys()
        if not now.codes.keys() - known:
            continue
        other = Counter(
            {
                code: times
                for code, times in batch.whole().seen[path].codes.items()
                if code not in known
            }
        )
        times = other.total()
        if times >= bounds.codes and times >= bounds.share * batch.read:
            shown = {} if path in watched.personal else dict(other.most_common(VALUES))
            facts = {"times": str(times), "read": str(batch.read)}
            yield ShapeChange("codes", path, facts, shown)


def _new(seen: Mapping[str, PathStatistics], batch: ObservedBatch) -> Iterator[ShapeChange]:
    """Fields that were never met before, the topmost of each."""
    if not seen:
        return
    fresh = sorted(path for path in batch.look.seen if path not in seen)
    top = [path for path in fresh if not any(above in fresh for above in _above(path))]
    for path in top[:NAMED]:
        yield ShapeChange("new", path, {"times": str(batch.look.seen[path].present)})


def learnt(
    seen: Mapping[str, PathStatistics], now: Look, bounds: ShapeBounds
) -> dict[str, PathStatistics]:
    """Known statistics with a look added."""
    known: dict[str, PathStatistics] = {}
    for path in {*seen, *now.seen}:
        before, more = seen.get(path, PathStatistics()), now.seen.get(path, PathStatistics())
        codes = before.codes | more.codes
        known[path] = PathStatistics(
            records=before.records + now.records,
            present=before.present + more.present,
            filled=before.filled + more.filled,
            missing=0 if more.present else before.missing + now.records,
            types=before.types | more.types,
            codes=Counter(dict(codes.most_common(bounds.known))),
        )
    return known


def forgotten(
    seen: Mapping[str, PathStatistics], lost: AbstractSet[str], watched: MappedPaths
) -> dict[str, PathStatistics]:
    """Known statistics without lost paths, as if they had never been there."""
    gone = lost | {
        path for several in watched.fields.values() if lost & set(several) for path in several
    }
    return {path: one for path, one in seen.items() if path not in gone}

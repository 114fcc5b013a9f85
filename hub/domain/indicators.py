"""Indicators of supervision: what is judged of which facts, as mappings/indicators says.

A condition is kept as the file says it: a tree of `fact` comparisons joined by all, any, not.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from pydantic import JsonValue

from hub.domain.clock import Status
from hub.domain.indicator_files import Level

Tree = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Bound:
    """A level and what is beyond it: `word` is one of COMPARING. where: what must be so besides."""

    level: Level
    word: str
    than: float
    where: tuple[Tree, ...] = ()


@dataclass(frozen=True, slots=True)
class DaySpan:
    """From one day to another, both among them; None: without an end."""

    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class ExclusionCase:
    """What a person named, with the file that says so; () and None say nothing."""

    source: str
    projects: tuple[str, ...]
    counties: tuple[str, ...]
    units: tuple[str, ...]
    during: DaySpan | None
    landed: DaySpan | None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What is left out of figures, by name. of: of what is judged so; none: of everything.

    any: conditions, one of which must be so. cases: what a person named besides.
    """

    id: str
    title_zh: str
    title_en: str
    source: str
    of: tuple[str, ...]
    any: tuple[Tree, ...]
    cases: tuple[ExclusionCase, ...] = ()


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator of one file: what it judges, when it counts, and by which bounds.

    at: the fact that puts it into a period. where: what is judged at all. measure: one of fact,
    excess, count, distinct, share, average, median, sum, with its facts (and, of a share, what is
    counted). bounds: gravest first; counts: from which level on a hit counts. needs: facts without
    which nothing is judged. file, version: where it stands, and the hash of all that it says.
    """

    id: str
    file: str
    title_zh: str
    title_en: str
    source: str
    status: Status
    since: date | None
    until: date | None
    regions: tuple[str, ...]
    of: str
    at: str
    where: tuple[Tree, ...]
    measure: str
    facts: tuple[str, ...]
    counted: tuple[Tree, ...]
    group: tuple[str, ...]
    window: int | None
    bounds: tuple[Bound, ...]
    counts: Level
    target: tuple[str, float] | None
    better: str
    needs: tuple[str, ...]
    exclude: tuple[Exclusion, ...]
    responsible: str
    explain_days: int | None
    publish: str
    phrase: str
    unit: str
    version: str

    @property
    def key(self) -> str:
        """Of one id there may be several, for other regions or times: id and file."""
        return f"{self.file}:{self.id}"


@dataclass(frozen=True, slots=True)
class LevelName:
    """What a level is called, and its code in the national exchange."""

    title_zh: str
    title_en: str
    code: str


@dataclass(frozen=True, slots=True)
class Indicators:
    """All indicators, exclusions and names of levels; files that are withdrawn left out."""

    indicators: tuple[Indicator, ...] = ()
    exclusions: Mapping[str, Exclusion] = field(default_factory=dict)
    levels: Mapping[str, LevelName] = field(default_factory=dict)


def facts_of(tree: Tree) -> Iterator[str]:
    """Every fact that a condition names."""
    for word, value in tree.items():
        if word in {"fact", "same_as"}:
            yield str(value)
        elif word in {"all", "any"} and isinstance(value, list):
            for one in value:
                yield from facts_of(branch(one))
        elif word == "not":
            yield from facts_of(branch(value))


def comparisons(tree: Tree) -> Iterator[Tree]:
    """The comparisons that a condition is made of."""
    if "fact" in tree:
        yield tree
        return
    for value in tree.values():
        for one in value if isinstance(value, list) else [value]:
            yield from comparisons(branch(one))


def branch(value: JsonValue) -> Tree:
    """A part of a condition that is one itself."""
    return value if isinstance(value, dict) else {}

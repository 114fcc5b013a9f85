"""mappings/indicators -> indicators; every word is checked against the dictionary of facts, so that
nothing else ever reaches a statement.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from types import MappingProxyType

from hub.domain.documents import Step
from hub.domain.fact_names import DICTIONARY, FactName
from hub.domain.indicator_files import (
    COMPARING,
    LEVELS,
    Days,
    ExclusionCaseSaid,
    ExclusionSaid,
    ExclusionsFile,
    IndicatorSaid,
    IndicatorsFile,
    LevelsFile,
    Measure,
)
from hub.domain.indicators import (
    Bound,
    DaySpan,
    Exclusion,
    ExclusionCase,
    Indicator,
    Indicators,
    LevelName,
    Tree,
    comparisons,
    facts_of,
)
from hub.domain.library import ContractFile, Library
from hub.domain.nearest_names import hint


def check(library: Library, more: Mapping[str, Exclusion] = MappingProxyType({})) -> None:
    """Every fact, exclusion and unit is known, and no indicator is said twice for one place and
    time. more: exclusions that are known beside those of the files.
    """
    known = set(more) | {
        said.id
        for filed in library.filed["exclusions"]
        for said in filed.read(ExclusionsFile).exclusions
    }
    for filed in library.filed["exclusions"]:
        with library.guarding(filed):
            for at, said in enumerate(filed.read(ExclusionsFile).exclusions):
                for of in said.of:
                    _Checker(library, filed, of, ("exclusions", at)).conditions(said.any, "any")
    spans: list[tuple[str, IndicatorsFile, str]] = []
    for filed in library.filed["indicators"]:
        with library.guarding(filed):
            file = filed.read(IndicatorsFile)
            for at, one in enumerate(file.indicators):
                _Checker(library, filed, one.of, ("indicators", at)).indicator(one, known)
                other = _said_before(spans, one, file)
                if other:
                    facts = {"name": one.id, "other": other}
                    where = ("indicators", at, "id")
                    library.note(filed.document, where, "contract.indicator_twice", **facts)
                spans.append((one.id, file, filed.name))


def _said_before(
    spans: Iterable[tuple[str, IndicatorsFile, str]], one: IndicatorSaid, file: IndicatorsFile
) -> str:
    """The file that has the same indicator for the same regions at the same time, "" for none."""
    for name, other, where in spans:
        live = "withdrawn" not in {other.status, file.status}
        apart = (other.until or "9") < (file.since or "") or (file.until or "9") < (
            other.since or ""
        )
        same = set(other.regions) == set(file.regions) and other.status == file.status
        if name == one.id and live and same and not apart:
            return where
    return ""


@dataclass(frozen=True, slots=True)
class _Checker:
    """Notes what one part of a file says wrongly of its subject's facts."""

    library: Library
    filed: ContractFile
    of: str
    where: tuple[Step, ...]

    @property
    def known(self) -> Mapping[str, FactName]:
        return DICTIONARY[self.of]

    def indicator(self, said: IndicatorSaid, exclusions: Collection[str]) -> None:
        self.kind(said.at, ("at",), "moment", "at")
        self.conditions(said.where, "where")
        for at, name in enumerate((*said.needs, *said.group)):
            self.fact(name, ("needs", at) if at < len(said.needs) else ("group",))
        measure = said.measure
        if measure.share is not None:
            self.conditions(measure.share.counted, "measure")
        for name in _facts(measure):
            self.fact(name, ("measure",))
            if measure.distinct is None:
                self.kind(name, ("measure",), "number", "measure")
        self.levels(said)
        for at, name in enumerate(said.exclude):
            if name not in exclusions:
                facts = {"name": name, **hint(name, exclusions)}
                where = (*self.where, "exclude", at)
                self.library.note(self.filed.document, where, "contract.exclusion_unknown", **facts)

    def levels(self, said: IndicatorSaid) -> None:
        """Bounds are in the unit of what is measured."""
        unit = _unit(said.measure, self.known)
        for name, level in said.levels:
            if level is not None:
                self.conditions(level.where, "levels")
            if level is not None and unit is not None and level.unit != unit:
                facts = {"name": said.id, "unit": unit, "said": level.unit}
                where = (*self.where, "levels", name)
                self.library.note(self.filed.document, where, "contract.fact_unit", **facts)

    def conditions(self, several: Sequence[Tree], word: str) -> None:
        for at, one in enumerate(several):
            self.condition(one, (word, at))

    def condition(self, one: Tree, where: tuple[Step, ...]) -> None:
        for name in facts_of(one):
            self.fact(name, where)
        for comparison in comparisons(one):
            self.comparison(comparison, where)

    def comparison(self, one: Tree, where: tuple[Step, ...]) -> None:
        """Numbers and moments are ordered, a flag is true or false, a text is one of several."""
        known = self.known.get(str(one["fact"]))
        word = next(word for word in one if word != "fact")
        if known is None or word in {"known", "unknown"}:
            return
        value = one[word]
        fits = {
            "number": word in COMPARING or word == "same_as",
            "boolean": word == "is" and isinstance(value, bool),
            "moment": word == "same_as",
            "text": word in {"in", "not_in", "same_as"}
            or (word == "is" and isinstance(value, str)),
        }[known.kind]
        if not fits:
            self._unfit(str(one["fact"]), where, known.kind, word)

    def fact(self, name: str, where: tuple[Step, ...]) -> None:
        if name not in self.known:
            facts = {"name": name, "of": self.of}
            self.library.miss(
                self.filed.document,
                (*self.where, *where),
                "contract.fact_unknown",
                self.known,
                **facts,
            )

    def kind(self, name: str, where: tuple[Step, ...], wanted: str, word: str) -> None:
        self.fact(name, where)
        known = self.known.get(name)
        if known is not None and known.kind != wanted:
            self._unfit(name, where, known.kind, word)

    def _unfit(self, name: str, where: tuple[Step, ...], kind: str, word: str) -> None:
        facts = {"name": name, "kind": kind, "word": word}
        self.library.note(
            self.filed.document, (*self.where, *where), "contract.fact_unfit", **facts
        )


def indicators(
    library: Library, more: Mapping[str, Exclusion] = MappingProxyType({})
) -> Indicators:
    """All of them, compiled."""
    exclusions = dict(more) | {
        said.id: _exclusion(said)
        for filed in library.filed["exclusions"]
        for said in filed.read(ExclusionsFile).exclusions
    }
    found: list[Indicator] = []
    for filed in library.filed["indicators"]:
        file = filed.read(IndicatorsFile)
        found += [
            _indicator(filed.name, file, said, exclusions)
            for said in file.indicators
            if (said.status or file.status) != "withdrawn"
        ]
    levels: dict[str, LevelName] = {
        one.id: LevelName(one.title.zh, one.title.en, one.code)
        for filed in library.filed["levels"]
        for one in filed.read(LevelsFile).levels
    }
    return Indicators(tuple(found), exclusions, levels)


def _indicator(
    name: str, file: IndicatorsFile, said: IndicatorSaid, exclusions: Mapping[str, Exclusion]
) -> Indicator:
    out = tuple(
        exclusions[one]
        for one in said.exclude
        if one in exclusions and (not exclusions[one].of or said.of in exclusions[one].of)
    )
    target = said.target
    bound = None
    if target is not None:
        below = target.at_most is not None
        bound = ("at_most", target.at_most) if below else ("at_least", target.at_least)
    return Indicator(
        said.id,
        name,
        title_zh=said.title.zh,
        title_en=said.title.en,
        source=file.source,
        status=said.status or file.status,
        since=date.fromisoformat(file.since) if file.since else None,
        until=date.fromisoformat(file.until) if file.until else None,
        regions=file.regions,
        of=said.of,
        at=said.at,
        where=said.where,
        measure=next(word for word, value in said.measure if value is not None),
        facts=_facts(said.measure),
        counted=said.measure.share.counted if said.measure.share else (),
        group=said.group,
        window=said.window,
        bounds=tuple(_bounds(said)),
        counts=said.counts,
        target=(bound[0], float(bound[1] or 0)) if bound else None,
        better=said.better or "",
        needs=said.needs,
        exclude=out,
        responsible=said.responsible,
        explain_days=said.explain_within.days if said.explain_within else None,
        publish=said.publish,
        phrase=said.phrase or said.title.zh,
        unit=_unit(said.measure, DICTIONARY[said.of]) or "count",
        version=_version(file, said, out),
    )


def _bounds(said: IndicatorSaid) -> Iterator[Bound]:
    for level in reversed(LEVELS):
        one = getattr(said.levels, level)
        if one is not None:
            word = next(word for word in COMPARING if getattr(one, word) is not None)
            than = float(getattr(one, word))
            yield Bound(level, word, than, tuple(one.where))  # type: ignore[arg-type]


def _exclusion(said: ExclusionSaid) -> Exclusion:
    return Exclusion(
        said.id,
        title_zh=said.title.zh,
        title_en=said.title.en,
        source=said.source,
        of=said.of,
        any=said.any,
        cases=tuple(map(_case, said.cases)),
    )


def _case(said: ExclusionCaseSaid) -> ExclusionCase:
    return ExclusionCase(
        said.source,
        said.projects,
        said.counties,
        said.units,
        during=_days(said.during),
        landed=_days(said.landed),
    )


def _days(said: Days | None) -> DaySpan | None:
    if said is None:
        return None
    return DaySpan(
        date.fromisoformat(said.since) if said.since else None,
        date.fromisoformat(said.until) if said.until else None,
    )


def _facts(measure: Measure) -> tuple[str, ...]:
    if measure.excess is not None:
        return measure.excess.fact, measure.excess.over
    named = (measure.fact, measure.distinct, measure.average, measure.median, measure.sum)
    return tuple(one for one in named if one is not None)


def _unit(measure: Measure, known: Mapping[str, FactName]) -> str | None:
    """The unit of what is measured; None where a fact is not known."""
    if measure.excess is not None or measure.share is not None:
        return "share"
    if measure.count or measure.distinct:
        return "count"
    fact = known.get(next(iter(_facts(measure)), ""))
    return fact.unit if fact is not None else None


def _version(file: IndicatorsFile, said: IndicatorSaid, out: Sequence[Exclusion]) -> str:
    about = file.model_dump(mode="json", exclude={"indicators", "title"})
    named = [[one.id, list(one.any), *map(str, one.cases)] for one in out]
    whole = [about, said.model_dump(mode="json"), named]
    text = json.dumps(whole, ensure_ascii=False, sort_keys=True, default=str)
    return sha256(text.encode()).hexdigest()[:12]

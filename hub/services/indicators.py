"""Indicators: what is in force, one in words and as a statement, figures, and who
would be accused by a file before it counts.

A figure is `value, n, not judged with reasons, excluded by name`: what cannot be judged is neither
green nor red, and is said beside every number.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import PurePath
from typing import Literal

from pydantic import JsonValue

from hub.auth.context import JUDGING, SUPERVISING, RequestContext
from hub.db import facts
from hub.db.facts import judgements
from hub.db.facts.judgements import CellSum
from hub.db.facts.judging import ROWS, statement
from hub.domain import load
from hub.domain.indicators import Exclusion, Indicator
from hub.pipeline import indicators
from hub.services import naming
from hub.services.indicator_words import sentence

By = Literal["", "unit", "county", "code", "flow_kind", "period"]
TENTHS = 10
LAST_BIN = 1_000


@dataclass(frozen=True, slots=True)
class LevelBound:
    """A level and the bound beyond which it is met; word: at_least, at_most, above, below."""

    level: str
    word: str
    than: float


@dataclass(frozen=True, slots=True)
class IndicatorView:
    """One indicator as its file says it. counted: whether its hits and figures count."""

    id: str
    file: str
    title_zh: str
    title_en: str
    source: str
    status: str
    since: date | None
    until: date | None
    regions: tuple[str, ...]
    of: str
    measure: str
    unit: str
    levels: tuple[LevelBound, ...]
    counts: str
    target: LevelBound | None
    better: str
    exclude: tuple[str, ...]
    responsible: str
    explain_days: int | None
    publish: str
    version: str
    sentence_zh: str
    sentence_en: str

    @property
    def counted(self) -> bool:
        return self.status == "in_force"


@dataclass(frozen=True, slots=True)
class ExclusionView:
    """A named exclusion, with who says so."""

    id: str
    title_zh: str
    title_en: str
    source: str


@dataclass(frozen=True, slots=True)
class IndicatorCatalogue:
    """Every indicator with a file. at: the moment as at which hits and figures stand (None: never
    judged yet). stale: files have changed since.
    """

    at: datetime | None
    stale: bool
    indicators: tuple[IndicatorView, ...]
    exclusions: tuple[ExclusionView, ...]


@dataclass(frozen=True, slots=True)
class IndicatorExplained:
    """An indicator, the statement that judges by it, its parameters, and its plan."""

    indicator: IndicatorView
    statement: str
    parameters: dict[str, JsonValue]
    plan: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A figure of one part (unit, county, month ...), or of all: value None: nothing was judged.

    n: judged; counted: of these beyond the level that counts, or what a share counts; levels: how
    many at each; not_judged, excluded: how many by reason. median, p90: of averages, to a tenth.
    """

    part: str
    value: float | None
    n: int
    counted: int
    levels: dict[str, int]
    not_judged: dict[str, int]
    excluded: dict[str, int]
    median: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of an indicator over months, and its parts. at: the moment as at which it stands."""

    indicator: str
    unit: str
    version: str
    since: date
    until: date
    at: datetime | None
    whole: Part
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """What an indicator as the files now say it would find, beside what stands."""

    indicator: str
    version: str
    since: date
    until: date
    stands: Part
    would: Part
    new: tuple[str, ...]
    gone: tuple[str, ...]


def catalogue(context: RequestContext) -> IndicatorCatalogue:
    """Every indicator and exclusion of the files."""
    context.require(JUDGING)
    supervision = context.hub.contracts.supervision
    with context.hub.database.read() as tx:
        stands = judgements.state(tx)
    return IndicatorCatalogue(
        stands.at,
        indicators.stale(stands, context.hub.contracts),
        tuple(_view(one) for one in supervision.indicators),
        tuple(map(_exclusion, supervision.exclusions.values())),
    )


def explain(context: RequestContext, name: str) -> IndicatorExplained:
    """An indicator in words and as the statement that PostgreSQL runs; UnknownNameError where none
    is called so.
    """
    context.require(JUDGING)
    one = _named(context, name)[0]
    composed, own = statement(one, _named(context, name), some=False)
    with context.hub.database.read(snapshot=True, scratch=True) as tx:
        stands = facts.state(tx)
        plan: tuple[str, ...] = ()
        if stands.calendar is not None and stands.until is not None:
            asked = judgements.moment(tx, stands.calendar, stands.until)
            plan = tuple(judgements.plan(tx, composed, {**asked, **own}))
        text = composed.as_string(tx)
    told: dict[str, JsonValue] = {key: _told(value) for key, value in own.items()}
    return IndicatorExplained(_view(one), text, told, plan)


def figure(
    context: RequestContext,
    name: str,
    *,
    since: date,
    until: date,
    by: By = "",
    county: str = "",
    unit: str | None = None,
) -> Figure:
    """The figure of an indicator over the months of these days, and by what is asked for.

    Of a supervisor's regions alone where he has some. Raises UnknownNameError.
    """
    context.require(JUDGING)
    naming.one_of("unit", unit, list(context.hub.contracts.units))
    one = _named(context, name)[0]
    asked = {
        "indicator": name,
        "since": since.replace(day=1),
        "until": until,
        "county": county,
        "unit": unit,
        "counties": counties(context),
    }
    with context.hub.database.read() as tx:
        stands = judgements.state(tx)
        whole = judgements.figures(tx, "", asked)
        parts = judgements.figures(tx, by, asked) if by else []
    return Figure(
        name,
        one.unit,
        one.version,
        since.replace(day=1),
        until,
        stands.at,
        _part(one, "", whole),
        tuple(
            _part(one, part, [cell for cell in parts if cell.part == part])
            for part in dict.fromkeys(cell.part for cell in parts)
        ),
    )


def checked(context: RequestContext, path: str, text: str) -> tuple[IndicatorView, ...]:
    """The indicators of a file that is not in force, by the exclusions that are; raises
    ContractsInvalidError with every problem of it.
    """
    context.require(JUDGING)
    return tuple(map(_view, _read(context, path, text)))


def try_file(
    context: RequestContext, path: str, text: str, *, since: date, until: date
) -> tuple[Tried, ...]:
    """Who would be accused by each indicator of a file before it counts, beside what stands."""
    context.require(JUDGING)
    several = _read(context, path, text)
    return tuple(
        _tried(context, [one for one in several if one.id == name], since=since, until=until)
        for name in dict.fromkeys(one.id for one in several)
    )


def try_out(context: RequestContext, name: str, *, since: date, until: date) -> Tried:
    """What an indicator as its files now say it (drafts too) finds in these months, beside what
    stands. Nothing is kept.
    """
    context.require(JUDGING)
    return _tried(context, _named(context, name), since=since, until=until)


def _read(context: RequestContext, path: str, text: str) -> tuple[Indicator, ...]:
    name = f"mappings/indicators/{PurePath(path).name}"
    known = context.hub.contracts.supervision.exclusions
    return load.indicators_of({name: text}, known).indicators


def _tried(context: RequestContext, several: list[Indicator], *, since: date, until: date) -> Tried:
    name = several[0].id
    asked = {"indicator": name, "since": since.replace(day=1), "until": until}
    asked |= {"county": "", "unit": None, "counties": counties(context)}
    with context.hub.database.read(snapshot=True, scratch=True) as tx:
        stood = judgements.figures(tx, "", asked)
        former = judgements.subjects(tx, asked, made=False)
        moment = judgements.state(tx).at or datetime.now(UTC)
        indicators.try_out(tx, context.hub.contracts, several, now=moment)
        would = judgements.figures(tx, "", asked, made=True)
        found = judgements.subjects(tx, asked, made=True)
    one = several[0]
    return Tried(
        name,
        one.version,
        since.replace(day=1),
        until,
        _part(one, "", stood),
        _part(one, "", would),
        tuple(sorted(found - former)),
        tuple(sorted(former - found)),
    )


def counties(context: RequestContext) -> list[str] | None:
    """The regions that a supervisor sees; None: all of them."""
    if context.reader.account.role not in SUPERVISING:
        return None
    return list(context.reader.account.regions)


def last_month(today: date) -> tuple[date, date]:
    """First and last day of the month before."""
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def _named(context: RequestContext, name: str) -> list[Indicator]:
    every = context.hub.contracts.supervision.indicators
    naming.one_of("indicator", name, [one.id for one in every])
    return [one for one in every if one.id == name]


def _view(one: Indicator) -> IndicatorView:
    target = LevelBound("target", *one.target) if one.target else None
    return IndicatorView(
        one.id,
        one.file,
        title_zh=one.title_zh,
        title_en=one.title_en,
        source=one.source,
        status=one.status,
        since=one.since,
        until=one.until,
        regions=one.regions,
        of=one.of,
        measure=one.measure,
        unit=one.unit,
        levels=tuple(LevelBound(each.level, each.word, each.than) for each in one.bounds),
        counts=one.counts,
        target=target,
        better=one.better,
        exclude=tuple(out.id for out in one.exclude),
        responsible=one.responsible,
        explain_days=one.explain_days,
        publish=one.publish,
        version=one.version,
        sentence_zh=sentence(one, "zh"),
        sentence_en=sentence(one, "en"),
    )


def _exclusion(one: Exclusion) -> ExclusionView:
    return ExclusionView(one.id, one.title_zh, one.title_en, one.source)


def _told(value: object) -> JsonValue:
    return [str(one) for one in value] if isinstance(value, list) else str(value)


def _part(one: Indicator, part: str, cells: Iterable[CellSum]) -> Part:
    by: dict[str, dict[str, CellSum]] = {}
    for cell in cells:
        by.setdefault(cell.tells, {})[cell.detail] = cell
    judged = by.get("judged", {}).get("")
    counted = by.get("counted", {}).get("")
    bins = {int(name): cell.n for name, cell in by.get("bin", {}).items()}
    return Part(
        part,
        _value(one, judged, counted, bins),
        n=judged.n if judged else 0,
        counted=counted.n if counted else 0,
        levels=_counts(by.get("level", {})),
        not_judged=_counts(by.get("not_judged", {})),
        excluded=_counts(by.get("excluded", {})),
        median=_quantile(bins, 0.5),
        p90=_quantile(bins, 0.9),
    )


def _counts(cells: dict[str, CellSum]) -> dict[str, int]:
    return {name: cell.n for name, cell in cells.items()}


def _value(
    one: Indicator, judged: CellSum | None, counted: CellSum | None, bins: dict[int, int]
) -> float | None:
    """A share of what is judged, a mean or a sum of it; of what levels judge how many count."""
    if judged is None or not judged.n:
        return None
    if one.measure in ROWS:
        return float(counted.n if counted else 0)
    if one.measure == "share":
        return (counted.n if counted else 0) / judged.n
    if one.measure == "average":
        return judged.total / judged.n
    if one.measure == "median":
        return _quantile(bins, 0.5)
    return float(judged.n) if one.measure == "distinct" else judged.total


def _quantile(bins: dict[int, int], share: float) -> float | None:
    """The upper edge of the tenth of a day below which this share lies; None above the last."""
    whole, passed = sum(bins.values()), 0
    for tenth, n in sorted(bins.items()):
        passed += n
        if passed >= share * whole:
            return None if tenth >= LAST_BIN else (tenth + 1) / TENTHS
    return None

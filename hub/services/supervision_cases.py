"""督办件: what the reform office asks of a unit about what is late or was found, and the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, get_args

from pydantic import Field

from hub.auth.context import ASKING, HANDING_IN, SUPERVISING, RequestContext
from hub.db import supervision_cases as store
from hub.db.database import Transaction
from hub.db.facts import hit_acts, lights
from hub.db.supervision_cases import NewAct, NewCase, SupervisionAct, SupervisionCase
from hub.domain.government_units import aliases
from hub.domain.times import HUB_ZONE
from hub.errors import FlowError
from hub.services import hits
from hub.services.hits import HitState
from hub.services.lights import LightScope
from hub.services.view import Title, extended
from hub.texts import tell

Step = Literal["reminder", "supervision"]
Rung = Literal["reminder", "supervision", "circular", "interview"]
State = Literal["open", "answered", "closed"]
TERMS: Mapping[str, int] = {"reminder": 3, "supervision": 5}
"""Working days to answer: our own choice (本项目约定), no text gives them."""
LADDER: tuple[Rung, ...] = ("reminder", "supervision", "circular", "interview")
"""提醒, 督办, 通报, 约谈: the last two need circulars, which cannot be made here yet."""
LONGEST = 4000
MOST_ABOUT = 50
COUNTY = 2
"""Digits of each part of a region code."""
SCOPES: tuple[LightScope, ...] = get_args(LightScope)
STATES: dict[str, State] = {"answered": "answered", "accepted": "closed"}
ASKABLE: frozenset[HitState] = frozenset({"told", "confirmed"})
"""Hits that a case may be about: the unit was told, and does not wait for a decision."""


@dataclass(frozen=True, slots=True)
class CaseView(SupervisionCase):
    """A case. state: open (the unit has to answer), answered, closed. late: past its due date.

    next_step: what is proposed because no answer came in time; a person takes it. null: nothing.
    """

    state: State
    late: bool
    next_step: Literal["supervision", "interview"] | None


@dataclass(frozen=True, slots=True)
class CaseSubject:
    """What a case is about, as it stands now: a clock (scope, record_id, light) or a hit (hit_id,
    hit_state, sentence). gone: it is over, or no longer so. All null: not shown to the reader.
    """

    scope: LightScope | Literal["hit"]
    project_code: str | None
    record_id: int | None
    light: str | None
    hit_id: int | None
    hit_state: HitState | None
    sentence: Title | None
    gone: bool


@dataclass(frozen=True, slots=True)
class LadderStep:
    """A rung of the ladder. days: to answer. waits: it cannot be taken here yet."""

    step: Rung
    days: int | None
    state: Literal["done", "now", "next", "waits"]


@dataclass(frozen=True, slots=True)
class CaseSheet(CaseView):
    """A case with what it is about, its acts, the ladder, and what the reader may do now."""

    subjects: tuple[CaseSubject, ...]
    acts: list[SupervisionAct]
    ladder: tuple[LadderStep, ...]
    acts_now: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClockRef:
    """A clock that a case is about."""

    scope: LightScope
    record_id: int


@dataclass(frozen=True, slots=True)
class CaseOpening:
    """What is asked of a unit about clocks or hits. department: one of those that handle every
    record; empty: the unit of the hits. days: working days to answer, 0 for those of the step.
    """

    ask: Annotated[str, Field(max_length=LONGEST)]
    department: Annotated[str, Field(max_length=200)] = ""
    clocks: tuple[ClockRef, ...] = ()
    hits: tuple[int, ...] = ()
    step: Step = "reminder"
    days: int = 0


@dataclass(frozen=True, slots=True)
class _About:
    """One thing that a case is about: as it is kept, where, and under which names its unit."""

    ref: str
    project_code: str
    region: str
    names: tuple[str, ...]


def listed(
    context: RequestContext, *, closed: bool = False, before: int = store.LAST, most: int = 50
) -> list[CaseView]:
    """Cases, newest first: of the reader's regions, or of his unit. before: the last id shown."""
    context.require(ASKING)
    with context.read() as tx:
        found = store.cases(tx, closed=closed, before=before, most=most)
    return [_view(one) for one in found]


def one(context: RequestContext, case_id: int) -> CaseSheet:
    """A case with its acts; FlowError (supervision.case_unknown) where the reader sees none."""
    context.require(ASKING)
    with context.read() as tx:
        found = _found(tx, case_id)
        acts = store.acts(tx, case_id)
        subjects = tuple(_subject(context, tx, ref) for ref in found.about)
    seen = [each.record_id for each in subjects if each.record_id is not None]
    context.saw(seen, project_code=found.project_codes[0])
    return extended(
        _view(found),
        CaseSheet,
        subjects=subjects,
        acts=acts,
        ladder=_ladder(found),
        acts_now=tuple(kind for kind in _open(found) if _may(context, found, kind)),
    )


def open_case(context: RequestContext, asked: CaseOpening) -> CaseSheet:
    """Open a case of a unit about clocks that it handles or hits that it was told of.

    FlowError: supervision.not_theirs, supervision.not_told, supervision.mixed,
    supervision.case_stands, supervision.words_needed.
    """
    if not context.operating:
        context.require(SUPERVISING)
    text, now = _text(asked.ask), datetime.now(UTC)
    if not 0 < len(asked.clocks) + len(asked.hits) <= MOST_ABOUT:
        raise FlowError("supervision.about_nothing", most=MOST_ABOUT)
    with context.hub.database.write() as tx:
        store.lock(tx)
        about = [*(_clock(context, tx, ref) for ref in asked.clocks)]
        about += [_hit(context, tx, number) for number in asked.hits]
        department = asked.department or about[0].names[0]
        names = _names(context, department)
        region = _region(context, about)
        for each in about:
            if not set(names) & set(each.names):
                raise FlowError("supervision.not_theirs", department=department)
        refs = list(dict.fromkeys(each.ref for each in about))
        if store.is_open(tx, refs, names):
            raise FlowError("supervision.case_stands", department=department)
        codes = list(dict.fromkeys(each.project_code for each in about))
        series = tell("督〔{year}〕{n}号", "zh", year=now.astimezone(HUB_ZONE).year, n="#")
        new = NewCase(department, names, region, codes, refs, text, now, series)
        made = store.open_case(tx, new)
        due = _due(context, now, asked.days or TERMS[asked.step])
        store.act(tx, made, NewAct("opened", asked.step, context.by, now, text, due))
    return one(context, made)


def answer(context: RequestContext, case_id: int, text: str) -> CaseSheet:
    """The unit's answer; FlowError (supervision.out_of_turn) unless one is awaited."""
    return _acted(context, case_id, "answered", text)


def accept(context: RequestContext, case_id: int, text: str) -> CaseSheet:
    """End a case: the answer is accepted, or what it was about is put right."""
    return _acted(context, case_id, "accepted", text)


def send_back(context: RequestContext, case_id: int, text: str) -> CaseSheet:
    """Send an answer back with a reason; the term begins anew."""
    return _acted(context, case_id, "sent_back", text)


def extend(context: RequestContext, case_id: int, text: str) -> CaseSheet:
    """Give a unit the term once more, once, with a reason."""
    return _acted(context, case_id, "extended", text)


def raise_step(context: RequestContext, case_id: int, text: str) -> CaseSheet:
    """Make a reminder (提醒) a case of supervision (督办); its term begins."""
    return _acted(context, case_id, "raised", text)


def _acted(context: RequestContext, case_id: int, kind: str, text: str) -> CaseSheet:
    said, now = _text(text), datetime.now(UTC)
    with context.read() as tx:  # whose it is, PostgreSQL says
        _found(tx, case_id)
    with context.hub.database.write() as tx:
        store.lock(tx)
        found = _found(tx, case_id)
        if not _may(context, found, kind):
            raise FlowError("access.role", role=context.reader.account.role)
        if kind not in _open(found):
            raise FlowError("supervision.out_of_turn", number=found.number)
        step: Step = "supervision" if kind == "raised" or found.step != "reminder" else "reminder"
        begins = kind in {"raised", "extended", "sent_back"}
        due = _due(context, now, TERMS[step]) if begins else found.due_at
        store.act(tx, case_id, NewAct(kind, step, context.by, now, said, due))
    return one(context, case_id)


def _open(found: SupervisionCase) -> tuple[str, ...]:
    """What the state allows, whoever asks."""
    state = _view(found).state
    if state == "closed":
        return ()
    if state == "answered":
        return ("accepted", "sent_back")
    once = ("extended",) if not found.extended else ()
    return ("answered", "accepted", *once, *(("raised",) if found.step == "reminder" else ()))


def _may(context: RequestContext, found: SupervisionCase, kind: str) -> bool:
    """The unit answers, the supervisor of the region does everything else."""
    account = context.reader.account
    if context.operating:
        return True
    if kind == "answered":
        return account.role in HANDING_IN and account.department in found.names
    return _supervised(context, found.region)


def _supervised(context: RequestContext, region: str) -> bool:
    account = context.reader.account
    inside = account.role in SUPERVISING and region.startswith(tuple(account.regions))
    return inside or context.operating


def _clock(context: RequestContext, tx: Transaction, ref: ClockRef) -> _About:
    found = store.clock(tx, ref.scope, ref.record_id)
    if found is None or not _supervised(context, found.region):
        raise FlowError("ask.record_unknown", record=ref.record_id)
    kept = f"{ref.scope}:{ref.record_id}"
    return _About(kept, found.project_code, found.region[:6], tuple(found.units or ()))


def _hit(context: RequestContext, tx: Transaction, number: int) -> _About:
    found = hits.found(context, tx, number)
    if not _supervised(context, found.county):
        raise FlowError("hit.unknown", id=number)
    if found.state not in ASKABLE or found.unit is None:
        raise FlowError("supervision.not_told", id=number)
    unit = context.hub.contracts.units.get(found.unit)
    names = (unit.title_zh, *unit.names) if unit else (found.unit,)
    kept = f"hit:{found.indicator}:{found.subject}"
    return _About(kept, found.project_code, found.county, names)


def _names(context: RequestContext, department: str) -> list[str]:
    """Every name of a unit that mappings/units.yaml knows; of another its own."""
    units = context.hub.contracts.units
    known = units.get(aliases(units).get(department, ""))
    return list(dict.fromkeys((department, *(known.names if known else ()))))


def _region(context: RequestContext, about: Sequence[_About]) -> str:
    """The narrowest region that holds all of it, within the supervisor's own."""
    region = about[0].region
    while not all(each.region.startswith(region) for each in about):
        region = region[:-COUNTY]
    if not region or not _supervised(context, region):
        raise FlowError("supervision.mixed")
    return region


def _subject(context: RequestContext, tx: Transaction, ref: str) -> CaseSubject:
    scope, _, rest = ref.partition(":")
    if scope == "hit":
        return _hit_subject(context, tx, rest)
    known = next(one for one in SCOPES if one == scope)
    shown = lights.at_places(tx, scope, [int(rest)])
    if not shown:
        return CaseSubject(known, None, None, None, None, None, None, gone=False)
    row = shown[0]
    over = row.ended is not None
    return CaseSubject(
        known, row.project_code, row.record_id, row.light, None, None, None, gone=over
    )


def _hit_subject(context: RequestContext, tx: Transaction, rest: str) -> CaseSubject:
    indicator, _, subject = rest.partition(":")
    number = hit_acts.newest(tx, indicator, subject)
    if number is None:
        return CaseSubject("hit", None, None, None, None, None, None, gone=False)
    found = hits.found(context, tx, number)
    return CaseSubject(
        "hit",
        found.project_code,
        found.record_id,
        None,
        found.id,
        found.state,
        found.sentence,
        gone=found.cleared_at is not None,
    )


def _ladder(found: SupervisionCase) -> tuple[LadderStep, ...]:
    """Each rung: behind, now, next, or waiting until circulars can be made here."""
    at = LADDER.index("reminder" if found.step == "reminder" else "supervision")
    rungs = []
    for place, step in enumerate(LADDER):
        days = TERMS.get(step)
        if days is None:
            rungs.append(LadderStep(step, None, "waits"))
        elif place == at:
            rungs.append(LadderStep(step, days, "now"))
        else:
            rungs.append(LadderStep(step, days, "done" if place < at else "next"))
    return tuple(rungs)


def _found(tx: Transaction, case_id: int) -> SupervisionCase:
    found = store.cases(tx, case_id=case_id)
    if not found:
        raise FlowError("supervision.case_unknown", number=case_id)
    return found[0]


def _view(found: SupervisionCase) -> CaseView:
    state = STATES.get(found.last_act, "open")
    late = state == "open" and found.due_at < datetime.now(UTC)
    proposed: Literal["supervision", "interview"] = (
        "supervision" if found.step == "reminder" else "interview"
    )
    return extended(found, CaseView, state=state, late=late, next_step=proposed if late else None)


def _text(text: str) -> str:
    said = text.strip()
    if not said or len(said) > LONGEST:
        raise FlowError("supervision.words_needed", most=LONGEST)
    return said


def _due(context: RequestContext, begins: datetime, days: int) -> datetime:
    """The end of so many working days, the first not counted."""
    clock = context.hub.contracts.clock
    if clock is None:
        return begins + timedelta(days=days)
    due: datetime = clock.calendar.after(clock.calendar.next_day(begins), days)
    return due

"""Statutory clocks: working days used by a stage, item or project against its limit; traffic light.

Suspended time does not count, overlapping handling counts once. A term of whole days begins the day
after, one of half a day at its moment. Caps of stages and of projects are separate rules.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from hub.domain.workdays import Calendar

Span = tuple[datetime, datetime | None]
"""(begin, end) of a period; end None: not over."""

Scope = Literal[
    "project",
    "stage",
    "item",
    "utility",
    "case",
    "average",
    "dispute",
    "answer",
    "extend",
    "supply",
    "catalogue",
    "catalogue_extend",
    "catalogue_review",
]
Status = Literal["draft", "in_force", "withdrawn"]
Light = Literal["green", "yellow", "red", "none"]


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit in working days: of what, for which projects, and who says so since when.

    of: the stage, the standard item, the utility or (scope case) the entity; "" of all. regions:
    beginnings of region codes, none: everywhere. when: what must be so of the record, or of its
    project (`project.flow_kind`). average: a target for many, no cap. article: where in the source
    it stands. classes: which classes of data are shared without conditions.
    """

    document: str
    title_zh: str
    title_en: str
    source: str
    status: Status
    since: date | None
    until: date | None
    regions: tuple[str, ...]
    scope: Scope
    of: str
    when: Mapping[str, tuple[str, ...]]
    days: float
    phrase: str
    lead: str
    article: str = ""
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClockRules:
    """How clocks run: the calendar, the statuses of items that start, stop and suspend them, and
    the lights.

    yellow, red, grave: from which share of a limit on the light is yellow, beyond which it is red,
    beyond which that is grave (None: never). parallel: stages that count to no project. received:
    the statuses of what has come in and is not accepted yet. applicant: the statuses that suspend a
    clock until the applicant has acted. ends: what a final status means; lawful: the kinds of
    special procedures that stop the clock of the law.
    """

    calendar: Calendar
    accepted: frozenset[str]
    finished: frozenset[str]
    suspended: tuple[tuple[str, str], ...]
    parallel: frozenset[str]
    yellow: float
    red: float
    grave: float | None = None
    received: frozenset[str] = frozenset()
    applicant: frozenset[str] = frozenset()
    ends: Mapping[str, frozenset[str]] = field(default_factory=dict)
    lawful: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Milestone:
    """A closing result: a document of one of these kinds ends the stage, or the whole project where
    stage is None.

    flow_kinds: of projects of these kinds only, none: of all.
    """

    stage: str | None
    documents: tuple[str, ...]
    flow_kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RequiredItems:
    """The items of its flow that must have passed for a stage to end, by their local codes.

    items: none: all of the flow. flow_kinds: of projects of these kinds only, none: of all.
    """

    stage: str
    items: tuple[str, ...]
    flow_kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StageRules:
    """When a stage ends to which its source gives no end.

    failed: the statuses of items that gave nothing. days: how many working days after the last of
    them, when nothing was filed any more, the stage has ended without a result. void_projects,
    void_documents: the statuses of what is out of all figures, and of papers that end nothing.
    required: rules for stages whose flow is known; they go before closing results.
    """

    failed: frozenset[str]
    days: int
    milestones: tuple[Milestone, ...]
    void_projects: frozenset[str] = frozenset()
    void_documents: frozenset[str] = frozenset()
    required: tuple[RequiredItems, ...] = ()


@dataclass(frozen=True, slots=True)
class Handling:
    """When an item was taken up and finished, and when its clock stood."""

    accepted: datetime | None
    finished: datetime | None
    suspended: tuple[Span, ...]

    @property
    def spans(self) -> tuple[Span, ...]:
        """The time in which its clock ran, suspensions left in."""
        return () if self.accepted is None else ((self.accepted, self.finished),)


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What a clock shows. used: working days; due: when the limit is reached, None while nobody can
    say.

    limit: the rule that the days come from, None where the source itself gave them. stands: the
    clock is suspended now.
    """

    began: datetime | None
    ended: datetime | None
    used: float
    days: float | None
    limit: Limit | None
    stands: bool
    due: datetime | None
    light: Light


def handling(
    rules: ClockRules, steps: Iterable[tuple[str, datetime]], more: Iterable[Span] = ()
) -> Handling:
    """Handling of an item from its steps (status, time); more: suspensions recorded elsewhere."""
    ordered = sorted(steps, key=lambda step: step[1])
    taken_up = [at for status, at in ordered if status in rules.accepted]
    accepted = taken_up[0] if taken_up else None
    finished = next(
        (
            at
            for status, at in ordered
            if taken_up and at >= taken_up[-1] and status in rules.finished
        ),
        None,
    )
    suspended: list[Span] = list(more)
    for begins, ends in rules.suspended:
        since: datetime | None = None
        for status, at in sorted(ordered, key=lambda step: (step[1], step[0] == ends)):
            if status == begins and since is None:
                since = at
            elif status == ends and since is not None:
                suspended.append((since, at))
                since = None
        if since is not None:
            suspended.append((since, None))
    return Handling(accepted, finished, tuple(suspended))


def running(spans: Iterable[Span], suspended: Iterable[Span]) -> list[Span]:
    """The spans minus suspensions, merged: overlapping time counts once."""
    found: list[Span] = []
    standing = joined(suspended)
    for begin, end in joined(spans):
        at: datetime | None = begin
        for since, until in standing:
            if at is None or (end is not None and since >= end):
                break
            if until is not None and until <= at:
                continue
            if since > at:
                found.append((at, since))
            at = until
        if at is not None and (end is None or at < end):
            found.append((at, end))
    return found


def joined(spans: Iterable[Span]) -> list[Span]:
    """The spans merged and in order; those that end before they begin are dropped."""
    found: list[Span] = []
    for begin, end in sorted(
        (one for one in spans if one[1] is None or one[0] < one[1]), key=lambda one: one[0]
    ):
        last = found[-1] if found else None
        if last is None or (last[1] is not None and last[1] < begin):
            found.append((begin, end))
        elif last[1] is not None and (end is None or end > last[1]):
            found[-1] = (last[0], end)
    return found


def read(
    rules: ClockRules,
    ran: Sequence[Span],
    *,
    over: bool,
    days: float | None,
    limit: Limit | None,
    now: datetime,
) -> ClockReading:
    """Read a clock that ran in these spans (of `running`) against a limit of `days`."""
    calendar = rules.calendar
    counted = list(ran)
    if ran and (days is None or days == int(days)):
        first = calendar.next_day(ran[0][0])
        counted = joined((max(begin, first), end) for begin, end in ran)
    used = sum(calendar.between(begin, end or now) for begin, end in counted)
    return ClockReading(
        began=ran[0][0] if ran else None,
        ended=ran[-1][1] if ran and over else None,
        used=used,
        days=days,
        limit=limit,
        stands=bool(ran) and not over and ran[-1][1] is not None,
        due=_reached(calendar, counted, days) if days is not None else None,
        light=light(rules, used, days),
    )


def light(rules: ClockRules, used: float, days: float | None) -> Light:
    """The light: green, yellow from a share of the limit, red beyond it; "none" without a limit."""
    if days is None:
        return "none"
    if used > rules.red * days:
        return "red"
    return "yellow" if used >= rules.yellow * days and days > 0 else "green"


def binding(
    limits: Iterable[Limit],
    scope: Scope,
    of: str,
    *,
    facts: Mapping[str, str],
    region: str,
    on: date,
) -> list[Limit]:
    """The limits that apply that day, tightest first; drafts after those in force."""
    found = [
        limit
        for limit in limits
        if limit.scope == scope
        and limit.of in {"", of}
        and limit.status != "withdrawn"
        and (limit.since is None or limit.since <= on)
        and (limit.until is None or on <= limit.until)
        and (not limit.regions or region.startswith(limit.regions))
        and all(facts.get(name) in values for name, values in limit.when.items())
    ]
    return sorted(found, key=lambda limit: (limit.status == "draft", limit.days))


def _reached(calendar: Calendar, spans: Sequence[Span], days: float) -> datetime | None:
    """When `days` working days have run; None if they have not and the clock is stopped."""
    left = days
    for begin, end in spans:
        ran = left if end is None else calendar.between(begin, end)
        if ran >= left:
            return calendar.after(begin, left)
        left -= ran
    return None

"""Input of computed facts, as data for the database: calendar days, statuses, limits, results."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from hashlib import sha256
from typing import NamedTuple

from pydantic import TypeAdapter

from hub.domain import scenarios
from hub.domain.clock import ClockRules, Limit, StageRules
from hub.domain.contracts import Contracts
from hub.domain.declared import Timing
from hub.domain.workdays import Calendar
from hub.model import Json

FIRST, LAST = date(1990, 1, 1), date(2099, 12, 31)
"""Range of the worked axis; instants outside count as its ends."""
EPOCH = date(1970, 1, 1)
HALF = 43_200
"""Units of half a worked day on the axis, whatever its hours."""
UNITS = 2 * HALF
SCOPES = ("project", "stage", "item", "utility", "case")
"""Scopes of limits with clocks; utility: of a connection, case: of one entity's records."""
_TIMING = TypeAdapter(Timing)
_TIMINGS = TypeAdapter(tuple[Timing, ...])


class Workday(NamedTuple):
    """A day on the axis. n: days since 1970; half: 0 or 1 if one is worked; before: its start."""

    n: int
    worked: bool
    half: int | None
    before: int


def workdays(calendar: Calendar) -> list[Workday]:
    """The days of a calendar, plus one at the end where the last one ends."""
    days, before = [], 0
    for number in range((LAST - FIRST).days + 2):
        day = FIRST + timedelta(days=number)
        halves = calendar.worked_halves(day)
        half = calendar.halves.index(halves[0]) if len(halves) == 1 else None
        days.append(Workday((day - EPOCH).days, bool(halves), half, before))
        before += HALF * len(halves)
    return days


def hours(calendar: Calendar) -> tuple[int, int, int, int]:
    """Opening and close of both halves, in seconds of the day."""
    (first, second), (third, fourth) = calendar.halves
    return _seconds(first), _seconds(second), _seconds(third), _seconds(fourth)


def version_of(calendar: Calendar, days: Iterable[Workday]) -> str:
    """Hash of an axis: equal days and hours, equal version."""
    return version_of_days(calendar.zone.key, hours(calendar), days)


def version_of_days(
    zone: str, opening: Sequence[int], days: Iterable[Sequence[int | bool | None]]
) -> str:
    """The same for an axis as stored."""
    return _hash([zone, list(opening), [list(day) for day in days]])


def references(limits: Sequence[Limit]) -> dict[str, Limit]:
    """Reference (document and place in it) -> limit, as facts name them."""
    counted: dict[str, int] = {}
    found = {}
    for limit in limits:
        counted[limit.document] = counted.get(limit.document, 0) + 1
        if limit.scope in SCOPES:
            found[f"{limit.document}:{counted[limit.document]}"] = limit
    return found


def fact_parameters(contracts: Contracts) -> dict[str, Json] | None:
    """Parameters of the statements on facts, besides the calendar; None where no clock runs."""
    rules, stages, limits = contracts.clock, contracts.stages, contracts.limits
    if rules is None:
        return None
    calendar = rules.calendar
    more: dict[str, Json] = {}
    if computed := scenarios.parameters(contracts.scenarios):
        more["scenarios"] = computed
    return {
        **more,
        "clocks": [
            _TIMING.dump_python(_settled(one, rules, stages), mode="json")
            for _, entity in sorted(contracts.entities.items())
            if (one := entity.clock) is not None
        ],
        "days": {
            "closed": _texts(day.isoformat() for day in calendar.closed),
            "worked": _texts(day.isoformat() for day in calendar.worked),
            "half": {day.isoformat(): half for day, half in (calendar.half or {}).items()},
            "hours": [*hours(calendar)],
        },
        "received": _texts(rules.received),
        "accepted": _texts(rules.accepted),
        "finished": _texts(rules.finished),
        "failed": _texts(stages.failed) if stages else [],
        "without_units": stages.days * UNITS if stages else None,
        "void_projects": _texts(stages.void_projects) if stages else [],
        "void_documents": _texts(stages.void_documents) if stages else [],
        "parallel": _texts(rules.parallel),
        "suspended": [
            {"n": n, "since": begins, "until": ends, "applicant": begins in rules.applicant}
            for n, (begins, ends) in enumerate(rules.suspended)
        ],
        "yellow": rules.yellow,
        "red": rules.red,
        "grave": rules.grave,
        "milestones": [
            {
                "stage": one.stage,
                "documents": _texts(one.documents),
                "flow_kinds": _texts(one.flow_kinds),
            }
            for one in (stages.milestones if stages else ())
        ],
        "limits": [
            {"n": n, "ref": name, **_limit(limit)}
            for n, (name, limit) in enumerate(references(limits).items())
            if limit.status != "withdrawn"
        ],
    }


def timings(said: Mapping[str, Json]) -> tuple[Timing, ...] | None:
    """Roles of entities in stored rules; None for rules of a release without them."""
    return _TIMINGS.validate_python(said["clocks"]) if "clocks" in said else None


def hashed(rules: Mapping[str, Json], calendar: str) -> str:
    """Hash of rules and calendar: facts under another one are recomputed."""
    return _hash([calendar, dict(rules)])


def _settled(one: Timing, rules: ClockRules, stages: StageRules | None) -> Timing:
    """With the codes of its states, and without what only pages ask for."""
    failed = stages.failed if stages else ()
    return replace(
        one,
        fields={what: name for what, name in sorted(one.fields.items()) if what != "name"},
        finished=tuple(sorted(rules.finished)) if one.finished is None else one.finished,
        failed=tuple(sorted(failed)) if one.failed is None else one.failed,
    )


def _texts(some: Iterable[str]) -> list[Json]:
    return [*sorted(some)]


def _limit(limit: Limit) -> dict[str, Json]:
    return {
        "scope": limit.scope,
        "of": limit.of,
        "status": limit.status,
        "since": limit.since.isoformat() if limit.since else None,
        "until": limit.until.isoformat() if limit.until else None,
        "regions": _texts(limit.regions),
        "when": {name: _texts(values) for name, values in limit.when.items()},
        "days": limit.days,
    }


def _seconds(moment: time) -> int:
    return moment.hour * 3600 + moment.minute * 60 + moment.second


def _hash(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()[:16]

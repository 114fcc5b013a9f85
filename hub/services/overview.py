"""The overview: every flow's light by system and entity, and the most urgent problems."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TypeAlias, get_args

from hub.auth.context import RequestContext
from hub.db import alerts, runs
from hub.db.alerts import Alert, Failing
from hub.db.database import Transaction
from hub.db.runs import held, overview, reading
from hub.db.runs.held import HeldFlow
from hub.db.runs.overview import HOURS, FlowStanding, OpenCause
from hub.db.runs.reading import NoteRow
from hub.domain.contracts import Contracts, PullFlow, PushFlow
from hub.errors import Fault
from hub.services import failures
from hub.services.alerts import held_alert
from hub.services.failures import FaultText
from hub.services.obstacles import StandingObstacle as Obstructing
from hub.services.obstacles import standing
from hub.settings import Settings

Light: TypeAlias = Literal["green", "yellow", "red", "grey"]
WORST: tuple[Light, ...] = ("red", "yellow", "green", "grey")
FIRST = 5
"""How many urgent problems are listed."""

Subject: TypeAlias = Literal[
    "contract",
    "obstacle",
    "run",
    "held",
    "sealing",
    "stale",
    "quarantine",
    "recall",
    "dispute",
    "difference",
    "waiting",
    "finding",
]
URGENCY: tuple[Subject, ...] = get_args(Subject)
WAYS = frozenset({"pull", "push"})
"""Kinds of runs that lights are made of."""
UNREAD = "record.list_unread"
DISABLED = "flow.disabled"
"""Cause of a run refused because its contract is wrong; the contract file has its own alert."""
TOLD: Mapping[str, Subject] = {
    "alert.sealing_late": "sealing",
    "alert.recall_open": "recall",
    "alert.dispute_open": "dispute",
    "alert.dispute_accepted": "dispute",
    "alert.difference": "difference",
    "alert.waiting": "waiting",
}
"""Problems taken from the alerts as last stored; all others are read anew."""


@dataclass(frozen=True, slots=True)
class FlowNow:
    """One flow now. Counts stop at the overview's `most`.

    light: red: last run failed, a batch is held, or it may not run; yellow: late (a push: while
    something is due); grey: no run has ended yet. disabled: why it may not run. seconds: since it
    was last complete; target: within which it should be again. entries: open in quarantine. held:
    batches awaiting a decision. deliveries: due, in flight, awaiting a receipt, or dead. hours:
    records moved in each of the last 24 hours, oldest first.
    """

    flow: str
    light: Light
    disabled: FaultText | None
    seconds: float | None
    target: int
    last_run: int | None
    last_state: str | None
    last_at: datetime | None
    entries: int
    held: int
    waiting: int
    deliveries: int
    hours: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """The flows between the hub and one system about one entity. light: the worst of them."""

    system: str
    entity: str
    light: Light
    pulls: tuple[FlowNow, ...]
    pushes: tuple[FlowNow, ...]

    @property
    def flows(self) -> tuple[FlowNow, ...]:
        """Pulls, then pushes."""
        return self.pulls + self.pushes


@dataclass(frozen=True, slots=True)
class Urgent:
    """One problem: its subject, the flow, how often it occurs.

    number: of the run, recall, dispute or held batch concerned.
    """

    subject: Subject
    light: Light
    told: FaultText
    times: int
    flow: str = ""
    cause: str = ""
    number: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """most: where counts stop. more: how many urgent problems are not listed.

    lights: number of flows by light.
    """

    at: datetime
    most: int
    lights: dict[Light, int]
    sealing_seconds: float
    urgent: tuple[Urgent, ...]
    more: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class _Flow:
    """A flow with its light, and why it may not run."""

    standing: FlowStanding
    light: Light
    target: int
    hours: tuple[int, ...]
    disabled: Fault | None

    @property
    def view(self) -> FlowNow:
        one = self.standing
        return FlowNow(
            flow=one.flow,
            light=self.light,
            disabled=failures.fault_text(self.disabled) if self.disabled else None,
            seconds=one.seconds,
            target=self.target,
            last_run=one.last_run,
            last_state=one.last_state,
            last_at=one.last_at,
            entries=one.entries,
            held=one.held,
            waiting=one.waiting,
            deliveries=one.deliveries,
            hours=self.hours,
        )


def look(context: RequestContext) -> Overview:
    """The overview; its cost does not grow with the number of projects."""
    contracts, settings = context.hub.contracts, context.hub.settings
    names = dict.fromkeys([*contracts.pulls, *contracts.pushes, *sorted(contracts.disabled)])
    with context.hub.database.read() as tx:
        moved, obstacles = overview.throughput(tx), standing(tx, contracts)
        stopped = {flow: one.fault for one in obstacles for flow in one.flows} | _disabled(
            contracts
        )
        now = {
            one.flow: _lit(
                one,
                _target(contracts, one.flow),
                moved.get(one.flow, (0,) * HOURS),
                stopped.get(one.flow),
            )
            for one in overview.standing(tx, list(names), most=settings.overview_count)
        }
        return _seen(tx, contracts, settings, now, obstacles)


def _seen(
    tx: Transaction,
    contracts: Contracts,
    settings: Settings,
    now: Mapping[str, _Flow],
    obstacles: Sequence[Obstructing],
) -> Overview:
    most, lag = settings.overview_count, runs.sealing_lag(tx)
    found = [
        *_obstructed(obstacles),
        *_held(held.flows(tx)),
        *_urgent(now, overview.open_causes(tx, most=most), alerts.alerts(tx), lag, settings),
        *_beside(alerts.failing(tx)),
        *_unread(reading.notes(tx, days=settings.notes_days)),
    ]
    urgent = sorted(found, key=_rank)
    places = {name: _system_and_entity(contracts, name) for name in now}
    cells = tuple(_cell(now, places, place) for place in sorted(set(places.values())))
    shown = [flow.light for flow in now.values()]
    return Overview(
        at=datetime.now(UTC),
        most=most,
        lights={light: shown.count(light) for light in WORST},
        sealing_seconds=lag,
        urgent=tuple(urgent[:FIRST]),
        more=max(0, len(urgent) - FIRST),
        cells=cells,
    )


def _flow(contracts: Contracts, name: str) -> PullFlow | PushFlow | None:
    return contracts.pulls.get(name) or contracts.pushes.get(name)


def _target(contracts: Contracts, name: str) -> int:
    if name in contracts.pulls:
        return contracts.pulls[name].freshness_seconds
    return contracts.pushes[name].system.freshness_seconds if name in contracts.pushes else 0


def _disabled(contracts: Contracts) -> dict[str, Fault]:
    """Flows disabled by their contract files, with the reason."""
    return {
        name: Fault("", DISABLED, {"flow": name} | problems[0].explained)
        for name, problems in contracts.disabled.items()
    }


def _obstructed(obstacles: Iterable[Obstructing]) -> Iterator[Urgent]:
    """Obstacles, with the flows that they stop."""
    for one in obstacles:
        subject: Subject = "contract" if one.cause.startswith("contract ") else "obstacle"
        times = max(1, len(one.flows)) if subject == "contract" else one.times
        flow = next(iter(one.flows), "") if subject == "contract" else ""
        yield Urgent(
            subject,
            "red" if one.stops else "yellow",
            failures.fault_text(one.fault),
            times,
            flow=flow,
            at=one.since,
        )


def worst(lights: Iterable[Light]) -> Light:
    """The worst of several lights."""
    shown = set(lights)
    return next((light for light in WORST if light in shown), "grey")


def _system_and_entity(contracts: Contracts, name: str) -> tuple[str, str]:
    """System and entity of a flow; from its name where its files have never been valid."""
    flow = _flow(contracts, name)
    _, system, entity, *_ = [*name.split("."), "", ""]
    return (flow.system.name, flow.entity.name) if flow else (system, entity)


def _cell(
    now: Mapping[str, _Flow], places: Mapping[str, tuple[str, str]], place: tuple[str, str]
) -> Cell:
    here = [now[name].view for name, where in places.items() if where == place]
    pulls, pushes = (
        tuple(flow for flow in here if flow.flow.startswith(way)) for way in ("pull.", "push.")
    )
    return Cell(*place, worst(flow.light for flow in pulls + pushes), pulls, pushes)


def _lit(one: FlowStanding, target: int, hours: tuple[int, ...], disabled: Fault | None) -> _Flow:
    """Red: its last run failed, a batch is held, or it may not run.

    Yellow: not complete within the target (a push: while something is due). Grey: no run has ended.
    """
    late = one.seconds is not None and one.seconds > target
    pushes = one.flow.startswith("push.")
    if disabled is not None or _failed(one) or one.held:
        light: Light = "red"
    elif late and (one.deliveries if pushes else True):
        light = "yellow"
    else:
        light = "green" if one.ended_run is not None else "grey"
    return _Flow(one, light, target, hours, disabled)


def _failed(one: FlowStanding) -> bool:
    """Whether its last run failed by itself; having been disabled once says nothing of now."""
    return one.fault is not None and one.fault.code != DISABLED


def _urgent(
    now: Mapping[str, _Flow],
    causes: Iterable[OpenCause],
    kept: Iterable[Alert],
    lag: float,
    settings: Settings,
) -> Iterator[Urgent]:
    yield from _failing(now.values())
    yield from _stale(now.values())
    for cause in causes:
        facts = {
            "flow": cause.flow,
            "entries": str(cause.entries),
            "cause": cause.cause,
            "owner": cause.owner or "—",
        }
        facts |= dict(zip(("cause_zh", "cause_en"), failures.meaning(cause.cause), strict=True))
        yield Urgent(
            "quarantine",
            "yellow",
            failures.fault_text(Fault("", "alert.quarantine", facts)),
            cause.entries,
            flow=cause.flow,
            cause=cause.cause,
            at=cause.opened_at,
        )
    for alert in kept:
        subject = TOLD.get(alert.code)
        if subject is None or (subject == "sealing" and lag <= settings.seal_lag_seconds / 2):
            continue
        number = int(alert.facts[subject]) if subject in {"recall", "dispute"} else None
        yield Urgent(
            subject,
            "red" if subject == "sealing" else "yellow",
            failures.fault_text(Fault("", alert.code, alert.facts)),
            alert.times,
            flow=alert.facts.get("flow", ""),
            cause=alert.facts.get("class", ""),
            number=number,
            at=alert.first_at,
        )


def _held(flows: Iterable[HeldFlow]) -> Iterator[Urgent]:
    """Flows with held batches, and why."""
    for flow in flows:
        told = failures.fault_text(held_alert(flow))
        yield Urgent(
            "held", "red", told, flow.records, flow=flow.flow, number=flow.first, at=flow.since
        )


def _unread(notes: Iterable[NoteRow]) -> Iterator[Urgent]:
    """Lists in source payloads that no mapping reads."""
    for one in notes:
        code, _, place = one.cause.partition(" ")
        if code == UNREAD:
            facts = {
                "flow": one.flow,
                "times": str(one.times),
                "field": place.removeprefix("/").replace("/", "."),
            }
            told = failures.fault_text(Fault(place, "alert.list_unread", facts))
            yield Urgent(
                "finding", "yellow", told, one.times, flow=one.flow, cause=one.cause, at=one.last_at
            )


def _failing(flows: Iterable[_Flow]) -> Iterator[Urgent]:
    """Flows whose last run failed, those of one system with the same error as one problem."""
    groups: dict[tuple[str, str], list[tuple[_Flow, Fault]]] = {}
    for flow in flows:
        fault = flow.standing.fault
        if fault is not None and fault.code != DISABLED:
            groups.setdefault((flow.standing.flow.split(".")[1], fault.code), []).append(
                (flow, fault)
            )
    for members in groups.values():
        flow, fault = members[0]
        last = max(
            (one.standing for one, _ in members), key=lambda standing: standing.ended_run or 0
        )
        yield Urgent(
            "run",
            "red",
            failures.fault_text(fault),
            len(members),
            flow=flow.standing.flow,
            number=last.ended_run,
            at=last.last_at,
        )


def _beside(failing: Iterable[Failing]) -> Iterator[Urgent]:
    """Failed runs of other kinds (comparison, receipts, release ...), which no light shows."""
    for one in failing:
        if one.kind not in WAYS and one.fault.code != DISABLED:
            yield Urgent(
                "run",
                "red",
                failures.fault_text(one.fault),
                1,
                flow=one.flow,
                number=one.run,
                at=one.last_at,
            )


def _stale(flows: Iterable[_Flow]) -> Iterator[Urgent]:
    """Systems that are late, by the flow that is latest."""
    groups: dict[tuple[str, str], list[_Flow]] = {}
    for flow in flows:
        if flow.light == "yellow":
            way, system, *_ = flow.standing.flow.split(".")
            groups.setdefault((way, system), []).append(flow)
    for (way, _), members in groups.items():
        longest = max(members, key=lambda flow: flow.standing.seconds or 0)
        facts = {
            "flow": longest.standing.flow,
            "minutes": str(int((longest.standing.seconds or 0) // 60)),
            "target": str(longest.target // 60),
        }
        code = "alert.stale"
        if way == "push":
            code, facts = "alert.undelivered", facts | {"entries": str(longest.standing.deliveries)}
        yield Urgent(
            "stale",
            "yellow",
            failures.fault_text(Fault("", code, facts)),
            len(members),
            flow=longest.standing.flow,
            number=longest.standing.last_run,
            at=longest.standing.last_at,
        )


def _rank(one: Urgent) -> tuple[int, int, str]:
    return URGENCY.index(one.subject), -one.times, one.flow

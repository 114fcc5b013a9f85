"""The clocks of a project, computed once for all readers; a reader sees a whole clock or none."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, Protocol

from pydantic import Field

from hub.auth.context import RequestContext
from hub.db import facts
from hub.db.database import Transaction
from hub.db.facts import ClockRow
from hub.db.records import projects
from hub.domain import facts as rules_of
from hub.domain import keys
from hub.domain.clock import Limit
from hub.domain.contracts import Contracts
from hub.domain.rights import Rights
from hub.errors import FlowError

CLOCK = "clock"
SOURCE = "source"
"""Reference of a limit that the source itself gave."""

Scope = Literal["project", "stage", "item", "connection"]
SCOPES: tuple[Scope, ...] = ("project", "stage", "item", "connection")
OPEN = frozenset({"project", "stage"})
"""Scopes whose clocks are of class public; the others are internal."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock as of now; lengths are in working days.

    used: counts against the limit; exact: to the moment; span: begin to end with pauses; applicant:
    the applicant's part of the span. days: the binding limit (None: there is none); shared: the
    source gave it. others: further limits that apply, drafts included. due: when the limit is used
    up. end_basis: source, milestone, idle (waits for the applicant, not finished), ended_without,
    void; None: still running.
    """

    scope: Scope
    record_id: int
    received_at: datetime | None
    began: datetime | None
    ended: datetime | None
    end_basis: str | None
    used: Annotated[
        float,
        Field(
            description="against the limit: suspended time and the first day left out",
            examples=[12.5],
        ),
    ]
    exact: Annotated[float, Field(description="from moment to moment, suspended time left out")]
    span: Annotated[float, Field(description="from beginning to end, whoever's turn it was")]
    applicant: Annotated[float, Field(description="the applicant's part of the span")]
    days: float | None
    light: str
    stands: bool
    due: datetime | None
    yellow_at: datetime | None
    red_at: datetime | None
    grave_at: datetime | None
    turn: Annotated[
        str | None, Field(description="unit, applicant or procedure; null where it is not shown")
    ]
    limit: Limit | None
    shared: bool
    others: tuple[Limit, ...]
    pauses: tuple[tuple[datetime, datetime | None], ...]


@dataclass(frozen=True, slots=True)
class ShownClock:
    """A clock as a reader sees it. denied: he has no right to it; else None: not computed yet."""

    clock: Clock | None
    denied: bool


class Timed(Protocol):
    """Anything with a clock that may be missing or denied."""

    @property
    def clock(self) -> Clock | None:
        """The clock."""

    @property
    def denied(self) -> bool:
        """Whether this reader has no right to it."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks of a project that a reader sees.

    until: the moment up to which they are computed. pending: records or limits have changed since.
    denied: scopes of which the reader sees only the clocks of his own unit.
    """

    project_code: str
    until: Annotated[datetime | None, Field(description="the moment up to which they stand")]
    pending: Annotated[
        bool,
        Field(description="records or limits have changed since, and it is being computed anew"),
    ]
    denied: tuple[Scope, ...]
    clocks: tuple[Clock, ...]

    @property
    def whole(self) -> ShownClock:
        """The clock of the project itself."""
        found = next((one for one in self.clocks if one.scope == "project"), None)
        return ShownClock(found, denied=found is None and "project" in self.denied)

    def of(self, scope: Scope, record_id: int) -> ShownClock:
        """The clock of a record, or that it is denied to this reader."""
        found = next(
            (one for one in self.clocks if (one.scope, one.record_id) == (scope, record_id)), None
        )
        return ShownClock(found, denied=found is None and scope in self.denied)


def clocks(visit: RequestContext, code: str) -> Clocks:
    """The clocks of a project as far as the reader may see them.

    Raises FlowError: access.no_grant, ask.project_unknown.
    """
    contracts, wanted = visit.hub.contracts, keys.project_code(code)
    visit.may_see(contracts.granted)
    with visit.read() as tx:
        rights = visit.rights_on(tx, wanted, contracts.granted)
    found = seen(visit, wanted, rights)
    visit.saw([one.record_id for one in found.clocks], project_code=wanted)
    if not found.clocks:
        must_be_known(visit, wanted, rights)
    return found


def must_be_known(visit: RequestContext, project_code: str, rights: Rights) -> None:
    """Raise FlowError (ask.project_unknown) where the reader may see no record of the project."""
    entities = visit.hub.contracts.entities
    seen = [entity for name, entity in entities.items() if rights.sees(name)]
    with visit.read() as tx:
        if not seen or not projects.known_of_project(tx, seen, project_code):
            raise FlowError("ask.project_unknown", project_code=project_code)


def seen(visit: RequestContext, project_code: str, rights: Rights) -> Clocks:
    """As `clocks`, by rights already looked up; no error where there are none."""
    with (
        visit.hub.database.read() as tx
    ):  # read first: what is not pending now is in the rows read next
        state, pending = _standing(tx, visit.hub.contracts, project_code)
    with visit.read() as tx:
        rows = facts.read(tx, project_code)
    return _clocks(
        visit.hub.contracts,
        project_code,
        rows,
        state=state,
        pending=pending,
        denied=_denied(rights),
    )


def _standing(tx: Transaction, contracts: Contracts, project_code: str) -> tuple[facts.State, bool]:
    state = facts.state(tx)
    return state, facts.changed(tx, project_code) or state.said != rules_of.fact_parameters(
        contracts
    )


def _denied(rights: Rights) -> tuple[Scope, ...]:
    if rights.whole:
        return ()
    held = rights.classes.get(CLOCK, frozenset())
    return tuple(
        scope
        for scope in SCOPES
        if not held & ({"public", "internal"} if scope in OPEN else {"internal"})
    )


def _clocks(
    contracts: Contracts,
    project_code: str,
    rows: list[ClockRow],
    *,
    state: facts.State,
    pending: bool,
    denied: tuple[Scope, ...],
) -> Clocks:
    limits = rules_of.references(contracts.limits)
    made = tuple(_clock(row, limits) for row in rows)
    return Clocks(project_code, state.until, pending, denied, made)


def _clock(row: ClockRow, limits: Mapping[str, Limit]) -> Clock:
    return Clock(
        scope=next(scope for scope in SCOPES if scope == row.scope),
        record_id=row.record_id,
        received_at=row.received_at,
        began=row.began,
        ended=row.ended,
        end_basis=row.end_basis,
        used=round(row.used, 4),
        exact=round(row.exact, 4),
        span=round(row.span, 4),
        applicant=round(row.applicant, 4),
        days=row.days,
        light=row.light,
        stands=row.stands,
        due=row.due,
        yellow_at=row.yellow_at,
        red_at=row.red_at,
        grave_at=row.grave_at,
        turn=row.turn,
        limit=limits.get(row.limit_ref or ""),
        shared=row.limit_ref == SOURCE,
        others=tuple(limits[name] for name in row.others if name in limits),
        pauses=tuple((since, until) for since, until in row.pauses if since is not None),
    )

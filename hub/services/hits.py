"""Hits of indicators as people deal with them: suspected, told, answered by the unit, decided.

Nothing is said of a unit that it was not told first, and only what a person confirmed counts.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal

from psycopg.types.json import Jsonb
from pydantic import Field

from hub.auth.context import ASKING, HANDING_IN, SUPERVISING, RequestContext
from hub.db import disputes as dispute_rows
from hub.db.database import Transaction
from hub.db.facts import hit_acts as store
from hub.db.facts import judgements
from hub.db.facts.hit_acts import HitAct, HitActKind, HitCounts, HitSaid, HitState, StatedHit
from hub.domain.indicator_files import LEVELS
from hub.domain.indicators import Indicator
from hub.domain.rights import Rights
from hub.errors import FlowError
from hub.pipeline import disputes
from hub.pipeline.disputes import Complaint
from hub.services import naming
from hub.services.hit_words import sentence
from hub.services.view import Title, extended

__all__ = ["HitCounts", "HitState"]

Reason = Literal["applicant", "other_unit", "system", "by_rule", "force_majeure", "other"]
"""Why it is not the unit's fault; our own list (本项目约定)."""
HitBy = Literal["unit", "county", "indicator", "period"]
Guard = Literal["warning", "no_unit", "seen_once", "disputed", "told_already"]
EXPLAIN_DAYS = 3
"""Working days to answer where the indicator's file says none: our own choice."""
LONGEST = 4000
FIRST, FOREVER = date(1, 1, 1), date(9999, 12, 31)
DISPUTABLE = frozenset({"public", "internal"})
"""Classes of the fields of its own record that a unit may call wrong."""


@dataclass(frozen=True, slots=True)
class HitsAsked:
    """Which hits: of the months of these days, an indicator, a county (leading digits), a unit of
    mappings/units.yaml, a state (empty: all). before: `id` of the last of the page before.
    """

    since: date = FIRST
    until: date = FOREVER
    indicator: str = ""
    county: str = ""
    unit: str = ""
    state: HitState | Literal[""] = ""
    before: int = store.LAST


@dataclass(frozen=True, slots=True)
class HitListed(StatedHit):
    """A hit in a list: in one sentence what is seen, by which bound. unit_name: the unit's.

    late: the term to answer is over, and nobody answered. graver: it is at a graver level now than
    the last act knew.
    """

    unit_name: Title | None
    sentence: Title
    late: bool
    graver: bool


@dataclass(frozen=True, slots=True)
class HitActView(HitAct):
    """An act of a hit. dispute_state: how the dispute stands that the unit opened."""

    dispute_state: str | None


@dataclass(frozen=True, slots=True)
class HitSheet(HitListed):
    """One hit with its acts. entity, key: of its record.

    held: why the unit is not to be told (anew) as things stand, empty: it may be. acts_now: what
    the reader may do with it now.
    """

    entity: str | None
    key: str | None
    acts: tuple[HitActView, ...]
    held: tuple[Guard, ...]
    acts_now: tuple[HitActKind, ...]


@dataclass(frozen=True, slots=True)
class WrongValue:
    """Which value is wrong. record: 0 for that of the hit itself. proposed: the right value."""

    field: Annotated[str, Field(max_length=100)]
    reason: Annotated[str, Field(max_length=1000)]
    proposed: Annotated[str, Field(max_length=1000)] = ""
    record: int = 0


def listed(context: RequestContext, asked: HitsAsked, *, most: int = 50) -> list[HitListed]:
    """Hits, newest first: those of a supervisor's regions, or what a unit was told."""
    _named(context, asked)
    with context.read() as tx:
        found = store.hits(tx, _parameters(context, asked, most=most))
    context.saw([one.record_id for one in found if one.record_id is not None])
    return [_listed(context, one) for one in found]


def counts(context: RequestContext, asked: HitsAsked, *, by: HitBy = "unit") -> list[HitCounts]:
    """How many of the same hits stand in which state, by unit, county, indicator or month."""
    _named(context, asked)
    with context.read() as tx:
        return store.counts(tx, by, _parameters(context, asked, most=1))


def one(context: RequestContext, hit_id: int) -> HitSheet:
    """A hit with its acts; FlowError (hit.unknown) where the reader sees none."""
    context.require(ASKING)
    with context.read() as tx:
        found = _found(context, tx, hit_id)
        acts = store.acts(tx, hit_id)
    with context.hub.database.read() as tx:
        held, record = _held(context, tx, found), _record(tx, found.record_id)
        stands = {
            number: dispute_rows.disputes(tx, dispute_id=number, closed=True)[0].state
            for number in {act.dispute_id for act in acts if act.dispute_id is not None}
        }
    seen = [found.record_id] if found.record_id is not None else []
    context.saw(seen, project_code=found.project_code)
    return extended(
        _listed(context, found),
        HitSheet,
        acts=tuple(
            extended(act, HitActView, dispute_state=stands.get(act.dispute_id or 0)) for act in acts
        ),
        held=held,
        acts_now=_acts_now(context, found, held),
        entity=record[0],
        key=record[1],
    )


def found(context: RequestContext, tx: Transaction, hit_id: int) -> HitListed:
    """One hit as the reader of this transaction may see it; FlowError (hit.unknown) for none."""
    return _listed(context, _found(context, tx, hit_id))


def tell_unit(context: RequestContext, hit_id: int, text: str) -> HitSheet:
    """Tell the unit of a hit: its term to answer begins. FlowError: hit.held where a guard says
    that it is not to be told yet.
    """
    return _acted(context, hit_id, "told", text)


def explain(context: RequestContext, hit_id: int, reason: Reason, text: str) -> HitSheet:
    """The unit: the data are right, but it is not our fault, and why."""
    return _acted(context, hit_id, "explained", text, reason=reason)


def dispute(context: RequestContext, hit_id: int, wrong: WrongValue) -> HitSheet:
    """The unit: the data are wrong. The value is disputed at its source, and the hit waits."""
    return _acted(context, hit_id, "disputed", wrong.reason, wrong=wrong)


def confirm(context: RequestContext, hit_id: int, text: str) -> HitSheet:
    """Confirm a hit: it counts. Only after the unit has answered, or its term is over."""
    return _acted(context, hit_id, "confirmed", text)


def accept(context: RequestContext, hit_id: int, text: str) -> HitSheet:
    """Accept the unit's explanation: the hit does not count."""
    return _acted(context, hit_id, "accepted", text)


def revoke(context: RequestContext, hit_id: int, text: str) -> HitSheet:
    """Take a hit back, with the reason: it does not count."""
    return _acted(context, hit_id, "revoked", text)


def _named(context: RequestContext, asked: HitsAsked) -> None:
    """Who may ask, and names that exist; UnknownNameError for others."""
    context.require(ASKING)
    contracts = context.hub.contracts
    known = [one.id for one in contracts.supervision.indicators]
    naming.one_of("indicator", asked.indicator or None, known)
    naming.one_of("unit", asked.unit or None, list(contracts.units))


def _acted(
    context: RequestContext,
    hit_id: int,
    kind: HitActKind,
    text: str,
    *,
    reason: str = "",
    wrong: WrongValue | None = None,
) -> HitSheet:
    said, now = _words(text), datetime.now(UTC)
    with context.read() as tx:  # whose it is, PostgreSQL says
        _found(context, tx, hit_id)
    with context.hub.database.write() as tx:
        store.hold(tx, hit_id)
        found = _found(context, tx, hit_id)
        held = _held(context, tx, found)
        _may(context, found, kind)
        if kind == "told" and held:
            raise FlowError("hit.held", guard=held[0])
        if kind not in _open(found, held):
            raise FlowError("hit.out_of_turn", id=hit_id, state=found.state)
        names = _names(context, found)
        due = _due(context, found, now) if kind == "told" else found.due_at or now
        made = _disputed(tx, context, found, wrong, now) if wrong is not None else None
        act = HitSaid(kind, context.by, now, said, due, reason, made)
        store.act(tx, hit_id, act, names=names)
    return one(context, hit_id)


def _disputed(
    tx: Transaction, context: RequestContext, found: StatedHit, wrong: WrongValue, now: datetime
) -> int:
    """Open the dispute of a value of the hit's record, or of another record of its project."""
    record = wrong.record or found.record_id
    if record is None:
        raise FlowError("ask.record_unknown", record=wrong.record)
    said = Complaint(str(record), wrong.field, wrong.reason, wrong.proposed)
    entity = _record(tx, record)[0] if record == found.record_id else None
    if entity is None:
        rights = context.rights_to(tx, said.record)
    else:  # of what a unit is accused by, it may say that it is wrong, with or without a grant
        rights = Rights(classes={entity: DISPUTABLE})
    return disputes.open_dispute(
        tx, context.hub.contracts, said, by=context.reader.account, rights=rights, now=now
    )


def _record(tx: Transaction, record_id: int | None) -> tuple[str, str] | tuple[None, None]:
    found = store.record(tx, record_id) if record_id is not None else None
    return found or (None, None)


def _acts_now(
    context: RequestContext, found: StatedHit, held: tuple[Guard, ...]
) -> tuple[HitActKind, ...]:
    def may(kind: HitActKind) -> bool:
        try:
            _may(context, found, kind)
        except FlowError:
            return False
        return True

    return tuple(kind for kind in _open(found, held) if may(kind))


def _open(found: StatedHit, held: tuple[Guard, ...]) -> tuple[HitActKind, ...]:
    """What the state allows, whoever asks."""
    if found.cleared_at is not None:
        return ()
    if not held and (found.state == "suspected" or _graver(found)):
        telling: tuple[HitActKind, ...] = ("told",)
    else:
        telling = ()
    if found.state == "told":
        decided: tuple[HitActKind, ...] = ("confirmed",) if _late(found) else ()
        return (*telling, "explained", "disputed", *decided, "revoked")
    if found.state in {"explained", "disputed"}:
        waits = found.state == "disputed" and "disputed" in held
        accepting: tuple[HitActKind, ...] = ("accepted",) if found.state == "explained" else ()
        return (*accepting, *(() if waits else ("confirmed",)), "revoked")
    return (*telling, "revoked") if found.state == "confirmed" else telling


def _may(context: RequestContext, found: StatedHit, kind: HitActKind) -> None:
    """The unit that was told explains and disputes; the supervisor of the county does the rest."""
    account = context.reader.account
    if kind in {"explained", "disputed"}:
        allowed = account.role in HANDING_IN and account.department in _names(context, found)
    else:
        allowed = account.role in SUPERVISING and found.county.startswith(tuple(account.regions))
    if not (allowed or context.operating):
        raise FlowError("access.role", role=account.role)


def _held(context: RequestContext, tx: Transaction, found: StatedHit) -> tuple[Guard, ...]:
    """Why a unit is not told: each a check of its own, so that half-read data accuse nobody."""
    judged = judgements.state(tx).at
    guards: dict[Guard, bool] = {
        "warning": not found.counts,
        "no_unit": found.unit not in context.hub.contracts.units,
        "seen_once": judged is None or found.found_at >= judged,
        "disputed": found.record_id is not None and store.disputed(tx, found.record_id),
        "told_already": found.state not in {"suspected", "corrected"} and not _graver(found),
    }
    return tuple(name for name, stands in guards.items() if stands)


def _found(context: RequestContext, tx: Transaction, hit_id: int) -> StatedHit:
    found = store.hits(tx, _parameters(context, HitsAsked(), hit_id=hit_id, most=1))
    if not found:
        raise FlowError("hit.unknown", id=hit_id)
    return found[0]


def _parameters(
    context: RequestContext, asked: HitsAsked, *, most: int, hit_id: int | None = None
) -> dict[str, object]:
    return {
        "id": hit_id,
        "since": asked.since.replace(day=1),
        "until": asked.until,
        "indicator": asked.indicator,
        "county": asked.county,
        "unit": asked.unit,
        "state": asked.state,
        "before": asked.before,
        "most": most,
        "counting": Jsonb(_counting(context)),
    }


def _counting(context: RequestContext) -> dict[str, list[str]]:
    """The levels that count, by indicator."""
    every = context.hub.contracts.supervision.indicators
    return {one.id: list(LEVELS[LEVELS.index(one.counts) :]) for one in every}


def _listed(context: RequestContext, found: StatedHit) -> HitListed:
    unit = context.hub.contracts.units.get(found.unit or "")
    name = Title(unit.title_zh, unit.title_en) if unit else None
    indicator = _indicator(context, found)
    return extended(
        found,
        HitListed,
        unit_name=name,
        sentence=Title(
            sentence(indicator, found, name, "zh"), sentence(indicator, found, name, "en")
        ),
        late=_late(found),
        graver=_graver(found),
    )


def _indicator(context: RequestContext, found: StatedHit) -> Indicator | None:
    """The indicator by which it was found, else as its files now say it; None: there is none."""
    every = [
        one for one in context.hub.contracts.supervision.indicators if one.id == found.indicator
    ]
    return next((one for one in every if one.version == found.version), every[0] if every else None)


def _late(found: StatedHit) -> bool:
    return found.state == "told" and found.due_at is not None and found.due_at < datetime.now(UTC)


def _graver(found: StatedHit) -> bool:
    if found.told_level is None or found.cleared_at is not None:
        return False
    return LEVELS.index(found.level) > LEVELS.index(found.told_level)


def _names(context: RequestContext, found: StatedHit) -> tuple[str, ...]:
    """Every name of the unit, and its own id."""
    unit = context.hub.contracts.units.get(found.unit or "")
    return tuple(dict.fromkeys((unit.title_zh, *unit.names))) if unit else (found.unit or "",)


def _due(context: RequestContext, found: StatedHit, now: datetime) -> datetime:
    """The end of the unit's term, the day of telling not counted."""
    indicator, clock = _indicator(context, found), context.hub.contracts.clock
    days = indicator.explain_days if indicator and indicator.explain_days else EXPLAIN_DAYS
    if clock is None:
        return now + timedelta(days=days)
    due: datetime = clock.calendar.after(clock.calendar.next_day(now), days)
    return due


def _words(text: str) -> str:
    said = text.strip()
    if not said or len(said) > LONGEST:
        raise FlowError("hit.words_needed", most=LONGEST)
    return said

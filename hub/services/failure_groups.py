"""Open quarantine entries grouped by cause, with the values that caused them as the reader may see.

A value is masked by the class of the field it was meant for; where no shared field is known, or for
a partner's own text, only administrators see it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.auth.context import RequestContext
from hub.db import quarantine
from hub.db.quarantine import CauseFacts
from hub.db.runs import reading
from hub.db.runs.reading import CauseRow
from hub.domain import origins
from hub.domain.contracts import PullFlow
from hub.domain.rights import masked
from hub.services.failures import meaning, worded
from hub.services.view import extended
from hub.texts import Words, both, known

SHOWN = 3
"""How many different values a title names; it says how many there are."""

__all__ = ["Cause", "CauseExample", "listed", "meaning", "titles"]

SOME_VALUE = "（值不可见）"


@dataclass(frozen=True, slots=True)
class CauseExample:
    """A value that caused it, as the reader may see it, and in how many sampled entries."""

    value: str
    entries: int


@dataclass(frozen=True, slots=True)
class Cause:
    """Open entries of one flow with the same cause. zh, en: the cause with its commonest values.

    distinct: number of different values in the sampled entries.
    """

    flow: str
    stage: str
    cause: str
    owner: str
    entries: int
    first_at: datetime
    last_at: datetime
    example: int
    assignees: list[str]
    zh: str
    en: str
    values: tuple[CauseExample, ...]
    distinct: int


def listed(
    context: RequestContext,
    *,
    flow: str | None = None,
    cause: str | None = None,
    most: int | None = None,
) -> list[Cause]:
    """Open entries by cause, largest first. most: how many of each are sampled for values."""
    with context.hub.database.read() as tx:
        rows = reading.causes(tx, flow=flow, cause=cause, most=most)
        said = quarantine.facts_of_causes(tx, [(row.flow, row.cause) for row in rows], most=most)
    return [_cause(context, row, said.get((row.flow, row.cause), [])) for row in rows]


def titles(
    context: RequestContext, causes: Sequence[tuple[str, str]], *, run: int | None = None
) -> dict[tuple[str, str], Words]:
    """Titles of causes {(flow, cause): (zh, en)}, with values of open or of one run's entries."""
    hub = context.hub
    with hub.database.read() as tx:
        said = quarantine.facts_of_causes(tx, causes, most=hub.settings.overview_count, run=run)
    return {
        (flow, cause): _title(context, flow, cause, said.get((flow, cause), []))
        for flow, cause in causes
    }


def _cause(context: RequestContext, row: CauseRow, said: Sequence[CauseFacts]) -> Cause:
    shown = _seen(context, (row.flow, row.cause), said)
    zh, en = _title(context, row.flow, row.cause, said)
    return extended(
        row,
        Cause,
        zh=zh,
        en=en,
        values=tuple(CauseExample(value, entries) for value, entries in shown.items()),
        distinct=len({one.value for one in said if one.value is not None}),
    )


def _title(context: RequestContext, flow: str, cause: str, said: Sequence[CauseFacts]) -> Words:
    code = cause.partition(" ")[0]
    if not said or not known(code, "cure"):
        return meaning(cause)
    facts = dict(said[0].facts)
    if not context.sees_payloads and "text" in facts:
        facts["text"] = cause.partition(" ")[2]
    values = list(_seen(context, (flow, cause), said))[:SHOWN]
    more = len({one.value for one in said if one.value is not None})
    zh, en = both(SOME_VALUE)
    return worded(code, facts, zh=values or (zh,), en=values or (en,), more=more)


def _seen(
    context: RequestContext, cause: tuple[str, str], said: Iterable[CauseFacts]
) -> dict[str, int]:
    """Values as the reader may see them, commonest first, with the number of their entries."""
    flow, (_, _, place) = context.hub.contracts.pulls.get(cause[0]), cause[1].partition(" ")
    found: dict[str, int] = {}
    for one in said:
        if one.value is None:
            continue
        value = _seen_value(context, flow, one, place)
        if value is not None:
            found[value] = found.get(value, 0) + one.entries
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def _seen_value(
    context: RequestContext, flow: PullFlow | None, one: CauseFacts, place: str
) -> str | None:
    """A value, masked by the strictest class of its field and of those read from its place."""
    rights, whole = context.rights, context.sees_payloads
    if flow is None:
        return one.value if whole else None
    field = flow.entity.fields.get(one.facts.get("field", ""))
    meant = rights.sight(flow.entity.name, field) if field is not None else None
    stood = origins.of_place(context.hub.contracts, flow, rights, place)
    known = [sight for sight in (meant, stood) if sight is not None]
    sight = origins.strictest(known) if known else "shown"
    if sight == "hidden" or not (known or whole):
        return None
    return one.value if sight == "shown" else str(masked(one.value))

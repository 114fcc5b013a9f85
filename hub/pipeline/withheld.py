"""What the hub knows to be missing of the records that supervision judges by.

Flows that are late, and projects of which records are in quarantine or wait: nothing that could be
otherwise with them is held against anybody.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from hub.db import landing
from hub.db.database import Transaction
from hub.db.facts import incomplete
from hub.db.facts.incomplete import RecordAside
from hub.domain.contracts import Contracts, PullFlow
from hub.domain.declared import ClockRole
from hub.domain.fact_names import DICTIONARY
from hub.errors import RecordError
from hub.model import Record

MOST = 20_000
"""Records set aside from which on all flows count as late: nobody looks through that many."""
APART: frozenset[ClockRole] = frozenset({"connection", "case", "result", "flow"})
"""Roles of records on which no item, nor what is made of items, rests."""
BY_ITEMS = frozenset(of for of, known in DICTIONARY.items() if "event_at" in known)
"""What is judged of items: by the last thing that happened to them."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """late: of what is judged the flows are not fresh. held: projects with records set aside."""

    late: tuple[str, ...]
    held: tuple[str, ...]


def withheld(tx: Transaction, contracts: Contracts, *, now: datetime) -> Withheld:
    """What is known to be missing at a moment."""
    flows = {
        name: flow
        for name, flow in contracts.pulls.items()
        if flow.entity.clock is not None or flow.entity.name == "project"
    }
    found = incomplete.aside(tx, flows, most=MOST)
    late = set(flows) if len(found) == MOST else _late(tx, flows, now)
    return Withheld(
        tuple(of for of in DICTIONARY if any(_rests(of, flows[name]) for name in late)),
        tuple(sorted(_projects(tx, flows, found))),
    )


def _late(tx: Transaction, flows: Mapping[str, PullFlow], now: datetime) -> set[str]:
    return {
        read.name
        for read in incomplete.flows_read(tx, flows)
        if read.held
        or read.last_complete_at + timedelta(seconds=flows[read.name].freshness_seconds) < now
    }


def _rests(of: str, flow: PullFlow) -> bool:
    """Whether what is judged so rests on what a flow brings; a case rests on its own records."""
    timing = flow.entity.clock
    if timing is None:
        return False
    if timing.role == "case":
        return flow.entity.name == of
    if timing.role in APART:
        return timing.role == of
    return of in BY_ITEMS


def _projects(
    tx: Transaction, flows: Mapping[str, PullFlow], found: Iterable[RecordAside]
) -> set[str]:
    codes: set[str] = set()
    numbers: set[str] = set()
    for name, some in groupby(found, key=lambda one: one.flow):
        flow = flows[name]
        places = [(one.key, one.landing_id) for one in some]
        number = _number(flow)
        for row in landing.landed(tx, name, places):
            for values in _values(flow, row.payload):
                if code := values.get("project_code"):
                    codes.add(str(code))
                elif number is not None and (of := values.get(number)):
                    numbers.add(str(of))
    return codes | incomplete.projects_of_items(tx, numbers)


def _number(flow: PullFlow) -> str | None:
    """The field that tells of which item a record is."""
    timing = flow.entity.clock
    if timing is None:
        return None
    return timing.parent.own if timing.parent is not None else timing.fields.get("number")


def _values(flow: PullFlow, payload: bytes) -> Iterator[Record]:
    """What can be read of a payload in spite of what is wrong with it."""
    try:
        mapped = flow.mapper.map(flow.fields(payload))
    except RecordError:
        return
    yield mapped.values
    for part in mapped.parts or ():
        yield part.mapped.values

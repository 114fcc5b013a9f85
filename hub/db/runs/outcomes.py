"""Outcomes of single records of a run: landings, entries opened or closed, delivery attempts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from hub.db.database import Transaction
from hub.db.deliveries.outbox import DELIVERY_OUTCOMES
from hub.db.rows import rows
from hub.db.runs import OUTCOMES as INTAKE_OUTCOMES
from hub.db.runs import PART_OUTCOMES

OUTCOMES = tuple(
    dict.fromkeys(
        [
            "applied",
            "deleted",
            "superseded",
            "stale",
            "ignored",
            "quarantined",
            "waiting",
            "exploded",
            "empty",
            "held",
            "sending",
            "awaiting_receipt",
            "retrying",
            "unknown",
            *INTAKE_OUTCOMES,
            *PART_OUTCOMES,
            *DELIVERY_OUTCOMES,
        ]
    )
)
"""Possible outcomes of a record of any run, in the words of filters."""

LANDED = """
    select l.id, l.batch_id, l.key, l.position, l.disposition, q.id as entry_id, q.state
        as entry_state
      from hub.batch b
      join hub.landing l on l.batch_id = b.id
      left join hub.quarantine q on q.opened_run = b.run_id and q.landing_id = l.id
     where b.run_id = %(run)s and hub.event_order(l.id) > hub.event_order(%(after)s)
       and (%(outcome)s::text is null or l.disposition = %(outcome)s)
     order by hub.event_order(l.id) limit %(most)s
"""
HANDED = """
    select e.id, e.record_id, r.entity, r.key as record, e.key, e.action, e.state, e.code, e.text,
        e.reference, e.at
      from hub.delivery_event e join hub.record r on r.id = e.record_id
     where e.run_id = %(run)s and hub.event_order(e.id) > hub.event_order(%(after)s)
       and (%(outcome)s::text is null or e.state = %(outcome)s)
     order by hub.event_order(e.id) limit %(most)s
"""
TOUCHED = {
    way: f"""
    select id, flow, key, cause, state, opened_run, closed_run from hub.quarantine
     where {way}_run = %(run)s and id > %(after)s order by id limit %(most)s
"""  # noqa: S608 -- one of two columns
    for way in ("opened", "closed")
}


@dataclass(frozen=True, slots=True)
class LandedRow:
    """One payload that a run landed, with its quarantine entry, if any."""

    id: int
    batch_id: int
    key: str
    position: str
    disposition: str
    entry_id: int | None
    entry_state: str | None


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One delivery attempt or verdict."""

    id: int
    record_id: int
    entity: str
    record: str
    key: str
    action: str
    state: str
    code: str
    text: str
    reference: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TouchedRow:
    """One entry that a run opened or closed."""

    id: int
    flow: str
    key: str
    cause: str
    state: str
    opened_run: int
    closed_run: int | None


def landed(
    tx: Transaction, run: int, *, outcome: str | None = None, after: int = 0, most: int = 50
) -> list[LandedRow]:
    """The next payloads that landed in a run; unchanged records do not land."""
    return rows(tx, LandedRow, LANDED, run=run, outcome=outcome, after=after, most=most)


def handed(
    tx: Transaction, run: int, *, outcome: str | None = None, after: int = 0, most: int = 50
) -> list[AttemptRow]:
    """The next delivery attempts and verdicts of a run."""
    return rows(tx, AttemptRow, HANDED, run=run, outcome=outcome, after=after, most=most)


def touched(
    tx: Transaction, run: int, way: Literal["opened", "closed"], *, after: int = 0, most: int = 50
) -> list[TouchedRow]:
    """The next entries that a run opened, or closed."""
    return rows(tx, TouchedRow, TOUCHED[way], run=run, after=after, most=most)

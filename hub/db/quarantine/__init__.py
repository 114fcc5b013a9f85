"""Quarantine entries as people handle them: select, assign, replay, discard, remark.

Flows open and close entries elsewhere (`hub/db/landing`, `hub/db/deliveries/outbox.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import sql

from hub.db.database import Transaction
from hub.db.landing import Place
from hub.db.rows import rows

CHOSEN = """
      from hub.quarantine q
     where q.state = 'open'
       and (%(ids)s::bigint[] is null or q.id = any(%(ids)s))
       and (%(flow)s::text is null or q.flow = %(flow)s)
       and (%(cause)s::text is null or q.cause = %(cause)s)
"""
FLOWS = "select distinct q.flow" + CHOSEN + " and q.stage = 'intake' order by 1"
LANDINGS = (
    "select q.key, q.landing_id"
    + CHOSEN
    + " and q.stage = 'intake' and q.flow = %(of)s and q.landing_id > %(after)s"
    " order by 2 limit %(most)s"
)
MARK_DUE = f"""
    update hub.delivery d set dirty = true, attempt = 0
      from (select q.flow, q.record_id {CHOSEN} and q.stage = 'delivery') c
     where d.flow = c.flow and d.record_id = c.record_id
"""  # noqa: S608 -- made of this module's own constants
COUNT = "select count(*)" + CHOSEN
ASSIGN = f"update hub.quarantine u set assignee = %(to)s where u.id in (select q.id {CHOSEN})"  # noqa: S608 -- likewise
HAND_ON = """
    update hub.quarantine n set assignee = o.assignee
      from hub.quarantine o
     where n.opened_run = %(run)s and n.state = 'open' and n.assignee is null
       and o.closed_run = %(run)s and o.flow = n.flow and o.key = n.key and o.assignee is not null
"""
DISCARD = f"""
    update hub.quarantine u set state = 'discarded', closed_at = now(), closed_by = %(by)s,
        reason = %(reason)s
     where u.id in (select q.id {CHOSEN})
"""  # noqa: S608 -- likewise


@dataclass(frozen=True, slots=True)
class Selection:
    """A selection of open entries by ids, flow or cause; None: any. Nothing given: all."""

    ids: Sequence[int] | None = None
    flow: str | None = None
    cause: str | None = None

    def bound(self) -> dict[str, object]:
        """The parameters of the queries here."""
        return {
            "ids": list(self.ids) if self.ids is not None else None,
            "flow": self.flow,
            "cause": self.cause,
        }


def flows_of(tx: Transaction, selection: Selection) -> list[str]:
    """Flows with selected intake entries."""
    return [row[0] for row in tx.execute(FLOWS, selection.bound()).fetchall()]


def landings(
    tx: Transaction, selection: Selection, flow: str, *, after: int, most: int
) -> list[Place]:
    """The next selected landings of one flow, by id."""
    return tx.execute(
        LANDINGS, selection.bound() | {"of": flow, "after": after, "most": most}
    ).fetchall()


def mark_due(tx: Transaction, selection: Selection) -> int:
    """Mark the selected refused deliveries due; their entries close when they arrive. How many."""
    return tx.execute(MARK_DUE, selection.bound()).rowcount


def count(tx: Transaction, selection: Selection) -> int:
    """How many open entries are selected."""
    return sum(number for (number,) in tx.execute(COUNT, selection.bound()))


def assign(tx: Transaction, selection: Selection, *, to: str | None) -> int:
    """Assign the selected entries to a person, None: to nobody; gives how many."""
    return tx.execute(ASSIGN, selection.bound() | {"to": to}).rowcount


def hand_on(tx: Transaction, run: int) -> None:
    """Keep the assignee where a run has closed an entry and opened another for the same key."""
    tx.execute(HAND_ON, {"run": run})


def discard(tx: Transaction, selection: Selection, *, by: str, reason: str) -> int:
    """Close entries for good, with author and reason; payloads stay landed. How many."""
    return tx.execute(DISCARD, selection.bound() | {"by": by, "reason": reason}).rowcount


# Of each cause no more entries than wanted, through the index of open entries by cause, or of what
# a run opened.
OPEN, OF_RUN = sql.SQL("q.state = 'open'"), sql.SQL("q.opened_run = %(run)s")
OF_CAUSES = """
    select w.flow, w.cause, e.facts, count(*) as entries
      from unnest(%(flows)s::text[], %(causes)s::text[]) as w (flow, cause)
     cross join lateral (select q.faults->0->'facts' as facts from hub.quarantine q
                          where q.flow = w.flow and q.cause = w.cause and {which}
                          order by q.flow, q.cause limit %(most)s) e
     group by 1, 2, 3 order by entries desc, e.facts::text
"""


@dataclass(frozen=True, slots=True)
class CauseFacts:
    """The facts that several entries of a cause share."""

    facts: Mapping[str, str]
    entries: int

    @property
    def value(self) -> str | None:
        """The wrong value, where the fault is about one."""
        return self.facts.get("value")


def facts_of_causes(
    tx: Transaction, causes: Sequence[tuple[str, str]], *, most: int | None, run: int | None = None
) -> dict[tuple[str, str], list[CauseFacts]]:
    """(flow, cause) -> facts of its entries, commonest first. most: entries read; run: only its."""
    if not causes:
        return {}
    flows, names = zip(*causes, strict=True)
    asked = {"flows": list(flows), "causes": list(names), "most": most, "run": run}
    query = sql.SQL(OF_CAUSES).format(which=OPEN if run is None else OF_RUN)
    found: dict[tuple[str, str], list[CauseFacts]] = {}
    for flow, cause, facts, entries in tx.execute(query, asked):
        told = {str(name): str(fact) for name, fact in (facts or {}).items()}
        found.setdefault((flow, cause), []).append(CauseFacts(told, entries))
    return found


SAY_REMARK = """
    insert into hub.remark (flow, cause, entry_id, said_by, said)
    select coalesce(q.flow, %(flow)s), coalesce(q.cause, %(cause)s), q.id, %(by)s, %(said)s
      from (select) one left join hub.quarantine q on q.id = %(entry)s
     where %(entry)s::bigint is null or q.id is not null
    returning id
"""
REMARKS = """
    select id, flow, cause, entry_id, at, said_by, said from hub.remark
     where flow = %(flow)s and cause = %(cause)s
       and (%(entry)s::bigint is null or entry_id is null or entry_id = %(entry)s)
     order by id
"""


@dataclass(frozen=True, slots=True)
class Remark:
    """One remark, on an entry or (without one) on a cause."""

    id: int
    flow: str
    cause: str
    entry_id: int | None
    at: datetime
    said_by: str
    said: str


def remark(
    tx: Transaction, *, flow: str, cause: str, entry: int | None, by: str, said: str
) -> bool:
    """Store a remark on an entry (its flow and cause are used) or a cause; False: no such entry."""
    asked = {"flow": flow, "cause": cause, "entry": entry, "by": by, "said": said}
    return tx.execute(SAY_REMARK, asked).fetchone() is not None


def remarks(tx: Transaction, *, flow: str, cause: str, entry: int | None = None) -> list[Remark]:
    """Remarks on a cause, oldest first; with an entry: on the cause, and on this entry only."""
    return rows(tx, Remark, REMARKS, flow=flow, cause=cause, entry=entry)

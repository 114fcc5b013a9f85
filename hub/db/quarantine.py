"""What people do with quarantine entries: select, assign, replay, discard. Flows open and close them elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.db.database import Transaction
from hub.db.landing import Place

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
    update hub.quarantine u set state = 'discarded', closed_at = now(), closed_by = %(by)s, reason = %(reason)s
     where u.id in (select q.id {CHOSEN})
"""  # noqa: S608 -- likewise


@dataclass(frozen=True, slots=True)
class Selection:
    """Which open entries: these ids, those of a flow, those of a cause; None leaves a part open. Nothing named: all."""

    ids: Sequence[int] | None = None
    flow: str | None = None
    cause: str | None = None

    def bound(self) -> dict[str, object]:
        """As parameters of the queries here."""
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
    """The selected landings of one flow after this one, oldest first."""
    return tx.execute(
        LANDINGS, selection.bound() | {"of": flow, "after": after, "most": most}
    ).fetchall()


def mark_due(tx: Transaction, selection: Selection) -> int:
    """Let the selected refused deliveries go out again; the entry closes when one arrives."""
    return tx.execute(MARK_DUE, selection.bound()).rowcount


def count(tx: Transaction, selection: Selection) -> int:
    """How many open entries are selected."""
    return sum(number for (number,) in tx.execute(COUNT, selection.bound()))


def assign(tx: Transaction, selection: Selection, *, to: str | None) -> int:
    """Say who sees to the selected entries, None for nobody; give how many."""
    return tx.execute(ASSIGN, selection.bound() | {"to": to}).rowcount


def hand_on(tx: Transaction, run: int) -> None:
    """Whoever saw to an entry that this run has closed sees to the one that it has opened for the same key."""
    tx.execute(HAND_ON, {"run": run})


def discard(tx: Transaction, selection: Selection, *, by: str, reason: str) -> int:
    """Close entries for good, with who and why; the payload stays in the landing."""
    return tx.execute(DISCARD, selection.bound() | {"by": by, "reason": reason}).rowcount

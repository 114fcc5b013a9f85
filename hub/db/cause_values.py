"""What the entries of a cause say in the place that is wrong: each different value with the number of its entries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from psycopg import sql

from hub.db.database import Transaction

# Of each cause no more entries than wanted, through the index of open entries by cause, or of what a run opened.
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
    """The facts of entries that say the same."""

    facts: Mapping[str, str]
    entries: int

    @property
    def value(self) -> str | None:
        """The value that is wrong, where the fault is about one."""
        return self.facts.get("value")


def of_causes(
    tx: Transaction, causes: Sequence[tuple[str, str]], *, most: int | None, run: int | None = None
) -> dict[tuple[str, str], list[CauseFacts]]:
    """By (flow, cause): what its entries say, the commonest first. most: entries looked at; run: that opened them."""
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

"""What is known to be missing of what facts are computed from: flows that are late, records that
are set aside.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from hub.db.database import Transaction
from hub.db.rows import rows

# A batch that waits for a decision is as late as one that never came.
READ = """
    select f.name, f.last_complete_at, exists (
               select from hub.held_batch h where h.flow = f.name and h.state = 'waiting') as held
      from hub.flow f
     where f.name = any(%(flows)s) and f.last_complete_at is not null
"""
ASIDE = """
    select flow, key, landing_id
      from (select q.flow, q.key, q.landing_id from hub.quarantine q
             where q.state = 'open' and q.stage = 'intake' and q.flow = any(%(flows)s)
             union
            select w.flow, w.key, w.landing_id from hub.waiting w where w.flow = any(%(flows)s)) a
     order by flow, landing_id limit %(most)s
"""
OF_ITEMS = "select distinct project_code from fact.item where number = any(%(numbers)s)"


@dataclass(frozen=True, slots=True)
class FlowRead:
    """When a flow was last read whole, and whether a batch of it waits for a decision."""

    name: str
    last_complete_at: datetime
    held: bool


@dataclass(frozen=True, slots=True)
class RecordAside:
    """A record that landed and is in quarantine, or waits."""

    flow: str
    key: str
    landing_id: int


def flows_read(tx: Transaction, flows: Collection[str]) -> list[FlowRead]:
    """Those of these flows that have ever been read whole."""
    return rows(tx, FlowRead, READ, {"flows": list(flows)})


def aside(tx: Transaction, flows: Collection[str], *, most: int) -> list[RecordAside]:
    """Records of these flows that are set aside, at most so many."""
    return rows(tx, RecordAside, ASIDE, {"flows": list(flows), "most": most})


def projects_of_items(tx: Transaction, numbers: Collection[str]) -> set[str]:
    """The projects of items with these numbers."""
    return {str(row[0]) for row in tx.execute(OF_ITEMS, {"numbers": list(numbers)})}

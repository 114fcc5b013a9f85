"""What people say of a cause of failures, or of one entry."""

from dataclasses import dataclass
from datetime import datetime

from hub.db.database import Transaction
from hub.db.rows import rows

SAY = """
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
    """One remark; without an entry it is about the cause."""

    id: int
    flow: str
    cause: str
    entry_id: int | None
    at: datetime
    said_by: str
    said: str


def say(tx: Transaction, *, flow: str, cause: str, entry: int | None, by: str, said: str) -> bool:
    """Write a remark down, about an entry (whose flow and cause it takes) or about a cause; False: no such entry."""
    asked = {"flow": flow, "cause": cause, "entry": entry, "by": by, "said": said}
    return tx.execute(SAY, asked).fetchone() is not None


def remarks(tx: Transaction, *, flow: str, cause: str, entry: int | None = None) -> list[Remark]:
    """What was said of a cause, the oldest first; with an entry: of the cause and of this entry only."""
    return rows(tx, Remark, REMARKS, flow=flow, cause=cause, entry=entry)

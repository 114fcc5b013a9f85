"""Disputes about values: complaint, answer, deadlines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from hub.db.database import Transaction
from hub.db.rows import rows

OPEN = """
    insert into hub.dispute
           (record_id, field, value, proposed, reason, opened_by, department, system, opened_at,
               due_at)
    values (%(record)s, %(field)s, %(value)s, %(proposed)s, %(reason)s, %(by)s, %(department)s,
        %(system)s, %(at)s,
            %(due)s)
    on conflict (record_id, field, value) where closed_at is null do nothing returning id
"""
DISPUTES = """
    select d.id, d.record_id, r.entity, r.key, d.field, d.value, d.proposed, d.reason, d.opened_by,
        d.department,
           d.system, d.state, d.opened_at, d.due_at, d.answered_at, d.answered_by, d.answer,
               d.correct_by, d.closed_at,
           d.recall_id,
           (select count(*) from hub.recall_receiver v where v.recall_id = d.recall_id)
               as receivers,
           (select count(*) from hub.recall_receiver v
             where v.recall_id = d.recall_id and v.acknowledged_at is null) as owed
      from hub.dispute d join hub.record r on r.id = d.record_id
     where (%(id)s::bigint is null or d.id = %(id)s)
       and (%(records)s::bigint[] is null or d.record_id = any(%(records)s))
       and (%(closed)s or d.closed_at is null)
     order by d.closed_at desc nulls first, coalesce(d.correct_by, d.due_at) nulls last, d.id
"""
ANSWER = """
    update hub.dispute
       set state = %(state)s, answered_at = %(at)s, answered_by = %(by)s, answer = %(answer)s,
           correct_by = %(correct_by)s, recall_id = coalesce(%(recall)s, recall_id),
           closed_at = case when %(state)s = 'refused' then %(at)s::timestamptz end
     where id = %(id)s and state = 'open'
"""
CLOSE = """
    update hub.dispute set state = %(state)s, closed_at = %(at)s, recall_id = coalesce(%(recall)s,
        recall_id)
     where id = %(id)s and state = any(%(of)s)
"""


@dataclass(frozen=True, slots=True)
class Dispute:
    """One dispute. value: None for readers who may not see it.

    receivers, owed: of its recall: who got the wrong value, and who is not corrected yet.
    """

    id: int
    record_id: int
    entity: str
    key: str
    field: str
    value: str | None
    proposed: str
    reason: str
    opened_by: str
    department: str
    system: str
    state: Literal["open", "accepted", "refused", "corrected", "withdrawn"]
    opened_at: datetime
    due_at: datetime | None
    answered_at: datetime | None
    answered_by: str | None
    answer: str
    correct_by: datetime | None
    closed_at: datetime | None
    recall_id: int | None
    receivers: int
    owed: int

    @property
    def next_due(self) -> datetime | None:
        """Deadline of the next step; None without a step or a statutory term."""
        return {"open": self.due_at, "accepted": self.correct_by}.get(self.state)


def open_dispute(
    tx: Transaction,
    record_id: int,
    field: str,
    *,
    says: tuple[str, str, str],
    by: tuple[str, str],
    system: str,
    at: datetime,
    due: datetime | None,
) -> int | None:
    """Open a dispute; gives its number, None if one is open about this value.

    says: (value, proposed, reason); by: (account, unit).
    """
    value, proposed, reason = says
    told = {
        "record": record_id,
        "field": field,
        "value": value,
        "proposed": proposed,
        "reason": reason,
    }
    routed = {"by": by[0], "department": by[1], "system": system, "at": at, "due": due}
    row = tx.execute(OPEN, told | routed).fetchone()
    return int(row[0]) if row else None


def disputes(
    tx: Transaction,
    *,
    dispute_id: int | None = None,
    record_ids: Sequence[int] | None = None,
    closed: bool = False,
) -> list[Dispute]:
    """One dispute, the open ones (of these records), or all; earliest deadline first."""
    wanted = {"id": dispute_id, "records": None if record_ids is None else list(record_ids)}
    return rows(tx, Dispute, DISPUTES, wanted | {"closed": closed or dispute_id is not None})


def answer(
    tx: Transaction,
    dispute_id: int,
    state: str,
    *,
    text: str,
    by: str,
    at: datetime,
    correct_by: datetime | None,
    recall_id: int | None,
) -> bool:
    """Store the answer; False when it was answered already."""
    said = {"id": dispute_id, "state": state, "answer": text, "by": by, "at": at}
    return tx.execute(ANSWER, said | {"correct_by": correct_by, "recall": recall_id}).rowcount == 1


def close(
    tx: Transaction,
    dispute_id: int,
    state: str,
    *,
    of: Sequence[str],
    at: datetime,
    recall_id: int | None = None,
) -> bool:
    """Close a dispute that is in one of the states `of`; False otherwise."""
    said = {"id": dispute_id, "state": state, "of": list(of), "at": at, "recall": recall_id}
    return tx.execute(CLOSE, said).rowcount == 1

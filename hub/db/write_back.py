"""What rows of a source are still to learn of their outcome, and what they have learnt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from psycopg import sql
from psycopg.types.json import Jsonb

from hub.db import entity_tables
from hub.db.database import Transaction
from hub.db.rows import first_row, rows
from hub.domain.contracts import PullFlow
from hub.domain.write_back import OUTCOMES, Outcome
from hub.model import Json

# A row whose payload may not be kept (secret, erased) learns nothing: nobody could find it again.
DUE = """
    select h.key, h.landing_id, o.outcome, o.about, l.payload, coalesce(q.flow, h.flow) as of_flow,
           q.faults, w.wants, s.record_id, b.told, coalesce(b.attempts, 0) as attempts
      from hub.head h
      join hub.landing l on l.id = h.landing_id
      left join hub.waiting w on h.state = 'waiting' and w.flow = h.flow and w.key = h.key
      left join {source} s on s.flow = h.flow and s.source_key = h.key
      left join lateral (
            select max(e.id) as id from hub.quarantine e
             where h.state = 'quarantined' and e.stage = 'intake' and e.flow = h.flow
               and e.key = h.key) i on true
      left join lateral (
            select max(e.id) as id from hub.quarantine e
             where h.state = 'current' and e.stage = 'delivery' and e.record_id = s.record_id
               and e.state = 'open' and e.flow = any(%(pushes)s)) d on true
     cross join lateral (
            select case when h.state = 'waiting' then 'waiting'
                        when h.state = 'quarantined' then 'refused'
                        when d.id is not null then 'later_refused' else 'taken' end as outcome,
                   coalesce(i.id, d.id, 0) as about) o
      left join hub.quarantine q on q.id = o.about
      left join hub.write_back b on b.flow = h.flow and b.key = h.key
     where h.flow = %(flow)s and h.whole is null and h.key > %(after)s and l.payload is not null
       and o.outcome = any(%(outcomes)s)
       and (b.key is null or b.state = 'failed'
            or (b.landing_id, b.outcome, b.about) <> (h.landing_id, o.outcome, o.about))
     order by h.key limit %(most)s
"""
STORE = """
    insert into hub.write_back as b (flow, key, landing_id, outcome, about, reason, state, told,
        text, run_id)
    select %s, n.key, n.landing_id, n.outcome, n.about, n.reason, n.state, n.told, n.text, %s
      from jsonb_to_recordset(%s) as n (key text, landing_id bigint, outcome text, about bigint,
          reason text, state text, told jsonb, text text)
    on conflict (flow, key) do update
       set landing_id = excluded.landing_id, outcome = excluded.outcome, about = excluded.about,
           reason = excluded.reason, state = excluded.state,
           told = coalesce(excluded.told, b.told), text = excluded.text,
           attempts = case when b.state = 'failed' then b.attempts + 1 else 1 end,
           run_id = excluded.run_id, at = clock_timestamp()
"""
ADD_BATCH = """
    insert into hub.write_back_batch (run_id, flow, due, written, overtaken, failed)
    values (%s, %s, %s, %s, %s, %s)
"""
STANDING = """
    select count(*) as due, count(*) filter (where state = 'written') as written,
           count(*) filter (where state = 'overtaken') as overtaken,
           count(*) filter (where state = 'failed') as failed
      from hub.write_back where flow = %s
"""


@dataclass(frozen=True, slots=True)
class DueVerdict:
    """A row that does not know yet what became of it.

    about: the entry in quarantine, its flow `of_flow` and `faults`; wants: what it waits for;
    told: the value that we wrote last; attempts: how often that failed in a row.
    """

    key: str
    landing_id: int
    outcome: Outcome
    about: int
    payload: bytes
    of_flow: str
    faults: Sequence[Mapping[str, Json]] | None
    wants: Sequence[str] | None
    record_id: int | None
    told: str | int | None
    attempts: int


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """What became of writing back a row. told: the value that stands in it now."""

    due: DueVerdict
    reason: str
    state: Literal["written", "overtaken", "failed"]
    told: str | int | None
    text: str


@dataclass(frozen=True, slots=True)
class WriteBackCounts:
    """How the rows of a flow stand."""

    due: int
    written: int
    overtaken: int
    failed: int


def due(
    tx: Transaction, flow: PullFlow, *, pushes: Sequence[str], after: str, most: int
) -> list[DueVerdict]:
    """Rows behind a key that are to learn an outcome. pushes: whose refusals they learn later."""
    query = sql.SQL(DUE).format(source=entity_tables.table("source", flow.entity))
    wanted = [one for one in OUTCOMES if flow.back and one in flow.back.states]
    return rows(
        tx,
        DueVerdict,
        query,
        flow=flow.name,
        pushes=list(pushes),
        outcomes=wanted,
        after=after,
        most=most,
    )


def store(tx: Transaction, flow: str, done: Sequence[StoredVerdict], *, run_id: int) -> None:
    """Keep what rows have learnt, with a batch that balances."""
    told = [
        {
            "key": one.due.key,
            "landing_id": one.due.landing_id,
            "outcome": one.due.outcome,
            "about": one.due.about,
            "reason": one.reason,
            "state": one.state,
            "told": one.told,
            "text": one.text,
        }
        for one in done
    ]
    tx.execute(STORE, (flow, run_id, Jsonb(told)))
    counts = [sum(one.state == state for one in done) for state in ("written", "overtaken")]
    failed = sum(one.state == "failed" for one in done)
    tx.execute(ADD_BATCH, (run_id, flow, len(done), *counts, failed))


def standing(tx: Transaction, flow: str) -> WriteBackCounts:
    """How the rows of a flow stand now."""
    found = first_row(tx, WriteBackCounts, STANDING, (flow,))
    return found or WriteBackCounts(0, 0, 0, 0)

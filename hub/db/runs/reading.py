"""Queries on runs, failures, waiting records and balance, for the command line, API and console."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, TypeAlias, TypeVar

from pydantic import JsonValue

from hub.db.database import Transaction
from hub.db.deliveries.outbox import DELIVERY_OUTCOMES
from hub.db.files import FETCHED
from hub.db.reconciliation.differences import COMPARED
from hub.db.rows import fault_of, rows
from hub.db.runs import OUTCOMES, PART_OUTCOMES
from hub.domain.conservation import balanced
from hub.domain.delivery_states import IN_FLIGHT
from hub.domain.write_back import COUNTED as WRITE_BACK_OUTCOMES
from hub.errors import Fault
from hub.model import Json

Kind: TypeAlias = Literal[
    "pull",
    "push",
    "receipts",
    "replay",
    "release",
    "remap",
    "reconcile",
    "erase",
    "decide",
    "accept",
    "drop",
    "fetch",
    "write_back",
]
State: TypeAlias = Literal["running", "complete", "failed", "aborted", "held"]

INTAKE = ", ".join(f"coalesce(sum({name}), 0)::bigint as {name}" for name in OUTCOMES)
PARTS = ", ".join(f"coalesce(sum({name}), 0)::bigint as {name}" for name in PART_OUTCOMES)
COMPARISON = ", ".join(f"coalesce(sum({name}), 0)::bigint as {name}" for name in COMPARED)
FETCHES = ", ".join(f"coalesce(sum({name}), 0)::bigint as {name}" for name in FETCHED)
WRITTEN_BACK = ", ".join(
    f"coalesce(sum({name}), 0)::bigint as {name}" for name in WRITE_BACK_OUTCOMES
)
DELIVERY = ", ".join(f"coalesce(sum({name}), 0)::bigint as {name}" for name in DELIVERY_OUTCOMES)

ORDERS = (OUTCOMES, DELIVERY_OUTCOMES, COMPARED, FETCHED, WRITE_BACK_OUTCOMES)

# A run with a lapsed lease reads as aborted, even before it is closed.
LAPSED = "(r.state = 'running' and coalesce(r.lease_until < clock_timestamp(), true))"
STATE = f"case when {LAPSED} then 'aborted' else r.state end"
LOST = r"""
    jsonb_build_object(
        'code', 'flow.process_lost',
        'facts', jsonb_build_object('flow', r.flow, 'process', coalesce(substring(r.process
            from '^\S+ \S+'), '')))
"""
# A run under way, or aborted, has no report: its batches speak for every run alike.
RUNS = f"""
    select r.id, r.flow, r.kind, {STATE} as state, r.started_at,
           case when {LAPSED} then r.lease_until else r.ended_at end as ended_at,
           case when {LAPSED} then {LOST} else r.cause end as cause, r.airflow,
           case when r.kind = 'reconcile'
                then (select to_jsonb(s) from (select {COMPARISON} from hub.comparison b
                    where b.run_id = r.id) s)
                when r.kind = 'fetch'
                then (select to_jsonb(s) from (select {FETCHES} from hub.fetch_batch b
                    where b.run_id = r.id) s)
                when r.kind in ('push', 'receipts')
                then (select to_jsonb(s) from (select {DELIVERY} from hub.delivery_batch b
                    where b.run_id = r.id) s)
                when r.kind = 'write_back'
                then (select to_jsonb(s) from (select {WRITTEN_BACK} from hub.write_back_batch b
                    where b.run_id = r.id) s)
                else (select to_jsonb(s) from (select {INTAKE} from hub.batch b
                    where b.run_id = r.id) s)
           end as counts,
           (select to_jsonb(s) from (select {PARTS} from hub.batch b where b.run_id = r.id) s)
               as parts,
           (select coalesce(jsonb_object_agg(n.cause, n.times), '{{}}')
              from (select cause, sum(times::bigint)::bigint as times
                      from hub.batch b cross join lateral jsonb_each_text(b.notes) as each (cause,
                          times)
                     where b.run_id = r.id group by 1 order by 1) n) as notes,
           coalesce(p.causes, '[]') as causes
      from hub.run r left join hub.report p on p.run_id = r.id
     where (%(id)s::bigint is null or r.id = %(id)s)
       and (%(flow)s::text is null or r.flow = %(flow)s)
       and (%(state)s::text is null or {STATE} = %(state)s)
       and (%(since)s::timestamptz is null or r.started_at >= %(since)s)
       and (%(before)s::bigint is null or r.id < %(before)s)
       and (%(dag)s::text is null or r.airflow->>'dag_id' = %(dag)s)
       and (%(dag_run)s::text is null or r.airflow->>'run_id' = %(dag_run)s)
     order by r.id desc limit %(most)s
"""  # noqa: S608 -- made of this module's own constants
LAST_RUNS = f"""
    select f.flow, l.*
      from unnest(%(flows)s::text[]) f (flow)
      cross join lateral (select r.id, {STATE} as state, case when {LAPSED} then {LOST}
          else r.cause end as cause
                            from hub.run r where r.flow = f.flow order by r.id desc limit 1) l
"""  # noqa: S608 -- likewise
BATCHES = """
    select b.id, b.committed_at, c.hash as contract, b.leaves, encode(b.merkle_root, 'hex')
        as merkle_root, b.seal_id,
           to_jsonb(b) - array['id', 'run_id', 'flow', 'contract_id', 'committed_at',
               'cursor_after', 'leaves', 'merkle_root', 'seal_id'] as counts, to_jsonb(b) as parts
      from hub.batch b join hub.contract_version c on c.id = b.contract_id
     where b.run_id = %(run)s
     union all
    select d.id, d.committed_at, null, 0, null, null, to_jsonb(d) -
        '{id,run_id,flow,committed_at}'::text[], '{}'
      from hub.delivery_batch d where d.run_id = %(run)s
     union all
    select c.id, c.committed_at, null, 0, null, null, to_jsonb(c) -
        '{id,run_id,flow,committed_at}'::text[], '{}'
      from hub.comparison c where c.run_id = %(run)s
     union all
    select f.id, f.committed_at, null, 0, null, null, to_jsonb(f) -
        '{id,run_id,flow,committed_at}'::text[], '{}'
      from hub.fetch_batch f where f.run_id = %(run)s
     union all
    select w.id, w.committed_at, null, 0, null, null, to_jsonb(w) -
        '{id,run_id,flow,committed_at}'::text[], '{}'
      from hub.write_back_batch w where w.run_id = %(run)s
     order by 1
"""
# From one cause to the next through the index, and of each no more entries than wanted.
CAUSES = """
    with recursive met (flow, cause) as (
        (select flow, cause from hub.quarantine where state = 'open' order by flow, cause limit 1)
        union all
        select n.flow, n.cause from met m
         cross join lateral (select flow, cause from hub.quarantine q
                              where state = 'open' and (q.flow, q.cause) > (m.flow, m.cause)
                              order by flow, cause limit 1) n)
    select m.flow, e.stage, m.cause, min(e.owner) as owner, count(*) as entries, min(e.opened_at)
        as first_at,
           max(e.opened_at) as last_at, min(e.id) as example,
           coalesce(array_agg(distinct e.assignee) filter (where e.assignee is not null), '{}') as
               assignees
      from met m
     cross join lateral (select stage, owner, opened_at, id, assignee from hub.quarantine q
                          where q.state = 'open' and q.flow = m.flow and q.cause = m.cause
                          order by q.flow, q.cause limit %(most)s) e
     where (%(flow)s::text is null or m.flow = %(flow)s) and (%(cause)s::text is null
         or m.cause = %(cause)s)
     group by m.flow, e.stage, m.cause
     order by entries desc, flow, cause
"""
ENTRIES = """
    select q.id, q.flow, q.key, q.stage, q.cause, q.faults, q.owner, q.assignee, q.state,
        q.landing_id, q.record_id,
           q.opened_run, q.opened_at, q.closed_run, q.closed_at, q.closed_by, q.reason,
           l.payload, l.position, d.body as delivery_body, d.key as delivery_key
      from hub.quarantine q
      left join hub.landing l on l.id = q.landing_id
      left join hub.delivery d on d.flow = q.flow and d.record_id = q.record_id and q.state = 'open'
     where (%(id)s::bigint is null or q.id = %(id)s)
       and (%(id)s::bigint is not null or (q.state = 'open' and q.id > %(after)s))
       and (%(flow)s::text is null or q.flow = %(flow)s)
       and (%(cause)s::text is null or q.cause = %(cause)s)
     order by q.id limit %(most)s
"""
NOTES = """
    select b.flow, n.cause, sum(n.times::bigint)::bigint as times, max(b.run_id) as run_id,
           max(b.committed_at) as last_at
      from hub.batch b cross join lateral jsonb_each_text(b.notes) as n (cause, times)
     where b.committed_at > now() - %(days)s * interval '1 day' and b.notes is not null
       and (%(flow)s::text is null or b.flow = %(flow)s)
     group by b.flow, n.cause
"""
OPEN_ENTRY = "select id from hub.quarantine where flow = %s and key = %s and state = 'open'"
WAITING = """
    select flow, key, landing_id, wants, since from hub.waiting
     where %(flow)s::text is null or flow = %(flow)s
     order by since, flow, key limit %(most)s
"""
SINCE = """
      join hub.run r on r.id = b.run_id
     where (%(run)s::bigint is null or r.id >= %(run)s)
       and (%(since)s::timestamptz is null or r.started_at >= %(since)s)
     group by b.flow, r.kind order by 1, 2
"""
INTAKE_SUMS = f"select b.flow, r.kind, {INTAKE} from hub.batch b {SINCE}"  # noqa: S608 -- likewise
PART_SUMS = f"select b.flow, r.kind, {PARTS} from hub.batch b {SINCE}"  # noqa: S608 -- likewise
# likewise
DELIVERY_SUMS = f"select b.flow, r.kind, {DELIVERY} from hub.delivery_batch b {SINCE}"  # noqa: S608
RUN_STATES = f"""
    select r.flow, {STATE} as state, count(*) from hub.run r
     where (%(run)s::bigint is null or r.id >= %(run)s)
       and (%(since)s::timestamptz is null or r.started_at >= %(since)s)
     group by 1, 2
"""  # noqa: S608 -- likewise
# In two parts, each on an index: counting must not read a million bodies.
DELIVERIES_NOW = """
    select flow, state, sum(n)::bigint
      from (select flow, state, count(*) as n from hub.delivery where not dirty group by 1, 2
             union all
            select flow, case when state = any(%(in_flight)s) then state else 'due' end,
                   count(*)
              from hub.delivery where dirty group by 1, 2) c
     group by 1, 2
"""
OPEN_ENTRIES = "select flow, count(*) from hub.quarantine where state = 'open' group by flow"
WAITING_NOW = "select flow, count(*) from hub.waiting group by flow"


LATE = """
    select w.flow, count(*) as entries,
           count(*) filter (where exists (select from hub.link l where l.flow = w.flow
               and l.key = w.key
                                             and l.verdict = 'proposed' and l.ended_at is null)) as
                                                 asked
      from hub.waiting w where w.since < now() - %s * interval '1 hour' group by w.flow
          order by w.flow
"""


@dataclass(frozen=True, slots=True)
class LateRow:
    """Records of a flow that have waited too long; how many of them wait for a person."""

    flow: str
    entries: int
    asked: int


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run with its outcomes (intake, delivery or comparison): the total first, then its parts.

    parts: likewise of parts of exploded records, {} without. notes: findings, by rule and place.
    """

    id: int
    flow: str
    kind: Kind
    state: State
    started_at: datetime
    ended_at: datetime | None
    cause: dict[str, Json] | None
    airflow: JsonValue
    counts: dict[str, int]
    parts: dict[str, int]
    notes: dict[str, int]
    causes: list[dict[str, Any]]

    @property
    def fault(self) -> Fault | None:
        """The error that stopped it, None without."""
        return fault_of(self.cause) if self.cause else None

    @property
    def balanced(self) -> bool | None:
        """Whether read (or due) equals the sum of outcomes; None if it did not end well."""
        return balanced(self.state, self.counts, self.parts)


@dataclass(frozen=True, slots=True)
class LastRun:
    """The newest run of a flow: state and error."""

    flow: str
    id: int
    state: State
    cause: dict[str, Json] | None

    @property
    def fault(self) -> Fault | None:
        """The error that stopped it, None without."""
        return fault_of(self.cause) if self.cause else None


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One committed batch of a run."""

    id: int
    committed_at: datetime
    contract: str | None
    leaves: int
    merkle_root: str | None
    seal_id: int | None
    counts: dict[str, int]
    parts: dict[str, int]


@dataclass(frozen=True, slots=True)
class CauseRow:
    """Open quarantine entries of one flow and cause."""

    flow: str
    stage: str
    cause: str
    owner: str
    entries: int
    first_at: datetime
    last_at: datetime
    example: int
    assignees: list[str]


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One quarantine entry with the payload (intake) or the body sent (delivery)."""

    id: int
    flow: str
    key: str
    stage: str
    cause: str
    faults: list[dict[str, Json]]
    owner: str
    assignee: str | None
    state: str
    landing_id: int | None
    record_id: int | None
    opened_run: int
    opened_at: datetime
    closed_run: int | None
    closed_at: datetime | None
    closed_by: str | None
    reason: str | None
    payload: bytes | None
    position: str | None
    delivery_body: dict[str, Json] | None
    delivery_key: str | None

    @property
    def found(self) -> list[Fault]:
        """Every fault of the entry."""
        return [fault_of(fault) for fault in self.faults]


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A finding that is no fault, by flow, rule and place: how often runs have met it."""

    flow: str
    cause: str
    times: int
    run_id: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One waiting record with the tokens it waits for."""

    flow: str
    key: str
    landing_id: int
    wants: list[str]
    since: datetime


@dataclass(frozen=True, slots=True)
class Since:
    """Start of a period: a run id or a time; neither: everything."""

    run: int | None = None
    moment: datetime | None = None

    def bound(self) -> dict[str, object]:
        """The parameters of the queries here."""
        return {"run": self.run, "since": self.moment}


Counted = TypeVar("Counted", RunRow, BatchRow)


def run_rows(
    tx: Transaction,
    *,
    run_id: int | None = None,
    flow: str | None = None,
    state: str | None = None,
    since: datetime | None = None,
    before: int | None = None,
    dag_run: tuple[str, str | None] | None = None,
    most: int = 50,
) -> list[RunRow]:
    """Runs, newest first. before: smaller ids only; dag_run: (Airflow DAG, run; None: any)."""
    wanted = {"id": run_id, "flow": flow, "state": state, "since": since, "before": before}
    dag, run = dag_run or (None, None)
    wanted |= {"dag": dag, "dag_run": run, "most": most}
    return [_in_order(row) for row in rows(tx, RunRow, RUNS, wanted)]


def last_runs(tx: Transaction, flows: Iterable[str]) -> dict[str, LastRun]:
    """Flow -> its newest run of any kind."""
    return {one.flow: one for one in rows(tx, LastRun, LAST_RUNS, flows=list(flows))}


def batches(tx: Transaction, run_id: int) -> list[BatchRow]:
    """The batches of a run, in the order in which they were begun."""
    return [_in_order(row) for row in rows(tx, BatchRow, BATCHES, run=run_id)]


def causes(
    tx: Transaction, *, flow: str | None = None, cause: str | None = None, most: int | None = None
) -> list[CauseRow]:
    """Open entries grouped by cause, largest first; most: entries read per cause."""
    return rows(tx, CauseRow, CAUSES, flow=flow, cause=cause, most=most)


def entries(
    tx: Transaction,
    *,
    entry_id: int | None = None,
    flow: str | None = None,
    cause: str | None = None,
    after: int = 0,
    most: int = 50,
) -> list[EntryRow]:
    """One entry in any state, or the next open ones of a flow or cause, by id."""
    asked = {"id": entry_id, "flow": flow, "cause": cause, "after": after, "most": most}
    return rows(tx, EntryRow, ENTRIES, asked)


def notes(tx: Transaction, *, days: int, flow: str | None = None) -> list[NoteRow]:
    """Findings of the last days, by flow, rule and place."""
    return rows(tx, NoteRow, NOTES, days=days, flow=flow)


def open_entry(tx: Transaction, flow: str, key: str) -> int | None:
    """The open entry of a source key, if it has one."""
    row = tx.execute(OPEN_ENTRY, (flow, key)).fetchone()
    return int(row[0]) if row else None


def waiting(tx: Transaction, *, flow: str | None = None, most: int = 50) -> list[WaitingRow]:
    """Records that wait, the longest first."""
    return rows(tx, WaitingRow, WAITING, flow=flow, most=most)


def late(tx: Transaction, *, hours: float) -> list[LateRow]:
    """Flows with records waiting longer than `hours`."""
    return rows(tx, LateRow, LATE, (hours,))


def intake_sums(tx: Transaction, since: Since) -> dict[tuple[str, str], dict[str, int]]:
    """(flow, kind) -> outcome -> sum, of intake."""
    return {
        (flow, kind): dict(zip(OUTCOMES, sums, strict=True))
        for flow, kind, *sums in tx.execute(INTAKE_SUMS, since.bound())
    }


def part_sums(tx: Transaction, since: Since) -> dict[tuple[str, str], dict[str, int]]:
    """(flow, kind) -> outcome -> sum, of parts."""
    return {
        (flow, kind): dict(zip(PART_OUTCOMES, sums, strict=True))
        for flow, kind, *sums in tx.execute(PART_SUMS, since.bound())
    }


def delivery_sums(tx: Transaction, since: Since) -> dict[tuple[str, str], dict[str, int]]:
    """(flow, kind) -> outcome -> sum, of deliveries."""
    return {
        (flow, kind): dict(zip(DELIVERY_OUTCOMES, sums, strict=True))
        for flow, kind, *sums in tx.execute(DELIVERY_SUMS, since.bound())
    }


def run_states(tx: Transaction, since: Since) -> dict[str, dict[str, int]]:
    """Flow -> state -> number of runs."""
    return _nested(tx.execute(RUN_STATES, since.bound()).fetchall())


def deliveries_now(tx: Transaction) -> dict[str, dict[str, int]]:
    """Flow -> state -> number of deliveries; unclaimed marks count as due."""
    return _nested(tx.execute(DELIVERIES_NOW, {"in_flight": IN_FLIGHT}).fetchall())


def open_entries(tx: Transaction) -> dict[str, int]:
    """Flow -> open quarantine entries."""
    return dict(tx.execute(OPEN_ENTRIES).fetchall())


def waiting_now(tx: Transaction) -> dict[str, int]:
    """Flow -> waiting records."""
    return dict(tx.execute(WAITING_NOW).fetchall())


def _nested(rows: list[tuple[str, str, int]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for flow, state, count in rows:
        found.setdefault(flow, {})[state] = count
    return found


def _in_order(row: Counted) -> Counted:
    """The row with its sums in order, without sums of parts where there are none."""
    parts = {name: row.parts[name] for name in PART_OUTCOMES} if row.parts.get("parts") else {}
    return replace(row, counts=_ordered(row.counts), parts=parts)


def _ordered(counts: Mapping[str, int]) -> dict[str, int]:
    """The counts with the total first."""
    names = next(names for names in ORDERS if set(names) <= set(counts))
    return {name: counts[name] for name in names}

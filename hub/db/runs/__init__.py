"""Flows, runs, batches, contracts: leases, fencing, cursors, and balanced counts."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb

from hub.db import processes
from hub.db.database import Transaction
from hub.domain import ledger, merkle
from hub.domain.ledger import Covered
from hub.errors import FlowError, TransientError
from hub.model import Json

ADD_FLOW = "insert into hub.flow (name) values (%s) on conflict do nothing"
RAISE_FENCE = "update hub.flow set fence = fence + 1 where name = %s returning fence, cursor"
UNDER_WAY = """
    select id, flow, kind, process, coalesce(lease_until < clock_timestamp(), true) as lapsed,
           extract(epoch from clock_timestamp() - started_at)::bigint as since
      from hub.run
     where state = 'running' and (%(flow)s::text is null or (flow = %(flow)s and kind = %(kind)s))
         order by id
"""
# A stopped process can block its backend within COPY, or while it sends: no timeout of PostgreSQL
# ends that, so the backend is terminated.
DISCONNECT = r"""
    select pg_terminate_backend(pid, 5000) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()
       and substring(application_name from '^hub run (\d+) ')::bigint = any(%s)
"""
# Waits for transactions of the run, which hold its row (`CLAIM`), then checks the lease again: a
# run that has renewed it meanwhile lives on.
ABORT = r"""
    with dead as (
        select id, process from hub.run
         where id = any(%(over)s) and state = 'running'
           and (id = any(%(gone)s) or coalesce(lease_until < clock_timestamp(), true))
         order by id for update)
    update hub.run r
       set state = 'aborted', ended_at = clock_timestamp(),
           cause = jsonb_build_object(
               'code', 'flow.process_lost', 'facts',
               jsonb_build_object('flow', r.flow, 'process', coalesce(substring(r.process
                   from '^\S+ \S+'), '')))
      from dead where r.id = dead.id
    returning r.id
"""
# `for key share` does not block renewal of the lease, but makes `ABORT` wait.
CLAIM = """
    select state = 'running', set_config('application_name', format('hub run %%s %%s %%s', id, flow,
        process), true)
      from hub.run where id = %s and coalesce(process, '') = %s for key share
"""
RENEW = """
    update hub.run set lease_until = clock_timestamp() + make_interval(secs => %(seconds)s)
     where id = %(run)s and coalesce(process, '') = %(process)s and state = 'running'
"""
FENCE = "select fence, cursor from hub.flow where name = %s"
ADD_RUN = """
    insert into hub.run (flow, kind, fence, airflow, process, lease_until)
    values (%s, %s, %s, %s, %s, clock_timestamp() + make_interval(secs => %s)) returning id
"""
REFUSED = """
    insert into hub.run (flow, kind, fence, airflow, state, cause, ended_at)
    select name, %s, fence, %s, 'failed', %s, clock_timestamp() from hub.flow where name = %s
        returning id
"""
FORGET_CONTRACT = "update hub.flow set contract = null where name = %s"
END_RUN = """
    update hub.run set state = %s, cause = %s, ended_at = clock_timestamp()
     where id = %s and coalesce(process, '') = %s and state = 'running'
"""
STARTED = "select started_at from hub.run where id = %s"
STATE = "select state from hub.run where id = %s"
HOLD_FLOW = "select fence from hub.flow where name = %s for update"
SET_CURSOR = "update hub.flow set cursor = %s where name = %s"
ADD_REWIND = "insert into hub.rewind (flow, cursor, by) values (%s, %s, %s)"
COMPLETE = "update hub.flow set last_complete_at = clock_timestamp() where name = %s"
CONTRACT = """
    with new as (
        insert into hub.contract_version (hash, flow, body) values (%(hash)s, %(flow)s, %(body)s)
        on conflict (hash) do nothing returning id)
    select id from new union all select id from hub.contract_version where hash = %(hash)s limit 1
"""
ADOPT = "update hub.flow set contract = %s where name = %s and contract is distinct from %s"
NOTHING = Covered()
BATCH_ID = "select nextval(pg_get_serial_sequence('hub.batch', 'id'))"
CHANGED = """
    select distinct r.flow from hub.run r join hub.batch b on b.run_id = r.id
     where r.airflow->>'run_id' = %s and r.airflow->>'dag_id' = %s
       and b.created + b.changed + b.deleted + b.parts_created + b.parts_changed + b.parts_deleted >
           0
"""
OLDEST_UNSEALED = (
    "select extract(epoch from now() - min(committed_at)) from hub.batch where seal_id is null"
)
PARTITIONS = "select hub.ensure_partitions(%s)"
NEXT_MONTH = 1


@dataclass(frozen=True, slots=True)
class Run:
    """A run in progress: id, flow, its fencing token and cursor, and the process that does it.

    Process matters: a restored database gives the same ids to runs of others.
    """

    id: int
    flow: str
    fence: int
    cursor: dict[str, Json]
    process: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """Outcomes of parts of exploded records; `parts` must equal the others' sum (a constraint)."""

    parts: int = 0
    parts_created: int = 0
    parts_changed: int = 0
    parts_unchanged: int = 0
    parts_deleted: int = 0
    parts_waiting: int = 0
    parts_quarantined: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """Outcomes of one batch; `read` must equal the sum of the others (a constraint of hub.batch).

    exploded: records taken apart; empty: those without a part; parts are counted by themselves.
    notes: findings that are no faults, by rule and place.
    """

    read: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    superseded: int = 0
    stale: int = 0
    ignored: int = 0
    quarantined: int = 0
    waiting: int = 0
    exploded: int = 0
    empty: int = 0
    held: int = 0
    parts: Parts = Parts()
    notes: Mapping[str, int] = field(default_factory=dict)


OUTCOMES = tuple(one.name for one in fields(Counts) if one.name not in {"parts", "notes"})
PART_OUTCOMES = tuple(one.name for one in fields(Parts))


@dataclass(frozen=True, slots=True)
class Lease:
    """The process that does a run, and the seconds that each renewal of its lease lasts."""

    process: str
    seconds: float


def prepare_months(tx: Transaction, months: int) -> int:
    """Create missing partitions of this month and `months` more; gives how many."""
    (made,) = _one(tx.execute(PARTITIONS, (months,)).fetchone())
    return int(made)


def start(tx: Transaction, flow: str, kind: str, airflow: Json = None, *, lease: Lease) -> Run:
    """Open a run; runs of this flow and kind with an ended process or lapsed lease are aborted.

    A pull raises the flow's fence. TransientError for a pull while another live one reads the flow;
    only that one's own end frees it.
    """
    prepare_months(tx, NEXT_MONTH)  # as a rule they are there: then nothing is locked
    tx.execute(ADD_FLOW, (flow,))
    _take_over(tx, flow, kind, lease)
    fence, cursor = _one(tx.execute(RAISE_FENCE if kind == "pull" else FENCE, (flow,)).fetchone())
    if kind == "pull":  # race: under the fence's row lock, check again who was first
        _take_over(tx, flow, kind, lease)
    opened = (flow, kind, fence, Jsonb(airflow) if airflow else None, lease.process, lease.seconds)
    (run_id,) = _one(tx.execute(ADD_RUN, opened).fetchone())
    return Run(run_id, flow, fence, cursor, lease.process)


def _take_over(tx: Transaction, flow: str, kind: str, lease: Lease) -> None:
    """Abort dead runs; TransientError where a live one reads the flow."""
    alive = end_dead(tx, flow=flow, kind=kind)
    if kind == "pull" and alive:
        run, process = alive[0]
        facts = {"flow": flow, "run": str(run), "process": processes.shown(process)}
        raise TransientError("flow.already_running", after=lease.seconds, **facts)


def end_dead(
    tx: Transaction, *, flow: str | None = None, kind: str | None = None
) -> list[tuple[int, str]]:
    """Abort runs (of one flow and kind, or all) whose lease lapsed or whose process has ended.

    Their connections are terminated first. Gives (id, process) of those that live.
    """
    rows = tx.execute(UNDER_WAY, {"flow": flow, "kind": kind}).fetchall()
    gone = [row[0] for row in rows if processes.is_gone(row[3])]
    over = [row[0] for row in rows if row[4]] + gone
    if over:
        tx.execute(DISCONNECT, (over,))
        tx.execute(ABORT, {"over": over, "gone": gone})
        rows = tx.execute(
            UNDER_WAY, {"flow": flow, "kind": kind}
        ).fetchall()  # one that woke up may have ended itself
    return [(row[0], row[3]) for row in rows]


def claim(tx: Transaction, run: Run) -> None:
    """Share-lock the run's row so that it cannot be aborted before commit; FlowError if it was.

    The connection bears the run's name until then, for whoever waits for its locks.
    """
    row = tx.execute(CLAIM, (run.id, run.process)).fetchone()
    if row is None or not row[0]:
        raise FlowError("flow.fence_lost", flow=run.flow, run=run.id)


def renew(tx: Transaction, run: Run, lease: Lease) -> bool:
    """Renew a run's lease; False when the run is over."""
    return (
        tx.execute(
            RENEW, {"run": run.id, "process": run.process, "seconds": lease.seconds}
        ).rowcount
        == 1
    )


def end(tx: Transaction, run: Run, state: str, cause: Json = None) -> str:
    """Close a run, unless it was aborted; gives its final state.

    "unbegun" where the transaction that opened it was never committed.
    """
    if (
        tx.execute(END_RUN, (state, Jsonb(cause) if cause else None, run.id, run.process)).rowcount
        == 1
    ):
        return state
    row = tx.execute(STATE, (run.id,)).fetchone()
    return str(row[0]) if row else "unbegun"


def refused(tx: Transaction, flow: str, kind: str, cause: Json, airflow: Json = None) -> int:
    """Store a run that could not begin, beside one of its flow in progress; gives its id."""
    tx.execute(ADD_FLOW, (flow,))
    row = tx.execute(
        REFUSED, (kind, Jsonb(airflow) if airflow else None, Jsonb(cause), flow)
    ).fetchone()
    return int(_one(row)[0])


def forget_contract(tx: Transaction, flow: str) -> None:
    """Make the next push look at every record: changes could not be marked in the meantime."""
    tx.execute(FORGET_CONTRACT, (flow,))


def started(tx: Transaction, run_id: int) -> datetime | None:
    """Start time of a run; None: no such run."""
    row = tx.execute(STARTED, (run_id,)).fetchone()
    return row[0] if row else None


def complete_sweep(tx: Transaction, flow: str) -> None:
    """Store that the source was read completely now (freshness counts from here)."""
    tx.execute(COMPLETE, (flow,))


def hold(tx: Transaction, run: Run) -> None:
    """Lock the flow's row and check the run's fencing token; FlowError if another has taken over.

    The cursor moves under this lock only, so it needs no check of its own.
    """
    (fence,) = _one(tx.execute(HOLD_FLOW, (run.flow,)).fetchone())
    if fence != run.fence:
        raise FlowError("flow.fence_lost", flow=run.flow, run=run.id)


def renewed(tx: Transaction, run: Run) -> Run:
    """The run with the flow's current fence and cursor, its row locked (no cursor moves)."""
    tx.execute(HOLD_FLOW, (run.flow,))
    fence, cursor = _one(tx.execute(FENCE, (run.flow,)).fetchone())
    return replace(run, fence=fence, cursor=cursor)


def set_cursor(tx: Transaction, flow: str, cursor: dict[str, Json]) -> None:
    """Store the flow's cursor, in the transaction of the batch that moved it."""
    tx.execute(SET_CURSOR, (Jsonb(cursor), flow))


def rewind(tx: Transaction, flow: str, cursor: dict[str, Json], *, by: str) -> None:
    """Set a flow's cursor back, logged with author; raises the fence against a run in progress."""
    tx.execute(ADD_REWIND, (flow, Jsonb(cursor), by))
    tx.execute(ADD_FLOW, (flow,))
    tx.execute(RAISE_FENCE, (flow,))
    set_cursor(tx, flow, cursor)


def fence_off(tx: Transaction, flow: str) -> dict[str, Json]:
    """Raise the fence against whoever reads the flow now; gives its cursor."""
    _, cursor = _one(tx.execute(RAISE_FENCE, (flow,)).fetchone())
    found: dict[str, Json] = cursor
    return found


def contract_id(tx: Transaction, flow: str, contract: str, body: str) -> int:
    """Store the contract's text by hash, if new; gives its id."""
    text = {"hash": contract, "flow": flow, "body": body}
    # Somebody else may insert the same at this moment: it is waited for, and seen by the next
    # statement only.
    found = tx.execute(CONTRACT, text).fetchone() or tx.execute(CONTRACT, text).fetchone()
    return int(_one(found)[0])


def adopt(tx: Transaction, flow: str, contract: str) -> bool:
    """Store the contract under which a name works from now on; True when it changed."""
    tx.execute(ADD_FLOW, (flow,))
    return tx.execute(ADOPT, (contract, flow, contract)).rowcount == 1


def next_batch(tx: Transaction) -> int:
    """The id of the next batch."""
    (batch_id,) = _one(tx.execute(BATCH_ID).fetchone())
    return int(batch_id)


def add_batch(
    tx: Transaction,
    batch_id: int,
    *,
    run_id: int,
    flow: str,
    contract: int,
    counts: Counts,
    landed: Covered = NOTHING,
    cursor: dict[str, Json] | None = None,
) -> None:
    """Store a batch and the root over its landings; the database refuses unbalanced counts."""
    row: dict[str, Any] = {name: getattr(counts, name) for name in OUTCOMES}
    row |= asdict(counts.parts)
    row |= {
        "notes": Jsonb(dict(counts.notes)) if counts.notes else None,
        "id": batch_id,
        "run_id": run_id,
        "flow": flow,
        "contract_id": contract,
        "cursor_after": Jsonb(cursor) if cursor is not None else None,
        "leaves": len(landed.leaves),
        "leaf_rule": ledger.OPEN,
        "merkle_root": merkle.root(landed.leaves),
        "landed": landed.said,
    }
    tx.execute(
        sql.SQL("insert into hub.batch ({}) overriding system value values ({})").format(
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(map(sql.Placeholder, row)),
        ),
        row,
    )


def changed(tx: Transaction, *, dag_id: str, run_id: str) -> list[str]:
    """Flows whose runs in this Airflow DAG run (any task, any try) changed records."""
    return [row[0] for row in tx.execute(CHANGED, (run_id, dag_id)).fetchall()]


def sealing_lag(tx: Transaction) -> float:
    """Age in seconds of the oldest unsealed batch; 0 when all are sealed."""
    (seconds,) = _one(tx.execute(OLDEST_UNSEALED).fetchone())
    return float(seconds or 0)


def _one(row: tuple[Any, ...] | None) -> tuple[Any, ...]:
    if row is None:
        raise FlowError("hub.failed", reason="a row that must be there is not")
    return row

"""Held batches in order, with the decisions on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.types.json import Jsonb

from hub.db.database import Transaction
from hub.db.reconciliation.sightings import ABSENT_AT
from hub.db.rows import fault_of, first_row, rows
from hub.domain.schema_drift import ShapeChange
from hub.errors import Fault
from hub.model import Json

ADD = """
    insert into hub.held_batch
        (batch_id, run_id, flow, cursor_before, cursor_after, whole, last, parts, snapshot,
            findings)
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
COLUMNS = """
    h.batch_id, h.run_id, h.flow, h.cursor_before, h.cursor_after, h.whole, h.last, h.parts,
    h.snapshot, h.findings, h.held_at, h.state, h.decided_at, h.decided_run, h.decided_by,
    h.reason, h.decision, b.read, b.held
"""
WAITING = f"""
    select {COLUMNS} from hub.held_batch h join hub.batch b on b.id = h.batch_id
     where h.flow = %s and h.state = 'waiting' order by h.batch_id
"""  # noqa: S608 -- made of this module's own constants
LISTED = f"""
    select {COLUMNS} from hub.held_batch h join hub.batch b on b.id = h.batch_id
     where (%(id)s::bigint is null or h.batch_id = %(id)s) and (%(flow)s::text is null
         or h.flow = %(flow)s)
       and (%(all)s or h.state = 'waiting') and (%(run)s::bigint is null or h.run_id = %(run)s)
     order by case when %(all)s then -h.batch_id end, h.flow, h.batch_id limit %(most)s
"""  # noqa: S608 -- likewise
DECIDED = f"""
    select {COLUMNS} from hub.held_batch h join hub.batch b on b.id = h.batch_id
     where h.batch_id > %s order by h.batch_id limit %s
"""  # noqa: S608 -- likewise
DECIDE = """
    update hub.held_batch
       set state = %(state)s, decided_at = clock_timestamp(), decided_run = %(run)s,
           decided_by = %(by)s,
           reason = %(reason)s, decision = %(decision)s
     where batch_id = any(%(ids)s) and state = 'waiting'
"""
PAYLOADS = """
    select l.id, l.key, l.position, l.version, l.hash, l.salt, l.payload from hub.landing l
     where l.batch_id = %s and l.disposition = 'held' order by hub.event_order(l.id)
"""
# What is held and waits of these keys: what comes again need not be kept again.
STANDING = """
    select l.key, l.hash, l.payload
      from hub.held_batch h join hub.landing l on l.batch_id = h.batch_id
     where h.flow = %s and h.state = 'waiting' and l.disposition = 'held' and l.key = any(%s)
"""
PLACES = """
    select l.key, l.id from hub.held_batch h join hub.landing l on l.batch_id = h.batch_id
     where h.flow = %(flow)s and h.state = 'waiting' and (%(batch)s::bigint is null
         or h.batch_id = %(batch)s)
       and l.disposition = 'held' and l.payload is not null and l.id > %(after)s
     order by l.id limit %(most)s
"""
# Payload hashes are keyed: their order says nothing of the content. What is read is read in the
# order of landing.
SAMPLE = """
    select key, id
      from (select l.key, l.id from hub.held_batch h join hub.landing l on l.batch_id = h.batch_id
             where h.flow = %(flow)s and h.state = 'waiting' and l.disposition = 'held'
                 and l.payload is not null
             order by l.hash limit %(most)s) s
     order by id
"""
COUNT = """
    select count(*) from hub.held_batch h join hub.landing l on l.batch_id = h.batch_id
     where h.flow = %(flow)s and h.state = 'waiting' and (%(batch)s::bigint is null
         or h.batch_id = %(batch)s)
       and l.disposition = 'held' and l.payload is not null
"""
FLOWS = """
    select h.flow, count(*), sum(b.held)::bigint, min(h.held_at), max(h.held_at),
           (array_agg(h.findings order by h.batch_id))[1], min(h.batch_id)
      from hub.held_batch h join hub.batch b on b.id = h.batch_id
     where h.state = 'waiting' group by h.flow order by min(h.held_at)
"""
OPEN = "select exists (select from hub.held_batch where flow = %s and state = 'waiting')"
# again: records that the deciding run counted anew, without what a snapshot lacked; payloads: those
# that could be, none of them erased since.
DECISION = f"""
    select l.payload,
           (select coalesce(sum(b.read), 0) from hub.batch b
             where b.run_id = %(run)s and b.flow = %(flow)s
               and not exists (select from hub.landing a
                                where a.batch_id = b.id and starts_with(a.position, '{ABSENT_AT}')))
                                    as again,
           (select count(*) from hub.landing p
             where p.batch_id = %(batch)s and p.disposition = 'held' and p.salt is not null)
                 as payloads
      from hub.landing l where l.id = %(decision)s
"""  # noqa: S608 -- likewise
LANDED_HELD = """
    select l.id from hub.landing l left join hub.held_batch h on h.batch_id = l.batch_id
     where l.disposition = 'held' and h.batch_id is null order by l.id limit 1000
"""


@dataclass(frozen=True, slots=True)
class HeldBatch:
    """One held batch: cursors before and after it, schema changes, and its outcome."""

    batch_id: int
    run_id: int
    flow: str
    cursor_before: dict[str, Json]
    cursor_after: dict[str, Json]
    whole: bool
    last: bool
    parts: list[str]
    snapshot: str
    findings: list[dict[str, Json]]
    held_at: datetime
    state: str
    decided_at: datetime | None
    decided_run: int | None
    decided_by: str | None
    reason: str | None
    decision: int | None
    read: int
    held: int

    @property
    def faults(self) -> list[Fault]:
        """The schema changes as codes and facts."""
        return [fault_of(finding) for finding in self.findings]


@dataclass(frozen=True, slots=True)
class Payload:
    """One held payload. salt: None once erased; payload: None besides where it was never stored."""

    id: int
    key: str
    position: str
    version: str
    hash: bytes
    salt: bytes | None
    payload: bytes | None


@dataclass(frozen=True, slots=True)
class HeldFlow:
    """A flow with held batches: how many, how many records, and the first batch's reason."""

    flow: str
    batches: int
    records: int
    since: datetime
    last_at: datetime
    findings: list[dict[str, Json]]
    first: int

    @property
    def fault(self) -> Fault:
        """The first schema change."""
        return fault_of(self.findings[0])


@dataclass(frozen=True, slots=True)
class Sweeping:
    """Place of a batch in its sweep.

    whole: begun at the start, or files; last: at its end; parts: its files; snapshot: the one that
    ends with it, "" if none.
    """

    whole: bool
    last: bool
    parts: Sequence[str]
    snapshot: str = ""


def add(
    tx: Transaction,
    batch_id: int,
    *,
    run_id: int,
    flow: str,
    before: dict[str, Json],
    after: dict[str, Json],
    shown: Sweeping,
    changes: Sequence[ShapeChange],
) -> None:
    """Store a batch row as held, with the schema changes found."""
    findings: list[dict[str, Json]] = [
        {
            "kind": change.kind,
            "place": change.place,
            "values": dict(change.values),
            "code": change.fault.code,
            "facts": dict(change.fault.facts),
        }
        for change in changes
    ]
    tx.execute(
        ADD,
        (
            batch_id,
            run_id,
            flow,
            Jsonb(before),
            Jsonb(after),
            shown.whole,
            shown.last,
            list(shown.parts),
            shown.snapshot,
            Jsonb(findings),
        ),
    )


def waiting(tx: Transaction, flow: str) -> list[HeldBatch]:
    """Held batches of a flow that wait, in order."""
    return rows(tx, HeldBatch, WAITING, (flow,))


def is_open(tx: Transaction, flow: str) -> bool:
    """Whether any batch of a flow waits."""
    row = tx.execute(OPEN, (flow,)).fetchone()
    return bool(row and row[0])


def listed(
    tx: Transaction,
    *,
    batch_id: int | None = None,
    flow: str | None = None,
    run_id: int | None = None,
    decided: bool = False,
    most: int = 50,
) -> list[HeldBatch]:
    """Held batches in order; with decided ones, newest first."""
    asked = {"id": batch_id, "flow": flow, "run": run_id, "all": decided, "most": most}
    return rows(tx, HeldBatch, LISTED, asked)


def ids(tx: Transaction, after: int, most: int) -> list[int]:
    """Ids of the next held batches."""
    rows = tx.execute(
        "select batch_id from hub.held_batch where batch_id > %s order by 1 limit %s", (after, most)
    )
    return [row[0] for row in rows]


def after(tx: Transaction, batch_id: int, *, most: int) -> list[HeldBatch]:
    """The next held batches, whatever became of them."""
    return rows(tx, HeldBatch, DECIDED, (batch_id, most))


def decide(
    tx: Transaction,
    ids: Sequence[int],
    state: str,
    *,
    run_id: int,
    by: str | None = None,
    reason: str | None = None,
    decision: int | None = None,
) -> int:
    """Close these held batches with a state; gives how many."""
    said = {"by": by, "reason": reason, "decision": decision}
    return tx.execute(DECIDE, {"ids": list(ids), "state": state, "run": run_id, **said}).rowcount


def payloads(tx: Transaction, batch_id: int) -> list[Payload]:
    """Payloads of a held batch, in order."""
    return rows(tx, Payload, PAYLOADS, (batch_id,))


def standing(
    tx: Transaction, flow: str, keys: Sequence[str]
) -> list[tuple[str, bytes, bytes | None]]:
    """(key, hash, payload) of waiting held payloads with these keys."""
    return tx.execute(STANDING, (flow, list(keys))).fetchall()


def places(
    tx: Transaction, flow: str, *, batch_id: int | None, after: int, most: int
) -> list[tuple[str, int]]:
    """The next (key, landing) held in a flow, or in one batch."""
    asked = {"flow": flow, "batch": batch_id, "after": after, "most": most}
    return tx.execute(PLACES, asked).fetchall()


def sample(tx: Transaction, flow: str, *, most: int) -> list[tuple[str, int]]:
    """A stable sample of (key, landing) held in a flow."""
    return tx.execute(SAMPLE, {"flow": flow, "most": most}).fetchall()


def count(tx: Transaction, flow: str, *, batch_id: int | None) -> int:
    """Number of payloads held in a flow, or in one batch."""
    row = tx.execute(COUNT, {"flow": flow, "batch": batch_id}).fetchone()
    return int(row[0]) if row else 0


def flows(tx: Transaction) -> list[HeldFlow]:
    """Every flow with waiting batches, the longest waiting first."""
    return [HeldFlow(*row) for row in tx.execute(FLOWS)]


@dataclass(frozen=True, slots=True)
class HeldBatchDecision:
    """A decision as landed. again: records its run counted; payloads: those still stored."""

    payload: bytes | None
    again: int
    payloads: int


def decision(tx: Transaction, row: HeldBatch) -> HeldBatchDecision | None:
    """The landed decision on a batch; None: none."""
    asked = {
        "run": row.decided_run,
        "flow": row.flow,
        "batch": row.batch_id,
        "decision": row.decision,
    }
    return first_row(tx, HeldBatchDecision, DECISION, asked)


def unheld(tx: Transaction) -> list[int]:
    """Landings marked as held whose batch is not."""
    return [row[0] for row in tx.execute(LANDED_HELD)]

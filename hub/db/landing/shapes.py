"""Known shape of each flow's source (statistics by path), and schema changes that were met."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.db.database import Transaction, as_rows
from hub.db.rows import fault_of, rows
from hub.domain.schema_drift import PathStatistics, ShapeChange
from hub.errors import Fault
from hub.model import Json

SEEN = "select path, records, present, filled, missing, types, codes from hub.shape where flow = %s"
LEARN = """
    insert into hub.shape as s (flow, path, records, present, filled, missing, types, codes)
    select %(flow)s, n.path, n.records, n.present, n.filled, n.missing,
           string_to_array(n.types, E'\\x1f'), string_to_array(n.codes, E'\\x1f')
      from unnest(%(paths)s::text[], %(records)s::bigint[], %(present)s::bigint[],
          %(filled)s::bigint[],
                  %(missing)s::bigint[], %(types)s::text[], %(codes)s::text[])
           as n (path, records, present, filled, missing, types, codes)
    on conflict (flow, path) do update
       set records = excluded.records, present = excluded.present, filled = excluded.filled,
           missing = excluded.missing, types = excluded.types, codes = excluded.codes,
           last_at = case when excluded.present > s.present then now() else s.last_at end
"""
FORGET = "delete from hub.shape where flow = %s and path = any(%s)"
MET = """
    insert into hub.shape_change (flow, kind, place, done, facts, run_id, batch_id)
    select %s, c.kind, c.place, c.done, c.facts, %s, %s
      from json_to_recordset(%s) as c (kind text, place text, done text, facts jsonb)
"""
ROWS = """
    select path, records, present, filled, missing, types, codes, first_at, last_at from hub.shape
     where flow = %s order by path
"""
CHANGES = """
    select id, kind, place, done, facts as said, run_id, batch_id, met_at from hub.shape_change
     where flow = %s order by id desc limit %s
"""
TOLD = """
    select flow, kind, (array_agg(place order by id desc))[1:20] as places, (array_agg(facts
        order by id desc))[1],
           count(*), max(met_at)
      from hub.shape_change where done = 'tell' and met_at > now() - make_interval(secs => %s)
     group by flow, kind order by flow, kind
"""
SWEEPS = "select sweep_read, last_sweep from hub.flow where name = %s"
COUNT_SWEEP = "update hub.flow set sweep_read = %s, last_sweep = %s where name = %s"


@dataclass(frozen=True, slots=True)
class FieldRow:
    """Statistics of one path of a source."""

    path: str
    records: int
    present: int
    filled: int
    missing: int
    types: list[str]
    codes: list[str]
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One schema change that was met, and what was done: batch held, or people notified."""

    id: int
    kind: str
    place: str
    done: str
    said: dict[str, Json]
    run_id: int
    batch_id: int
    met_at: datetime

    @property
    def fault(self) -> Fault:
        """The change as code and facts."""
        return fault_of(self.said)


@dataclass(frozen=True, slots=True)
class SweepCounts:
    """Records read in the current sweep, and in the last complete one."""

    read: int
    last: int


def seen(tx: Transaction, flow: str) -> dict[str, PathStatistics]:
    """Known statistics by path; {} for a flow never examined."""
    return {
        path: PathStatistics(records, present, filled, missing, Counter(types), Counter(codes))
        for path, records, present, filled, missing, types, codes in tx.execute(SEEN, (flow,))
    }


def keep(
    tx: Transaction,
    flow: str,
    known: Mapping[str, PathStatistics],
    *,
    before: Mapping[str, PathStatistics],
) -> None:
    """Store the known shape; before: the stored one, so that only changes are written."""
    gone = sorted(before.keys() - known.keys())
    if gone:
        tx.execute(FORGET, (flow, gone))
    if known:
        tx.execute(
            LEARN,
            {
                "flow": flow,
                "paths": list(known),
                "records": [one.records for one in known.values()],
                "present": [one.present for one in known.values()],
                "filled": [one.filled for one in known.values()],
                "missing": [one.missing for one in known.values()],
                "types": ["\x1f".join(sorted(one.types)) for one in known.values()],
                "codes": ["\x1f".join(sorted(one.codes)) for one in known.values()],
            },
        )


def met(
    tx: Transaction,
    flow: str,
    changes: Sequence[tuple[ShapeChange, str]],
    *,
    run_id: int,
    batch_id: int,
) -> None:
    """Store changes, each with what was done about it ("hold" or "tell")."""
    if changes:
        rows = [
            {
                "kind": change.kind,
                "place": change.place,
                "done": done,
                "facts": {"code": change.fault.code, "facts": change.fault.facts},
            }
            for change, done in changes
        ]
        tx.execute(MET, (flow, run_id, batch_id, as_rows(rows)))


def fields_of(tx: Transaction, flow: str) -> list[FieldRow]:
    """Every path of a flow's source."""
    return rows(tx, FieldRow, ROWS, (flow,))


def changes(tx: Transaction, flow: str, *, most: int) -> list[ChangeRow]:
    """The last changes of a flow's source, newest first."""
    return rows(tx, ChangeRow, CHANGES, (flow, most))


@dataclass(frozen=True, slots=True)
class ShapeNotice:
    """Recent changes of one kind at one flow's source that held nothing."""

    flow: str
    kind: str
    places: list[str]
    fault: Fault
    times: int
    last_at: datetime


def told(tx: Transaction, *, seconds: int) -> list[ShapeNotice]:
    """Changes of the last `seconds` that were only told."""
    return [
        ShapeNotice(flow, kind, places, fault_of(said), times, last_at)
        for flow, kind, places, said, times, last_at in tx.execute(TOLD, (seconds,))
    ]


def sweep(tx: Transaction, flow: str) -> SweepCounts:
    """Records read in the current sweep and in the last complete one."""
    row = tx.execute(SWEEPS, (flow,)).fetchone()
    return SweepCounts(*row) if row else SweepCounts(0, 0)


def count_sweep(tx: Transaction, flow: str, now: SweepCounts) -> None:
    """Store the sweep counts."""
    tx.execute(COUNT_SWEEP, (now.read, now.last, flow))

"""What partners have listed of what they share: which heads were seen, which bucket holds them,
which are absent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from psycopg import sql
from psycopg.types.json import Jsonb

from hub.db import entity_tables, landing
from hub.db.database import Transaction
from hub.db.landing import LandingHead, State
from hub.db.rows import rows
from hub.model import Json

ADD = "insert into hub.reconciliation (flow) values (%s) on conflict do nothing"
BEGIN = """
    update hub.reconciliation
       set sweep = sweep + 1, began = %s, place = '{}' where flow = %s and place is null
"""
PROGRESS = "select sweep, began, place from hub.reconciliation where flow = %s"
MOVE = "update hub.reconciliation set place = %s where flow = %s"
FINISH = (
    "update hub.reconciliation set place = null, complete_at = clock_timestamp() where flow = %s"
)
SEES = "update hub.reconciliation set sees = %s where flow = %s"
SIGHT = "select flow, sees from hub.reconciliation where sees is not null"
# own constant
BY_HASH = f"select {landing.HEAD} from hub.head where flow = %s and hash = any(%s)"  # noqa: S608
NEW = "create temp table new_sighting (like hub.sighting) on commit drop"
# Rows of one key that are listed on several pages stand together.
MERGE = """
    insert into hub.sighting as s select * from pg_temp.new_sighting
    on conflict (flow, key) do update
       set sweep = excluded.sweep, bucket = excluded.bucket, checksum = excluded.checksum,
           rows = excluded.rows,
           basis = coalesce(excluded.basis, case when s.sweep = excluded.sweep and s.bucket is null
               then s.basis end),
           set_back = excluded.set_back and (s.set_back or s.sweep < excluded.sweep
               or s.bucket is not null)
"""
FORGET_UNLISTED = """
    delete from hub.sighting
     where flow = %(flow)s and sweep < %(sweep)s and (%(buckets)s::integer[] is null
         or bucket = any(%(buckets)s))
"""
SETTLED = """
    update hub.sighting s set basis = h.landing_id from hub.head h
     where s.flow = %s and s.key = any(%s) and h.flow = s.flow and h.key = s.key
"""
# What is quarantined here is looked at every time.
DIGESTS = """
    select s.bucket, sum(s.rows), sum(s.checksum)
      from hub.sighting s join hub.head h on h.flow = s.flow and h.key = s.key
          and h.landing_id = s.basis
     where s.flow = %s and s.bucket is not null and h.state <> 'quarantined'
     group by s.bucket
"""
ABSENT = """
    select h.key, h.landing_id, h.version, h.hash, h.state, coalesce(s.set_back, false) as set_back
      from hub.head h left join hub.sighting s on s.flow = h.flow and s.key = h.key
     where h.flow = %s and h.whole is null
       and h.state in ('current', 'waiting', 'quarantined', 'exploded', 'empty')
       and hub.event_order(h.landing_id) < hub.event_order(%s)
       and (s.key is null or (s.set_back and s.basis is null))
     order by h.key
"""
LIVE = """
    select count(*) from hub.head
     where flow = %s and whole is null and state in ('current', 'waiting', 'quarantined',
         'exploded', 'empty')
"""


Sight = Literal["all", "known", "nothing"]
"""All that stands there under keys of ours, only what is asked for by known keys, or nothing."""

ABSENT_AT = "absent from "
"""How the position of a landed absence begins; the snapshot that lacks the record follows."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The listing under way: its number, the event id at its start, and where it goes on."""

    sweep: int
    began: int
    place: dict[str, Json]


@dataclass(frozen=True, slots=True)
class Sighting:
    """A key that the partner has listed: in how many rows, with the sum of their checksums where it
    computes them.

    basis: the head's landing where one of them is the same. set_back: all of them are older than
    ours.
    """

    key: str
    basis: int | None
    set_back: bool
    bucket: int | None = None
    checksum: int = 0
    rows: int = 1

    def with_rows_before(self, other: "Sighting | None") -> "Sighting":
        """Rows of one key stand together."""
        if other is None:
            return self
        return replace(
            self,
            basis=self.basis or other.basis,
            set_back=self.set_back and other.set_back,
            checksum=self.checksum + other.checksum,
            rows=self.rows + other.rows,
        )


@dataclass(frozen=True, slots=True)
class Absent:
    """A head that a complete listing did not show; set_back: it showed an older version of it."""

    key: str
    landing_id: int
    version: str
    hash: bytes
    state: State
    set_back: bool


def begin(tx: Transaction, flow: str) -> Progress:
    """Go on with the listing under way, or begin the next one."""
    tx.execute(ADD, (flow,))
    tx.execute(BEGIN, (landing.next_ids(tx, 1)[0], flow))
    return rows(tx, Progress, PROGRESS, (flow,))[0]


def move(tx: Transaction, flow: str, place: Mapping[str, Json]) -> None:
    """Note where the listing goes on."""
    tx.execute(MOVE, (Jsonb(dict(place)), flow))


def finish(tx: Transaction, flow: str) -> None:
    """The listing is complete; the next night begins another."""
    tx.execute(FINISH, (flow,))


def note_sight(tx: Transaction, flow: str, sees: Sight) -> None:
    """Note how much of what a target holds can be seen."""
    tx.execute(ADD, (flow,))
    tx.execute(SEES, (sees, flow))


def sight(tx: Transaction) -> dict[str, Sight]:
    """How much the comparisons of target flows could see, by flow."""
    return dict(tx.execute(SIGHT).fetchall())


def heads_with(tx: Transaction, flow: str, hashes: Sequence[bytes]) -> dict[bytes, LandingHead]:
    """The heads that hold one of these payloads, under whatever contract."""
    return {head.hash: head for head in rows(tx, LandingHead, BY_HASH, (flow, list(hashes)))}


def put(tx: Transaction, flow: str, sweep: int, rows: Iterable[Sighting]) -> None:
    """Note what was listed."""
    tx.execute("drop table if exists pg_temp.new_sighting")
    tx.execute(NEW)
    if entity_tables.copy_in(
        tx,
        sql.SQL("pg_temp.new_sighting (flow, key, sweep, basis, set_back, bucket, checksum, rows)"),
        (
            [flow, row.key, sweep, row.basis, row.set_back, row.bucket, row.checksum, row.rows]
            for row in rows
        ),
    ):
        tx.execute(MERGE)


def forget_unlisted(tx: Transaction, flow: str, sweep: int, buckets: Sequence[int] | None) -> None:
    """Everything, or these buckets, was listed whole: whatever it did not show is forgotten."""
    tx.execute(FORGET_UNLISTED, {"flow": flow, "sweep": sweep, "buckets": buckets})


def settled(tx: Transaction, flow: str, keys: Sequence[str]) -> None:
    """What was listed of these keys has been taken in."""
    tx.execute(SETTLED, (flow, list(keys)))


def digests(tx: Transaction, flow: str) -> dict[int, tuple[int, int]]:
    """Number and sum of checksums by bucket, of what still stands here as it was when it was found
    the same.
    """
    return {
        bucket: (int(count), int(total)) for bucket, count, total in tx.execute(DIGESTS, (flow,))
    }


def absent(tx: Transaction, flow: str, *, began: int) -> list[Absent]:
    """Heads from before the listing began that it did not show in their last version."""
    return rows(tx, Absent, ABSENT, (flow, began))


def live(tx: Transaction, flow: str) -> int:
    """How many keys the flow holds."""
    (count,) = tx.execute(LIVE, (flow,)).fetchone() or (0,)
    return int(count)

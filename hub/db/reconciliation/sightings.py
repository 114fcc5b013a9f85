"""Listings of partners: keys seen, bucket checksums, heads absent from a complete listing."""

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
"""What a target shows: all under our keys, only known keys asked for, or nothing."""

ABSENT_AT = "absent from "
"""Prefix of the position of a landed absence; the snapshot's name follows."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The current listing: number, event id at its start, and where it resumes."""

    sweep: int
    began: int
    place: dict[str, Json]


@dataclass(frozen=True, slots=True)
class Sighting:
    """A key listed by the partner. rows, checksum: its number of rows and their checksums' sum.

    basis: landing id of the head that equals one of them. set_back: all are older than ours.
    """

    key: str
    basis: int | None
    set_back: bool
    bucket: int | None = None
    checksum: int = 0
    rows: int = 1

    def with_rows_before(self, other: "Sighting | None") -> "Sighting":
        """This sighting plus rows of the same key seen earlier."""
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
    """A head that a complete listing lacked; set_back: listed in an older version instead."""

    key: str
    landing_id: int
    version: str
    hash: bytes
    state: State
    set_back: bool


def begin(tx: Transaction, flow: str) -> Progress:
    """The current listing, or a new one."""
    tx.execute(ADD, (flow,))
    tx.execute(BEGIN, (landing.next_ids(tx, 1)[0], flow))
    return rows(tx, Progress, PROGRESS, (flow,))[0]


def move(tx: Transaction, flow: str, place: Mapping[str, Json]) -> None:
    """Store where the listing resumes."""
    tx.execute(MOVE, (Jsonb(dict(place)), flow))


def finish(tx: Transaction, flow: str) -> None:
    """Complete the listing; the next night begins another."""
    tx.execute(FINISH, (flow,))


def note_sight(tx: Transaction, flow: str, sees: Sight) -> None:
    """Store how much of its content a target shows."""
    tx.execute(ADD, (flow,))
    tx.execute(SEES, (sees, flow))


def sight(tx: Transaction) -> dict[str, Sight]:
    """How much each target shows, by flow."""
    return dict(tx.execute(SIGHT).fetchall())


def heads_with(tx: Transaction, flow: str, hashes: Sequence[bytes]) -> dict[bytes, LandingHead]:
    """Head by content hash, whatever its contract."""
    return {head.hash: head for head in rows(tx, LandingHead, BY_HASH, (flow, list(hashes)))}


def put(tx: Transaction, flow: str, sweep: int, rows: Iterable[Sighting]) -> None:
    """Store sightings."""
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
    """Delete sightings not renewed by a complete listing (of these buckets, or all)."""
    tx.execute(FORGET_UNLISTED, {"flow": flow, "sweep": sweep, "buckets": buckets})


def settled(tx: Transaction, flow: str, keys: Sequence[str]) -> None:
    """Delete sightings of these keys: they were taken in."""
    tx.execute(SETTLED, (flow, list(keys)))


def digests(tx: Transaction, flow: str) -> dict[int, tuple[int, int]]:
    """Bucket -> (rows, sum of checksums) of what is unchanged here since it was found equal."""
    return {
        bucket: (int(count), int(total)) for bucket, count, total in tx.execute(DIGESTS, (flow,))
    }


def absent(tx: Transaction, flow: str, *, began: int) -> list[Absent]:
    """Heads older than the listing that it did not show in their version."""
    return rows(tx, Absent, ABSENT, (flow, began))


def live(tx: Transaction, flow: str) -> int:
    """Number of keys that the flow holds."""
    (count,) = tx.execute(LIVE, (flow,)).fetchone() or (0,)
    return int(count)

"""Landed payloads, the head of each source key, and records that are not applied.

landing is immutable; head is the newest landing of its key and its state; quarantine and waiting
hold what is not applied yet.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from psycopg import sql

from hub.db import entity_tables
from hub.db.database import Transaction, as_rows, draw
from hub.db.rows import rows
from hub.domain import ledger
from hub.domain.failure_grouping import cause_of
from hub.domain.payload import HASH_BYTES
from hub.domain.storable import as_kept
from hub.errors import Fault

Disposition = Literal[
    "applied",
    "deleted",
    "superseded",
    "stale",
    "ignored",
    "quarantined",
    "waiting",
    "exploded",
    "empty",
    "held",
]
State = Literal["current", "waiting", "quarantined", "deleted", "ignored", "exploded", "empty"]

HEAD_COLUMNS = {
    "flow": "text",
    "key": "text",
    "landing_id": "int8",
    "version": "text",
    "hash": "bytea",
    "contract_id": "int4",
    "state": "text",
    "whole": "text",
    "pointer": "text",
    "findings": "jsonb",
}
HEAD = "key, landing_id, version, hash, state, contract_id, whole"

EVENT_BASE = "select hub.event_base(now())"
HELD = (
    "select string_agg(hash, '') from hub.head where flow = %s and contract_id = %s and hash = "
    "any(%s::bytea[])"
)
# own constant
HEADS_BY_KEY = f"select {HEAD} from hub.head where flow = %s and key = any(%s)"  # noqa: S608
# own constant
PARTS_OF = f"select {HEAD} from hub.head where flow = %s and whole = any(%s)"  # noqa: S608
NEW_HEADS = "create temp table new_head (like hub.head) on commit drop"
MERGE_HEADS = """
    insert into hub.head select * from pg_temp.new_head
    on conflict (flow, key) do update
       set landing_id = excluded.landing_id, version = excluded.version, hash = excluded.hash,
           contract_id = excluded.contract_id, state = excluded.state, whole = excluded.whole,
           pointer = excluded.pointer, findings = excluded.findings
"""
# The head's hash leaves volatile fields out; the landing's own hash (sealed) covers all bytes.
LANDED = """
    select l.id, w.key, l.position, l.version, coalesce(case when h.landing_id = l.id
        then h.hash end, l.hash) as hash,
           l.payload, coalesce(case when h.landing_id = l.id then h.pointer end, p.pointer)
               as pointer, h.whole
      from unnest(%s::text[], %s::bigint[]) as w (key, id)
      join hub.landing l on l.id = w.id
      left join hub.head h on h.flow = l.flow and h.key = w.key
      left join lateral (select min(pointer) as pointer from hub.part
                          where part.landing_id = l.id and part.key = w.key) p on true
     where l.flow = %s and l.payload is not null
     order by hub.event_order(l.id)
"""
# An exploded payload speaks of records under the keys of its parts.
SOURCES = """
    select id, null::bigint, flow, key from hub.landing where id = any(%(ids)s)
     union all
    select p.landing_id, p.record_id, l.flow, p.key
      from hub.part p join hub.landing l on l.id = p.landing_id where p.landing_id = any(%(ids)s)
"""
APPLIED_ANEW = """
    insert into hub.applied_anew (landing_id, key, batch_id)
    select distinct n.id, n.key, %s::bigint from unnest(%s::text[], %s::bigint[]) as n (key, id)
"""
SEEN = """
    select distinct l.key, l.hash from hub.landing l
      join unnest(%s::text[], %s::bytea[]) as n (key, hash) on n.key = l.key and n.hash = l.hash
     where l.flow = %s and l.disposition <> 'held'
"""
WAIT = """
    insert into hub.waiting (flow, key, landing_id, wants)
    select %s, w.key, w.landing_id, string_to_array(w.wants, E'\\x1f')
      from unnest(%s::text[], %s::bigint[], %s::text[]) as w (key, landing_id, wants)
    on conflict (flow, key) do update
       set landing_id = excluded.landing_id, wants = excluded.wants,
           looked_at = case when waiting.landing_id = excluded.landing_id then waiting.looked_at end
"""
STOP_WAITING = "delete from hub.waiting where flow = %s and key = any(%s)"
REFUSED = """
    (select l.project_code from hub.link l
      where l.flow = w.flow and l.key = w.key and l.verdict = 'refused' and l.ended_at is null)
"""
# "*" forces a re-check. A token marked "?" is known but ambiguous: such tokens count again once one
# of them names a single project that all of them allow, refused ones left out. Must decide as
# `_resolve` in hub/pipeline/crosswalk.py does for one record: change both together.
COME = f"""
    (w.wants = array['*']
     or exists (select from hub.crosswalk c where c.token = any(w.wants))
     or exists (select from unnest(w.wants) as t (token) join hub.crosswalk c
         on c.token = substr(t.token, 2)
                 where t.token like '?%%'
                   and c.project_code not in {REFUSED}
                 group by c.project_code
                having count(distinct c.token) = (select count(distinct k.token)
                    from unnest(w.wants) as m (token)
                                                    join hub.crosswalk k
                                                        on k.token = substr(m.token, 2)
                                                   where m.token like '?%%')
                   and bool_or(not exists (select from hub.crosswalk o
                                            where o.token = c.token
                                                and o.project_code <> c.project_code
                                              and o.project_code not in {REFUSED}))))
"""  # noqa: S608 -- made of this module's own constants
RELEASABLE = f"""
    select w.key, w.landing_id from hub.waiting w where w.flow = %s and w.landing_id > %s and {COME}
     order by w.landing_id limit %s
"""  # noqa: S608 -- likewise
RELEASABLE_FLOWS = f"""
    select distinct w.flow from hub.waiting w where {COME}
"""  # noqa: S608 -- likewise
NOTE_PARTS = """
    insert into hub.part (batch_id, landing_id, record_id, key, pointer)
    select %s, n.* from unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[]) as n
    on conflict (landing_id, record_id, key) do update set pointer = excluded.pointer
"""
WITHHELD_KEYS = """
    select key from hub.quarantine
     where flow = %s and stage = 'intake' and state = 'open' and split_part(cause, ' ', 1) = any(%s)
"""
# What is set aside stays so: its entry says why.
VACATE_HEADS = """
    update hub.head set state = 'deleted' where flow = %s and key = any(%s)
        and state <> 'quarantined'
"""
FORGET_HEADS = "delete from hub.head where flow = %s and key = any(%s)"
SET_ASIDE = """
    insert into hub.quarantine (flow, key, stage, landing_id, cause, faults, owner, opened_run)
    select %s, q.key, 'intake', q.landing_id, q.cause, q.faults, %s, %s
      from json_to_recordset(%s) as q (key text, landing_id bigint, cause text, faults jsonb)
"""
CLOSE = """
    update hub.quarantine set state = %s, closed_at = now(), closed_run = %s
     where flow = %s and key = any(%s) and stage = %s and state = 'open'
"""


Place: TypeAlias = tuple[str, int]
"""(source key, landing id). The key can differ from the landing's: remapping may move a payload."""


@dataclass(frozen=True, slots=True)
class LandingHead:
    """The newest landing of a source key, with its state."""

    key: str
    landing_id: int
    version: str
    hash: bytes
    state: State
    contract_id: int = 0
    whole: str | None = None


@dataclass(frozen=True, slots=True)
class LandedPayload:
    """One stored payload with position and hash; whole, pointer: of the part that is meant."""

    id: int
    key: str
    position: str
    version: str
    hash: bytes
    payload: bytes
    pointer: str | None = None
    whole: str | None = None


@dataclass(frozen=True, slots=True)
class SetAside:
    """A landing that did not become a source record: its faults, or the tokens it waits for."""

    key: str
    landing_id: int
    faults: tuple[Fault, ...] = ()
    wants: tuple[str, ...] = ()


def next_ids(tx: Transaction, count: int) -> list[int]:
    """`count` rising ids for event rows (landings, history) in this month's partition."""
    numbers = draw(tx, "hub.event_seq", count)
    return [base + number for (base,) in tx.execute(EVENT_BASE) for number in numbers]


def held(tx: Transaction, flow: str, contract: int, hashes: Sequence[bytes]) -> set[bytes]:
    """Those of these content hashes that are heads under the same contract (nothing new to do)."""
    if not hashes:
        return set()
    written = "{" + ",".join([f'"\\\\x{digest.hex()}"' for digest in hashes]) + "}"
    # One value of all hashes, since fetching them row by row costs more than finding them.
    found = b"".join(
        row[0] or b"" for row in tx.execute(HELD, (flow, contract, written), binary=True)
    )
    return {found[at : at + HASH_BYTES] for at in range(0, len(found), HASH_BYTES)}


def heads_by_key(tx: Transaction, flow: str, keys: Sequence[str]) -> dict[str, LandingHead]:
    """Head by source key."""
    return {head.key: head for head in rows(tx, LandingHead, HEADS_BY_KEY, (flow, list(keys)))}


def parts_of(tx: Transaction, flow: str, wholes: Sequence[str]) -> dict[str, LandingHead]:
    """Head by source key, of all parts that these records have or had."""
    if not wholes:
        return {}
    return {head.key: head for head in rows(tx, LandingHead, PARTS_OF, (flow, list(wholes)))}


def note_parts(tx: Transaction, batch_id: int, rows: Iterable[tuple[int, int, str, str]]) -> None:
    """Store which part of a payload became which record: (landing, record, source key, pointer).

    Rows stored before stay with the batch that applied them first.
    """
    told = list(zip(*rows, strict=True))
    if told:
        tx.execute(NOTE_PARTS, [batch_id, *map(list, told)])


def land(tx: Transaction, rows: Iterable[Sequence[Any]]) -> bytes:
    """Store payloads: (id, flow, key, batch, position, version, hash, salt, payload, disposition,
    time).

    Gives the fingerprints of their other columns, joined in this order, for `runs.add_batch`.
    """
    names = sql.SQL(
        "hub.landing (id, flow, key, batch_id, position, version, hash, salt, payload, "
        "disposition, source_time)"
    )
    types = [
        "int8",
        "text",
        "text",
        "int8",
        "text",
        "text",
        "bytea",
        "bytea",
        "bytea",
        "text",
        "timestamptz",
    ]
    made: list[bytes] = []

    def noted() -> Iterator[Sequence[Any]]:
        for row in rows:
            made.append(ledger.fingerprint((*row[:3], *row[4:6], row[9]), row[10]))
            yield row

    entity_tables.copy_in(tx, names, noted(), types=types)
    return b"".join(made)


def set_heads(
    tx: Transaction, rows: Iterable[Sequence[object]], *, known: AbstractSet[str]
) -> None:
    """Make these the heads of their keys.

    rows: values of HEAD_COLUMNS, or the first ones of them. known: keys that already have a head,
    which is replaced.
    """
    first: list[Sequence[object]] = []
    replacing: list[Sequence[object]] = []
    for row in rows:
        (replacing if row[1] in known else first).append(row)
    if first:
        columns, types = _head_columns(len(first[0]))
        entity_tables.copy_in(tx, sql.SQL("hub.head {}").format(columns), first, types=types)
    if replacing:
        tx.execute("drop table if exists pg_temp.new_head")
        tx.execute(NEW_HEADS)
        columns, _ = _head_columns(len(replacing[0]))
        entity_tables.copy_in(tx, sql.SQL("pg_temp.new_head {}").format(columns), replacing)
        tx.execute(MERGE_HEADS)


def _head_columns(count: int) -> tuple[sql.Composed, list[str]]:
    """The first `count` columns of a head, in brackets, with their types."""
    names = sql.SQL(", ").join(map(sql.Identifier, list(HEAD_COLUMNS)[:count]))
    return sql.SQL("({})").format(names), list(HEAD_COLUMNS.values())[:count]


def landed(tx: Transaction, flow: str, places: Sequence[Place]) -> list[LandedPayload]:
    """Payloads under their keys of today, oldest first; erased ones are left out."""
    return (
        rows(tx, LandedPayload, LANDED, (*map(list, zip(*places, strict=True)), flow))
        if places
        else []
    )


def sources(
    tx: Transaction, landing_ids: Collection[int]
) -> set[tuple[int, int | None, tuple[str, str]]]:
    """The keys under which payloads arrived: (landing, None, (flow, key)).

    For parts: (landing, record, (flow, key)).
    """
    rows = tx.execute(SOURCES, {"ids": list(landing_ids)}).fetchall() if landing_ids else []
    return {(landing_id, record_id, (flow, key)) for landing_id, record_id, flow, key in rows}


def applied_anew(tx: Transaction, batch_id: int, places: Sequence[Place]) -> None:
    """Store that a batch applied older landings again: it tells each version's contract."""
    if places:
        tx.execute(APPLIED_ANEW, (batch_id, *map(list, zip(*places, strict=True))))


def seen(
    tx: Transaction, flow: str, payloads: Sequence[tuple[str, bytes]]
) -> set[tuple[str, bytes]]:
    """Those of these (key, hash) that have landed before, as heads or not."""
    if not payloads:
        return set()
    keys, hashes = zip(*payloads, strict=True)
    return set(tx.execute(SEEN, (list(keys), list(hashes), flow)).fetchall())


def wait(tx: Transaction, flow: str, rows: Sequence[SetAside]) -> int:
    """Store records that wait for one of their tokens."""
    if not rows:
        return 0
    keys, ids = [row.key for row in rows], [row.landing_id for row in rows]
    return tx.execute(WAIT, (flow, keys, ids, ["\x1f".join(row.wants) for row in rows])).rowcount


def stop_waiting(tx: Transaction, flow: str, keys: Sequence[str]) -> None:
    """Delete these keys from waiting: they have a newer outcome."""
    tx.execute(STOP_WAITING, (flow, list(keys)))


def releasable(tx: Transaction, flow: str, *, after: int, most: int) -> list[Place]:
    """The next waiting records for which a token has come."""
    return tx.execute(RELEASABLE, (flow, after, most)).fetchall()


def releasable_flows(tx: Transaction) -> list[str]:
    """Flows with at least one releasable record."""
    return [row[0] for row in tx.execute(RELEASABLE_FLOWS, ()).fetchall()]


def withheld_keys(tx: Transaction, flow: str, causes: Sequence[str]) -> set[str]:
    """Keys of open entries with these causes."""
    return {key for (key,) in tx.execute(WITHHELD_KEYS, (flow, list(causes)))}


def vacate_heads(tx: Transaction, flow: str, keys: Sequence[str]) -> None:
    """Set these heads to deleted (unless quarantined): nothing is applied under their keys now."""
    tx.execute(VACATE_HEADS, (flow, list(keys)))


def forget_heads(tx: Transaction, flow: str, keys: Sequence[str]) -> None:
    """Delete heads of stand-in keys that got a real key."""
    tx.execute(FORGET_HEADS, (flow, list(keys)))


def set_aside(
    tx: Transaction, flow: str, *, owner: str, run_id: int, rows: Sequence[SetAside]
) -> int:
    """Open quarantine entries, each with all its faults; `cause` groups them by rule and place."""
    if not rows:
        return 0
    entries = [
        {
            "key": row.key,
            "landing_id": row.landing_id,
            "cause": cause_of(row.faults),
            "faults": as_kept(row.faults),
        }
        for row in rows
    ]
    return tx.execute(SET_ASIDE, (flow, owner, run_id, as_rows(entries))).rowcount


def close(
    tx: Transaction, flow: str, keys: Sequence[str], *, stage: str, state: str, run_id: int | None
) -> int:
    """Close the open entries of these keys; gives how many."""
    return tx.execute(CLOSE, (state, run_id, flow, list(keys), stage)).rowcount

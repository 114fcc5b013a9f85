"""Former versions of records with the payloads they name, for verification."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from psycopg import sql

from hub.db import entity_tables
from hub.db.database import Transaction
from hub.db.rows import rows
from hub.domain.contracts import Entity
from hub.model import Json, Record

KEYS = """
    select h.id from hub.history h join hub.record r on r.id = h.record_id and r.entity = %s
     where h.id > %s order by h.id limit %s
"""
FORMER = """
    select h.id, h.record_id, h.version, h.body, h.provenance, h.batch_id,
           exists (select from hub.erasure e where e.record_id = h.record_id) as erased
      from hub.history h where h.id = any(%s)
"""
# readings: each batch that applied it, with its contract.
MADE_OF = """
    select l.id, l.flow, l.key, l.payload, l.version,
           array(select array[b.id::text, c.hash]
                   from (select l.batch_id as id
                          union select a.batch_id from hub.applied_anew a
                              where a.landing_id = l.id) n
                   join hub.batch b on b.id = n.id join hub.contract_version c
                       on c.id = b.contract_id
                  order by b.id) as readings
      from hub.landing l where l.id = any(%s)
"""
# The last former version of records that are deleted now, unless they were erased.
LAST = """
    select h.record_id, h.body, h.provenance from hub.history h
      join unnest(%s::bigint[], %s::integer[]) n (record_id, version) using (record_id, version)
     where not exists (select from hub.erasure e where e.record_id = h.record_id)
"""
POINTERS = (
    "select landing_id, record_id, pointer from hub.part where landing_id = any(%s) and "
    "record_id = any(%s)"
)


@dataclass(frozen=True, slots=True)
class Former:
    """A replaced version. erased: its record was erased."""

    id: int
    record_id: int
    version: int
    body: dict[str, Json]
    provenance: list[int]
    batch_id: int
    erased: bool


@dataclass(frozen=True, slots=True)
class MadeOf:
    """A payload that a version names. readings: (batch, contract) of each batch that applied it."""

    id: int
    flow: str
    key: str
    payload: bytes | None
    version: str
    readings: list[list[str]]

    def contract(self, batch: int) -> str:
        """The contract under which it was last read up to this batch."""
        by_then = [contract for at, contract in self.readings if int(at) <= batch]
        return by_then[-1] if by_then else ""


def keys(tx: Transaction, entity: str, after: int, most: int) -> list[int]:
    """Ids of the next former versions of an entity's records."""
    return [row[0] for row in tx.execute(KEYS, (entity, after, most)).fetchall()]


def former(tx: Transaction, ids: Sequence[int]) -> list[Former]:
    """These former versions, in order."""
    return rows(tx, Former, FORMER, (list(ids),))


def last_of(
    tx: Transaction, numbers: Mapping[int, int]
) -> dict[int, tuple[dict[str, Json], list[int]]]:
    """Record id -> (body, provenance) of these versions; erased records are left out."""
    rows = tx.execute(LAST, (list(numbers), list(numbers.values())))
    return {record: (body, provenance) for record, body, provenance in rows}


def made_of(tx: Transaction, ids: Sequence[int]) -> dict[int, MadeOf]:
    """These payloads by landing id."""
    return {row.id: row for row in rows(tx, MadeOf, MADE_OF, (list(ids),))}


def pointers(
    tx: Transaction, landings: Sequence[int], record_ids: Sequence[int]
) -> dict[tuple[int, int], list[str]]:
    """(landing, record) -> JSON pointers, for parts of exploded payloads."""
    found: dict[tuple[int, int], list[str]] = {}
    for landing_id, record_id, pointer in tx.execute(POINTERS, (list(landings), list(record_ids))):
        found.setdefault((landing_id, record_id), []).append(pointer)
    return found


def differing(
    tx: Transaction, entity: Entity, rows: Mapping[int, tuple[Record, Record]]
) -> list[tuple[int, str]]:
    """Compare stored and rebuilt values in the database; gives (row id, differing columns)."""
    if not rows:
        return []
    golden, fields = entity_tables.table("golden", entity), entity_tables.columns(entity)
    for side, at in (("stands", 0), ("must", 1)):
        name = sql.Identifier(side)
        tx.execute(sql.SQL("drop table if exists pg_temp.{}").format(name))
        made = sql.SQL(
            "create temp table {} on commit drop as select 0::bigint as n, {} from {} limit 0"
        )
        tx.execute(made.format(name, fields, golden))
        into = sql.SQL("pg_temp.{} (n, {})").format(name, fields)
        entity_tables.copy_in(
            tx, into, ([n, *entity_tables.row_of(entity, pair[at])] for n, pair in rows.items())
        )
    differ = sql.SQL(", ").join(
        sql.SQL("case when s.{0} is distinct from m.{0} then {1} end").format(
            sql.Identifier(name), sql.Literal(name)
        )
        for name in entity.fields
    )
    query = sql.SQL(
        "select * from (select s.n, array_to_string(array_remove(array[{}]::text[], null), ', ') "
        "as named "
        "from pg_temp.stands s join pg_temp.must m on m.n = s.n) d where named <> '' order by 1"
    )
    return tx.execute(query.format(differ)).fetchall()

"""Source and golden records: upsert in bulk, history of versions, claims."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import orjson
from psycopg import sql
from psycopg.types.json import Jsonb

from hub.db import entity_tables, landing
from hub.db.database import Transaction, draw
from hub.db.landing import Place
from hub.db.records.findings import kept_findings
from hub.domain.contracts import Entity
from hub.domain.survivorship import Claim, fields_of_system
from hub.errors import Fault
from hub.model import STEWARD, Record

SOURCE_HEADS = sql.SQL(
    "flow, source_key, system, record_id, landing_id, version, contract_id, lent_by, findings"
)
LOCK_ENTITY = "select pg_advisory_xact_lock(hashtextextended('entity:' || %s, 0))"
HEADERS = "select key, id from hub.record where entity = %s and key = any(%s)"
RECORD_IDS = "select id from hub.record where entity = %s and id > %s order by id limit %s"
HEADERS_OF = "select id, key from hub.record where id = any(%s)"
ADD_HISTORY = "hub.history (id, record_id, version, body, provenance, batch_id, until_batch)"


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source record to write: what one system asserts of one record.

    lent_by: the crosswalk token that its project code comes from. findings: remarks that are no
    faults.
    """

    source_key: str
    record_id: int
    landing_id: int
    version: str
    values: Record
    lent_by: str | None = None
    findings: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceOrigin:
    """Where source records come from: flow, system, id of their contract."""

    flow: str
    system: str
    contract_id: int


@dataclass(frozen=True, slots=True)
class Written:
    """Counts of source records: new, changed, unchanged; and the ids of all records touched."""

    created: int = 0
    changed: int = 0
    same: int = 0
    touched: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Golden:
    """A golden record as stored. provenance: field -> landing id of its value."""

    record_id: int
    version: int
    batch_id: int
    deleted: bool
    incomplete: tuple[str, ...]
    provenance: dict[str, int]
    values: Record


def lock_entity(tx: Transaction, entity: str) -> None:
    """Lock an entity until the transaction ends: one writer at a time.

    Otherwise two flows that merge one record would not see each other's claims.
    """
    tx.execute(LOCK_ENTITY, (entity,))


def ensure(
    tx: Transaction, entity: str, keys: Sequence[str]
) -> tuple[dict[str, int], AbstractSet[str]]:
    """Record ids by key, and the keys created here; the caller holds the entity's lock."""
    if not keys:
        return {}, set()
    known: dict[str, int] = dict(tx.execute(HEADERS, (entity, list(keys))).fetchall())
    missing = list(dict.fromkeys(key for key in keys if key not in known))
    if not missing:
        return known, set()
    new = dict(zip(missing, draw(tx, "hub.record_id_seq", len(missing)), strict=True))
    rows = ((record_id, entity, key) for key, record_id in new.items())
    entity_tables.copy_in(
        tx, sql.SQL("hub.record (id, entity, key)"), rows, types=("int8", "text", "text")
    )
    return known | new, new.keys()


def put_new(
    tx: Transaction,
    entity: Entity,
    rows: Sequence[SourceRow],
    *,
    origin: SourceOrigin,
    batch_id: int,
) -> None:
    """Insert source records that are the only claim of new records, with their golden records.

    Equals `settle` on a single claim: same `fields_of_system`, each field from this landing. It
    knows no masks: records with a masked required field are excluded by `apply._source_rows`.
    """
    if not rows:
        return
    source = entity_tables.table("source", entity)
    _copy_sources(tx, source, entity, rows, origin)
    said = frozenset(fields_of_system(entity, origin.system))
    by_ordinal = {
        ordinal: name
        for name, ordinal in entity_tables.ordinals(tx, entity).items()
        if name in said
    }
    cells = {
        name: sql.Identifier(name) if name in said else sql.SQL("null") for name in entity.fields
    }
    traced = [
        sql.SQL("case when {} is null then 0 else landing_id end").format(
            sql.Identifier(by_ordinal[at])
        )
        if at in by_ordinal
        else sql.SQL("0")
        for at in range(1, max(by_ordinal, default=0) + 1)
    ]
    lacking = [
        sql.SQL("case when {} is null then {} end").format(cells[name], sql.Literal(name))
        for name in entity.required
    ]
    tx.execute(
        sql.SQL(
            "insert into {} (record_id, version, batch_id, incomplete, provenance, {}) "
            "select record_id, 1, %s, array_remove(array[{}]::text[], null), "
            "array[{}]::bigint[], {} "
            "from {} where record_id between %s and %s and flow = %s"
        ).format(
            entity_tables.table("golden", entity),
            entity_tables.columns(entity),
            *(sql.SQL(", ").join(parts) for parts in (lacking, traced, cells.values())),
            source,
        ),
        (batch_id, rows[0].record_id, rows[-1].record_id, origin.flow),
    )


def put_sources(
    tx: Transaction,
    entity: Entity,
    rows: Sequence[SourceRow],
    *,
    origin: SourceOrigin,
    tell_same: bool = False,
) -> Written:
    """Upsert source records; gives counts and records touched.

    tell_same: count rows with equal values for the same record as unchanged.
    """
    if not rows:
        return Written()
    source, fields = entity_tables.table("source", entity), entity_tables.columns(entity)
    tx.execute("drop table if exists pg_temp.incoming")
    tx.execute(sql.SQL("create temp table incoming (like {}) on commit drop").format(source))
    _copy_sources(tx, sql.SQL("pg_temp.incoming"), entity, rows, origin)
    moved = tx.execute(
        sql.SQL(
            "select s.record_id from {} s join pg_temp.incoming i using (flow, source_key) "
            "where s.record_id <> i.record_id"
        ).format(source)
    ).fetchall()
    same = _same(tx, entity) if tell_same else 0
    updates = sql.SQL(", ").join(
        sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name))
        for name in (
            "record_id",
            "landing_id",
            "version",
            "contract_id",
            "lent_by",
            "findings",
            *entity.fields,
        )
    )
    written = tx.execute(
        sql.SQL(
            "insert into {0} ({1}, {2}) select {1}, {2} from pg_temp.incoming "
            "on conflict (flow, source_key) do update set {3} returning xmax = 0"
        ).format(source, SOURCE_HEADS, fields, updates)
    ).fetchall()
    created = sum(new for (new,) in written)
    touched = {row.record_id for row in rows} | {record for (record,) in moved}
    return Written(created, len(written) - created - same, same, frozenset(touched))


def _same(tx: Transaction, entity: Entity) -> int:
    """Number of incoming source records that equal the stored ones."""
    said, stands = (
        sql.SQL(", ").join(sql.Identifier(side, name) for name in ("record_id", *entity.fields))
        for side in ("i", "s")
    )
    found = tx.execute(
        sql.SQL(
            "select count(*) from pg_temp.incoming i join {} s using (flow, source_key) "
            "where ({}) is not distinct from ({})"
        ).format(entity_tables.table("source", entity), said, stands)
    )
    return sum(count for (count,) in found)


def drop_sources(
    tx: Transaction, entity: Entity, flow: str, keys: Sequence[str]
) -> tuple[int, set[int]]:
    """Delete source records of these keys; gives their number and record ids."""
    gone = tx.execute(
        sql.SQL(
            "delete from {} where flow = %s and source_key = any(%s) returning record_id"
        ).format(entity_tables.table("source", entity)),
        (flow, list(keys)),
    ).fetchall()
    return len(gone), {record for (record,) in gone}


def drop_landings(tx: Transaction, entity: Entity, flow: str, places: Sequence[Place]) -> set[int]:
    """Delete source records made from these landings, which wait now; gives their record ids."""
    if not places:
        return set()
    gone = tx.execute(
        sql.SQL(
            "delete from {} s using unnest(%s::text[], %s::bigint[]) as w (key, landing_id) "
            "where s.lent_by is not null and s.flow = %s and s.source_key = w.key and "
            "s.landing_id = w.landing_id "
            "returning s.record_id"
        ).format(entity_tables.table("source", entity)),
        (*map(list, zip(*places, strict=True)), flow),
    )
    return {record for (record,) in gone}


def count_sources(tx: Transaction, entity: Entity, flow: str, keys: Sequence[str]) -> int:
    """Number of these keys that have a source record."""
    query = sql.SQL("select count(*) from {} where flow = %s and source_key = any(%s)")
    row = tx.execute(
        query.format(entity_tables.table("source", entity)), (flow, list(keys))
    ).fetchone()
    return int(row[0]) if row else 0


def record_ids(tx: Transaction, entity: Entity, *, after: int, most: int) -> list[int]:
    """The next record ids of an entity."""
    return [row[0] for row in tx.execute(RECORD_IDS, (entity.name, after, most)).fetchall()]


def headers(tx: Transaction, ids: Sequence[int]) -> dict[int, str]:
    """Record id -> key."""
    return dict(tx.execute(HEADERS_OF, (list(ids),)).fetchall())


def order(tx: Transaction, entity: Entity) -> dict[str, int]:
    """Field -> its position in `provenance`."""
    return dict(tx.execute(entity_tables.ORDINALS, (entity.name,)).fetchall())


def claims(
    tx: Transaction, entity: Entity, record_ids: Iterable[int], *, system: str | None = None
) -> dict[int, list[Claim]]:
    """Record id -> claims of all systems, or of one.

    Of all: records with nothing but manual decisions are left out, for those keep no record alive.
    """
    found: dict[int, list[Claim]] = {}
    rows = entity_tables.cursor(tx).execute(
        sql.SQL(
            "select record_id, system, flow, source_key, version, landing_id, {} from {} "
            "where record_id = any(%(ids)s) and (%(system)s::text is null or system = %(system)s)"
        ).format(entity_tables.columns(entity), entity_tables.asserted(tx, entity)),
        {"ids": list(record_ids), "system": system},
    )
    for record_id, whose, flow, source_key, version, landing_id, *cells in rows:
        claim = Claim(
            whose, flow, source_key, version, landing_id, entity_tables.record_of(entity, cells)
        )
        found.setdefault(record_id, []).append(claim)
    if system is not None:
        return found
    return {
        record: said
        for record, said in found.items()
        if any(claim.system != STEWARD for claim in said)
    }


def golden(
    tx: Transaction, entity: Entity, record_ids: Iterable[int], *, traced: bool = True
) -> dict[int, Golden]:
    """Golden records by id. traced: with provenance, which doubles the time."""
    return _golden(tx, entity, sql.SQL("record_id = any(%s)"), list(record_ids), traced=traced)


def golden_of_projects(
    tx: Transaction, entity: Entity, project_codes: Iterable[str]
) -> dict[int, Golden]:
    """Golden records by id for these projects, without provenance, deleted ones included."""
    return _golden(tx, entity, sql.SQL("project_code = any(%s)"), list(project_codes), traced=False)


def put_golden(
    tx: Transaction, entity: Entity, new: Sequence[Golden], old: Mapping[int, Golden]
) -> None:
    """Write golden records; replaced versions go to the history."""
    if not new:
        return
    order = entity_tables.ordinals(tx, entity)
    replaced = [(old[row.record_id], row) for row in new if row.record_id in old]
    _keep_history(
        tx, [(was, row.batch_id) for was, row in replaced if was.version != row.version], order
    )
    table, fields = entity_tables.table("golden", entity), entity_tables.columns(entity)
    tx.execute("drop table if exists pg_temp.settled")
    tx.execute(sql.SQL("create temp table settled (like {}) on commit drop").format(table))
    heads = sql.SQL("record_id, version, batch_id, deleted_at, incomplete, provenance")
    entity_tables.copy_in(
        tx,
        sql.SQL("pg_temp.settled ({}, {})").format(heads, fields),
        (
            [
                row.record_id,
                row.version,
                row.batch_id,
                "now" if row.deleted else None,
                list(row.incomplete) or "{}",
                positions(row.provenance, order),
                *entity_tables.row_of(entity, row.values),
            ]
            for row in new
        ),
    )
    updates = sql.SQL(", ").join(
        sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name))
        for name in (
            "version",
            "batch_id",
            "deleted_at",
            "incomplete",
            "provenance",
            *entity.fields,
        )
    )
    tx.execute(
        sql.SQL(
            "insert into {0} ({1}, {2}) select {1}, {2} from pg_temp.settled on conflict "
            "(record_id) do update set {3}"
        ).format(table, heads, fields, updates)
    )


def positions(provenance: Mapping[str, int], order: Mapping[str, int]) -> str:
    """Provenance as stored: landing ids at the fields' positions, 0 where there is none.

    As a PostgreSQL array literal: adapting a list number by number was a quarter of the cost of
    merging.
    """
    row = [0] * (max(order.values(), default=0))
    for name, landing_id in provenance.items():
        row[order[name] - 1] = landing_id
    return f"{{{','.join(map(str, row))}}}"


def _copy_sources(
    tx: Transaction,
    into: sql.Composable,
    entity: Entity,
    rows: Sequence[SourceRow],
    origin: SourceOrigin,
) -> None:
    flow, system, contract = origin.flow, origin.system, origin.contract_id
    names = list(entity.fields)
    entity_tables.copy_in(
        tx,
        sql.SQL("{} ({}, {})").format(into, SOURCE_HEADS, entity_tables.columns(entity)),
        (
            [
                flow,
                row.source_key,
                system,
                row.record_id,
                row.landing_id,
                row.version,
                contract,
                row.lent_by,
                kept_findings(row.findings),
                *map(row.values.get, names),
            ]
            for row in rows
        ),
    )


def _keep_history(
    tx: Transaction, rows: Sequence[tuple[Golden, int]], order: Mapping[str, int]
) -> None:
    if not rows:
        return
    ids = landing.next_ids(tx, len(rows))
    entity_tables.copy_in(
        tx,
        sql.SQL(ADD_HISTORY),
        (
            [
                event,
                was.record_id,
                was.version,
                body,
                positions(was.provenance, order),
                was.batch_id,
                until,
            ]
            for event, (was, until) in zip(ids, rows, strict=True)
            for body in [
                Jsonb(was.values | ({"_deleted": True} if was.deleted else {}), dumps=orjson.dumps)
            ]
        ),
    )


def _golden(
    tx: Transaction,
    entity: Entity,
    where: sql.SQL,
    wanted: Sequence[int] | Sequence[str],
    *,
    traced: bool,
) -> dict[int, Golden]:
    if not wanted:
        return {}
    order = entity_tables.ordinals(tx, entity) if traced else {}
    rows = entity_tables.cursor(tx).execute(
        sql.SQL(
            "select record_id, version, batch_id, deleted_at, incomplete, {}, {} from {} where "
        ).format(
            sql.SQL("provenance" if traced else "null"),
            entity_tables.columns(entity),
            entity_tables.table("golden", entity),
        )
        + where,
        (wanted,),
    )
    return {
        row[0]: Golden(
            record_id=row[0],
            version=row[1],
            batch_id=row[2],
            deleted=row[3] is not None,
            incomplete=tuple(row[4]),
            provenance={
                name: landing_id
                for name, landing_id in zip(order, row[5] or (), strict=False)
                if landing_id
            },
            values=entity_tables.record_of(entity, row[6:]),
        )
        for row in rows
    }

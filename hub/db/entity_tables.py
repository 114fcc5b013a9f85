"""Tables made from schemas, `source.<entity>` and `golden.<entity>`: create, read, write.

Identifiers come from checked schemas only and are quoted; values are always bound or copied.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, LiteralString
from weakref import WeakKeyDictionary

from psycopg import Cursor, DataError, sql
from psycopg.abc import Buffer
from psycopg.rows import TupleRow
from psycopg.types.datetime import TimestamptzLoader
from psycopg.types.string import TextLoader

from hub.db.database import Transaction
from hub.domain.contracts import Entity, Field
from hub.errors import FlowError
from hub.model import Record, Value

TYPES: dict[str, LiteralString] = {
    "string": "text",
    "integer": "bigint",
    "boolean": "boolean",
    "date": "date",
    "month": "text",
    "datetime": "timestamptz",
    "decimal": "numeric",
    "strings": "text[]",
    "geojson": "text",
}

WRITTEN_AS_SHARED = ("date", "numeric")


class _Instant(TimestamptzLoader):
    """Loader of instants: beyond Python's years, as text, so that one such row hides no other."""

    def load(self, data: Buffer) -> datetime | str:  # type: ignore[override] # see above
        try:
            return super().load(data)
        except DataError:
            return bytes(data).decode()


SOURCE_HEAD: tuple[LiteralString, ...] = (
    "flow text not null",
    "source_key text not null",
    "system text not null",
    "record_id bigint not null",
    "landing_id bigint not null",
    "version text not null",
    "contract_id integer not null",
    "lent_by text",
    "findings jsonb",
)
GOLDEN_HEAD: tuple[LiteralString, ...] = (
    "record_id bigint primary key",
    "version integer not null",
    "batch_id bigint not null",
    "deleted_at timestamptz",
    "incomplete text[] not null",
    "provenance bigint[] not null",
)

COLUMNS = """
    select column_name, format_type(atttypid, atttypmod)
      from information_schema.columns
      join pg_attribute on attrelid = format('%%I.%%I', table_schema, table_name)::regclass
          and attname = column_name
     where table_schema = %s and table_name = %s
"""
_PLACES = re.compile(r"numeric\(\d+,(\d+)\)")
ORDINALS = "select name, ordinal from hub.entity_field where entity = %s order by ordinal"
_ORDINALS: WeakKeyDictionary[Transaction, dict[str, dict[str, int]]] = WeakKeyDictionary()
ADD_ORDINAL = "insert into hub.entity_field (entity, name, ordinal) values (%s, %s, %s)"


def table(schema: LiteralString, entity: Entity) -> sql.Composed:
    """The quoted name of an entity table."""
    return sql.SQL("{}.{}").format(sql.Identifier(schema), sql.Identifier(entity.name))


def asserted(tx: Transaction, entity: Entity) -> sql.Composed:
    """Where this connection reads source records: the table, or a reader's view of it."""
    return tx.of_two(table=table("source", entity), view=table("asserted", entity))


def names(entity: Entity) -> list[str]:
    """Field names in the schema's order: the order of all rows read and written here."""
    return list(entity.fields)


def columns(entity: Entity) -> sql.Composed:
    """The field columns, quoted, comma-separated."""
    return sql.SQL(", ").join(map(sql.Identifier, entity.fields))


def migrate(tx: Transaction, entity: Entity) -> list[str]:
    """Create the entity's tables or add new columns; gives what was done.

    FlowError where a field changed its kind.
    """
    done = []
    if not _existing(tx, "source", entity):
        _create(tx, "source", entity, SOURCE_HEAD, "primary key (flow, source_key)")
        _index(tx, "source", entity, "record_id")
        tx.execute(
            sql.SQL("create index on {} (lent_by, landing_id) where lent_by is not null").format(
                table("source", entity)
            )
        )
        done.append(f"source.{entity.name}")
    if not _existing(tx, "golden", entity):
        _create(tx, "golden", entity, GOLDEN_HEAD, "check (version > 0)")
        _index(tx, "golden", entity, "project_code")
        if entity.name == "project":
            _index(tx, "golden", entity, "batch_id")
        done.append(f"golden.{entity.name}")
    done += _add_new_fields(tx, "source", entity) + _add_new_fields(tx, "golden", entity)
    known: dict[str, int] = dict(tx.execute(ORDINALS, (entity.name,)).fetchall())
    new = [name for name in entity.fields if name not in known]
    for ordinal, name in enumerate(new, len(known) + 1):
        tx.execute(ADD_ORDINAL, (entity.name, name, ordinal))
    return done


def ordinals(tx: Transaction, entity: Entity) -> dict[str, int]:
    """Field -> 1-based position in `provenance` (in the order in which fields were ever added).

    A position never changes, so each connection caches them.
    """
    known = _ORDINALS.setdefault(tx, {})
    if not entity.fields.keys() <= known.get(entity.name, {}).keys():
        known[entity.name] = dict(tx.execute(ORDINALS, (entity.name,)).fetchall())
    return known[entity.name]


def cursor(tx: Transaction) -> Cursor[TupleRow]:
    """A cursor that gives dates and decimals as text, that is in shared terms."""
    made = tx.cursor()
    made.adapters.register_loader("timestamptz", _Instant)
    for kind in WRITTEN_AS_SHARED:
        made.adapters.register_loader(kind, TextLoader)
    return made


def record_of(entity: Entity, row: Sequence[Any]) -> Record:
    """Field columns of a row, read by `cursor`, as a record; empty ones are left out."""
    return {
        name: cell.isoformat() if type(cell) is datetime else cell
        for name, cell in zip(entity.fields, row, strict=True)
        if cell is not None
    }


def row_of(entity: Entity, record: Record) -> list[Value]:
    """A record as cells of its field columns; decimals and dates as text, which COPY parses."""
    return [record.get(name) for name in entity.fields]


def copy_in(
    tx: Transaction,
    into: sql.Composable,
    rows: Iterable[Sequence[object]],
    *,
    types: Sequence[str] = (),
) -> int:
    """COPY rows into `table (columns)`; gives how many. types: of the columns, for binary COPY."""
    count = 0
    statement = sql.SQL("copy {} from stdin (format {})").format(
        into, sql.SQL("binary" if types else "text")
    )
    with tx.cursor().copy(statement) as copy:
        if types:
            copy.set_types(types)
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def _existing(tx: Transaction, schema: LiteralString, entity: Entity) -> dict[str, str]:
    return dict(tx.execute(COLUMNS, (schema, entity.name)).fetchall())


def _create(
    tx: Transaction,
    schema: LiteralString,
    entity: Entity,
    head: Sequence[LiteralString],
    rule: LiteralString,
) -> None:
    tx.execute(
        sql.SQL("create table {} ({}, {})").format(
            table(schema, entity), sql.SQL(", ").join(map(sql.SQL, head)), sql.SQL(rule)
        )
    )


def _index(tx: Transaction, schema: LiteralString, entity: Entity, column: str) -> None:
    if column == "project_code":
        _add_new_fields(tx, schema, entity)
    tx.execute(
        sql.SQL("create index on {} ({})").format(table(schema, entity), sql.Identifier(column))
    )


def _add_new_fields(tx: Transaction, schema: LiteralString, entity: Entity) -> list[str]:
    existing = _existing(tx, schema, entity)
    done = []
    for field in entity.fields.values():
        wanted = TYPES[field.kind]
        if field.name not in existing:
            kind = _numeric(field) if field.kind == "decimal" else sql.SQL(wanted)
            tx.execute(
                sql.SQL("alter table {} add column {} {}").format(
                    table(schema, entity), sql.Identifier(field.name), kind
                )
            )
            done.append(f"{schema}.{entity.name}.{field.name}")
        elif not existing[field.name].startswith(
            {"timestamptz": "timestamp with time zone"}.get(wanted, wanted)
        ):
            raise FlowError(
                "database.field_changed",
                entity=entity.name,
                field=field.name,
                was=existing[field.name],
                now=wanted,
            )
        elif field.kind == "decimal" and _rounds(field, existing[field.name]):
            _widen(tx, schema, entity, field)
            done.append(f"{schema}.{entity.name}.{field.name}")
    return done


def _numeric(field: Field) -> sql.Composable:
    """The column type that keeps all places of the field; unlimited without a scale."""
    return (
        sql.SQL("numeric")
        if field.scale is None
        else sql.SQL("numeric(38, {})").format(field.scale)
    )


def _rounds(field: Field, standing: str) -> bool:
    """Whether an existing column would silently round what the field may hold now."""
    places = _PLACES.fullmatch(standing)
    return places is not None and (field.scale is None or int(places[1]) < field.scale)


def _widen(tx: Transaction, schema: LiteralString, entity: Entity, field: Field) -> None:
    for shown in ("shown", "asserted"):  # they read the column; whoever migrates makes them anew
        tx.execute(sql.SQL("drop view if exists {}").format(sql.Identifier(shown, entity.name)))
    tx.execute(
        sql.SQL("alter table {} alter column {} type {}").format(
            table(schema, entity), sql.Identifier(field.name), _numeric(field)
        )
    )

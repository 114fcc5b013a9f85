"""The registry's database: its tables, the hub's login, and bringing rows up to date."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import psycopg
from psycopg import sql

from sandbox.registry.rows import TABLES, Row

SCHEMA = Path(__file__).with_name("tables.sql")
INBOXES = ("inbox_permit", "inbox_filing")
COLUMNS = (
    "select column_name from information_schema.columns where table_schema = 'djk' and "
    "table_name = %s"
)
NEW = """
    select to_jsonb(inbox) from djk.{inbox} inbox where zt = 0
        order by id limit 500 for update skip locked
"""

Connection = psycopg.Connection[tuple[object, ...]]


def prepare(db: Connection, *, login: str, password: str) -> None:
    """Make the tables and the hub's login where they are missing."""
    known = db.execute("select 1 from pg_roles where rolname = %s", [login]).fetchone()
    verb = (
        "alter role {} login password {} connection limit -1"
        if known
        else "create role {} login password {}"
    )
    db.execute(sql.SQL(verb).format(sql.Identifier(login), sql.Literal(password)))
    if db.execute("select 1 from pg_namespace where nspname = 'djk'").fetchone():
        return
    with db.transaction():
        db.execute(SCHEMA.read_bytes())
        role = sql.Identifier(login)
        db.execute(
            sql.SQL("grant {} to current_user").format(role)
        )  # so that its sessions may be cut
        db.execute(sql.SQL("grant usage on schema djk to {}").format(role))
        db.execute(sql.SQL("grant select on all tables in schema djk to {}").format(role))
        for inbox in INBOXES:
            db.execute(sql.SQL("grant insert on djk.{} to {}").format(sql.Identifier(inbox), role))


def lay_out(db: Connection, rows: Iterable[tuple[str, Row]], *, floor: str) -> None:
    """Insert or update rows by `bsm`; one that changes gets a later GXSJ, one that does not is left
    alone.
    """
    by_table: dict[str, list[Row]] = {table: [] for table in TABLES}
    for table, row in rows:
        by_table[table].append(row)
    with db.transaction():
        for table, found in by_table.items():
            _merge(db, table, found, floor=floor)


def _merge(db: Connection, table: str, rows: Sequence[Row], *, floor: str) -> None:
    columns = [str(name) for (name,) in db.execute(COLUMNS, [table])]
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    target, fresh = sql.Identifier("djk", table), sql.Identifier(f"fresh_{table}")
    db.execute(
        sql.SQL("create temp table if not exists {} (like {}) on commit drop").format(fresh, target)
    )
    db.execute(sql.SQL("truncate {}").format(fresh))
    with db.cursor().copy(sql.SQL("copy {} ({}) from stdin").format(fresh, names)) as copy:
        for row in rows:
            copy.write_row([row.get(column) for column in columns])
    kept = [column for column in columns if column not in {"bsm", "gxsj"}]
    db.execute(
        sql.SQL(
            "insert into {target} as old ({names}) select {names} from {fresh} "
            "on conflict (bsm) do update set ({kept}) = row({new}), "
            "gxsj = case when excluded.gxsj > old.gxsj then excluded.gxsj else {floor} end "
            "where ({old}) is distinct from ({new})"
        ).format(
            target=target,
            names=names,
            fresh=fresh,
            kept=sql.SQL(", ").join(map(sql.Identifier, kept)),
            new=sql.SQL(", ").join(sql.Identifier("excluded", column) for column in kept),
            old=sql.SQL(", ").join(sql.Identifier("old", column) for column in kept),
            floor=sql.Literal(floor),
        )
    )


def waiting(db: Connection, inbox: str) -> list[dict[str, object]]:
    """Give the rows of an inbox that nobody has looked at, locked until the transaction ends."""
    rows = db.execute(sql.SQL(NEW).format(inbox=sql.Identifier(inbox))).fetchall()
    return [dict(row) for (row,) in rows if isinstance(row, Mapping)]


def mark(db: Connection, inbox: str, row: Mapping[str, object], *, refusal: str | None) -> None:
    """Write down whether a row was taken."""
    db.execute(
        sql.SQL("update djk.{} set zt = %s, cwxx = %s where id = %s").format(sql.Identifier(inbox)),
        [1 if refusal is None else 9, refusal, row["id"]],
    )

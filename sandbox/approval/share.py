"""What the system shares: filled from the world, changed by inserting only."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from psycopg import sql

from sandbox.approval.front import Connection
from sandbox.approval.rows import Row, rows
from sandbox.approval.tables import KEYS, TOLD, shared
from sandbox.partner import UnknownRecordError
from sandbox.world import World
from sandbox.world.clock import day_of
from sandbox.world.life_record import Life

PROJECTS_AT_ONCE = 2_000
WITHDRAWN, CHANGED, GONE = 0, "数据变更", "数据撤回"
PAGE = 20
VERSIONS = """
    select split_part(dfsjzj, '~', 1), count(*) from {} where split_part(dfsjzj, '~', 1) = any(%s)
        group by 1
"""
NEWEST = """
    select max(lsh) from {} where split_part(dfsjzj, '~', 1) = any(%s) group by split_part(dfsjzj,
        '~', 1) order by 1
"""


def stem(table: str, row: Row) -> str:
    """Give what stays of a DFSJZJ when its row is written again."""
    return "/".join(str(row[column]) for column in KEYS[table])


def _chunks(size: int) -> Iterator[range]:
    for first in range(0, size, PROJECTS_AT_ONCE):
        yield range(first, min(first + PROJECTS_AT_ONCE, size))


def _lives(world: World, *, tick: int) -> Iterator[tuple[Life, ...]]:
    for indexes in _chunks(world.size):
        yield tuple(world.life(index, tick=tick) for index in indexes)


def _copy(db: Connection, table: str, entries: Sequence[Row]) -> None:
    columns = list(shared(table).columns)
    names = sql.SQL(", ").join(sql.Identifier(name.lower()) for name in columns)
    into = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier("share", table.lower()), names)
    with db.cursor() as cursor, cursor.copy(into) as copy:
        for entry in entries:
            copy.write_row([entry.get(column) for column in columns])


def fill(db: Connection, world: World, *, tick: int) -> None:
    """Write all lives into empty tables."""
    seen: dict[str, set[str]] = {name: set() for name, table in TOLD.items() if table.once}
    for lives in _lives(world, tick=tick):
        for table in KEYS:
            told = {stem(table, row): row for life in lives for row in rows(life, table)}
            fresh = [key for key in told if key not in seen.get(table, ())]
            if table in seen:
                seen[table].update(fresh)
            _copy(db, table, [told[key] | {"DFSJZJ": f"{key}~1"} for key in fresh])


def advance(db: Connection, world: World, *, before: int, after: int) -> None:
    """Write what has happened between two ticks."""
    at = day_of(after).replace(tzinfo=None)
    for indexes in _chunks(world.size):
        pairs = [
            (world.life(index, tick=before), world.life(index, tick=after)) for index in indexes
        ]
        for table in KEYS:
            was = {stem(table, row): row for old, _ in pairs for row in rows(old, table)}
            now = {stem(table, row): row for _, new in pairs for row in rows(new, table)}
            _write_difference(db, table, was, now, at=at)


def _write_difference(
    db: Connection, table: str, was: dict[str, Row], now: dict[str, Row], *, at: datetime
) -> None:
    gone = [key for key in was if key not in now]
    changed = [key for key in was if key in now and was[key] != now[key]]
    fresh = [key for key in now if key not in was]
    _withdraw(db, table, gone, reason=GONE, at=at)
    _withdraw(db, table, changed, reason=CHANGED, at=at)
    counts = _versions(db, table, changed) if changed else {}
    _copy(
        db,
        table,
        [now[key] | {"DFSJZJ": f"{key}~{counts.get(key, 0) + 1}"} for key in (*changed, *fresh)],
    )


def _versions(db: Connection, table: str, stems: Sequence[str]) -> dict[str, int]:
    """Count how often each row has been written."""
    query = sql.SQL(VERSIONS)
    found = db.execute(query.format(sql.Identifier("share", table.lower())), (list(stems),))
    return {str(key): int(str(count)) for key, count in found}


def _withdraw(
    db: Connection, table: str, stems: Sequence[str], *, reason: str, at: datetime
) -> None:
    """Insert a copy of each newest row with SJYXBS=0."""
    if stems:
        newest = _newest(db, table, stems)
        _append(db, table, newest, {"SJYXBS": WITHDRAWN, "SJWXYY": reason, "GXSJ": at})


def _newest(db: Connection, table: str, stems: Sequence[str]) -> list[int]:
    query = sql.SQL(NEWEST)
    found = db.execute(query.format(sql.Identifier("share", table.lower())), (list(stems),))
    return [int(str(row[0])) for row in found]


def _append(
    db: Connection, table: str, serials: Sequence[int], changes: Mapping[str, object]
) -> None:
    """Insert copies of rows, with some columns changed and the next DFSJZJ of each."""
    name = sql.Identifier("share", table.lower())
    columns = [column for column in shared(table).columns if column != "DFSJZJ"]
    values = [
        sql.SQL("{}::{}").format(sql.Literal(changes[column]), sql.SQL(_type(table, column)))
        if column in changes
        else sql.Identifier(column.lower())
        for column in columns
    ]
    query = sql.SQL(
        "insert into {name} (dfsjzj, {columns}) select split_part(dfsjzj, '~', 1) || '~' || "
        "(select count(*) + 1"
        " from {name} n where split_part(n.dfsjzj, '~', 1) = split_part(o.dfsjzj, '~', 1)), "
        "{values}"
        " from {name} o where lsh = any(%s) order by lsh"
    ).format(
        name=name,
        columns=sql.SQL(", ").join(sql.Identifier(column.lower()) for column in columns),
        values=sql.SQL(", ").join(values),
    )
    db.execute(query, (list(serials),))


def _type(table: str, column: str) -> str:
    return shared(table).columns[column].split()[0]


def _known(table: str) -> str:
    if table.upper() not in KEYS:
        raise UnknownRecordError(table, "*")
    return table.upper()


def edit(
    db: Connection, resource: str, key: str, changes: Mapping[str, object], *, at: datetime
) -> None:
    """Correct a valid row: its withdrawn copy, then the row as it should be."""
    table = _known(resource)
    wanted = {column.upper(): value for column, value in changes.items()}
    joined = sql.SQL(" || '/' || ").join(
        sql.SQL("{}::text").format(sql.Identifier(c.lower())) for c in KEYS[table]
    )
    query = sql.SQL("select lsh from {} where {} = %s and sjyxbs = 1 order by lsh desc limit 1")
    row = db.execute(
        query.format(sql.Identifier("share", table.lower()), joined), (key,)
    ).fetchone()
    if row is None or wanted.keys() - shared(table).columns.keys():
        raise UnknownRecordError(resource, key)
    serial = int(str(row[0]))
    _append(db, table, [serial], {"SJYXBS": WITHDRAWN, "SJWXYY": CHANGED, "GXSJ": at})
    _append(db, table, [serial], {**wanted, "GXSJ": at})


def spoil(db: Connection, fault: str, resource: str, *, times: int, at: datetime) -> None:
    """Let a fault of the data happen: the sender writes something wrong, or writes it again."""
    table = _known(resource)
    count = times * PAGE if fault in {"repeated_page", "equal_cursor"} else times
    query = sql.SQL("select lsh from {} where sjyxbs = 1 order by lsh desc limit %s")
    found = db.execute(query.format(sql.Identifier("share", table.lower())), (count,)).fetchall()
    serials = [int(str(row[0])) for row in reversed(found)]
    if fault == "equal_cursor":
        _append(db, table, serials, {"SJYXBS": WITHDRAWN, "SJWXYY": CHANGED, "GXSJ": at})
    wrong: dict[str, object] = {
        column: "错误数据" for column in ("XMDM", "GCDM") if column in shared(table).columns
    }
    changes: dict[str, dict[str, object]] = {
        "malformed_record": {**wrong, **TOLD[table].spoilt, "GXSJ": at},
        "duplicate_key": {"XZQHDM": "520000"},
        "repeated_page": {},
        "equal_cursor": {"GXSJ": at},
    }
    _append(db, table, serials, changes[fault])


def counts(db: Connection) -> dict[str, int]:
    """Count the rows of each table, withdrawn copies too: what a full sweep reads."""
    found: dict[str, int] = {}
    for table in KEYS:
        row = db.execute(
            sql.SQL("select count(*) from {}").format(sql.Identifier("share", table.lower()))
        ).fetchone()
        found[table] = int(str(row[0])) if row else 0
    return found

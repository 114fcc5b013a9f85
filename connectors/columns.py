"""Column types by database: the SQL to select each so that all drivers agree, and how to decode it.

Drivers cannot be trusted with every type: one gives 0000-00-00 as None and another as an error,
4294967295 as -1, the infinity of PostgreSQL as today. Such columns are selected as text, which the
database writes itself.
"""

import re
import struct
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, TypeAlias

from hub.model import UNUSABLE, Json

Kind: TypeAlias = Literal[
    "plain", "day", "moment", "instant", "clock", "truth", "whole", "single", "variant"
]
"""moment: local time. instant: with a zone. single: 32-bit float. variant: SQLite, typed cells."""
Asked: TypeAlias = tuple[str, Kind]
"""The SQL expression for a column, with {column} in its place, and the kind of its result."""

NOT_GIVEN = "驱动程序读不出该值 / the driver cannot give this value"
NO_TEXT = "不是有效的文本编码 / bytes that are no text"
FRACTION_DIGITS = 6
DECODED = {"variant", "whole"}
DIGITS_OF_SINGLE = (6, 7, 8, 9)
_LONG_CLOCK = re.compile(r"(-?[0-9]{2,3}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,6}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class SqlColumn:
    """One column: its name, the SQL expression that selects it, and the kind of the result."""

    name: str
    asked: str
    kind: Kind = "plain"


@dataclass(frozen=True, slots=True)
class Family:
    """What databases of one family have in common.

    types: SQL that lists a table's columns with their types. by_name: its values are the schema (or
    None) and the name, else the quoted name. names: it lists them in order, and spells them better
    than the driver does. asked: type -> SQL and kind. session: run when a connection begins.
    limits: statements that set the query timeout, those that the version knows. zone: suffix of an
    instant that is compared. text, checksum: as the options of these names; shown: a value as text
    for people. size: SQL of a value's bytes. whole: SQL of a checksum as integer. told: SQL to
    select a computed number. joined: SQL of texts with a bar between.
    """

    types: str
    by_name: bool
    names: bool
    asked: Callable[[str], Asked]
    session: tuple[str, ...]
    limits: tuple[str, ...]
    zone: str
    text: str
    shown: str
    size: str
    checksum: str
    whole: str
    told: str
    joined: Callable[[list[str]], str]


def _by_function(texts: list[str]) -> str:
    return f"concat_ws('|', {', '.join(texts)})"


def _by_operator(texts: list[str]) -> str:
    return " || '|' || ".join(texts)


_AS_IS: Asked = ("{column}", "plain")
_POSTGRESQL: Mapping[str, Asked] = {
    **dict.fromkeys(("int2", "int4", "int8", "float8", "numeric", "bytea"), _AS_IS),
    **dict.fromkeys(("text", "varchar", "bpchar", "name", "char"), _AS_IS),
    "float4": ("cast({column} as double precision)", "single"),
    "bool": ("cast({column} as text)", "truth"),
    "oid": ("cast({column} as bigint)", "plain"),
    "money": ("cast({column} as numeric)", "plain"),
    "date": ("cast({column} as text)", "day"),
    "timestamp": ("cast({column} as text)", "moment"),
    "timestamptz": ("cast({column} as text)", "instant"),
    **dict.fromkeys(("time", "timetz"), ("cast({column} as text)", "clock")),
}
_MYSQL: Mapping[str, Asked] = {
    **dict.fromkeys(
        ("tinyint", "smallint", "mediumint", "int", "bigint", "year", "decimal", "double"), _AS_IS
    ),
    **dict.fromkeys(
        ("char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set"), _AS_IS
    ),
    **dict.fromkeys(("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"), _AS_IS),
    **dict.fromkeys(
        ("geometry", "point", "linestring", "polygon", "multipoint", "multipolygon"), _AS_IS
    ),
    "float": ("{column} * 1e0", "single"),
    "bit": ("{column} + 0", "whole"),
    "date": ("cast({column} as char)", "day"),
    "datetime": ("cast({column} as char)", "moment"),
    "timestamp": ("cast({column} as char)", "instant"),
    "time": ("cast({column} as char)", "clock"),
}


def _asked_of_postgresql(kind: str) -> Asked:
    return _POSTGRESQL.get(kind, ("cast({column} as text)", "plain"))


def _asked_of_mysql(kind: str) -> Asked:
    """kind: the full type, e.g. int(10) unsigned."""
    name = re.split(r"[ (]", kind.lower())[0]
    if "unsigned" in kind.lower() and (name == "year" or name.endswith("int")):
        return "cast({column} as char)", "whole"
    return _MYSQL.get(name, ("cast({column} as char)", "plain"))


POSTGRESQL = Family(
    types="select a.attname, coalesce(b.typname, t.typname) from pg_catalog.pg_attribute a"
    " join pg_catalog.pg_type t on t.oid = a.atttypid left join pg_catalog.pg_type b on b.oid = "
    "t.typbasetype"
    " where a.attrelid = cast(? as regclass) and a.attnum > 0 and not a.attisdropped",
    by_name=False,
    names=False,
    asked=_asked_of_postgresql,
    session=("set time zone 'UTC'", "set datestyle to iso", "set intervalstyle to postgres"),
    limits=("set statement_timeout = {milliseconds}",),
    zone="+00:00",
    text="cast({column} as text)",
    shown="cast({column} as text)",
    size="coalesce(octet_length(cast({column} as text)), 0)",
    checksum="('x' || substr(md5({text}), 1, 10))::bit(40)::bigint",
    whole="{checksum}",
    told="{number}",
    joined=_by_function,
)
MYSQL = Family(
    types="select column_name, column_type from information_schema.columns"
    " where table_schema = coalesce(?, database()) and table_name = ?",
    by_name=True,
    names=False,
    asked=_asked_of_mysql,
    session=(
        "set time_zone = '+00:00'",
        # A zero date among the rows read would else be no value to go on after.
        (
            "set sql_mode = replace(replace(@@session.sql_mode, 'NO_ZERO_IN_DATE', ''), "
            "'NO_ZERO_DATE', '')"
        ),
    ),
    # The first is MariaDB's, the second MySQL's.
    limits=(
        "set session max_statement_time = {seconds}",
        "set session max_execution_time = {milliseconds}",
    ),
    zone="",
    text="cast({column} as binary)",
    shown="cast({column} as char)",
    size="coalesce(octet_length({column}), 0)",
    checksum="conv(left(md5({text}), 10), 16, 10)",
    whole="cast({checksum} as unsigned)",
    told="{number}",
    joined=_by_function,
)
_ROLLING = (
    "with recursive whole(t) as (select {text}), rolling(at, h) as (select 0, 7 union all"
    " select at + 1, (h * 1000003 + unicode(substr(t, at + 1, 1))) % 1099511627689"
    " from whole, rolling where at < length(t))"
    " select h from rolling order by at desc limit 1"
)
_VARIANT = (
    "typeof({column}) || ':' || case typeof({column}) when 'text' then hex({column}) when 'blob' "
    "then hex({column})"
    " when 'real' then quote({column}) else coalesce(cast({column} as text), '') end"
)
SQLITE = Family(
    types="select c.name, c.type from (select coalesce(?, 'main') s, ? n) x, "
    "pragma_table_xinfo(x.n, x.s) c"
    " where c.hidden <> 1 order by c.cid",
    by_name=True,
    names=True,
    asked=lambda _: (_VARIANT, "variant"),
    session=(),
    limits=(),
    zone="",
    text="{column}",
    shown="cast({column} as text)",
    size="coalesce(length(cast({column} as blob)), 0)",
    checksum=f"({_ROLLING})",
    whole="{checksum}",
    # its ODBC driver cuts what it has no declared type for to 32 bits
    told="cast({number} as text)",
    joined=_by_operator,
)
FAMILIES: Mapping[str, Family] = {
    "postgresql": POSTGRESQL,
    "mysql": MYSQL,
    "mariadb": MYSQL,
    "sqlite": SQLITE,
}
"""By the driver's lower-case name of the database. Columns of others are selected as they are."""


def decoded(cell: object, kind: Kind) -> object:
    """A cell as the database compares it: SQLite's values unwrapped, unsigned numbers of text."""
    if kind == "whole" and cell is not None:
        return int(str(cell))
    if kind != "variant" or not isinstance(cell, str):
        return cell
    storage, _, text = cell.partition(":")
    return _STORED[storage](text) if storage in _STORED else None


def _stored_text(text: str) -> object:
    try:
        return bytes.fromhex(text).decode()
    except UnicodeDecodeError:
        return {UNUSABLE: NO_TEXT}


_STORED: Mapping[str, Callable[[str], object]] = {
    "integer": int,
    "real": float,
    "blob": bytes.fromhex,
    "text": _stored_text,
}
"""By SQLite's storage class, null left out."""


def shown(kind: Kind) -> Callable[[object], object] | None:
    """Converts a cell to the payload's value; None where none is needed."""
    return _SHOWN.get(kind)


def _day(cell: object) -> object:
    """A date in ISO form; what is no date (0000-00-00, infinity) as the database writes it."""
    try:
        # anything but text raises
        return date.fromisoformat(cell).isoformat()  # type: ignore[arg-type]
    except (ValueError, TypeError):
        return cell


def _moment(cell: object) -> object:
    try:
        return datetime.fromisoformat(cell).isoformat()  # type: ignore[arg-type] # likewise
    except (ValueError, TypeError):
        return cell


def _instant(cell: object) -> object:
    try:
        moment = datetime.fromisoformat(cell)  # type: ignore[arg-type] # likewise
    except (ValueError, TypeError):
        return cell
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()


def _clock(cell: object) -> object:
    """A time of day in ISO form; MySQL's of more than a day or below zero in hours."""
    try:
        return time.fromisoformat(cell).isoformat()  # type: ignore[arg-type] # likewise
    except (ValueError, TypeError):
        pass
    if isinstance(cell, str) and (long := _LONG_CLOCK.fullmatch(cell)):
        fraction = (long[2] or "").ljust(FRACTION_DIGITS, "0")
        return long[1] + (f".{fraction}" if int(fraction) else "")
    return cell


def clock(span: timedelta) -> str:
    """A time that a driver gives as a timedelta, as the database writes it: hours, and a sign."""
    seconds, micros = divmod(abs(span) // timedelta(microseconds=1), 10**FRACTION_DIGITS)
    fraction = f".{micros:06d}" if micros else ""
    sign = "-" if span < timedelta() else ""
    return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{fraction}"


def _truth(cell: object) -> object:
    return None if cell is None else str(cell).strip().lower() in {"true", "t", "1"}


def _single(cell: object) -> object:
    """A 32-bit float with the fewest digits that identify it."""
    if not isinstance(cell, float):
        return cell
    for digits in DIGITS_OF_SINGLE:
        short = float(f"{cell:.{digits}g}")
        with suppress(OverflowError):
            if struct.pack("f", short) == struct.pack("f", cell):
                return short
    return cell


_SHOWN: Mapping[Kind, Callable[[object], object]] = {
    "day": _day,
    "moment": _moment,
    "instant": _instant,
    "clock": _clock,
    "truth": _truth,
    "single": _single,
}


def compared(value: Json, kind: Kind, family: Family) -> Json:
    """A stored cursor value (watermark) in the form that this kind of column is compared with.

    A local time that an older release stored for an instant is taken a day earlier, to miss
    nothing.
    """
    if not isinstance(value, str):
        return value
    if kind == "day":
        return value[: len("2026-01-01")]
    if kind not in {"moment", "instant"}:
        return value
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    if kind == "instant":
        moment = moment.astimezone(UTC) if moment.tzinfo else moment - timedelta(days=1)
    written = moment.replace(tzinfo=None).isoformat(sep=" ")
    return written + family.zone if kind == "instant" else written

"""Rows of a partner's table learn their outcome: options, statement, and what a login may update.

Nothing but state, reason and time of a row is written, and only while the row's state is still one
that the partner gave it (`guard`) or that we wrote before.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import sqlalchemy as sa
from pydantic import Field, model_validator
from sqlalchemy.exc import SQLAlchemyError

from connectors.options import ContradictionError, Options
from connectors.tables import Name, parts_of
from connectors.verdicts import Code
from hub.model import RowVerdict, RowWritten

SEVERAL = "该键有多行 / several rows have this key"

POSTGRESQL = """
    select n.nspname || '.' || c.relname || '.' || a.attname
      from pg_attribute a join pg_class c on c.oid = a.attrelid
      join pg_namespace n on n.oid = c.relnamespace
     where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v', 'f')
       and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%'
       and has_schema_privilege(n.oid, 'usage')
       and has_column_privilege(c.oid, a.attnum, 'update')
     order by 1
"""
MYSQL = """
    select concat_ws('.', table_schema, table_name, column_name)
      from information_schema.column_privileges where privilege_type = 'UPDATE'
     union select concat_ws('.', table_schema, table_name, '*')
      from information_schema.table_privileges where privilege_type = 'UPDATE'
     union select concat_ws('.', table_schema, '*')
      from information_schema.schema_privileges where privilege_type = 'UPDATE'
     union select '*' from information_schema.user_privileges where privilege_type = 'UPDATE'
"""
UPDATABLE = {"postgresql": POSTGRESQL, "mysql": MYSQL, "mariadb": MYSQL}
"""By database: the query for all that a login may update."""


class BackState(Options):
    """The value of each outcome."""

    column: Name = Field(description="Where it is written, e.g. zt")
    taken: Code = Field(description="The record counts; or its deletion does")
    waiting: Code = Field(description="It is kept until its project comes")
    refused: Code = Field(description="It was set aside: the reason says why")
    later_refused: Code | None = Field(
        default=None,
        description="It was taken, and a system that it was delivered to refuses it; left out: the "
        "row does not learn that",
    )


class BackOptions(Options):
    """How rows learn their outcome."""

    key: tuple[Name, ...] = Field(
        min_length=1, description="Columns by which one row is found; no two rows have the same"
    )
    state: BackState = Field(description="Where the outcome is written, and as what")
    reason: str = Field(
        default="",
        description="Where the first reason is written, in Chinese, at most 200 characters, "
        "without values of persons, e.g. cwxx",
    )
    at: str = Field(default="", description="Where the time is written, local, e.g. clsj")


class TableBack(BackOptions):
    """Rows of a table that are updated in place."""

    table: Name | tuple[Name, ...] = Field(
        description="Its name, with its schema: dept.rf_case; the parts as a list where one holds "
        "a dot"
    )
    guard: dict[Name, tuple[Code | None, ...]] = Field(
        min_length=1,
        description="Column: values that it has while the partner has not changed it since, e.g. "
        "zt: [0]; any other row is left alone (overtaken). In the column of the state our former "
        "value counts too",
    )

    @model_validator(mode="after")
    def _apart(self) -> "TableBack":
        named = [*self.key, self.state.column, *filter(None, (self.reason, self.at))]
        if len(set(named)) < len(named):
            raise ContradictionError(
                zh="back: 键、状态、原因、时间须是不同的列",
                en="back: key, state, reason and time are columns of their own",
            )
        return self


def written(
    database: sa.Connection,
    options: TableBack,
    rows: Sequence[RowVerdict],
    *,
    refusal: Callable[[SQLAlchemyError], str],
) -> Iterator[RowWritten]:
    """Update each row, alone undone where it fails; the caller commits.

    refusal: the words of an error that is about values; raises any other.
    """
    counts = _all_at_once(database, options, rows)
    if counts is not None:
        yield from (RowWritten("written" if count else "overtaken") for count in counts)
        return
    for row in rows:
        try:
            with database.begin_nested() as part:
                count = database.execute(_statement(options, row)).rowcount
                if count > 1:
                    part.rollback()
        except SQLAlchemyError as error:
            yield RowWritten("failed", refusal(error))
            continue
        if count > 1:
            yield RowWritten("failed", SEVERAL)
        else:
            yield RowWritten("written" if count else "overtaken")


def _all_at_once(
    database: sa.Connection, options: TableBack, rows: Sequence[RowVerdict]
) -> list[int] | None:
    """How many rows each verdict found; None, and nothing written, where one of them failed."""
    with suppress(SQLAlchemyError), database.begin_nested() as part:
        counts = [database.execute(_statement(options, row)).rowcount for row in rows]
        if max(counts, default=0) <= 1:
            return counts
        part.rollback()
    return None


def updatable(database: sa.Connection) -> list[str] | None:
    """What this login may update; None of databases that do not tell."""
    query = UPDATABLE.get(database.dialect.name)
    if query is None:
        return None
    return [str(name) for (name,) in database.execute(sa.text(query))]


def _statement(options: TableBack, row: RowVerdict) -> sa.Update:
    *schema, name = parts_of(options.table)
    state = options.state.column
    told = {state: row.state, options.reason: row.reason, options.at: row.at}
    names = dict.fromkeys([*told, *options.guard, *options.key])
    table = sa.table(
        name,
        *(sa.column(one, sa.types.NullType()) for one in names if one),
        schema=".".join(schema) or None,
    )
    tests = [table.c[one] == row.key[one] for one in options.key]
    for one, values in options.guard.items():
        ours = [row.state, *([] if row.former is None else [row.former])]
        tests.append(_among(table.c[one], [*values, *(ours if one == state else [])]))
    return sa.update(table).where(*tests).values({one: said for one, said in told.items() if one})


def _among(column: sa.ColumnElement[Any], values: Sequence[object]) -> sa.ColumnElement[bool]:
    known = [value for value in values if value is not None]
    among = column.in_(known)
    return sa.or_(among, column.is_(None)) if None in values else among

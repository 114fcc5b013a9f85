"""Rows of a statement as objects."""

from collections.abc import Mapping, Sequence
from typing import Any, LiteralString, TypeAlias, TypeVar

from psycopg import sql
from psycopg.rows import class_row

from hub.db.database import Transaction
from hub.errors import Fault
from hub.model import Json

T = TypeVar("T")
Query: TypeAlias = LiteralString | bytes | sql.SQL | sql.Composed
Parameters: TypeAlias = Sequence[Any] | Mapping[str, Any]


def rows(
    tx: Transaction, kind: type[T], query: Query, parameters: Parameters = (), /, **named: object
) -> list[T]:
    """All rows of a statement, each made by calling `kind` with its columns by name.

    parameters: in their order, or by name; named: the same by name, as `%(name)s` in the statement.
    """
    with tx.cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(query, named or parameters or None).fetchall()


def first_row(
    tx: Transaction, kind: type[T], query: Query, parameters: Parameters = (), /, **named: object
) -> T | None:
    """The first row of a statement, None where there is none."""
    found = rows(tx, kind, query, parameters, **named)
    return found[0] if found else None


def fault_of(kept: Mapping[str, Json]) -> Fault:
    """A fault from its stored form."""
    facts = kept.get("facts")
    told = {name: str(value) for name, value in facts.items()} if isinstance(facts, dict) else {}
    return Fault(str(kept.get("pointer", "")), str(kept["code"]), told)

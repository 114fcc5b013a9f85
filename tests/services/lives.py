"""Golden records as runs leave them, written straight into a database: for tests about what is
computed from them.
"""

import itertools

from psycopg import sql

from hub.db.database import Transaction
from tests.filled import CODE

HEAD = ("record_id", "version", "batch_id", "incomplete", "provenance")
_KEYS = itertools.count(1)


def put(tx: Transaction, entity: str, /, **values: object) -> int:
    """Add a golden record, of the usual project where no other is named; give its number."""
    said = {"project_code": CODE, **values}
    row = tx.execute(
        "insert into hub.record (entity, key) values (%s, %s) returning id",
        (entity, f"put {next(_KEYS)}"),
    ).fetchone()
    assert row
    record = int(row[0])
    columns = sql.SQL(", ").join(map(sql.Identifier, (*HEAD, *said)))
    places = sql.SQL(", ").join([sql.SQL("%s")] * (len(HEAD) + len(said)))
    statement = sql.SQL("insert into golden.{} ({}) values ({})").format(
        sql.Identifier(entity), columns, places
    )
    tx.execute(statement, (record, 1, 1, [], [], *said.values()))
    return record


def at(text: str) -> str:
    return f"2026-{text}:00+08:00"


def item(
    tx: Transaction,
    number: str,
    *steps: tuple[str, str],
    stage: str | None = "S1",
    **values: object,
) -> int:
    """An approval item with its steps: status and moment."""
    record = put(
        tx, "approval_item", number=number, stage_number=stage, department="市住建局", **values
    )
    for status, moment in steps:
        put(
            tx,
            "approval_step",
            item_number=number,
            status=status,
            at=at(moment),
            project_code=values.get("project_code", CODE),
        )
    return record

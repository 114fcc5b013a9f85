"""The yardstick: COPY of rows that are mapped and written out already, into a typed table with a
primary key.
"""

import argparse

import psycopg
from psycopg import sql

from bench import home, items
from bench.items import Work
from bench.worker import work
from hub.db import entity_tables
from hub.domain.contracts import PullFlow
from hub.domain.payload import decode

BLOCK = 1_000
NULL, TRUE, FALSE = "\\N", "t", "f"


def blocks(flow: PullFlow, work: Work) -> list[bytes]:
    """The mapped rows as COPY takes them, a page to a block."""
    lines = []
    for number, record in enumerate(work.first()):
        values = flow.mapper.map(decode(items.payload(record), form=flow.form)).values
        cells = entity_tables.row_of(flow.entity, values)
        lines.append("\t".join([str(number), *map(_cell, cells)]) + "\n")
    return [
        "".join(lines[start : start + BLOCK]).encode() for start in range(0, work.records, BLOCK)
    ]


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return TRUE if value else FALSE
    return NULL if value is None else str(value)  # nothing in this workload needs a backslash


def main() -> None:
    """Map and write out everything, then wait to be told."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    home.add_size(parser)
    asked, _ = parser.parse_known_args()
    flow = home.contracts(asked.fields).pulls["pull.web.approval_item"]
    ready = blocks(flow, home.work_of(asked))
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(entity_tables.TYPES[field.kind]))
        for name, field in flow.entity.fields.items()
    )
    with psycopg.connect(asked.database) as connection:
        connection.execute(
            sql.SQL("create table yardstick (id bigint primary key, {})").format(columns)
        )
        connection.commit()

        def copy() -> str:
            with connection.cursor().copy("copy yardstick from stdin") as destination:
                for block in ready:
                    destination.write(block)
            connection.commit()
            return f"{asked.records} copied"

        work({"first": copy})


if __name__ == "__main__":
    main()

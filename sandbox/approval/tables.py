"""The national V3 tables that the exchange database holds, and the columns cities keep beside
them.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sandbox.told import told

DATA = Path(__file__).parent.parent / "data"
SQL_TYPES = {
    "String": "text",
    "Integer": "integer",
    "Long": "bigint",
    "Double": "numeric",
    "Date": "timestamp",
}
TAIL = {"LSH": "", "SJYXBS": "integer not null default 1", "SJSCZT": "integer not null default 0"}
TOLD = told(Path(__file__).with_name("rows.yaml"))
KEYS = {name: table.key for name, table in TOLD.items()}
UPDATED = {"GXSJ": "timestamp"}
EXCHANGED = {"DFSJZJ": "text", "XZQHDM": "text", "GCDM": "text"}
ENDS = {"SJYXBS": TAIL["SJYXBS"], "SJWXYY": "text", "SJSCZT": TAIL["SJSCZT"], "SBYY": "text"}


@dataclass(frozen=True, slots=True)
class Table:
    """A table's name and its columns with their SQL types, LSH not among them."""

    name: str
    columns: dict[str, str]

    def create(self, schema: str, lsh: str) -> str:
        columns = ", ".join(f"{name} {kind}" for name, kind in self.columns.items())
        return f"create table {schema}.{self.name} (LSH {lsh}, {columns})"


@cache
def national(name: str) -> Table:
    """Give a table as the standard has it."""
    with (DATA / "spgl_tables.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            row for row in csv.DictReader(file) if row["table"] == name and row["field"] != "LSH"
        ]
    return Table(
        name, {row["field"]: TAIL.get(row["field"], SQL_TYPES[row["type"]]) for row in rows}
    )


@cache
def shared(name: str) -> Table:
    """Give a table as this city shares it: with its own columns and an update time."""
    columns = national(name).columns
    if not columns:
        return Table(name, EXCHANGED | TOLD[name].types | ENDS)
    return Table(name, columns | dict(TOLD[name].columns) | UPDATED)

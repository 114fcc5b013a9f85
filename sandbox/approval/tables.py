"""The national V3 tables that the exchange database holds, and the columns cities keep beside
them.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent.parent / "data"
SQL_TYPES = {
    "String": "text",
    "Integer": "integer",
    "Long": "bigint",
    "Double": "numeric",
    "Date": "timestamp",
}
TAIL = {"LSH": "", "SJYXBS": "integer not null default 1", "SJSCZT": "integer not null default 0"}
KEYS = {
    "SPGL_XMJBXXB": ("XMDM",),
    "SPGL_XMDTXXB": ("DTBM",),
    "SPGL_ZRZTXXB": ("XKBABH", "DWLX", "DWTYSHXYDM"),
    "SPGL_SPJDXXB": ("BLSPSLBM",),
    "SPGL_XMSPSXBLXXB": ("SPSXSLBM",),
    "SPGL_XMSPSXBLXXXXB": ("SPSXSLBM", "BLZT", "BLSJ"),
    "SPGL_XMSPSXZQYJXXB": ("SPSXSLBM", "BLDWDM"),
    "SPGL_XMSPSXBLTBCXXXB": ("SPSXSLBM", "TBCXKSSJ"),
    "SPGL_XMSPSXPFWJXXB": ("SPSXSLBM",),
    "SPGL_XMSQCLJQTFJXXB": ("CLID",),
    "SPGL_JZGCSGXKXXB": ("SGXKZBH",),
    "SPGL_JSGCJGYSBAXXB": ("JGYSBABH",),
}
EXTRA = {
    "SPGL_XMJBXXB": {
        "RDRL": "numeric",
        "YSL": "numeric",
        "YQL": "numeric",
        "RFH": "numeric",
        "JRSJ": "timestamp",
    },
    "SPGL_SPJDXXB": {"GCDM": "text", "BLSPSLBM": "text", "SQSJ": "timestamp", "BJSJ": "timestamp"},
    "SPGL_XMSPSXBLXXB": {"SPSXMC": "text", "DYBZSPSXBM": "text"},
    "SPGL_XMSPSXPFWJXXB": {"FZJG": "text", "FZJGDM": "text", "PFWJZL": "text"},
    "SPGL_XMSQCLJQTFJXXB": {
        "CLHX": "text",
        "LYSXSLBM": "text",
        "YXQX": "timestamp",
        "SFQZ": "integer",
    },
}
UPDATED = {"GXSJ": "timestamp"}


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
    return Table(name, national(name).columns | EXTRA.get(name, {}) | UPDATED)

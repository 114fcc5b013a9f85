"""A contender: the load that one would write by hand, with requests, jsonschema, pandas and
SQLAlchemy.

It validates and maps like the hub, and upserts; it keeps no history, provenance or ledger and marks
nothing.
"""

import argparse
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
import requests
import sqlalchemy as sa
from jsonschema import Draft202012Validator
from sqlalchemy.dialects.postgresql import insert

from bench.worker import work

TEXTS = {
    "number": "spsxslbm",
    "engineering_code": "gcdm",
    "department": "spbmmc",
    "name": "spsxmc",
    "item_code": "spsxbm",
    "standard_code": "dybzspsxbm",
    "flow_code": "splcbm",
    "stage_number": "blspslbm",
    "department_code": "spbmbm",
    "situation": "ywqx",
    "opinion": "blyj",
    "contact": "lxr",
    "contact_phone": "lxrsjh",
    "region_code": "xzqhdm",
    "applicant": "jsdw",
    "applicant_uscc": "jsdwdm",
}
CODES = {"status": "blzt", "channel": "slfs", "publicity": "gkfs"}
DATES = {"accepted_on": ("slrq", "%Y/%m/%d"), "due_on": ("cnbjrq", "%Y年%m月%d日")}
TIMES = {"status_at": ("blsj", "%Y-%m-%d %H:%M:%S"), "finished_at": ("bjsj", "%Y%m%d%H%M%S")}
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["gcdm", *TEXTS.values(), *CODES.values()],
    "properties": {
        **{column: {"type": "string", "maxLength": 4000} for column in TEXTS.values()},
        "gcdm": {"type": "string", "pattern": r"^\d{4}-\d{6}-\d{2}-\d{2}-\d{6}-\d{3}$"},
        "blzt": {"enum": list(range(1, 16))},
        "slfs": {"enum": [1, 2, 3, 4]},
        "dybzspsxbm": {"enum": ["0070001", "0070002", "0060001", "0060002"]},
        "sxblsx": {"type": "integer"},
        "jzmj": {"type": "number"},
        "sfje": {"type": "string", "pattern": r"^[\d,]+\.\d{2}$"},
        "sxgzcnzspqk": {"enum": ["0", "1"]},
        **{column: {"type": "string"} for column, _ in (*DATES.values(), *TIMES.values())},
    },
}

metadata = sa.MetaData()
items = sa.Table(
    "items",
    metadata,
    sa.Column("number", sa.Text, primary_key=True),
    sa.Column("project_code", sa.Text),
    *(
        sa.Column(name, sa.Text)
        for name in [*TEXTS, *CODES, "item_version", "flow_version"]
        if name != "number"
    ),
    *(sa.Column(name, sa.Date) for name in DATES),
    *(sa.Column(name, sa.DateTime(timezone=True)) for name in TIMES),
    sa.Column("limit_days", sa.BigInteger),
    sa.Column("fee", sa.Numeric(18, 2)),
    sa.Column("floor_area", sa.Numeric(18, 2)),
    sa.Column("commitment", sa.Boolean),
)


def pages(web: str, since: int) -> Iterator[list[dict[str, Any]]]:
    """The source over REST."""
    with requests.Session() as session:
        parameters: dict[str, int] = {"since": since, "size": 1_000}
        while True:
            answer = session.get(f"{web}/items", params=parameters, timeout=60).json()["data"]
            yield answer["list"]
            if answer["next"] is None:
                return
            parameters["cursor"] = answer["next"]


def mapped(records: list[dict[str, Any]]) -> pd.DataFrame:
    """The records in shared terms, column by column."""
    raw = pd.DataFrame(records)
    made: dict[str, pd.Series[Any]] = {
        name: raw[column].str.strip() for name, column in TEXTS.items()
    }
    made |= {name: raw[column].astype(str) for name, column in CODES.items()}
    for name, (column, pattern) in DATES.items():
        made[name] = pd.to_datetime(raw[column], format=pattern).dt.date
    for name, (column, pattern) in TIMES.items():
        made[name] = pd.to_datetime(raw[column], format=pattern).dt.tz_localize("Asia/Shanghai")
    made["project_code"] = raw["gcdm"].str.slice(0, 24).str.upper()
    made["item_version"] = raw["spsxbbh"].astype(float).astype(int).astype(str)
    made["flow_version"] = raw["splcbbh"].astype(str)
    made["limit_days"] = raw["sxblsx"].astype(int)
    made["fee"] = raw["sfje"].str.replace(",", "").astype(float)
    made["floor_area"] = raw["jzmj"]
    made["commitment"] = raw["sxgzcnzspqk"].map({"1": True, "0": False})
    return pd.DataFrame(made)


def main() -> None:
    """Make the table and wait to be told."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--web", required=True)
    parser.add_argument("--table", help="not used")
    parser.add_argument("--records", type=int, required=True)
    asked, _ = parser.parse_known_args()
    engine = sa.create_engine(asked.database.replace("postgresql://", "postgresql+psycopg2://"))
    metadata.create_all(engine)
    validator = Draft202012Validator(SCHEMA)

    statement = insert(items)
    others = {
        column.name: statement.excluded[column.name] for column in items.c if not column.primary_key
    }
    upsert = statement.on_conflict_do_update(index_elements=["number"], set_=others)

    def load(since: int) -> str:
        count = bad = 0
        for page in pages(asked.web, since):
            sound = [record for record in page if not list(validator.iter_errors(record))]
            count, bad = count + len(page), bad + len(page) - len(sound)
            if sound:
                rows = mapped(sound).to_dict("records")
                with engine.begin() as connection:
                    connection.execute(
                        upsert, [{str(name): value for name, value in row.items()} for row in rows]
                    )
        return f"{count} loaded, {bad} refused"

    work(
        {
            "first": lambda: load(0),
            "again": lambda: load(0),
            "changed": lambda: load(asked.records + 1),
        }
    )


if __name__ == "__main__":
    main()

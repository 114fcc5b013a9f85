"""The receiver: takes what the hub inserts from 0 to 1 to 3, or to 2 with the reason."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from psycopg import sql
from psycopg.rows import dict_row

from sandbox.approval.front import RECEIVED, Connection
from sandbox.approval.rows import Row
from sandbox.state import Record

NEW, VALID, REJECTED, ACCEPTED = 0, 1, 2, 3
AT_ONCE = 500
CODE = re.compile(r"\d{4}-\d{6}-\d{2}-\d{2}-\d{6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a valid row of a table needs."""

    key: tuple[str, ...]
    required: tuple[str, ...]
    codes: dict[str, frozenset[str]] = field(default_factory=dict)


FIRE = ("GCDM", "SPSXSLBM", "GCMC")
RULES = {
    "SPGL_XMJBXXB": Rules(
        ("XMDM",),
        ("XMDM", "GCDM", "XMMC", "ZTZE", "NKGSJ", "NJCSJ"),
        {
            "LXLX": frozenset({"1", "2", "3", "9"}),
            "JSXZ": frozenset({"0", "1", "2", "3", "5"}),
            "SPLCLX": frozenset(str(code) for code in range(1, 11)),
        },
    ),
    "SPGL_XMSPSXBLXXB": Rules(
        ("SPSXSLBM",), ("GCDM", "SPSXSLBM", "SPSXBM", "SPBMMC"), {"SLFS": frozenset({"1", "4"})}
    ),
    "SPGL_JSGCXFSJSCXXB": Rules(("SPSXSLBM",), FIRE),
    "SPGL_JSGCXFYSXXB": Rules(("SPSXSLBM",), FIRE),
    "SPGL_JSGCXFYSBAXXB": Rules(("SPSXSLBM",), (*FIRE, "BABBH")),
    "SPGL_XMSPSXPFWJXXB": Rules(
        ("SPSXSLBM", "PFWH"),
        ("GCDM", "SPSXSLBM", "PFWH", "PFRQ", "PFWJBT"),
        {"SPJGLX": frozenset({"10", "20", "30", "99"})},
    ),
}
# A row whose parent is not accepted yet is not even looked at; one without a parent's code is, and
# is refused.
PENDING = """
    select * from {table} t
     where sjsczt = 0 and (gcdm is null or {parentless} or exists (
           select from receive.spgl_xmjbxxb p where p.gcdm = t.gcdm and p.sjsczt = 3
               and p.sjyxbs = 1))
     order by lsh limit %s
"""


def step(db: Connection, *, rejects: Callable[[str], bool]) -> None:
    """Accept what was found valid the last time, then check what is new."""
    for name in RECEIVED:
        table = sql.Identifier("receive", name.lower())
        db.execute(sql.SQL("update {} set sjsczt = 3 where sjsczt = 1").format(table))
        parentless = sql.SQL("true" if name == "SPGL_XMJBXXB" else "false")
        with db.cursor(row_factory=dict_row) as cursor:
            pending = cursor.execute(
                sql.SQL(PENDING).format(table=table, parentless=parentless), (AT_ONCE,)
            ).fetchall()
        for found in pending:
            row = {column.upper(): value for column, value in found.items()}
            reasons = _problems(row, RULES[name]) or _clashes(db, name, row)
            if rejects(name):
                reasons = ["系统校验未通过，请联系系统管理员"]
            db.execute(
                sql.SQL(
                    "update {} set sjsczt = %s, sbyy = %s where lsh = %s and sjsczt = 0"
                ).format(table),
                (REJECTED if reasons else VALID, "；".join(reasons) or None, row["LSH"]),
            )


def _problems(row: Row, rules: Rules) -> list[str]:
    """Say in the receiver's own words what a row lacks."""
    found = [
        f"{column}不能为空" for column in ("DFSJZJ", *rules.required) if row[column] in (None, "")
    ]
    found += [
        f"{column}取值{row[column]}不在字典表中"
        for column, known in rules.codes.items()
        if row[column] is not None and str(row[column]) not in known
    ]
    if row["SJYXBS"] not in (0, 1):
        found.append("SJYXBS取值不在字典表中")
    if "XMDM" in rules.required and row["XMDM"] and not CODE.fullmatch(str(row["XMDM"])):
        found.append("项目代码格式不正确")
    starts, ends = row.get("NKGSJ"), row.get("NJCSJ")
    if starts and ends and str(starts) > str(ends):
        found.append("拟开工时间不能晚于拟建成时间")
    return found


def _clashes(db: Connection, name: str, row: Row) -> list[str]:
    """Say whether a row clashes with those before it."""
    table = sql.Identifier("receive", name.lower())
    twice = sql.SQL("select 1 from {} where dfsjzj = %s and lsh < %s and sjsczt <> 2")
    if db.execute(twice.format(table), (row["DFSJZJ"], row["LSH"])).fetchone():
        return ["地方数据主键重复"]
    same = sql.SQL(" and ").join(
        sql.SQL("{} = %s").format(sql.Identifier(c.lower())) for c in RULES[name].key
    )
    before = sql.SQL(
        "select sjyxbs from {} where {} and lsh < %s and sjsczt in (1, 3) order by lsh desc limit 1"
    )
    values = (*(row[column] for column in RULES[name].key), row["LSH"])
    last = db.execute(before.format(table, same), values).fetchone()
    standing = last is not None and last[0] == 1
    if row["SJYXBS"] == 1 and standing:
        return ["已存在有效数据，请先将原数据置为无效"]
    if row["SJYXBS"] == 0 and not standing:
        return ["未找到可置为无效的数据"]
    return []


def received(db: Connection, name: str) -> list[Record]:
    """List what stands accepted, with how many rows were accepted under each key."""
    if name not in RULES:
        return []
    table = sql.Identifier("receive", name.lower())
    with db.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(
            sql.SQL("select * from {} where sjsczt = 3 order by lsh").format(table)
        ).fetchall()
    standing: dict[str, Record] = {}
    applied: dict[str, int] = {}
    for one in found:
        key = "/".join(str(one[column.lower()]) for column in RULES[name].key)
        if one["sjyxbs"] == 0:
            standing.pop(key, None)
            continue
        applied[key] = applied.get(key, 0) + 1
        standing[key] = {
            column.upper(): str(value) for column, value in one.items() if value is not None
        }
    return [{"key": key, "applied": applied[key], **row} for key, row in standing.items()]

"""Takes records of a planted world away: some arrive broken, some without a field, some never.

What never arrives is taken only where another record speaks of it. Nobody can know of an end that
no record tells; the hub sees that by comparing keys with the source, not by judging.
"""

from random import Random

from tests.supervision.planting import Row, World

SHARE = 0.15
UNREADABLE = {
    "project": ("splclx", 99),
    "stage": ("spjdsx", "若干"),
    "item": ("sxblsx", "若干"),
    "step": ("blsj", "不详"),
    "procedure": ("tbcxsx", "若干"),
    "document": ("pfrq", "不详"),
    "consultation": ("fksj", "不详"),
    "acceptance": ("jlsj", "不详"),
}
"""Table -> a field that keeps the record from being taken, and what stands in it."""
LEFT_EMPTY = {
    "project": ("splclx", "jsddxzqh", "xmsfwqbj"),
    "stage": ("spjdsx", "sqsj", "bjsj", "qtbmmc"),
    "item": ("sxblsx", "bjlx", "dybzspsxbm", "sxgzcnzspqk", "slfs"),
    "step": ("dwmc", "gxsj"),
    "procedure": ("tbcxsx", "tbcxsxlx"),
    "document": ("zzbs", "fjmc"),
    "consultation": ("zqsj", "fkyj"),
    "acceptance": ("slsj", "yslc", "ysjl"),
}


def withhold(world: World) -> World:
    """The same world with much of it taken away; its truth stays what it was."""
    random = Random(f"withheld {world.seed}")  # noqa: S311 -- seeded on purpose
    documented = {row["spsxslbm"] for row in world.rows["document"]}
    staged = {row["gcdm"] for row in world.rows["stage"]}
    passed = {row["spsxslbm"] for row in world.rows["step"] if row["blzt"] == 11}
    handled = {row["spsxslbm"] for row in world.rows["step"] if row["blzt"] in {8, 9, 11, 13, 15}}
    for table, rows in world.rows.items():
        kept: list[Row] = []
        for row in rows:
            if random.random() > SHARE:
                kept.append(row)
                continue
            way = random.choice(("unreadable", "empty", "never"))
            if way == "unreadable":
                name, value = UNREADABLE[table]
                kept.append(row | {name: value})
            elif way == "empty":
                kept.append(row | {random.choice(LEFT_EMPTY[table]): None})
            elif not _told_elsewhere(table, row, documented, staged, passed, handled):
                kept.append(row)
        world.rows[table] = kept
    return world


def _told_elsewhere(
    table: str,
    row: Row,
    documented: set[object],
    staged: set[object],
    passed: set[object],
    handled: set[object],
) -> bool:
    """Whether it is seen of other records that this one is missing, or nothing rests on it."""
    if table == "step":
        over = row["spsxslbm"] in passed
        return {
            1: True,
            3: row["spsxslbm"] in handled,
            6: over,
            7: over,
            9: over,
            10: over,
            11: row["spsxslbm"] in documented,
        }.get(int(str(row["blzt"])), False)
    if table == "document":  # it may be what tells that an end is missing
        return False
    return table not in {"project", "item"} or (table == "item" and row["gcdm"] not in staged)

"""A project's land, buildings and rights as the registry's tables hold them: rows.yaml, and what
only this registry does.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from sandbox.told import told
from sandbox.world.records import Life

TOLD = told(Path(__file__).with_name("rows.yaml"))
TABLES = tuple(TOLD)
PARCELS, BUILDINGS, RIGHTS, NOTICES, TRANSFERS = TABLES
# Codes of area units and one square metre in each: square metre, 亩, hectare.
UNITS = {"1": Decimal(1), "2": Decimal(3) / Decimal(2000), "3": Decimal(1) / Decimal(10_000)}
UNIT_BY_INDEX = "22223222122"
GROUPS = (6, 3, 3, 7, 9)
ROWS_A_PROJECT = {PARCELS: 1, BUILDINGS: 10, RIGHTS: 2, NOTICES: 2, TRANSFERS: 2}
# Of ten rows one carries the project code, six name a permit or filing, three name no number; of
# these the rights of one tell little more than who holds them, so that only a person can say whose
# they are.
CARRIES_CODE, NAMES_NOTHING, TELLS_LITTLE = 0, (7, 8, 9), 9
NUMBERS = ("ydghxkzh", "sgxkzbh", "jgysbabh")

Row = dict[str, object]


def rows(life: Life, codes: Mapping[str, str]) -> Iterator[tuple[str, Row]]:
    """Give (table, row); `codes` says which project a permit or filing number belongs to, as the
    hub delivered it.
    """
    index = life.project.index
    for name, table in TOLD.items():
        for ordinal, row in enumerate(table.rows(life), start=1):
            written = {key: legacy(one) for key, one in row.items() if isinstance(one, str)}
            first = index * ROWS_A_PROJECT[name] + (name != BUILDINGS)
            serial = {"bsm": first + ordinal - (name != BUILDINGS)}
            own = OWN[name](life, row) if name in OWN else {}
            known = row | written | serial | own
            yield name, known if name == BUILDINGS else _coded(known, life, codes)


def _coded(row: Row, life: Life, codes: Mapping[str, str]) -> Row:
    """Leave to the row what this registry happens to know of the project."""
    share = life.project.index % 10
    if share == CARRIES_CODE:
        return row | {"xmdm": life.project.code}
    if share in NAMES_NOTHING:
        return row | dict.fromkeys(row.keys() & set(NUMBERS))
    numbers = [str(row.get(column)) for column in NUMBERS]
    return row | {"xmdm": next((codes[number] for number in numbers if number in codes), None)}


def _area(life: Life, _: Row) -> Row:
    unit = UNIT_BY_INDEX[life.project.index % len(UNIT_BY_INDEX)]
    area = (life.parcels[0].area * UNITS[unit]).quantize(Decimal("0.0001"))
    return {"zdmj": str(area), "mjdw": unit}


def _right(life: Life, row: Row) -> Row:
    """Write the year's brackets full or half width: both are met, often for the same office."""
    index, certificate = life.project.index, str(row["bdcqzh"])
    half = certificate.replace("（", "(").replace("）", ")")
    found = {
        "bdcdyh": _grouped(str(row["bdcdyh"])),
        "bdcqzh": half if index % 3 else certificate,
        "jgysbabh": row["jgysbabh"] if index % 2 else None,
    }
    little = {"xmmc": None, "qlrzjh": None, "jzmj": None, "fdzl": legacy(life.project.region_name)}
    return found | (little if index % 10 == TELLS_LITTLE else {})


OWN: Mapping[str, Callable[[Life, Row], Row]] = {PARCELS: _area, RIGHTS: _right}


def _grouped(unit_number: str) -> str:
    groups, start = [], 0
    for width in GROUPS:
        groups.append(unit_number[start : start + width])
        start += width
    return " ".join(groups)


def project_of(table: str, bsm: int) -> int:
    """Give the project that a row number belongs to."""
    return (bsm - (table != BUILDINGS)) // ROWS_A_PROJECT[table]


def legacy(text: str) -> str:
    """Write what GBK lacks as a question mark, as the registry's own forms do."""
    return text.encode("gbk", "replace").decode("gbk")


def stamp(when: datetime) -> str:
    return f"{when:%Y%m%d%H%M%S}"

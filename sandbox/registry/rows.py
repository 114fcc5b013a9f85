"""A project's land, buildings and rights as the registry's tables hold them."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

from sandbox.world.records import Life, Parcel, Registration

PARCELS, BUILDINGS, RIGHTS = "ktt_zdjbxx", "ktt_fw_zrz", "qlt_fw_fdcq_yz"
TABLES = (PARCELS, BUILDINGS, RIGHTS)
# Codes of area units and one square metre in each: square metre, 亩, hectare.
UNITS = {"1": Decimal(1), "2": Decimal(3) / Decimal(2000), "3": Decimal(1) / Decimal(10_000)}
UNIT_BY_INDEX = "22223222122"
TEN_THOUSAND = Decimal(10_000)
GROUPS = (6, 3, 3, 7, 9)
BUILDINGS_A_PROJECT = 10
# Of ten rows one carries the project code, six name a permit or filing, three name no number; of
# these the rights of one tell little more than who holds them, so that only a person can say whose
# they are.
CARRIES_CODE, NAMES_NOTHING, TELLS_LITTLE = 0, (7, 8, 9), 9

Row = dict[str, object]


def rows(life: Life, codes: Mapping[str, str]) -> Iterator[tuple[str, Row]]:
    """Give (table, row); `codes` says which project a permit or filing number belongs to, as the
    hub delivered it.
    """
    for parcel in life.parcels:
        yield PARCELS, _coded(_parcel(life, parcel), life, codes)
    yield from ((BUILDINGS, row) for row in _buildings(life))
    for right in life.registrations:
        row = _coded(_right(life, right), life, codes)
        little = {
            "xmmc": None,
            "qlrzjh": None,
            "jzmj": None,
            "fdzl": legacy(life.project.region_name),
        }
        yield RIGHTS, row | little if life.project.index % 10 == TELLS_LITTLE else row


def _coded(row: Row, life: Life, codes: Mapping[str, str]) -> Row:
    """Leave to the row what this registry happens to know of the project."""
    share = life.project.index % 10
    numbers = [str(row.get(column)) for column in ("ydghxkzh", "sgxkzbh", "jgysbabh")]
    if share == CARRIES_CODE:
        return row | {"xmdm": life.project.code}
    if share in NAMES_NOTHING:
        return row | dict.fromkeys(row.keys() & {"ydghxkzh", "sgxkzbh", "jgysbabh"})
    return row | {"xmdm": next((codes[number] for number in numbers if number in codes), None)}


def _parcel(life: Life, parcel: Parcel) -> Row:
    unit = UNIT_BY_INDEX[life.project.index % len(UNIT_BY_INDEX)]
    return {
        "bsm": life.project.index + 1,
        "ysdm": "6001010000",
        "zddm": parcel.number,
        "bdcdyh": parcel.unit_number,
        "zl": legacy(parcel.location),
        "zdmj": str((parcel.area * UNITS[unit]).quantize(Decimal("0.0001"))),
        "mjdw": unit,
        "yt": parcel.use_code,
        "qllx": parcel.right_kind,
        "qlxz": parcel.right_nature,
        "jg": None if parcel.price is None else float(parcel.price / TEN_THOUSAND),
        "zt": "1",
        "qxdm": life.project.region_code,
        "xmmc": legacy(life.project.name),
        "ydghxkzh": _land_use_permit(life),
        "gxsj": stamp(parcel.updated_at),
    }


def _buildings(life: Life) -> Iterator[Row]:
    """Give the buildings, measured and numbered with the first registration of the building."""
    right = next((right for right in life.registrations if right.kind == "building"), None)
    if right is None or not life.parcels:
        return
    for ordinal, building in enumerate(life.unit_works, start=1):
        yield {
            "bsm": life.project.index * BUILDINGS_A_PROJECT + ordinal,
            "bdcdyh": f"{life.parcels[0].number}F{ordinal:04d}0001",
            "zddm": life.parcels[0].number,
            "zrzh": f"{ordinal:04d}",
            "xmmc": legacy(life.project.name),
            "jzwmc": building.name,
            "jgrq": _completed(life),
            "jzwgd": float(building.height),
            "zzdmj": float(building.footprint),
            "scjzmj": float(building.floor_area),
            "zcs": str(building.floors_above + building.floors_below),
            "dscs": str(building.floors_above),
            "dxcs": str(building.floors_below),
            "ghyt": building.use,
            "qxdm": life.project.region_code,
            "gxsj": stamp(right.updated_at),
        }


def _right(life: Life, right: Registration) -> Row:
    building = right.kind == "building"
    return {
        "bsm": life.project.index * 2 + building + 1,
        "ywh": right.business_number,
        "bdcdyh": _grouped(right.unit_number),
        "qllx": "4" if building else "3",
        "djlx": "100",
        "djyy": "新建房屋首次登记" if building else "国有建设用地使用权首次登记",
        "fdzl": legacy(right.location),
        "qlrmc": f"{legacy(right.holder.name)}  ",
        "qlrzjh": right.holder.uscc,
        "jzmj": str(right.area),
        "ghyt": right.use,
        "jgsj": _completed(life) if building else None,
        "bdcqzh": _bracketed(right, life.project.index),
        "djjg": life.project.region_name.removeprefix("贵州省") + "不动产登记中心",
        "dbr": right.holder.legal_person[0] + "登簿",
        "djsj": day(right.registered_on),
        "qszt": "1",
        "qxdm": life.project.region_code,
        "xmmc": legacy(life.project.name),
        "ydghxkzh": None if building else _land_use_permit(life),
        "sgxkzbh": right.permit_number,
        "jgysbabh": right.filing_number if life.project.index % 2 else None,
        "gxsj": stamp(right.updated_at),
    }


def _land_use_permit(life: Life) -> str | None:
    return next((paper.number for paper in life.documents if paper.kind == "land_use_permit"), None)


def _completed(life: Life) -> str | None:
    return next((day(filing.completed_on) for filing in life.completion_filings), None)


def _grouped(unit_number: str) -> str:
    groups, start = [], 0
    for width in GROUPS:
        groups.append(unit_number[start : start + width])
        start += width
    return " ".join(groups)


def _bracketed(right: Registration, index: int) -> str:
    """Write the year's brackets full or half width: both are met, often for the same office."""
    number = right.certificate_number
    return number.replace("（", "(").replace("）", ")") if index % 3 else number


def project_of(table: str, bsm: int) -> int:
    """Give the project that a row number belongs to."""
    return {PARCELS: bsm - 1, RIGHTS: (bsm - 1) // 2}.get(table, bsm // BUILDINGS_A_PROJECT)


def legacy(text: str) -> str:
    """Write what GBK lacks as a question mark, as the registry's own forms do."""
    return text.encode("gbk", "replace").decode("gbk")


def day(when: date) -> str:
    return f"{when:%Y%m%d}"


def stamp(when: datetime) -> str:
    return f"{when:%Y%m%d%H%M%S}"

"""A life, told in rows of the exchange database: rows.yaml, and what many of its tables repeat."""

from collections.abc import Iterator

from sandbox.approval.tables import TOLD
from sandbox.world.life_record import Life
from sandbox.world.records import Project

Row = dict[str, object]
ON_REVIEW = (1, 3, 4)
"""Parties (DWLX) that a drawing review names."""
NEEDS = {"power": "RDRL", "water": "YSL", "gas": "YQL", "heat": "RFH"}


def _common(project: Project) -> Row:
    owner = project.owner
    return {
        "SPLCBM": f"{project.region_code}SPLC{project.flow_kind:02d}",
        "SPLCBBH": "1.0" if project.index % 2 else "1",
        "SFWCQYPG": project.index % 2,
        "JSDW": owner.name,
        "JSDWDM": owner.uscc,
        "JSDWLX": owner.kind,
        "JSDWXMFZR": owner.manager,
        "JSFZRLXDH": owner.phone,
        "GCMC": project.name,
        "JSDZ": project.address,
        "SSQX": project.region_code,
        "XMJWDZB": f"{project.longitude},{project.latitude}",
        "JSGM": project.scale,
        "LXR": owner.manager,
        "ZJZMJ": project.floor_area,
        "GCDM": project.engineering_code,
        "XZQHDM": f"{project.region_code[:4]}00",
        "SJYXBS": 1,
        "SJSCZT": 3,
    }


def _wanted(life: Life) -> Row:
    """Give what the project wants of the utilities, known from the construction permit on."""
    if not life.construction_permits or not life.needs:
        return {}
    amounts: Row = {NEEDS[need.utility]: need.amount for need in life.needs}
    return {**amounts, "JRSJ": life.needs[0].wanted_on}


def rows(life: Life, table: str) -> Iterator[Row]:
    """Give the valid rows of a table that tell this life; a malformed project has none."""
    if life.project.malformed:
        return
    common = _common(life.project)
    if table == "SPGL_XMJBXXB":
        common |= _wanted(life)
    reviews = {one.number for one in life.documents if one.kind == "drawing_review"}
    for row in TOLD[table].rows(life):
        if "DWLX" not in row or row["DWLX"] in ON_REVIEW or row["XKBABH"] not in reviews:
            yield common | row

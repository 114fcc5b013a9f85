"""A project's fire cases in the fire authority's own fields, numbers and date habits."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from sandbox.state import Record
from sandbox.world.records import Document, FireCase, Life

TEN_THOUSAND = Decimal(10_000)
DRAWN, NOT_DRAWN = "21", "22"
OPEN, DECIDED = "0", "4"
KINDS = {"review": "1", "acceptance": "2", "filing": "3"}


def records(life: Life, permit: Record) -> Iterator[tuple[FireCase, Record]]:
    """Give the record of every fire case; `permit` is the construction permit as the hub delivered
    it, or empty.
    """
    planning = next((paper for paper in life.documents if paper.kind == "planning_permit"), None)
    review = next((case for case in life.fire_cases if case.kind == "review" and case.passed), None)
    for case in life.fire_cases:
        own = {
            "review": _review(case, planning),
            "acceptance": _acceptance(case, planning, review) | _permit(permit),
            "filing": _filing(case, planning) | _permit(permit),
        }[case.kind]
        yield case, {**_basics(life, case), **own, "SJYXBS": "0" if life.project.withdrawn else "1"}


def _basics(life: Life, case: FireCase) -> dict[str, str]:
    project = life.project
    office = next(item.authority.name for item in life.items if item.number == case.item_number)
    return {
        "XFYWLSH": f"XF{case.item_number}",
        "XMDM": project.code,
        "GCDM": project.engineering_code,
        "SPSXSLBM": case.item_number,
        "SPLCLX": KINDS[case.kind],
        "XZQHDM": f"{project.region_code}000000",
        "GCMC": project.name,
        "GCDZ": project.address,
        "JSDW": project.owner.name,
        "JSDWDM": project.owner.uscc,
        "JSDWXMFZR": project.owner.manager,
        "GCTZE": str((project.total_investment / TEN_THOUSAND).quantize(Decimal("0.01"))),
        "ZJZMJ": str(project.floor_area),
        "SQRQ": case.applied_on.isoformat(),
        "SPJG": str(case.steps[-1][0]),
        "SJSCZT": OPEN if case.decided_on is None else DECIDED,
        "SCDW": office,
        "SCRQ": f"{case.decided_on} 00:00:00.0" if case.decided_on else "",
        "SCYJ": case.opinion or "",
        "CZWT": case.problems or "",
    }


def _review(case: FireCase, planning: Document | None) -> dict[str, str]:
    return {
        "GCGHXKZBH": planning.number if planning else "",
        "GCGHXKRQ": _spoken(planning),
        "TSJSGCQX": ",".join(map(str, case.situations)),
        "TSXFSJ": "0",
        "SFJQXXF": "0",
        "SCYJSWH": case.number or "",
    }


def _acceptance(
    case: FireCase, planning: Document | None, review: FireCase | None
) -> dict[str, str]:
    decided = review.decided_on if review else None
    return {
        "GCGHXKZBH": planning.number if planning else "",
        "GGFZRQ": _spoken(planning),
        "TSGCXFSJSCWH": (review.number or "") if review else "",
        "SCHGRQ": f"{decided:%Y/%m/%d}" if decided else "",
        "YSYJSWH": case.number or "",
    }


def _filing(case: FireCase, planning: Document | None) -> dict[str, str]:
    drawn = "" if case.drawn is None else DRAWN if case.drawn else NOT_DRAWN
    notice = f"{case.number}-CC" if case.number and case.drawn else ""
    return {
        "GCGHXKZWJ": planning.number if planning else "",
        "JSGCGHXKRQ": _spoken(planning),
        "BABBH": case.number or "",
        "CCJG": drawn,
        "CCJGTZSWH": notice,
        "SFFC": "1" if case.drawn and case.passed is False else "0",
    }


def _permit(permit: Record) -> dict[str, str]:
    return {field: str(permit.get(field, "")) for field in ("ZMWH", "FZHPZKGRQ")}


def stamp(at: datetime) -> str:
    """Write an update time as this service does."""
    return f"{at:%Y-%m-%dT%H:%M:%S%z}"


def _spoken(document: Document | None) -> str:
    day: date | None = document.issued_on if document else None
    return f"{day.year}年{day.month}月{day.day}日" if day else ""

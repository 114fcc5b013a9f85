"""Records side by side: permit, survey and registry; completion, registration, taxes, transfer."""

import json
from dataclasses import asdict

import pytest

from hub.auth.context import on_behalf
from hub.config import compiled, connector_schemas, contract_files
from hub.domain.load import ContractsInvalidError, load
from hub.services.comparisons import ComparisonCell, Comparisons, ComparisonTable, comparisons
from tests.api.conftest import open_account
from tests.contexts import asking
from tests.filled import CODE, HOME, Filled, payload

AREAS, HANDOVER = "measured_areas", "title_on_handover"
UNIT = "140108001002GB00008F00010002"
CONTRACT, BUYER, PAID = "FC14010800000017", "郑刚", "88231.07"
BUILDINGS = {"D01": ("1号楼", "1000.00"), "D02": ("2号楼", "500.00")}


def number(building: str) -> str:
    return f"{CODE}-001-{building}"


@pytest.fixture
def site(filled: Filled) -> Filled:
    """Two buildings, of which one is surveyed twice; one home that is sold and transferred."""
    works = [
        payload(
            "pull.approval.unit_work", lsh=at, xmdm=CODE, gcdm=f"{CODE}-001",
            dtbm=number(name), dtmc=title, jzmj=area,
        )
        for at, (name, (title, area)) in enumerate(BUILDINGS.items(), 1)
    ]  # fmt: skip
    filled.pull("pull.approval.unit_work", *works)
    filled.pull("pull.survey.joint_survey", *(surveyed(*one) for one in SURVEYS))
    registry = "pull.registry.property_registration"
    whole = {"xmdm": CODE, "qllx": "4", "bdcdyh": f"{UNIT[:-4]}0001", "jzmj": "1500.00"}
    filled.pull(registry, payload(registry, **whole, djsj="20260920"))
    bought = {"xmdm": CODE, "bdcdyh": UNIT, "qlrmc": BUYER}
    notice = payload(f"{registry}.notice", **bought, bdcjydjzmh=CONTRACT)
    filled.pull(f"{registry}.notice", notice)
    filled.pull(f"{registry}.transfer", payload(f"{registry}.transfer", **bought))
    tax = {"bdcdyh": UNIT, "htbh": CONTRACT, "sjje": PAID, "nsrmc": BUYER}
    filled.pull(
        "pull.tax.tax_clearance",
        payload("pull.tax.tax_clearance", **tax, wspzh="A", wsrq="20260930"),
        payload("pull.tax.tax_clearance", **tax, wspzh="B", wsrq="20260901", zfbz="Y"),
    )
    filled.pull(
        "pull.approval.completion_filing",
        payload("pull.approval.completion_filing", gcdm=f"{CODE}-001", barq="2026-09-04T00:00:00"),
    )
    return filled


SURVEYS = (
    ("D01", "规划核实", "1010.50", "通过", "1"),
    ("D02", "规划核实", "500.00", "通过", "2"),
    ("D01", "不动产测绘", "1010.50", "通过", "3"),
    ("D02", "不动产测绘", "500.00", "通过", "4"),
    ("D02", "不动产测绘", "503.00", "通过", "5"),
    ("D02", "规划核实", "999.00", "未通过", "6"),
)


def surveyed(building: str, kind: str, area: str, accepted: str, result: str) -> dict[str, object]:
    return payload(
        "pull.survey.joint_survey", 项目代码=CODE, 成果编号=result, 测绘类别=kind, 单体编号=number(building),
        **{"面积/建筑面积": area}, 验收=accepted,
    )  # fmt: skip


def by_name(found: Comparisons) -> dict[str, ComparisonTable]:
    return {one.name: one for one in found.comparisons}


def told(cells: tuple[ComparisonCell, ...]) -> list[tuple[object, object]]:
    return [("several" if one.several else one.value, one.difference) for one in cells]


def test_areas_of_each_building_stand_side_by_side_and_the_registry_against_their_sum(
    site: Filled,
):
    areas = by_name(comparisons(asking(site.hub), CODE))[AREAS]
    rows = {row.name: told(row.cells) for row in areas.rows}
    assert rows == {
        "1号楼": [("1000.00", None), ("1010.50", "10.50"), ("1010.50", "10.50"), (None, None)],
        "2号楼": [("500.00", None), ("500.00", "0.00"), ("several", None), (None, None)],
    }
    assert areas.total is not None
    assert told(areas.total.cells) == [
        ("1500.00", None),
        ("1510.50", "10.50"),
        (None, None),
        ("1500.00", "0.00"),
    ]
    systems = [one.system for one in areas.rows[0].cells]
    assert systems == ["approval", "survey", "survey", ""]
    assert areas.total.cells[3].system == "registry"


def test_the_way_to_a_certificate_has_its_dates_and_the_days_between(site: Filled):
    (row,) = by_name(comparisons(asking(site.hub), CODE))[HANDOVER].rows
    assert row.key == UNIT
    assert [(str(one.value), one.days) for one in row.cells] == [
        ("2026-09-04", None),
        ("2026-09-20", 16),
        ("2026-09-30", 10),  # the clearance that is void does not count
        ("2026-10-02", 2),
    ]
    assert row.days == 28


def test_no_name_and_no_amount_stands_in_a_comparison(site: Filled):
    """Those of registry and tax see them in their records; here nobody does."""
    found = comparisons(asking(site.hub), CODE)
    text = json.dumps(asdict(found), default=str, ensure_ascii=False)
    assert UNIT in text
    assert BUYER not in text
    assert PAID not in text
    assert PAID.split(".", maxsplit=1)[0] not in text


def test_what_a_reader_may_not_see_is_said_and_nothing_is_made_of_it(site: Filled):
    open_account(site, "clerk", "department", "project", "unit_work", "joint_survey")
    found = comparisons(on_behalf(site.hub, "clerk"), CODE)
    areas = by_name(found)[AREAS]
    assert set(found.denied) == site.hub.contracts.comparisons.keys() - {AREAS}
    assert HANDOVER not in by_name(found)
    assert [one.granted for one in areas.columns] == [True, True, True, False]
    assert areas.total is not None
    assert (areas.total.cells[3].value, areas.total.cells[3].records) == (None, ())


def problems(**changes: object) -> list[tuple[str, dict[str, str]]]:
    """What `hub check` says of the table of areas with some words of it changed."""
    path = f"mappings/comparisons/{AREAS}.yaml"
    files = dict(contract_files(HOME))
    for old, new in changes.values():
        assert old in files[path]
        files[path] = files[path].replace(old, new)
    with pytest.raises(ContractsInvalidError) as caught:
        load(files, connector_schemas(), year=2026)
    return [(one.code, dict(one.facts)) for one in caught.value.problems]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("unit_work.floor_area", "unit_work.name"), "contract.comparison_unfit"),
        (("unit_work.floor_area", "unit_work.height"), "contract.comparison_units"),
        (("unit_work.floor_area", "unit_work.flor_area"), "contract.field_unknown"),
        (("on: subject", "on: sabject"), "contract.field_unknown"),
        (("named: name", "named: nam"), "contract.field_unknown"),
        (("from: joint_survey", "from: joint_surway"), "contract.schema_unknown"),
        (("property_registration.area", "tax_clearance.amount"), "contract.comparison_personal"),
        (("{kind: building}", "{holder: 郑刚}"), "contract.comparison_personal"),
        (("{kind: building}", "{kind: bilding}"), "contract.code_target"),
        (("name: checked", "name: permitted"), "contract.duplicate_key"),
        (("compares: values", "compares: names"), "contract.value"),
    ],
)
def test_a_comparison_that_cannot_be_is_refused(change: tuple[str, str], code: str):
    if code == "contract.comparison_personal" and "holder" not in change[1]:
        found = problems(one=change, where=(", where: {kind: building}", ""))
    else:
        found = problems(one=change)
    assert code in [name for name, _ in found], found


def test_a_mistake_in_a_comparison_stops_that_comparison_alone(filled: Filled):
    files = dict(contract_files(HOME))
    files[f"mappings/comparisons/{AREAS}.yaml"] = "title: {zh: 无"
    contracts = compiled(files)
    others = filled.hub.contracts.comparisons.keys() - {AREAS}
    assert HANDOVER in others
    assert set(contracts.comparisons) == others
    assert [one.file for one in contracts.problems] == [f"mappings/comparisons/{AREAS}.yaml"]
    assert contracts.disabled == {}
    kept = compiled(files, kept=filled.hub.contracts.sound or dict(contract_files(HOME)))
    assert set(kept.comparisons) == {AREAS, *others}

"""Area-wide evaluations as a park's workbook tells them: units and items over merged rows, and the
projects that lie inside a boundary, outside it, and too near to say.
"""

from collections.abc import Iterator

import pytest

from hub.auth.context import operating
from hub.services.prefill.told import Prefill, prefilled_form
from hub.services.projects import project
from tests.filled import CODE, payload
from tests.partners.joined import Joined, joined
from tests.postgres import DatabaseServer

PROJECT = "pull.approval.project"


@pytest.fixture(scope="module")
def park(
    database_server: DatabaseServer, filled_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Joined]:
    with joined(
        "evaluation",
        database_server=database_server,
        template=filled_template,
        state=tmp_path_factory.mktemp("park"),
        projects=120,
    ) as found:
        names = ("area_evaluation", "area_evaluation_item")
        found.counts = {name: found.pull(name) for name in names}
        yield found


def corner(park: Joined, kind: str = "") -> tuple[float, float]:
    """The south-western corner of a unit; kind: of one with an item that is named so."""
    (row,) = park.rows(
        "select boundary from golden.area_evaluation_item where deleted_at is null"
        " and (%s = '' or kind = %s) and valid_until > '2026-12-01' order by unit_code limit 1",
        kind,
        kind,
    )
    return shape(row["boundary"])


def shape(boundary: object) -> tuple[float, float]:
    digits = str(boundary).partition("[[[")[2].partition("]")[0]
    east, north = digits.split(",")[:2]
    return float(east), float(north)


def standing(park: Joined, east: float, north: float) -> Prefill:
    """The form of the project once its site is there."""
    park.world.pull(PROJECT, payload(PROJECT, xmdm=CODE, xmjwdzb=f"{east:.6f},{north:.6f}"))
    return prefilled_form(operating(park.world.hub, "li"), "land_use_permit", CODE)


def test_merged_rows_give_every_item_its_unit(park: Joined) -> None:
    offered = sum(park.partner.shared().values())
    assert park.counts["area_evaluation_item"]["read"] == offered
    assert park.counts["area_evaluation"]["read"] == offered
    items = park.rows("select unit_code, item_code, valid_until from golden.area_evaluation_item")
    assert len(items) == offered
    units = park.rows("select unit_code, area, boundary from golden.area_evaluation")
    assert {one["unit_code"] for one in units} == {one["unit_code"] for one in items}
    assert all(str(one["area"]) == "4000000.00" for one in units)


def test_a_project_inside_is_offered_the_paper_and_told_until_when(park: Joined) -> None:
    east, north = corner(park, "geology")
    filled = standing(park, east + 0.01, north + 0.01)
    answers = {one.name: one.value for one in filled.fields}
    assert "地质灾害危险性评估" in str(answers["evaluated_items"])
    assert answers["evaluations_until"]
    assert "geology" in {one.name for one in filled.wanted if one.held}
    assert "evaluation_border" not in {one.name for one in filled.checks}
    view = project(operating(park.world.hub, "li"), CODE)
    assert {"area_evaluation", "area_evaluation_item"} <= {one.entity for one in view.records}


def test_a_project_outside_has_none(park: Joined) -> None:
    filled = standing(park, 80.0, 40.0)
    answers = {one.name: one.value for one in filled.fields}
    assert answers["evaluation_units"] is None
    assert "geology" not in {one.name for one in filled.wanted if one.held}


@pytest.mark.parametrize("off", [-0.00005, 0.00005])
def test_a_project_on_the_border_is_a_question_and_no_fact(park: Joined, off: float) -> None:
    east, north = corner(park)
    filled = standing(park, east + off, north + 0.01)
    answers = {one.name: one.value for one in filled.fields}
    assert answers["evaluation_units"] is None
    assert "evaluation_border" in {one.name for one in filled.checks}


def test_an_expired_evaluation_is_told_and_not_offered(park: Joined) -> None:
    (row,) = park.rows(
        "select boundary from golden.area_evaluation_item where kind = 'geology'"
        " and valid_until < '2026-01-01' and deleted_at is null order by 1 limit 1"
    )
    east, north = shape(row["boundary"])
    filled = standing(park, east + 0.01, north + 0.01)
    assert "evaluation_expired" in {one.name for one in filled.checks}
    (paper,) = [one for one in filled.wanted if one.name == "geology"]
    assert paper.held is None
    assert paper.reason is not None
    assert paper.reason.code == "prefill.expired"


def test_units_that_overlap_both_count(park: Joined) -> None:
    east, north = corner(park)
    other = f"{east},{north};{east + 0.02},{north};{east + 0.02},{north + 0.02};{east},{north}"
    flow = "pull.evaluation.area_evaluation"
    park.world.pull(flow, payload(flow, 单元编码="QYOVER", 范围坐标=other, 事项编码="QP09"))
    filled = standing(park, east + 0.015, north + 0.005)
    answers = {one.name: one.value for one in filled.fields}
    assert len(answers["evaluation_units"]) == 2  # type: ignore[arg-type]

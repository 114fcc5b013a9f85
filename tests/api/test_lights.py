"""时限督办: the list by lights says the same as the clocks themselves, page by page, to whom it may."""

import random
from collections import Counter
from io import BytesIO

import pytest
from openpyxl import load_workbook

from hub.auth import reader_named
from hub.auth.context import RequestContext, on_behalf, operating
from hub.errors import FlowError
from hub.services import facts, lights
from hub.services.lights import LightsAsked
from tests.api.conftest import Client, Opened
from tests.filled import Filled
from tests.many import OFFICES, REGIONS, codes, fill

PROJECTS = 60
OF_COUNTY = REGIONS[0]


@pytest.fixture
def many(filled: Filled) -> Filled:
    filled.execute("delete from golden.project")
    fill(filled, PROJECTS)
    return filled


def walked(context: RequestContext, asked: LightsAsked, *, most: int = 7) -> list[lights.LitClock]:
    """Every page of a list."""
    found: list[lights.LitClock] = []
    while True:
        page = lights.listed(context, asked, most=most)
        found += page.clocks
        if not page.next:
            return found
        assert len(page.clocks) == most
        asked = LightsAsked(
            asked.scope,
            asked.state,
            asked.region,
            asked.stage,
            asked.flow_kind,
            asked.department,
            page.next,
        )


def test_the_pages_hold_each_clock_once_with_the_light_that_the_project_shows(
    many: Filled, opened: Opened
):
    opened("reform", "supervisor")
    reform, operator = on_behalf(many.hub, "reform"), operating(many.hub, "tester")
    truth = [one for code in codes(PROJECTS) for one in facts.clocks(operator, code).clocks]
    met: Counter[str] = Counter()
    for scope in facts.SCOPES:
        every = {one.record_id: one for one in truth if one.scope == scope}
        found = walked(reform, LightsAsked(scope, "all"))
        assert Counter(one.record_id for one in found) == dict.fromkeys(every, 1)
        assert {one.record_id: one.light for one in found} == {
            number: one.light for number, one in every.items()
        }
        for state in ("red", "yellow"):
            lit = walked(reform, LightsAsked(scope, state))
            assert {one.record_id for one in lit} == {
                number
                for number, one in every.items()
                if one.light == state and one.ended is None and one.end_basis in {None, "idle"}
            }, (scope, state)
            turned = [one.red_at for one in lit if one.red_at]
            assert turned == sorted(turned)
            met[state] += len(lit)
    assert met["red"] > 7  # more than a page


def test_filters_by_county_stage_class_and_unit_hold_together(many: Filled, opened: Opened):
    opened("reform", "supervisor")
    reform = on_behalf(many.hub, "reform")
    every = walked(reform, LightsAsked("stage", "all"))
    chosen = random.Random(3).sample(every, 5)  # noqa: S311 -- seeded on purpose
    for one in chosen:
        asked = LightsAsked("stage", "all", one.region, one.of, one.flow_kind or "")
        expected = {
            other.record_id
            for other in every
            if (other.region, other.of, other.flow_kind) == (one.region, one.of, one.flow_kind)
        }
        assert {found.record_id for found in walked(reform, asked)} == expected
    mine = walked(reform, LightsAsked("item", "all", department=OFFICES[0]))
    assert mine
    assert {OFFICES[0] in (one.units or ()) for one in mine} == {True}


def test_a_county_sees_its_county_and_a_unit_its_own_and_nobody_anything_else(
    many: Filled, opened: Opened, client: Client
):
    county = opened("county", "supervisor", regions=(OF_COUNTY,))
    water = opened("water", "department")
    many.execute("update hub.account set department = %s where name = 'water'", OFFICES[0])
    stranger = opened("stranger", "department")
    whole = walked(operating(many.hub, "tester"), LightsAsked("item", "all"), most=500)
    of_county = walked(on_behalf(many.hub, "county"), LightsAsked("item", "all"))
    assert of_county
    assert [one.record_id for one in of_county] == [
        one.record_id for one in whole if one.region == OF_COUNTY
    ]
    own = client.get("/v1/lights?scope=item&light=all&limit=500", water).json()["clocks"]
    assert [one["record_id"] for one in own] == [
        one.record_id for one in whole if OFFICES[0] in (one.units or ())
    ]
    asked = client.get(f"/v1/lights?scope=item&light=all&department={OFFICES[1]}", water).json()
    assert {OFFICES[0] in one["units"] for one in asked["clocks"]} == {True}
    assert client.get("/v1/lights?light=all", stranger).json()["clocks"] == []
    assert client.get("/v1/lights/regions", water).status_code == 403
    counted = client.get("/v1/lights/regions", county).json()
    assert [one["part"] for one in counted] == [OF_COUNTY]


def test_row_security_holds_the_list_with_the_services_own_check_off(
    many: Filled, opened: Opened, monkeypatch: pytest.MonkeyPatch
):
    opened("county", "supervisor", regions=(OF_COUNTY,))
    opened("water", "department")
    many.execute("update hub.account set department = %s where name = 'water'", OFFICES[0])
    before = {
        name: walked(on_behalf(many.hub, name), LightsAsked("item", "all"))
        for name in ("county", "water")
    }
    monkeypatch.setattr(
        lights, "_held_to", lambda _context, asked: lights.ClockFilter(asked.scope, asked.state)
    )
    for name, own in before.items():
        with many.hub.database.read() as tx:
            reader = reader_named(tx, name)
        assert reader
        found = lights.listed(
            RequestContext(many.hub, reader), LightsAsked("item", "all"), most=500
        )
        assert {one.record_id for one in found.clocks} == {one.record_id for one in own}


def test_counts_lead_to_lists_of_as_many_rows(many: Filled, opened: Opened):
    opened("reform", "supervisor")
    reform = on_behalf(many.hub, "reform")
    for row in lights.by_region(reform):
        for state, many_of in (("running", row.running), ("red", row.red), ("yellow", row.yellow)):
            rows = walked(reform, LightsAsked("stage", state, row.part))  # type: ignore[arg-type]
            assert len(rows) == many_of, (row.part, state)
    for row in lights.by_unit(reform, region=OF_COUNTY):
        rows = walked(reform, LightsAsked("item", "red", OF_COUNTY, department=row.part))
        assert len(rows) == row.red


def test_a_clock_that_turns_red_within_three_working_days_is_listed_so_and_one_later_is_not(
    many: Filled, opened: Opened
):
    opened("reform", "supervisor")
    reform = on_behalf(many.hub, "reform")
    (first, second, *_) = many.rows(
        "select record_id from fact.stage where ended_at is null and began is not null"
        " and end_basis is null order by 1"
    )
    soon = lights.listed(reform, LightsAsked()).soon
    for row, more in ((first, "0"), (second, "1 second")):
        many.execute(
            "update fact.stage set light = null, yellow_at = now(), red_at = %s::timestamptz"
            " + %s::interval where record_id = %s",
            *(soon, more, row["record_id"]),
        )
    found = {one.record_id for one in walked(reform, LightsAsked("stage", "soon"))}
    assert first["record_id"] in found
    assert second["record_id"] not in found


def test_the_workbook_has_the_rows_of_all_pages(many: Filled, opened: Opened, client: Client):
    token = opened("reform", "supervisor")
    rows = walked(on_behalf(many.hub, "reform"), LightsAsked("stage", "all"), most=500)
    answer = client.get("/v1/lights/xlsx?scope=stage&light=all", token)
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == [
        one.project_code for one in rows
    ]


@pytest.mark.parametrize("after", ["x", "|", "a|b", "a|٣", "a|99999999999999999999"])
def test_a_page_begins_after_a_place_that_a_page_has_given(
    filled: Filled, opened: Opened, after: str
):
    opened("reform", "supervisor")
    with pytest.raises(FlowError, match=r"ask\.invalid"):
        lights.listed(on_behalf(filled.hub, "reform"), LightsAsked(after=after))

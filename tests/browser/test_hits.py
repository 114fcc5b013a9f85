"""疑似与认定 in a real browser: told by the office, answered by the unit, decided by the office."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from hub import auth
from hub.auth import set_regions
from tests.browser.site import (
    Console,
    accounts,
    is_readable,
    is_usable,
    number_of,
    picture,
    serving,
)
from tests.filled import Filled
from tests.hits import OFFICES, accuse, hit_of
from tests.postgres import DatabaseServer


@pytest.fixture(scope="module")
def console(
    database_server: DatabaseServer, filled_template: str, browser: Browser
) -> Iterator[Console]:
    """A site where three items are over their limits, and one of their units signs in."""
    with database_server.database(template=filled_template) as url:
        world = Filled(url)
        accounts(world)
        with world.hub.database.write() as tx:
            set_regions(tx, "reform", ("52",))
            for name, number in (("land", "A"), ("housing", "B")):
                auth.open_account(tx, name, "department", department=OFFICES[number][0])
        accuse(world)
        with serving(world) as address:
            made = Console(world, address, browser)
            yield made
            made.close()
        world.hub.close()
        assert made.troubles == []


def test_an_office_tells_a_unit_explains_and_the_office_decides(console: Console):
    number = hit_of(console.world, "A")
    office = console.open("/hits?indicator=item_overdue", who="reform")
    expect(office.locator("table.data tbody tr")).to_have_count(3)
    is_readable(office)
    is_usable(office)
    unit = console.open("/hits", who="land")
    expect(unit.locator("table.data")).to_have_count(0)

    office.get_by_role("link", name=f"#{number}", exact=True).click()
    expect(office.get_by_text("依据的事实")).to_be_visible()
    office.get_by_label("说明").fill("请核对超时原因")
    office.get_by_role("button", name="告知单位").click()
    expect(office.get_by_text("已告知").first).to_be_visible()

    unit.goto(f"{console.address}/hits/{number}")
    expect(unit.get_by_role("button", name="提交校核")).to_be_visible()
    unit.set_viewport_size({"width": 390, "height": 844})
    is_usable(unit)
    unit.set_viewport_size({"width": 1440, "height": 900})
    picture(unit, "hit")
    unit.get_by_label("说明", exact=True).fill("申请人补件，资料附后")
    unit.get_by_role("button", name="提交说明").click()
    expect(unit.get_by_text("已说明").first).to_be_visible()
    expect(unit.get_by_role("button", name="提交说明")).to_have_count(0)

    office.reload()
    office.get_by_label("说明", exact=True).fill("说明不成立")
    office.get_by_role("button", name="认定，计入").click()
    expect(office.get_by_text("已认定").first).to_be_visible()
    unit.set_viewport_size({"width": 390, "height": 844})
    unit.goto(f"{console.address}/hits")
    expect(unit.locator("table.data tbody tr")).to_have_count(1)


def test_an_office_asks_about_a_hit_and_the_unit_answers(console: Console):
    number = hit_of(console.world, "B")
    office = console.open(f"/hits/{number}", who="reform")
    office.get_by_label("说明", exact=True).fill("请核对超时原因")
    office.get_by_role("button", name="告知单位").click()
    office.get_by_role("link", name="就此发出督办").click()
    office.get_by_label("要求").fill("请于期限内办结并说明原因")
    is_usable(office)
    office.get_by_role("button", name="发出", exact=True).click()
    expect(office.get_by_text("督办事由")).to_be_visible()
    case = number_of(office, f"{console.address}/cases/")
    unit = console.open("/cases", who="housing")
    expect(unit.locator("table.data tbody tr")).to_have_count(1)
    unit.goto(f"{console.address}/cases/{case}")
    is_readable(unit)
    is_usable(unit)
    unit.get_by_label("说明", exact=True).fill("已于今日办结")
    unit.get_by_role("button", name="答复").click()
    expect(unit.get_by_text("已答复").first).to_be_visible()
    office.reload()
    office.set_viewport_size({"width": 1440, "height": 900})
    expect(office.get_by_role("button", name="退回")).to_be_visible()
    picture(office, "case")
    office.get_by_label("说明", exact=True).fill("同意")
    office.get_by_role("button", name="办结").click()
    expect(office.get_by_text("已办结").first).to_be_visible()
    other = console.open("/cases?closed=1", who="land")
    expect(other.locator("table.data")).to_have_count(0)
    expect(other.get_by_text("没有督办件。")).to_be_visible()

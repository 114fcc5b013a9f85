"""疑似与认定 in a real browser: told by the office, answered by the unit, decided by the office."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from hub import auth
from hub.auth import set_regions
from tests.browser.site import Console, accounts, is_readable, is_usable, picture, serving
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
            auth.open_account(tx, "land", "department", department=OFFICES["A"][0])
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

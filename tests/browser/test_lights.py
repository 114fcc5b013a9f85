"""时限督办 in a real browser: the reform office filters, turns pages, and follows a number to its list."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from hub.auth import set_regions
from tests.api.conftest import EVERYWHERE
from tests.browser.site import Console, accounts, is_readable, is_usable, picture, serving
from tests.filled import Filled
from tests.many import fill
from tests.postgres import DatabaseServer


@pytest.fixture(scope="module")
def console(
    database_server: DatabaseServer, filled_template: str, browser: Browser
) -> Iterator[Console]:
    """A site with sixty projects, whose reform office sees them all."""
    with database_server.database(template=filled_template) as url:
        world = Filled(url)
        accounts(world)
        with world.hub.database.write() as tx:
            set_regions(tx, "reform", EVERYWHERE)
        fill(world, 60)
        with serving(world) as address:
            made = Console(world, address, browser)
            yield made
            made.close()
        world.hub.close()
        assert made.troubles == []


def _lines(page: Page) -> Locator:
    return page.locator("table.data tbody tr")


def test_the_reform_office_filters_and_turns_pages(console: Console):
    page = console.open("/", who="reform")
    expect(page).to_have_url(re.compile("/lights$"))
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(_lines(page)).to_have_count(50)
    first = page.locator("table.data tbody tr").first.inner_text()
    picture(page, "lights", whole=False)
    page.get_by_role("link", name="之后的 →").click()
    page.wait_for_load_state()
    expect(page.locator("table.data tbody tr").first).not_to_have_text(first)
    page.goto(f"{console.address}/lights?scope=item&light=red")
    expect(page.locator("table.data tbody .light.red").first).to_be_visible()
    expect(_lines(page).filter(has_not=page.locator(".light.red"))).to_have_count(0)
    with page.expect_download() as file:
        page.get_by_role("button", name="XLSX").click()
    assert file.value.suggested_filename == "lights.xlsx"
    is_readable(page)
    is_usable(page)


def test_a_number_of_a_county_leads_to_as_many_rows(console: Console):
    page = console.open("/counties", who="reform")
    page.set_viewport_size({"width": 1440, "height": 900})
    picture(page, "counties")
    link = page.locator("table.data").first.locator("tbody tr").first.get_by_role("link").nth(2)
    wanted = int(link.inner_text())
    link.click()
    page.wait_for_load_state()
    expect(page.locator("table.data")).to_be_visible()
    expect(_lines(page)).to_have_count(min(wanted, 50))

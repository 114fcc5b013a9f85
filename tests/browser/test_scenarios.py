"""Scenarios: a number leads to its projects, and a project says what is missing and whose turn it
is.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.site import Console, picture
from tests.filled import CODE
from tests.services.lives import put


@pytest.fixture(scope="module", autouse=True)
def land(console: Console) -> None:
    """The land was had, and one permit of three came of it."""
    with console.world.hub.database.write() as tx:
        tx.execute("update golden.approval_document set deleted_at = now()")
        put(tx, "land_deal", contract_number="52-1", plot_number="P1", signed_on="2025-11-10")
        put(
            tx,
            "approval_document",
            number="地字第1号",
            issuer="自然资源局",
            kind="land_use_permit",
            issued_on="2025-11-12",
            status="valid",
        )
    console.world.hub.refresh_facts()


def test_a_number_leads_to_the_projects_that_it_counts(console: Console) -> None:
    page = console.open("/scenarios")
    row = page.locator("tr", has_text="拿地即开工")
    expect(row).to_contain_text("10")
    row.get_by_role("link", name="1", exact=True).click()
    expect(page).to_have_url(re.compile(r"/scenarios/land_then_start\?.*state=overdue"))
    expect(page.get_by_role("link", name=CODE)).to_be_visible()
    expect(page.get_by_text("建设工程规划许可证（或函）（缺）")).to_be_visible()
    picture(page, "scenario")
    page.get_by_role("link", name="全部项目").click()
    expect(page).to_have_url(re.compile(r"/scenarios/land_then_start$"))


def test_a_project_says_what_of_a_scenario_is_missing(console: Console) -> None:
    page = console.open(f"/projects/{CODE}")
    card = page.locator("#scenarios")
    expect(card).to_contain_text("拿地即开工")
    expect(card).to_contain_text("未完成且已超期")
    expect(card).to_contain_text("2025-11-24")


def test_what_no_system_shares_yet_is_said_and_counts_nothing(console: Console) -> None:
    page = console.open("/scenarios", lang="en")
    row = page.locator("tr", has_text="Two permits in one")
    expect(row).to_contain_text("Not shared yet: the standard codes")
    page.get_by_role("link", name="Two permits in one").click()
    expect(page.get_by_text("Not shared yet")).to_be_visible()
    expect(page.get_by_text("By county")).to_have_count(0)

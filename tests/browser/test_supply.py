"""A clerk of a unit without a system: hands in by workbook and form, reads what is new."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import Console, is_usable, picture
from tests.supply.conftest import open_clerk
from tests.supply.workbooks import CODE, FLOW, row
from tests.supply.workbooks import filled as written

SUPPLY = f"/supply/{FLOW}"


@pytest.fixture(scope="module", autouse=True)
def clerks(console: Console) -> None:
    open_clerk(console.world)
    open_clerk(console.world, "county", regions=("520201",))
    console.world.hub.release()


def template(page: Page) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name="下载模板").click()
    return Path(download.value.path()).read_bytes()


def upload(page: Page, name: str, content: bytes) -> None:
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def test_nothing_was_handed_in_yet_and_a_workbook_is_taken(console: Console):
    page = console.open("/supply", who="clerk")
    page.get_by_role("link", name="市政公用服务报装").click()
    page.wait_for_url(f"{console.address}{SUPPLY}")
    expect(page.get_by_text("还没有报送过。")).to_be_visible()
    is_usable(page)
    picture(page, "supply-empty")
    content = written(template(page), [row(1), row(2, 报装状态="踏勘")])
    upload(page, "三月.xlsx", content)
    expect(page.get_by_role("status")).to_contain_text("已收下 2 行")
    upload(page, "三月.xlsx", content)
    told = page.get_by_role("alert")
    expect(told).to_contain_text("由 clerk 上传并收下")
    page.reload()
    expect(page.get_by_role("cell", name="三月.xlsx", exact=True)).to_have_count(3)
    expect(page.get_by_role("cell", name="GD-2026-0002")).to_be_visible()
    is_usable(page)
    picture(page, "supply")


def test_every_bad_cell_is_named_and_nothing_is_taken(console: Console):
    page = console.open(SUPPLY, who="clerk")
    bad = [row(11, 报装状态="快好了"), row(12, 申请日期="去年", 申请单位=""), row(13)]
    upload(page, "错.xlsx", written(template(page), bad))
    told = page.get_by_role("alert")
    expect(told).to_contain_text("一行也没有收下：3 处需要更正")
    for cell in ("H2", "C3", "I3"):
        expect(page.get_by_role("cell", name=cell, exact=True)).to_be_visible()
    is_usable(page)
    picture(page, "supply-errors")
    english = console.open(SUPPLY, who="clerk", lang="en")
    upload(english, "错.xlsx", written(template_of(english), bad))
    expect(english.get_by_role("alert")).to_contain_text("Nothing was taken: 3 places")
    picture(english, "supply-errors-en")


def template_of(page: Page) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the template").click()
    return Path(download.value.path()).read_bytes()


def test_a_record_is_entered_with_a_suggested_project_corrected_and_withdrawn(console: Console):
    page = console.open(SUPPLY, who="clerk")
    page.get_by_label("项目代码 *").or_(page.get_by_label("项目代码", exact=True)).fill(CODE[:10])
    page.get_by_role("button", name=CODE).click()
    for label, value in {
        "报装编号": "GD-9",
        "申请单位": "某单位",
        "申请日期": "2026-03-02",
    }.items():
        page.get_by_label(f"{label} *").fill(value)
    page.get_by_label("报装状态 *").click()
    page.get_by_role("option", name="已受理", exact=True).click()
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已收下 1 行")
    page = console.open(f"{SUPPLY}?key=GD-9", who="clerk")
    expect(page.get_by_label("申请单位 *")).to_have_value("某单位")
    picture(page, "supply-correct")
    page.get_by_label("申请单位 *").fill("另一单位")
    page.get_by_role("button", name="提交更正").click()
    expect(page.get_by_role("status")).to_contain_text("已收下 1 行")
    page = console.open(SUPPLY, who="clerk")
    page.get_by_role("button", name="撤回").click()
    expect(page.get_by_text("撤回没有写明理由。")).to_be_visible()
    page.get_by_label("理由").fill("重复登记")
    page.get_by_role("button", name="撤回").click()
    expect(page.get_by_role("cell", name="GD-9、重复登记")).to_be_visible()


def test_who_is_of_another_unit_is_offered_nothing(console: Console):
    page = console.open("/supply", who="water")
    expect(page.get_by_text("没有可报送的数据")).to_be_visible()
    refused = console.open(SUPPLY, who="water")
    expect(refused.get_by_role("alert")).to_contain_text("不能报送")
    picture(refused, "supply-refused")
    (noted,) = console.world.rows(
        "select account from hub.access where refused and route like 'SHOW /supply/%'"
    )
    assert noted == {"account": "water"}
    console.troubles[:] = [one for one in console.troubles if "403" not in one]


def test_what_is_new_is_read_and_acknowledged(console: Console):
    page = console.open("/news", who="clerk")
    expect(page.get_by_text("没有新到的数据。").first).to_be_visible()
    picture(page, "news-empty")
    console.world.hub.push("push.broadcast.approval_document")
    page = console.open("/news", who="clerk")
    expect(page.get_by_text("1 条新到")).to_be_visible()
    is_usable(page)
    picture(page, "news")
    english = console.open("/news", who="clerk", lang="en")
    expect(english.get_by_text("1 seen")).to_be_visible()
    picture(english, "news-en")
    with page.expect_download() as download:
        page.get_by_role("button", name="XLSX").last.click()
    assert download.value.suggested_filename == "push.broadcast.approval_document.xlsx"
    page.get_by_role("button", name="已阅").last.click()
    expect(page.get_by_text("没有新到的数据。")).to_have_count(2)
    assert console.world.rows("select acknowledged_by from hub.handover where state = 'accepted'")

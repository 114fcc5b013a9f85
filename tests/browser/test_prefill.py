"""What a department does every day: find a project, prefill a form, check it, hand it in, see what
was spared.
"""

import re
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Locator, Page, expect

from tests.browser.site import Console, is_usable, picture
from tests.filled import CODE, NAME, PERMIT, payload

FORM = f"/prefill/water_connection?project_code={CODE}"


@pytest.fixture(scope="module", autouse=True)
def searchable(console: Console) -> None:
    console.world.hub.release()


def field(page: Page, title: str) -> Locator:
    return page.get_by_label(title, exact=True)


def test_a_project_is_found_as_one_types_and_leads_to_the_form_of_ones_own_unit(console: Console):
    page = console.open("/prefill", who="water")
    expect(page.get_by_role("link", name="用水报装申请表")).to_have_attribute(
        "aria-current", "true"
    )
    page.get_by_label("项目代码开头").fill("三给村")
    found = page.get_by_role("link", name=NAME)
    expect(found).to_be_visible()
    expect(page).to_have_url(
        re.compile("q=%E4%B8%89%E7%BB%99%E6%9D%91")
    )  # what was typed has an address
    is_usable(page)
    picture(page, "prefill-find")
    found.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{console.address}{FORM}")
    expect(page.get_by_label("项目名称", exact=True)).to_have_value(NAME)


def test_every_field_says_where_it_comes_from_or_why_it_is_empty(console: Console):
    page = console.open(FORM, who="water")
    expect(field(page, "施工许可证编号")).to_have_value(PERMIT)
    row = page.locator(".field", has=page.get_by_label("施工许可证编号", exact=True))
    expect(row).to_contain_text("权威来源")
    expect(row).to_contain_text("工程建设项目审批管理系统")
    empty = page.locator(".field", has=page.get_by_label("宗地代码", exact=True))
    expect(empty).to_contain_text("尚未收到，由不动产登记系统共享")
    papers = page.locator(".paper", has_text="建筑工程施工许可证")
    expect(papers).to_contain_text("免提交")
    expect(papers).to_contain_text(PERMIT)
    is_usable(page)
    picture(page, "prefill-form")


def test_what_is_typed_stays_and_what_has_changed_since_is_told_before_anything_is_kept(
    console: Console,
):
    page = console.open(FORM, who="water")
    page.get_by_label("建筑面积（平方米）", exact=True).fill("60000")
    expect(field(page, "项目经纬度坐标")).not_to_have_value("")
    place = field(page, "项目经纬度坐标").input_value()
    console.world.pull(
        "pull.approval.project",
        payload("pull.approval.project", lsh=900, xmjwdzb="104.900000,25.700000"),
    )
    page.get_by_role("button", name="核对并登记").click()
    told = page.get_by_role("alert")
    expect(told).to_contain_text("104.900000,25.700000")
    expect(field(page, "项目经纬度坐标")).to_have_value(place)
    expect(field(page, "建筑面积（平方米）")).to_have_value("60000")
    told.get_by_role("button", name="采用现值").click()
    expect(page.get_by_label("项目经纬度坐标", exact=True)).to_have_value("104.900000,25.700000")
    told.get_by_role("button", name="已知悉，登记").click()
    expect(page.get_by_role("status")).to_contain_text("已登记")
    expect(page.locator("#main")).to_contain_text("与中枢不一致，已保留您的填写")
    is_usable(page)
    home = console.open("/prefill", who="water")
    expect(home.get_by_role("link", name=CODE)).to_be_visible()


def test_a_person_is_masked_and_leads_to_an_application(console: Console):
    owner = payload(
        "pull.approval.participant", xmdm=CODE, gcdm=f"{CODE}-001", dwlx=1, lsh=901, dfsjzj="owner"
    )
    console.world.pull("pull.approval.participant", owner)
    page = console.open(f"/prefill/construction_permit?project_code={CODE}", who="water")
    masked = page.locator(".field", has=page.get_by_label("建设单位项目负责人", exact=True))
    expect(masked).to_contain_text("有值，无权查看")
    expect(masked.get_by_role("textbox")).to_have_value("")
    expect(masked.get_by_role("link", name="申请授权")).to_have_attribute(
        "href", "/applications/new?entity=participant"
    )


def test_a_value_among_which_sources_disagree_is_taken_with_a_click(console: Console):
    page = console.open(FORM, who="water")
    row = page.locator(".field", has=page.get_by_label("建设单位", exact=True))
    expect(row).to_contain_text("各来源的值不一致")
    row.get_by_role("button").first.click()
    expect(page.get_by_label("建设单位", exact=True)).not_to_have_value("")


def test_the_form_is_exported_as_a_workbook_and_as_json(console: Console, tmp_path: Path):
    page = console.open(FORM, who="water", lang="en")
    for kind in ("XLSX", "JSON"):
        with page.expect_download() as download:
            page.get_by_role("button", name=kind).click()
        download.value.save_as(tmp_path / kind)
        assert download.value.suggested_filename == f"water_connection-{CODE}.{kind.lower()}"
    sheet = load_workbook(BytesIO((tmp_path / "XLSX").read_bytes())).active
    assert sheet is not None
    assert sheet["A1"].value == "Application for a water connection"
    assert PERMIT in (tmp_path / "JSON").read_text(encoding="utf-8")


def test_the_meter_shows_what_was_spared(console: Console):
    page = console.open("/meter", who="water")
    expect(page.locator(".figures")).to_contain_text("由中枢提供")
    expect(page.get_by_role("link", name="用水报装申请表")).to_be_visible()
    is_usable(page)
    picture(page, "meter")


def test_an_unknown_project_is_told_of(console: Console):
    page = console.open(
        "/prefill/water_connection?project_code=2099-000000-00-00-000000", who="water"
    )
    expect(page.locator("#main")).to_contain_text("没有该项目的数据")

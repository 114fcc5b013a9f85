"""A project found, read and disputed in a real browser; the unit of the source answers; a person
settles.
"""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import expect

from hub import auth
from hub.auth import sessions
from tests.browser.lived import WORKS, live
from tests.browser.site import PASSWORD, Console, is_usable, number_of, picture
from tests.filled import CODE, NAME, payload

PROJECT = f"/projects/{CODE}"


@pytest.fixture(scope="module")
def city(console: Console) -> Iterator[Console]:
    """The filled hub with a lived project, and the unit that answers for the investment
    platform.
    """
    live(console.world)
    with console.world.hub.database.write() as tx:
        auth.open_account(tx, "plan", "department", department="市发展和改革委员会")
        sessions.set_password(tx, "plan", PASSWORD)
    yield console
    console.troubles[:] = [
        one for one in console.troubles if "403" not in one
    ]  # what a test asked for on purpose


def test_a_project_is_found_by_a_part_of_its_name_as_one_types(city: Console):
    page = city.open("/projects", who="water")
    page.get_by_label("项目代码或名称").last.fill("三给村")
    page.locator("#main").get_by_role("link", name=CODE).click()
    expect(page).to_have_url(f"{city.address}{PROJECT}")
    expect(page.locator("#main")).to_contain_text(NAME)


def test_a_project_shows_its_stages_with_clocks_and_lights_and_where_values_differ(city: Console):
    page = city.open(PROJECT)
    main = page.locator("#main")
    stage = main.get_by_role("row", name=re.compile("^立项用地规划许可"))
    expect(stage).to_contain_text("13 / 20 个工作日")
    expect(stage).to_contain_text("正常")
    late = main.get_by_role("row", name=re.compile("建设工程规划许可证核发"))
    expect(late).to_contain_text("超时")
    expect(main.get_by_role("row", name=re.compile("消防设计审查")).first).to_contain_text(
        "暂停计时"
    )
    expect(main.get_by_role("list")).to_contain_text("工程建设许可")
    differing = main.locator("#disagreements").get_by_role("row", name=re.compile("项目名称"))
    expect(differing).to_contain_text("三给村城改1号地块（北区）")
    expect(differing).to_contain_text(NAME)
    expect(main.get_by_role("row", name=re.compile("^供水 W1"))).to_contain_text("已受理")
    is_usable(page)
    page.set_viewport_size({"width": 1360, "height": 1500})
    picture(page, "project", whole=False)


def test_cases_beside_the_stages_stand_under_the_titles_of_their_kinds(city: Console):
    flow = "pull.intermediary.intermediary_service"
    city.world.pull(flow, payload(flow, projectCode=CODE, orderNo="ZJ-77"))
    city.world.hub.refresh_facts()
    part = city.open(PROJECT).locator("#connections")
    expect(part.get_by_role("heading")).to_have_text("中介服务、市政公用服务报装")
    expect(part.get_by_role("table", name="中介服务")).to_contain_text("ZJ-77")
    expect(part.get_by_role("table", name="市政公用服务报装")).to_contain_text("W1")


def test_all_fields_of_one_record_have_an_address(city: Console):
    page = city.open(PROJECT)
    page.locator("#approval_document").get_by_role("link", name="全部字段").click()
    expect(page).to_have_url(re.compile(r"record=\d+#r\d+"))
    expect(page.locator("#approval_document")).to_contain_text("人防面积")


def test_who_has_no_grant_sees_nothing_of_a_project(city: Console):
    page = city.open(PROJECT, who="stranger")
    expect(page.locator("#main")).to_contain_text("没有有效的授权")
    expect(page.locator("#main")).not_to_contain_text(NAME)


def test_what_no_grant_covers_is_named_with_where_to_ask(city: Console):
    with city.world.hub.database.write() as tx:
        entities = city.world.hub.contracts.entities
        auth.grant(
            *(tx, entities, "plan", "project"),
            classes=("public",),
            purpose="项目管理",
            valid_from=date(2020, 1, 1),
            valid_until=date(2099, 1, 1),
        )
    page = city.open(PROJECT, who="plan")
    main = page.locator("#main")
    expect(main).to_contain_text("没有查看本项目阶段或事项的授权")
    expect(main.get_by_role("link", name="审批事项办理")).to_have_attribute(
        "href", "/applications/new?entity=approval_item"
    )


def test_a_wrong_value_is_disputed_answered_and_recalled(city: Console):
    page = city.open(PROJECT, who="water")
    row = page.locator("#main .fields").get_by_role("row", name=re.compile("^建设地点 "))
    row.get_by_role("link", name="此值有误").click()
    expect(page.locator("#main")).to_contain_text("市发展和改革委员会")
    page.get_by_role("button", name="提交校核").click()
    expect(page.get_by_text("请写明理由")).to_be_visible()
    page.get_by_label("哪里有误，依据是什么").fill("门牌号与规划许可证不符")
    page.get_by_label("应为").fill("解放路1号")
    page.get_by_role("button", name="提交校核").click()
    number = number_of(page, "/disputes/")
    expect(page.locator("#main")).to_contain_text("待答复")
    is_usable(page)

    answering = city.open("/disputes", who="plan")
    expect(answering.locator("#main")).to_contain_text("待本单位答复")
    is_usable(answering)
    answering.get_by_role("link", name=f"#{number}").click()
    expect(answering.locator("#main")).to_contain_text("门牌号与规划许可证不符")
    answering.get_by_label("说明").fill("经核对，予以更正")
    answering.get_by_role("button", name="认可，由来源更正").click()
    expect(answering.locator("#main")).to_contain_text("已认可，待更正")
    expect(answering.locator("#main")).to_contain_text("更正通知")
    picture(answering, "dispute")

    page.goto(f"{city.address}/recalls")
    expect(page.locator("#main")).to_contain_text("待知悉")
    is_usable(page)
    page.locator("#main").get_by_role("link", name="#1").click()
    page.get_by_role("button", name="本单位已知悉").click()
    expect(page.get_by_role("button", name="本单位已知悉")).to_have_count(0)
    expect(page.locator("#main")).not_to_contain_text("待更正")

    page.goto(f"{city.address}{PROJECT}")
    expect(page.locator("#main .fields").get_by_role("link", name="校核中")).to_be_visible()


def test_a_disagreement_is_settled_by_hand_and_opened_again(city: Console):
    page = city.open(PROJECT)
    page.locator("#disagreements").get_by_role("row", name=re.compile("国标行业")).get_by_role(
        "link", name="裁定"
    ).click()
    expect(page.locator("#main")).to_contain_text("投资项目在线审批监管平台")
    is_usable(page)
    page.get_by_label("裁定为").click()
    page.get_by_role("option").first.click()
    page.get_by_label("理由").fill("以批文为准")
    page.get_by_role("button", name="裁定", exact=True).click()
    expect(page).to_have_url(f"{city.address}{PROJECT}")
    expect(
        page.locator("#disagreements").get_by_role("row", name=re.compile("国标行业"))
    ).to_have_count(0)
    page.goto(f"{city.address}/decisions")
    expect(page.locator("#main")).to_contain_text("以批文为准")
    is_usable(page)
    page.get_by_role("link", name="改动或撤销").click()
    page.get_by_label("理由").fill("来源将自行更正")
    page.get_by_role("button", name="撤销裁定").click()
    expect(
        page.locator("#disagreements").get_by_role("row", name=re.compile("国标行业"))
    ).to_have_count(1)


def test_every_limit_stands_with_its_source_and_status(city: Console):
    page = city.open("/limits", who="stranger")
    main = page.locator("#main")
    expect(main).to_contain_text("张掖市工程建设项目审批制度改革实施方案")
    expect(
        main.get_by_role("row", name=re.compile("项目总时限 审批流程类型：工业类投资项目 55.*张掖"))
    ).to_be_visible()
    expect(main).to_contain_text("征求意见")
    is_usable(page)


def test_the_pages_speak_english_too(city: Console):
    page = city.open(PROJECT, lang="en")
    main = page.locator("#main")
    expect(main).to_contain_text("Stages and items")
    expect(main).to_contain_text("of 20 days")
    page.goto(f"{city.address}/disputes?closed=true")
    expect(main).to_contain_text("Answered by")


def test_what_reform_adds_stands_in_parts_of_its_own(city: Console):
    for name, number in (
        *(("engineering", 2), ("commitment", 2), ("acceptance", 1), ("opinion", 1)),
        *(("approval_document.reform", 1), ("approval_document.reform", 2)),
    ):
        flow = f"pull.approval.{name}"
        world = city.world
        world.pull(flow, payload(flow, number, gcdm=WORKS))
    page = city.open(PROJECT)
    for part, said in (
        ("engineering", "（二期）"),
        ("commitment", "容缺受理"),
        ("acceptance", "整改后再验"),
        ("approval_document", "函（以函代证）"),
    ):
        expect(page.locator(f"#{part}")).to_contain_text(said)
    is_usable(page)

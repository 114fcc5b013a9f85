"""A unit finds what is shared, applies for it, and gets less of it for a time; an administrator
decides and ends.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from hub.auth import reader_named
from hub.auth.context import RequestContext, operating
from hub.db.access import accounts
from hub.services import applications
from hub.services.grants import usual_terms
from tests.browser.site import Console, is_usable, picture


def applied(console: Console, who: str, *entities: str, days: int, granted: bool = False) -> int:
    """An application of somebody's, decided or not."""
    hub = console.world.hub
    with hub.database.write() as tx:
        unit = reader_named(tx, who)
    assert unit is not None
    context = RequestContext(hub, unit)
    usual = usual_terms(context, *entities)
    last = usual.valid_from + timedelta(days=days)
    terms = replace(usual, classes=("public", "internal"), regions=("14",), valid_until=last)
    number = applications.apply(
        context, terms, purpose="用水报装", basis="《城市供水条例》第三条"
    ).id
    if granted:
        applications.grant(operating(hub, "admin"), number)
    return number


def grants(console: Console, who: str) -> list[accounts.Grant]:
    with console.world.hub.database.write() as tx:
        return accounts.grants(tx, who)


def tick(page: Page, name: str, *, on: bool) -> None:
    """Press a box; it shows so once the server knows."""
    box = page.get_by_role("checkbox", name=name)
    box.click()
    expect(box).to_be_checked(checked=on)


def press_until(page: Page, key: str, role: str, name: str) -> None:
    """Press a key until something has the focus."""
    wanted = page.get_by_role(role, name=name)  # type: ignore[arg-type]
    for _ in range(80):
        page.keyboard.press(key)
        if wanted.evaluate("one => one === document.activeElement"):
            return
    pytest.fail(f"{name} is not reached by {key}")


def test_a_unit_finds_a_field_and_applies_for_it_by_keyboard(console: Console):
    page = console.open("/catalogue", who="stranger")
    picture(page, "catalogue")
    page.get_by_label("数据或字段").fill("建筑面积")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{console.address}/catalogue?q=%E5%BB%BA%E7%AD%91%E9%9D%A2%E7%A7%AF")
    expect(page.locator("tbody tr").filter(has_text="宗地")).to_have_count(0)
    page.locator("#main").get_by_role("link", name="项目", exact=True).click()
    expect(page.locator("#main")).to_contain_text("SPGL_XMJBXXB.XMDM")
    expect(page.locator("tr").filter(has_text="floor_area")).to_contain_text("不可见")
    page.get_by_role("link", name="申请使用").click()
    expect(page.get_by_role("checkbox", name="项目", exact=True)).to_be_checked()
    page.get_by_label("用途").fill("现场踏勘")
    page.keyboard.press("Tab")
    page.keyboard.type("《城市供水条例》第八条")
    press_until(page, "Tab", "button", "提交申请")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("申请详情")
    expect(page.locator("#main")).to_contain_text("待审批")
    expect(page.locator("#main")).to_contain_text("现场踏勘")
    page.get_by_role("button", name="撤回").click()
    expect(page.locator("#main")).to_contain_text("已撤回")


def test_what_is_missing_in_an_application_is_said_and_nothing_is_kept(console: Console):
    page = console.open("/applications/new?entity=project", who="stranger")
    page.get_by_role("button", name="提交申请").click()
    expect(page.locator(".q-notification")).to_contain_text("用途、依据必填")
    expect(page).to_have_url(f"{console.address}/applications/new?entity=project")


def test_an_administrator_gives_less_than_was_asked_and_never_more(console: Console):
    number = applied(console, "stranger", "parcel", "project", days=60)
    page = console.open(f"/applications/{number}", who="admin")
    picture(page, "application")
    page.get_by_label("地区").fill("")
    page.get_by_role("button", name="同意", exact=True).click()
    expect(page.locator(".q-notification").first).to_contain_text("超出了申请")
    page.get_by_label("地区").fill("1401")
    tick(page, "宗地", on=False)
    tick(page, "内部", on=False)
    page.get_by_label("说明").fill("仅公开类")
    page.get_by_role("button", name="同意", exact=True).click()
    expect(page.locator("#main")).to_contain_text("由此产生的授权")
    (held,) = [one for one in grants(console, "stranger") if one.application_id == number]
    assert (held.entity, held.classes, held.regions) == ("project", ["public"], ["1401"])
    page = console.open(f"/applications/{number}", who="stranger")
    expect(page.locator("#main")).to_contain_text("仅公开类")


def test_a_refusal_wants_its_reason_and_the_unit_reads_it(console: Console):
    number = applied(console, "stranger", "participant", days=60)
    page = console.open("/applications?state=open", who="admin")
    page.get_by_role("link", name=f"#{number}").click()
    page.get_by_role("button", name="不同意").click()
    expect(page.locator(".q-notification")).to_contain_text("无效")
    page.get_by_label("说明").fill("与职责不符")
    page.get_by_role("button", name="不同意").click()
    expect(page.locator("dl").first).to_contain_text("未同意")
    page = console.open(f"/applications/{number}", who="stranger", lang="en")
    expect(page.locator("#main")).to_contain_text("refused")
    expect(page.locator("#main")).to_contain_text("与职责不符")
    expect(page.get_by_role("link", name="Apply again from this")).to_be_visible()


def test_a_grant_that_ends_before_long_is_renewed_from_the_old_application(console: Console):
    number = applied(console, "stranger", "unit_work", days=5, granted=True)
    page = console.open("/applications", who="stranger")
    expect(page.locator("#main")).to_contain_text("即将到期的授权")
    page.get_by_role("link", name="续期").first.click()
    expect(page.get_by_role("checkbox", name="单体工程")).to_be_checked()
    expect(page.get_by_label("法律依据")).to_have_value("《城市供水条例》第三条")
    page.get_by_role("button", name="提交申请").click()
    expect(page.locator("#main")).to_contain_text(f"#{number}")


def test_an_administrator_gives_a_grant_and_ends_it(console: Console):
    page = console.open("/grants/new?account=stranger", who="admin")
    tick(page, "审批阶段", on=True)
    page.get_by_label("用途").fill("踏勘")
    page.get_by_role("button", name="授权", exact=True).click()
    page.get_by_role("row").filter(has_text="审批阶段").get_by_role("link").first.click()
    page.get_by_role("button", name="立即收回").click()
    page.get_by_role("button", name="收回", exact=True).click()
    expect(page.locator("dl")).to_contain_text("否")
    (held,) = [one for one in grants(console, "stranger") if one.entity == "stage"]
    assert not held.in_force


def test_other_units_applications_and_the_grants_page_are_not_shown(console: Console):
    number = applied(console, "water", "parcel", days=60)
    page = console.open("/applications", who="stranger")
    expect(page.get_by_role("link", name=f"#{number}", exact=True)).to_have_count(0)
    expect(page.get_by_role("link", name="授权管理")).to_have_count(0)
    page = console.open("/grants", who="audit")
    expect(page.get_by_role("link", name="直接授权")).to_have_count(0)
    is_usable(page)


def test_an_administrator_puts_an_answer_off_and_the_unit_sees_why_and_by_which_article(
    console: Console,
):
    number = applied(console, "water", "parcel", days=50)
    page = console.open(f"/applications/{number}", who="admin")
    expect(page.locator("#main")).to_contain_text("有条件共享")
    expect(page.locator("#main")).to_contain_text("10 个工作日 · 第二十一条 · 《政务数据共享条例》")
    page.get_by_label("说明").fill("需征求三个部门意见")
    page.get_by_role("button", name="延长答复期限").click()
    expect(page.locator("#main")).to_contain_text("已延长答复期限")
    expect(page.get_by_role("button", name="延长答复期限")).to_have_count(0)
    page = console.open(f"/applications/{number}", who="water")
    expect(page.locator("#main")).to_contain_text("需征求三个部门意见")

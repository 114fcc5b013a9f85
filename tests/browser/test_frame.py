"""What is around every page."""

import re

from playwright.sync_api import Browser, expect

from tests.browser.site import PASSWORD, Console, violations


def test_whoever_is_not_signed_in_is_asked_to_and_comes_back_to_the_page(console: Console, browser: Browser):
    page = browser.new_context(locale="zh-CN").new_page()
    page.goto(f"{console.address}/account")
    expect(page).to_have_url(re.compile("/login"))
    assert violations(page) == []
    page.get_by_label("账号").fill("water")
    page.get_by_label("密码").fill("wrong")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_contain_text("账号或密码不对")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{console.address}/account")
    expect(page.locator("#main")).to_contain_text("市供水公司")
    page.get_by_role("button", name="退出").click()
    expect(page).to_have_url(re.compile("/login"))
    page.goto(f"{console.address}/account")
    expect(page).to_have_url(re.compile("/login"))


def test_the_language_is_changed_on_the_spot_and_stays(console: Console):
    page = console.open("/account", who="stranger", lang="zh")
    page.get_by_role("link", name="English").click()
    expect(page.locator("h1")).to_have_text("My account")
    expect(page).to_have_url(f"{console.address}/account")
    expect(page.locator("#main")).to_contain_text("without one nothing is shown")
    page.get_by_role("link", name="中文").click()
    expect(page.locator("h1")).to_have_text("我的账号")


def test_the_frame_is_usable_without_sight_in_both_shades(console: Console):
    page = console.open("/account", who="water")
    assert violations(page) == []
    page.get_by_role("link", name="切换深浅色").click()
    expect(page.locator("body")).to_have_class(re.compile("body--dark"))
    assert violations(page) == []
    page.get_by_role("link", name="切换深浅色").click()

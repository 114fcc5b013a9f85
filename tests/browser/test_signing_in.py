"""Passwords and sign-ins as people change them."""

import re

import pytest
from playwright.sync_api import Browser, expect

from hub import auth
from hub.auth import sessions
from hub.errors import FlowError
from tests.browser.site import Console, is_usable, texts

HASHING = 30_000  # ms that two slow hashes may take on a busy machine
OLD, NEW = "first-password-of-all", "second-password-of-all"


def test_somebody_changes_the_password_and_signs_out_everywhere(console: Console, browser: Browser):
    hub = console.world.hub
    with hub.database.write() as tx:
        auth.open_account(tx, "clerk", "department", department="某局")
        sessions.set_password(tx, "clerk", OLD)
        elsewhere = sessions.open_session(tx, "clerk")
    page = console.open("/account", who="clerk")
    is_usable(page)
    page.get_by_label("当前密码").fill(OLD)
    page.get_by_label("新密码", exact=True).fill(NEW)
    page.get_by_label("再输一次新密码").fill("something-else")
    page.get_by_role("button", name="修改密码").click()
    expect(page.get_by_text("两次输入的新密码不同")).to_be_visible()
    page.get_by_label("再输一次新密码").fill(NEW)
    page.get_by_role("button", name="修改密码").click()
    expect(page.get_by_text("密码已修改")).to_be_visible(timeout=HASHING)
    (kept,) = console.world.rows(
        "select count(*) as n from hub.session where account = 'clerk' and ended_at is null"
    )
    assert kept["n"] == 1, elsewhere
    page.get_by_role("button", name="注销全部登录").click()
    expect(page).to_have_url(re.compile("/login"))
    page.goto(f"{console.address}/account")
    expect(page).to_have_url(re.compile("/login"))


def test_an_open_page_tells_nothing_more_once_its_account_has_ended(console: Console):
    hub = console.world.hub
    with hub.database.write() as tx:
        auth.open_account(tx, "leaver", "department", department="某局")
        sessions.set_password(tx, "leaver", OLD)
    page = console.open("/account", who="leaver")
    with hub.database.write() as tx:
        auth.end_account(tx, "leaver")
    page.get_by_role("button", name="注销全部登录").click()
    expect(page.get_by_text("登录已失效")).to_be_visible()


def test_an_administrator_opens_an_account_locks_it_out_and_an_auditor_may_look_only(
    console: Console,
):
    page = console.open("/accounts/new")
    page.get_by_label("账号", exact=True).fill("新来的")
    page.get_by_label("单位").fill("市供热公司")
    page.get_by_role("button", name="开设").click()
    token, password = texts(page.locator("dd code"), 2)
    hub = console.world.hub
    session = sessions.sign_in(hub.database, hub.settings, "新来的", password, address="192.0.2.5")
    with hub.database.write() as tx:
        assert auth.readers(tx, [token])[0]
    page = console.open("/accounts/%E6%96%B0%E6%9D%A5%E7%9A%84")
    is_usable(page)
    page.get_by_role("button", name="停用").click()
    expect(page.get_by_text("没有停用")).to_be_visible()
    page.get_by_label("输入账号名以确认").fill("新来的")
    page.get_by_role("button", name="停用").click()
    expect(page.locator("#main").get_by_text("已停用")).to_be_visible()
    with pytest.raises(FlowError, match="signed_out"):
        sessions.reader(hub.database, session, hub.settings)
    page = console.open("/accounts", who="audit")
    expect(page.get_by_role("link", name="新来的")).to_be_visible()
    expect(page.get_by_text("开设账号")).to_have_count(0)

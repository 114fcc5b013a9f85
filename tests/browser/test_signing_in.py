"""Passwords and sign-ins as people change them."""

import re

from playwright.sync_api import Browser, expect

from hub import governance
from hub.governance import sessions
from tests.browser.site import Console, violations

OLD, NEW = "first-password-of-all", "second-password-of-all"


def test_somebody_changes_the_password_and_signs_out_everywhere(console: Console, browser: Browser):
    hub = console.world.hub
    with hub.database.transaction() as tx:
        governance.open_account(tx, "clerk", "department", department="某局")
        sessions.set_password(tx, "clerk", OLD)
        elsewhere = sessions.open_session(tx, "clerk")
    page = console.open("/account", who="clerk")
    assert violations(page) == []
    page.get_by_label("当前密码").fill(OLD)
    page.get_by_label("新密码", exact=True).fill(NEW)
    page.get_by_label("再输一次新密码").fill("something-else")
    page.get_by_role("button", name="修改密码").click()
    expect(page.get_by_text("两次输入的新密码不同")).to_be_visible()
    page.get_by_label("再输一次新密码").fill(NEW)
    page.get_by_role("button", name="修改密码").click()
    expect(page.get_by_text("密码已修改")).to_be_visible()
    (kept,) = console.world.rows("select count(*) as n from hub.session where account = 'clerk' and ended_at is null")
    assert kept["n"] == 1, elsewhere
    page.get_by_role("button", name="注销全部登录").click()
    expect(page).to_have_url(re.compile("/login"))
    page.goto(f"{console.address}/account")
    expect(page).to_have_url(re.compile("/login"))


def test_an_open_page_tells_nothing_more_once_its_account_has_ended(console: Console):
    hub = console.world.hub
    with hub.database.transaction() as tx:
        governance.open_account(tx, "leaver", "department", department="某局")
        sessions.set_password(tx, "leaver", OLD)
    page = console.open("/account", who="leaver")
    with hub.database.transaction() as tx:
        governance.end_account(tx, "leaver")
    page.get_by_role("button", name="注销全部登录").click()
    expect(page.get_by_text("登录已失效")).to_be_visible()

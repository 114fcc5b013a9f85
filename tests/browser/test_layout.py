"""What is around every page."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.site import PASSWORD, Console, is_usable, settles
from tests.ports import reserve_port


@contextmanager
def airflow_showing(view: str, *, port: int) -> Iterator[str]:
    """The address of a page that shows another one as Airflow does."""

    class Tab(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            rights = "allow-scripts allow-same-origin allow-forms allow-downloads"
            self.wfile.write(
                f'<iframe sandbox="{rights}" width=700 height=500 src="{view}"></iframe>'.encode()
            )

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", port), Tab)
    server.timeout = 30
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        thread.join()
        server.server_close()


def test_whoever_is_not_signed_in_is_asked_to_and_comes_back_to_the_page(
    console: Console, browser: Browser
):
    page = browser.new_context(locale="zh-CN").new_page()
    page.goto(f"{console.address}/account")
    expect(page).to_have_url(re.compile("/login"))
    is_usable(page)
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


def test_within_a_page_of_airflow_bar_and_menu_are_left_out_and_one_can_sign_in(
    console: Console, browser: Browser
):
    page = browser.new_context(locale="zh-CN").new_page()
    with airflow_showing(f"{console.address}/account", port=console.airflow_port) as address:
        page.goto(address)
    inside = page.frame_locator("iframe")
    inside.get_by_label("账号").fill("water")
    inside.get_by_label("密码").fill(PASSWORD)
    inside.get_by_role("button", name="登录").click()
    expect(inside.locator("#main")).to_contain_text("市供水公司")
    expect(inside.locator(".bar")).to_be_hidden()
    expect(inside.locator(".menu")).to_be_hidden()
    settles(lambda: (inside.locator("h1").bounding_box() or {"x": 40})["x"] < 40, wanted=True)


def test_within_a_page_of_anybody_else_nothing_is_shown(console: Console, browser: Browser):
    page = browser.new_context(locale="zh-CN").new_page()
    with airflow_showing(f"{console.address}/account", port=reserve_port()) as address:
        page.goto(address)
    expect(page.frame_locator("iframe").locator("form")).to_have_count(0)
    settles(lambda: [frame.url for frame in page.frames[1:]], ["chrome-error://chromewebdata/"])


@pytest.mark.parametrize("path", ["/nowhere", "/airflow/", "/applications/one"])
def test_an_address_without_a_page_is_answered_by_a_page_of_ours(console: Console, path: str):
    page = console._context("water", "zh").new_page()
    answer = page.goto(f"{console.address}{path}")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("alert")).to_contain_text("这个地址没有页面")
    expect(page.locator(".bar")).to_be_visible()


def test_in_a_narrow_window_the_page_is_not_behind_the_menu(console: Console):
    page = console.open("/account", who="water")
    page.set_viewport_size({"width": 700, "height": 700})
    page.reload()
    page.locator("#main").get_by_text("市供水公司").click()


def test_everybody_comes_to_the_page_of_their_morning(console: Console):
    for who, title in {"admin": "总览", "water": "表单预填"}.items():
        page = console.open("/", who=who)
        expect(page.locator("h1")).to_have_text(title)


@pytest.mark.parametrize("who", ["admin", "audit", "water"])
def test_the_frame_is_usable_without_sight_in_both_shades(console: Console, who: str):
    page = console.open("/account", who=who)
    is_usable(page, frame=True)
    page.get_by_role("link", name="切换深浅色").click()
    expect(page.locator("body")).to_have_class(re.compile("body--dark"))
    is_usable(page, frame=True)
    page.get_by_role("link", name="切换深浅色").click()

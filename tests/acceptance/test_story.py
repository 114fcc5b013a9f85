"""The whole story in a browser: a record fails, is found, repaired and replayed; a form fills; the value is traced."""

import re

import pytest
import yaml
from playwright.sync_api import expect

from tests.acceptance.site import SLOW, STORY, UNKNOWN_KIND, sign_in
from tests.browser.site import WIDE, picture

KINDS = "mappings/investment/codes/approval_kind.yaml"
CHECKED = "2"  # 核准 · examined and approved


@pytest.fixture
def person(site, browser):
    """Sign somebody in at the console and give the page of their morning."""
    contexts = []

    def signed_in(name):
        context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport=WIDE)
        contexts.append(context)
        context.set_default_timeout(SLOW)
        page = context.new_page()
        page.goto(site.address("api"))
        sign_in(page, user=page.get_by_label("账号"), name=name, password=site.secret(f"console-{name}"))
        page.wait_for_selector("#main")
        return page

    yield signed_in
    for context in contexts:
        context.close()


def repair(site):
    """Let the mapping know the code that the investment platform uses."""
    path = site.home / KINDS
    codes = yaml.safe_load(path.read_text())
    codes["values"][UNKNOWN_KIND] = CHECKED
    path.write_text(yaml.safe_dump(codes, allow_unicode=True))


def test_a_record_that_failed_is_found_repaired_and_replayed_then_used_and_traced(site, person):
    expect.set_options(timeout=SLOW)
    administrator = person("admin")
    expect(administrator.locator("h1")).to_have_text("总览")
    administrator.goto(f"{site.address('api')}/failures")
    administrator.locator("tr", has_text="/xmlx").get_by_role("link").click()
    administrator.get_by_role("link", name=re.compile(r"^#\d+$")).first.click()
    expect(administrator.locator(".faults")).to_contain_text(UNKNOWN_KIND)
    expect(administrator.locator("#main")).to_contain_text(STORY)
    picture(administrator, "console-failure", whole=False)

    department = person("water")
    form = f"{site.address('api')}/prefill/water_connection?project_code={STORY}"
    department.goto(form)
    expect(department.locator("#main")).to_contain_text("中枢没有该项目的数据")

    repair(site)
    administrator.get_by_role("button", name="重新处理").click()
    expect(administrator).to_have_url(re.compile(r"/failures/replays/\d+"))
    expect(administrator.locator("#main")).to_contain_text("完成")
    administrator.goto(f"{site.address('api')}/failures")
    expect(administrator.locator("h1")).to_have_text("问题数据")
    expect(administrator.locator("tr", has_text="/xmlx")).to_have_count(0)

    department.goto(site.address("api"))
    department.get_by_role("link", name="用水报装申请表").click()
    department.get_by_label("项目代码开头").fill(STORY)
    department.locator("a.found").first.click()
    expect(department.get_by_role("textbox", name="项目代码", exact=True)).to_have_value(STORY)
    expect(department.get_by_role("textbox", name="项目名称", exact=True)).to_have_value(re.compile("供水"))
    picture(department, "console-prefill", whole=False)

    auditor = person("auditor")
    auditor.goto(f"{site.address('api')}/projects/{STORY}")
    auditor.locator("tr", has_text="立项类型").get_by_role("link", name="溯源").click()
    expect(auditor.locator("#main")).to_contain_text("xmlx")
    expect(auditor.locator("#main")).to_contain_text(UNKNOWN_KIND)
    picture(auditor, "console-lineage", whole=False)

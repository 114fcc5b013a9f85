"""What auditors do in the console, in a real browser."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from hub import auth
from hub.pipeline import ledger_check
from tests.browser.site import Console, accounts, picture, serving
from tests.filled import CODE, NAME, Filled, payload
from tests.keys import ed25519_key, sm2_key
from tests.pipeline.partners import Desk
from tests.postgres import DatabaseServer
from verifier import verify_proof

FIELD = "/records/1/fields/name"


@pytest.fixture(scope="module")
def console(
    database_server: DatabaseServer,
    filled_template: str,
    browser: Browser,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Console]:
    """A site that signs its ledger, where a name has changed after it was handed on, and somebody
    tried doors.
    """
    folder = tmp_path_factory.mktemp("keys")
    with database_server.database(template=filled_template) as url:
        world = Filled(url)
        accounts(world)
        keys = ed25519_key(folder), sm2_key(folder)
        world.environ |= {"HUB_SEAL_KEY": str(keys[0]), "HUB_SEAL_SM2_KEY": str(keys[1])}
        world.hub.settings = replace(world.hub.settings, seal_key=keys[0], seal_sm2_key=keys[1])
        _happen(world)
        with serving(world) as address:
            made = Console(world, address, browser)
            yield made
            made.close()
        world.hub.close()
        assert [one for one in made.troubles if "403" not in one and "404" not in one] == []


def _happen(world: Filled) -> None:
    world.hub.seal()
    world.push("push.fire.project", Desk())
    renamed = payload(
        "pull.investment.project", id=1, xmdm=CODE, xmmc="新名称", gxsj="2026-11-01 00:00:00"
    )
    world.pull("pull.investment.project", renamed)
    world.hub.seal()
    with world.hub.database.write() as tx:
        auth.grant(
            *(tx, world.hub.contracts.entities, "audit", "project"),
            classes=("personal",),
            purpose="年度审计",
            valid_from=date(2020, 1, 1),
            valid_until=date(2099, 1, 1),
        )
    world.execute(
        """insert into hub.access (id, account, route, refused)
           select hub.event_base(now()) + nextval('hub.event_seq'), '', 'GET /v1/runs', true
             from generate_series(1, 7)"""
    )
    world.hub.watch()


def shows(page: Page, words: str) -> None:
    expect(page.locator("#main")).to_contain_text(words, use_inner_text=True)


def test_the_morning_page_says_what_needs_a_look_and_leads_there(console: Console):
    page = console.open("/audit", who="audit")
    expect(page.locator(".tile").first).to_contain_text("完好")
    shows(page, "被拒 7 次，其中连续 7 次")
    picture(page, "audit")
    page.locator(".tile").first.click()
    expect(page).to_have_url(re.compile("/ledger"))


def test_a_value_is_followed_from_its_run_to_its_readers_and_through(console: Console):
    page = console.open("/records/1", who="audit")
    page.get_by_role("link", name="项目名称").first.click()
    expect(page.locator("h1")).to_have_text("字段溯源")
    graph = page.locator(".graph svg")
    for words in ("投资项目在线审批监管平台", "新名称", "xmmc = 新名称", "已确认"):
        expect(graph).to_contain_text(words)
    shows(page, NAME)  # what it said before, and what was sent then
    shows(page, "XMMC = " + NAME)
    picture(page, "lineage")
    wide = graph.bounding_box()
    page.get_by_role("button", name="放大").click()
    page.wait_for_function(
        "was => document.querySelector('.graph svg').clientWidth > was + 50",
        arg=wide["width"] if wide else 0,
    )
    page.get_by_role("link", name=re.compile("▾ 映射规则")).click()
    expect(page).to_have_url(re.compile("folded=rule"))
    expect(page.locator(".graph svg")).not_to_contain_text("映射规则")
    page.locator(".graph svg a", has_text="运行 #").first.click()
    expect(page).to_have_url(re.compile(r"/runs/\d+"))


def test_a_proof_is_taken_away_and_holds_without_the_hub(console: Console, tmp_path: Path):
    page = console.open(FIELD, who="audit")
    with page.expect_download() as taken:
        page.get_by_role("button", name="证明文件").click()
    file = tmp_path / "proof.json"
    taken.value.save_as(file)
    proof = json.loads(file.read_bytes())
    verify_proof.check(proof)
    assert proof["statement"]["value"] == "新名称"
    with page.expect_download() as taken:
        page.get_by_role("button", name="W3C PROV").click()
    assert taken.value.suggested_filename == "1-name.prov.json"
    with page.expect_download() as taken:
        page.get_by_role("button", name="OpenLineage").click()
    assert taken.value.suggested_filename.endswith("openlineage.json")


def test_a_proof_that_may_name_persons_is_refused_with_its_cure(console: Console):
    document = console.world.record("approval_document")
    page = console.open(f"/records/{document}/fields/number", who="audit")
    page.get_by_role("button", name="证明文件").click()
    expect(page.locator(".q-notification")).to_contain_text("没有个人信息授权")


def test_the_ledger_is_checked_from_the_page_and_beside_a_partners_copy(console: Console):
    page = console.open("/ledger", who="audit")
    page.get_by_role("button", name="核验整条链").click()
    expect(page.locator("#main")).to_contain_text("核验了 2 个存证：衔接、批次、签名全部相符")
    picture(page, "ledger")
    with console.world.hub.database.write() as tx:
        kept = ledger_check.newest_checkpoint(tx)
    page.locator("textarea").fill(kept)
    page.get_by_role("button", name="比对").click()
    expect(page.locator("#main")).to_contain_text("一致")
    page.locator("textarea").fill("x")
    page.get_by_role("button", name="比对").click()
    expect(page.locator(".q-notification")).to_contain_text("这不是检查点")


def test_the_access_log_is_filtered_by_its_address(console: Console):
    page = console.open("/access?refused=1", who="audit")
    shows(page, "未登录")
    page = console.open("/access?account=nobody", who="audit")
    expect(page.locator(".problem")).to_contain_text("没有可用的账号 nobody")
    page = console.open("/access", who="audit")
    page.get_by_label("账号").fill("audit")
    page.get_by_role("button", name="筛选").click()
    expect(page).to_have_url(re.compile("account=audit"))
    expect(page.locator("#main")).to_contain_text("SHOW /access")
    expect(page.locator("tr", has_text="SHOW /access").first).to_contain_text("127.0.0.1")


def test_the_past_is_shown_with_what_an_account_could_see(console: Console):
    page = console.open(f"/asof?project={CODE}&account=water", who="audit")
    expect(page.locator("#main")).to_contain_text("办理用水报装")
    shows(page, "遮蔽")
    page = console.open(f"/asof?project={CODE}&at=2020-01-01T00:00", who="audit")
    expect(page.locator(".problem")).to_contain_text("中枢还不知道")


def test_conservation_is_drawn_and_told(console: Console):
    page = console.open("/conservation", who="audit")
    expect(page.locator(".chart svg").first).to_be_visible()
    shows(page, "每一天都平衡")

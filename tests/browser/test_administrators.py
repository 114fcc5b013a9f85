"""What administrators see in the morning and do during the day, with a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from hub.services import airflow_tasks
from tests.browser.site import Console, is_usable, picture
from tests.phases import FIRST, OPEN, PROJECT, RIGHT, SECOND
from tests.pipeline.partners import Desk

CAUSE = "record.code_unknown%20/xmlx"
OF_CAUSE = f"/failures/cause?flow=pull.investment.project&cause={CAUSE}"
PAGES = (
    "/",
    "/runs",
    "/runs/1",
    "/failures",
    OF_CAUSE,
    "/failures/entry/1",
    "/differences",
    "/links",
    "/alerts",
)
A_DAY = """
    insert into hub.flow (name, last_complete_at) select n, now() - abs(hashtext(n)) % 1500 *
        interval '1 second'
      from unnest(array[{0}]) n on conflict (name) do update
          set last_complete_at = excluded.last_complete_at;
    update hub.flow set last_complete_at = now() - interval '3 hours' where name like 'pull.heat.%';
    with r as (insert into hub.run (flow, kind, state, started_at, ended_at)
               select n, split_part(n, '.', 1), 'complete', now() - h * interval '1 hour',
                   now() - h * interval '1 hour'
                 from unnest(array[{0}]) n, generate_series(23, 0, -1) h returning id, flow,
                     ended_at)
    insert into hub.batch (run_id, flow, contract_id, committed_at, read, created, changed,
        unchanged, deleted,
                           superseded, stale, ignored, quarantined, waiting, leaves, merkle_root,
                               seal_id)
    select id, flow, 1, ended_at, v, v, 0, 0, 0, 0, 0, 0, 0, 0, 0, '', 1
      from r cross join lateral (select abs(hashtext(flow || id)) % 40 * (abs(hashtext(id::text)) %
          7) as v) v
"""
"""A day of work of every flow, so that the pages show what they show in the morning."""


def choose(page: Page, words: str) -> None:
    page.locator("#main").get_by_role("button", name=words, exact=True).first.click()


@pytest.fixture(scope="module")
def busy(console: Console) -> Console:
    """The site after a day's work: a failing flow, a push, a run by Airflow, a difference."""
    world = console.world
    world.push("push.fire.project", Desk())
    flows = "', '".join([*world.hub.contracts.pulls, *world.hub.contracts.pushes])
    world.execute(A_DAY.format(f"'{flows}'"))
    world.execute("""
        insert into hub.run (flow, kind, state, ended_at, cause, airflow) values
            ('pull.gas.utility_connection', 'pull', 'failed', now(),
                '{"code": "system.unavailable", "facts": {}}',
             '{"dag_id": "pull_gas", "run_id": "manual__1", "task_id": "utility_connection.pull", "try_number": 1}');
        insert into hub.flow (name) values ('pull.gas.utility_connection') on conflict do nothing;
        insert into hub.difference (flow, key, class, state, record_id, found, first_run, last_run)
             values ('push.fire.project', 'k1', 'lost_push', 'queued', 1, '{"key": "k1"}', 1, 1)
    """)
    return console


def test_the_morning_begins_with_lights_and_what_is_most_urgent(busy: Console):
    page = busy.open("/")
    urgent = page.locator("ol.urgent li")
    expect(urgent.first).to_contain_text("对接系统暂时无法使用")
    expect(page.locator(".tile.red b")).to_have_text("1")
    picture(page, "administrator-overview")
    urgent.filter(has_text="条问题数据").get_by_role("link", name="去处理").click()
    expect(page).to_have_url(re.compile("/failures/cause"))
    expect(page.locator("#main")).to_contain_text("未处理")


def test_what_keeps_flows_from_beginning_is_first_on_the_overview_and_above_the_runs(busy: Console):
    database = busy.world.hub.database
    airflow_tasks.dags_read(
        database, {"pull.py": "Traceback ...\nValueError: nobody can read this"}
    )
    page = busy.open("/")
    first = page.locator("ol.urgent li").first
    expect(first).to_contain_text("Airflow 无法读取 DAG 文件 pull.py")
    first.get_by_role("link", name="去处理").click()
    expect(page).to_have_url(re.compile("/runs"))
    told = page.get_by_role("alert")
    expect(told).to_contain_text("ValueError: nobody can read this")
    expect(told).to_contain_text("hub check --write")
    airflow_tasks.dags_read(database, {})
    page.reload()
    expect(page.locator("#main")).to_contain_text("时间线")
    expect(told).to_have_count(0)


def test_from_a_run_one_comes_to_its_records_to_a_failure_and_back(busy: Console):
    page = busy.open("/runs/1")
    expect(page.locator("#main")).to_contain_text("读取 2 = 新增 1 + 问题数据 1 ✓ 平衡")
    expect(page.get_by_role("link", name="记录 #1")).to_have_attribute("href", "/records/1")
    page.get_by_role("link", name="问题 #1").click()
    expect(page.locator(".payload .line.hit").first).to_contain_text("[")
    expect(page.locator("ol.faults li").first).to_contain_text("处理：")
    picture(page, "administrator-failure")
    page.get_by_role("link", name="运行 #1").click()
    expect(page).to_have_url(f"{busy.address}/runs/1")


def test_the_page_inside_airflow_shows_the_hubs_runs_of_it(busy: Console):
    page = busy.open("/airflow/pull_gas")
    page.locator("a[href='/airflow/pull_gas/manual__1']").click()
    expect(page.locator("table.data tbody tr")).to_have_count(1)
    page = busy.open("/airflow/pull_gas/manual__1?task=other")
    expect(page.locator("#main")).to_contain_text("没有符合条件的运行")


def test_a_failure_is_assigned_discussed_replayed_and_discarded(busy: Console):
    page = busy.open(OF_CAUSE)
    choose(page, "指派…")
    page.get_by_role("dialog").get_by_role("button", name="指派").click()
    expect(page.locator("table.data")).to_contain_text("admin")
    page.get_by_label("写一条备注").fill("来源已联系")
    choose(page, "添加")
    expect(page.locator(".remark")).to_contain_text("来源已联系")
    choose(page, "重新处理")
    expect(page).to_have_url(re.compile("/failures/replays/"))
    expect(page.locator("#main")).to_contain_text("完成", timeout=20_000)
    expect(page.locator("#main")).to_contain_text("1 / 1")
    page.reload()
    expect(page.locator("#main")).to_contain_text("读取 1 = 问题数据 1 ✓ 平衡")
    page.goto(f"{busy.address}{OF_CAUSE}")
    page.locator("input[name=pick]").check()
    page.locator("#main").get_by_role("button", name="弃用…").nth(1).click()
    page.get_by_label("理由").last.fill("测试数据")
    page.get_by_role("dialog").get_by_role("button", name="弃用").click()
    expect(page.locator("#main")).to_contain_text("都处理完了", timeout=20_000)


def test_a_changed_mapping_is_rehearsed_and_a_wrong_one_is_told_where(busy: Console):
    page = busy.open("/rehearse?flow=pull.investment.project")
    editor = page.locator("textarea")
    expect(editor).to_have_value(re.compile("from: xmmc"))
    text = editor.input_value()
    editor.fill(text.replace("from: xmmc, use: [trim", "from: xmmc, use: [trim, {first: 2}"))
    choose(page, "预演")
    expect(page.locator("#main")).to_contain_text("会改变的字段", timeout=20_000)
    expect(page.locator(".then").first).to_be_visible()
    page.evaluate("scrollTo(0, 0)")
    picture(page, "administrator-rehearsal")
    editor.fill("entity: nothing\n")
    choose(page, "预演")
    expect(page.get_by_role("alert").first).to_be_visible(timeout=20_000)


def test_a_difference_is_left_with_a_reason(busy: Console):
    page = busy.open("/differences")
    page.locator("input[name=pick]").check()
    choose(page, "所选保持原样")
    expect(page.locator(".q-notification")).to_contain_text("请填写理由")
    page.get_by_label("理由").fill("对方正在改造")
    choose(page, "所选保持原样")
    expect(page.locator("#main")).to_contain_text("没有未了结的差异")


def test_a_record_is_linked_by_a_press_and_the_link_taken_back(busy: Console):
    world = busy.world
    world.pull(PROJECT, FIRST, SECOND)
    world.pull(RIGHT, OPEN)
    world.hub.release()
    page = busy.open("/links")
    offer = page.locator(".offer:not(.own)").first
    expect(offer).to_contain_text("可能性")
    page.get_by_label("判定理由").first.fill("产权图")
    picture(page, "administrator-links")
    offer.get_by_role("button").click()
    expect(page.locator("#main")).to_contain_text("没有需要判定的记录", timeout=20_000)
    page.get_by_label("撤销理由").fill("另一宗地")
    choose(page, "撤销")
    expect(page.locator("#main")).to_contain_text("还没有关联", timeout=20_000)


@pytest.mark.parametrize(
    ("shade", "paths"), [("1", ("/", "/runs", "/failures/entry/1")), ("0", PAGES)]
)
def test_administrators_pages_are_usable_without_sight(
    busy: Console, shade: str, paths: tuple[str, ...]
):
    page = busy.open("/account")
    page.context.add_cookies([{"name": "onecode_dark", "value": shade, "url": busy.address}])
    for path in paths:
        page.goto(f"{busy.address}{path}")
        page.wait_for_selector("#main")
        is_usable(page)


def test_an_auditor_sees_no_payload_and_no_button(busy: Console):
    page = busy.open("/failures/entry/1", who="audit")
    expect(page.locator("#main")).to_contain_text("审计账号看不到报文内容")
    expect(page.locator("#main").get_by_role("button", name="重新处理")).to_have_count(0)

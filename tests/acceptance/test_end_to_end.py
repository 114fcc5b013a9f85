"""The whole way through the real scheduler: pull, quarantine, repair, replay by the form, push,
receipts, a kill.
"""

import os
import re
import signal
from datetime import UTC, datetime
from urllib.parse import quote

import psutil
import pytest
import requests
import yaml
from playwright.sync_api import expect

from tests.acceptance.site import (
    ASKING_AIRFLOW,
    BROKEN,
    CHECKOUT,
    REPAIRED_AT_SOURCE,
    SLOW,
    STORY,
    UNKNOWN_KIND,
    UNKNOWN_NATURE,
    eventually,
    sign_in,
)
from tests.browser.site import WIDE, picture
from tests.docs.pages import Page

OPEN_ENTRY = """
    select q.id, q.cause from hub.quarantine q join hub.landing l on l.id = q.landing_id
     where q.state = 'open' and q.flow = 'pull.investment.project'
       and position(%s in convert_from(l.payload, 'UTF8')) > 0
"""
ENTRY_STATE = "select state from hub.quarantine where id = %s"
DELIVERIES = "select state, count(*) from hub.delivery where flow = %s group by state"
RUN_STATES = "select state from hub.run where flow = %s and airflow->>'run_id' = %s order by id"
RUN_NUMBER = "select id from hub.run where flow = %s and airflow->>'run_id' = %s"
PROJECTS = "select count(*) from golden.project where deleted_at is null"
WISH = "select paused from hub.dag_wish where dag = %s"
UNSEALED = "select count(*) from hub.batch where seal_id is null"
UNBALANCED = "select count(*) from hub.report where not balanced"
COUNTS = """
    select sum(b.read), sum(b.created) from hub.batch b join hub.run r on r.id = b.run_id
     where b.flow = %s and r.airflow->>'run_id' = %s
"""
KINDS = "mappings/investment/codes/approval_kind.yaml"
CHECKED = "2"  # 核准 · examined and approved
ORDINARY = "2018-520382-78-01-264328"


def entry(site, code):
    """The open quarantine entry of a project."""
    (found,) = site.sql(OPEN_ENTRY, code)
    return found


def at_fire(site, code):
    """What the fire system was given of a project, once it was."""
    return eventually(
        lambda: site.holds("fire", "projects", "XMDM", code), what=f"{code} at the fire system"
    )


def test_a_record_set_aside_is_replayed_by_the_form_once_its_mapping_is_repaired_and_arrives(site):
    number, cause = entry(site, BROKEN)
    assert cause == "record.code_unknown /jsxz"
    at_fire(site, ORDINARY)
    assert site.holds("fire", "projects", "XMDM", BROKEN) == []
    path = site.home / "mappings/investment/codes/construction_nature.yaml"
    codes = yaml.safe_load(path.read_text())
    codes["values"][UNKNOWN_NATURE] = "rebuilding"
    path.write_text(yaml.safe_dump(codes, allow_unicode=True))
    site.finished("replay", site.airflow.trigger("replay", {"ids": [number]}))
    (arrived,) = eventually(
        lambda: site.holds("fire", "projects", "XMDM", BROKEN),
        what="the project at the fire system",
    )
    assert arrived["applied"] == 1
    assert site.sql(ENTRY_STATE, number) == [("resolved",)]


def test_a_record_repaired_at_its_source_comes_with_the_next_pull(site):
    number, _ = entry(site, REPAIRED_AT_SOURCE)
    change = {"resource": "projects", "key": REPAIRED_AT_SOURCE, "set": {"jsxz": "0"}}
    site.partner("investment", "edit", change)
    site.finished("pull_investment", site.airflow.trigger("pull_investment"))
    eventually(
        lambda: site.holds("fire", "projects", "XMDM", REPAIRED_AT_SOURCE),
        what="the project at the fire system",
    )
    assert site.sql(ENTRY_STATE, number) == [("overtaken",)]


def test_the_environment_of_each_running_part_holds_no_secret_of_others(site):
    # Airflow's API server writes its title over its environment: what it was given,
    # tests/platform/test_site.py reads.
    found = dict.fromkeys(
        ("airflow scheduler", "airflow dag-processor", "hub.web", "sandbox serve declared"), ""
    )
    for process in psutil.process_iter(["cmdline", "environ", "cwd"]):
        words = " ".join(process.info["cmdline"] or [])
        if process.info["cwd"] != str(site.home):
            continue
        assert not any(
            site.secret(name) in words for name in ("hub", "airflow", "fire", "sandbox_approval")
        ), words
        for part in found:
            if f"-m {part}" in words:
                found[part] += "\n".join((process.info["environ"] or {}).values())
    assert [part for part, told in found.items() if not told] == []
    holders = {
        name: {part for part, told in found.items() if site.secret(name) in told}
        for name in ("fernet", "airflow-session", "airflow-jwt", "hub", "hash-key", "fire", "gas")
    }
    assert holders == {
        "fernet": set(),
        "airflow-session": set(),
        "airflow-jwt": {"airflow scheduler"},
        "hub": {"hub.web"},
        "hash-key": {"hub.web"},
        "fire": {"sandbox serve declared"},
        "gas": {"sandbox serve declared"},
    }


def forgotten(site, dag):
    """Whether Airflow has deleted a DAG, which it does once no task of it is under way."""
    try:
        site.airflow.forget(dag)
    except requests.HTTPError:
        return False
    return True


def test_a_dag_that_airflow_has_forgotten_comes_back_as_it_was(site):
    since = datetime.now(UTC)
    site.unpause("reconcile_gas")  # it runs at night, and begins with last night's
    begun = eventually(
        lambda: {run.dag for run in site.airflow.runs(since=since)} & {"reconcile_gas"},
        what="that run",
    )
    assert begun == {"reconcile_gas"}
    site.finished("upkeep", site.airflow.trigger("upkeep"))
    assert site.sql(WISH, "reconcile_gas") == [(False,)]
    assert site.sql(WISH, "push_gas") == [(True,)]
    eventually(
        lambda: forgotten(site, "reconcile_gas"),
        what="an end of what runs in it",
        pause=ASKING_AIRFLOW,
    )
    for file in (site.home / "dags").glob("*.py"):
        file.touch()  # read again at once
    eventually(
        lambda: site.airflow.dags().get("reconcile_gas"), what="the DAG, paused as it first appears"
    )
    site.finished("upkeep", site.airflow.trigger("upkeep"))
    assert site.airflow.dags()["reconcile_gas"] is False
    assert site.airflow.dags()["push_gas"] is True


def test_receipts_confirm_what_was_written_into_an_exchange_database(site):
    site.finished("push_approval", site.airflow.trigger("push_approval"))
    states = dict(site.sql(DELIVERIES, "push.approval.project"))
    assert states.keys() == {"confirmed"}
    assert states["confirmed"] > 300


def test_airflows_page_of_a_run_shows_what_the_hub_did_in_it_and_the_console_leads_back_to_the_log(
    site, browser
):
    run = site.finished("pull_investment")
    ((number,),) = site.sql(RUN_NUMBER, "pull.investment.project", run.id)
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport=WIDE)
    context.set_default_timeout(SLOW)
    page = context.new_page()
    page.goto(site.address("airflow"))
    sign_in(page, user=page.locator("[name=username]"), name="admin", password=site.secret("admin"))
    page.get_by_role("link", name="Dags").wait_for()
    page.goto(f"{site.address('airflow')}/dags/pull_investment/runs/{quote(run.id, safe='')}")
    page.locator("a[href$='plugin/onecode-dag_run']").click()
    tab = page.frame_locator("iframe")
    sign_in(tab, user=tab.get_by_label("账号"), name="admin", password=site.secret("console-admin"))
    expect(tab.locator("#main")).to_contain_text(run.id, timeout=SLOW)
    expect(tab.locator(".bar")).to_be_hidden()
    picture(page, "console-in-airflow")
    tab.locator(f"a[href='/runs/{number}']").first.click()
    expect(tab.locator("h1")).to_have_text("运行详情", timeout=SLOW)
    console = context.new_page()
    console.goto(f"{site.address('api')}/runs/{number}")
    with console.expect_popup() as opened:
        console.get_by_role("link", name="任务实例与日志").click()
    expect(opened.value).to_have_url(
        re.compile(r"/dags/pull_investment/runs/.*/tasks/project\.pull")
    )
    expect(opened.value.get_by_role("heading", name="project.pull")).to_be_visible(timeout=SLOW)
    context.close()


def test_a_backfill_whose_task_is_killed_is_taken_up_again_and_balances(site):
    flow, earlier = "pull.investment.project", {run.id for run in site.runs("pull_investment")}
    projects = site.sql(PROJECTS)
    site.partner("investment", "faults", {"fault": "timeout", "times": 1, "where": "projects"})
    site.finished("backfill", site.airflow.trigger("backfill", {"flow": flow, "since": None}))
    (run,) = [
        run
        for run in site.runs("pull_investment")
        if run.id not in earlier and run.id.startswith("manual")
    ]
    victim = eventually(lambda: pid_of(site, run.id), what="the process that hangs in the pull")
    eventually(lambda: site.sql(RUN_STATES, flow, run.id) == [("running",)], what="the hub's run")
    # Killed before it asked, it would leave the partner's silence to the next attempt.
    eventually(
        lambda: site.partner("investment", "faults") == [],
        what="the question that is never answered",
    )
    os.kill(victim, signal.SIGKILL)
    site.finished("pull_investment", run.id)
    assert site.sql(RUN_STATES, flow, run.id) == [("aborted",), ("complete",)]
    ((read, created),) = site.sql(COUNTS, flow, run.id)
    assert read > 300
    assert created == 0
    assert site.sql(PROJECTS) == projects
    assert site.sql(UNBALANCED) == [(0,)]


def test_upkeep_seals_what_was_taken_in(site):
    site.finished("upkeep", site.airflow.trigger("upkeep"))
    assert site.sql(UNSEALED) == [(0,)]


def pid_of(site, run_id):
    path = f"dags/pull_investment/dagRuns/{run_id}/taskInstances/project.pull"
    return site.airflow._call("GET", path).get("pid")


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
        sign_in(
            page, user=page.get_by_label("账号"), name=name, password=site.secret(f"console-{name}")
        )
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
    expect(department.get_by_role("textbox", name="项目名称", exact=True)).to_have_value(
        re.compile("供水")
    )
    picture(department, "console-prefill", whole=False)

    auditor = person("auditor")
    auditor.goto(f"{site.address('api')}/projects/{STORY}")
    auditor.locator("tr", has_text="立项类型").get_by_role("link", name="溯源").click()
    expect(auditor.locator("#main")).to_contain_text("xmlx")
    expect(auditor.locator("#main")).to_contain_text(UNKNOWN_KIND)
    picture(auditor, "console-lineage", whole=False)


COOLING = "pull.cooling.utility_connection"
SHARED_FILES = ("schemas/utility_connection.json", "mappings/codes/utility.yaml")
KILLED = """
    if (Path(__file__).parent / "kill").exists():
        os.kill(os.getpid(), 9)
    hub = start("""
HUB_RUNS = (
    "select state, cause->>'code', airflow->>'task_id' from hub.run where flow = %s order by id"
)
COUNTS_OF = "select sum(read), sum(created), sum(quarantined) from hub.batch where flow = %s"


@pytest.fixture(scope="module")
def cooling(site, tmp_path_factory):
    """The partner of the manual's example, joined by its page while everything runs; give its
    folder, not yet told.
    """
    folder, page = tmp_path_factory.mktemp("cooling"), Page(CHECKOUT / "docs/own-systems.md")
    for language, body in page.blocks:
        if language == "yaml":
            name, _, text = body.removeprefix("# ").partition("\n")
            (site.home / name).parent.mkdir(parents=True, exist_ok=True)
            (site.home / name).write_text(text, encoding="utf-8")
    schema, utilities = site.home / SHARED_FILES[0], site.home / SHARED_FILES[1]
    said = r'\1, "cooling"]'
    schema.write_text(re.sub(r'("x-authority": \[.*?)\]', said, schema.read_text(), count=1))
    word = re.search(rf"`{SHARED_FILES[1]}`: `(.*)`", page.text)
    utilities.write_text(f"{utilities.read_text()}  {word[1]}\n")
    (outbox := folder / "outbox").mkdir()
    (example,) = [body for language, body in page.blocks if language == "csv"]
    (outbox / "cooling_20261101.csv").write_text(example, encoding="utf-8")
    (outbox / "cooling_20261101.csv.ok").touch()
    shared = (
        site.home / "dags/onecode.py"
    )  # a task may be killed before the hub has a run of it; none is tried again
    text = (
        shared.read_text()
        .replace('"retries": 3,', '"retries": 0,')
        .replace("    hub = start(", KILLED.lstrip("\n"))
    )
    shared.write_text(text.replace("import logging\n", "import logging\nimport os\n"))
    checked = site.command("check", "--write")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    return folder


def test_a_partner_that_joins_while_all_runs_is_told_what_it_lacks_and_runs_in_its_own_pool(
    site, cooling
):
    site.unpause("pull_cooling")
    site.finished("pull_cooling", site.airflow.trigger("pull_cooling"), state="failed")
    assert site.sql(HUB_RUNS, COOLING)[-1] == (
        "failed",
        "system.not_configured",
        "utility_connection.pull",
    )
    told = site.command("runs", "--flow", COOLING)
    assert "HUB_CONN_COOLING" in told.stdout

    with (site.home / ".run/own.env").open("a") as own:
        own.write(f"HUB_CONN_COOLING=file://{cooling}\n")
    run = site.finished("pull_cooling", site.airflow.trigger("pull_cooling"))
    task = f"dags/pull_cooling/dagRuns/{run.id}/taskInstances/utility_connection.pull"
    assert site.airflow._call("GET", task)["pool"] == "cooling"
    assert site.airflow._call("GET", "pools/cooling")["slots"] == 1
    assert site.sql(HUB_RUNS, COOLING)[-1] == ("complete", None, "utility_connection.pull")
    assert site.sql(COUNTS_OF, COOLING) == [(2, 1, 1)]
    assert "cooling" in site.command("ping", "cooling").stdout

    (site.home / "dags/kill").touch()
    site.finished("pull_cooling", site.airflow.trigger("pull_cooling"), state="failed")
    (site.home / "dags/kill").unlink()
    lost = ("failed", "airflow.task_lost", "utility_connection.pull")
    eventually(lambda: site.sql(HUB_RUNS, COOLING)[-1] == lost, what="the run that never began")


def test_a_pool_that_somebody_deletes_is_made_again_and_nothing_hangs(site, cooling):
    with (site.home / ".run/own.env").open("a") as own:
        own.write(f"HUB_CONN_COOLING=file://{cooling}\n")
    site.unpause("pull_cooling")
    site.airflow._answer(
        "DELETE", f"{site.address('airflow')}/api/v2/pools/cooling", None, known=404
    )
    site.finished("pull_cooling", site.airflow.trigger("pull_cooling"))
    assert site.airflow._call("GET", "pools/cooling")["slots"] == 1


def test_a_dag_file_that_cannot_be_read_is_told_and_takes_no_other_with_it(site):
    path = site.home / "dags/backfill.py"
    sound = path.read_text()
    path.write_text(sound + "\nraise ValueError('nobody can read this')\n")
    told = eventually(lambda: said_of(site, "backfill.py"), what="that the file cannot be read")
    assert "nobody can read this" in told
    assert "pull_investment" in site.airflow.dags()
    path.write_text(sound)
    eventually(lambda: not site.airflow.import_errors(), what="the file being read again")
    site.finished("upkeep", site.airflow.trigger("upkeep"))
    eventually(lambda: not said_of(site, "backfill.py"), what="that it is over")


def said_of(site, name):
    told = site.command("runs", "--limit", "1").stderr
    return told if name in told else ""


def test_no_release_of_what_waited_has_failed(site):
    """The last of all: what a pull lets go was let go, whatever failed beside it."""
    asked = {"state": "failed"}
    failed = site.airflow._pages("dags/~/dagRuns/~/taskInstances", asked, found="task_instances")
    released = {one["dag_id"] for one in failed if one["task_id"] == "release"}
    assert released <= {"pull_cooling"}  # whose tasks are killed on purpose

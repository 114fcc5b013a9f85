"""What holds of every page, those that come later too."""

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import requests
from playwright.sync_api import Page, expect

from hub import auth
from hub.auth.context import RequestContext
from hub.console import layout, pages
from hub.db.access import accounts
from hub.db.access.accounts import AccessEntry
from hub.db.quarantine import Selection, jobs
from hub.db.runs import Lease
from hub.pipeline import disputes
from hub.pipeline.disputes import Complaint
from hub.services import applications, grants, recalls
from sandbox.declared.papers import paper
from tests import hits
from tests.browser.site import WIDE, Console, is_readable, is_usable, settles
from tests.filled import CODE, Filled
from tests.giving import fetch
from tests.giving import record as photo
from tests.supply.conftest import open_clerk
from tests.supply.workbooks import FLOW

pages.load()

PAGES = sorted(layout.PAGES)
WHO = {
    "administrator": "admin",
    "auditor": "audit",
    "department": "water",
    "supervisor": "reform",
}

FILLED = {
    "/accounts/{name}": "/accounts/water",
    "/airflow/{dag_id}": "/airflow/pull_investment",
    "/airflow/{dag_id}/{dag_run}": "/airflow/pull_investment/manual",
    "/applications/{application_id}": "/applications/{application}",
    "/catalogue/{entity}": "/catalogue/project",
    "/decisions/new": "/decisions/new?record={project}&field=name",
    "/cases/new": "/cases/new?scope=item&record=1",
    "/cases/{case_id}": "/cases/{case}",
    "/hits/{hit_id}": "/hits/{hit}",
    "/disputes/new": "/disputes/new?record={project}&field=owner_name",
    "/disputes/{dispute_id}": "/disputes/{dispute}",
    "/failures/entry/{entry_id}": "/failures/entry/{entry}",
    "/failures/replays/{job_id}": "/failures/replays/{job}",
    "/files/{record}/{sha256}": "/files/{photo}/{digest}",
    "/grants/{grant_id}": "/grants/1",
    "/prefill/{form}": "/prefill/construction_permit?project_code={code}",
    "/projects/{code}": "/projects/{code}",
    "/recalls/{recall_id}": "/recalls/{recall}",
    "/records/{record_id}": "/records/{project}",
    "/records/{record_id}/fields/{field}": "/records/{project}/fields/name",
    "/runs/{run_id}": "/runs/{run}",
    "/scenarios/{scenario}": "/scenarios/land_then_start",
    "/supply/{flow}": f"/supply/{FLOW}",
}
"""Where a page is found that wants to be told of what: its path, and an address at which there is
something.
"""
UNKNOWN = {
    "/accounts/{name}": "/accounts/nobody",
    "/applications/{application_id}": "/applications/999999",
    "/catalogue/{entity}": "/catalogue/nothing",
    "/disputes/{dispute_id}": "/disputes/999999",
    "/cases/{case_id}": "/cases/999999",
    "/hits/{hit_id}": "/hits/999999",
    "/failures/entry/{entry_id}": "/failures/entry/999999",
    "/failures/replays/{job_id}": "/failures/replays/999999",
    "/files/{record}/{sha256}": "/files/999999/" + "0" * 64,
    "/grants/{grant_id}": "/grants/999999",
    "/prefill/{form}": "/prefill/nothing",
    "/projects/{code}": "/projects/2019-000000-70-03-000000",
    "/recalls/{recall_id}": "/recalls/999999",
    "/records/{record_id}": "/records/999999",
    "/records/{record_id}/fields/{field}": "/records/1/fields/nothing",
    "/runs/{run_id}": "/runs/999999",
    "/scenarios/{scenario}": "/scenarios/nothing",
    "/supply/{flow}": "/supply/pull.nothing.here",
}
"""Addresses at which there is nothing."""
ANYTHING = {"/airflow/{dag_id}", "/airflow/{dag_id}/{dag_run}"}
"""What Airflow alone knows may have done nothing here, and is never unknown."""

UNTRANSLATED = """() => {
    const data = '[data-content], [lang=zh], script, style, noscript, pre, code, textarea, .ag-cell', found = [];
    const chinese = text => /[\\u4e00-\\u9fff]/.test((text || '').replaceAll('一码贯通', ''));
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const node = walk.currentNode;
        if (chinese(node.textContent) && !node.parentElement.closest(data)) found.push(node.textContent.trim());
    }
    for (const name of ['aria-label', 'placeholder', 'title', 'alt'])
        for (const one of document.querySelectorAll(`[${name}]`))
            if (chinese(one.getAttribute(name)) && !one.closest(data)) found.push(one.getAttribute(name));
    return found.slice(0, 8);
}"""
"""Chinese that stands on a page in English and is not out of a record."""
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def there(console: Console) -> dict[str, object]:
    """Something of everything that a page can show, by name."""
    world = console.world
    open_clerk(world)
    with world.hub.database.write() as tx:
        water, admin = (
            one for name in ("water", "admin") for one in accounts.accounts(tx) if one.name == name
        )
    unit, chief = (RequestContext(world.hub, auth.reader_of(one, ())) for one in (water, admin))
    usual = grants.usual_terms(unit, "project")
    terms = replace(usual, valid_until=usual.valid_from + timedelta(days=9))
    granted, application = (
        applications.apply(unit, terms, purpose="用水报装", basis="《城市供水条例》").id
        for _ in range(2)
    )
    applications.grant(chief, granted, note="同意")
    with world.hub.database.write() as tx:
        accounts.write_reads(
            tx, [AccessEntry("water", "GET /v1/projects", record_ids=[world.record("project")])]
        )
        job = jobs.add(tx, Selection(), by="admin", total=1, lease=Lease("", 60))
        jobs.end(tx, job, "complete", done=1)
    wrong = recalls.open_recall(chief, "name", record=f"project:{CODE}", reason="原表填错").id
    complaint = Complaint(f"project:{CODE}", "name", "与核准文件不符", "另一个名称")
    with world.hub.database.write() as tx:
        rights = auth.reader_of(admin, ()).rights
        held = disputes.open_dispute(
            *(tx, world.hub.contracts, complaint), by=water, rights=rights, now=datetime.now(UTC)
        )
    content = paper("png", "1")
    photo(world, "a.png")
    fetch(world, {"a.png": content})
    with world.hub.database.write() as tx:
        classes = ("public", "internal")
        until = usual.valid_until
        auth.grant(
            *(tx, world.hub.contracts.granted, "water", "inspection_photo"),
            classes=classes,
            purpose="核验",
            valid_from=usual.valid_from,
            valid_until=until,
        )
    return {
        "photo": world.record("inspection_photo"),
        "digest": hashlib.sha256(content).hexdigest(),
        "application": application,
        "code": CODE,
        "dispute": held,
        "entry": _number(world, "quarantine"),
        "hit": hits.told(world),
        "case": hits.asked(world),
        "job": job,
        "project": world.record("project"),
        "recall": wrong,
        "run": _number(world, "run"),
    }


def readers(path: str) -> list[str]:
    if path == "/supply/{flow}":
        return ["clerk"]  # a flow is its own unit's
    return [WHO[role] for role in WHO if role in layout.PAGES[path].roles]


def strangers(path: str) -> list[str]:
    return [WHO[role] for role in WHO if role not in layout.PAGES[path].roles]


def answer(console: Console, where: str, who: str) -> requests.Response:
    """What somebody's browser is sent first."""
    cookies = {
        str(one.get("name")): str(one.get("value")) for one in console._context(who, "zh").cookies()
    }
    return requests.get(
        f"{console.address}{where}", cookies=cookies, timeout=30, allow_redirects=False
    )


def test_every_page_that_is_about_something_has_its_address_here():
    about = {path for path in PAGES if "{" in path}
    assert about - FILLED.keys() == set(), "add them to FILLED"
    assert about - UNKNOWN.keys() - ANYTHING == set(), "add them to UNKNOWN"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_seen_by_everybody_who_may_in_both_shades_and_in_english(
    console: Console, there: dict[str, object], path: str
):
    where, (who, *others) = FILLED.get(path, path).format_map(there), readers(path)
    page = console.open(where, who=who, lang="en")
    expect(page.locator(".problem")).to_have_count(0)
    settles(lambda: page.evaluate(UNTRANSLATED), [])
    is_usable(page)
    _is_readable_in_the_dark(page)
    _fits(page)
    _is_skipped_to(page)
    page.emulate_media(media="print")
    expect(page.locator(".bar")).to_be_hidden()
    expect(page.locator(".menu")).to_be_hidden()
    page.close()
    assert [answer(console, where, other).status_code for other in others] == [200 for _ in others]


def test_no_two_entries_of_the_menu_have_the_same_icon():
    icons = [one.menu.icon for one in layout.PAGES.values() if one.menu]
    assert sorted(icons) == sorted(set(icons))


def test_the_page_of_those_who_are_not_signed_in_shows_commands_as_code(console: Console):
    with requests.Session() as stranger:
        stranger.cookies.set("onecode_lang", "en")
        asked = stranger.get(f"{console.address}/login", timeout=30).text
        (form,) = re.findall(r'name="form" value="([^"]*)"', asked)
        sent = {"name": "nobody", "password": "not-the-password", "form": form, "next": "/"}
        refused = stranger.post(
            f"{console.address}/login", sent, headers={"Origin": console.address}, timeout=30
        )
    assert "<code>hub accounts password NAME</code>" in refused.text
    assert "`" not in re.sub(r"<style>.*?</style>", "", refused.text, flags=re.DOTALL)


@pytest.mark.parametrize("path", [path for path in PAGES if strangers(path) and path != "/"])
def test_a_page_is_refused_to_everybody_else(console: Console, there: dict[str, object], path: str):
    where = FILLED.get(path, path).format_map(there)
    assert {answer(console, where, other).status_code for other in strangers(path)} == {403}


@pytest.mark.parametrize("path", sorted(layout.PAGES.keys() & UNKNOWN.keys()))
def test_what_is_not_known_is_answered_with_its_cure(console: Console, path: str):
    page = console._context(readers(path)[0], "zh").new_page()
    sent = page.goto(f"{console.address}{UNKNOWN[path]}")
    assert sent is not None
    assert sent.status == 404
    expect(page.locator(".problem")).to_contain_text(
        re.compile(r"[\u4e00-\u9fff].*[._]unknown", re.DOTALL)
    )
    page.close()


def _is_readable_in_the_dark(page: Page) -> None:
    page.add_style_tag(content="* { transition: none !important }")
    page.evaluate("setDark(true)")
    expect(page.locator("body")).to_have_class(re.compile("body--dark"))
    is_readable(page)


def _fits(page: Page) -> None:
    """Nothing is wider than the window, narrow or wide."""
    for width in (1280, 1920):
        page.set_viewport_size({"width": width, "height": WIDE["height"]})
        settles(lambda: max(0, page.evaluate(TOO_WIDE)), 0)


def _is_skipped_to(page: Page) -> None:
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    settles(lambda: page.evaluate("document.activeElement.id"), "main")


def _number(world: Filled, table: str) -> object:
    return world.rows(f"select min(id) as id from hub.{table}")[0]["id"]  # noqa: S608

"""An entity that only files declare stands on its project's page, in front of an administrator and
of a unit.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from hub import wiring
from tests.browser.site import Console, accounts, serving
from tests.filled import CODE, HOME, Filled
from tests.postgres import DatabaseServer
from tests.services.test_sections import SCHEMA, SHOW

PULL = """
entity: agency_case
read: {table: share.service, cursor: lsh, cursor_format: number, key: [lsh]}
secret: {none: this made-up office holds none}
key: [number]
required: [number, project_code]
fields:
  project_code: {from: code}
  number: {from: number}
  agency: {from: agency}
  applied_on: {from: on, use: [date]}
"""
CASE = {"unit": ["agency"]}
CLOCK = {"as": "item", "number": "number", "name": "number", "began": "applied_on"}


@pytest.fixture(scope="module")
def city(
    database_server: DatabaseServer,
    filled_template: str,
    browser: Browser,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Console]:
    """A hub whose home has one schema and one mapping more."""
    home: Path = tmp_path_factory.mktemp("home")
    for name in ("schemas", "mappings"):
        shutil.copytree(HOME / name, home / name)
    (home / "schemas/agency_case.json").write_text(
        json.dumps(SCHEMA | {"x-show": SHOW, "x-case": CASE, "x-clock": CLOCK}), encoding="utf-8"
    )
    (home / "mappings/approval/agency_case.pull.yaml").write_text(PULL, encoding="utf-8")
    with database_server.database(template=filled_template) as url:
        world = Filled(url)
        world.environ["HUB_HOME"] = str(home)
        world.hub.close()
        world.hub = wiring.start(environ=world.environ)
        world.hub.migrate()
        world.pull(
            "pull.approval.agency_case",
            {"code": CODE, "number": "ZJ-1", "agency": "某评审所", "on": "2026-11-02"},
        )
        accounts(world)
        with serving(world) as address:
            made = Console(world, address, browser)
            yield made
            made.close()
        world.hub.close()
        assert made.troubles == []


@pytest.mark.parametrize("who", ["admin", "water"])
def test_a_new_entity_has_its_part_its_table_and_its_point_in_time(city: Console, who: str):
    page = city.open(f"/projects/{CODE}", who=who)
    part = page.locator("#agency_case")
    expect(part).to_contain_text("中介服务事项")
    expect(part.get_by_role("row").nth(1)).to_contain_text("ZJ-1")
    expect(part.get_by_role("row").nth(1)).to_contain_text("某评审所")
    expect(page.get_by_role("navigation", name="本页内容")).to_contain_text("中介服务事项")
    expect(page.locator("#timeline")).to_contain_text("证照与文件")


def test_it_stands_among_the_items_with_its_own_clock(city: Console):
    page = city.open(f"/projects/{CODE}", who="admin")
    row = page.locator("#stages").get_by_role("row").filter(has_text="ZJ-1")
    expect(row).to_contain_text("某评审所")
    expect(page.locator("#timeline .name.inner")).to_have_text(["ZJ-1"])

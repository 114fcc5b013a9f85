"""Contract files that go wrong, are mended and join, under a web process and commands that run all
the while.
"""

import json
import os
import shutil
import time

import pytest
import requests

from hub import auth, wiring
from hub.db import runs
from hub.db.runs import Lease
from hub.errors import FlowError
from hub.settings import HOME
from tests.browser.site import serving
from tests.filled import CODE, filled, filled_template, payload
from tests.pipeline.partners import Desk
from tests.processes import ran

__all__ = ["filled", "filled_template"]

LIMIT = 30.0
WATER = (
    "pull.water.utility_connection",
    "push.water.approval_document",
    "push.water.prefill",
    "push.water.project",
)


class Home:
    """A folder of contract files that people change."""

    def __init__(self, path):
        self.path = path
        for name in ("schemas", "mappings", "dags"):
            shutil.copytree(HOME / name, path / name, ignore=shutil.ignore_patterns("__pycache__"))

    def write(self, path, text):
        file = self.path / path
        file.parent.mkdir(exist_ok=True, parents=True)
        file.with_suffix(".new").write_bytes(text.encode() if isinstance(text, str) else text)
        file.with_suffix(".new").replace(file)

    def mend(self, path):
        shutil.copy(HOME / path, self.path / path)


class Site:
    """What a program and a command see of the hub."""

    def __init__(self, world, home):
        self.world, self.home = world, home
        world.environ["HUB_HOME"] = str(home.path)
        world.environ["HUB_CONTRACTS_SECONDS"] = "0.1"
        with world.hub.database.write() as tx:
            self.token = auth.open_account(tx, "ops", "administrator", department="市大数据局")
        self.address = ""

    def get(self, path):
        return requests.get(
            self.address + path, headers={"Authorization": f"Bearer {self.token}"}, timeout=30
        )

    def overview(self):
        return self.get("/v1/overview").json()

    def flow(self, name):
        found = [
            one
            for cell in self.overview()["cells"]
            for one in cell["pulls"] + cell["pushes"]
            if one["flow"] == name
        ]
        return found[0] if found else None

    def comes(self, what):
        """Wait until something is so, within the limit."""
        deadline = time.monotonic() + LIMIT
        while not (found := what()):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        return found

    def command(self, *arguments):
        done = ran("hub", *arguments, environ={**os.environ, **self.world.environ})
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def site(filled, tmp_path):
    return Site(filled, Home(tmp_path / "home"))


def broken(site, name):
    return lambda: (site.flow(name) or {}).get("disabled")


def test_the_web_process_starts_and_serves_with_a_broken_partner_and_takes_it_up_once_mended(site):
    site.home.write("mappings/water/system.yaml", b"\xff\xfe\x00 not a contract")
    with serving(site.world) as site.address:
        assert site.get(f"/v1/projects/{CODE}").status_code == 200
        assert site.get("/v1/forms").status_code == 200
        first = site.overview()["urgent"][0]
        assert (first["subject"], first["light"]) == ("contract", "red")
        assert "mappings/water/system.yaml" in first["told"]["zh"]
        disabled = {
            one["flow"]
            for cell in site.overview()["cells"]
            for one in cell["pulls"] + cell["pushes"]
            if one["disabled"]
        }
        assert disabled == set(WATER)
        site.home.mend("mappings/water/system.yaml")
        site.comes(lambda: not broken(site, WATER[0])())
        assert "contract" not in {one["subject"] for one in site.overview()["urgent"]}


def test_a_mistake_made_under_a_running_web_process_stops_that_partner_alone_and_is_told(site):
    with serving(site.world) as site.address:
        assert broken(site, WATER[0])() is None
        site.home.write("mappings/water/project.push.yaml", "entity: project\nwrite: {\n")
        told = site.comes(broken(site, WATER[0]))
        assert told["code"] == "flow.disabled"
        assert "mappings/water/project.push.yaml" in told["zh"]
        assert broken(site, "pull.gas.utility_connection")() is None
        assert (
            site.get(f"/v1/prefill/water_connection?project_code={CODE}").status_code == 200
        )  # its files are sound


def test_a_form_whose_schema_is_broken_says_so_and_no_kept_answer_is_given(site):
    asked = f"/v1/prefill/water_connection?project_code={CODE}"
    with serving(site.world) as site.address:
        assert site.get(asked).status_code == site.get(asked).status_code == 200
        site.home.write("schemas/unit_work.json", "{")
        site.comes(lambda: site.get(asked).status_code == 503)
        answer = site.get(asked).json()
        assert answer["code"] == "ask.form_disabled"
        assert "schemas/unit_work.json" in answer["title"]
        assert site.get(f"/v1/projects/{CODE}").status_code == 200
        site.home.mend("schemas/unit_work.json")
        site.comes(lambda: site.get(asked).status_code == 200)


def test_records_of_an_entity_whose_schema_is_broken_stay_visible(site):
    site.home.write("schemas/project.json", '{"title": "Project",')
    with serving(site.world) as site.address:
        records = site.get(f"/v1/projects/{CODE}").json()["records"]
        assert {"project", "participant", "material"} <= {one["entity"] for one in records}


def test_a_changed_form_is_answered_anew_without_a_restart(site):
    asked = f"/v1/prefill/water_connection?project_code={CODE}"
    with serving(site.world) as site.address:
        before = site.get(asked).json()
        text = (site.home.path / "mappings/forms/water_connection.yaml").read_text(encoding="utf-8")
        site.home.write(
            "mappings/forms/water_connection.yaml",
            text.replace("en: Project name", "en: Name of the project"),
        )
        site.comes(lambda: site.get(asked).json() != before)


def test_a_partner_added_to_a_running_hub_shows_without_a_restart(site):
    with serving(site.world) as site.address:
        for name in ("system.yaml", "project.push.yaml"):
            site.home.write(
                f"mappings/sewer/{name}",
                (HOME / "mappings/water" / name).read_text(encoding="utf-8"),
            )
        added = site.comes(lambda: site.flow("push.sewer.project"))
        assert (added["light"], added["disabled"]) == ("grey", None)


def test_a_new_entity_says_that_the_database_lacks_it_until_it_has_been_migrated(site):
    schema = json.loads((HOME / "schemas/material.json").read_text(encoding="utf-8"))
    site.home.write("schemas/sewage.json", json.dumps(schema | {"$id": "urn:onecode:sewage"}))
    pull = (HOME / "mappings/approval/material.pull.yaml").read_text(encoding="utf-8")
    site.home.write(
        "mappings/approval/sewage.pull.yaml", pull.replace("entity: material", "entity: sewage")
    )
    with serving(site.world) as site.address:
        told = broken(site, "pull.approval.sewage")()
        assert "hub migrate" in told["cure_zh"]
        assert broken(site, "pull.approval.material")() is None
        assert site.get(f"/v1/projects/{CODE}").status_code == 200
        status, _, said = site.command("run", "pull.approval.sewage")
        assert (status, "hub migrate" in said) == (1, True)
        assert site.command("migrate")[0] == 0
        site.comes(lambda: not broken(site, "pull.approval.sewage")())


def test_a_flow_that_is_disabled_refuses_to_run_in_words_and_its_run_is_on_record(site):
    site.home.write("mappings/water/system.yaml", "title: [")
    status, _, said = site.command("run", WATER[0])
    assert status == 1
    assert "mappings/water/system.yaml" in said
    assert "flow pull.water.utility_connection is disabled" in said
    _, shown, said = site.command("runs", "--json")
    newest = json.loads(shown)[0]
    assert (newest["flow"], newest["state"], newest["why"]["code"]) == (
        WATER[0],
        "failed",
        "flow.disabled",
    )
    assert "mappings/water/system.yaml" in said  # told above the runs, whether or not one was tried
    assert site.command("run", "pull.gas.utility_connection")[2].count(
        "HUB_CONN_GAS"
    )  # not disabled: only not reached


def test_hub_check_names_what_is_wrong_and_what_does_not_run_and_fails(site):
    site.home.write(
        "mappings/water/codes/connection_status.yaml",
        "to: item_status\nsource: S\nvalues: {A: '99'}\n",
    )
    status, shown, said = site.command("check")
    assert status == 1
    assert "mappings/water/codes/connection_status.yaml:3 [contract.code_target]" in said
    assert all(name in said for name in WATER)
    status, shown, _ = site.command("check", "--json")
    told = json.loads(shown)
    assert (status, told["disabled"], told["problems"][0]["line"]) == (1, sorted(WATER), 3)


def test_the_schedule_keeps_a_disabled_partner_and_takes_a_new_one_up(site):
    flows = site.home.path / "dags/flows.json"
    before = json.loads(flows.read_text(encoding="utf-8"))["systems"]
    site.home.write("mappings/water/system.yaml", "")
    site.home.write("mappings/water/prefill.push.yaml", "[")
    for name in ("system.yaml", "project.push.yaml"):
        site.home.write(
            f"mappings/sewer/{name}", (HOME / "mappings/gas" / name).read_text(encoding="utf-8")
        )
    assert site.command("check", "--write")[0] == 1
    after = json.loads(flows.read_text(encoding="utf-8"))["systems"]
    assert after.pop("sewer")["pushes"] == [
        {"entity": "project", "flow": "push.sewer.project", "receipts": False}
    ]
    assert after == before


def test_what_is_due_to_a_disabled_partner_is_blocked_with_the_reason_and_goes_out_once_mended(
    site,
):
    world = site.world
    site.home.write("mappings/gas/system.yaml", "pool: {slots: many}")
    world.hub.close()
    world.hub = wiring.start(environ=world.environ)
    assert "push.gas.project" in world.hub.contracts.disabled
    world.execute("delete from hub.delivery where flow = 'push.gas.project'")
    renamed = payload(
        "pull.investment.project", id=1, xmdm=CODE, xmmc="改了名的项目", gxsj="2026-11-01 08:00:00"
    )
    world.pull("pull.investment.project", renamed)
    world.hub.watch()
    rows = world.rows(
        "select state, dirty, note->>'code' as code from hub.delivery where flow = "
        "'push.gas.project'"
    )
    assert rows == [{"state": "blocked", "dirty": True, "code": "delivery.blocked_by_contract"}]
    told = world.rows(
        "select facts->>'file' as file from hub.alert where code = 'contract.disabled'"
    )
    assert told == [{"file": "mappings/gas/system.yaml"}]
    with serving(world) as site.address:
        records = site.get(f"/v1/projects/{CODE}").json()["records"]
        (stands,) = [
            one
            for row in records
            if row["entity"] == "project"
            for one in row["deliveries"]
            if "gas.p" in one["flow"]
        ]
        assert stands["state"] == "blocked"
        assert "mappings/gas/system.yaml" in json.dumps(stands, ensure_ascii=False)
    with pytest.raises(FlowError) as refused:
        world.hub.push("push.gas.project")
    assert refused.value.code == "flow.disabled"
    tallied = world.rows(
        "select due, blocked from hub.delivery_batch where flow = 'push.gas.project'"
    )
    assert tallied == [{"due": 1, "blocked": 1}]
    site.home.mend("mappings/gas/system.yaml")
    world.hub.close()
    world.hub = wiring.start(environ=world.environ)
    assert world.hub.contracts.disabled == {}
    assert world.counts(world.push("push.gas.project", Desk()))["due"] == 1


def test_what_systems_say_is_settled_alike_while_one_of_them_is_disabled(site):
    world = site.world
    before = world.rows("select name, provenance from golden.project order by record_id")
    site.home.write("mappings/investment/project.pull.yaml", "\x00")
    world.hub.close()
    world.hub = wiring.start(environ=world.environ)
    assert "pull.investment.project" in world.hub.contracts.disabled
    world.pull("pull.approval.project", payload("pull.approval.project", xmmc="审批系统另起的名称"))
    after = world.rows("select name, provenance from golden.project order by record_id")
    assert [row["name"] for row in after] == [
        row["name"] for row in before
    ]  # 投资平台 has the first say in names


def test_a_run_under_way_is_not_fenced_off_by_one_that_is_refused(site):
    world = site.world
    site.home.write("mappings/water/system.yaml", "[")
    world.hub.close()
    world.hub = wiring.start(environ=world.environ)
    with world.hub.database.write() as tx:
        under_way = runs.start(tx, WATER[0], "pull", lease=Lease("", 60))
    with pytest.raises(FlowError):
        world.hub.pull(WATER[0])
    with world.hub.database.write() as tx:
        runs.hold(tx, under_way)


def test_a_broken_partner_keeps_no_other_flow_from_being_remapped(site):
    world = site.world
    site.home.write("mappings/investment/system.yaml", "[")
    world.hub.close()
    world.hub = wiring.start(environ=world.environ)
    with pytest.raises(FlowError) as refused:
        world.hub.remap(["pull.investment.project", "pull.approval.project"])
    assert refused.value.code == "flow.disabled"
    states = world.rows("select flow, state from hub.run where kind = 'remap' order by id")
    assert states == [
        {"flow": "pull.approval.project", "state": "complete"},
        {"flow": "pull.investment.project", "state": "failed"},
    ]

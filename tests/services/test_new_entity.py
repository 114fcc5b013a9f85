"""An entity that only files declare is a case, a paper, a part of its project's page and an answer
of a form.
"""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from hub import auth, wiring
from hub.auth import Reader
from hub.auth.context import RequestContext
from hub.db.records import projects
from hub.domain.rights import operator
from hub.services.lineage import as_of
from hub.services.prefill import prefilled
from hub.services.project_timeline import life
from hub.services.projects import project
from tests.filled import CODE, HOME, Filled
from tests.postgres import DatabaseServer
from tests.services.test_sections import FIELD, SCHEMA, SHOW

AGENCY = "某评审所"
STATES = """
title: {zh: 中介服务状态, en: Status of a service}
source: made up
values:
  "open": {zh: 进行中, en: Going on}
  "shut": {zh: 已结束, en: Over}
final: ["shut"]
"""
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
  state: {from: state, use: [{code: service_state}]}
  applied_on: {from: on, use: [date]}
  paper: {from: paper}
"""
FORM = """
title: {zh: 评审表, en: Review}
purpose: {zh: 评审, en: Review}
department: 某评审所
fields:
  - {name: agency, title: {zh: 机构, en: Agency}, from: agency_case.agency, where: {state: open},
      pick: latest}
materials:
  - {name: report, title: {zh: 评审报告, en: Report}}
"""


@pytest.fixture(scope="module")
def world(
    database_server: DatabaseServer, filled_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Filled]:
    """A hub whose home has one schema, one code list, one mapping and one form more."""
    home: Path = tmp_path_factory.mktemp("home")
    for name in ("schemas", "mappings"):
        shutil.copytree(HOME / name, home / name)
    more = {
        "state": FIELD | {"title": "State", "x-title-zh": "状态", "x-code": "service_state"},
        "paper": FIELD | {"title": "Paper", "x-title-zh": "成果文件"},
        "code": FIELD | {"title": "Code", "x-title-zh": "编码"},  # names of parameters in SQL
        "unit": FIELD | {"title": "Unit", "x-title-zh": "单位"},
    }
    said = SCHEMA | {
        "x-show": SHOW,
        "x-case": {"unit": ["agency"], "status": "state"},
        "x-papers": {"names": ["paper"]},
        "properties": {**SCHEMA["properties"], **more},
    }
    (home / "schemas/agency_case.json").write_text(json.dumps(said), encoding="utf-8")
    (home / "mappings/codes/service_state.yaml").write_text(STATES, encoding="utf-8")
    (home / "mappings/approval/agency_case.pull.yaml").write_text(PULL, encoding="utf-8")
    (home / "mappings/forms/review.yaml").write_text(FORM, encoding="utf-8")
    with database_server.database(template=filled_template) as url:
        made = Filled(url, HUB_HOME=str(home))
        made.hub.close()
        made.hub = wiring.start(environ=made.environ)
        made.hub.migrate()
        made.hub.contracts = made.hub.contracts_now()
        assert made.hub.contracts.problems == ()
        yield made
        made.hub.close()


def pulled(world: Filled, lsh: int, state: str) -> None:
    row = {
        "lsh": lsh,
        "code": CODE,
        "number": "ZJ-1",
        "agency": AGENCY,
        "state": state,
        "on": "2026-11-02",
    }
    world.pull("pull.approval.agency_case", row | {"paper": "评审报告"})


@pytest.fixture(scope="module")
def reader(world: Filled) -> Reader:
    """An account of the agency: a grant of projects with an open case of its own, and no other."""
    pulled(world, 1, "open")
    with world.hub.database.write() as tx:
        token = auth.open_account(tx, "agency", "department", department=AGENCY)
        auth.grant(
            *(tx, world.hub.contracts.granted, "agency", "project"),
            classes=("public",),
            purpose="评审",
            valid_from=date(2020, 1, 1),
            valid_until=date(2099, 1, 1),
            open_case_only=True,
        )
        (found,) = auth.readers(tx, [token])
    assert found is not None
    return found


@pytest.fixture(scope="module")
def clerk(world: Filled, reader: Reader) -> Reader:
    """An administrator, once the agency has its case."""
    return opened(world, "li", "administrator")


def opened(world: Filled, account: str, role: str) -> Reader:
    """The reader of a new account."""
    with world.hub.database.write() as tx:
        token = auth.open_account(tx, account, role, department="")
        (found,) = auth.readers(tx, [token])
    assert found is not None
    return found


def sights(world: Filled) -> set[str]:
    """How the account could see the project's name at this moment, as what it could see at any is
    answered.
    """
    contracts = world.hub.contracts
    with world.hub.database.read() as tx:
        now, everything = datetime.now(UTC), operator(contracts.entities)
        rows, _ = as_of.project_at(tx, contracts, CODE, now, rights=everything, account="agency")
    return {row.sights["name"] for row in rows if row.entity == "project"}


def shown(world: Filled, reader: Reader) -> list[str]:
    """What PostgreSQL shows the account of the project, whatever it is asked for."""
    with RequestContext(world.hub, reader).read() as tx:
        return [
            row.entity
            for row in projects.known_of_project(tx, world.hub.contracts.entities.values(), CODE)
        ]


def test_it_stands_on_the_page_of_its_project(world: Filled, clerk: Reader):
    context = RequestContext(world.hub, clerk)
    (part,) = [one for one in life(context, CODE).sections if one.name == "agency_case"]
    assert (part.zh, part.tables[0].columns) == ("中介服务事项", ("number", "agency"))
    (row,) = [
        row for row in project(context, CODE).records if row.record_id in part.tables[0].records
    ]
    assert row.values["agency"] == AGENCY


def test_a_form_is_answered_by_it_and_finds_it_as_a_paper(world: Filled, clerk: Reader):
    filled, _ = prefilled(RequestContext(world.hub, clerk), "review", CODE)
    assert [answer.value for answer in filled.answers] == [AGENCY]
    (wanted,) = filled.wanted
    assert wanted.held is not None
    assert (wanted.held.value, wanted.reason) == ("评审报告", None)
    assert "评审报告" in {paper.values.get("paper") for paper in filled.materials}


def test_it_opens_its_project_to_its_unit_until_it_is_over(world: Filled, reader: Reader):
    assert (shown(world, reader), sights(world)) == (["project"], {"shown"})
    pulled(world, 2, "shut")
    assert (shown(world, reader), sights(world)) == ([], {"hidden"})
    pulled(world, 3, "open")
    assert (shown(world, reader), sights(world)) == (["project"], {"shown"})


def test_it_is_granted_by_class_like_any_other(world: Filled, reader: Reader):
    with world.hub.database.write() as tx:
        auth.grant(
            *(tx, world.hub.contracts.granted, "agency", "agency_case"),
            classes=("public",),
            purpose="评审",
            valid_from=date(2020, 1, 1),
            valid_until=date(2099, 1, 1),
        )
    assert "agency_case" in shown(world, reader)

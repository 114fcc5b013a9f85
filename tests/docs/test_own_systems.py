"""The worked example of docs/own-systems.md: sound contracts, and records that become what the page
says.
"""

import re
from pathlib import Path

import pytest

from hub.config import connector_schemas, contract_files
from hub.domain.contracts import Contracts
from hub.domain.load import load
from hub.domain.payload import decode
from hub.settings import Settings
from hub.wiring import Hub
from tests.docs.pages import HOME, Page

PAGE = Page(HOME / "docs/own-systems.md")
SCHEMA, UTILITIES = "schemas/utility_connection.json", "mappings/codes/utility.yaml"


@pytest.fixture(scope="module")
def contracts() -> Contracts:
    files = contract_files(HOME)
    for language, body in PAGE.blocks:
        if language == "yaml":
            path, _, text = body.removeprefix("# ").partition("\n")
            files[path] = text
    assert f'`{SCHEMA}`: `"cooling"`' in PAGE.text
    files[SCHEMA] = re.sub(r'("x-authority": \[.*?)\]', r'\1, "cooling"]', files[SCHEMA], count=1)
    word = re.search(rf"`{UTILITIES}`: `(.*)`", PAGE.text)
    assert word
    files[UTILITIES] += f"  {word[1]}\n"
    return load(files, connector_schemas(), year=2026)


def test_the_example_reads_its_own_file_and_sets_the_bad_line_aside(
    contracts: Contracts, tmp_path: Path
):
    (example,) = [body for language, body in PAGE.blocks if language == "csv"]
    (tmp_path / "outbox").mkdir()
    (tmp_path / "outbox/cooling_20261101.csv").write_text(example, encoding="utf-8")
    (tmp_path / "outbox/cooling_20261101.csv.ok").touch()
    flow = contracts.pulls["pull.cooling.utility_connection"]
    hub = Hub(Settings(database_url=""), {"cooling": f"file://{tmp_path}"})
    with hub.connector(flow) as connector:
        pages = list(connector.pages(flow.read, since=None, resume=None))
    good, bad = (
        flow.mapper.map(decode(raw.payload, form=flow.form))
        for page in pages
        for raw in page.records
    )
    assert good.faults == ()
    assert good.values["project_code"] == "2502-522730-04-01-587294"
    assert (good.values["status"], good.values["applied_on"]) == ("8", "2026-10-08")
    assert [(fault.code, fault.pointer) for fault in bad.faults] == [
        ("record.code_unknown", "/状态")
    ]


def test_the_example_gives_the_need_in_the_partners_words(contracts: Contracts):
    flow = contracts.pushes["push.cooling.project"]
    project = {
        "project_code": "2502-522730-04-01-587294",
        "name": "城南小学",
        "owner_name": "某局",
        "heat_load": "12.50",
    }
    body = flow.shaper.shape(project, {"project": project}).body
    assert body is not None
    assert (body["工程名称"], body["用冷量(千瓦)"]) == ("城南小学", "12.50")

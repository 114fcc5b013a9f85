"""The environment authority as it runs: a partner that is files alone, declared in the sandbox and
mapped in `mappings/`, and no line of code for it.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.auth.context import operating
from hub.services.prefill import prefilled
from tests.partners.joined import Joined, joined
from tests.postgres import DatabaseServer


@pytest.fixture
def office(
    database_server: DatabaseServer, filled_template: str, tmp_path: Path
) -> Iterator[Joined]:
    with joined(
        "eia", database_server=database_server, template=filled_template, state=tmp_path
    ) as found:
        yield found


def test_decisions_arrive_with_their_projects_also_those_that_name_none(office: Joined):
    office.partner.arm("expired_token", where="decisions")
    read = office.pull("approval_document")
    assert read["read"] == office.partner.shared()["decisions"] > 200
    assert read.get("quarantined", 0) == 0
    assert office.pull("approval_document").get("created", 0) == 0

    rows = office.rows("select * from golden.approval_document where kind like 'eia_%%'")
    assert len(rows) == read["read"] - read.get("waiting", 0)
    assert all(row["project_code"] for row in rows)

    filled, _ = prefilled(
        operating(office.world.hub, "li"), "construction_permit", str(rows[0]["project_code"])
    )
    answers = {one.question.name: one.value for one in filled.answers}
    assert answers["eia"] == rows[0]["number"]
    papers = {one.asked.name: one.held for one in filled.wanted}
    assert papers["eia"] is not None

    pushed = office.push("project")
    assert pushed["confirmed"] == pushed["due"] - pushed.get("withheld", 0) > 200
    held = office.partner.received("projects")
    assert len(held) == pushed["confirmed"]
    assert {one["applied"] for one in held} == {1}
    compared = office.reconcile("pull.approval_document")
    assert compared["same"] == compared["compared"] == read["read"]

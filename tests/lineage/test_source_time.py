"""When a source says that a value is of stands beside when it arrived, and never in its place."""

from datetime import UTC, datetime

from hub.domain.rights import operator
from hub.services import lineage
from hub.services.lineage import as_of
from hub.services.prefill import chosen, prefill
from hub.services.prefill.sheet import workbook
from hub.services.prefill.told import form
from tests.filled import CODE, Filled
from tests.pipeline.conftest import Small, contracts_of, small, small_template
from tests.pipeline.partners import Source
from tests.pipeline.small import CODE as SMALL_CODE
from tests.pipeline.small import FILES

__all__ = ["small", "small_template"]

APPROVAL = datetime(2026, 2, 16, 5, 41, 40, tzinfo=UTC)
"""gxsj of the payload, a clock without a zone in Shanghai, where the version is a running
number.
"""


def test_a_field_tells_the_sources_time_and_the_time_of_arrival(filled: Filled):
    contracts = filled.hub.contracts
    with filled.hub.database.write() as tx:
        rights = operator(contracts.entities)
        record = str(filled.record("project"))
        found = lineage.of_record(tx, contracts, record, rights=rights)
        then = as_of.record_at(tx, contracts, record, datetime.now(UTC), rights=rights)
    of_approval = [said for said in found.fields.values() if said.system == "approval"]
    assert {said.source_time for said in of_approval} == {APPROVAL}
    assert all(said.as_of is not None and said.as_of > APPROVAL for said in of_approval)
    assert all(said.source_time is not None for said in found.fields.values())
    assert {name: said.source_time for name, said in then.fields.items()} == {
        name: said.source_time for name, said in found.fields.items()
    }


def test_a_form_and_its_workbook_name_both_times(filled: Filled):
    contracts = filled.hub.contracts
    with filled.hub.database.write() as tx:
        made = prefill(
            *(tx, contracts, chosen(contracts, "construction_permit")),
            project_code=CODE,
            rights=operator(contracts.entities),
            on=APPROVAL.date(),
        )
    items = [item for answer in made.answers for item in answer.items]
    assert APPROVAL in {item.source_time for item in items}
    assert form(made).fields[0].items[0].source_time is not None
    book = workbook(form(made), lang="zh", at=APPROVAL, by="test")
    assert book.startswith(b"PK")


def test_a_source_without_a_time_is_told_as_such_and_never_by_the_time_of_loading(small: Small):
    small.pull(
        "pull.plan.project", Source([{"id": 1, "code": SMALL_CODE, "name": "甲", "at": "1"}])
    )
    with small.database.write() as tx:
        rights = operator(small.contracts.entities)
        found = lineage.of_record(tx, small.contracts, f"project:{SMALL_CODE}", rights=rights)
    assert found.fields["name"].source_time is None
    assert found.fields["name"].as_of is not None


def test_a_mapping_may_name_the_column_that_tells_the_time(small: Small):
    path = "mappings/plan/project.pull.yaml"
    small.contracts = contracts_of(FILES | {path: FILES[path] + "time: touched\n"})
    row = {"id": 1, "code": SMALL_CODE, "name": "甲", "at": "1", "touched": "2026-11-01 08:00:00"}
    unread = row | {"id": 2, "code": SMALL_CODE[:-1] + "9", "touched": "昨天"}
    small.pull("pull.plan.project", Source([row, unread]))
    times = small.rows("select source_time from hub.landing order by id")
    assert [one["source_time"] for one in times] == [datetime(2026, 11, 1, tzinfo=UTC), None]


def test_payloads_of_before_keep_the_time_that_their_version_tells(filled: Filled):
    filled.execute("update hub.landing set source_time = null")
    with filled.hub.database.write() as tx:
        contracts = filled.hub.contracts
        record = str(filled.record("project"))
        found = lineage.of_record(tx, contracts, record, rights=operator(contracts.entities))
    by_system = {said.system: said.source_time for said in found.fields.values()}
    assert by_system["investment"] is not None
    assert by_system["approval"] is None

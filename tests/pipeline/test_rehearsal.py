"""A rehearsal says beforehand what a remap then does, and writes nothing."""

import pytest

from hub.domain.contracts import Contracts
from hub.domain.rights import Rights, operator
from hub.errors import FlowError
from hub.pipeline import remap
from hub.services import dry_run
from hub.services.dry_run import ChangeExample, Rehearsed
from tests.filled import Filled, filled, filled_template
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.partners import Desk, Source
from tests.pipeline.small import CODE, FILES, OTHER
from tests.pipeline.test_remap import BUILD, PATHS, PERMIT, PLAN, project

__all__ = ["filled", "filled_template"]

TABLES = [
    *(
        "hub.landing",
        "hub.head",
        "hub.quarantine",
        "hub.run",
        "hub.batch",
        "hub.delivery",
        "hub.history",
    ),
    *(
        "source.project",
        "golden.project",
        "golden.permit",
        "hub.contract_version",
        "hub.flow",
        "hub.record",
    ),
]


def changed(**files: tuple[str, str]) -> Contracts:
    texts = dict(FILES)
    for name, (old, new) in files.items():
        path = PATHS.get(name, f"mappings/desk/{name}.push.yaml")
        assert old in texts[path]
        texts[path] = texts[path].replace(old, new)
    return contracts_of(texts)


def contents(small: Small) -> dict[str, object]:
    """Every row of the hub, as a hash by table."""
    content = "select md5(array_agg(t order by t::text)::text)"
    return {table: small.rows(f"{content} from {table} t") for table in TABLES}


def rehearsed(small: Small, then: Contracts, flow: str, *, sample: int | None = None) -> Rehearsed:
    """Rehearse, and show that no row has changed."""
    before = contents(small)
    found = dry_run.rehearse(
        *(small.database, small.contracts, then),
        name=flow,
        rights=operator(then.entities),
        sample=sample,
    )
    assert contents(small) == before
    return found


def test_fields_records_and_deliveries_that_would_change_are_named_and_then_do(small: Small):
    small.pull(PLAN, Source([project(1, title="甲"), project(2), project(3, title="丙")]))
    desk = Desk()
    small.push("push.desk.project", desk)
    then = changed(plan=("{from: name,", "{from: [title, name],"))
    found = rehearsed(small, then, PLAN)
    assert (found.read, found.total, found.outcomes) == (3, 3, {"applied": 3})
    assert (found.changed, found.created, found.withdrawn, found.projects) == (2, 0, 0, 2)
    assert found.fields["name"].times == 2
    first = ChangeExample(1, "2405-520502-04-01-100001", "项目1", "甲")
    assert found.fields["name"].examples[0] == first
    assert found.deliveries["push.desk.project"] == {"upsert": 2}
    small.contracts = then
    remap.remap(small.database, then, then.pulls[PLAN])
    assert small.push("push.desk.project", desk) == {"due": 2, "confirmed": 2}


def test_what_would_be_set_aside_and_what_no_more_is_told_by_cause(small: Small):
    small.pull(PLAN, Source([project(1, name="", title="甲"), project(2), project(3)]))
    found = rehearsed(small, changed(plan=("{from: name,", "{from: title,")), PLAN)
    assert found.set_aside == {"record.missing /title": 2}
    assert found.accepted == {"record.missing /name": 1}
    assert (found.created, found.changed, found.withdrawn) == (1, 0, 0)


def test_a_source_without_authority_changes_nothing_that_stands(small: Small):
    small.pull(PLAN, Source([project(1, code=CODE, name="计划的名称")]))
    small.pull(BUILD, Source([{"id": "b", "code": CODE, "name": "建设的名称", "title": "题目"}]))
    found = rehearsed(small, changed(build=("{from: name,", "{from: title,")), BUILD)
    assert (found.read, found.changed, found.fields, found.deliveries) == (1, 0, {}, {})


def test_another_authority_shows_every_record_that_would_change(small: Small):
    small.pull(PLAN, Source([project(1, code=CODE, name="计划的名称"), project(2, code=OTHER)]))
    small.pull(BUILD, Source([{"id": "b", "code": CODE, "name": "建设的名称"}]))
    then = changed(schema=('"x-authority": ["plan", "build"]', '"x-authority": ["build", "plan"]'))
    found = rehearsed(small, then, PLAN)
    (example,) = found.fields["name"].examples
    assert (example.record, example.was, example.would_be) == (CODE, "计划的名称", "建设的名称")


def test_a_field_that_the_database_has_no_column_for_can_be_rehearsed(small: Small):
    small.pull(PLAN, Source([project(1, town="城关镇")]))
    field = (
        '"town": {"title": "Town", "x-title-zh": "镇", "type": "string", "x-class": "public", '
        '"x-standard": null,'
    )
    then = changed(
        schema=('"planned_start":', f'{field} "x-why": "small world"}}, "planned_start":'),
        plan=("fields:", "fields:\n  town: {from: town, use: [trim]}"),
    )
    (example,) = rehearsed(small, then, PLAN).fields["town"].examples
    assert (example.was, example.would_be) == (None, "城关镇")


def test_records_that_quote_the_project_count_among_the_deliveries(small: Small):
    small.pull(PLAN, Source([project(1, code=CODE, title="甲")]))
    small.pull(PERMIT, Source([{"code": CODE, "number": "A1"}, {"code": CODE, "number": "A2"}]))
    desk = Desk()
    small.push("push.desk.project", desk)
    small.push("push.desk.permit", desk)
    found = rehearsed(small, changed(plan=("{from: name,", "{from: [title, name],")), PLAN)
    assert found.deliveries == {
        "push.desk.project": {"upsert": 1},
        "push.desk.permit": {"upsert": 2},
    }


def test_projects_are_counted_once_however_many_of_their_records_change(
    small: Small, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("hub.pipeline.replay.BATCH", 2)
    small.pull(PLAN, Source([project(1, code=CODE), project(2, code=OTHER)]))
    rows = [{"code": CODE, "number": f"A{n}", "plot": f" {n} "} for n in range(5)]
    small.pull(PERMIT, Source([*rows, {"code": OTHER, "number": "B"}]))
    found = rehearsed(small, changed(permit=("{from: plot, use: [trim]}", "{const: P}")), PERMIT)
    assert (found.read, found.changed, found.projects) == (6, 6, 2)


def test_a_filter_and_another_key_are_shown_as_what_they_do(small: Small):
    small.pull(PLAN, Source([project(1, kind="练习"), project(2)]))
    then = changed(plan=('{test: "1"}}', '{test: "1"}, drill: {kind: "练习"}}'))
    assert rehearsed(small, then, PLAN).withdrawn == 1
    found = rehearsed(small, changed(plan=("key: [id]", "key: [code]")), PLAN)
    assert (found.created, found.changed, found.withdrawn) == (0, 0, 0)


def test_a_sample_reads_no_more_than_was_asked(small: Small):
    small.pull(PLAN, Source([project(n) for n in range(20)]))
    then = changed(plan=("name: {from: name, use: [trim]}", "name: {const: 甲}"))
    found = rehearsed(small, then, PLAN, sample=5)
    assert (found.read, found.total, found.changed) == (5, 20, 5)
    assert len(found.fields["name"].examples) == 5


def test_a_changed_push_is_compared_with_what_the_target_holds(small: Small):
    small.pull(PLAN, Source([project(1), project(2)]))
    small.push("push.desk.project", Desk())
    small.pull(PLAN, Source([project(3)]))
    found = rehearsed(
        small,
        changed(project=("mc: {from: name}", "mc: {from: project_code}")),
        "push.desk.project",
    )
    assert (found.read, found.changed, found.fields["mc"].times) == (3, 2, 2)
    assert found.deliveries == {"push.desk.project": {"upsert": 3}}
    assert rehearsed(small, small.contracts, "push.desk.project").deliveries[
        "push.desk.project"
    ] == {
        "unchanged": 2,
        "upsert": 1,
    }


def test_values_that_the_reader_may_not_see_are_not_shown(small: Small):
    small.pull(PLAN, Source([project(1, title="甲")]))
    small.push("push.desk.project", Desk())
    then = changed(plan=("{from: name,", "{from: [title, name],"))
    found = dry_run.rehearse(small.database, small.contracts, then, name=PLAN, rights=Rights())
    assert [(one.was, one.would_be) for one in found.fields["name"].examples] == [(None, None)]
    then = changed(project=("mc: {from: name}", "mc: {from: project_code}"))
    found = dry_run.rehearse(
        small.database, small.contracts, then, name="push.desk.project", rights=Rights()
    )
    assert [(one.was, one.would_be) for one in found.fields["mc"].examples] == [(None, None)]


def test_a_flow_that_nobody_knows_cannot_be_rehearsed(small: Small):
    with pytest.raises(FlowError, match=r"flow\.unknown"):
        rehearsed(small, small.contracts, "pull.plan.nothing")


def test_nothing_would_change_where_nothing_has_been_changed(filled: Filled):
    filled.push("push.water.project", Desk())
    contracts = filled.hub.contracts
    for name in (*contracts.pulls, *contracts.pushes):
        found = dry_run.rehearse(
            filled.hub.database, contracts, contracts, name=name, rights=operator({})
        )
        assert (found.fields, found.created, found.changed, found.withdrawn) == ({}, 0, 0, 0), name
        assert (found.set_aside, found.accepted) == ({}, {}), name

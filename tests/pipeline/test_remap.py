"""Landed payloads go through again under the contracts of today, and end where reading the sources
anew would end.
"""

import pytest

from hub.db import migrate
from hub.errors import FlowError
from hub.pipeline import remap, verify
from hub.settings import Settings
from hub.wiring import Hub
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.killed import BATCH, COUNT
from tests.pipeline.partners import Desk, Source
from tests.pipeline.small import CODE, FILES, OTHER
from tests.pipeline.test_killed import finish, held, kill_when_stuck, run

PLAN, BUILD, PERMIT = "pull.plan.project", "pull.build.project", "pull.build.permit"
PATHS = {
    "plan": "mappings/plan/project.pull.yaml",
    "build": "mappings/build/project.pull.yaml",
    "permit": "mappings/build/permit.pull.yaml",
    "schema": "schemas/project.json",
}


BRAKE = (
    "create table public.brake (id int)",
    """
    create function public.wait_at_the_second() returns trigger language plpgsql as $$
    begin
        if exists (select from hub.run r join hub.batch b on b.run_id = r.id where r.kind = 'remap')
        then lock table brake in access exclusive mode; end if;
        return new;
    end $$
    """,
    (
        "create trigger wait before insert on hub.batch for each row execute function "
        "wait_at_the_second()"
    ),
)


def change(small: Small, **files: tuple[str, str]) -> None:
    """Go on under contracts in which these texts are replaced; each must be there."""
    changed = dict(FILES)
    for name, (old, new) in files.items():
        assert old in changed[PATHS[name]]
        changed[PATHS[name]] = changed[PATHS[name]].replace(old, new)
    small.contracts = contracts_of(changed)


def again(small: Small, *flows: str) -> list[dict[str, int]]:
    """Remap these flows, and show that the hub is what its payloads and rules make of it."""
    runs = [
        remap.remap(small.database, small.contracts, small.contracts.pulls[flow]) for flow in flows
    ]
    found = verify.verify(small.database, small.contracts, small.settings)
    assert (found.findings, found.checked["older"]) == ([], 0)
    return [small.sums(run_id) for run_id in runs]


def project(number: int, **more: object) -> dict[str, object]:
    return {
        "id": f"p{number}",
        "code": f"2405-520502-04-01-1{number:05}",
        "name": f"项目{number}",
        "at": "1",
    } | more


def test_a_changed_mapping_makes_new_versions_under_the_new_contract_and_their_deliveries(
    small: Small,
):
    small.pull(PLAN, Source([project(1, title="甲"), project(2)]))
    desk = Desk()
    small.push("push.desk.project", desk)
    change(small, plan=("{from: name,", "{from: [title, name],"))
    assert again(small, PLAN) == [{"read": 2, "changed": 2}]
    assert [(row["name"], row["version"]) for row in small.golden().values()] == [
        ("甲", 2),
        ("项目2", 1),
    ]
    (run_id,) = small.rows("select kind, state from hub.run where kind = 'remap'")
    assert run_id == {"kind": "remap", "state": "complete"}
    assert small.push("push.desk.project", desk) == {"due": 1, "confirmed": 1}
    assert desk.bodies()[-1]["mc"] == "甲"
    assert small.pull(PLAN, Source([project(1, title="甲"), project(2)])) == {
        "read": 2,
        "unchanged": 2,
    }


def test_a_second_remap_finds_nothing_to_do(small: Small):
    small.pull(PLAN, Source([project(1), project(2, money="x")]))
    change(small, plan=("{from: name,", "{from: [title, name],"))
    assert again(small, PLAN) == [{"read": 2, "changed": 1, "quarantined": 1}]
    assert again(small, PLAN) == [{}]


def test_what_was_set_aside_and_maps_now_is_resolved_and_what_maps_no_more_is_set_aside(
    small: Small,
):
    small.pull(PLAN, Source([project(1, name="", title="甲"), project(2)]))
    change(small, plan=("{from: name,", "{from: title,"))
    runs = [remap.remap(small.database, small.contracts, small.contracts.pulls[PLAN])]
    assert small.sums(runs[0]) == {"read": 2, "created": 1, "quarantined": 1}
    states = small.rows("select key, state from hub.quarantine order by id")
    assert [(row["key"], row["state"]) for row in states] == [("p1", "resolved"), ("p2", "open")]
    assert [row["name"] for row in small.golden().values()] == [
        "甲",
        "项目2",
    ]  # the good version stays
    found = verify.verify(small.database, small.contracts, small.settings)
    assert (found.findings, found.checked["older"]) == ([], 1)


def test_the_good_version_before_a_head_that_was_set_aside_is_brought_along(small: Small):
    small.pull(PLAN, Source([project(1, title="甲")]))
    small.pull(PLAN, Source([project(1, title="乙", money="x", at="2")]))
    change(small, plan=("{from: name,", "{from: [title, name],"))
    assert again(small, PLAN) == [{"read": 2, "changed": 1, "quarantined": 1}]
    assert [row["name"] for row in small.golden().values()] == ["甲"]
    assert small.rows("select key, state from hub.quarantine where state = 'open'") == [
        {"key": "p1", "state": "open"}
    ]


def test_a_new_field_is_filled_from_payloads_that_have_landed_before(small: Small):
    small.pull(PLAN, Source([project(1, town="城关镇"), project(2)]))
    field = (
        '"town": {"title": "Town", "x-title-zh": "镇", "type": "string", "x-class": "public", '
        '"x-standard": null,'
    )
    change(
        small,
        schema=('"planned_start":', f'{field} "x-why": "small world"}}, "planned_start":'),
        plan=("fields:", "fields:\n  town: {from: town, use: [trim]}"),
    )
    migrate.migrate(small.url, small.contracts.entities.values(), key=b"test")
    assert again(small, PLAN) == [{"read": 2, "changed": 2}]
    assert [row["town"] for row in small.golden().values()] == ["城关镇", None]


def test_another_authority_settles_every_record_anew(small: Small):
    small.pull(
        PLAN,
        Source(
            [project(1, code=CODE, name="计划的名称"), project(2, code=OTHER, name="只有计划知道")]
        ),
    )
    small.pull(BUILD, Source([{"id": "b", "code": CODE, "name": "建设的名称"}]))
    assert small.golden()[CODE]["name"] == "计划的名称"
    change(small, schema=('"x-authority": ["plan", "build"]', '"x-authority": ["build", "plan"]'))
    again(small, PLAN, BUILD)
    assert small.golden()[CODE]["name"] == "建设的名称"
    assert small.golden()[OTHER]["version"] == 1


def test_another_authority_counts_for_records_whose_payload_maps_no_more(small: Small):
    small.pull(PLAN, Source([project(1, code=CODE, name="计划的名称")]))
    small.pull(BUILD, Source([{"id": "b", "code": CODE, "name": "建设的名称"}]))
    change(
        small,
        schema=('"x-authority": ["plan", "build"]', '"x-authority": ["build", "plan"]'),
        plan=("required: [project_code, name]", "required: [project_code, name, investment]"),
        build=("required: [project_code]", "required: [project_code, planned_start]"),
    )
    remap.remap(small.database, small.contracts, small.contracts.pulls[PLAN])
    assert small.golden()[CODE]["name"] == "建设的名称"
    assert verify.verify(small.database, small.contracts, small.settings).findings == []


def test_a_new_filter_withdraws_what_it_leaves_out(small: Small):
    small.pull(PLAN, Source([project(1, kind="练习"), project(2)]))
    change(small, plan=('{test: "1"}}', '{test: "1"}, drill: {kind: "练习"}}'))
    assert again(small, PLAN) == [{"read": 2, "changed": 1, "deleted": 1}]
    assert [row["deleted_at"] is None for row in small.golden().values()] == [False, True]


def test_another_source_key_leaves_nothing_under_the_old_one(small: Small):
    small.pull(PLAN, Source([project(1, code=CODE), project(2, code=OTHER)]))
    change(small, plan=("key: [id]", "key: [code]"))
    assert again(small, PLAN) == [{"read": 2, "created": 2}]
    assert [
        row["source_key"] for row in small.rows("select source_key from source.project order by 1")
    ] == [
        CODE,
        OTHER,
    ]
    assert [row["version"] for row in small.golden().values()] == [1, 1]
    assert small.pull(PLAN, Source([project(1, code=CODE)])) == {"read": 1, "unchanged": 1}


def test_another_version_column_makes_no_record_older_than_itself(small: Small):
    small.pull(PLAN, Source([project(1, at="9", seq="1", title="甲")]))
    change(small, plan=("version: at", "version: seq"))
    assert again(small, PLAN) == [{"read": 1, "changed": 1}]


def test_what_waits_or_is_deleted_stays_so(small: Small):
    small.pull(PERMIT, Source([{"code": "2405-520502-04-01-100009", "number": "A1"}]))
    small.pull(PLAN, Source([project(1), project(2)]))
    small.pull(PLAN, Source([project(2, at="2", gone="1")]))
    change(
        small,
        permit=("plot: {from: plot, use: [trim]}", "plot: {from: plot, use: [trim, halfwidth]}"),
    )
    assert again(small, PERMIT) == [{"read": 1, "waiting": 1}]
    change(small, plan=("{from: name,", "{from: [title, name],"))
    assert again(small, PLAN) == [{"read": 2, "changed": 1, "ignored": 1}]
    assert [row["deleted_at"] is None for row in small.golden().values()] == [True, False]


def test_a_remap_that_is_killed_goes_on_and_ends_as_if_nothing_had_happened(small: Small):
    finish(small.url, "pull")
    small.rows("update hub.delivery set dirty = false returning 1")
    with held(small.url, "hub.delivery"):
        worker = run(small.url, "remap")
        kill_when_stuck(worker, small.url, "hub.delivery")
    finish(small.url, "remap")
    assert {(row["name"], row["version"]) for row in small.golden().values()} == {("改名", 2)}
    runs = small.rows("select id, state from hub.run where kind = 'remap' order by id")
    assert [row["state"] for row in runs] == ["aborted", "complete"]
    done = [small.sums(int(str(row["id"]))) for row in runs]
    assert sum(sums.get("changed", 0) for sums in done) == COUNT
    assert (
        small.rows("select record_id from hub.history group by record_id having count(*) > 1") == []
    )
    assert (
        len(small.rows("select from hub.delivery where dirty and flow = 'push.desk.project'"))
        == COUNT
    )


def test_a_remap_killed_between_batches_goes_on_where_it_was(small: Small):
    finish(small.url, "pull")
    for statement in BRAKE:
        small.rows(f"{statement}; select 1")
    with held(small.url, "brake"):
        worker = run(small.url, "remap")
        kill_when_stuck(worker, small.url, "brake")
    names = small.rows(
        "select name, count(*) as n from golden.project group by 1 having count(*) > 1"
    )
    assert names == [{"name": "改名", "n": BATCH}]
    finish(small.url, "remap")
    (aborted, complete) = [
        small.sums(int(str(row["id"])))
        for row in small.rows("select id from hub.run where kind = 'remap' order by id")
    ]
    assert (aborted, complete) == (
        {"read": BATCH, "changed": BATCH},
        {"read": COUNT - BATCH, "changed": COUNT - BATCH},
    )


def test_only_pull_flows_can_be_remapped(small: Small):
    hub = Hub(Settings(database_url=small.url), {})
    hub.contracts = small.contracts
    with pytest.raises(FlowError, match=r"flow\.unknown"):
        hub.remap(["push.desk.project"])


@pytest.mark.parametrize(
    "change_of", [("{from: name,", "{from: [title, name],"), ("key: [id]", "key: [code]")]
)
def test_what_was_remapped_is_known_again_whatever_its_volatile_fields_say(
    small: Small, change_of: tuple[str, str]
):
    row = {"id": "b", "code": CODE, "name": "甲", "fetched": "1"}
    small.pull(BUILD, Source([row]))
    change(small, build=change_of)
    again(small, BUILD)
    assert small.pull(BUILD, Source([row | {"fetched": "2"}])) == {"read": 1, "unchanged": 1}


def test_a_key_may_change_again_and_what_waits_or_was_set_aside_goes_with_it(small: Small):
    small.pull(PERMIT, Source([{"code": OTHER, "number": "A1", "other": "B1", "third": "C1"}]))
    small.pull(
        BUILD, Source([{"id": "1", "second": "2", "third": "3", "code": CODE, "start": "不详"}])
    )
    change(small, permit=("key: [number]", "key: [other]"), build=("key: [id]", "key: [second]"))
    assert again(small, PERMIT, BUILD) == [{"read": 1, "waiting": 1}, {"read": 1, "quarantined": 1}]
    small.pull(PLAN, Source([project(1, code=OTHER)]))
    assert small.release() == 1
    assert small.release() == 0
    assert [row["source_key"] for row in small.rows("select source_key from source.permit")] == [
        "B1"
    ]
    change(
        small,
        permit=("key: [number]", "key: [third]"),
        build=("key: [id]", "key: [third]\nskip_when: {unknown: {start: 不详}}"),
    )
    assert again(small, PERMIT, BUILD) == [{"read": 1, "created": 1}, {"read": 1, "ignored": 1}]
    heads = small.rows(
        "select flow, key from hub.head where flow <> 'pull.plan.project' order by 1, 2"
    )
    assert [(row["flow"], row["key"]) for row in heads] == [(PERMIT, "C1"), (BUILD, "3")]

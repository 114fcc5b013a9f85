"""A mistake in one file keeps from running what hangs on it, and nothing else; it is named with
file and line.
"""

import json
from random import Random

import pytest

from hub.config import connector_schemas, contract_files
from hub.domain.documents import Unread
from hub.domain.isolation import gone, take_up
from hub.domain.load import load
from hub.settings import HOME
from tests.domain import sample
from tests.domain.corruption import WAYS, corrupted

FILES = contract_files(HOME)
CONNECTORS = connector_schemas()
SYSTEMS = sorted({path.split("/")[1] for path in FILES if path.endswith("/system.yaml")})
PULL, PUSH = "mappings/plan/project.pull.yaml", "mappings/work/permit.push.yaml"


@pytest.fixture(scope="module")
def sound():
    return load(FILES, CONNECTORS, year=2026)


def taken_up(files, kept=None):
    return take_up(files, CONNECTORS, year=2026, kept=kept)


def small(columns=None, **changes):
    before = sample.files()
    return take_up(
        sample.files(**changes), sample.CONNECTORS, year=sample.YEAR, kept=before, columns=columns
    )


def flows(contracts):
    return {**contracts.pulls, **contracts.pushes}


def running(contracts):
    return {
        name: flow.contract
        for name, flow in flows(contracts).items()
        if name not in contracts.disabled
    }


def of(contracts, system):
    return {name for name in flows(contracts) if name.split(".")[1] == system}


@pytest.mark.parametrize("way", WAYS)
def test_one_file_of_one_partner_gone_wrong_disables_that_partner_alone(sound, way):
    chance = Random(way)  # noqa: S311 -- seeded on purpose
    system = chance.choice(SYSTEMS)
    path = chance.choice([one for one in FILES if one.startswith(f"mappings/{system}/")])
    broken = FILES | {path: corrupted(FILES[path], way, 1)}
    for kept in ({}, FILES):
        found = taken_up(broken, kept)
        assert [problem.file for problem in found.problems][:1] == [path]
        assert {problem.file for problem in found.problems} == {path}
        assert all(
            1 <= problem.line <= str(broken[path]).count("\n") + 2 for problem in found.problems
        )
        assert set(found.disabled) == of(sound, system)
        assert all(told[0].file == path for told in found.disabled.values())
        others = {
            name: contract
            for name, contract in running(sound).items()
            if name not in of(sound, system)
        }
        assert running(found) == others
        assert found.disabled_forms == {}
        assert {name: entity.authority for name, entity in found.entities.items()} == {
            name: entity.authority for name, entity in sound.entities.items()
        }
    assert (
        flows(found).keys() == flows(sound).keys()
    )  # as they last were sound, all are still known


def test_a_partner_without_its_system_file_is_disabled_and_keeps_its_say(sound):
    without = {path: text for path, text in FILES.items() if path != "mappings/water/system.yaml"}
    found = taken_up(without, FILES)
    assert set(found.disabled) == of(sound, "water")
    assert found.systems["water"].title_zh == sound.systems["water"].title_zh
    assert (
        found.entities["utility_connection"].authority
        == sound.entities["utility_connection"].authority
    )


def test_a_folder_that_vanishes_while_schemas_give_it_a_say_disables_that_partner_alone(sound):
    without = {path: text for path, text in FILES.items() if not path.startswith("mappings/gas/")}
    for kept in ({}, FILES):
        found = taken_up(without, kept)
        assert set(found.disabled) == (of(sound, "gas") if kept else set())
        assert running(found).keys() == running(sound).keys() - of(sound, "gas")
        assert {problem.code for problem in found.problems} == {"contract.system_unknown"}
        assert gone(found, without, kept) == []


def test_a_partner_that_leaves_in_every_file_is_forgotten():
    schemas = {
        f"schemas/{name}.json": json.dumps(said | {"x-authority": ["plan"]})
        for name, said in (("project", sample.PROJECT), ("permit", sample.PERMIT))
    }
    properties = sample.PROJECT["properties"] | {"area": sample.field("面积", format="decimal")}
    schemas["schemas/project.json"] = json.dumps(
        sample.PROJECT | {"x-authority": ["plan"], "properties": properties}
    )
    files = {
        path: text
        for path, text in (sample.files() | schemas).items()
        if not path.startswith("mappings/work/")
    }
    found = take_up(files, sample.CONNECTORS, year=sample.YEAR, kept=sample.files())
    assert (found.problems, found.disabled) == ((), {})
    assert gone(found, files, sample.files()) == [
        path for path in sample.files() if path.startswith("mappings/work/")
    ]


@pytest.mark.parametrize(
    "entity", ["utility_connection", "approval_document", "material", "fire_review"]
)
@pytest.mark.parametrize("way", ["a quote never closed", "binary junk", "just words", "empty"])
def test_one_schema_gone_wrong_disables_the_flows_and_forms_of_its_entity_alone(sound, entity, way):
    path = f"schemas/{entity}.json"
    for kept in ({}, FILES):
        found = taken_up(FILES | {path: corrupted(FILES[path], way, 1)}, kept)
        assert {problem.file for problem in found.problems} == {path}
        mine = {name for name, flow in flows(sound).items() if flow.entity.name == entity}
        assert set(found.disabled) == mine
        assert set(found.disabled_forms) == {
            name for name, form in sound.forms.items() if entity in form.entities
        }
        assert running(found) == {
            name: one for name, one in running(sound).items() if name not in mine
        }
    assert found.entities[entity].fields.keys() == sound.entities[entity].fields.keys()


def test_the_schema_of_projects_gone_wrong_leaves_every_other_entity_running_as_it_was(sound):
    found = taken_up(FILES | {"schemas/project.json": "{"}, FILES)
    mine = {name for name, flow in flows(sound).items() if flow.entity.name == "project"}
    assert set(found.disabled) == mine
    assert running(found) == {name: one for name, one in running(sound).items() if name not in mine}


def test_a_shared_code_list_gone_wrong_disables_what_uses_it_alone(sound):
    path = "mappings/codes/utility.yaml"
    for kept in ({}, FILES):
        found = taken_up(FILES | {path: "values: ["}, kept)
        assert {problem.file for problem in found.problems} == {path}
        using = {
            name
            for name, entity in sound.entities.items()
            if any(f.code == "utility" for f in entity.fields.values())
        }
        assert using
        assert set(found.disabled) == {
            name for name, flow in flows(sound).items() if flow.entity.name in using
        }
        assert running(found) == {
            name: one for name, one in running(sound).items() if name not in found.disabled
        }


def test_a_form_gone_wrong_disables_itself_and_what_hands_it_over(sound):
    path = "mappings/forms/water_connection.yaml"
    for kept in ({}, FILES):
        found = taken_up(
            FILES | {path: FILES[path].replace("kind: land_use_permit", "kind: land_permit", 1)},
            kept,
        )
        assert {problem.file for problem in found.problems} == {path}
        assert set(found.disabled) == {"push.water.prefill"}
        assert set(found.disabled_forms) == {"water_connection"}
        assert found.forms.keys() >= sound.forms.keys() - {"water_connection"}


def test_limits_and_calendar_gone_wrong_go_on_as_they_last_were_sound_and_stop_no_flow(sound):
    broken = FILES | {
        "mappings/limits/clock.yaml": "hours: [",
        "mappings/limits/zhangye_2021.yaml": "",
    }
    found = taken_up(broken, FILES)
    assert {problem.file for problem in found.problems} == {
        "mappings/limits/clock.yaml",
        "mappings/limits/zhangye_2021.yaml",
    }
    assert (found.disabled, found.limits, found.clock) == ({}, sound.limits, sound.clock)
    never = taken_up(broken)
    assert (never.disabled, never.clock) == ({}, None)
    assert len(never.limits) < len(sound.limits)


def test_a_file_where_none_belongs_disables_nothing_but_in_a_partners_folder(sound):
    assert taken_up(FILES | {"mappings/notes.yaml": "a: 1"}).disabled == {}
    assert [p.code for p in taken_up(FILES | {"mappings/notes.yaml": "\x00"}).problems] == [
        "contract.file_unexpected"
    ]
    assert set(taken_up(FILES | {"mappings/gas/notes.yaml": "a: 1"}).disabled) == of(sound, "gas")


def test_where_files_disagree_the_one_that_has_changed_is_to_blame():
    """A field renamed in a schema is no mistake of the partners that map it."""
    properties = {
        ("titel" if name == "name" else name): rule
        for name, rule in sample.PROJECT["properties"].items()
    }
    schema = json.dumps(sample.PROJECT | {"properties": properties, "required": ["project_code"]})
    found = small(**{"schemas/project.json": schema})
    assert {problem.file for problem in found.problems} >= {PULL}
    assert set(found.disabled) == {
        "pull.plan.project"
    }  # and not the rest of plan's flows, nor those of permits
    codes = small(
        **{
            "mappings/codes/kind.yaml": (
                "title: {zh: 种, en: Kind}\nsource: S\nvalues: {dig: {zh: 挖, en: Dig}}\n"
            )
        }
    )
    assert set(codes.disabled) == {"pull.work.permit", "push.work.permit"}
    assert set(codes.disabled_forms) == {"short"}


def test_a_schema_taken_away_disables_its_entity_and_not_the_partners():
    found = small(**{"schemas/permit.json": None})
    assert set(found.disabled) == {"pull.work.permit", "push.work.permit"}
    assert "permit" in found.entities


def test_an_empty_value_still_asserts_while_the_flow_that_says_so_is_disabled():
    """Else the same records would be settled otherwise because a file of a partner is broken."""
    found = small(**{PULL: "entity: ["})
    assert set(found.disabled) == {"pull.plan.project"}
    assert found.entities["project"].fields["stopped_on"].asserted_by == ("pull.plan.project",)


def test_fields_that_the_database_has_no_room_for_disable_their_entity_until_it_has():
    before = small()
    room = {name: frozenset(entity.fields) for name, entity in before.entities.items()}
    wider = json.dumps(
        sample.PERMIT | {"properties": sample.PERMIT["properties"] | {"note": sample.field("注")}}
    )
    mapped = sample.PERMIT_PULL + "  note: {from: note}\n"
    changes = {"schemas/permit.json": wider, "mappings/work/permit.pull.yaml": mapped}
    found = small(columns=room, **changes)
    assert [(p.file, p.code, p.facts["fields"]) for p in found.problems] == [
        ("schemas/permit.json", "contract.not_migrated", "note")
    ]
    assert set(found.disabled) == {"pull.work.permit", "push.work.permit"}
    assert (
        "note" not in found.entities["permit"].fields
    )  # nobody asks the database for what it does not have
    migrated = small(columns=room | {"permit": room["permit"] | {"note"}}, **changes)
    assert (migrated.problems, migrated.disabled) == ((), {})


def test_no_files_at_all_is_a_folder_that_is_missing_and_no_wish(sound):
    found = taken_up({}, FILES)
    assert [problem.code for problem in found.problems] == ["contract.none"]
    assert set(found.disabled) == set(flows(sound))
    assert gone(found, {}, FILES) == []
    schemas = {path: text for path, text in FILES.items() if path.startswith("schemas/")}
    assert set(taken_up(schemas, FILES).disabled) == set(flows(sound))


def test_what_nobody_foresaw_is_a_problem_of_its_file_alone(sound, monkeypatch):
    def burst(_shop, filed, _place):
        if filed.system == "heat":
            raise ZeroDivisionError

    monkeypatch.setattr("hub.domain.flow_checks._check_connector", burst)
    found = taken_up(FILES, FILES)
    assert {problem.code for problem in found.problems} == {"contract.unforeseen"}
    assert set(found.disabled) == of(sound, "heat")


def test_two_mistakes_at_once_are_both_told_and_reach_no_further(sound):
    found = taken_up(
        FILES | {"mappings/gas/system.yaml": "[", "schemas/material.json": Unread(1, "x")}, FILES
    )
    assert [problem.file for problem in found.problems] == [
        "mappings/gas/system.yaml",
        "schemas/material.json",
    ]
    papers = {
        flow.name
        for flow in (*sound.pulls.values(), *sound.pushes.values())
        if flow.entity.name == "material"
    }
    assert len(papers) >= 2
    assert set(found.disabled) == of(sound, "gas") | papers


def test_what_is_sound_is_kept_and_what_is_not_stays_as_it_was():
    found = small(**{PULL: "entity: ["})
    assert PULL not in found.sound
    assert (
        "mappings/plan/system.yaml" not in found.sound
    )  # a partner is kept whole, as its files fit together
    assert found.sound["mappings/work/system.yaml"] == sample.SYSTEM
    assert gone(found, sample.files(**{PULL: "entity: ["}), sample.files()) == []


def test_the_digest_follows_every_file():
    digests = {
        small().digest,
        small(**{PULL: sample.PROJECT_PULL + "#"}).digest,
        small(**{PULL: "["}).digest,
    }
    assert len(digests) == 3
    assert small().digest == small().digest

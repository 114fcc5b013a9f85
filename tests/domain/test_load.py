import json

import pytest

from hub.domain.load import ContractsInvalidError, load
from hub.texts import cure, say
from tests.domain import sample


def problems(changes):
    with pytest.raises(ContractsInvalidError) as caught:
        sample.contracts(**changes)
    return [(problem.file, problem.line, problem.code) for problem in caught.value.problems]


def changed_pull(old, new):
    assert old in sample.PROJECT_PULL
    return {"mappings/plan/project.pull.yaml": sample.PROJECT_PULL.replace(old, new)}


def changed_project(**said):
    return {"schemas/project.json": json.dumps(sample.PROJECT | said, ensure_ascii=False, indent=1)}


def test_sound_files_become_contracts():
    contracts = sample.contracts()
    assert list(contracts.entities) == ["permit", "project"]
    flow = contracts.pulls["pull.plan.project"]
    assert (flow.overlap, flow.version_as, flow.parent, flow.connector) == (
        600,
        "datetime",
        None,
        "web",
    )
    assert contracts.pulls["pull.work.permit"].parent == "project"
    push = contracts.pushes["push.work.permit"]
    assert (push.batch, push.receipts, push.after) == (20, True, "project")
    assert push.pushed == ("project_code", "issued_on")
    assert contracts.systems["plan"].freshness_seconds == 3600
    assert contracts.forms["short"].fields[1].where == {"kind": ("build",)}
    assert contracts.fed_by("permit") == (contracts.pulls["pull.work.permit"],)
    assert contracts.pushes_of("permit") == (push,)


def test_a_field_has_its_own_authority_or_that_of_its_entity():
    fields = sample.contracts().entities["project"].fields
    assert fields["name"].authority == ("plan", "work")
    assert fields["area"].authority == ("work", "plan")


def test_an_empty_value_asserts_only_for_flows_that_map_the_field():
    fields = sample.contracts().entities["project"].fields
    assert fields["stopped_on"].asserted_by == ("pull.plan.project",)
    assert fields["start"].asserted_by == ()


def test_the_contract_hash_follows_everything_that_decides_a_value():
    same = {sample.contracts().pulls["pull.plan.project"].contract for _ in range(2)}
    assert len(same) == 1
    variants = [
        changed_pull("[trim, {blank: [无]}]", "[trim]"),
        changed_project(description="x"),
        {
            "mappings/plan/codes/state.yaml": (
                'to: status\nsource: S\nvalues: {"01": done, "02": done}\n'
            )
        },
        {"mappings/plan/system.yaml": sample.SYSTEM + "timezone: Asia/Urumqi\n"},
    ]
    hashes = {
        sample.contracts(**variant).pulls["pull.plan.project"].contract for variant in variants
    }
    assert len(hashes | same) == len(variants) + 1


def test_the_contract_hash_does_not_follow_comments():
    commented = {"mappings/plan/project.pull.yaml": "# a comment\n" + sample.PROJECT_PULL}
    flows = [sample.contracts(**changes).pulls["pull.plan.project"] for changes in ({}, commented)]
    assert flows[0].contract == flows[1].contract


PULL = "mappings/plan/project.pull.yaml"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (changed_pull("entity: project", "entity: projekt"), (PULL, 1, "contract.schema_unknown")),
        (
            changed_pull("resource: projects", "resurce: projects"),
            (PULL, 2, "contract.key_unknown"),
        ),
        (changed_pull("{resource: projects}", "{}"), (PULL, 2, "contract.key_missing")),
        (changed_pull("overlap: 10m", "overlap: ten"), (PULL, 5, "contract.value")),
        (changed_pull("key: [id]\n", ""), (PULL, 1, "contract.key_missing")),
        (
            changed_pull("use: [trim, halfwidth", "use: [trimm, halfwidth"),
            (PULL, 14, "contract.value"),
        ),
        (changed_pull("{code: state}", "{code: stat}"), (PULL, 16, "contract.codes_unknown")),
        (changed_pull("  start: {from", "  begin: {from"), (PULL, 18, "contract.field_unknown")),
        (
            changed_pull("required: [project_code, name]", "required: [project_code, owner]"),
            (PULL, 12, "contract.field_unknown"),
        ),
        (changed_pull("{from: floors, use", "{const: 1, use"), (PULL, 21, "contract.value")),
        (
            changed_pull("fields:\n", "fields:\n  name: {const: x}\n"),
            (PULL, 16, "contract.duplicate_key"),
        ),
        (changed_pull("key: [id]", "key: [id"), (PULL, 8, "contract.unreadable")),
        (
            changed_pull("  project_code: {from: code, use: [trim, halfwidth, upper]}\n", ""),
            (PULL, 12, "contract.field_unknown"),
        ),
        (
            changed_pull("entity: project", "entity: project\nparent: projekt"),
            (PULL, 2, "contract.schema_unknown"),
        ),
        (
            changed_pull("entity: project", "entity: project\nvia: telex"),
            (PULL, 2, "flow.connector_unknown"),
        ),
        ({PULL: "just words"}, (PULL, 1, "contract.value")),
        (
            {"mappings/plan/notes.yaml": "a: 1"},
            ("mappings/plan/notes.yaml", 1, "contract.file_unexpected"),
        ),
        (
            {"mappings/plan/system.yaml": sample.SYSTEM + "timezone: Mars/Olympus\n"},
            ("mappings/plan/system.yaml", 9, "contract.timezone_unknown"),
        ),
        (
            {
                "mappings/plan/system.yaml": sample.SYSTEM.replace(
                    "connector: web", "connector: telex"
                )
            },
            ("mappings/plan/system.yaml", 3, "flow.connector_unknown"),
        ),
        (
            {"mappings/plan/system.yaml": sample.SYSTEM.replace("base: x", "bass: x")},
            ("mappings/plan/system.yaml", 4, "contract.key_unknown"),
        ),
        ({"mappings/plan/system.yaml": None}, (PULL, 1, "contract.system_unknown")),
        (
            {
                "mappings/plan/codes/state.yaml": (
                    "to: status\nsource: S\nvalues:\n  A: open\n  B: shut\n"
                )
            },
            ("mappings/plan/codes/state.yaml", 5, "contract.code_target"),
        ),
        (
            {"mappings/plan/codes/state.yaml": "to: kind\nsource: S\nvalues: {A: build}\n"},
            (PULL, 16, "contract.code_list_differs"),
        ),
        (
            {
                "mappings/work/codes/state.yaml": (
                    "to: status\nsource: S\nvalues: {A: open, B: open, C: done}\n"
                )
            },
            ("mappings/work/permit.push.yaml", 12, "contract.not_reversible"),
        ),
        (
            {
                "mappings/work/permit.push.yaml": sample.PERMIT_PUSH.replace(
                    "project.investment", "project.invested"
                )
            },
            ("mappings/work/permit.push.yaml", 10, "contract.field_unknown"),
        ),
        (
            {
                "mappings/work/permit.push.yaml": sample.PERMIT_PUSH.replace(
                    "after: project", "after: projekt"
                )
            },
            ("mappings/work/permit.push.yaml", 4, "contract.schema_unknown"),
        ),
        (
            {
                "mappings/work/permit.pull.yaml": sample.PERMIT_PULL.replace(
                    "  number: {from: no, use: [trim, brackets]}\n", ""
                )
            },
            ("mappings/work/permit.pull.yaml", 5, "contract.key_unmapped"),
        ),
        (
            {"mappings/forms/short.yaml": sample.FORM.replace("project.name", "project.nam")},
            ("mappings/forms/short.yaml", 5, "contract.field_unknown"),
        ),
        (
            changed_project(**{"x-key": ["code"]}),
            ("schemas/project.json", 9, "contract.field_unknown"),
        ),
        (
            changed_project(**{"x-authority": ["plan", "nobody"]}),
            ("schemas/project.json", 13, "contract.system_unknown"),
        ),
        (
            changed_project(**{"$id": "urn:onecode:projekt"}),
            ("schemas/project.json", 3, "contract.id_differs"),
        ),
    ],
)
def test_a_fault_in_a_file_is_named_with_file_and_line(changes, expected):
    assert expected in problems(changes)


def test_a_mapping_without_any_say_is_a_problem():
    nobody = {"schemas/permit.json": json.dumps(sample.PERMIT | {"x-authority": ["plan"]})}
    assert problems(nobody) == [("mappings/work/permit.pull.yaml", 1, "contract.no_say")]


def test_a_field_without_title_class_or_standard_is_a_problem():
    properties = sample.PROJECT["properties"] | {"name": {"type": "string", "x-standard": None}}
    found = problems(changed_project(properties=properties))
    assert [code for _, _, code in found] == [
        "contract.key_missing"
    ] * 4  # both titles, class, and why no standard


def test_all_problems_of_all_files_are_told_at_once_and_in_words():
    with pytest.raises(ContractsInvalidError) as caught:
        load(
            sample.files(**changed_pull("entity: project", "entity: projekt"))
            | {"mappings/x.yaml": ""},
            {},
            year=2026,
        )
    files = {problem.file for problem in caught.value.problems}
    assert {
        "mappings/plan/project.pull.yaml",
        "mappings/plan/system.yaml",
        "mappings/work/system.yaml",
        "mappings/x.yaml",
    } <= files
    for problem in caught.value.problems:
        for lang in ("zh", "en"):
            assert "…" not in say(problem.code, problem.facts, lang) + cure(
                problem.code, problem.facts, lang
            )


LIMITS = """
title: {zh: 时限, en: Limits}
source: S
status: in_force
from: "2026-01-01"
limits:
  - {scope: project, days: 90, when: {status: done}}
"""


def test_limits_name_fields_and_codes_that_exist_and_say_since_when_they_hold():
    path = "mappings/limits/city.yaml"
    assert [one.when for one in sample.contracts(**{path: LIMITS}).limits] == [
        {"status": ("done",)}
    ]
    assert problems({path: LIMITS.replace("status: done", "colour: red")}) == [
        (path, 7, "contract.field_unknown")
    ]
    assert problems({path: LIMITS.replace('from: "2026-01-01"\n', "")}) == [
        (path, 2, "contract.key_missing")
    ]
    assert problems({path: LIMITS.replace("days: 90", "days: 0.3")}) == [
        (path, 7, "contract.value")
    ]

"""What can be known of a value before any record comes is said by the check, not by the records
that it spoils.
"""

import json

import pytest

from hub.domain.load import ContractsInvalidError
from hub.texts import cure, say
from tests.domain import sample

PULL, PUSH, FORM = (
    "mappings/plan/project.pull.yaml",
    "mappings/work/permit.push.yaml",
    "mappings/forms/short.yaml",
)
LIMITS, CLOCK = "mappings/limits/city.yaml", "mappings/limits/clock.yaml"

CITY = """\
title: {zh: 时限, en: Limits}
source: S
status: in_force
from: "2026-01-01"
until: "2026-12-31"
limits:
  - {scope: project, days: 90, when: {status: done}}
"""
HOURS = """\
title: {zh: 日历, en: Calendar}
source: S
hours: {morning: ["09:00", "12:00"], afternoon: ["13:30", "17:30"]}
lights: {yellow: 0.8, red: 1}
item: {accepted: [open], finished: [done], suspended: []}
closed: {"2026-05-04": 休}
"""


def problems(changes):
    try:
        sample.contracts(**changes)
    except ContractsInvalidError as error:
        for problem in error.problems:
            for lang in ("zh", "en"):
                assert "…" not in say(problem.code, problem.facts, lang) + cure(
                    problem.code, problem.facts, lang
                )
        return [(problem.file, problem.line, problem.code) for problem in error.problems]
    return []


def pull(line):
    """The sound pull of projects with one field made another way; its line."""
    name = line.strip().split(":")[0]
    lines = sample.PROJECT_PULL.splitlines()
    (at,) = [number for number, one in enumerate(lines) if one.startswith(f"  {name}:")]
    lines[at] = line
    return {PULL: "\n".join(lines)}, at + 1


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("  status: {const: closed}", "contract.code_target"),
        ("  status: {const: 1}", "contract.value_unfit"),
        ("  status: {const: }", "contract.value_missing"),
        (
            "  name: {const: 一个比二十个字更长的项目名称是永远放不进去的呀呀呀}",
            "contract.value_unfit",
        ),
        ("  floors: {const: 0}", "contract.value_unfit"),
        ("  floors: {const: three}", "contract.value_unfit"),
        ("  linear: {const: 是}", "contract.value_unfit"),
        ("  start: {const: 2026-02-30}", "contract.value_unfit"),
        ("  month: {const: 2026-13}", "contract.value_unfit"),
        ("  updated: {const: 2026-01-02}", "contract.value_unfit"),
        ("  investment: {const: a lot}", "contract.value_unfit"),
        ("  site: {const: here}", "contract.value_unfit"),
        ("  project_code: {const: 2024-1}", "contract.value_unfit"),
        ("  owners: {const: one}", "contract.value_unfit"),
        (
            '  status: {from: state, use: [{choose: {"1": open, "2": shut}}]}',
            "contract.code_target",
        ),
        (
            '  status: {from: state, use: [{choose: {"1": open, "2": null}}]}',
            "contract.value_missing",
        ),
        ('  floors: {from: floors, use: [{choose: {"1": 1, "2": two}}]}', "contract.value_unfit"),
        ('  linear: {from: linear, use: [{choose: {"1": "true"}}]}', "contract.value_unfit"),
        ('  start: {from: start, use: [{choose: {"1": soon}}, date]}', "contract.value_unfit"),
        ("  floors: {from: floors, use: [{code: state}]}", "contract.value_unfit"),
        ("  name: {from: name, use: [integer]}", "contract.value_unfit"),
        ("  floors: {from: floors, use: [decimal]}", "contract.value_unfit"),
        ("  updated: {from: changed, use: [date]}", "contract.value_unfit"),
        ("  start: {from: start, use: [datetime]}", "contract.value_unfit"),
        ("  month: {from: month, use: [date]}", "contract.value_unfit"),
        ('  name: {from: name, use: [{split: ","}]}', "contract.value_unfit"),
        ('  start: {from: start, use: [{date: "%Q"}]}', "contract.pattern_unreadable"),
    ],
)
def test_what_a_field_can_never_hold_is_refused_before_a_record_comes(line, code):
    changes, at = pull(line)
    assert set(problems(changes)) == {(PULL, at, code)}


@pytest.mark.parametrize(
    "line",
    [
        "  status: {const: open}",
        "  floors: {const: 3}",
        "  start: {const: 2026-02-28}",
        '  status: {from: state, use: [{choose: {"1": open, "2": done}}]}',
        '  linear: {from: linear, use: [{choose: {"1": true}}]}',
        '  investment: {from: money, use: [{choose: {"1": 5}}, decimal]}',
        '  owners: {from: owners, use: [trim, {split: ","}]}',
        '  name: {from: name, use: [{split: ","}, {join: " "}]}',
        "  region: {const: 999999}",
    ],
)
def test_what_a_field_can_hold_passes(line):
    assert (
        problems(pull(line)[0] if "999999" not in line else pull('  region: {const: "999999"}')[0])
        == []
    )


def test_a_text_of_a_table_is_no_number_and_no_yes():
    for line in ("  floors: {from: floors}", "  linear: {from: linear, use: [trim]}"):
        changes, at = pull(line)
        assert problems(changes) == []
        changes[PULL] = changes[PULL].replace("entity: project", "entity: project\nformat: csv")
        assert (PULL, at + 1, "contract.value_unfit") in problems(changes)


def test_an_encoding_that_nobody_knows_is_refused():
    assert problems({PULL: f"encoding: utf8-cn\n{sample.PROJECT_PULL}"}) == [
        (PULL, 1, "contract.encoding_unknown")
    ]
    assert problems({PULL: f"encoding: base64\n{sample.PROJECT_PULL}"}) == [
        (PULL, 1, "contract.encoding_unknown")
    ]
    assert problems({PULL: f"encoding: gb18030\n{sample.PROJECT_PULL}"}) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("kind: [build]", "kind: [built]", (3, "contract.code_target")),
        ("kind: [build]", "kind: built", (3, "contract.code_target")),
        ("kind: [build]", "issued_on: [soon]", (3, "contract.value_unfit")),
        ("kind: [build]", "project.linear: [是]", (3, "contract.never")),
        ("kind: [build]", "project.status: [closed]", (3, "contract.code_target")),
        ("kind: [build]", "project.investment: [5]", (3, "contract.never")),
        ("kind: [build]", "project.owners: [one]", (3, "contract.never")),
        ("kind: [build]", 'project.floors: ["1.5"]', (3, "contract.never")),
        ('{const: "1"}', "{from: kind, use: [{choose: {built: 1}}]}", (13, "contract.code_target")),
        (
            '{const: "1"}',
            "{from: project.linear, use: [{choose: {是: 1}}]}",
            (13, "contract.never"),
        ),
        (
            '{const: "1"}',
            "{from: kind, use: [trim, {uncode: state}]}",
            (13, "contract.code_list_differs"),
        ),
        ('{const: "1"}', "{from: kind.name}", (13, "contract.path_leads_nowhere")),
        ('{const: "1"}', '{from: "project.name[1]"}', (13, "contract.path_leads_nowhere")),
    ],
)
def test_a_push_that_waits_for_what_never_comes_is_refused(old, new, expected):
    assert old in sample.PERMIT_PUSH
    assert problems({PUSH: sample.PERMIT_PUSH.replace(old, new)}) == [(PUSH, *expected)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("kind: [build]", 'project.linear: ["true"]'),
        ("kind: [build]", "project.linear: true"),
        ("kind: [build]", 'project.investment: ["5.00"]'),
        ("kind: [build]", "project.floors: [3, null]"),
        ('{const: "1"}', "{from: kind, use: [{choose: {build: 1}}]}"),
        ('{const: "1"}', '{from: "project.owners[1]"}'),
    ],
)
def test_a_push_that_waits_for_what_may_come_passes(old, new):
    assert problems({PUSH: sample.PERMIT_PUSH.replace(old, new)}) == []


def test_a_form_asks_for_records_that_may_exist():
    assert problems({FORM: sample.FORM.replace("kind: build", "kind: built")}) == [
        (FORM, 6, "contract.code_target")
    ]
    dated = sample.FORM.replace("kind: build", 'issued_on: "yesterday"')
    assert problems({FORM: dated}) == [(FORM, 6, "contract.value_unfit")]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("status: done", "status: closed", (7, "contract.code_target")),
        ("status: done", 'linear: "是"', (7, "contract.never")),
        ('from: "2026-01-01"', 'from: "2026-02-30"', (4, "contract.day_invalid")),
        ('until: "2026-12-31"', 'until: "2025-12-31"', (5, "contract.order_invalid")),
    ],
)
def test_a_limit_that_can_never_hold_is_refused(old, new, expected):
    assert problems({LIMITS: CITY}) == []
    assert problems({LIMITS: CITY.replace(old, new)}) == [(LIMITS, *expected)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("2026-05-04", "2026-06-31", (6, "contract.day_invalid")),
        ('["09:00", "12:00"]', '["12:00", "09:00"]', (3, "contract.order_invalid")),
        ("yellow: 0.8", "yellow: 2", (4, "contract.order_invalid")),
        ("source: S", "source: S\ntimezone: Mars/Olympus", (3, "contract.timezone_unknown")),
    ],
)
def test_a_calendar_has_only_days_and_hours_that_exist(old, new, expected):
    assert problems({CLOCK: HOURS}) == []
    assert problems({CLOCK: HOURS.replace(old, new)}) == [(CLOCK, *expected)]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"pattern": "(["}, "contract.expression_invalid"),
        ({"pattern": "^(?=a)b$"}, "contract.expression_invalid"),
        ({"pattern": r"^(a)\1$"}, "contract.expression_invalid"),
        ({"minLength": 9, "maxLength": 3}, "contract.order_invalid"),
        ({"x-scale": 2}, "contract.value"),
        ({"type": "integer", "x-code": "status"}, "contract.value"),
    ],
)
def test_words_of_a_schema_that_contradict_each_other_are_refused(rule, expected):
    properties = sample.PROJECT["properties"] | {"note": sample.field("注") | rule}
    changes = {"schemas/project.json": json.dumps(sample.PROJECT | {"properties": properties})}
    assert [code for _, _, code in problems(changes)] == [expected]


def test_no_partner_is_called_what_the_hub_calls_its_own():
    changes = {"mappings/steward/system.yaml": sample.SYSTEM}
    assert problems(changes) == [("mappings/steward/system.yaml", 1, "contract.name_reserved")]


@pytest.mark.parametrize(
    "text",
    ["a: &a [*a]", "- " * 100_000, "[" * 100_000, "a: \x01", "\x00", "? {a: b}\n: 1", "", "#"],
)
def test_a_file_that_is_no_contract_at_all_is_named_and_brings_nothing_down(text):
    assert problems({"mappings/plan/notes.pull.yaml": text})[0][::2] == (
        "mappings/plan/notes.pull.yaml",
        "contract.unreadable",
    )

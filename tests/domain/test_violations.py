"""What is wrong in a contract file is said with its place, what is allowed there, and the nearest
name.
"""

import re

import pytest
from pydantic import model_validator

from connectors.options import ContradictionError, Options, schema_of
from hub.config import connector_schemas
from hub.domain.isolation import take_up
from hub.domain.library import ConnectorSchemas
from hub.domain.nearest_names import hint, nearest
from hub.texts import cure, say
from hub.texts.page import codes
from tests.domain import sample

CONNECT = """
auth: {kind: signature, headers: {key: k, signature: s}, parts: [key]}
ping: {resource: x}
"""
READ = "{resource: x, records: data, paging: {kind: page, parameter: p}}"


def told(connect=CONNECT, read=READ, connectors=None, connector="rest", **changes):
    """The problems of a system of the connector `rest`: line, code, and what is said in both
    languages.
    """
    head = "title: {zh: 甲, en: A}\ndepartment: {zh: 乙, en: B}\n"
    system = head + (
        f"connector: {connector}\npool: {{slots: 1}}\nevery: 5m\nfreshness: 1h\nowner: "
        f"o\nconnect:\n"
    )
    system += "".join(f"  {line}\n" for line in connect.strip().splitlines())
    pull = sample.PERMIT_PULL.replace("read: {resource: permits}", f"read: {read}")
    files = sample.files(
        **{"mappings/plan/system.yaml": system, "mappings/plan/permit.pull.yaml": pull}
        | {"mappings/plan/project.pull.yaml": None}
        | changes
    )
    found = take_up(
        files, {**sample.CONNECTORS, **connector_schemas(), **(connectors or {})}, year=sample.YEAR
    )
    return [
        (one.line, say(one.code, one.facts), say(one.code, one.facts, "en"))
        for one in found.problems
    ]


def test_a_kind_that_does_not_exist_is_told_with_all_that_do():
    (line, zh, en), *more = told(CONNECT.replace("kind: signature", "kind: signatur"))
    assert (line, more) == (9, [])
    assert zh.startswith(
        "“connect.auth.kind”的值不符合要求：没有“signatur”。最接近的是 signature。可用："
    )
    assert all(kind in zh and kind in en for kind in ("basic", "none", "signature", "token"))
    assert "Nearest: signature." in en


def test_the_mistake_inside_a_group_of_one_kind_is_told_and_none_of_the_other_kinds():
    problems = told(
        CONNECT.replace("parts: [key]", "parts: [key, tiemstamp], digest: sha265, encodin: hex")
    )
    assert [line for line, _, _ in problems] == [9, 9, 9]
    said = "\n".join(zh for _, zh, _ in problems)
    assert "connect.auth.parts.1" in said
    assert "最接近的是 timestamp" in said
    assert "最接近的是 sha256" in said
    assert "不认识“encodin”。最接近的是 encoding" in said
    assert "candidates" not in said


def test_a_group_that_does_not_say_its_kind_is_asked_for_it():
    ((line, zh, en),) = told(CONNECT.replace("kind: signature, ", ""))
    assert line == 9
    assert zh.startswith("缺少“connect.auth.kind”。")
    assert "signature" in zh
    assert "token" in en


def test_a_kind_that_has_a_default_in_the_code_must_be_said_all_the_same():
    ((_, zh, _),) = told(read="{resource: x, records: data, paging: {parameter: p, next: n}}")
    assert zh.startswith("缺少“read.paging.kind”。")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "ping: {resource: x}",
            "ping: {resorce: x}",
            ["“connect.ping.resource”", "不认识“resorce”。最接近的是 resource"],
        ),
        (
            "ping: {resource: x}",
            "pings: {resource: x}",
            ["“connect.ping”", "不认识“pings”。最接近的是 ping"],
        ),
        ("ping: {resource: x}", "ping: {resource: x, method: PUSH}", ["没有“PUSH”", "GET"]),
        (
            "ping: {resource: x}",
            "ping: {resource: x}\ntimeout: {read: soon}",
            ["应为数字，现为文本 soon"],
        ),
        ("ping: {resource: x}", "ping: {resource: x}\ntimeout: {read: 0}", ["应大于 0，现为 0"]),
        ("ping: {resource: x}", "ping: {resource: x}\nrate: 5", ["“connect.rate”", "现为整数 5"]),
        (
            "ping: {resource: x}",
            "ping: {resource: x}\nsuccess: {path: c, ok: 1}",
            ["“connect.success.ok”", "应为列表"],
        ),
    ],
)
def test_an_option_that_is_wrong_is_told_with_what_belongs_there(old, new, expected):
    problems = told(CONNECT.replace(old, new))
    said = "\n".join(zh for _, zh, _ in problems)
    assert all(part in said for part in expected), said
    assert not re.search(r"[\u4e00-\u9fff]", "".join(en for _, _, en in problems))


def test_a_verb_that_does_not_exist_is_told_with_all_that_do():
    rule = "status: {from: state, use: [trm, {chose: {a: b}}]}"
    wrong = sample.PROJECT_PULL.replace("status: {from: state, use: [{code: state}]}", rule)
    said = "\n".join(zh for _, zh, _ in told(**{"mappings/work/project.pull.yaml": wrong}))
    assert "最接近的是 trim" in said
    assert "最接近的是 choose" in said
    assert "halfwidth" in said
    assert "year_month" in said


def test_a_name_in_another_file_is_told_with_the_nearest():
    wrong = sample.PROJECT_PULL.replace("entity: project", "entity: projekt")
    said = "\n".join(zh for _, zh, _ in told(**{"mappings/work/project.pull.yaml": wrong}))
    assert "没有名为“projekt”的共享结构。最接近的是 project。可用：permit、project。" in said


def test_what_a_connector_does_not_do_is_said_in_both_languages():
    system = sample.PERMIT_PUSH
    problems = told(
        "driver: x",
        "{table: a, key: [b]}",
        connector="odbc",
        **{"mappings/plan/permit.push.yaml": system},
    )
    assert any(
        "odbc 只读，写入用 sql_exchange" in zh and "ODBC only reads" in en for _, zh, en in problems
    )


class Strict(Options):
    """Options that contradict each other."""

    one: bool = False
    two: bool = False

    @model_validator(mode="after")
    def _either(self):
        if self.one and self.two:
            raise ContradictionError(zh="one 与 two 只能选一个", en="only one of one and two")
        return self


class Around(Options):
    """A group around them."""

    base: Strict = Strict()


def test_what_no_schema_can_say_is_refused_before_anything_runs():
    strict = {
        "strict": ConnectorSchemas(
            system=schema_of(Around), read=sample.RESOURCE, write=sample.RESOURCE
        )
    }
    problems = told("base:\n  one: true\n  two: true", "{resource: x}", strict, "strict")
    assert problems == [
        (
            9,
            "“connect.base”的值不符合要求：one 与 two 只能选一个。",
            "The value of “connect.base” is not allowed: only one of one and two.",
        )
    ]


def test_the_nearest_name_is_found_across_case_and_in_part():
    flows = ["pull.investment.project", "pull.investment.participant", "push.gas.project"]
    assert nearest("pull.investment.projct", flows)[0] == "pull.investment.project"
    assert nearest("PULL.investment.project", flows)[0] == "pull.investment.project"
    assert "pull.investment.project" in nearest("investment", flows)
    assert nearest("zzz", flows) == []
    assert hint("x", []) == {}


def test_a_hint_follows_every_sentence_and_is_never_left_as_a_bare_fact():
    facts = {"name": "a"} | hint("a", ["ab"])
    for code in codes():
        assert "hint_" not in say(code, facts) + say(code, facts, "en") + cure(code, facts)

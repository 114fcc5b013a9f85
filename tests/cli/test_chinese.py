"""What commands print where the language is Chinese has no Latin word but codes, identifiers and
what stands in a list with its reason.
"""

import re
from collections.abc import Iterator

import pytest

from hub.domain.documents import mapping_of
from hub.model import Json
from tests.cli.conftest import Command
from tests.filled import CODE, CONTRACTS, Filled, payload
from tests.pipeline.partners import Desk
from tests.texts.test_catalogue import HOME, tool
from tests.texts.test_latin import latin

PROJECT = f"project:{CODE}"
FLOW = "push.water.project"

COMMANDS = (
    *("runs", "failures", "failures --id 1", "waiting", "balance", "findings", "deliveries"),
    *(f"show {CODE}", f"trace {PROJECT}", f"trace {PROJECT} name", "verify", "check", "held"),
    *("shape pull.investment.project", "differences", "links", f"clocks {CODE}", "decisions"),
    *("access", "access --unusual", "health", "seal", "restored", "accounts list", "grants list"),
    *("applications list", f"deliveries --flow {FLOW}", f"trace {PROJECT} --as-of 2099-01-01"),
    *("runs --state odd", "failures --id 999", "show 2099-000000-00-00-000000", "trace project:x"),
    *("proof 1 name", "deliveries --flow push.nowhere", "run pull.investment.project"),
)
TYPED = re.compile(
    r"[A-Za-z0-9-]*\d[A-Za-z0-9-]*"  # a number, a hash, a code of a person
    r"|\brow \d+"  # the place of a record in what a connector read
    r"|\(\w+(?:, \w+)*\)$"  # the name of a check, as `--only` takes it
    r"|'[^']*'|“[A-Za-z]+”"  # a value or a word of a mapping, quoted
    r"|可用：[^。]+"  # what one may type
    r"|\b\w+=\S+"  # a fact that no text names
)
DATA = {
    *("root", "sheet"),  # the account of the machine; a table
    *("mappings", "ID"),  # a folder; part of a value
    *("text", "list"),  # kinds of a source's fields, as contract files write them
}
"""Words that stand in data."""


def words_of(value: Json) -> Iterator[str]:
    """Names and values in a contract file."""
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from words_of(one)
    elif isinstance(value, str):
        yield value


def identifiers() -> Iterator[str]:
    """Names in contract files: of systems, entities, fields, codes, and what mappings name."""
    yield from CONTRACTS.systems
    for entity in CONTRACTS.entities.values():
        yield from (entity.name, *entity.fields)
    for codes in CONTRACTS.code_lists.values():
        yield from codes.values
    for flow in (*CONTRACTS.pulls.values(), *CONTRACTS.pushes.values()):
        yield flow.name
        yield from words_of(mapping_of(flow.text))
    yield from words_of(payload("pull.investment.project", 2))


KNOWN = {word for name in identifiers() for word in re.findall("[A-Za-z]+", name)} | DATA


def found(output: str, error: str) -> list[str]:
    """Latin words in what a command printed. An error is said in Chinese, then in English: of
    standard error only lines that hold Chinese are read.
    """
    lines = [
        *output.splitlines(),
        *(line for line in error.splitlines() if tool.HAN.search(line)),
    ]
    return sorted({word for line in lines for word in latin(TYPED.sub(" ", line))} - KNOWN)


@pytest.fixture
def chinese(command: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("HUB_LANG", "zh")
    monkeypatch.setenv("COLUMNS", "400")
    return command


def test_what_commands_print_in_chinese_is_chinese(chinese: Command, filled: Filled):
    filled.pull("pull.approval.project", payload("pull.approval.project", ysl=None))
    filled.push(FLOW, Desk())
    wrong = {}
    for line in COMMANDS:
        _, output, error = chinese(*line.split())
        assert tool.HAN.search(output + error), line
        if words := found(output, error):
            wrong[line] = words
    assert wrong == {}


def test_a_latin_word_in_a_table_is_found():
    assert found("│ acts noticed yet │ 33 │", "") == ["acts", "noticed", "yet"]
    assert found("", "没有 quarantine。\nThere is none.") == ["quarantine"]


def test_every_count_of_a_verification_has_its_words():
    counted = {
        name.partition(" {")[0]
        for path in (HOME / "hub/pipeline/verify").glob("*.py")
        for name in re.findall(r'work\.count\(f?"([^"]+)"', path.read_text(encoding="utf-8"))
    }
    words = {str(one.id) for one in tool.catalogue("zh") if one.context == "checked"}
    assert len(counted) > 20
    assert words == counted

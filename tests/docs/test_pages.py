"""The manual names all there is, and only what there is."""

import importlib.util
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
import typer
import yaml
from typer.core import TyperCommand, TyperGroup

from hub.api.access import ROLES
from hub.cli import app
from hub.domain.verbs import VERBS
from hub.texts.page import codes
from tests.docs.pages import HOME, LINK, MANUAL, PAGES, Page

HEADINGS = [
    "In and out",
    "Configuration",
    "How it works",
    "When it fails",
    "How to look at it",
    "Where to start reading",
]
SOURCES = (
    "hub",
    "connectors",
    "sandbox",
    "deploy",
    "dags",
    "tools",
    "verifier",
    "tests",
    "docs",
    "mappings",
    "schemas",
    "bench",
)
NOT_STAGES = {
    "__init__",
    "run_lifecycle",
    "ledger_check",
    "batches",
    "batch_holding",
    "batch_sending",
    "schema_drift",
    "refused_runs",
    "tombstones",
    "connector_boundary",
    "isolation",
    "secret_records",
    # parts of intake and apply
    *("prepare", "golden"),
    # parts of fetching
    *("file_store", "inline_files"),
    # parts of delivery
    *("outgoing", "steward", "restoration", "restored_deliveries", "delivery_inquiry", "surplus"),
}
ASKED = {"erasure", "dry_run"}
"""Stages that only a person begins: `hub/services`."""
PAGES_OF = {
    "withheld": "indicators",
    "fetching": "fetch",
    "passing": "fetch",
    "decisions": "decide",
    "disputes": "dispute",
    "held_decisions": "hold",
    "erasure": "erase",
    "dry_run": "rehearse",
}
"""Stages whose page is called by the verb that people use."""
Command = TyperCommand | TyperGroup
PROGRAM = typer.main.get_command(app)
TESTS = "\n".join(path.read_text(encoding="utf-8") for path in HOME.glob("tests/**/*.py"))
TESTS += "\n".join(path.read_text(encoding="utf-8") for path in HOME.glob("hub/testing/*.py"))

every_page = pytest.mark.parametrize("page", PAGES, ids=str)


def commands(command: Command = PROGRAM, names: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command of the command line, as it is typed."""
    if not isinstance(command, TyperGroup):
        yield names
        return
    if command.invoke_without_command:
        yield names
    for name, below in command.commands.items():
        yield from commands(below, (*names, name))


def variables() -> set[str]:
    """Every setting that the program reads."""
    files = [
        path
        for top in ("hub", "connectors", "dags", "deploy", "sandbox")
        for path in (HOME / top).rglob("*.py")
    ]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    return set(re.findall(r"[\"'](HUB_(?!CONN_|ZONE)[A-Z0-9_]+)[\"']", text))


def test_every_stage_has_its_page_under_the_same_headings():
    packages = {path.parent.name for path in (HOME / "hub/pipeline").glob("*/__init__.py")} - {
        "comparing"
    }
    stages = (
        {path.stem for path in (HOME / "hub/pipeline").glob("*.py")} - NOT_STAGES | packages | ASKED
    )
    assert [name for name in ASKED if not (HOME / f"hub/services/{name}.py").exists()] == []
    pages = {path.stem: Page(path) for path in (HOME / "docs/flow").glob("*.md")}
    assert {PAGES_OF.get(name, name) for name in stages} == pages.keys()
    for page in pages.values():
        assert re.findall(r"^## (.*)$", page.prose, re.MULTILINE) == HEADINGS


def test_every_setting_is_explained_and_every_one_that_is_named_exists():
    page = (HOME / "docs/settings.md").read_text(encoding="utf-8")
    assert sorted(name for name in variables() if f"`{name}`" not in page) == []
    known = variables() | {"HUB_DATABASE_URL", "HUB_CONN_"}
    named = set(re.findall(r"HUB_[A-Z0-9_]+", MANUAL))
    assert (
        sorted(name for name in named if name not in known and not name.startswith("HUB_CONN_"))
        == []
    )


def test_every_verb_and_every_error_code_is_named():
    stage = (HOME / "docs/flow/apply.md").read_text(encoding="utf-8")
    assert sorted(verb for verb in VERBS if f"`{verb}`" not in stage) == []
    page = (HOME / "docs/errors.md").read_text(encoding="utf-8")
    assert sorted(code for code in codes() if f"### {code}\n" not in page) == []


def test_every_command_and_every_make_verb_is_named():
    assert [
        "hub " + " ".join(names) for names in commands() if "hub " + " ".join(names) not in MANUAL
    ] == []
    verbs = re.findall(
        r"^([a-z]+):.* ## ", (HOME / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert [verb for verb in verbs if f"make {verb}" not in MANUAL] == []
    assert set(re.findall(r"\bmake ([a-z]+)`", MANUAL)) <= set(verbs)


def test_every_route_is_named():
    page = (HOME / "docs/users/api.md").read_text(encoding="utf-8")
    assert sorted(path for path in ROLES if f"`{path}" not in page) == []


@every_page
def test_every_command_that_a_page_names_exists_with_its_options(page: Page):
    for line in page.lines():
        for part in re.split(r"\s(?:&&|\|)\s", line):
            if re.match(r"hub [a-z]", part):
                _assert_understood(shlex.split(part)[1:])
            module = re.match(r"(?:\S+/)?python -m ([\w.]+)", part)
            assert module is None or importlib.util.find_spec(module[1]), part


def _assert_understood(words: list[str]) -> None:
    command, rest = PROGRAM, list(words)
    while isinstance(command, TyperGroup) and rest and not rest[0].startswith("-"):
        assert rest[0] in command.commands, words
        command = command.commands[rest.pop(0)]
    options = {
        name for option in command.params for name in (*option.opts, *option.secondary_opts)
    } | {"--help"}
    assert [
        word for word in rest if word.startswith("--") and word.split("=")[0] not in options
    ] == [], words


@every_page
def test_every_path_that_a_page_names_exists(page: Page):
    own = {
        path for _, body in page.blocks for path in re.findall(r"^# (\S+/\S+)$", body, re.MULTILINE)
    }
    for word in page.code:
        path = word.split("::")[0].rstrip("/")
        if (
            path.partition("/")[0] in SOURCES
            and "/" in path
            and not re.search(r"[<>*…{}\s]|NN|cooling", path)
        ):
            assert path in own or (HOME / path).exists(), path


@every_page
def test_every_link_leads_somewhere(page: Page):
    for target in LINK.findall(page.prose):
        if re.match(r"https?:|mailto:", target):
            continue
        path, _, anchor = unquote(target).partition("#")
        other = (page.path.parent / path).resolve() if path else page.path
        assert other.exists(), target
        assert not anchor or anchor in Page(other).anchors, target


@every_page
def test_every_example_in_yaml_or_json_can_be_read(page: Page):
    for language, body in page.blocks:
        if language in {"yaml", "yml"}:
            assert yaml.safe_load(body) is not None
        elif language == "json":
            json.loads(body)


@every_page
def test_every_test_that_a_page_names_exists(page: Page):
    names = {word for word in page.code if re.fullmatch(r"test_\w+|[A-Z]\w+Conformance", word)}
    assert sorted(name for name in names if not re.search(rf"(?:def|class) {name}\b", TESTS)) == []


NAMED_RECORD = re.compile(r"--record ('[^']*'|\S+)")


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_record_that_a_command_names_has_a_whole_key(page: Page):
    for line in page.lines():
        for named in NAMED_RECORD.findall(line):
            entity, colon, key = named.strip("'").partition(":")
            if not colon or entity == "ENTITY":
                continue
            wanted = json.loads((HOME / f"schemas/{entity}.json").read_text(encoding="utf-8"))[
                "x-key"
            ]
            assert len(key.split("|")) == len(wanted), line
            assert "|" not in named or named.startswith("'"), f"a shell reads | as a pipe: {line}"


def test_the_oracle_of_the_hostile_bench_shares_no_code_with_the_hub():
    asked = (
        "import sys, tests.hostile.oracle; print([m for m in sys.modules if m.split('.')[0] in "
        "('hub', 'connectors')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=HOME, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
    assert "shares no code with the hub" in Page(HOME / "docs/promise.md").text


def test_the_promise_denies_nothing_that_is_there():
    denied = Page(HOME / "docs/promise.md").text.partition("## Not promised yet")[2]
    assert "onsole" not in denied

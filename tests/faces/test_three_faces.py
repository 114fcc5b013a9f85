"""Every use case says the same by the API, by the command line and on the console: all of them ask
one service.
"""

import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

from hub.api import make_app
from hub.auth import reader_named
from hub.auth.context import RequestContext, operating
from hub.cli import app
from tests.api.conftest import Client, asking, open_account
from tests.cli.conftest import Command, running
from tests.faces.harness import Case, calls, plain, said
from tests.filled import Filled, filled_template, filling

__all__ = ["filled_template"]

MODULES = sorted(path.stem for path in Path(__file__).parent.glob("cases_*.py"))
LOADED = [importlib.import_module(f"tests.faces.{name}") for name in MODULES]
CASES: list[Case] = [case for module in LOADED for case in module.CASES]
NOT_SHARED: dict[str, str] = {
    name: why for module in LOADED for name, why in module.NOT_SHARED.items()
}
"""Routes ("GET /v1/...") and commands ("hub ...") that show no use case of others, with the
reason.
"""

ASKED = [case for case in CASES if case.ask is not None]


@pytest.fixture(scope="module")
def world(database_server, filled_template) -> Iterator[Filled]:
    """One for all, with what each subject adds: nothing here changes it."""
    with filling(database_server, filled_template) as made:
        for module in LOADED:
            module.fill(made)
        yield made


@pytest.fixture(scope="module")
def client(world: Filled) -> Iterator[Client]:
    with asking(world) as made:
        yield made


@pytest.fixture(scope="module")
def token(world: Filled) -> str:
    return open_account(world, "chief", "administrator")


@pytest.fixture
def command(world: Filled, monkeypatch, capsys) -> Command:
    return running(world, monkeypatch, capsys)


def administrator(world: Filled, token: str) -> RequestContext:
    assert token
    with world.hub.database.read() as tx:
        reader = reader_named(tx, "chief")
    assert reader is not None
    return RequestContext(world.hub, reader)


@pytest.mark.parametrize("case", [case for case in ASKED if case.api], ids=lambda case: case.name)
def test_the_api_answers_what_the_service_gives(
    case: Case, world: Filled, client: Client, token: str
):
    # first: who asks a face is noted as a reader
    view = case.ask(administrator(world, token))  # type: ignore[misc]
    answer = client.get(case.api, token)
    assert answer.status_code == 200, answer.text
    assert said(answer.text) == plain(case.api_of(view) if case.api_of else view)


@pytest.mark.parametrize(
    "case", [case for case in ASKED if case.command], ids=lambda case: case.name
)
def test_the_command_line_prints_what_the_service_gives(
    case: Case, world: Filled, command: Command
):
    view = case.ask(operating(world.hub, "tester"))  # type: ignore[misc] -- first: as above
    status, out, err = command(*case.command, *case.flags)
    assert status == 0, err
    assert said(out) == plain(case.command_of(view) if case.command_of else view)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_face_calls_the_one_service(case: Case):
    faces = [*case.pages]
    if case.api:
        faces.append(ROUTES[_method_and_path(case.api)])
    if case.command:
        faces.append(COMMANDS[_verb(case.command)])
    assert [module for module in faces if not calls(module, case.use)] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_use_case_is_asked_in_a_context(case: Case):
    """Health and signing in, which nobody is signed in for, stand in NOT_SHARED or are no use
    case.
    """
    first = next(iter(inspect.signature(case.use, eval_str=True).parameters.values()))
    assert first.annotation is RequestContext


def _method_and_path(api: str) -> str:
    method, _, path = api.rpartition(" ")
    path = path.partition("?")[0]
    for known in ROUTES:
        verb, _, pattern = known.partition(" ")
        parts, given = pattern.split("/"), path.split("/")
        alike = verb == (method or "GET") and len(parts) == len(given)
        if alike and all(a == b or a.startswith("{") for a, b in zip(parts, given, strict=True)):
            return known
    raise AssertionError(api)


def _verb(command: tuple[str, ...]) -> str:
    found = [name for name in COMMANDS if name.split() == list(command[: len(name.split())])]
    return max(found, key=len)


def _routes() -> dict[str, str]:
    """Every route below /v1 -> the module that answers it."""
    made = make_app(None)  # type: ignore[arg-type]
    return {
        f"{method} {route.path}": route.endpoint.__module__  # type: ignore[attr-defined]
        for route in made.routes
        for method in sorted(getattr(route, "methods", None) or ())
        if method != "HEAD" and str(getattr(route, "path", "")).startswith("/v1/")
    }


def _commands(group: TyperGroup, before: str = "") -> Iterator[tuple[str, str]]:
    for name, one in group.commands.items():
        words = f"{before} {name}".strip()
        if one.callback is not None and not isinstance(one, TyperGroup):
            yield words, _module(one.callback)
        if isinstance(one, TyperGroup):
            if one.callback is not None and one.invoke_without_command:
                yield words, _module(one.callback)
            yield from _commands(one, words)


def _module(callback: object) -> str:
    while hasattr(callback, "__wrapped__"):
        callback = callback.__wrapped__
    return callback.__module__


ROUTES = _routes()
_GROUP = typer.main.get_command(app)
assert isinstance(_GROUP, TyperGroup)
COMMANDS = dict(_commands(_GROUP))


def test_routes_and_commands_are_asked_or_say_why_they_are_not():
    shown = {_method_and_path(case.api) for case in CASES if case.api}
    shown |= {f"hub {_verb(case.command)}" for case in CASES if case.command}
    known = {*ROUTES, *(f"hub {name}" for name in COMMANDS)}
    assert sorted(known - shown - NOT_SHARED.keys()) == []
    assert sorted(NOT_SHARED.keys() - known) == []

"""The same clock or none, whoever asks and wherever: API, console and command line over three
hundred projects.

What else is made of a project for a reader (counts, the latest paper, disagreements) is to be asked
the same way: add a face to FACES that gives comparable values by project, and what a reader without
a right to them must be shown instead.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from hub import auth
from hub.auth.context import RequestContext, operating
from hub.cli import main
from hub.console import formatting
from hub.console.words import speak
from hub.services import facts
from hub.services.facts import Clock, ShownClock, Timed
from hub.services.project_timeline import life
from tests.api.conftest import Client, Opened
from tests.filled import Filled
from tests.many import OFFICES, codes, fill

PROJECTS = 300
NUMBERS = (
    "used",
    "exact",
    "span",
    "applicant",
    "days",
    "light",
    "stands",
    "began",
    "ended",
    "end_basis",
    "due",
    "red_at",
)
Key = tuple[str, int]
DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Face:
    """Where clocks are asked for. ask: those of each project for an account, DENIED in place of
    one.
    """

    name: str
    ask: Callable[[str], Mapping[str, Mapping[Key, object]]]


def comparable(clock: Mapping[str, object]) -> tuple[object, ...]:
    """A clock without the seconds that pass between two questions."""
    return tuple(
        round(value, 1)
        if isinstance(value := clock[name], float)
        else str(value).replace("T", " ")[:19]
        for name in NUMBERS
    )


Truth = Mapping[str, Mapping[Key, object]]


def wrong(
    before: Truth, said: Mapping[str, Mapping[Key, object]], now: Callable[[], Truth]
) -> list[str]:
    """Clocks that are neither those of everybody nor denied; one that runs may tick while it is
    asked for.
    """
    different = [
        (code, key, clock)
        for code, clocks in said.items()
        for key, clock in clocks.items()
        if clock not in {DENIED, before[code].get(key)}
    ]
    after = now() if different else before
    return [
        f"{code} {key}: {clock} is not {before[code].get(key)}"
        for code, key, clock in different
        if clock != after[code].get(key)
    ]


@pytest.fixture
def many(filled: Filled) -> Filled:
    fill(filled, PROJECTS)
    return filled


def accounts(opened: Opened) -> dict[str, str]:
    """Name and token: three that see everything, a department with clocks, and one without steps and
    clocks.
    """
    both = ("public", "internal")
    return {
        "boss": opened("boss", "administrator"),
        "auditor": opened("auditor", "auditor"),
        "reform": opened("reform", "supervisor"),
        "planning": opened(
            "planning",
            "department",
            "project",
            "stage",
            "approval_item",
            "clock",
            classes=("public",),
        ),
        "water": opened(
            "water",
            "department",
            "project",
            "stage",
            "approval_item",
            "utility_connection",
            classes=both,
        ),
    }


def of_api(client: Client, tokens: Mapping[str, str]) -> Face:
    def ask(account: str) -> dict[str, dict[Key, object]]:
        found = {
            code: client.get(f"/v1/projects/{code}/clocks", tokens[account]).json()
            for code in codes(PROJECTS)
        }
        return {
            code: {(one["scope"], one["record_id"]): comparable(one) for one in said["clocks"]}
            for code, said in found.items()
        }

    return Face("API", ask)


def of_life(client: Client, tokens: Mapping[str, str]) -> Face:
    def clocks(said: Mapping[str, object]) -> dict[Key, object]:
        found: dict[Key, object] = {}
        for stage in said["stages"]:  # type: ignore[attr-defined]
            parts = [("item", one) for one in stage["items"]] + (
                [("stage", stage)] if stage["record_id"] else []
            )
            for scope, one in parts:
                assert (one["clock"] is None) == one["denied"]
                found[scope, one["record_id"]] = (
                    comparable(one["clock"]) if one["clock"] else DENIED
                )
        return found

    def ask(account: str) -> dict[str, dict[Key, object]]:
        return {
            code: clocks(client.get(f"/v1/projects/{code}/life", tokens[account]).json())
            for code in codes(PROJECTS)[::15]  # the records around the clocks are others' to try
        }

    return Face("API, life", ask)


def of_command_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Face:
    def ask(account: str) -> dict[str, dict[Key, object]]:
        monkeypatch.setattr(
            sys, "argv", ["hub", "clocks", "--as", account, "--json", *codes(PROJECTS)]
        )
        with pytest.raises(SystemExit) as left:
            main()
        assert not left.value.code
        found = json.loads(capsys.readouterr().out)
        return {
            said["project_code"]: {
                (one["scope"], one["record_id"]): comparable(one) for one in said["clocks"]
            }
            for said in found
        }

    return Face("command line", ask)


def shown(seen: Timed) -> str:
    """What the page says in place of a clock; without the hour, since it is asked at another
    moment.
    """
    return f"{formatting.light(seen)} {formatting.meter(seen)} {formatting.due(seen)}"


def of_console(world: Filled) -> Face:
    def ask(account: str) -> dict[str, dict[Key, object]]:
        with world.hub.database.read() as tx:
            reader = auth.reader_named(tx, account)
        assert reader
        found: dict[str, dict[Key, object]] = {}
        for code in codes(PROJECTS):
            told = life(RequestContext(world.hub, reader), code)
            parts = [("item", one) for stage in told.stages for one in stage.items]
            parts += [("connection", one) for one in told.connections]
            parts += [("stage", one) for one in told.stages if one.record_id]  # type: ignore[misc]
            found[code] = {
                (scope, one.record_id or 0): DENIED
                if one.denied and "无权查看计时" in shown(one)
                else shown(one)
                for scope, one in parts
            }
        return found

    return Face("console", ask)


def test_every_reader_gets_the_same_clock_or_none_at_every_face(
    many: Filled,
    client: Client,
    opened: Opened,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    tokens = accounts(opened)
    many.execute(f"update hub.account set department = '{OFFICES[0]}' where name = 'water'")  # noqa: S608 -- our word
    for name, value in many.environ.items():
        monkeypatch.setenv(name, value)
    speak("zh")
    operator = operating(many.hub, "tester")
    every = {code: facts.clocks(operator, code) for code in codes(PROJECTS)}

    def truth(say: Callable[[facts.Clock], object]) -> Truth:
        now = {code: facts.clocks(operator, code) for code in codes(PROJECTS)}
        return {
            code: {(one.scope, one.record_id): say(one) for one in found.clocks}
            for code, found in now.items()
        }

    def numbers() -> Truth:
        return truth(lambda one: comparable(_told(one)))

    def words() -> Truth:
        return truth(lambda one: shown(ShownClock(one, denied=False)))

    assert not any(found.pending for found in every.values())
    kinds = Counter((one.scope, one.end_basis) for found in every.values() for one in found.clocks)
    assert {
        ("stage", "idle"),
        ("stage", "source"),
        ("stage", None),
        ("item", None),
        ("connection", None),
    } <= set(kinds)
    faces = [
        (of_api(client, tokens), numbers),
        (of_life(client, tokens), numbers),
        (of_command_line(monkeypatch, capsys), numbers),
        (of_console(many), words),
    ]
    seen: Counter[tuple[str, str]] = Counter()
    for face, now in faces:
        before = now()
        for account in tokens:
            said = face.ask(account)
            assert wrong(before, said, now) == [], f"{face.name} as {account}"
            for clocks in said.values():
                for (scope, _), clock in clocks.items():
                    if clock != DENIED:
                        seen[account, scope] += 1
    whole = {scope: seen["boss", scope] for scope in ("project", "stage", "item", "connection")}
    assert all(whole.values())
    assert {scope: seen["auditor", scope] for scope in whole} == whole
    assert {scope: seen["reform", scope] for scope in whole} == whole
    assert (seen["planning", "stage"], seen["planning", "item"]) == (whole["stage"], 0)
    assert seen["water", "stage"] == seen["water", "project"] == 0
    assert 0 < seen["water", "item"] < whole["item"]  # its own


def _told(clock: Clock) -> dict[str, object]:
    return {name: getattr(clock, name) for name in NUMBERS}

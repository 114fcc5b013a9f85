"""What a fault of the sources' own histories makes of the truth: each does it once and says what it
did.
"""

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Protocol

from tests.hostile.cabinet import Cabinet
from tests.hostile.sources import PAGE
from tests.hostile.truth import Row, TableName, Truth, code_of, day, happens


class World(Protocol):
    """What histories change."""

    truth: Truth
    rng: Random
    cabinets: dict[str, Cabinet]


def _ties(world: World) -> str:
    """More records of one moment than a page holds."""
    truth = world.truth
    for n in range(PAGE + 2):
        truth.codes += 1
        row = Row(f"p{truth.codes}", code_of(truth.codes), f"项目{truth.codes}", 1, day(world.rng))
        truth.commit("plan", row, tied=n > 0)
    return f"{PAGE + 2} projects at one moment"


def _late(world: World) -> str:
    table = world.rng.choice(("plan", "permit"))
    rows = [
        row
        for row in world.truth.tables[table].rows.values()
        if not world.truth.tables[table].pending(row.key)
    ]
    if not rows:
        return "nothing"
    row, late = world.rng.choice(rows), world.rng.randrange(4, 11)
    changed = replace(row, name=f"{row.key}晚{world.truth.tick}") if table == "plan" else row
    world.truth.commit(table, changed, late=late)
    after = [happens(world.truth, world.rng) for _ in range(4)]
    return f"{table} {row.key}, seen {late} later; before that {', '.join(after)}"


def _back(world: World) -> str:
    world.truth.setback = world.rng.randrange(0, 11)
    return f"the plan's clock is {world.truth.setback} behind"


def _bad(world: World) -> str:
    table: TableName = world.rng.choice(("plan", "build"))
    rows = [
        row
        for row in world.truth.tables[table].rows.values()
        if not world.truth.tables[table].pending(row.key)
    ]
    if not rows:
        return "nothing"
    row = world.rng.choice(rows)
    bad = world.rng.choice(("start", "money") if table == "plan" else ("start",))
    world.truth.commit(table, replace(row, bad=None if row.bad else bad))
    return f"{table} {row.key} {'repaired' if row.bad else bad}"


def _vanish(world: World) -> str:
    table: TableName = world.rng.choice(("plan", "build", "permit"))
    rows = world.truth.tables[table].rows.values()
    keys = [row.key for row in rows]
    if not keys:
        return "nothing"
    key = world.rng.choice(keys)
    world.truth.vanish(table, key)
    return f"{table} {key}"


def _behind(world: World) -> str:
    truth = world.truth
    rows = [
        row
        for row in truth.tables["plan"].rows.values()
        if not truth.tables["plan"].pending(row.key)
    ]
    if not rows:
        return "nothing"
    row = world.rng.choice(rows)
    normal, truth.setback = truth.setback, 10_000
    truth.commit("plan", replace(row, name=f"{row.key}悄{truth.tick}"))
    truth.setback = normal
    return f"plan {row.key}"


def _foreign(world: World) -> str:
    flow = world.rng.choice(sorted(world.cabinets))
    return f"{flow} {world.cabinets[flow].edited(world.rng)}"


def _drift(shape: str) -> Callable[[World], str]:
    def drifts(world: World) -> str:
        if world.truth.shape is None:
            world.truth.shape = shape
        return f"the source's records are {world.truth.shape}"

    return drifts


HISTORIES: dict[str, Callable[[World], str]] = {
    "ties": _ties,
    "late_commit": _late,
    "cursor_back": _back,
    "bad_record": _bad,
    "vanish": _vanish,
    "behind_cursor": _behind,
    "foreign_edit": _foreign,
    "drift_new": _drift("grown"),
    "drift_missing": _drift("renamed"),
    "drift_retyped": _drift("retyped"),
}

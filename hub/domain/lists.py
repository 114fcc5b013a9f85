"""Lists inside a decoded record: exploding them (`each:`), and finding those that no path reads."""

from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter
from typing import TypeAlias

import orjson

from hub.domain import paths
from hub.domain.contracts import Each
from hub.domain.paths import Source
from hub.errors import Fault, RecordError
from hub.model import Json

EVERY, WHOLE, NAMES = -1, -2, -3
"""Keys in a tree of paths: any element of a list; all of it is read; names read wholly."""

Tree: TypeAlias = "dict[str | int, Tree]"


def elements(source: Source, each: Each) -> list[tuple[str, Json]]:
    """(JSON pointer, element) of the list; RecordError where there is none."""
    *way, last = (str(step) for step in paths.steps(each.at))
    holders: list[tuple[str, Json]] = [("", dict(source))]
    for name in way:
        holders = [one for at, holder in holders for one in _stepped(at, holder, name, each)]
    found = [one for at, holder in holders for one in _listed(at, holder, last, each)]
    facts = {"field": each.at}
    if not found and each.empty == "fault":
        raise RecordError(Fault(paths.pointer(each.at), "record.list_empty", facts))
    if len(found) > each.most:
        facts |= {"parts": str(len(found)), "most": str(each.most)}
        raise RecordError(Fault(paths.pointer(each.at), "record.parts_too_many", facts))
    return found


def _stepped(at: str, holder: Json, name: str, each: Each) -> list[tuple[str, Json]]:
    """One step on the way to the list: through an object, or through each element of a list."""
    value, here = _inside(at, holder, name, each)
    if isinstance(value, list):
        return [(f"{here}/{n}", item) for n, item in enumerate(value) if item is not None]
    return [] if value is None else [(here, value)]


def _listed(at: str, holder: Json, name: str, each: Each) -> list[tuple[str, Json]]:
    value, here = _inside(at, holder, name, each)
    if isinstance(value, list):
        return [(f"{here}/{n}", item) for n, item in enumerate(value)]
    if value is None:
        return []
    if not each.lone:
        raise RecordError(Fault(here, "record.no_list", {"field": each.at}))
    return [(f"{here}/0", value)]


def _inside(at: str, holder: Json, name: str, each: Each) -> tuple[Json, str]:
    """(value, pointer) under a name; None for blank text."""
    if not isinstance(holder, dict):
        raise RecordError(Fault(at, "record.no_list", {"field": each.at}))
    value = holder.get(name)
    blank = isinstance(value, str) and not value.strip()
    return None if blank else value, f"{at}{paths.pointer(name)}"


def tree(read: Iterable[str], taken_apart: Mapping[str, str]) -> Tree:
    """The tree of places that these paths read. taken_apart: element name -> path of its list.

    Paths ignored on purpose count as read.
    """
    made: Tree = {}
    for path in read:
        first, *rest = paths.steps(path)
        steps: list[str | int] = [first, *rest]
        if first in taken_apart:
            steps = [*_each_of(taken_apart[str(first)]), *rest]
        node = made
        for step in steps[:-1]:
            node = node.setdefault(step, {})
        node.setdefault(steps[-1], {})[WHOLE] = {}
        node.setdefault(NAMES, {})[steps[-1]] = {}
    for at in taken_apart.values():
        node = made
        for step in _each_of(at):
            node = node.setdefault(step, {})
    return made


def _each_of(at: str) -> Iterator[str | int]:
    for step in paths.steps(at):
        yield step
        yield EVERY


def unread(source: Source, read: Tree) -> list[Fault]:
    """Faults for lists of several elements that are not wholly read, outermost first."""
    return [
        one
        for name, value in _nested(source, read)
        for one in _unread(value, read.get(name, {}), paths.pointer(name))
    ]


def _nested(holder: Source, read: Tree) -> list[tuple[str, Json]]:
    """Values not read that may hold a list; cheap, since nearly all are scalars."""
    names = read.get(NAMES, {}).keys()
    if holder.keys() <= names:
        return []
    found = []
    for name in holder.keys() - names:
        value = holder[name]
        kind = value.__class__
        if kind is dict or kind is list or (isinstance(value, str) and value[:1] == "["):
            found.append((name, value))
    return sorted(found, key=itemgetter(0))


def _unread(value: Json, node: Tree, at: str) -> Iterator[Fault]:
    if WHOLE in node:
        return
    if isinstance(value, str):
        value = _opened(value)
    if isinstance(value, dict):
        node = node | node.get(EVERY, {}) | node.get(0, {})  # one element without a list around it
        for name, inner in _nested(value, node):
            yield from _unread(inner, node.get(name, {}), f"{at}{paths.pointer(name)}")
    elif isinstance(value, list):
        yield from _of_list(value, node, at)


def _of_list(value: list[Json], node: Tree, at: str) -> Iterator[Fault]:
    every = node.get(EVERY)
    left = 0 if every is not None else sum(n not in node for n in range(len(value)))
    if left and len(value) > 1:
        facts = {"field": at.removeprefix("/").replace("/", "."), "parts": str(len(value))}
        yield Fault(at, "record.list_unread", facts | {"read": str(len(value) - left)})
    for n, item in enumerate(value):
        inner = every if every is not None else node.get(n)
        if inner is not None and isinstance(item, dict | list):
            yield from _unread(item, inner, f"{at}/{n}")


def _opened(text: str) -> Json:
    """The list of objects that a text holds as JSON, None for any other text."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return (
        value if isinstance(value, list) and any(isinstance(one, dict) for one in value) else None
    )

"""The world's nouns as declarations name them, and paths into them."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Union, get_args, get_origin, get_type_hints

from sandbox.declared.words import Beside
from sandbox.world.life_record import Life
from sandbox.world.records import Party, Project

PROJECTS = "projects"
HEADS: Mapping[str, type] = {"project": Project, "owner": Party, "life": Life}


NOUNS: Mapping[str, type] = {PROJECTS: Project} | {
    name: get_args(hint)[0]
    for name, hint in get_type_hints(Life).items()
    if get_origin(hint) is tuple
}
"""What a share may be `of`: the parts of a life."""


def singular(of: str) -> str:
    """Give the name by which fields speak of one of them: connection, party, project."""
    return of.removesuffix("ies") + "y" if of.endswith("ies") else of.removesuffix("s")


def things(life: Life, of: str) -> Iterator[object]:
    """Give the things of this kind in a life; the wrong codes have none."""
    if of != PROJECTS:
        yield from getattr(life, of)
    elif not life.project.malformed:
        yield life.project


def heads(life: Life, of: str, thing: object) -> dict[str, object]:
    """Give what paths of a record begin with."""
    told = {"project": life.project, "owner": life.project.owner, "life": life}
    return {**told, singular(of): thing}


def follow(path: str, roots: Mapping[str, object]) -> object:
    """Give what a path such as `connection.steps.0.1` leads to; nothing leads on to nothing."""
    first, *steps = path.split(".")
    found = roots[first]
    for step in steps:
        if found is None:
            return None
        if isinstance(found, tuple):
            at = int(step)
            found = found[at] if -len(found) <= at < len(found) else None
        else:
            found = getattr(found, step)
    return found


def parts(path: str, roots: Mapping[str, object]) -> tuple[object, ...]:
    """Give the things of a list that a path leads to."""
    found = follow(path, roots)
    return found if isinstance(found, tuple) else ()


def fits(roots: Mapping[str, object], head: str, where: Mapping[str, object]) -> bool:
    """Say whether the thing of this name has the values that are wanted, one or a list of each."""
    found = ((follow(f"{head}.{name}", roots), wanted) for name, wanted in where.items())
    return all(
        value in wanted if isinstance(wanted, tuple) else value == wanted for value, wanted in found
    )


def beside(life: Life, wanted: Beside, roots: Mapping[str, object]) -> object:
    """Give the first thing of a kind in a life that fits; nothing where none does."""
    if any(follow(path, roots) != value for path, value in wanted.when.items()):
        return None
    same = {name: follow(path, roots) for name, path in wanted.same.items()}
    return next(
        (
            one
            for one in things(life, wanted.of)
            if fits({"one": one}, "one", wanted.where) and fits({"one": one}, "one", same)
        ),
        None,
    )


def lacking(path: str, roots: Mapping[str, object]) -> tuple[str, list[str]] | None:
    """Give the step of a path that leads nowhere, and what it could be; None when all is well."""
    hint: object = roots
    for step in path.split("."):
        known = _steps(hint)
        if known is None:
            return None
        if step in known:
            hint = known[step]
        elif "0" in known and step.lstrip("-").isdigit():
            hint = known["0"]
        else:
            return step, [name for name in known if name != "0"]
    return None


def _steps(hint: object) -> Mapping[str, object] | None:
    """What may follow something of a type; None where anything may."""
    if isinstance(hint, Mapping):
        return hint
    if get_origin(hint) in (Union, UnionType):
        (hint,) = (one for one in get_args(hint) if one is not NoneType)
    if get_origin(hint) is tuple:
        parts = get_args(hint)
        if len(parts) > 1 and parts[1] is not Ellipsis:
            return {str(at): part for at, part in enumerate(parts)}
        return {"0": parts[0]}
    if isinstance(hint, type) and is_dataclass(hint):
        hints = get_type_hints(hint)
        own = {field.name: hints[field.name] for field in fields(hint)}
        return own | {name: object for name, one in vars(hint).items() if isinstance(one, property)}
    return {}


def part_of(path: str, roots: Mapping[str, object]) -> object:
    """Give the type of the parts of a list that a path leads to."""
    hint: object = roots
    for step in path.split("."):
        known = _steps(hint) or {}
        hint = known.get(step, known.get("0", object))
    return get_args(hint)[0] if get_origin(hint) is tuple else object

"""How a value may be seen by where it came from: as the strictest of all that reads it, wherever it is shown.

A mask follows a value out of its field: into another field, a rehearsed mapping, an error that quotes
it, a payload, a question whose answer would tell it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from hub.model import Json
from hub.rules import paths
from hub.rules.contracts import Contracts, Entity, Field, PullFlow, PushFlow
from hub.rules.documents import mapping, mapping_of, texts
from hub.rules.rights import Rights, Sight
from hub.rules.shape import general

_ORDER: tuple[Sight, ...] = ("hidden", "masked", "shown")
PROJECT = "project"

_LITERAL = ("choose", "blank", "code", "words")
"""Verbs whose outcome tells whether a value is one that was written into the mapping."""

_LIMITS = ("pattern", "enum", "minLength", "maxLength", "minItems", "minimum", "maximum", "x-code")
"""Words of a schema by which a value is refused for what it says."""


def strictest(sights: Iterable[Sight]) -> Sight:
    """The least that any of these allows; shown where there is none."""
    return min(sights, key=_ORDER.index, default="shown")


def readers_of(contracts: Contracts, flow: PullFlow, path: str | None = None) -> Iterator[tuple[Entity, Field]]:
    """Every shared field that any mapping of a flow's system reads from a source field, or from within or around it.

    path: None for all that they read.
    """
    for other in contracts.pulls.values():
        if other.system.name != flow.system.name:
            continue
        for name, several in other.watched.fields.items():
            field = other.entity.fields.get(name)
            if field is not None and (path is None or any(_meets(path, one) for one in several)):
                yield other.entity, field


def _meets(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")


def of_source(contracts: Contracts, flow: PullFlow, rights: Rights, path: str) -> Sight | None:
    """How a source field of a flow may be seen; None where no mapping reads it, so that nobody has classed it."""
    sights = [rights.sight(entity.name, field) for entity, field in readers_of(contracts, flow, path)]
    return strictest(sights) if sights else None


def of_place(contracts: Contracts, flow: PullFlow, rights: Rights, pointer: str) -> Sight | None:
    """The same of a JSON pointer into a payload of the flow."""
    path = path_of(pointer)
    return of_source(contracts, flow, rights, path) if path else None


def path_of(pointer: str) -> str:
    """The dotted path of a JSON pointer, places in lists left out."""
    return ".".join(step for step in pointer.split("/") if step and step != "*" and not step.isdigit())


def of_field(contracts: Contracts, entity: Entity, name: str, rights: Rights) -> Sight | None:
    """How a field of an entity may be seen under these contracts; None where they do not know it."""
    known = contracts.entities.get(entity.name)
    field = known.fields.get(name) if known else None
    return rights.sight(entity.name, field) if field is not None else None


def of_target(every: Sequence[Contracts], push: PushFlow, rights: Rights) -> dict[str, Sight]:
    """How each of a target's fields may be seen: as the worst seen of what it is made of, under all these contracts."""
    rules = mapping(mapping_of(push.text)["fields"])
    return {
        name: strictest(of_pushed(every, push, rights, path) for path in texts(mapping(rule).get("from")))
        for name, rule in rules.items()
    }


def of_pushed(every: Sequence[Contracts], push: PushFlow, rights: Rights, path: str) -> Sight:
    """How what a path of a push mapping leads to may be seen; what no entity has is an answer that nobody classed."""
    first, *rest = (str(step) for step in paths.steps(path))
    of_project = first == PROJECT and bool(rest)
    entity = every[-1].entities[PROJECT] if of_project else push.entity
    field = rest[0] if of_project else first
    return strictest(of_field(one, entity, field, rights) or "hidden" for one in every)


def covered(value: Json, sight: Callable[[str], Sight | None], path: str = "") -> Json:
    """A decoded payload or body with what may not be seen masked; sight: by dotted path, None where it does not say."""
    if path and (sight(path) or "shown") != "shown" and not isinstance(value, dict | list):
        return "***" if value is not None else None
    if isinstance(value, dict):
        return {name: covered(part, sight, f"{path}.{name}" if path else name) for name, part in value.items()}
    return [covered(part, sight, path) for part in value] if isinstance(value, list) else value


def of_changed(now: Contracts, then: Contracts, flow: PullFlow, name: str, rights: Rights) -> Sight:
    """How a field may be seen that a changed mapping would make: by both schemas, and by what it would be read from.

    What no mapping reads today nobody has classed: it may be a person's.
    """
    both = [sight for one in (now, then) if (sight := of_field(one, flow.entity, name, rights)) is not None]
    unread: Sight = "shown" if rights.sees_personal(flow.entity.name) else "masked"
    read = (of_source(now, flow, rights, path) or unread for path in flow.watched.fields.get(name, ()))
    return strictest([*both, *read])


def asks_masked(now: Contracts, then: Contracts, flow: PullFlow, rights: Rights) -> str | None:
    """A source field that the reader may not see, and that a changed mapping compares with values of his own.

    How many records it would hold for would tell him what they say. None where there is none.
    """
    today = now.pulls.get(flow.name)
    before = _compared(today) if today is not None else {}
    for path, said in _compared(flow).items():
        sight = of_source(now, flow, rights, path)
        if sight is None:
            sight = "shown" if rights.sees_personal(flow.entity.name) else "masked"
        if before.get(path) != said and sight != "shown":
            return path
    return next(_limited(now, then, flow, rights), None)


def _limited(now: Contracts, then: Contracts, flow: PullFlow, rights: Rights) -> Iterator[str]:
    """The fields that a changed schema limits otherwise, and that the reader may not see."""
    known = now.entities.get(flow.entity.name)
    before = mapping(known.schema.get("properties")) if known else {}
    for name, rule in mapping(flow.entity.schema.get("properties")).items():
        was, said = mapping(before.get(name)), mapping(rule)
        limited = any(was.get(word) != said.get(word) for word in _LIMITS) and name in flow.watched.fields
        if limited and of_changed(now, then, flow, name, rights) != "shown":
            yield name


def _compared(flow: PullFlow) -> dict[str, list[Json]]:
    """The places that a mapping compares with values that it names, with what it says of them."""
    says = mapping_of(flow.text)
    found: dict[str, list[Json]] = {}
    conditions = [mapping(says.get("deleted_when")), *map(mapping, mapping(says.get("skip_when")).values())]
    for condition in conditions:
        for path, values in condition.items():
            found.setdefault(_general(flow, path), []).append(values)
    for rule in map(mapping, mapping(says["fields"]).values()):
        use = rule.get("use")
        literal = [one for one in (use if isinstance(use, list) else []) if _names_values(one)]
        for path in texts(rule.get("from")) if literal else ():
            found.setdefault(_general(flow, path), []).extend(literal)
    return found


def _names_values(use: Json) -> bool:
    said: Mapping[str, Json] = mapping(use)
    return any(verb in said for verb in _LITERAL)


def _general(flow: PullFlow, path: str) -> str:
    """A path from the whole record on, as `Watched` names it."""
    first, _, rest = general(path).partition(".")
    if flow.each is not None and first == flow.each.name:
        return ".".join(filter(None, (general(flow.each.at), rest)))
    return general(path)

"""Privacy by origin: a value is shown as the strictest rule on anything that reads its source.

A mask follows a value out of its field: into another field, a dry run, an error that quotes it, a
payload, or a question whose answer would reveal it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from hub.domain import paths
from hub.domain.contracts import Contracts, Entity, Field, PullFlow, PushFlow
from hub.domain.documents import mapping, mapping_of, texts
from hub.domain.rights import Rights, Sight
from hub.domain.schema_drift import general
from hub.model import Json

_ORDER: tuple[Sight, ...] = ("hidden", "masked", "shown")
PROJECT = "project"
FLAG = "secret"
"""Stands for the secrecy flag, which is no field, in a mapping's questions."""

_LITERAL = frozenset(
    {
        "choose",
        "blank",
        "code",
        "uncode",
        "words",
        "part",
        "split",
        "unit",
        "scale",
        "date",
        "datetime",
        "year_month",
    }
)
"""Verbs whose result shows, by the mapping's own text, what the value was."""

_WORDING = frozenset(
    {
        "title",
        "description",
        "x-title-zh",
        "x-class",
        "x-standard",
        "x-why",
        "x-unit",
        "x-authority",
    }
)
"""Schema words that reject no value; any other may, and so reveal it."""


def strictest(sights: Iterable[Sight]) -> Sight:
    """The strictest of these; "shown" without any."""
    return min(sights, key=_ORDER.index, default="shown")


def readers_of(
    contracts: Contracts, flow: PullFlow, path: str | None = None
) -> Iterator[tuple[Entity, Field]]:
    """(entity, field) of every mapping of the flow's system that reads at, in or around a path.

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
    """How a reader may see a source path; None where no mapping reads it (unclassified)."""
    sights = [
        rights.sight(entity.name, field) for entity, field in readers_of(contracts, flow, path)
    ]
    return strictest(sights) if sights else None


def of_place(contracts: Contracts, flow: PullFlow, rights: Rights, pointer: str) -> Sight | None:
    """The same of a JSON pointer into a payload of the flow."""
    path = path_of(pointer)
    return of_source(contracts, flow, rights, path) if path else None


def path_of(pointer: str) -> str:
    """The dotted path of a JSON pointer, places in lists left out."""
    return ".".join(
        step for step in pointer.split("/") if step and step != "*" and not step.isdigit()
    )


def of_field(contracts: Contracts, entity: Entity, name: str, rights: Rights) -> Sight | None:
    """How a field may be seen under these contracts; None where they do not have it."""
    known = contracts.entities.get(entity.name)
    field = known.fields.get(name) if known else None
    return rights.sight(entity.name, field) if field is not None else None


def of_target(every: Sequence[Contracts], push: PushFlow, rights: Rights) -> dict[str, Sight]:
    """How each target field may be seen: the strictest of its sources, by all these contracts."""
    rules = mapping(mapping_of(push.text)["fields"])
    return {
        name: strictest(
            of_pushed(every, push, rights, path) for path in texts(mapping(rule).get("from"))
        )
        for name, rule in rules.items()
    }


def of_pushed(every: Sequence[Contracts], push: PushFlow, rights: Rights, path: str) -> Sight:
    """How the value at a push path may be seen; what no entity has (a form's answer) is hidden."""
    first, *rest = (str(step) for step in paths.steps(path))
    of_project = first == PROJECT and bool(rest)
    entity = every[-1].entities[PROJECT] if of_project else push.entity
    field = rest[0] if of_project else first
    return strictest(of_field(one, entity, field, rights) or "hidden" for one in every)


def covered(value: Json, sight: Callable[[str], Sight | None], path: str = "") -> Json:
    """A decoded payload or body with masks applied; sight: of a dotted path, None if unknown."""
    if path and (sight(path) or "shown") != "shown" and not isinstance(value, dict | list):
        return "***" if value is not None else None
    if isinstance(value, dict):
        return {
            name: covered(part, sight, f"{path}.{name}" if path else name)
            for name, part in value.items()
        }
    return [covered(part, sight, path) for part in value] if isinstance(value, list) else value


def of_changed(now: Contracts, then: Contracts, flow: PullFlow, name: str, rights: Rights) -> Sight:
    """How a field of a changed mapping may be seen: by both schemas, and by its new source.

    A source path that no mapping reads today is unclassified: it may be personal.
    """
    both = [
        sight
        for one in (now, then)
        if (sight := of_field(one, flow.entity, name, rights)) is not None
    ]
    unread: Sight = "shown" if rights.sees_personal(flow.entity.name) else "masked"
    read = (
        of_source(now, flow, rights, path) or unread for path in flow.watched.fields.get(name, ())
    )
    return strictest([*both, *read])


def asks_masked(
    now: Contracts, then: Contracts, flow: PullFlow, rights: Rights, known: Collection[str] = ()
) -> str | None:
    """A source path that the reader may not see and that a changed mapping compares with constants.

    The number of records it would match would reveal their values. None without. known: paths the
    source has shown before; a new one may be an old one renamed.
    """
    today = now.pulls.get(flow.name)
    before = _compared(today) if today is not None else {}
    for path, said in _compared(flow).items():
        sight = of_source(now, flow, rights, path)
        if sight is None:
            flag = any(
                one.target == FLAG for one in before.get(path, ())
            )  # the flag is no personal value
            sight = "shown" if flag or rights.sees_personal(flow.entity.name) else "masked"
            fresh = bool(known) and path not in known
            if (
                today is not None
                and fresh
                and all(_takes_over(now, today, path, one, rights) for one in said)
            ):
                continue
        if sight != "shown" and not all(one in before.get(path, ()) for one in said):
            return path
    for name in _fixed(today, flow):
        if of_changed(now, then, flow, name, rights) != "shown":
            return name
    pushed = (
        asks_masked_of_push(now, then, push, rights)
        for push in then.pushes.values()
        if _hands_on(push, flow)
    )
    return next((path for path in pushed if path), None) or next(
        _limited(now, then, flow, rights), None
    )


def asks_masked_of_push(
    now: Contracts, then: Contracts, push: PushFlow, rights: Rights
) -> str | None:
    """The same for a changed push mapping: a shared field, or one of the target's.

    The number of deliveries that would change would reveal their values.
    """
    today = now.pushes.get(push.name)
    before = _compared_by_push(today) if today is not None else {}
    for path, said in _compared_by_push(push).items():
        asked = not all(one in before.get(path, ()) for one in said)
        if asked and of_pushed([now, then], push, rights, path) != "shown":
            return path
    held = of_target([now, then], today, rights) if today is not None else {}
    return next((name for name in _fixed(today, push) if held.get(name, "shown") != "shown"), None)


def _hands_on(push: PushFlow, flow: PullFlow) -> bool:
    """Whether what a pull brings may change what a target is sent."""
    return push.entity.name == flow.entity.name or (push.quotes and flow.entity.name == PROJECT)


def _fixed(today: PullFlow | PushFlow | None, flow: PullFlow | PushFlow) -> Iterator[str]:
    """Fields that a changed mapping sets to a constant otherwise than today's."""
    before = mapping(mapping_of(today.text)["fields"]) if today is not None else {}
    for name, rule in mapping(mapping_of(flow.text)["fields"]).items():
        if "const" in mapping(rule) and before.get(name) != rule:
            yield name


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Where a mapping compares what it reads: for which field, through what, the lists as they are
    spelt out.

    read: where the field is read from, in order. target: "" for a condition, FLAG for the
    flag of secrecy, whose values are `use` then.
    """

    target: str
    use: Json
    read: tuple[str, ...] = field(default=(), compare=False)


def _takes_over(
    now: Contracts, today: PullFlow, path: str, asked: _Comparison, rights: Rights
) -> bool:
    """Whether a new source field is only read where those are missing that today's mapping reads,
    as it reads them.

    Nobody has classed a new field: it is taken for a former one renamed. So its values are shown to
    nobody who may not see persons (`of_changed`); but today's comparison for the same field is no
    question of the reader's own, and it tells of a field that he may see. A field that is masked,
    or is read beside one that is, answers nothing.
    """
    stood = {
        one.target: one for several in _compared(today).values() for one in several if one.target
    }
    was = stood.get(asked.target)
    if asked.target == FLAG:
        return was == asked
    if was is None or was != asked or asked.read[: len(was.read)] != was.read or path in was.read:
        return False
    sights = (of_source(now, today, rights, one) for one in was.read)
    return {of_field(now, today.entity, asked.target, rights), *sights} == {"shown"}


def _limited(now: Contracts, then: Contracts, flow: PullFlow, rights: Rights) -> Iterator[str]:
    """Fields, not shown to the reader, that a changed schema or code list restricts otherwise."""
    known, today = now.entities.get(flow.entity.name), now.pulls.get(flow.name)
    before = mapping(known.schema.get("properties")) if known else {}
    lists, listed = (mapping(_text_of(one).get("shared")) if one else {} for one in (today, flow))
    for name, rule in mapping(flow.entity.schema.get("properties")).items():
        was, said = mapping(before.get(name)), mapping(rule)
        limited = any(was.get(word) != said.get(word) for word in {*was, *said} - _WORDING)
        limited = limited or lists.get(str(said.get("x-code"))) != listed.get(
            str(said.get("x-code"))
        )
        if (
            limited
            and name in flow.watched.fields
            and of_changed(now, then, flow, name, rights) != "shown"
        ):
            yield name


def _compared(flow: PullFlow) -> dict[str, list[_Comparison]]:
    """The places that a mapping compares with values that it names, with how it does."""
    says = mapping_of(flow.text)
    codes = mapping(_text_of(flow).get("codes"))
    found: dict[str, list[_Comparison]] = {}
    conditions = [
        mapping(says.get("deleted_when")),
        *map(mapping, mapping(says.get("skip_when")).values()),
    ]
    secret = mapping(says.get("secret"))
    secret |= mapping(secret.get("persons"))
    for path in texts(secret.get("field")):
        asked: Json = [secret.get("open"), secret.get("closed")]
        found.setdefault(_general(flow, path), []).append(_Comparison(FLAG, asked))
    for condition in conditions:
        for path, values in condition.items():
            found.setdefault(_general(flow, path), []).append(_Comparison("", values))
    for name, rule in mapping(says["fields"]).items():
        use = mapping(rule).get("use")
        verbs = [_spelt(one, codes) for one in (use if isinstance(use, list) else [])]
        if any(verb in _LITERAL for one in verbs for verb in mapping(one)):
            read = tuple(_general(flow, path) for path in texts(mapping(rule).get("from")))
            units = (mapping(mapping(one).get("unit")).get("by") for one in verbs)
            for path in (*read, *(_general(flow, str(by)) for by in units if by)):
                found.setdefault(path, []).append(_Comparison(name, verbs, read))
    return found


def _compared_by_push(push: PushFlow) -> dict[str, list[Json]]:
    """The same of the mapping of a target, by the paths of what it is made of."""
    codes, says = mapping(_text_of(push).get("codes")), mapping_of(push.text)
    found: dict[str, list[Json]] = {path: [said] for path, said in push.when.items()}
    for rule in map(mapping, mapping(says["fields"]).values()):
        use = rule.get("use")
        verbs = [_spelt(one, codes) for one in (use if isinstance(use, list) else [])]
        if any(verb in _LITERAL for one in verbs for verb in mapping(one)):
            for path in texts(rule.get("from")):
                found.setdefault(path, []).append(verbs)
    return found


def _spelt(use: Json, codes: Mapping[str, Json]) -> Json:
    """A verb of a mapping, with its code list inlined."""
    said = mapping(use)
    listed = [codes.get(str(said[verb])) for verb in ("code", "uncode", "words") if verb in said]
    return {**said, "list": listed[0]} if listed else use


def _text_of(flow: PullFlow | PushFlow) -> Mapping[str, Json]:
    return mapping(orjson.loads(flow.text))


def _general(flow: PullFlow, path: str) -> str:
    """A path from the whole record on, as `MappedPaths` names it."""
    first, _, rest = general(path).partition(".")
    if flow.each is not None and first == flow.each.name:
        return ".".join(filter(None, (general(flow.each.at), rest)))
    return general(path)

"""Access policy: what a reader may see of a field. Nothing, unless role or grant says so."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from hub.domain.contracts import Entity, Field
from hub.model import Record, Value

ROLES = ("administrator", "department", "auditor", "service", "supervisor")
SUPERVISOR = "supervisor"
"""The reform office (工改办): sees all of its regions, persons masked, and holds no grants."""
WHOLE = frozenset({"administrator", "auditor"})
"""Roles that see every entity (personal fields masked)."""
CLASSES = ("public", "internal", "personal")
EVERY_ENTITY = "*"
"""In place of an entity's name: a supervisor's regions hold for all of them."""

Sight = Literal["shown", "masked", "hidden"]


@dataclass(frozen=True, slots=True)
class Ground:
    """Facts that limits of a grant are checked against: the project's region, an open case."""

    region: str
    open_case: bool


@dataclass(frozen=True, slots=True)
class Limited:
    """A grant of some records. regions: leading digits of region codes, none for all."""

    entity: str
    classes: frozenset[str]
    regions: tuple[str, ...] = ()
    open_case_only: bool = False

    def holds(self, ground: Ground) -> bool:
        """Whether it covers records of such a project."""
        near = not self.regions or ground.region.startswith(self.regions)
        return near and (ground.open_case or not self.open_case_only)


@dataclass(frozen=True, slots=True)
class Rights:
    """A reader's rights. whole: sees every entity, personal fields masked.

    classes: by entity, from grants. limited: grants of some records, which show nothing until `on`
    is given the project.
    """

    whole: bool = False
    classes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    limited: tuple[Limited, ...] = ()

    @classmethod
    def of(
        cls,
        role: str,
        grants: Iterable[tuple[str, Iterable[str], Sequence[str], bool]],
        regions: Sequence[str] = (),
    ) -> "Rights":
        """Rights of a role with grants: (entity, classes, regions, open_case_only).

        regions: of a supervisor, who sees every project of them by his role and holds no grants.
        """
        if role == SUPERVISOR:
            own = Limited(EVERY_ENTITY, frozenset({"public", "internal"}), tuple(regions))
            return cls(limited=(own,) if regions else ())
        classes: dict[str, frozenset[str]] = {}
        limited = []
        for entity, some, parts, open_case_only in grants:
            if parts or open_case_only:
                limited.append(Limited(entity, frozenset(some), tuple(parts), open_case_only))
            else:
                classes[entity] = classes.get(entity, frozenset()) | frozenset(some)
        return cls(role in WHOLE, classes, tuple(limited))

    def on(self, ground: Ground) -> "Rights":
        """The rights on one project."""
        classes = dict(self.classes)
        held = [limit for limit in self.limited if limit.holds(ground)]
        if any(limit.entity == EVERY_ENTITY for limit in held):
            return Rights(whole=True)
        for limit in held:
            classes[limit.entity] = classes.get(limit.entity, frozenset()) | limit.classes
        return Rights(self.whole, classes)

    def beside(self, entity: str, projects: Iterable["Rights"]) -> "Rights":
        """The rights on a record without a project, from those on each of its projects.

        Shown next to a project that is shown. Its SQL twin is `hub.shown_beside`.
        """
        if self.whole:
            return self
        projects = list(projects)
        if any(one.whole for one in projects):
            return Rights(whole=True)
        seen = [one.classes.get(entity, frozenset()) for one in projects if one.sees("project")]
        return Rights(
            classes={**self.classes, entity: frozenset[str]().union(*seen)}, limited=self.limited
        )

    def sees(self, entity: str) -> bool:
        """Whether anything of this entity may be seen."""
        return self.whole or bool(self.classes.get(entity))

    def may_see(self, entity: str) -> bool:
        """Whether anything of this entity may be seen in some project at least."""
        return self.sees(entity) or any(
            limit.entity in {entity, EVERY_ENTITY} for limit in self.limited
        )

    def sees_personal(self, entity: str) -> bool:
        """Whether the persons of this entity may be seen."""
        return "personal" in self.classes.get(entity, ())

    def sight(self, entity: str, field: Field) -> Sight:
        """How a field is seen: shown; masked (personal, entity visible); hidden (secret too)."""
        if field.classed == "secret":
            return "hidden"
        if field.classed in self.classes.get(entity, ()):
            return "shown"
        if field.classed == "personal":
            return "masked" if self.sees(entity) else "hidden"
        return "shown" if self.whole else "hidden"

    def seen(self, entity: Entity, values: Mapping[str, Value]) -> Record:
        """The visible part of a record; hidden fields are left out."""
        sights = {
            name: self.sight(entity.name, entity.fields[name])
            for name in values
            if name in entity.fields
        }
        return {
            name: masked(values[name]) if sight == "masked" else values[name]
            for name, sight in sights.items()
            if sight != "hidden"
        }


def operator(entities: Mapping[str, Entity]) -> Rights:
    """Rights of whoever holds the database: everything except secret fields."""
    return Rights(whole=True, classes=dict.fromkeys(entities, frozenset(CLASSES)))


def masked(value: Value) -> Value:
    """Mask a personal value: `***` or its first sign, None stays. Its SQL twin is `hub.masked`."""
    if value is None:
        return None
    if isinstance(value, list):
        return ["***" for _ in value]
    text = str(value)
    return f"{text[0]}**" if isinstance(value, str) and len(text) in range(2, 5) else "***"

"""What a reader may be shown, by the oracle's own reckoning, and what the access log must hold.

Shares no code with the hub: it reads golden tables as their owner and goes by its own list of
classes and grants.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

CLASSES = {
    "project": {
        "project_code": "public",
        "name": "public",
        "investment": "internal",
        "planned_start": "public",
    },
    "permit": {"project_code": "public", "number": "public", "plot": "personal"},
    "service": {
        "project_code": "public",
        "number": "public",
        "applied_on": "public",
        "finished_on": "public",
        "days": "public",
    },
}
ALL = ("administrator", "auditor")
FOUND, REFUSED, UNKNOWN = 200, 403, 404
GOLDEN = "select * from golden.{entity} where project_code = '{code}'"
LOGGED = """
    select account, route, project_code, record_ids, refused from hub.access
     where starts_with(route, 'GET /v1/projects/') order by hub.event_order(id)
"""


class Grant(Protocol):
    """What was granted."""

    @property
    def entity(self) -> str: ...
    @property
    def classes(self) -> Sequence[str]: ...
    @property
    def regions(self) -> Sequence[str]: ...


class Reading(Protocol):
    """One request and how it was answered."""

    @property
    def account(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def status(self) -> int: ...
    @property
    def records(self) -> Sequence[int]: ...


class Read(Protocol):
    """What has been lived through. readings: in their order; misshown: found as they were
    answered.
    """

    @property
    def readings(self) -> Sequence[Reading]: ...
    @property
    def misshown(self) -> Sequence[str]: ...

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Rows of the hub's database."""


def classes_of(role: str, grants: Sequence[Grant], entity: str, code: str) -> set[str]:
    """The classes of an entity's fields that a reader sees in this project; a project is where its
    code was given.
    """
    region = code.split("-")[1]
    seen = {"public", "internal"} if role in ALL else set()
    for one in grants:
        near = not one.regions or any(region.startswith(some) for some in one.regions)
        if one.entity == entity and near:
            seen |= set(one.classes)
    return seen


def misshown(
    world: Read,
    reader: tuple[str, str, Sequence[Grant]],
    code: str,
    status: int,
    shown: Sequence[dict[str, Any]],
) -> Iterator[str]:
    """What an answer shows and should not, or should and does not."""
    name, role, grants = reader
    told = {row["record_id"]: row for row in shown}
    for entity, fields in CLASSES.items():
        seen = classes_of(role, grants, entity, code)
        for row in world.rows(GOLDEN.format(entity=entity, code=code)) if seen else ():
            answer = told.pop(row["record_id"], None)
            if answer is None:
                yield f"{name} is not shown {entity} of {code}: {status}"
                continue
            for field, classed in fields.items():
                wrong = _misshown(answer, field, row[field], classed, seen)
                if wrong:
                    yield f"{name} is shown {field} of {entity} of {code} {wrong}: {answer}"
    for row in told.values():
        yield f"{name} is shown {row['entity']} of {code}, which is not for him"
    if (status == FOUND) != bool(shown) or status not in {FOUND, REFUSED, UNKNOWN}:
        yield f"{name} is answered {status} about {code}, with {len(shown)} records"


def _misshown(
    answer: dict[str, Any], field: str, value: object, classed: str, seen: set[str]
) -> str:
    """What is wrong with one field of an answer; "" if nothing is."""
    told = answer["fields"].get(field, {}).get("value")
    if value is None:
        return "" if told is None else "with a value"
    if classed in seen:
        as_it_is = str(told) == str(value) and field not in (*answer["hidden"], *answer["masked"])
        return "" if as_it_is else f"as {told}"
    if classed == "personal":
        masked = told is not None and str(told) != str(value) and field in answer["masked"]
        return "" if masked else f"as {told}, and not masked"
    hidden = field not in answer["fields"] and field in answer["hidden"]
    return "" if hidden and field not in answer["disagreements"] else f"as {told}, and not hidden"


def differences(world: Read) -> Iterator[str]:
    """What was shown wrongly, and what the access log has otherwise than it was."""
    yield from world.misshown
    logged = [
        (row["account"], row["route"].rpartition("/")[2], tuple(sorted(row["record_ids"])))
        for row in world.rows(LOGGED)
    ]
    must = [(one.account, one.code, tuple(one.records)) for one in world.readings]
    if logged != must:
        yield f"the access log has {logged}, must have {must}"
    for row, one in zip(world.rows(LOGGED), world.readings, strict=False):
        if row["refused"] != (one.status == REFUSED):
            yield f"{one.account} was answered {one.status} about {one.code}, the log says {row}"

"""Limits and clock rules from their files: mappings/limits/."""

from collections.abc import Iterable, Mapping
from datetime import date, time
from itertools import pairwise
from typing import cast
from zoneinfo import ZoneInfo

from hub.domain.clock import ClockRules, Limit, Milestone, Scope, StageRules, Status
from hub.domain.contracts import CodeList, Entity
from hub.domain.documents import Step, mapping, texts
from hub.domain.entities import is_zone
from hub.domain.foreseen import Foresight
from hub.domain.library import Filed, Library
from hub.domain.times import HUB_ZONE
from hub.domain.workdays import Calendar, Half
from hub.model import Json

ENTITIES: Mapping[str, str] = {
    "project": "project",
    "stage": "stage",
    "item": "approval_item",
    "utility": "utility_connection",
}
CODES: Mapping[str, str] = {"stage": "stage", "item": "standard_item", "utility": "utility"}
STATUSES = "item_status"
HALVES = ("morning", "afternoon")


def check(library: Library, entities: Mapping[str, Entity], by: Foresight) -> None:
    """Every condition names a field and what it may hold, every stage, item and utility its code, every day a day."""
    for filed in library.filed["limits"]:
        with library.guarding(filed):
            _check_document(library, filed, entities=entities, by=by)
    for filed in library.filed["clock"]:
        with library.guarding(filed):
            _check_clock(library, filed, by.lists)
    for filed in library.filed["stages"]:
        with library.guarding(filed):
            _check_stages(library, filed, by.lists)


def _check_document(library: Library, filed: Filed, *, entities: Mapping[str, Entity], by: Foresight) -> None:
    _check_days(library, filed, ("from", "until"))
    if _past(filed.says.get("from"), filed.says.get("until")):
        facts = {"first": str(filed.says["from"]), "last": str(filed.says["until"])}
        library.note(filed.document, ("until",), "contract.order_invalid", **facts)
    for at, said in enumerate(_said(filed)):
        _check_limit(library, filed, said, ("limits", at), entities=entities, by=by)


def _check_limit(
    library: Library,
    filed: Filed,
    said: Mapping[str, Json],
    where: tuple[Step, ...],
    *,
    entities: Mapping[str, Entity],
    by: Foresight,
) -> None:
    scope = str(said["scope"])
    if "of" in said:
        _check_codes(library, filed, (*where, "of"), texts(said["of"]), by.lists.get(CODES.get(scope, "")))
    for name, wanted in mapping(said.get("when")).items():
        about, _, field = name.rpartition(".")
        owner = about or ENTITIES.get(scope, "")
        entity = entities.get(owner)
        if entity is None and owner in library.names["schema"]:
            continue  # told at its own file
        if entity is None or field not in entity.fields:
            facts = {"name": field, "entity": about or scope}
            fields = entity.fields if entity else ()
            library.miss(filed.document, (*where, "when"), "contract.field_unknown", fields, **facts)
            continue
        for place, unfit in by.unmet(entity, field, wanted):
            library.note(filed.document, (*where, "when", name, *place), unfit.code, **unfit.facts)


def _check_stages(library: Library, filed: Filed, lists: Mapping[str, CodeList]) -> None:
    """Every status, stage, kind of document and of flow is a code of its list."""
    void = mapping(filed.says.get("void"))
    said: list[tuple[tuple[Step, ...], str, Json]] = [
        (("ended_without", "statuses"), STATUSES, mapping(filed.says["ended_without"])["statuses"]),
        (("void", "project_status"), "project_status", void.get("project_status")),
        (("void", "document_status"), "document_status", void.get("document_status")),
    ]
    for at, one in enumerate(cast("list[Json]", filed.says["milestones"])):
        for name, codes in (("stage", "stage"), ("documents", "document_kind"), ("flow_kinds", "flow_kind")):
            said.append((("milestones", at, name), codes, mapping(one).get(name)))
    for where, name, values in said:
        _check_codes(library, filed, where, texts(values), lists.get(name))


def _check_codes(
    library: Library, filed: Filed, where: tuple[Step, ...], said: Iterable[str], codes: CodeList | None
) -> None:
    for code in said:
        if codes is not None and code not in codes.values:
            library.miss(filed.document, where, "contract.code_target", codes.values, value=code, list=codes.name)


def _check_days(
    library: Library, filed: Filed, where: tuple[Step, ...], days: Mapping[str, Json] | None = None
) -> None:
    """Days that no calendar has: 2025-02-30. Those of the file itself, or the names in a part of it."""
    told = (
        {name: filed.says[name] for name in where if name in filed.says} if days is None else {day: day for day in days}
    )
    for name, day in told.items():
        if not _is_day(str(day)):
            place: tuple[Step, ...] = (name,) if days is None else (*where, name)
            library.note(filed.document, place, "contract.day_invalid", value=str(day))


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _past(first: Json, last: Json) -> bool:
    return isinstance(first, str) and isinstance(last, str) and first > last


def _check_clock(library: Library, filed: Filed, lists: Mapping[str, CodeList]) -> None:
    """A zone that exists, days that exist, hours and lights in their order, statuses and stages by their codes."""
    says = filed.says
    zone = str(says.get("timezone", HUB_ZONE.key))
    if not is_zone(zone):
        library.note(filed.document, ("timezone",), "contract.timezone_unknown", name=zone)
    for part in ("closed", "worked", "half"):
        _check_days(library, filed, (part,), mapping(says.get(part)))
    hours = mapping(says["hours"])
    moments = [moment for name in HALVES for moment in texts(hours[name])]
    for first, last in pairwise(moments):
        if first >= last:
            library.note(filed.document, ("hours",), "contract.order_invalid", first=first, last=last)
    lights = mapping(says["lights"])
    for first, last in pairwise(name for name in ("yellow", "red", "grave") if name in lights):
        if _number(lights[first]) > _number(lights[last]):
            facts = {"first": f"{first} {lights[first]}", "last": f"{last} {lights[last]}"}
            library.note(filed.document, ("lights",), "contract.order_invalid", **facts)
    item, statuses = mapping(says["item"]), lists.get(STATUSES)
    for name in ("received", "accepted", "finished"):
        _check_codes(library, filed, ("item", name), texts(item.get(name)), statuses)
    for at, pair in enumerate(cast("list[Json]", item["suspended"])):
        told = (str(mapping(pair)[name]) for name in ("from", "to"))
        _check_codes(library, filed, ("item", "suspended", at), told, statuses)
    _check_codes(library, filed, ("parallel",), texts(says.get("parallel")), lists.get(CODES["stage"]))


def limits(library: Library) -> tuple[Limit, ...]:
    """All limits of all documents."""
    return tuple(_limit(filed, said) for filed in library.filed["limits"] for said in _said(filed))


def clock_rules(library: Library) -> ClockRules | None:
    """How clocks run, None where no file says it: then none runs."""
    filed = next(iter(library.filed["clock"]), None)
    if filed is None:
        return None
    says = filed.says
    item, lights = mapping(says["item"]), mapping(says["lights"])
    return ClockRules(
        calendar=_calendar(says),
        accepted=frozenset(texts(item["accepted"])),
        finished=frozenset(texts(item["finished"])),
        suspended=tuple(
            (str(mapping(pair)["from"]), str(mapping(pair)["to"])) for pair in cast("list[Json]", item["suspended"])
        ),
        parallel=frozenset(texts(says.get("parallel"))),
        yellow=_number(lights["yellow"]),
        red=_number(lights["red"]),
        grave=_number(lights["grave"]) if "grave" in lights else None,
        received=frozenset(texts(item.get("received"))),
        applicant=frozenset(
            str(mapping(pair)["from"])
            for pair in cast("list[Json]", item["suspended"])
            if mapping(pair).get("turn") == "applicant"
        ),
    )


def stage_rules(library: Library) -> StageRules | None:
    """When stages end, None where no file says it: then only those end to which their source gives an end."""
    filed = next(iter(library.filed["stages"]), None)
    if filed is None:
        return None
    without, void = mapping(filed.says["ended_without"]), mapping(filed.says.get("void"))
    said = [mapping(one) for one in cast("list[Json]", filed.says["milestones"])]
    return StageRules(
        failed=frozenset(texts(without["statuses"])),
        days=cast("int", without["days"]),
        milestones=tuple(
            Milestone(
                stage=str(one["stage"]) if "stage" in one else None,
                documents=texts(one["documents"]),
                flow_kinds=texts(one.get("flow_kinds")),
            )
            for one in said
        ),
        void_projects=frozenset(texts(void.get("project_status"))),
        void_documents=frozenset(texts(void.get("document_status"))),
    )


def _calendar(says: Mapping[str, Json]) -> Calendar:
    hours = mapping(says["hours"])
    morning, afternoon = (_half(hours[name]) for name in HALVES)
    return Calendar(
        zone=ZoneInfo(str(says.get("timezone", HUB_ZONE.key))),
        halves=(morning, afternoon),
        closed=frozenset(date.fromisoformat(day) for day in mapping(says.get("closed"))),
        worked=frozenset(date.fromisoformat(day) for day in mapping(says.get("worked"))),
        half={date.fromisoformat(day): HALVES.index(str(half)) for day, half in mapping(says.get("half")).items()},
    )


def _half(said: Json) -> Half:
    opens, closes = texts(said)
    return time.fromisoformat(opens), time.fromisoformat(closes)


def _said(filed: Filed) -> list[dict[str, Json]]:
    return [mapping(limit) for limit in cast("list[Json]", filed.says["limits"])]


def _limit(filed: Filed, said: Mapping[str, Json]) -> Limit:
    says, title = filed.says, mapping(filed.says["title"])
    return Limit(
        document=filed.name,
        title_zh=str(title["zh"]),
        title_en=str(title["en"]),
        source=str(says["source"]),
        status=cast("Status", says["status"]),
        since=_day(says.get("from")),
        until=_day(says.get("until")),
        regions=texts(says.get("regions")),
        scope=cast("Scope", said["scope"]),
        of=str(said.get("of", "")),
        when={name: texts(values) for name, values in mapping(said.get("when")).items()},
        days=_number(said["days"]),
        phrase=str(said.get("phrase", "")),
        lead=str(said.get("lead", "")),
        article=str(said.get("article", "")),
        classes=texts(said.get("classes")),
    )


def _day(said: Json) -> date | None:
    return None if said is None else date.fromisoformat(str(said))


def _number(said: Json) -> float:
    return float(cast("float", said))

"""Limits and clock rules from their files: mappings/limits/."""

from collections.abc import Mapping
from datetime import date, time
from typing import cast
from zoneinfo import ZoneInfo

from hub.model import Json
from hub.rules.clock import ClockRules, Limit, Scope, Status
from hub.rules.contracts import CodeList, Entity
from hub.rules.documents import Step, mapping, texts
from hub.rules.library import Filed, Library
from hub.rules.times import HUB_ZONE
from hub.rules.workdays import Calendar, Half

ENTITIES: Mapping[str, str] = {
    "project": "project",
    "stage": "stage",
    "item": "approval_item",
    "utility": "utility_connection",
}
CODES: Mapping[str, str] = {"stage": "stage", "item": "standard_item", "utility": "utility"}
HALVES = ("morning", "afternoon")


def check(library: Library, entities: Mapping[str, Entity], lists: Mapping[str, CodeList]) -> None:
    """Every condition names a field, every stage, item and utility its code."""
    for filed in library.filed["limits"]:
        for at, said in enumerate(_said(filed)):
            scope, where = str(said["scope"]), cast("tuple[Step, ...]", ("limits", at))
            codes = lists.get(CODES.get(scope, ""))
            if codes is not None and "of" in said and str(said["of"]) not in codes.values:
                facts = {"value": str(said["of"]), "list": codes.name}
                library.note(filed.document, (*where, "of"), "contract.code_target", **facts)
            for name in mapping(said.get("when")):
                about, _, field = name.rpartition(".")
                entity = entities.get(about or ENTITIES.get(scope, ""))
                if entity is None or field not in entity.fields:
                    facts = {"name": field, "entity": about or scope}
                    library.note(filed.document, (*where, "when"), "contract.field_unknown", **facts)


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
    )


def _day(said: Json) -> date | None:
    return None if said is None else date.fromisoformat(str(said))


def _number(said: Json) -> float:
    return float(cast("float", said))

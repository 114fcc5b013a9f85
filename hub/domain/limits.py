"""Limits and clock rules, compiled from mappings/limits/."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, time
from itertools import pairwise
from zoneinfo import ZoneInfo

from hub.domain.clock import ClockRules, Limit, Milestone, RequiredItems, StageRules
from hub.domain.contracts import CodeList, Entity, timed
from hub.domain.declarations import STATUSES
from hub.domain.declared import ClockRole
from hub.domain.documents import Step, texts
from hub.domain.entities import is_zone
from hub.domain.files import ClockFile, LimitSaid, LimitsFile, StagesFile
from hub.domain.library import ContractFile, Library
from hub.domain.static_checks import Foresight
from hub.domain.workdays import Calendar, Half

ROLES: Mapping[str, ClockRole] = {"stage": "stage", "item": "item", "utility": "connection"}
"""Scope of limits -> role of the records they apply to."""
HALVES = ("morning", "afternoon")
PROCEDURES = "special_procedure_kind"


def limited(entities: Mapping[str, Entity], scope: str, of: str = "") -> list[Entity]:
    """Entities to whose records limits of this scope apply."""
    if scope in ROLES:
        return [entity for entity, _ in timed(entities.values(), ROLES[scope])]
    name = of if scope == "case" else scope
    return [entities[name]] if name in entities else []


def codes_of(
    entities: Mapping[str, Entity], lists: Mapping[str, CodeList], scope: str
) -> CodeList | None:
    """The code list that names what limits of this scope apply to; None without."""
    found = [
        lists[code]
        for entity in (limited(entities, scope) if scope in ROLES else ())
        if entity.clock and (field := entity.fields.get(entity.clock.fields.get("kind", "")))
        if (code := field.code) in lists and code is not None
    ]
    values = {code: words for one in found for code, words in one.values.items()}
    return replace(found[0], values=values) if found else None


def check(library: Library, entities: Mapping[str, Entity], by: Foresight) -> None:
    """Conditions, stages, items, utilities and days in limits exist."""
    for filed in library.filed["limits"]:
        with library.guarding(filed):
            _check_document(library, filed, entities=entities, by=by)
    for filed in library.filed["clock"]:
        with library.guarding(filed):
            _check_clock(library, filed, entities, by.lists)
    for filed in library.filed["stages"]:
        with library.guarding(filed):
            _check_stages(library, filed, entities, by.lists)


def _check_document(
    library: Library, filed: ContractFile, *, entities: Mapping[str, Entity], by: Foresight
) -> None:
    said = filed.read(LimitsFile)
    _check_days(library, filed, {("from",): said.since, ("until",): said.until})
    if said.since is not None and said.until is not None and said.since > said.until:
        library.note(
            filed.document, ("until",), "contract.order_invalid", first=said.since, last=said.until
        )
    for at, limit in enumerate(said.limits):
        _check_limit(library, filed, limit, ("limits", at), entities=entities, by=by)


def _check_limit(
    library: Library,
    filed: ContractFile,
    said: LimitSaid,
    where: tuple[Step, ...],
    *,
    entities: Mapping[str, Entity],
    by: Foresight,
) -> None:
    codes = codes_of(entities, by.lists, said.scope)
    _check_codes(library, filed, {(*where, "of"): texts(said.of)}, codes)
    if said.scope == "case" and library.known(
        filed.document, (*where, "of"), kind="schema", name=str(said.of)
    ):
        _check_case(library, filed, (*where, "of"), entities.get(str(said.of)))
    unsound = len(entities) < len(library.names["schema"])
    clocks = any(entity.clock for entity in entities.values())
    for name, wanted in said.when.items():
        about, _, field = name.rpartition(".")
        known = entities.get(about)
        owners = [known] if known else [] if about else limited(entities, said.scope, said.of or "")
        entity = next((one for one in owners if field in one.fields), None)
        # One of the unsound may be meant; they are told at their own files.
        named = (about or said.scope) in {*ROLES, *library.names["schema"]}
        told = unsound and not known and named
        if entity is None and (told or (not owners and said.scope in ROLES and not clocks)):
            continue
        if entity is None:
            facts = {"name": field, "entity": about or said.scope}
            fields = owners[0].fields if owners else ()
            library.miss(
                filed.document, (*where, "when"), "contract.field_unknown", fields, **facts
            )
            continue
        for place, unfit in by.unmet(entity, field, wanted):
            library.note(filed.document, (*where, "when", name, *place), unfit.code, **unfit.facts)


def _check_case(
    library: Library, filed: ContractFile, where: tuple[Step, ...], entity: Entity | None
) -> None:
    """An entity named by a limit has clocks of its own (unsound files are reported elsewhere)."""
    if entity is not None and (
        entity.clock is None or entity.clock.role not in {*ROLES.values(), "case"}
    ):
        library.note(filed.document, where, "contract.no_clock", name=entity.name)


def _check_stages(
    library: Library,
    filed: ContractFile,
    entities: Mapping[str, Entity],
    lists: Mapping[str, CodeList],
) -> None:
    """Every status, stage, kind of document and of flow is a code of its list."""
    says = filed.read(StagesFile)
    said: dict[str, dict[tuple[Step, ...], Iterable[str]]] = {
        STATUSES: {("ended_without", "statuses"): says.ended_without.statuses},
        "project_status": {("void", "project_status"): says.void.project_status},
        "document_status": {("void", "document_status"): says.void.document_status},
        "document_kind": {
            ("milestones", at, "documents"): one.documents for at, one in enumerate(says.milestones)
        },
        "flow_kind": {
            ("milestones", at, "flow_kinds"): one.flow_kinds
            for at, one in enumerate(says.milestones)
        },
    }
    said["flow_kind"] |= {
        ("required", at, "flow_kinds"): one.flow_kinds for at, one in enumerate(says.required)
    }
    for name, codes in said.items():
        _check_codes(library, filed, codes, lists.get(name))
    places: dict[tuple[Step, ...], Iterable[str]] = {
        ("milestones", at, "stage"): texts(one.stage) for at, one in enumerate(says.milestones)
    }
    places |= {("required", at, "stage"): (one.stage,) for at, one in enumerate(says.required)}
    _check_codes(library, filed, places, codes_of(entities, lists, "stage"))


def _check_codes(
    library: Library,
    filed: ContractFile,
    said: Mapping[tuple[Step, ...], Iterable[str]],
    codes: CodeList | None,
) -> None:
    """Note the codes, by their place, that the list does not have; none where there is no list."""
    for where, some in said.items() if codes is not None else ():
        for code in some:
            if codes is not None and code not in codes.values:
                library.miss(
                    filed.document,
                    where,
                    "contract.code_target",
                    codes.values,
                    value=code,
                    list=codes.name,
                )


def _check_days(
    library: Library, filed: ContractFile, days: Mapping[tuple[Step, ...], str | None]
) -> None:
    """Days that no calendar has: 2025-02-30."""
    for where, day in days.items():
        if day is not None and not _is_day(day):
            library.note(filed.document, where, "contract.day_invalid", value=day)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _check_clock(
    library: Library,
    filed: ContractFile,
    entities: Mapping[str, Entity],
    lists: Mapping[str, CodeList],
) -> None:
    """Zone and days exist; hours and lights are ordered; statuses and stages are codes."""
    said = filed.read(ClockFile)
    if not is_zone(said.timezone):
        library.note(filed.document, ("timezone",), "contract.timezone_unknown", name=said.timezone)
    days: dict[str, Iterable[str]] = {
        "closed": said.closed,
        "worked": said.worked,
        "half": said.half,
    }
    _check_days(library, filed, {(part, day): day for part, some in days.items() for day in some})
    for first, last in pairwise((*said.hours.morning, *said.hours.afternoon)):
        if first >= last:
            library.note(
                filed.document, ("hours",), "contract.order_invalid", first=first, last=last
            )
    lights = {"yellow": said.lights.yellow, "red": said.lights.red, "grave": said.lights.grave}
    for (first, low), (last, high) in pairwise(
        (name, share) for name, share in lights.items() if share is not None
    ):
        if low > high:
            facts = {"first": f"{first} {low:g}", "last": f"{last} {high:g}"}
            library.note(filed.document, ("lights",), "contract.order_invalid", **facts)
    item = said.item
    codes: dict[tuple[Step, ...], Iterable[str]] = {
        ("item", "received"): item.received,
        ("item", "accepted"): item.accepted,
        ("item", "finished"): item.finished,
    } | {
        ("item", "suspended", at): (pair.begins, pair.ends)
        for at, pair in enumerate(item.suspended)
    }
    codes |= {("item", "ends", word): some for word, some in _ends(said).items()}
    if said.law is not None:
        procedures: dict[tuple[Step, ...], Iterable[str]] = {
            ("law", "procedures"): said.law.procedures
        }
        _check_codes(library, filed, procedures, lists.get(PROCEDURES))
    _check_codes(library, filed, codes, lists.get(STATUSES))
    _check_codes(library, filed, {("parallel",): said.parallel}, codes_of(entities, lists, "stage"))


def limits(library: Library) -> tuple[Limit, ...]:
    """All limits of all documents."""
    read = [(filed.name, filed.read(LimitsFile)) for filed in library.filed["limits"]]
    return tuple(_limit(name, said, limit) for name, said in read for limit in said.limits)


def clock_rules(library: Library) -> ClockRules | None:
    """The clock rules; None without a file: no clock runs."""
    filed = next(iter(library.filed["clock"]), None)
    if filed is None:
        return None
    said = filed.read(ClockFile)
    item, lights = said.item, said.lights
    return ClockRules(
        calendar=_calendar(said),
        accepted=frozenset(item.accepted),
        finished=frozenset(item.finished),
        suspended=tuple((pair.begins, pair.ends) for pair in item.suspended),
        parallel=frozenset(said.parallel),
        yellow=lights.yellow,
        red=lights.red,
        grave=lights.grave,
        received=frozenset(item.received),
        applicant=frozenset(pair.begins for pair in item.suspended if pair.turn == "applicant"),
        ends=_ends(said),
        lawful=frozenset(said.law.procedures if said.law else ()),
    )


def _ends(said: ClockFile) -> dict[str, frozenset[str]]:
    """What a final status means, by the words of the file."""
    return {word: frozenset(codes) for word, codes in said.item.ends if codes}


def stage_rules(library: Library) -> StageRules | None:
    """The rules for ends of stages; None without a file: only ends from sources count."""
    filed = next(iter(library.filed["stages"]), None)
    if filed is None:
        return None
    said = filed.read(StagesFile)
    return StageRules(
        failed=frozenset(said.ended_without.statuses),
        days=said.ended_without.days,
        milestones=tuple(
            Milestone(one.stage, one.documents, one.flow_kinds) for one in said.milestones
        ),
        required=tuple(
            RequiredItems(one.stage, one.items, one.flow_kinds) for one in said.required
        ),
        void_projects=frozenset(said.void.project_status),
        void_documents=frozenset(said.void.document_status),
    )


def _calendar(said: ClockFile) -> Calendar:
    return Calendar(
        zone=ZoneInfo(said.timezone),
        halves=(_half(said.hours.morning), _half(said.hours.afternoon)),
        closed=frozenset(map(date.fromisoformat, said.closed)),
        worked=frozenset(map(date.fromisoformat, said.worked)),
        half={date.fromisoformat(day): HALVES.index(half) for day, half in said.half.items()},
    )


def _half(said: tuple[str, ...]) -> Half:
    opens, closes = said
    return time.fromisoformat(opens), time.fromisoformat(closes)


def _limit(document: str, file: LimitsFile, said: LimitSaid) -> Limit:
    return Limit(
        document=document,
        title_zh=file.title.zh,
        title_en=file.title.en,
        source=file.source,
        status=file.status,
        since=_day(file.since),
        until=_day(file.until),
        regions=file.regions,
        scope=said.scope,
        of=said.of or "",
        when={name: texts(values) for name, values in said.when.items()},
        days=said.days,
        phrase=said.phrase,
        lead=said.lead,
        article=said.article,
        classes=said.classes,
    )


def _day(said: str | None) -> date | None:
    return None if said is None else date.fromisoformat(said)

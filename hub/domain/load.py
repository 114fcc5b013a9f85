"""All contract files -> Contracts, or every problem of every file with its line."""

from collections.abc import Mapping
from typing import Literal, TypeAlias, cast

from hub.domain import entities, flows, foreseen, library, limits
from hub.domain.contracts import Contracts, PrefillField, PrefillForm, PrefillMaterial
from hub.domain.documents import Problem, Step, Unread, mapping, texts
from hub.domain.flows import Workshop
from hub.domain.library import ConnectorSchemas, Filed
from hub.errors import FlowError
from hub.model import Json

__all__ = ["ConnectorSchemas", "ContractsInvalidError", "Files", "Problem", "checked", "load", "made", "told"]

Files: TypeAlias = Mapping[str, str | Unread]
"""Contract files: their text by path."""


class ContractsInvalidError(FlowError):
    """The contract files have problems; nothing runs before they are mended."""

    default = "contract.invalid"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        first = problems[0]
        super().__init__(count=len(problems), first=f"{first.file}:{first.line} {first.code}")
        self.problems = problems


def load(files: Files, connectors: Mapping[str, ConnectorSchemas], *, year: int) -> Contracts:
    """Read the contract files ({path: text}); ContractsInvalidError names every problem, in the order of the files."""
    shop = checked(files, connectors, year=year)
    contracts = None if shop.library.problems else made(shop)
    if contracts is None or shop.library.problems:
        raise ContractsInvalidError(told(shop))
    return contracts


def checked(
    files: Files,
    connectors: Mapping[str, ConnectorSchemas],
    *,
    year: int,
    names: Mapping[str, set[str]] | None = None,
    columns: Mapping[str, frozenset[str]] | None = None,
    secret: bytes = b"",
) -> Workshop:
    """Everything that contracts are made from, with every problem noted.

    names: files by kind that exist though they are left out here, so that nobody misses them. columns: the fields that
    the database has room for, by entity; None where nobody asks. secret: what keys digests.
    """
    shelves = library.gather(files, connectors)
    for kind, more in (names or {}).items():
        shelves.names[kind] |= more
    lists = library.code_lists(shelves)
    known = entities.entities(shelves)
    derived = entities.derived(shelves, known)
    shop = Workshop(
        library=shelves,
        entities=known,
        systems=entities.systems(shelves),
        lists=lists,
        translations=library.translations(shelves, lists),
        year=year,
        derived=derived,
        secret=secret,
    )
    entities.check_declared(shelves, known)
    if columns is not None:
        entities.check_columns(shelves, shop.entities, columns)
    flows.check(shop)
    for filed in shelves.filed["form"]:
        with shelves.guarding(filed):
            _check_form(shop, filed)
    limits.check(shelves, shop.entities, shop.foresight)
    return shop


def told(shop: Workshop) -> tuple[Problem, ...]:
    """All problems, in the order of files and lines."""
    return tuple(sorted(shop.library.problems, key=lambda problem: (problem.file, problem.line, problem.code)))


def made(shop: Workshop) -> Contracts:
    """The contracts; what cannot be made of a file is noted as its problem."""
    return Contracts(
        entities=shop.entities,
        systems=shop.systems,
        pulls=flows.pulls(shop),
        pushes=flows.pushes(shop),
        forms={filed.name: _form(filed) for filed in shop.library.filed["form"]},
        code_lists=shop.lists,
        limits=limits.limits(shop.library),
        clock=limits.clock_rules(shop.library),
        warnings=tuple(sorted(shop.library.warnings, key=lambda one: (one.file, one.line))),
        stages=limits.stage_rules(shop.library),
        derived=shop.derived,
    )


def _check_form(shop: Workshop, filed: Filed) -> None:
    """Every answer and every paper stands in a field that exists, and so does every condition; no name comes twice."""
    for part in ("fields", "materials"):
        names: set[str] = set()
        for at, asked in enumerate(_asked(filed, part)):
            where: tuple[Step, ...] = (part, at)
            if str(asked["name"]) in names:
                shop.library.note(filed.document, (*where, "name"), "contract.duplicate_key", key=str(asked["name"]))
            names.add(str(asked["name"]))
            if "from" in asked:
                _check_asked(shop, filed, asked, where)
            if "holder" in asked:
                _check_asked(shop, filed, mapping(asked["holder"]), (*where, "holder"))


def _check_asked(shop: Workshop, filed: Filed, asked: dict[str, Json], where: tuple[Step, ...]) -> None:
    name, field = str(asked["from"]).split(".")
    shop.library.known(filed.document, (*where, "from"), kind="schema", name=name)
    entity = shop.entities.get(name)
    if entity is None:
        return
    if field not in entity.fields:
        facts = {"name": field, "entity": name}
        shop.library.miss(filed.document, (*where, "from"), "contract.field_unknown", entity.fields, **facts)
    conditions = mapping(asked.get("where"))
    foreseen.check_conditions(shop.library, filed, conditions, (*where, "where"), entity, by=shop.foresight)


def _asked(filed: Filed, part: str) -> list[dict[str, Json]]:
    return [mapping(asked) for asked in cast("list[Json]", filed.says.get(part, []))]


def _form(filed: Filed) -> PrefillForm:
    title, purpose = mapping(filed.says["title"]), mapping(filed.says["purpose"])
    return PrefillForm(
        filed.name,
        title_zh=str(title["zh"]),
        title_en=str(title["en"]),
        purpose_zh=str(purpose["zh"]),
        purpose_en=str(purpose["en"]),
        department=str(filed.says["department"]),
        fields=tuple(_question(asked) for asked in _asked(filed, "fields")),
        materials=tuple(_material(asked) for asked in _asked(filed, "materials")),
    )


def _question(said: dict[str, Json]) -> PrefillField:
    title, (entity, _, field) = mapping(said["title"]), str(said.get("from", "")).partition(".")
    return PrefillField(
        str(said["name"]),
        title_zh=str(title["zh"]),
        title_en=str(title["en"]),
        entity=entity,
        field=field,
        where={name: texts(values) for name, values in mapping(said.get("where")).items()},
        pick=cast("Literal['latest', 'only', 'list']", said.get("pick", "only")),
    )


def _holder(said: dict[str, Json]) -> PrefillField:
    """Where the credit code of a paper's holder stands."""
    return _question({"name": "holder", "title": {"zh": "持有人", "en": "Holder"}, "pick": "only", **said})


def _material(said: dict[str, Json]) -> PrefillMaterial:
    title = mapping(said["title"])
    return PrefillMaterial(
        str(said["name"]),
        title_zh=str(title["zh"]),
        title_en=str(title["en"]),
        held_as=_question({**said, "pick": "list"}) if "from" in said else None,
        named=(str(title["zh"]), *texts(said.get("named"))),
        holder=_holder(mapping(said["holder"])) if "holder" in said else None,
    )

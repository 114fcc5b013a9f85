"""All contract files -> Contracts, or every problem of every file with its line."""

from collections.abc import Mapping
from typing import Literal, cast

from hub.errors import FlowError
from hub.model import Json
from hub.rules import entities, flows, library
from hub.rules.contracts import Contracts, PrefillField, PrefillForm
from hub.rules.documents import Problem, Step, mapping, texts
from hub.rules.flows import Workshop
from hub.rules.library import ConnectorSchemas, Filed

__all__ = ["ConnectorSchemas", "ContractsInvalidError", "Problem", "load"]


class ContractsInvalidError(FlowError):
    """The contract files have problems; nothing runs before they are mended."""

    default = "contract.invalid"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        first = problems[0]
        super().__init__(count=len(problems), first=f"{first.file}:{first.line} {first.code}")
        self.problems = problems


def load(files: Mapping[str, str], connectors: Mapping[str, ConnectorSchemas], *, year: int) -> Contracts:
    """Read the contract files ({path: text}); ContractsInvalidError names every problem, in the order of the files."""
    shelves = library.gather(files, connectors)
    lists = library.code_lists(shelves)
    shop = Workshop(
        library=shelves,
        entities=entities.entities(shelves),
        systems=entities.systems(shelves),
        lists=lists,
        translations=library.translations(shelves, lists),
        year=year,
    )
    flows.check(shop)
    for filed in shelves.filed["form"]:
        _check_form(shop, filed)
    if shelves.problems:
        problems = sorted(shelves.problems, key=lambda problem: (problem.file, problem.line, problem.code))
        raise ContractsInvalidError(tuple(problems))
    return Contracts(
        entities=shop.entities,
        systems=shop.systems,
        pulls=flows.pulls(shop),
        pushes=flows.pushes(shop),
        forms={filed.name: _form(filed) for filed in shelves.filed["form"]},
        code_lists=lists,
    )


def _check_form(shop: Workshop, filed: Filed) -> None:
    """Every answer stands in a field that exists, and so does every condition."""
    for at, question in enumerate(_questions(filed)):
        entity, field = str(question["from"]).split(".")
        where: tuple[Step, ...] = ("fields", at)
        shop.library.known(filed.document, (*where, "from"), kind="schema", name=entity)
        if entity in shop.entities:
            known = shop.entities[entity].fields
            for place, name in [("from", field), *(("where", name) for name in mapping(question.get("where")))]:
                if name not in known:
                    shop.library.note(
                        filed.document, (*where, place), "contract.field_unknown", name=name, entity=entity
                    )


def _questions(filed: Filed) -> list[dict[str, Json]]:
    return [mapping(question) for question in cast("list[Json]", filed.says["fields"])]


def _form(filed: Filed) -> PrefillForm:
    title, purpose = mapping(filed.says["title"]), mapping(filed.says["purpose"])
    return PrefillForm(
        filed.name,
        title_zh=str(title["zh"]),
        title_en=str(title["en"]),
        purpose_zh=str(purpose["zh"]),
        purpose_en=str(purpose["en"]),
        department=str(filed.says["department"]),
        fields=tuple(_question(question) for question in _questions(filed)),
    )


def _question(said: dict[str, Json]) -> PrefillField:
    title, (entity, field) = mapping(said["title"]), str(said["from"]).split(".")
    return PrefillField(
        str(said["name"]),
        title_zh=str(title["zh"]),
        title_en=str(title["en"]),
        entity=entity,
        field=field,
        where={name: texts(values) for name, values in mapping(said.get("where")).items()},
        pick=cast("Literal['latest', 'only', 'list']", said["pick"]),
    )

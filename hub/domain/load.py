"""Compiles contract files -> Contracts, or all problems of all files with their lines."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from hub.domain import (
    comparisons,
    declarations,
    entities,
    flow_checks,
    flows,
    indicator_compiler,
    library,
    limits,
    scenario_files,
    unit_files,
)
from hub.domain.contracts import (
    Contracts,
    PrefillCheck,
    PrefillField,
    PrefillForm,
    PrefillMaterial,
)
from hub.domain.documents import ContractProblem, Step, Unread, texts
from hub.domain.files import FileTitle, FormCheck, FormField, FormFile, Paper
from hub.domain.flows import FlowCompiler
from hub.domain.indicators import Exclusion, Indicators
from hub.domain.library import ConnectorSchemas, ContractFile
from hub.errors import FlowError
from hub.model import Json
from hub.texts import both

__all__ = [
    "ConnectorSchemas",
    "ContractProblem",
    "ContractsInvalidError",
    "Files",
    "checked",
    "load",
    "made",
    "problems_in_order",
]

Files: TypeAlias = Mapping[str, str | Unread]
"""Path -> text of contract files."""


class ContractsInvalidError(FlowError):
    """Contract files have problems; nothing runs until they are fixed."""

    default = "contract.invalid"

    def __init__(self, problems: tuple[ContractProblem, ...]) -> None:
        first = problems[0]
        super().__init__(count=len(problems), first=f"{first.file}:{first.line} {first.code}")
        self.problems = problems


def load(files: Files, connectors: Mapping[str, ConnectorSchemas], *, year: int) -> Contracts:
    """Compile contract files; ContractsInvalidError lists every problem, in file order."""
    shop = checked(files, connectors, year=year)
    contracts = None if shop.library.problems else made(shop)
    if contracts is None or shop.library.problems:
        raise ContractsInvalidError(problems_in_order(shop))
    return contracts


def checked(
    files: Files,
    connectors: Mapping[str, ConnectorSchemas],
    *,
    year: int,
    names: Mapping[str, set[str]] | None = None,
    columns: Mapping[str, frozenset[str]] | None = None,
    secret: bytes = b"",
) -> FlowCompiler:
    """Everything that contracts are compiled from, with all problems.

    names: kind -> names that exist though left out here. columns: entity -> fields with columns;
    None: not checked. secret: key of digests.
    """
    shelves = library.gather(files, connectors)
    for kind, more in (names or {}).items():
        shelves.names[kind] |= more
    lists = library.code_lists(shelves)
    known = entities.entities(shelves)
    derived = entities.derived(shelves, known)
    shop = FlowCompiler(
        library=shelves,
        entities=known,
        systems=entities.systems(shelves),
        lists=lists,
        translations=library.translations(shelves, lists),
        year=year,
        derived=derived,
        secret=secret,
    )
    declarations.check_declared(shelves, known)
    if columns is not None:
        entities.check_columns(shelves, shop.entities, columns)
    flow_checks.check(shop)
    for filed in shelves.filed["form"]:
        with shelves.guarding(filed):
            _check_form(shop, filed)
    for filed in shelves.filed["comparison"]:
        with shelves.guarding(filed):
            comparisons.check(shop, filed)
    limits.check(shelves, shop.entities, shop.foresight)
    scenario_files.check(shelves, shop.entities, derived, shop.foresight)
    unit_files.check(shelves)
    indicator_compiler.check(shelves)
    return shop


def indicators_of(files: Files, exclusions: Mapping[str, Exclusion]) -> Indicators:
    """Compile files of mappings/indicators alone, by these exclusions; ContractsInvalidError lists
    every problem.
    """
    shelves = library.gather(files, {})
    indicator_compiler.check(shelves, exclusions)
    if shelves.problems:
        raise ContractsInvalidError(tuple(sorted(shelves.problems, key=lambda one: one.line)))
    return indicator_compiler.indicators(shelves, exclusions)


def problems_in_order(shop: FlowCompiler) -> tuple[ContractProblem, ...]:
    """All problems, in the order of files and lines."""
    return tuple(
        sorted(
            shop.library.problems, key=lambda problem: (problem.file, problem.line, problem.code)
        )
    )


def made(shop: FlowCompiler) -> Contracts:
    """The contracts; what cannot be compiled becomes a problem of its file."""
    return Contracts(
        entities=shop.entities,
        systems=shop.systems,
        pulls=flows.pulls(shop),
        pushes=flows.pushes(shop),
        forms={filed.name: _form(filed) for filed in shop.library.filed["form"]},
        comparisons=comparisons.comparisons(shop),
        code_lists=shop.lists,
        limits=limits.limits(shop.library),
        clock=limits.clock_rules(shop.library),
        warnings=tuple(sorted(shop.library.warnings, key=lambda one: (one.file, one.line))),
        stages=limits.stage_rules(shop.library),
        scenarios=scenario_files.scenarios(shop.library, shop.entities),
        derived=shop.derived,
        units=unit_files.units(shop.library),
        supervision=indicator_compiler.indicators(shop.library),
        counties=unit_files.counties(shop.library),
    )


def _check_form(shop: FlowCompiler, filed: ContractFile) -> None:
    """Fields of answers, papers and conditions exist; no name is repeated."""
    said = filed.read(FormFile)
    parts: tuple[tuple[str, Sequence[FormField | Paper | FormCheck]], ...] = (
        ("fields", said.fields),
        ("materials", said.materials),
        ("checks", said.checks),
    )
    for part, several in parts:
        names: set[str] = set()
        for at, asked in enumerate(several):
            where: tuple[Step, ...] = (part, at)
            if asked.name in names:
                shop.library.note(
                    filed.document, (*where, "name"), "contract.duplicate_key", key=asked.name
                )
            names.add(asked.name)
            if asked.source is not None:
                flow_checks.check_source(shop, filed, asked.source, asked.where, where)
                _check_through(shop, filed, asked, where)
            if isinstance(asked, Paper) and asked.holder is not None:
                flow_checks.check_source(
                    shop, filed, asked.holder.source, asked.holder.where, (*where, "holder")
                )


def _check_through(
    shop: FlowCompiler,
    filed: ContractFile,
    asked: FormField | Paper | FormCheck,
    where: tuple[Step, ...],
) -> None:
    """A way is one of those of the entity, and the first and last day of a check are days of it."""
    entity = shop.entities.get(str(asked.source).partition(".")[0])
    if entity is None:
        return
    ways = [way.name for way in entity.ways]
    if asked.through is not None and asked.through not in ways:
        facts = {"name": asked.through, "entity": entity.name}
        shop.library.miss(
            filed.document, (*where, "through"), "contract.way_unknown", ways, **facts
        )
    days = [name for name, field in entity.fields.items() if field.kind == "date"]
    for word in ("until", "after") if isinstance(asked, FormCheck) else ():
        name = getattr(asked, word)
        if name is not None and name not in days:
            facts = {"name": name, "entity": entity.name}
            shop.library.miss(
                filed.document, (*where, word), "contract.field_unknown", days, **facts
            )


def _form(filed: ContractFile) -> PrefillForm:
    said = filed.read(FormFile)
    return PrefillForm(
        filed.name,
        title_zh=said.title.zh,
        title_en=said.title.en,
        purpose_zh=said.purpose.zh,
        purpose_en=said.purpose.en,
        department=said.department,
        fields=tuple(
            _prefill_field(
                one.name, one.title, one.source, one.where, one.pick, through=one.through or ""
            )
            for one in said.fields
        ),
        materials=tuple(_material(one) for one in said.materials),
        checks=tuple(_form_check(one) for one in said.checks),
    )


def _form_check(said: FormCheck) -> PrefillCheck:
    asked = _prefill_field(
        said.name, said.says, said.source, said.where, "list", through=said.through or ""
    )
    return PrefillCheck(asked, said.until, said.after, said.says.zh, said.says.en)


def _prefill_field(
    name: str,
    title: FileTitle,
    source: str | None,
    where: Mapping[str, Json],
    pick: Literal["latest", "only", "list"],
    *,
    through: str = "",
) -> PrefillField:
    entity, _, field = (source or "").partition(".")
    wanted = {one: texts(values) for one, values in where.items()}
    return PrefillField(name, title.zh, title.en, entity, field, wanted, pick, through)


def _material(said: Paper) -> PrefillMaterial:
    zh, en = both("持有人|material")
    holder = FileTitle(zh=zh, en=en)  # where the credit code of whoever must hold it stands
    return PrefillMaterial(
        said.name,
        title_zh=said.title.zh,
        title_en=said.title.en,
        held_as=_prefill_field(
            said.name, said.title, said.source, said.where, "list", through=said.through or ""
        )
        if said.source
        else None,
        named=(said.title.zh, *said.named),
        holder=_prefill_field("holder", holder, said.holder.source, said.holder.where, "only")
        if said.holder
        else None,
    )

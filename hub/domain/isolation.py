"""Contract files of which some are unsound -> what runs all the same, and what may not run and why.

A mistake in a partner's folder disables that partner's flows; one in a schema the flows and forms
of its entity; one in a shared code list those of the entities that use it; one in a form the form
and what hands it over. What is disabled is still known by its files as they last were sound: its
records stay legible, what is due to it is marked, its silence is watched. Limits and the calendar
go on as they last were sound.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from hub.domain import flows
from hub.domain.contracts import Contracts
from hub.domain.documents import ContractProblem, Unread, mapping
from hub.domain.flows import FlowCompiler
from hub.domain.library import ConnectorSchemas, ContractFile, place_of
from hub.domain.load import Files, checked, made, problems_in_order
from hub.model import Json

Scope: TypeAlias = tuple[str, str]
"""What a mistake affects, as (kind, name): a system, schema, codes, form, comparison, limits, or
nothing.
"""

NOTHING: Scope = ("", "")
NONE = "contract.none"
_IN_A_FOLDER = frozenset({"system", "translation", "pull", "push"})
_SHELVES = ("codes", "comparisons", "forms", "limits", "scenarios")


@dataclass(frozen=True, slots=True)
class Sources:
    """The files as they are, as they last were sound, and the options of their compilation."""

    files: Files
    kept: Mapping[str, str]
    connectors: Mapping[str, ConnectorSchemas]
    year: int
    columns: Mapping[str, frozenset[str]] | None
    secret: bytes = field(default=b"", repr=False)

    def checked(self, files: Files, *, names: Mapping[str, set[str]] | None = None) -> FlowCompiler:
        """The result of compiling these files."""
        return checked(
            files,
            self.connectors,
            year=self.year,
            names=names,
            columns=self.columns,
            secret=self.secret,
        )

    def changed(self, path: str) -> bool:
        """Whether a file differs from its last sound version."""
        return path in self.kept and self.files.get(path) != self.kept[path]


@dataclass(slots=True)
class Blamed:
    """Problems by scope."""

    by_scope: dict[Scope, list[ContractProblem]] = field(default_factory=lambda: defaultdict(list))

    def of(self, *scopes: Scope) -> tuple[ContractProblem, ...]:
        """All problems of these scopes."""
        return tuple(
            dict.fromkeys(problem for scope in scopes for problem in self.by_scope.get(scope, ()))
        )

    def names(self, kind: str) -> set[str]:
        """Names of a kind with problems."""
        return {name for scope, name in self.by_scope if scope == kind}


def take_up(
    files: Files,
    connectors: Mapping[str, ConnectorSchemas],
    *,
    year: int,
    kept: Mapping[str, str] | None = None,
    columns: Mapping[str, frozenset[str]] | None = None,
    secret: bytes = b"",
) -> Contracts:
    """Contracts as far as files are sound; raises nothing for what a file says.

    kept: files as they last were sound. columns: entity -> fields with columns. secret: key of
    digests.
    """
    sources = Sources(files, kept or {}, connectors, year, columns, secret)
    first = sources.checked(files)
    digest = _digest(files, year, columns)
    contracts = None if first.library.problems else made(first)
    problems = problems_in_order(first) + _emptiness(first, sources.kept)
    if contracts is not None and not problems:
        return replace(contracts, sound=_texts(files), digest=digest)
    blamed = Blamed()
    for problem in problems:
        for scope in (
            {_file_scope(path) for path in sources.kept}
            if problem.code == NONE
            else [_reach(problem, sources, first)]
        ):
            blamed.by_scope[scope].append(problem)
    shop, dropped = _settled(sources, first, blamed, problems)
    contracts = made(shop)
    disabled = dict(
        _disabled(
            sources, first, shop, blamed, dropped | {p.file: p for p in shop.library.problems}
        )
    )
    asked = {name: form.entities for name, form in contracts.forms.items()}
    forms = {
        name: _of_form(first, shop, blamed, name, asked.get(name, frozenset()))
        or tuple(
            problem for path, problem in dropped.items() if _file_scope(path) == ("form", name)
        )
        for name in first.library.names["form"]
    }
    return replace(
        contracts,
        problems=problems,
        disabled=disabled,
        disabled_forms={name: told for name, told in forms.items() if told},
        sound={path: text for path, text in _texts(files).items() if _is_sound(path, blamed)},
        digest=digest,
    )


def gone(contracts: Contracts, files: Files, kept: Mapping[str, str]) -> list[str]:
    """Kept files that were removed on purpose: no unsound file could mean them."""
    unsound = {_file_scope(problem.file) for problem in contracts.problems}
    unsound |= {
        ("system", problem.facts["name"]) for problem in contracts.problems if _is_missed(problem)
    }
    nothing = any(problem.code == NONE for problem in contracts.problems)
    return [
        path
        for path in kept
        if not nothing and path not in files and _file_scope(path) not in unsound
    ]


def _is_missed(problem: ContractProblem) -> bool:
    """Whether a schema gives a say to a partner of which there is no file."""
    return problem.code == "contract.system_unknown" and problem.file.startswith("schemas/")


def _digest(files: Files, year: int, columns: Mapping[str, frozenset[str]] | None) -> str:
    said = [*sorted((path, str(text)) for path, text in files.items()), year]
    room = sorted((name, sorted(fields)) for name, fields in (columns or {}).items())
    return hashlib.sha256(repr((said, room)).encode("utf-8", "surrogatepass")).hexdigest()


def _texts(files: Files) -> dict[str, str]:
    return {path: text for path, text in files.items() if not isinstance(text, Unread)}


def _emptiness(shop: FlowCompiler, kept: Mapping[str, str]) -> tuple[ContractProblem, ...]:
    """No schema, or of all partners none, is no wish of anybody, but a folder that is not there."""
    for kind, folder in (("schema", "schemas/"), ("system", "mappings/")):
        if not shop.library.names[kind] and any(place_of(path).kind == kind for path in kept):
            return (ContractProblem(folder, 1, NONE, {}),)
    return ()


def _file_scope(path: str) -> Scope:
    """The scope of a mistake in this file, by its path."""
    place = place_of(path)
    if place.kind in {"schema", "codes", "form", "comparison"}:
        return place.kind, place.name
    if place.kind in {"limits", "clock", "stages", "scenario"}:
        return "limits", place.name
    if place.kind in _IN_A_FOLDER:
        return "system", place.system or place.name
    top, _, rest = path.partition("/")
    folder, slash, _ = rest.partition("/")
    return ("system", folder) if top == "mappings" and slash and folder not in _SHELVES else NOTHING


def _reach(problem: ContractProblem, sources: Sources, shop: FlowCompiler) -> Scope:
    """The scope of a problem: of two conflicting files, the one changed since all was sound."""
    place = _file_scope(problem.file)
    if _is_missed(problem):
        return "system", problem.facts["name"]
    if sources.kept.get(problem.file) == sources.files.get(problem.file):
        for path in _named(problem, shop):
            if sources.changed(path):
                return _file_scope(path)
    return place


def _named(problem: ContractProblem, shop: FlowCompiler) -> Iterator[str]:
    """The other files that a problem is about."""
    facts = problem.facts
    if "list" in facts:
        yield f"mappings/codes/{facts['list']}.yaml"
    kinds = {
        "contract.schema_unknown": "schemas/{}.json",
        "contract.form_unknown": "mappings/forms/{}.yaml",
    }
    kinds |= {"contract.codes_unknown": "mappings/codes/{}.yaml"}
    if problem.code in kinds and "name" in facts:
        yield kinds[problem.code].format(facts["name"])
    if "entity" in facts:
        yield f"schemas/{facts['entity']}.json"
    for kind in ("pull", "push"):
        for filed in shop.library.filed[kind]:
            if filed.document.file == problem.file:
                yield f"schemas/{filed.says['entity']}.json"


def _settled(
    sources: Sources, first: FlowCompiler, blamed: Blamed, problems: tuple[ContractProblem, ...]
) -> tuple[FlowCompiler, dict[str, ContractProblem]]:
    """A consistent set of files: unsound ones as last sound, or left out; and their dependents."""
    standing: dict[str, str | Unread] = dict(sources.files)
    for name in blamed.names("system"):
        folder = f"mappings/{name}/"
        was = {path: text for path, text in sources.kept.items() if path.startswith(folder)}
        if was:
            standing = {
                path: text for path, text in standing.items() if not path.startswith(folder)
            }
            standing.update(was)
    for path in {problem.file for problem in problems} | set(sources.kept):
        scope = _file_scope(path)
        if scope[0] != "system" and scope in blamed.by_scope and path in sources.kept:
            standing[path] = sources.kept[path]
    dropped: dict[str, ContractProblem] = {}
    shop = sources.checked(standing, names=first.library.names)
    while bad := _unfit(shop):
        for path, problem in bad.items():
            if (
                path in sources.kept
                and standing.get(path) != sources.kept[path]
                and path not in dropped
            ):
                standing[path] = sources.kept[path]
            else:
                standing.pop(path, None)
            dropped[path] = problem
        shop = sources.checked(standing, names=first.library.names)
    shop.library.problems.clear()
    return shop, dropped


def _unfit(shop: FlowCompiler) -> dict[str, ContractProblem]:
    """Files that conflict with others, with the problem (files of no kind harm none)."""
    told = (problem for problem in shop.library.problems if not _is_missed(problem))
    return {problem.file: problem for problem in told if _file_scope(problem.file) != NOTHING}


def _disabled(
    sources: Sources,
    first: FlowCompiler,
    shop: FlowCompiler,
    blamed: Blamed,
    dropped: Mapping[str, ContractProblem],
) -> Iterator[tuple[str, tuple[ContractProblem, ...]]]:
    """Every flow that may not run, with what is wrong."""
    paths = {filed.document.file for kind in ("pull", "push") for filed in shop.library.filed[kind]}
    for path in sorted(paths | set(sources.files)):
        place = place_of(path)
        if place.kind not in {"pull", "push"}:
            continue
        found = [_filed(one, place.kind, path) for one in (first, shop)]
        says = next((filed.says for filed in found if filed), {})
        entity = str(says.get("entity") or place.name.split(".")[0])
        scopes: list[Scope] = [("system", place.system), *_of_entity(first, shop, entity)]
        if flows.FORM in says:
            scopes += [("form", str(says[flows.FORM]))]
        uses = {
            name
            for one, filed in zip((first, shop), found, strict=True)
            if filed
            for name in flows.uses_of(one, filed)
        }
        scopes += [("codes", name) for name in uses]
        reasons = blamed.of(*scopes) or ((dropped[path],) if path in dropped else ())
        if reasons:
            yield flows.name_of(place.kind, place.system, place.name), reasons


def _filed(shop: FlowCompiler, kind: str, path: str) -> ContractFile | None:
    return next((filed for filed in shop.library.filed[kind] if filed.document.file == path), None)


def _of_entity(first: FlowCompiler, shop: FlowCompiler, name: str) -> list[Scope]:
    """What an entity hangs on: its schema and the code lists of its fields."""
    lists = {code for one in (first, shop) for code in _codes_of(one, name)}
    return [("schema", name), *(("codes", code) for code in sorted(lists))]


def _codes_of(shop: FlowCompiler, entity: str) -> Iterator[str]:
    for filed in shop.library.filed["schema"]:
        if filed.name == entity:
            for rule in mapping(filed.says["properties"]).values():
                code: Json = mapping(rule).get("x-code")
                if code is not None:
                    yield str(code)


def _of_form(
    first: FlowCompiler, shop: FlowCompiler, blamed: Blamed, name: str, asked: frozenset[str]
) -> tuple[ContractProblem, ...]:
    scopes = [scope for entity in sorted(asked) for scope in _of_entity(first, shop, entity)]
    return blamed.of(("form", name), *scopes)


def _is_sound(path: str, blamed: Blamed) -> bool:
    scope = _file_scope(path)
    return scope != NOTHING and scope not in blamed.by_scope

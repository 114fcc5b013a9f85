"""All contract files: sorted by kind, checked against their grammar, problems collected."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Protocol, TypeVar, runtime_checkable

from jsonschema_rs import Draft202012Validator

from hub.domain.contracts import CodeList
from hub.domain.documents import (
    ContractDocument,
    ContractProblem,
    Step,
    Unread,
    UnreadableError,
    mapping,
    read,
    reason_of,
)
from hub.domain.files import CodesFile, ContractModel, TranslationFile
from hub.domain.grammar import GRAMMARS
from hub.domain.nearest_names import hint
from hub.domain.schemas import compiled
from hub.domain.verbs import Translation
from hub.domain.violations import described
from hub.model import Json

_KINDS: Mapping[str, re.Pattern[str]] = {
    "schema": re.compile(r"schemas/(?P<name>[a-z][a-z0-9_]*)\.json"),
    "codes": re.compile(r"mappings/codes/(?P<name>[a-z][a-z0-9_]*)\.yaml"),
    "clock": re.compile(r"mappings/limits/(?P<name>clock)\.yaml"),
    "stages": re.compile(r"mappings/limits/(?P<name>stages)\.yaml"),
    "limits": re.compile(r"mappings/limits/(?P<name>[a-z][a-z0-9_]*)\.yaml"),
    "scenario": re.compile(r"mappings/scenarios/(?P<name>[a-z][a-z0-9_]*)\.yaml"),
    "comparison": re.compile(r"mappings/comparisons/(?P<name>[a-z][a-z0-9_]*)\.yaml"),
    "units": re.compile(r"mappings/(?P<name>units)\.yaml"),
    "exclusions": re.compile(r"mappings/indicators/(?P<name>exclusions)\.yaml"),
    "levels": re.compile(r"mappings/indicators/(?P<name>levels)\.yaml"),
    "indicators": re.compile(r"mappings/indicators/(?P<name>[a-z][a-z0-9_]*)\.yaml"),
    "form": re.compile(r"mappings/forms/(?P<name>[a-z][a-z0-9_]*)\.yaml"),
    "system": re.compile(r"mappings/(?P<system>[a-z][a-z0-9_]*)/system\.yaml"),
    "translation": re.compile(
        r"mappings/(?P<system>[a-z][a-z0-9_]*)/codes/(?P<name>[a-z][a-z0-9_]*)\.yaml"
    ),
    "pull": re.compile(
        r"mappings/(?P<system>[a-z][a-z0-9_]*)/(?P<name>[a-z][a-z0-9_.]*)\.pull\.yaml"
    ),
    "push": re.compile(
        r"mappings/(?P<system>[a-z][a-z0-9_]*)/(?P<name>[a-z][a-z0-9_.]*)\.push\.yaml"
    ),
}


M = TypeVar("M", bound=ContractModel)


@runtime_checkable
class Refusing(Protocol):
    """An options schema with checks beyond JSON Schema."""

    def refused(
        self, values: Mapping[str, Json], connect: Mapping[str, Json]
    ) -> Iterable[tuple[tuple[Step, ...], str]]:
        """(place, reason as `Chinese / English`) of options that keep to the schema but are wrong.

        connect: the system's options, which those of a flow must match; empty where they are
        checked themselves.
        """


@dataclass(frozen=True, slots=True)
class ConnectorSchemas:
    """The options of a connector: SYSTEM, READ, WRITE; FETCH, BACK, ASK where it has them.

    carries: the option of `write:` by which files go with deliveries, "" where they cannot.
    """

    system: Mapping[str, Json]
    read: Mapping[str, Json]
    write: Mapping[str, Json]
    fetch: Mapping[str, Json] | None = None
    back: Mapping[str, Json] | None = None
    ask: Mapping[str, Json] | None = None
    carries: str = ""


@dataclass(frozen=True, slots=True)
class ContractFile:
    """A contract file that keeps to its grammar."""

    name: str
    system: str
    document: ContractDocument

    @property
    def says(self) -> dict[str, Json]:
        return mapping(self.document.value)

    def read(self, model: type[M]) -> M:
        """Its content, as the model of its kind."""
        return model.model_validate(self.document.value)


@dataclass(slots=True)
class Library:
    """Files read so far, and their problems.

    `names` holds unsound files too, so that one fault is reported once; translations are in it as
    system/list. folders: partners with any file.
    """

    connectors: Mapping[str, ConnectorSchemas]
    problems: list[ContractProblem] = field(default_factory=list)
    warnings: list[ContractProblem] = field(default_factory=list)
    filed: dict[str, list[ContractFile]] = field(
        default_factory=lambda: {kind: [] for kind in _KINDS}
    )
    names: dict[str, set[str]] = field(default_factory=lambda: {kind: set() for kind in _KINDS})
    folders: set[str] = field(default_factory=set)

    @contextmanager
    def guarding(self, filed: "ContractFile") -> Iterator[None]:
        """Turn an unforeseen error of a file into a problem of that file alone."""
        try:
            yield
        # one partner's file must not stop the others, whatever it says
        except Exception as error:  # noqa: BLE001
            self.note(filed.document, (), "contract.unforeseen", error=type(error).__name__)

    def note(
        self, document: ContractDocument, where: tuple[Step, ...], code: str, **facts: str
    ) -> None:
        """Add a problem."""
        self.problems.append(document.problem(where, code, **facts))

    def miss(
        self,
        document: ContractDocument,
        where: tuple[Step, ...],
        code: str,
        known: Iterable[str],
        **facts: str,
    ) -> None:
        """Add a problem: a name (first of the facts) is not known; hints at the nearest."""
        self.note(document, where, code, **facts, **hint(next(iter(facts.values())), known))

    def warn(
        self, document: ContractDocument, where: tuple[Step, ...], code: str, **facts: str
    ) -> None:
        """Add a warning: for people to look at, it stops nothing."""
        self.warnings.append(document.problem(where, code, **facts))

    def known(
        self, document: ContractDocument, where: tuple[Step, ...], *, kind: str, name: str
    ) -> bool:
        """Whether this schema, system or code list exists; else a problem."""
        if name in self.names[kind]:
            return True
        self.miss(document, where, f"contract.{kind}_unknown", sorted(self.names[kind]), name=name)
        return False

    def check(
        self,
        document: ContractDocument,
        schema: Mapping[str, Json],
        *,
        where: tuple[Step, ...] = (),
        value: Json,
        connect: Mapping[str, Json] = MappingProxyType({}),
    ) -> bool:
        """Whether a part of a file keeps to a schema; each violation is a problem.

        connect: the system's options, where the part is a flow's.
        """
        sound = self._noted(document, schema, compiled(schema), where=where, value=value)
        if not sound or not isinstance(schema, Refusing):
            return sound
        refused = schema.refused(mapping(value), connect)
        for place, words in refused:
            at = ".".join(map(str, (*where, *place)))
            self.note(document, (*where, *place), "contract.value", place=at, **reason_of(words))
        return not refused

    def keeps_to_grammar(self, document: ContractDocument, kind: str) -> bool:
        """Whether a file keeps to its kind's grammar; each violation is a problem."""
        return self._noted(document, GRAMMARS[kind], _grammar(kind), where=(), value=document.value)

    def _noted(
        self,
        document: ContractDocument,
        schema: Mapping[str, Json],
        validator: Draft202012Validator,
        *,
        where: tuple[Step, ...],
        value: Json,
    ) -> bool:
        found = [
            one
            for error in validator.iter_errors(value)
            for one in described(error, schema, where=where)
        ]
        for one in dict.fromkeys(found):
            self.note(document, one.place, one.code, **one.facts)
        return not found


@cache
def _grammar(kind: str) -> Draft202012Validator:
    return compiled(GRAMMARS[kind])


@dataclass(frozen=True, slots=True)
class FileLocation:
    """The role of a file by its path; `kind` is "" where no contract file belongs."""

    kind: str
    name: str = ""
    system: str = ""


def place_of(path: str) -> FileLocation:
    """The role of the file at this path."""
    for kind, shape in _KINDS.items():
        if match := shape.fullmatch(path):
            parts = match.groupdict()
            return FileLocation(kind, parts.get("name") or parts["system"], parts.get("system", ""))
    return FileLocation("")


def gather(
    files: Mapping[str, str | Unread], connectors: Mapping[str, ConnectorSchemas]
) -> Library:
    """Parse every file; keep those that keep to their grammar."""
    library = Library(connectors)
    for path, text in sorted(files.items()):
        place = place_of(path)
        kind, name, system = place.kind, place.name, place.system
        if not kind:
            library.problems.append(ContractProblem(path, 1, "contract.file_unexpected", {}))
            continue
        library.names[kind].add(f"{system}/{name}" if kind == "translation" else name)
        library.folders |= {system} if system else set()
        try:
            document = read(path, text)
        except UnreadableError as error:
            library.problems.append(error.problem)
            continue
        if library.keeps_to_grammar(document, kind):
            library.filed[kind].append(ContractFile(name, system, document))
    return library


def code_lists(library: Library) -> dict[str, CodeList]:
    """The shared code lists."""
    lists = {}
    for filed in library.filed["codes"]:
        said = filed.read(CodesFile)
        named = [
            (("otherwise",), said.otherwise),
            *((("final", at), code) for at, code in enumerate(said.final)),
        ]
        _known_codes(library, filed, named, said.values, filed.name)
        lists[filed.name] = CodeList(
            filed.name,
            title_zh=said.title.zh,
            title_en=said.title.en,
            source=said.source,
            values={code: (word.zh, word.en) for code, word in said.values.items()},
            otherwise=said.otherwise,
            final=said.final,
        )
    return lists


def _known_codes(
    library: Library,
    filed: ContractFile,
    named: Iterable[tuple[tuple[Step, ...], str | None]],
    known: Iterable[str],
    name: str,
) -> None:
    """Note the codes, each with its place, that the list of this name does not have."""
    for where, code in named:
        if code is not None and code not in known:
            library.miss(
                filed.document, where, "contract.code_target", known, value=code, list=name
            )


def translations(
    library: Library, lists: Mapping[str, CodeList]
) -> dict[str, dict[str, Translation]]:
    """System -> its code lists: own translations, else the shared lists."""
    shared = {}
    for name, codes in lists.items():
        same = {code: code for code in codes.values}
        shared[name] = Translation(name, to=name, values=same, otherwise=codes.otherwise, back=same)
    seen = {filed.system or filed.name: dict(shared) for filed in library.filed["system"]}
    for filed in library.filed["translation"]:
        said = filed.read(TranslationFile)
        if library.known(filed.document, ("to",), kind="codes", name=said.to) and said.to in lists:
            seen.setdefault(filed.system, dict(shared))[filed.name] = _translation(
                library, filed, said, lists[said.to]
            )
    return seen


def _translation(
    library: Library, filed: ContractFile, said: TranslationFile, shared: CodeList
) -> Translation:
    named: list[tuple[tuple[Step, ...], str | None]] = [
        (("values", own), code) for own, code in said.values.items()
    ]
    named += [(("back", code), code) for code in said.back] + [(("otherwise",), said.otherwise)]
    _known_codes(library, filed, named, shared.values, shared.name)
    meant = Counter(said.values.values())
    return Translation(
        f"{filed.system}/{filed.name}",
        to=shared.name,
        values=said.values,
        otherwise=said.otherwise,
        back={target: own for own, target in said.values.items() if meant[target] == 1} | said.back,
        unclear=tuple(
            target for target, times in meant.items() if times > 1 and target not in said.back
        ),
    )

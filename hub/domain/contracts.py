"""Contract files as immutable types: entities, systems, flows, forms. Built by `load`."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import orjson

from hub.domain import snapshots
from hub.domain.clock import ClockRules, Limit, StageRules
from hub.domain.declared import CaseRule, ClockRole, ComparisonRule, Papers, Show, Timing, Way
from hub.domain.documents import ContractProblem
from hub.domain.files import Reconciling
from hub.domain.government_units import GovernmentUnit
from hub.domain.indicators import Indicators
from hub.domain.payload import PayloadFormat, decode
from hub.domain.scenarios import Scenario
from hub.domain.schema_drift import MappedPaths
from hub.domain.secrecy import CODES, Secrecy, withheld
from hub.errors import Fault, RecordError
from hub.model import Json, Record
from hub.texts import Words

Kind = Literal[
    "string", "integer", "boolean", "date", "month", "datetime", "decimal", "strings", "geojson"
]


PROJECT_CODE = "project_code"


@dataclass(frozen=True, slots=True)
class Field:
    """One shared field.

    authority: systems that may assert it, best first. asserted_by: flows whose empty value counts
    as a statement (with `x-empty: asserts`, for flows that map the field). identifies: the kind of
    number, for the crosswalk. resembles: the trait for record linkage.
    """

    name: str
    kind: Kind
    title_zh: str
    title_en: str
    authority: tuple[str, ...]
    classed: str
    scale: int | None = None
    unit: str | None = None
    standard: tuple[str, ...] = ()
    code: str | None = None
    rule: str | None = None
    warn: tuple[str, ...] = ()
    asserted_by: tuple[str, ...] = ()
    identifies: str | None = None
    resembles: str | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """One kind of shared record. `schema` is the file itself, as read.

    show: None where a part of its own shows it (the project, stages, connections). case: None where
    its records are no cases. papers: None where they are no papers handed in. clock: their role in
    clocks, None without. ways: how records without a project belong to projects; empty where each
    has its own.
    """

    name: str
    title_zh: str
    title_en: str
    key: tuple[str, ...]
    fields: Mapping[str, Field]
    required: tuple[str, ...]
    authority: tuple[str, ...]
    schema: Mapping[str, Json]
    show: Show | None = None
    case: CaseRule | None = None
    papers: Papers | None = None
    clock: Timing | None = None
    ways: tuple[Way, ...] = ()

    @property
    def projectless(self) -> bool:
        """Whether its records have no project of their own and belong to those of its ways."""
        return bool(self.ways)

    @property
    def of_project(self) -> bool:
        """Whether its records belong to projects. Those of others (`x-project: none`) never wait
        for one: their `project_code` is no field of the schema, and stays empty.
        """
        return "x-project" not in self.schema

    @property
    def said(self) -> dict[str, Field]:
        """The fields that the schema itself names."""
        return {
            name: field
            for name, field in self.fields.items()
            if self.of_project or name != PROJECT_CODE
        }

    @property
    def traits(self) -> dict[str, str]:
        """Field -> trait, for record linkage."""
        return {
            name: field.resembles
            for name, field in self.fields.items()
            if field.resembles is not None
        }


def timed(entities: Iterable[Entity], role: ClockRole) -> tuple[tuple[Entity, Timing], ...]:
    """The entities with this role in their project's clocks, with their declarations."""
    return tuple((one, one.clock) for one in entities if one.clock and one.clock.role == role)


@dataclass(frozen=True, slots=True)
class System:
    """One partner system. `connect` holds the options of each connector that it is reached by.

    variants: titles (zh, en) of what stands behind the entity in the names of its flows.
    """

    name: str
    title_zh: str
    title_en: str
    department_zh: str
    department_en: str
    connector: str
    connect: Mapping[str, Mapping[str, Json]]
    pool_slots: int
    freshness_seconds: int
    every_seconds: int
    timezone: str
    owner: str
    reconcile: Reconciling = field(default_factory=Reconciling)
    variants: Mapping[str, Words] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CodeList:
    """A shared code list: code -> words (zh, en). otherwise: replaces unknown codes.

    final: codes with which a case is over, in a list of states.
    """

    name: str
    title_zh: str
    title_en: str
    source: str
    values: Mapping[str, tuple[str, str]]
    otherwise: str | None
    final: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mapped:
    """A source record in shared terms, with all its faults.

    time: the source's own time of it, None if not given. key: "" when missing (a fault says so).
    skipped: the filter that dropped it. Deleted and skipped records have no values. parts: the
    records of its list's elements, where the mapping explodes it (`each:`); then it has no values
    of its own.
    """

    key: str
    version: str
    deleted: bool
    skipped: str | None
    values: Record
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    parts: "tuple[RecordPart, ...] | None" = None
    time: datetime | None = None

    @classmethod
    def without_values(
        cls, *faults: Fault, key: str = "", version: str = "", deleted: bool = False
    ) -> "Mapped":
        """A record that only says that it is gone, or why it cannot be read."""
        return cls(key, version, deleted, None, {}, faults, ())

    @property
    def is_secret(self) -> bool:
        """Whether it is not shown to be open: no content of it may be stored or shown."""
        return any(fault.code in CODES for fault in self.faults)

    @property
    def shows(self) -> bool:
        """Whether it shows its source's shape (a delete mark, say, has the key alone)."""
        return not (self.deleted or self.skipped or self.is_secret)


@dataclass(frozen=True, slots=True)
class RecordPart:
    """One element of a record's list: its JSON pointer in the payload, and its values."""

    pointer: str
    mapped: Mapped


@dataclass(frozen=True, slots=True)
class Each:
    """How a list is exploded: its path, and the name under which paths read an element.

    empty: "none" if a record without elements is valid, else it is a fault. most: limit of
    elements. lone: a single element may stand without a list (XML).
    """

    at: str
    name: str
    empty: Literal["none", "fault"] = "none"
    most: int = 5_000
    lone: bool = False


@dataclass(frozen=True, slots=True)
class Mapper:
    """One compiled pull mapping. digest_view: canonical JSON without volatile fields, to hash.

    map_all: each of a batch as `map` maps it, by columns where that is quicker. audited: the mapped
    record, with a fault where the reference validator disagrees.
    """

    map: Callable[[dict[str, Json]], Mapped]
    map_all: Callable[[Sequence[dict[str, Json]]], list[Mapped]]
    audited: Callable[[dict[str, Json], Mapped], Mapped]
    source_key: Callable[[dict[str, Json]], str]
    digest_view: Callable[[dict[str, Json]], bytes]
    traces: Mapping[str, tuple[str, ...]]

    def trace(self, field: str) -> tuple[str, ...]:
        """The source paths that a field is read from."""
        return self.traces.get(field, ())


@dataclass(frozen=True, slots=True)
class Shaped:
    """A golden record in the target's shape, or why it is withheld."""

    body: dict[str, Json] | None
    withheld: Fault | None


@dataclass(frozen=True, slots=True)
class Shaper:
    """One compiled push mapping. related: the golden `project`, and answers of a `form`.

    meets: whether a record meets the mapping's `when`. fields: the target's own.
    """

    shape: Callable[[Record, Mapping[str, Record]], Shaped]
    meets: Callable[[Record, Mapping[str, Record]], bool]
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileSource:
    """Where a system's files are fetched. via: its connector, or `record`: it stands in the record.

    connect: the connector's options; options: those of this source.
    """

    name: str
    via: str
    connect: Mapping[str, Json]
    options: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class FileRule:
    """A field that says where a file is. path: where the content stands in the record, "" if not.

    hash_field: the field with the digest that its source tells. most: bytes. keep: it is held here;
    else it is passed through when somebody asks.
    """

    field: str
    source: FileSource
    path: str
    hash_field: str | None
    types: tuple[str, ...]
    most: int
    keep: bool


@dataclass(frozen=True, slots=True)
class SentFile:
    """A field whose file goes with a delivery. name, digest: fields of the body that say which."""

    field: str
    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class BackRules:
    """How rows of a source learn what became of them.

    connector, connect, options: by what it is written. key: columns by which a row is found.
    states: outcome -> the partner's value for it. columns: those written within the row itself;
    empty where the verdicts are laid down beside it.
    """

    connector: str
    connect: Mapping[str, Json]
    options: Mapping[str, Json]
    key: tuple[str, ...]
    states: Mapping[str, str | int]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskRules:
    """How a source is asked by key: with the values of a golden field, each again after a time.

    where: values that fields of the same record must have. per_run, per_day: keys at most (None: as
    many as there are). purpose: what stands in the access log; basis: by which law, "" for what is
    not personal.
    """

    entity: str
    field: str
    where: Mapping[str, tuple[str, ...]]
    again_seconds: int
    per_run: int
    per_day: int | None
    purpose: str
    basis: str


@dataclass(frozen=True, slots=True)
class PullFlow:
    """One pull mapping of a system's records to an entity.

    overlap: seconds (time cursors) or a count (number cursors). codeless: records may lack a
    project code; links: mapped field -> kind of number, by which the crosswalk finds it then.
    parent: the entity whose golden record must exist first, or None. contract: hash of `text`,
    canonical JSON of all that decides a value. watched: paths read, for drift detection. secrecy:
    how its source flags secrets. each: how a list is exploded; key is then the whole's. back: how
    its rows learn their outcome, None where they do not. ask: how it is asked by key, None where it
    gives a list.
    """

    name: str
    system: System
    entity: Entity
    connector: str
    connect: Mapping[str, Json]
    read: Mapping[str, Json]
    form: PayloadFormat
    overlap: int
    version: str | None
    version_as: Literal["text", "datetime", "integer"]
    key: tuple[str, ...]
    ignore: tuple[str, ...]
    codeless: bool
    links: Mapping[str, str]
    parent: str | None
    contract: str
    text: str
    mapper: Mapper
    watched: MappedPaths
    secrecy: Secrecy
    each: Each | None = None
    files: Mapping[str, FileRule] = field(default_factory=dict)
    back: BackRules | None = None
    ask: AskRules | None = None

    def fields(self, payload: bytes) -> dict[str, Json]:
        """The decoded payload; RecordError where it may be secret or cannot be read."""
        if (fault := self.withheld(payload)) is not None:
            raise RecordError(fault)
        return decode(payload, form=self.form)

    def withheld(self, payload: bytes) -> Fault | None:
        """Why a payload may not be stored or shown; None where it is shown to be open."""
        return withheld(payload, form=self.form, secrecy=self.secrecy)

    @property
    def reading(self) -> str:
        """Hash of the options its source is read by; a resume position is void under others."""
        return hashlib.sha256(orjson.dumps(self.read, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]

    @property
    def fetch(self) -> str:
        """The flow that fetches the files of its records, where it names some."""
        return f"fetch.{self.name.partition('.')[2]}"

    @property
    def reads_snapshots(self) -> bool:
        """Whether its source delivers complete lists, so that absence means deletion."""
        return snapshots.period(self.read) > 0

    @property
    def freshness_seconds(self) -> int:
        """Seconds within which it should have been read completely."""
        return snapshots.freshness(self.read, self.system.freshness_seconds)


@dataclass(frozen=True, slots=True)
class PushFlow:
    """One push mapping of golden records to a target.

    pushed: the entity's own fields in the body. quotes: the body has fields of the project too.
    form, reader: the body is the prefilled form of the record's project, as this account may see
    it. files: those that go with each delivery.
    """

    name: str
    system: System
    entity: Entity
    connector: str
    connect: Mapping[str, Json]
    write: Mapping[str, Json]
    batch: int
    receipts: bool
    when: Mapping[str, Json]
    after: str | None
    required: tuple[str, ...]
    key: tuple[str, ...]
    pushed: tuple[str, ...]
    quotes: bool
    contract: str
    text: str
    shaper: Shaper
    form: str | None = None
    reader: str = ""
    files: tuple[SentFile, ...] = ()


@dataclass(frozen=True, slots=True)
class PrefillField:
    """One question of a form, and the golden field that answers it, of which records and how many.

    Without entity and field the applicant answers it. through: the way by which records without a
    project must belong to it, "" for any.
    """

    name: str
    title_zh: str
    title_en: str
    entity: str
    field: str
    where: Mapping[str, tuple[str, ...]]
    pick: Literal["latest", "only", "list"]
    through: str = ""


@dataclass(frozen=True, slots=True)
class PrefillMaterial:
    """A paper that a form wants. held_as: the field with its number, where the hub holds it.

    named: names under which a handed-in material counts as this paper. holder: where the credit
    code of its rightful holder is; None: a paper of the project.
    """

    name: str
    title_zh: str
    title_en: str
    held_as: PrefillField | None
    named: tuple[str, ...]
    holder: PrefillField | None = None


@dataclass(frozen=True, slots=True)
class PrefillCheck:
    """What a form tells while a record fits `asked`.

    until: after this date it counts no more; after: from the day after this date on it counts.
    """

    asked: PrefillField
    until: str | None
    after: str | None
    says_zh: str
    says_en: str


@dataclass(frozen=True, slots=True)
class PrefillForm:
    """A department's form for applicants, with the papers that go with it."""

    name: str
    title_zh: str
    title_en: str
    purpose_zh: str
    purpose_en: str
    department: str
    fields: tuple[PrefillField, ...]
    materials: tuple[PrefillMaterial, ...] = ()
    checks: tuple[PrefillCheck, ...] = ()

    @property
    def entities(self) -> frozenset[str]:
        """The entities whose records answer it."""
        papers = {one.held_as.entity for one in self.materials if one.held_as}
        papers |= {one.holder.entity for one in self.materials if one.holder}
        papers |= {one.asked.entity for one in self.checks}
        return frozenset({field.entity for field in self.fields if field.entity} | papers)


@dataclass(frozen=True, slots=True)
class Contracts:
    """All contracts by name; limits in working days; clock rules (None: no clock runs).

    warnings: for people to look at, they stop nothing. derived: facts computed here and sent by no
    system. units: of mappings/units.yaml, by id; counties: their names (zh, en), by region code.
    supervision: indicators of mappings/indicators. problems: errors in the files. disabled: flows
    that may not run, with their errors; disabled_forms likewise. Of those the last sound version
    stands here, if any, so that records stay legible and marks are made. sound: files without
    error, by path. digest: of all files as read.
    """

    entities: Mapping[str, Entity]
    systems: Mapping[str, System]
    pulls: Mapping[str, PullFlow]
    pushes: Mapping[str, PushFlow]
    forms: Mapping[str, PrefillForm]
    code_lists: Mapping[str, CodeList]
    limits: tuple[Limit, ...] = ()
    clock: ClockRules | None = None
    warnings: tuple[ContractProblem, ...] = ()
    stages: StageRules | None = None
    derived: Mapping[str, Entity] = field(default_factory=dict)
    scenarios: Mapping[str, Scenario] = field(default_factory=dict)
    comparisons: Mapping[str, ComparisonRule] = field(default_factory=dict)
    units: Mapping[str, GovernmentUnit] = field(default_factory=dict)
    counties: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    supervision: Indicators = field(default_factory=Indicators)
    problems: tuple[ContractProblem, ...] = ()
    disabled: Mapping[str, tuple[ContractProblem, ...]] = field(default_factory=dict)
    disabled_forms: Mapping[str, tuple[ContractProblem, ...]] = field(default_factory=dict)
    sound: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""

    @property
    def granted(self) -> dict[str, Entity]:
        """All that can be granted: entities of systems and computed ones."""
        return {**self.entities, **self.derived}

    @property
    def papers(self) -> tuple[Entity, ...]:
        """The entities whose records are papers handed in."""
        return tuple(entity for entity in self.entities.values() if entity.papers is not None)

    def timed(self, role: ClockRole) -> tuple[tuple[Entity, Timing], ...]:
        """The entities with this role in their project's clocks, with their declarations."""
        return timed(self.entities.values(), role)

    @property
    def fetches(self) -> dict[str, PullFlow]:
        """The flows that fetch files, each with the pull whose records name them."""
        return {flow.fetch: flow for flow in self.pulls.values() if flow.files}

    def fed_by(self, entity: str) -> tuple[PullFlow, ...]:
        """The flows that bring records of this entity."""
        return tuple(flow for flow in self.pulls.values() if flow.entity.name == entity)

    def pushes_of(self, entity: str) -> tuple[PushFlow, ...]:
        """The flows that deliver records of this entity."""
        return tuple(flow for flow in self.pushes.values() if flow.entity.name == entity)

"""Models of contract files: grammar for `hub check`, and typed content.

`Library.keeps_to_grammar` validates a file against the JSON Schema of its model first (line, cause,
cure), so `read` never refuses what was filed.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, WithJsonSchema
from pydantic.config import JsonDict

from hub.domain.clock import Scope, Status
from hub.domain.times import HUB_ZONE
from hub.model import Json

DURATION = r"^[1-9]\d*[smhd]$"
NAME = "^[a-z][a-z0-9_]*$"

Text = Annotated[str, Field(min_length=1)]
Name = Annotated[str, Field(pattern=NAME)]
EntityField = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")]
Duration = Annotated[str, Field(pattern=DURATION)]
Day = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]
Hour = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Texts = Annotated[tuple[Text, ...], Field(min_length=1)]
OneOrMore = Annotated[
    Any,
    WithJsonSchema(
        {"type": ["string", "array"], "items": {"type": "string", "minLength": 1}, "minItems": 1}
    ),
]
"""A text or a list of texts, as the file has it."""
Where = Annotated[dict[Name, OneOrMore], Field(min_length=1)]
Half = Annotated[tuple[Hour, ...], Field(min_length=2, max_length=2)]
Share = Annotated[float, Field(gt=0)]


class ContractModel(BaseModel):
    """A part of a contract file; unknown words are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AskSection(ContractModel):
    """`read: {ask: ...}` of a pull: with the values of which golden field a source is asked."""

    of: str = Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")
    where: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    again: str = Field(pattern=DURATION)
    per_run: int = Field(default=500, ge=1)
    per_day: int | None = Field(default=None, ge=1)
    purpose: str = Field(min_length=1)
    basis: str = ""


class FileTitle(ContractModel):
    zh: Text
    en: Text


class CodesFile(ContractModel):
    title: FileTitle
    source: Text
    values: dict[str, FileTitle] = Field(min_length=1)
    otherwise: Text | None = None
    final: Texts = ()


class TranslationFile(ContractModel):
    to: Name
    source: Text
    values: dict[str, Text] = Field(min_length=1)
    otherwise: Text | None = None
    back: dict[str, Text] = Field(default={}, min_length=1)


class Source(ContractModel):
    """Where an answer comes from, and under which conditions."""

    source: EntityField = Field(alias="from")
    where: Where = {}


class FormField(ContractModel):
    model_config = ConfigDict(
        json_schema_extra={
            "dependentRequired": {
                "from": ["pick"],
                "through": ["from"],
                "pick": ["from"],
                "where": ["from"],
            }
        }
    )
    name: Name
    title: FileTitle
    source: EntityField | None = Field(default=None, alias="from")
    where: Where = {}
    through: Name | None = None
    pick: Literal["latest", "only", "list"] = "only"


class Paper(ContractModel):
    model_config = ConfigDict(
        json_schema_extra={"dependentRequired": {"where": ["from"], "through": ["from"]}}
    )
    name: Name
    title: FileTitle
    source: EntityField | None = Field(default=None, alias="from")
    where: Where = {}
    through: Name | None = None
    named: Texts = ()
    holder: Source | None = None


class FormCheck(Source):
    """What is told above the form while there is a record that fits."""

    name: Name
    through: Name | None = None
    until: Name | None = None
    after: Name | None = None
    says: FileTitle


class FormFile(ContractModel):
    title: FileTitle
    purpose: FileTitle
    department: Text
    fields: tuple[FormField, ...] = Field(min_length=1)
    materials: tuple[Paper, ...] = ()
    checks: tuple[FormCheck, ...] = ()


class ComparedRows(Source):
    """What a comparison has a row for: the values of a field, named by another."""

    title: FileTitle
    named: Name | None = None


class ComparedColumn(Source):
    """What stands in a column; `on`: the field with the row's value, none: of the whole project."""

    name: Name
    title: FileTitle
    on: Name | None = None


class ComparisonFile(ContractModel):
    title: FileTitle
    source: Text
    compares: Literal["values", "dates"]
    rows: ComparedRows
    columns: tuple[ComparedColumn, ...] = Field(min_length=2)


class Hours(ContractModel):
    morning: Half
    afternoon: Half


class Lights(ContractModel):
    yellow: Share
    red: Share
    grave: Share | None = None


class SuspensionRule(ContractModel):
    begins: Text = Field(alias="from")
    ends: Text = Field(alias="to")
    turn: Literal["applicant", "procedure"] | None = None


class ItemEnds(ContractModel):
    """What the final statuses of an item mean."""

    passed: Texts = ()
    passed_with_gaps: Texts = ()
    refused: Texts = ()
    not_taken: Texts = ()
    withdrawn: Texts = ()
    revoked: Texts = ()


class ItemStates(ContractModel):
    received: Texts = ()
    accepted: Texts
    finished: Texts
    suspended: tuple[SuspensionRule, ...]
    ends: ItemEnds = ItemEnds()


class LawSaid(ContractModel):
    """What stops the clock of the law: these kinds of special procedures."""

    procedures: Texts


class ClockFile(ContractModel):
    title: FileTitle
    source: Text
    timezone: Text = HUB_ZONE.key
    hours: Hours
    closed: dict[Day, Text] = {}
    worked: dict[Day, Text] = {}
    half: dict[Day, Literal["morning", "afternoon"]] = {}
    lights: Lights
    item: ItemStates
    law: LawSaid | None = None
    parallel: Texts = ()


class EndedWithout(ContractModel):
    statuses: Texts
    days: int = Field(ge=1)


class Void(ContractModel):
    project_status: Texts = ()
    document_status: Texts = ()


class MilestoneSaid(ContractModel):
    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["stage"]}, {"required": ["project"]}]}
    )
    stage: Text | None = None
    project: Literal[True] | None = None
    documents: Texts
    flow_kinds: Texts = ()


class RequiredSaid(ContractModel):
    """items: of the stage's flow, by their local codes; none: all of it."""

    stage: Text
    items: Texts = ()
    flow_kinds: Texts = ()


class StagesFile(ContractModel):
    title: FileTitle
    source: Text
    ended_without: EndedWithout
    required: tuple[RequiredSaid, ...] = ()
    void: Void = Void()
    milestones: tuple[MilestoneSaid, ...]


class RecordsSaid(ContractModel):
    """Records of an entity, and which of their fields says when they came about."""

    record: Name
    where: Where = {}
    at: Name


class ScenarioStart(RecordsSaid):
    """The record with which a scenario begins."""


class ScenarioStep(RecordsSaid):
    """A step: done by the first of these records, or once all of them meet `all`."""

    title: FileTitle
    turn: FileTitle
    all: Where = {}


class Within(ContractModel):
    days: int = Field(ge=0)
    source: Text


class ScenarioFile(ContractModel):
    """A way through the procedures that reform promises: what starts it, and what completes it."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": ["starts", "steps"]}, {"required": ["waits_for"]}]
        }
    )
    title: FileTitle
    source: Text
    applies: Where = {}
    starts: ScenarioStart | None = None
    steps: tuple[ScenarioStep, ...] = Field(default=(), min_length=1)
    within: Within | None = None
    waits_for: FileTitle | None = None


County = Annotated[str, Field(pattern=r"^\d{2}(\d{2}(\d{2})?)?$")]


class UnitSaid(ContractModel):
    """A unit, and every name under which records speak of it."""

    id: Name
    name: FileTitle
    aliases: Texts = ()
    uscc: Text | None = None
    codes: Texts = ()
    county: County | None = None
    level: Literal["province", "city", "county"] = "city"
    kind: Literal["department", "county", "zone", "utility", "window"] = "department"
    member: bool = False


class CountySaid(ContractModel):
    """A county (or city) by its region code; aliases: other beginnings of its offices' names."""

    code: County
    name: FileTitle
    aliases: Texts = ()


class OfficeSaid(ContractModel):
    """An office that every county has, called after it; aliases: other ends of its names."""

    id: Name
    name: FileTitle
    aliases: Texts = ()


class UnitsFile(ContractModel):
    """Units one by one, and those of every county's every office (id: OFFICE_CODE)."""

    title: FileTitle
    source: Text
    units: tuple[UnitSaid, ...] = ()
    counties: tuple[CountySaid, ...] = ()
    offices: tuple[OfficeSaid, ...] = ()


_OF_PEOPLE: list[JsonValue] = [
    "dispute",
    "answer",
    "extend",
    "supply",
    "catalogue",
    "catalogue_extend",
    "catalogue_review",
]
# What people owe each other by law names its article; an answer says to which kind of sharing it
# belongs.
_OWED: JsonDict = {
    "if": {"properties": {"scope": {"enum": _OF_PEOPLE}}},
    "then": {"required": ["article"]},
}
_ANSWERED: JsonDict = {
    "if": {"properties": {"scope": {"const": "answer"}}},
    "then": {"properties": {"of": {"enum": ["unconditional", "conditional"]}}, "required": ["of"]},
}
_PLAIN: JsonDict = {
    "if": {"required": ["classes"]},
    "then": {"properties": {"scope": {"const": "answer"}, "of": {"const": "unconditional"}}},
}
_OF_CASES: JsonDict = {
    "if": {"properties": {"scope": {"const": "case"}}},
    "then": {"required": ["of"]},
}
Condition = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$")]


class LimitSaid(ContractModel):
    model_config = ConfigDict(json_schema_extra={"allOf": [_OWED, _ANSWERED, _PLAIN, _OF_CASES]})
    scope: Scope
    of: Text | None = None
    when: dict[Condition, OneOrMore] = Field(default={}, min_length=1)
    days: float = Field(ge=0, multiple_of=0.5)
    phrase: Text = ""
    lead: Text = ""
    article: Text = ""
    classes: tuple[Literal["public", "internal", "personal"], ...] = ()


class LimitsFile(ContractModel):
    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"status": {"const": "in_force"}}},
            "then": {"required": ["from"]},
        }
    )
    title: FileTitle
    source: Text
    status: Status
    since: Day | None = Field(default=None, alias="from")
    until: Day | None = None
    regions: tuple[Annotated[str, Field(pattern=r"^\d{2,6}$")], ...] = Field(
        default=(), min_length=1
    )
    limits: tuple[LimitSaid, ...] = Field(min_length=1)


Rule = Literal["repair", "queue"]


class Reconciling(ContractModel):
    """When a system is compared (HH:MM of its own day), and what is done about each class of
    difference.

    foreign_edit "authority": sent again, but queued where the system has a say in what it was sent.
    """

    at: Hour = "02:30"
    lost_push: Rule = "repair"
    foreign_edit: Literal["authority", "repair", "queue"] = "authority"
    missing_here: Rule = "repair"
    missing_there: Rule = "repair"


class Pool(ContractModel):
    slots: int = Field(ge=1)


class SystemFile(ContractModel):
    title: FileTitle
    department: FileTitle
    connector: Name
    connect: dict[str, Any] = {}
    pool: Pool
    freshness: Duration
    every: Duration
    timezone: Text = HUB_ZONE.key
    owner: Text
    variants: dict[Name, FileTitle] = Field(default={}, min_length=1)
    reconcile: Reconciling = Reconciling()
    file_sources: dict[Name, dict[str, Any]] = {}


def grammar_of(model: type[ContractModel]) -> dict[str, Json]:
    """The JSON Schema of a file, references inlined, without words that report no fault."""
    made = model.model_json_schema()
    groups = made.pop("$defs", {})
    return _written_out(made, groups)


_UNTOLD = frozenset({"title", "description", "default"})


def _written_out(schema: Mapping[str, Any], groups: Mapping[str, Any]) -> dict[str, Json]:
    said = {word: value for word, value in schema.items() if word not in _UNTOLD}
    if "$ref" in said:
        return _written_out(groups[said.pop("$ref").rpartition("/")[2]] | said, groups)
    if "anyOf" in said:  # a word that may be left out; it is not to be empty
        (there,) = (one for one in said.pop("anyOf") if one != {"type": "null"})
        return _written_out(there | said, groups)
    if "enum" in said or "const" in said:
        said.pop("type", None)
    for pattern, values in said.pop("patternProperties", {}).items():
        said |= {
            "propertyNames": {"type": "string", "pattern": pattern},
            "additionalProperties": values,
        }
    if "properties" in said:
        said["properties"] = {
            name: _written_out(one, groups) for name, one in said["properties"].items()
        }
        said.setdefault("required", [])
    for word in ("items", "additionalProperties"):
        if isinstance(said.get(word), dict):
            said[word] = _written_out(said[word], groups)
    return said

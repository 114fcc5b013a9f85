"""Models of mappings/indicators: grammar for `hub check`, and typed content."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, WithJsonSchema
from pydantic.config import JsonDict

from hub.domain.clock import Status
from hub.domain.files import ContractModel, County, Day, FileTitle, Name, Text

LEVELS = ("notice", "yellow", "red", "grave")
"""From the mildest to the gravest."""
Level = Literal["notice", "yellow", "red", "grave"]
Of = Literal["item", "stage", "project", "consultation", "acceptance", "connection", "document"]
Unit = Literal["working_day", "working_minute", "natural_day", "count", "share", "score"]
Responsible = Literal[
    "item.department",
    "stage.lead",
    "consultation.department",
    "acceptance.lead",
    "utility.company",
    "issuer",
    "turn",
    "city",
]
COMPARING = ("at_least", "at_most", "above", "below")
_WORDS: JsonDict = {
    "fact": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
    "is": {"type": ["string", "boolean", "number"]},
    "in": {"type": "array", "items": {"type": ["string", "number"]}, "minItems": 1},
    "not_in": {"type": "array", "items": {"type": ["string", "number"]}, "minItems": 1},
    **{word: {"type": "number"} for word in COMPARING},
    "known": {"const": True},
    "unknown": {"const": True},
    "same_as": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
}
_COMPARISON: JsonDict = {
    "type": "object",
    "additionalProperties": False,
    "required": ["fact"],
    "minProperties": 2,
    "maxProperties": 2,
    "properties": _WORDS,
}


def _condition(depth: int) -> JsonDict:
    """A comparison, or several joined by all, any, not: so many levels of them."""
    if depth == 0:
        return _COMPARISON
    inner = _condition(depth - 1)
    several: JsonDict = {"type": "array", "items": inner, "minItems": 1}
    joined: JsonDict = {
        "type": "object",
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
        "properties": {"all": several, "any": several, "not": inner},
    }
    return {"if": {"required": ["fact"]}, "then": _COMPARISON, "else": joined}


Condition = Annotated[Any, WithJsonSchema(_condition(3))]
"""A condition as the file has it; its words are those of the closed vocabulary."""
Conditions = tuple[Condition, ...]


class LevelSaid(ContractModel):
    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": [word]} for word in COMPARING]}
    )
    at_least: float | None = None
    at_most: float | None = None
    above: float | None = None
    below: float | None = None
    unit: Unit
    where: Conditions = Field(default=(), description="only where all of these are so")


class LevelsSaid(ContractModel):
    notice: LevelSaid | None = None
    yellow: LevelSaid | None = None
    red: LevelSaid | None = None
    grave: LevelSaid | None = None


class Ratio(ContractModel):
    fact: Name
    over: Name


class Share(ContractModel):
    counted: Conditions = Field(min_length=1)


class FigureTarget(ContractModel):
    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["at_least"]}, {"required": ["at_most"]}]}
    )
    at_least: float | None = None
    at_most: float | None = None


class Measure(ContractModel):
    """What is measured, one of these. excess: how much of `over` a fact is (unit share). count: how
    many of one group within the window. distinct: of how many values each counts once.
    """

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})
    fact: Name | None = None
    excess: Ratio | None = None
    count: Literal[True] | None = None
    distinct: Name | None = None
    share: Share | None = None
    average: Name | None = None
    median: Name | None = None
    sum: Name | None = None


class Explain(ContractModel):
    days: int = Field(ge=1)


class IndicatorSaid(ContractModel):
    model_config = ConfigDict(
        json_schema_extra={"dependentRequired": {"target": ["better"], "window": ["group"]}}
    )
    id: Name
    title: FileTitle
    of: Of
    at: Name
    where: Conditions = ()
    measure: Measure
    group: tuple[Name, ...] = ()
    window: int | None = Field(default=None, ge=1, description="days, natural ones")
    levels: LevelsSaid = LevelsSaid()
    counts: Level = "yellow"
    target: FigureTarget | None = None
    better: Literal["higher", "lower"] | None = None
    needs: tuple[Name, ...] = ()
    exclude: tuple[Name, ...] = ()
    responsible: Responsible
    explain_within: Explain | None = None
    publish: Literal["none", "unit", "circular", "public"] = "none"
    phrase: Text = ""
    status: Status | None = None


class IndicatorsFile(ContractModel):
    title: FileTitle
    source: Text
    status: Status
    since: Day | None = Field(default=None, alias="from")
    until: Day | None = None
    regions: tuple[County, ...] = ()
    indicators: tuple[IndicatorSaid, ...] = Field(min_length=1)


class Days(ContractModel):
    model_config = ConfigDict(json_schema_extra={"minProperties": 1})
    since: Day | None = Field(default=None, alias="from")
    until: Day | None = None


class ExclusionCaseSaid(ContractModel):
    """What a person names, with the file that says so; all that is said must be so.

    during: days that what is judged touches. landed: days on which the last of it landed here.
    """

    model_config = ConfigDict(json_schema_extra={"minProperties": 2})
    source: Text
    projects: tuple[Text, ...] = ()
    counties: tuple[County, ...] = ()
    units: tuple[Text, ...] = ()
    during: Days | None = None
    landed: Days | None = None


class ExclusionSaid(ContractModel):
    """What is left out of figures: where any of these is so, or a person names it."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"required": ["any"]},
            "then": {"type": "object"},
            "else": {"required": ["cases"]},
        }
    )
    id: Name
    title: FileTitle
    source: Text
    of: tuple[Of, ...] = ()
    any: Conditions = ()
    cases: tuple[ExclusionCaseSaid, ...] = ()


class ExclusionsFile(ContractModel):
    title: FileTitle
    source: Text
    exclusions: tuple[ExclusionSaid, ...] = Field(min_length=1)


class LevelTitle(ContractModel):
    id: Level
    title: FileTitle
    code: Text = Field(description="YCJB of the national exchange")


class LevelsFile(ContractModel):
    title: FileTitle
    source: Text
    levels: tuple[LevelTitle, ...] = Field(min_length=1)


INDICATOR_FILES: Mapping[str, type[ContractModel]] = {
    "indicators": IndicatorsFile,
    "exclusions": ExclusionsFile,
    "levels": LevelsFile,
}
"""Kind of file -> its model."""

"""JSON Schemas (2020-12) of contract files, for `hub check`, editors and the manual.

Those of schemas and mappings are written here, the others come from models (`hub/domain/files.py`).
"""

from collections.abc import Mapping
from typing import TypeAlias

from hub.domain import paths
from hub.domain.file_types import KNOWN as FILE_TYPES
from hub.domain.files import (
    DURATION,
    ClockFile,
    CodesFile,
    ComparisonFile,
    FormFile,
    LimitsFile,
    ScenarioFile,
    StagesFile,
    SystemFile,
    TranslationFile,
    UnitsFile,
    grammar_of,
)
from hub.domain.identifiers import CHECKS
from hub.domain.indicator_files import INDICATOR_FILES
from hub.domain.record_linkage import TRAITS
from hub.domain.schema_drift import KINDS, POLICIES
from hub.domain.verbs import VERBS
from hub.model import Json

Rule: TypeAlias = dict[str, Json]

_TEXT: Rule = {"type": "string", "minLength": 1}
_COUNT: Rule = {"type": "integer", "minimum": 0}
_INTEGER: Rule = {"type": "integer"}
_NAME: Rule = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}
_NAMES: Rule = {"type": "array", "items": _NAME}
_SOME_NAMES: Rule = {**_NAMES, "minItems": 1}
_PATH: Rule = {"type": "string", "pattern": paths.PATTERN}
_PATHS: Rule = {"type": "array", "items": _PATH}
_ENTITY_FIELD: Rule = {"type": "string", "pattern": r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$"}
_OPTIONS: Rule = {"type": "object"}
_TEXTS: Rule = {"type": "array", "items": _TEXT, "minItems": 1}
_SCALAR: Rule = {"type": ["string", "number", "boolean", "null"]}
_VALUES: Rule = {
    "type": ["string", "number", "boolean", "null", "array"],
    "items": _SCALAR,
    "minItems": 1,
}
_CHECK: Rule = {"enum": list(CHECKS)}


def _map(names: Rule, values: Rule) -> Rule:
    return {
        "type": "object",
        "minProperties": 1,
        "propertyNames": names,
        "additionalProperties": values,
    }


def _object(properties: Rule, *, required: tuple[str, ...] = ()) -> Rule:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": properties,
    }


_TITLE = _object({"zh": _TEXT, "en": _TEXT}, required=("zh", "en"))
_CONDITION = _map(_PATH, _VALUES)
_FILTERS = _map(_NAME, _CONDITION)

_USE: Rule = {
    "type": "array",
    "items": {
        "if": {"type": "object"},
        "then": {
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": False,
            "properties": {
                name: dict(verb.argument)
                for name, verb in VERBS.items()
                if verb.argument is not None
            },
        },
        "else": {"enum": [name for name, verb in VERBS.items() if verb.alone]},
    },
}

_FIELD_RULE: Rule = {
    **_object(
        {
            "from": {
                "type": ["string", "array"],
                "pattern": paths.PATTERN,
                "items": _PATH,
                "minItems": 1,
            },
            "use": _USE,
            "const": _SCALAR,
        }
    ),
    "if": {"required": ["const"]},
    "then": {"maxProperties": 1},
    "else": {"required": ["from"]},
}

_FIELD: Rule = {
    **_object(
        {
            "title": _TEXT,
            "description": _TEXT,
            "type": {"enum": ["string", "integer", "boolean", "array"]},
            "items": {"const": {"type": "string"}},
            "format": {"enum": ["date", "date-time", "year-month", "decimal", "geojson"]},
            "pattern": _TEXT,
            "minLength": _COUNT,
            "maxLength": _COUNT,
            "minItems": _COUNT,
            "minimum": _INTEGER,
            "maximum": _INTEGER,
            "enum": {"type": "array", "items": _TEXT, "minItems": 1},
            "x-title-zh": _TEXT,
            "x-class": {"enum": ["public", "internal", "personal", "secret"]},
            "x-standard": {"type": ["string", "array", "null"], "items": _TEXT, "minItems": 1},
            "x-why": _TEXT,
            "x-unit": _TEXT,
            "x-scale": {"type": "integer", "minimum": 0, "maximum": 8},
            "x-code": _NAME,
            "x-identifies": _NAME,
            "x-resembles": {"enum": list(TRAITS)},
            "x-rule": _CHECK,
            "x-warn": {"type": "array", "items": _CHECK},
            "x-empty": {"const": "asserts"},
            "x-authority": _SOME_NAMES,
        },
        required=("title", "x-title-zh", "type", "x-class", "x-standard"),
    ),
    "if": {"properties": {"x-standard": {"type": "null"}}},
    "then": {"required": ["x-why"]},
}

_SHOW: Rule = {
    "if": {"type": "string"},
    "then": {"const": "elsewhere"},
    "else": _object(
        {
            "part": _TITLE,
            "order": _COUNT,
            "columns": _SOME_NAMES,
            "date": _NAME,
            "paper": _NAME,
        },
        required=("part", "columns"),
    )
    | {"dependentRequired": {"paper": ["date"]}},
}

_PARENT = _map(_NAME, _ENTITY_FIELD) | {"maxProperties": 1}
_CASE = _object(
    {
        "unit": _SOME_NAMES,
        "status": _NAME,
        "ended": _NAME,
        "of": _PARENT,
    },
    required=("unit",),
)

_TELLS = (
    *("number", "stage", "kind", "name", "began", "ended", "limit", "limit_kind"),
    *("code", "flow", "flow_version", "handling", "channel", "commitment", "promised"),
    *("statutory", "round", "outcome", "certificate", "issuer", "issuer_code", "lead"),
)
_MOMENTS = ("status", "status_at", "at", "on", "entered")


def _as(role: str, *needed: str) -> Rule:
    """What records must tell that are this to the clocks of their project."""
    return {"if": {"properties": {"as": {"const": role}}}, "then": {"required": list(needed)}}


_WAY = _object(
    {
        "as": _NAME,
        "field": _NAME,
        "entity": _NAME,
        "other": _NAME,
        "place": {"enum": ["inside", "border"]},
    },
    required=("as", "field", "entity", "other"),
)
_BELONGS = _object(
    {"through": {"type": "array", "items": _WAY, "minItems": 1}}, required=("through",)
)
_CLOCK: Rule = _object(
    {
        "as": {"enum": ["stage", "item", "connection", "case", "step", "pause", "result", "flow"]},
        "of": _PARENT,
        "is": _NAME,
        "failed": _TEXTS,
        **dict.fromkeys((*_TELLS, *_MOMENTS), _NAME),
    },
    required=("as",),
) | {
    "allOf": [
        *(_as(one, "number") for one in ("stage", "item", "connection")),
        *(_as(one, "began") for one in ("connection", "case")),
        _as("flow", "flow", "stage", "code"),
        _as("step", "of", "status", "at"),
        _as("pause", "of", "began"),
        _as("result", "on"),
    ],
}

SCHEMA: Rule = {
    **_object(
        {
            "$schema": {"const": "https://json-schema.org/draft/2020-12/schema"},
            "$id": {"type": "string", "pattern": "^urn:onecode:[a-z][a-z0-9_]*$"},
            "title": _TEXT,
            "description": _TEXT,
            "x-title-zh": _TEXT,
            "type": {"const": "object"},
            "additionalProperties": {"const": False},
            "x-derived": {"const": True},
            "x-project": {"const": "none"},
            "x-key": _SOME_NAMES,
            "x-authority": _SOME_NAMES,
            "required": _NAMES,
            "x-show": _SHOW,
            "x-case": _CASE,
            "x-clock": _CLOCK,
            "x-papers": _object(
                {"names": _SOME_NAMES, "holder": _SOME_NAMES, "same": _NAME}, required=("names",)
            ),
            "x-belongs": _BELONGS,
            "properties": _map(_NAME, _FIELD),
        },
        required=(
            "$schema",
            "$id",
            "title",
            "x-title-zh",
            "type",
            "additionalProperties",
            "x-key",
            "properties",
        ),
    ),
    "if": {"required": ["x-derived"]},
    "else": {"required": ["x-authority"]},
    "dependentRequired": {"x-belongs": ["x-project"]},
}

# Two levels, and in XML an element around each of them.
_EACH = _object(
    {
        "at": {"type": "string", "pattern": r"^[^.\[\]]+(\.[^.\[\]]+){0,3}$"},
        "as": _NAME,
        "empty": {"enum": ["none", "fault"]},
        "most": {"type": "integer", "minimum": 1},
    },
    required=("at", "as"),
)

# A value that says "not secret" is a text or a number: nothing at all says nothing.
_SAID: Rule = {"type": ["string", "number", "boolean"]}
_SAID_VALUES: Rule = {"type": "array", "items": _SAID, "minItems": 1}
_FLAG: Rule = {"field": _PATH, "open": _SAID_VALUES, "closed": _SAID_VALUES}
_SECRET: Rule = {
    "type": "object",
    "additionalProperties": False,
    "properties": {**_FLAG, "none": _TEXT, "persons": _object(_FLAG, required=("field", "open"))},
    "dependentRequired": {"persons": ["none"]},
    "if": {"required": ["none"]},
    "then": {"properties": dict.fromkeys(_FLAG, False)},
    "else": {"required": ["field", "open"]},
}

_FILE = _object(
    {
        "source": _NAME,
        "from": _PATH,
        "hash": _object(
            {"field": _NAME, "digest": {"const": "sha256"}}, required=("field", "digest")
        ),
        "types": {"type": "array", "items": {"enum": list(FILE_TYPES)}, "minItems": 1},
        "max": {"type": "string", "pattern": r"^[1-9]\d{0,5}(kB|MB)$"},
        "keep": {"type": "boolean"},
    },
    required=("source", "types", "max"),
)

_SENT_FILE = _object(
    {"name": {"type": "string", "minLength": 1}, "hash": {"type": "string", "minLength": 1}},
    required=("name", "hash"),
)

PULL = _object(
    {
        "entity": _NAME,
        "via": _NAME,
        "format": {"enum": ["json", "xml", "csv"]},
        "encoding": _TEXT,
        "embedded_json": _PATHS,
        "read": _OPTIONS,
        "version": _PATH,
        "version_as": {"enum": ["text", "datetime", "integer"]},
        "time": _PATH,
        "overlap": {"type": ["integer", "string"], "minimum": 0, "pattern": DURATION},
        "key": {
            "type": "array",
            "items": {**_PATHS, "type": ["string", "array"], "pattern": paths.PATTERN},
            "minItems": 1,
        },
        "each": _EACH,
        "ignore": _PATHS,
        "deleted_when": _CONDITION,
        "skip_when": _FILTERS,
        "secret": _SECRET,
        "required": _NAMES,
        "back": {"type": "object", "properties": {"via": _NAME}},
        "shape": _object({kind: {"enum": list(POLICIES)} for kind in KINDS}),
        "parent": _NAME,
        "fields": _map(_NAME, _FIELD_RULE),
        "files": _map(_NAME, _FILE),
    },
    required=("entity", "read", "key", "fields"),
)

PUSH = _object(
    {
        "entity": _NAME,
        "via": _NAME,
        "write": {"type": "object", "properties": {"batch": {"type": "integer", "minimum": 1}}},
        "when": _map(
            _PATH,
            {
                "if": {"type": "object"},
                "then": _object({"present": {"type": "boolean"}}, required=("present",)),
                "else": _VALUES,
            },
        ),
        "after": _NAME,
        "form": _NAME,
        "reader": _TEXT,
        "required": _PATHS,
        "key": _SOME_NAMES,
        "fields": _map(_PATH, _FIELD_RULE),
        "files": _map(_NAME, _SENT_FILE),
    },
    required=("entity", "write", "key", "fields"),
) | {"dependentRequired": {"form": ["reader"], "reader": ["form"]}}

GRAMMARS: Mapping[str, Rule] = {
    "clock": grammar_of(ClockFile),
    "stages": grammar_of(StagesFile),
    "scenario": grammar_of(ScenarioFile),
    "limits": grammar_of(LimitsFile),
    "schema": SCHEMA,
    "system": grammar_of(SystemFile),
    "pull": PULL,
    "push": PUSH,
    "codes": grammar_of(CodesFile),
    "translation": grammar_of(TranslationFile),
    "form": grammar_of(FormFile),
    "comparison": grammar_of(ComparisonFile),
    "units": grammar_of(UnitsFile),
    **{kind: grammar_of(model) for kind, model in INDICATOR_FILES.items()},
}

"""Validates mapped values against their entity's schema (jsonschema-rs): all violations.

`required` is left out on purpose: a missing field makes a golden record incomplete and rejects
nothing.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Literal, cast

import orjson
from jsonschema_rs import ValidationError

from hub import exact
from hub.domain.contracts import Entity
from hub.domain.identifiers import CHECKS, NOTES
from hub.domain.partner_masks import is_mask
from hub.domain.reference_validator import Reference
from hub.domain.schemas import compiled
from hub.domain.times import is_kept
from hub.errors import Fault
from hub.model import Json, Record

_WORDS = frozenset(
    {
        "type",
        "format",
        "pattern",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "enum",
        "items",
        "minItems",
    }
)
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DECIMAL = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?", re.ASCII)
_SHAPES = frozenset(
    {
        "Point",
        "MultiPoint",
        "LineString",
        "MultiLineString",
        "Polygon",
        "MultiPolygon",
        "GeometryCollection",
    }
)
_SHOWN = 80
_GREATEST = 2**63 - 1  # what the database calls bigint
LONGEST_KEY = 400  # characters; a database index takes no more than 2,700 bytes


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False


def _is_datetime(text: str) -> bool:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return False
    return moment.tzinfo is not None and is_kept(moment)


def _is_geojson(text: str) -> bool:
    try:
        shape = orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return (
        isinstance(shape, dict)
        and isinstance(shape.get("type"), str)  # else it may have no hash
        and shape["type"] in _SHAPES
        and isinstance(shape.get("coordinates") or shape.get("geometries"), list)
    )


def is_decimal(text: str) -> bool:
    """Whether a text is a decimal in shared terms."""
    return bool(_DECIMAL.fullmatch(text))


FORMATS: Mapping[str, Callable[[str], bool]] = {
    "date": _is_date,
    "date-time": _is_datetime,
    "year-month": lambda text: bool(_MONTH.fullmatch(text)),
    "decimal": is_decimal,
    "geojson": _is_geojson,
}
"""Format checkers, for this validator and the reference."""


def value_schema(
    entity: Entity,
    codes: Mapping[str, tuple[str, ...]],
    *,
    given: Mapping[str, str | None],
    only: str = "",
    words: frozenset[str] = _WORDS,
) -> dict[str, Json]:
    """The schema of a mapped record: the entity's words on each field, code lists inlined.

    given: formats that values are known to have, not checked again. only: a single field. words:
    schema words that count.
    """
    properties = entity.schema["properties"]
    own: dict[str, Json] = {}
    for name in [only] if only else entity.said:
        field = entity.fields[name]
        said = properties[name] if isinstance(properties, dict) else {}
        rule: dict[str, Json] = {"type": "string"}
        rule |= {
            word: value
            for word, value in (said if isinstance(said, dict) else {}).items()
            if word in words
        }
        if given.get(name) == rule.get("format"):
            rule.pop("format", None)
        if field.kind == "integer":
            rule = {"minimum": -_GREATEST, "maximum": _GREATEST} | rule
        if name in entity.key and field.kind == "string":
            rule = {"maxLength": LONGEST_KEY} | rule
        if field.code and "enum" in words:
            coded: dict[str, Json] = {"enum": list(codes[field.code])}
            rule |= {"items": {"type": "string", **coded}} if field.kind == "strings" else coded
        own[name] = rule
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": False,
        "properties": own,
    }


def shown(value: object) -> str:
    """A value shortened for a message."""
    text = value if isinstance(value, str) else exact.write(value).decode()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


_CODES: Mapping[str, str] = {
    "type": "record.type",
    "maxLength": "record.too_long",
    "minLength": "record.pattern",
    "pattern": "record.pattern",
    "enum": "record.code_unknown",
    "minimum": "record.out_of_range",
    "maximum": "record.out_of_range",
    "minItems": "record.out_of_range",
    "decimal": "record.decimal_invalid",
    "geojson": "record.geojson_invalid",
}


def fault_of(entity: Entity, error: ValidationError) -> tuple[str, Fault]:
    """The field of a violation, and the fault without its pointer."""
    name, word, said = str(error.instance_path[0]), error.kind.name, error.kind.as_dict()
    facts = {"field": name, "value": shown(error.instance)}
    if word == "type":
        facts["expected"] = ", ".join(said["types"])
    elif word == "maxLength":
        facts = {"field": name, "limit": str(said["limit"])}
    elif word == "enum":
        facts["list"] = entity.fields[name].code or "enum"
    elif word == "format":
        word = said["format"]
    return name, Fault("", _CODES.get(word, "record.date_invalid"), facts)


class Validator:
    """Validates one entity's mapped values; compiled once."""

    def __init__(
        self,
        entity: Entity,
        *,
        codes: Mapping[str, tuple[str, ...]],
        year: int,
        given: Mapping[str, str | None],
    ) -> None:
        self._entity, self._codes, self._given = entity, codes, given
        self._schema = compiled(value_schema(entity, codes, given=given), formats=FORMATS)
        self._year = year
        self._checks = [
            (name, CHECKS[rule], severity)
            for name, field in entity.fields.items()
            for rule, severity in self._rules(field.rule, field.warn)
        ]

    @staticmethod
    def _rules(
        rule: str | None, warn: tuple[str, ...]
    ) -> Iterator[tuple[str, Literal["error", "note"]]]:
        if rule:
            yield rule, "error"
        for name in warn:
            yield name, "note"

    def faults(self, values: Mapping[str, Json]) -> list[tuple[str, Fault]]:
        """(field, fault) of each violation."""
        if self._schema.is_valid(values):
            return []
        return [fault_of(self._entity, error) for error in self._schema.iter_errors(values)]

    def column(self, name: str) -> Callable[[Sequence[Json]], bool] | None:
        """Whether all of some values of one field pass; None where the schema does not know it."""
        if name not in self._entity.said:
            return None
        said = value_schema(self._entity, self._codes, given=self._given, only=name)["properties"]
        items = cast("dict[str, Json]", said)[name]
        return compiled({"type": "array", "items": items}, formats=FORMATS).is_valid

    def noted(self, name: str) -> Callable[[str], bool] | None:
        """Whether a named rule says something of a text of this field; None without rules."""
        checks = [check for one, check, _ in self._checks if one == name]
        if len(checks) == 1:
            (check,) = checks
            return lambda text: bool(check(text, self._year))
        return (lambda text: any(check(text, self._year) for check in checks)) if checks else None

    @cached_property
    def _reference(self) -> Reference:
        return Reference(value_schema(self._entity, self._codes, given={}), FORMATS)

    def differing(self, values: Mapping[str, Json]) -> list[tuple[str, Fault]]:
        """(field, fault) where the reference validator disagrees."""
        wrong = {name for name, _ in self.faults(values)}
        return [
            (
                name,
                Fault(
                    "", "record.validators_differ", {"field": name, "value": shown(values[name])}
                ),
            )
            for name in sorted(wrong ^ self._reference.wrong(values))
        ]

    def findings(self, values: Record) -> Iterator[tuple[str, Fault, bool]]:
        """(field, fault, is only a note) by named rules and masks."""
        for name, value in values.items():
            if is_mask(value):
                yield name, Fault("", "record.masked", {"field": name}), True
        for name, check, severity in self._checks:
            value = values.get(name)
            for item in value if isinstance(value, list) else (value,):
                if isinstance(item, str):
                    for code in check(item, self._year):
                        yield (
                            name,
                            Fault("", code, {"field": name, "value": shown(item)}),
                            severity == "note" or code in NOTES,
                        )

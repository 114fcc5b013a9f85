"""Reference validation (package jsonschema), to audit the fast validator.

Formats are those of `FORMATS`. Patterns run in the same linear engine: partners write the texts,
and backtracking could be made to take for ever.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend

from hub.domain.documents import Step
from hub.domain.schemas import compiled
from hub.model import Json


class Reference:
    """The reference verdict on records of one schema."""

    def __init__(
        self, schema: Mapping[str, Json], formats: Mapping[str, Callable[[str], bool]]
    ) -> None:
        checker = FormatChecker(formats=())
        for name, holds in formats.items():
            checker.checks(name)(_of_texts(holds))
        self._validator = _LINEAR(dict(schema), format_checker=checker)

    def wrong(self, values: Mapping[str, Json]) -> set[str]:
        """Fields that break the schema."""
        return {str(error.absolute_path[0]) for error in self._validator.iter_errors(values)}


def breaches(schema: Mapping[str, Json]) -> Iterator[tuple[tuple[Step, ...], str]]:
    """(place, reason) where a schema itself breaks JSON Schema (2020-12)."""
    for error in _META.iter_errors(dict(schema)):
        yield tuple(error.absolute_path), error.message


def _of_texts(holds: Callable[[str], bool]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or holds(value)


def _pattern(
    _validator: Any,  # noqa: ANN401 -- what the package calls words with
    pattern: str,
    instance: object,
    _schema: object,
) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not _engine(pattern).is_valid(instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


_engine = cache(lambda pattern: compiled({"pattern": pattern}))
_LINEAR = extend(Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]
_META = Draft202012Validator(Draft202012Validator.META_SCHEMA)

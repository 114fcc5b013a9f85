"""Settings as typed models: each field has its variable, default and meaning in one place.

The manual's tables are made from this (`tools/manual.py`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass as plain
from dataclasses import is_dataclass, replace
from typing import Any, TypeVar, cast, dataclass_transform, get_type_hints

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as validated
from pydantic.fields import FieldInfo

from hub.errors import FlowError

S = TypeVar("S")
CONFIG = ConfigDict(validate_by_name=True, validate_by_alias=True, arbitrary_types_allowed=False)
REQUIRED: Any = ...


def setting(
    default: Any,  # noqa: ANN401 -- of the field's own type
    variable: str,
    meaning: str = "",
    *,
    secret: bool = False,
    shown: str = "",
    or_none: bool = False,
) -> Any:  # noqa: ANN401 -- likewise
    """A field read from an environment variable; numbers must be above zero and finite.

    default: REQUIRED for none. meaning: in Markdown, also for the variables after it without one of
    their own. secret: its value is shown nowhere. shown: the default as the manual shows it.
    or_none: 0 is allowed, and means none.
    """
    limits: dict[str, Any] = {}
    if isinstance(default, int | float):
        limits = {"ge" if or_none else "gt": 0} | (
            {"allow_inf_nan": False} if isinstance(default, float) else {}
        )
    return Field(
        default,
        validation_alias=variable,
        description=meaning,
        repr=not secret,
        json_schema_extra={"shown": shown},
        **limits,
    )


@dataclass_transform(frozen_default=True)
def section(kind: type[S]) -> type[S]:
    """Decorator: make a class a section of the settings."""
    return cast("type[S]", validated(config=CONFIG, frozen=True, slots=True)(kind))


@plain(frozen=True, slots=True)
class Variable:
    """One environment variable in the manual. meaning: empty where it shares the one before."""

    name: str
    default: str
    meaning: str


def read(kind: type[S], environ: Mapping[str, str]) -> S:
    """A section from environment variables; empty ones count as unset.

    Raises FlowError: settings.missing (all that are required), settings.invalid (the first).
    """
    given = dict[str, Any]()
    for name, one in _fields(kind).items():
        part = _part(kind, name)
        if part:
            given[name] = read(part, environ)
        elif text := environ.get(str(one.validation_alias), ""):
            given[str(one.validation_alias)] = text
    try:
        return TypeAdapter(kind).validate_python(given)
    except ValidationError as error:
        raise _refused(kind, error) from None


def changed(one: S, **changes: object) -> S:
    """The section with some fields changed."""
    return replace(one, **changes)  # type: ignore[type-var]


def variables(kind: type) -> Iterator[Variable]:
    """All variables of a section and its nested sections, in order."""
    for name, one in _fields(kind).items():
        part = _part(kind, name)
        if part:
            yield from variables(part)
        elif one.validation_alias:
            yield Variable(str(one.validation_alias), _default(one), one.description or "")


def _fields(kind: type) -> dict[str, FieldInfo]:
    return cast("dict[str, FieldInfo]", kind.__pydantic_fields__)  # type: ignore[attr-defined]


def _part(kind: type, name: str) -> type | None:
    hint = get_type_hints(kind)[name]
    return hint if isinstance(hint, type) and is_dataclass(hint) else None


def _default(one: FieldInfo) -> str:
    extra = one.json_schema_extra
    if isinstance(extra, dict) and extra.get("shown"):
        return str(extra["shown"])
    if one.is_required() or one.default in (None, (), "", b""):
        return "none"
    number = isinstance(one.default, int | float)
    return (
        f"{one.default:g}"
        if isinstance(one.default, float)
        else str(one.default)
        if number
        else f"`{one.default}`"
    )


def _refused(kind: type, error: ValidationError) -> FlowError:
    wrong = error.errors(include_url=False)
    names = {str(one.validation_alias or name): name for name, one in _fields(kind).items()}
    if missing := [str(one["loc"][0]) for one in wrong if one["type"] == "missing"]:
        return FlowError("settings.missing", name=", ".join(missing))
    name = str(wrong[0]["loc"][0])
    secret = not _fields(kind)[names.get(name, name)].repr
    return FlowError("settings.invalid", name=name, value="…" if secret else str(wrong[0]["input"]))

"""Parts shared by views: texts in both languages, a system's value, any JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import Field, GetPydanticSchema
from pydantic_core import core_schema

from hub.domain.terms import Term
from hub.model import Json, Value
from hub.texts import cure, say

AnyJson: TypeAlias = Annotated[
    Json, GetPydanticSchema(lambda _type, _handler: core_schema.any_schema())
]
"""JSON of any shape: undescribed in OpenAPI, and serialised as it is."""

V = TypeVar("V")

ARRIVED = "到达时间 · when the value arrived here"
SOURCE_TIME = (
    "来源时间 · when the source says that the value is of; null: 来源未提供时间, it does not say"
)


@dataclass(frozen=True, slots=True)
class Title:
    """A title in both languages."""

    zh: Annotated[str, Field(examples=["投资项目在线审批监管平台"])]
    en: Annotated[str, Field(examples=["Investment platform"])]


@dataclass(frozen=True, slots=True)
class SourceValue:
    """One system's value."""

    system: str
    value: Value


def source_values(said: Sequence[tuple[str, Value]]) -> tuple[SourceValue, ...]:
    """(system, value) pairs as views."""
    return tuple(SourceValue(system, value) for system, value in said)


def extended(row: object, view: type[V], **more: object) -> V:
    """A view filled from a row's fields of the same names; `more` adds fields and outranks them."""
    wanted = {one.name for one in fields(view)} - more.keys()  # type: ignore[arg-type]
    said: dict[str, Any] = {
        one.name: getattr(row, one.name)
        for one in fields(row)  # type: ignore[arg-type]
        if one.name in wanted
    }
    return view(**said | more)


def in_words(code: str, facts: Mapping[str, str]) -> dict[str, str]:
    """The four texts of a fault by their names in views: zh, en, cure_zh, cure_en."""
    return {
        "zh": say(code, facts, "zh"),
        "en": say(code, facts, "en"),
        "cure_zh": cure(code, facts, "zh"),
        "cure_en": cure(code, facts, "en"),
    }


def due_by(due: datetime | None, term: Term | None) -> dict[str, Any]:
    """The fields clock, late and term of a view with a due step."""
    return {"clock": due, "late": due is not None and due < datetime.now(UTC), "term": term}

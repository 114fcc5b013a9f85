"""What several views are made of: texts in both languages, what one system says, and any JSON."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import Field, GetPydanticSchema
from pydantic_core import core_schema

from hub.model import Json, Value

AnyJson: TypeAlias = Annotated[
    Json, GetPydanticSchema(lambda _type, _handler: core_schema.any_schema())
]
"""JSON of any shape: a document's description says no more of it, and it is written out as it is."""

V = TypeVar("V")

ARRIVED = "到达时间 · when the value arrived here"
SOURCE_TIME = (
    "来源时间 · when the source says that the value is of; null: 来源未提供时间, it does not say"
)


@dataclass(frozen=True, slots=True)
class Title:
    """Something in both languages."""

    zh: Annotated[str, Field(examples=["投资项目在线审批监管平台"])]
    en: Annotated[str, Field(examples=["Investment platform"])]


@dataclass(frozen=True, slots=True)
class SourceValue:
    """What one system says."""

    system: str
    value: Value


def source_values(said: Sequence[tuple[str, Value]]) -> tuple[SourceValue, ...]:
    """What systems say, each by its name."""
    return tuple(SourceValue(system, value) for system, value in said)


def extended(row: object, view: type[V], **more: object) -> V:
    """A view of a class that extends the row's: all that the row says, and more by name."""
    said: dict[str, Any] = {one.name: getattr(row, one.name) for one in fields(row)}  # type: ignore[arg-type]
    return view(**said | more)

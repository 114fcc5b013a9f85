"""Views that are a row and more: their class extends that of the row."""

from dataclasses import fields
from typing import Any, TypeVar

V = TypeVar("V")


def extended(row: object, view: type[V], **more: object) -> V:
    """A view of a class that extends the row's: all that the row says, and more by name."""
    said: dict[str, Any] = {one.name: getattr(row, one.name) for one in fields(row)}  # type: ignore[arg-type]
    return view(**said | more)

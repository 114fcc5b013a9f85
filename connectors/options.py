"""Base of connectors' options: strict pydantic models, JSON Schema for `hub check`, cursor."""

import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from hub.errors import FlowError
from hub.model import Json, Number, Snapshot

MOST_DIGITS, LARGEST = 30, 2**63
T = TypeVar("T", bound="Options")

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class Options(BaseModel):
    """A group of options; unknown names are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ContradictionError(ValueError):
    """Options that exclude each other; raised by validators, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")


class Declared(dict[str, Json]):
    """The JSON Schema (2020-12) of options, and checks that no schema can express."""

    def __init__(self, model: type[Options]) -> None:
        super().__init__(_schema(model))
        self._model = model

    def refused(
        self, values: Mapping[str, Json], connect: Mapping[str, Json]
    ) -> list[tuple[tuple[str | int, ...], str]]:
        """[(place, reason)] of what the models' validators refuse.

        connect: the system's options, which a flow's must agree with; empty when they are checked.
        """
        try:
            self._model.model_validate(values, context={"connect": dict(connect)})
        except ValidationError as error:
            return [(_file_place(one["loc"], values), _words(one)) for one in error.errors()]
        return []


def span_of(said: str) -> timedelta:
    """A length of time as an option says it: a number and m, h or d (its pattern sees to that)."""
    return timedelta(**{_UNITS[said[-1]]: int(said[:-1])})


def schema_of(options: type[Options]) -> Declared:
    """The JSON Schema (2020-12) of a group of options."""
    return Declared(options)


def read_options(model: type[T], values: Mapping[str, Json], *, system: str) -> T:
    """Parse options of a contract file; FlowError for the first wrong one."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, _file_place(first["loc"], values)))
        raise FlowError(
            "system.not_configured", system=system, detail=f"{where}: {_words(first)}"
        ) from None


def _schema(model: type[Options]) -> dict[str, Json]:
    made: dict[str, Json] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **model.model_json_schema(),
    }
    groups = made.get("$defs")
    for group in groups.values() if isinstance(groups, dict) else ():
        if isinstance(group, dict):
            _require_kind(group)
    return made


def _require_kind(group: dict[str, Json]) -> None:
    """A union's `kind` must be given, although pydantic has a default."""
    options, named = group.get("properties"), group.get("required")
    said = options.items() if isinstance(options, dict) else ()
    required = named if isinstance(named, list) else []
    fixed: list[Json] = [
        name for name, option in said if isinstance(option, dict) and "const" in option
    ]
    if fixed:
        group["required"] = [*fixed, *(name for name in required if name not in fixed)]


def _file_place(
    steps: tuple[str | int, ...], values: Json | Mapping[str, Json]
) -> tuple[str | int, ...]:
    """The place of an error in the file: pydantic's path also has the kind of a union."""
    found: list[str | int] = []
    node: object = values
    for at, step in enumerate(steps):
        inside = node[step] if isinstance(node, Mapping) and step in node else None
        if isinstance(node, list | tuple) and isinstance(step, int) and step < len(node):
            inside = node[step]
        if inside is not None or at == len(steps) - 1:
            found.append(step)
            node = inside
    return tuple(found)


def _words(error: ErrorDetails) -> str:
    """A validator's own text `Chinese / English`, else pydantic's."""
    own = error.get("ctx", {}).get("error")
    return str(own) if isinstance(own, ValueError) else error["msg"]


class SnapshotOptions(Options):
    """A source that gives a complete list each time: what a newer list lacks is withdrawn."""

    snapshot: Literal["daily", "weekly", "monthly"] | None = Field(
        default=None,
        description=(
            "Each list is the whole, and one is due so often; empty: what is missing means nothing"
        ),
    )
    shrink: str = Field(
        default="5 %",
        pattern=r"^\d{1,3}(\.\d{1,4})? ?%$",
        description=(
            "Share of what stands that one list may lack; more is held until a person has decided"
        ),
    )

    def whole(self, name: str, *, ends: bool) -> Snapshot | None:
        """The snapshot of this page, which it ends or not; None where lists are partial."""
        if self.snapshot is None:
            return None
        return Snapshot(name, ends, float(Decimal(self.shrink.removesuffix("%")) / 100))


class CursorOptions(Options):
    """The field that orders records in time (cursor), and its format."""

    cursor: str = Field(
        default="",
        description="Path or column of the value that grows with every change, e.g. gxsj",
    )
    cursor_format: str = Field(
        default="iso",
        description="How it is written: iso (ISO 8601 text or a time column), number, text, or a "
        "strptime format "
        "such as %Y%m%d%H%M%S. The hub sees ISO text (a number for `number`). A value in another "
        "form is ignored.",
    )

    def high(self, values: Iterable[object], *, so_far: str | int | None) -> str | int | None:
        """The greatest cursor value so far, as stored."""
        seen = [moment for moment in map(self.shared, values) if moment is not None]
        known = [] if so_far is None else [so_far]
        return max(
            [*known, *seen], default=None, key=lambda moment: (isinstance(moment, str), moment)
        )

    def shared(self, value: object) -> str | int | None:
        """A partner's cursor value as stored; None if it is none."""
        if isinstance(value, date):
            return (
                value.isoformat(timespec="microseconds")
                if isinstance(value, datetime)
                else value.isoformat()
            )
        if isinstance(value, int | float | Decimal | Number) and not isinstance(value, bool):
            return _floor(value)
        if not isinstance(value, str):
            return None
        text = value.strip()
        if self.cursor_format == "number":
            return (
                _floor(int(text))
                if len(text) <= MOST_DIGITS and text.isascii() and text.isdecimal()
                else None
            )
        return self._moment(text) if text.isprintable() else None

    def _moment(self, text: str) -> str | None:
        if self.cursor_format == "text":
            return text or None
        try:
            if self.cursor_format == "iso":
                datetime.fromisoformat(text)
                return text
            # the format says whether there is a zone
            moment = datetime.strptime(text, self.cursor_format)  # noqa: DTZ007
        except ValueError:
            return None
        return moment.isoformat(
            timespec="microseconds" if "%f" in self.cursor_format else "seconds"
        )

    def asked(self, since: str | int) -> str | int:
        """A stored cursor value in the partner's format."""
        if isinstance(since, int) or self.cursor_format in {"iso", "number", "text"}:
            return since
        return datetime.fromisoformat(since).strftime(self.cursor_format)


def _floor(value: float | Decimal | Number) -> int | None:
    """The integer at or below: too early repeats records, too late would miss some.

    None for one too large for a cursor.
    """
    try:
        number = Decimal(value.text) if isinstance(value, Number) else value
    except ArithmeticError:  # of an exponent that no decimal has
        return None
    if isinstance(number, Decimal) and (not number.is_finite() or number.adjusted() > MOST_DIGITS):
        return None
    if isinstance(number, float) and not math.isfinite(number):
        return None
    whole = math.floor(number)
    return whole if abs(whole) < LARGEST else None

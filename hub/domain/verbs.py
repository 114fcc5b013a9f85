"""Verbs of mappings: a closed vocabulary of pure functions, each compiled from its argument.

A verb gets a value (never None) and the whole record; None ends the chain. Text verbs pass other
types through, so that the schema's type decides.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from typing import TypeAlias
from zoneinfo import ZoneInfo

from stdnum.cn import uscc

from hub.domain import geometry, paths, split_values, times
from hub.domain.chinese_dates import halfwidth
from hub.domain.paths import Source
from hub.model import Json

Cell: TypeAlias = Json | Decimal
Verb: TypeAlias = Callable[[Cell, Source], Cell]


class WrongValueError(Exception):
    """An unusable value: code of the fault, and facts besides field and value."""

    def __init__(self, code: str, **facts: str) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Translation:
    """A code list as one system sees it: partner code -> shared code of list `to`, and back.

    unclear: shared codes with several partner codes, where the file does not say which to write.
    """

    name: str
    to: str
    values: Mapping[str, str]
    otherwise: str | None
    back: Mapping[str, str]
    unclear: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """What verbs may use besides their argument. places: decimals kept by the field, if fixed.

    secret: key of digests; empty without.
    """

    zone: ZoneInfo
    codes: Mapping[str, Translation]
    places: int | None = None
    secret: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Kind:
    """A verb: factory, JSON Schema of its argument, whether it can stand without one.

    gives: the format of all its results, so that it need not be validated again.
    """

    make: Callable[[Json, Scope], Verb]
    argument: Mapping[str, Json] | None = None
    alone: bool = True
    gives: str | None = None


BRACKETS = str.maketrans("（）[]【】［］〖〗", "()〔〕〔〕〔〕〔〕")
_DIGITS = 17  # beyond that no number of this field is meant seriously
_LONGEST = 100
_EXACT = Context(
    prec=4 * _LONGEST, rounding=ROUND_HALF_UP
)  # the usual 28 digits would round long ones in silence
_PLACES = [Decimal(1).scaleb(-places) for places in range(9)]
# "12,34" has no thousands separator, nor has "0,123"; Python's underscores are refused.
_POINT = re.compile(
    r"[+-]?(?:(?![0０])\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d{1,9})?)"
)
_COMMA = re.compile(r"[+-]?(?:(?![0０])\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d+)?)")
_SWAPPED = str.maketrans(",.", ".,")
_NO_DIGIT = re.compile(r"\D+")
INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060"


def _on_text(change: Callable[[str], Cell]) -> Verb:
    return lambda value, _source: change(value) if isinstance(value, str) else value


def _trim(value: Cell, _source: Source) -> Cell:
    if not isinstance(value, str):
        return value
    text = value.strip()
    return (text if text.isascii() else text.strip(INVISIBLE).strip()) or None


@lru_cache(maxsize=65536)
def compact_uscc(text: str) -> str | None:
    return uscc.compact(halfwidth(text)) or None


def number(value: Cell, *, comma: bool = False) -> Decimal:
    """A Decimal from a number or text, exact; commas may group thousands. WrongValueError.

    comma: the text has decimal commas, and points grouping thousands.
    """
    if isinstance(value, Decimal):
        return value
    text = (
        value.strip()
        if isinstance(value, str)
        else ""
        if isinstance(value, bool)
        else paths.plain(value) or ""
    )
    shape = _COMMA if comma and isinstance(value, str) else _POINT
    if len(text) > _LONGEST or not shape.fullmatch(text):
        raise WrongValueError("record.decimal_invalid")
    if shape is _COMMA:
        text = text.translate(_SWAPPED)
    result = Decimal(text.replace(",", ""))
    if not result:
        return Decimal(0)
    if abs(result.adjusted()) > _DIGITS:
        raise WrongValueError("record.decimal_invalid")
    return result


def decimal_text(value: Decimal, scale: int | None) -> str:
    """Plain digits: rounded half up to `scale`, or stripped of trailing zeros without one."""
    shown = value.normalize(_EXACT) if scale is None else _EXACT.quantize(value, _PLACES[scale])
    return _unsigned_zero(shown)


def _unsigned_zero(value: Decimal) -> str:
    return format(value, "f") if value else format(abs(value), "f")  # no minus before a zero


def exact_text(value: Decimal, scale: int | None) -> str:
    """Plain digits with `scale` places; WrongValueError if significant ones would be lost."""
    if scale is None:
        return decimal_text(value, scale)
    kept = _EXACT.quantize(value, _PLACES[scale])
    if kept != value:
        raise WrongValueError("record.decimal_places", places=str(scale))
    return _unsigned_zero(kept)


def _integer(value: Cell, _source: Source) -> int:
    result = number(value)
    if result != result.to_integral_value():
        raise WrongValueError("record.type", expected="integer")
    return int(result)


def empty_texts(argument: Json) -> set[str | None]:
    """The texts that `blank` takes for nothing."""
    return {paths.plain(item) for item in argument} if isinstance(argument, list) else set()


def _blank(argument: Json, _scope: Scope) -> Verb:
    empty = empty_texts(argument)
    return lambda value, _source: None if paths.plain(_json(value)) in empty else value


def _json(value: Cell) -> Json:
    return decimal_text(value, None) if isinstance(value, Decimal) else value


def _text(value: Cell, _source: Source) -> Cell:
    return value if isinstance(value, (list, dict)) else paths.plain(_json(value))


def _times(value: Cell, factor: Decimal, places: int | None) -> Decimal:
    """The product; unless the factor is a power of ten, rounded to the field's places."""
    product = _EXACT.multiply(number(value), factor)
    even = factor.normalize(_EXACT).as_tuple().digits == (1,)
    return product if even or places is None else _EXACT.quantize(product, _PLACES[places])


def _scale(argument: Json, scope: Scope) -> Verb:
    factor = number(argument)
    return lambda value, _source: _times(value, factor, scope.places)


def _round(argument: Json, _scope: Scope) -> Verb:
    places = _PLACES[argument if isinstance(argument, int) else 0]
    return lambda value, _source: _EXACT.quantize(number(value), places)


def _unit(argument: Json, scope: Scope) -> Verb:
    by, factors = (argument["by"], argument["factors"]) if isinstance(argument, dict) else ("", {})
    read = paths.reader(str(by))
    known = (
        {unit: number(factor) for unit, factor in factors.items()}
        if isinstance(factors, dict)
        else {}
    )

    def convert(value: Cell, source: Source) -> Decimal:
        unit = paths.plain(read(source)) or ""
        if unit not in known:
            raise WrongValueError("record.unit_unknown", value=unit)
        return _times(value, known[unit], scope.places)

    return convert


def _dated(write: Callable[[str], str | int], pattern: str | None = None) -> Verb:
    def convert(value: Cell, _source: Source) -> str | int:
        try:
            text = value if isinstance(value, str) else paths.plain(_json(value)) or ""
            if not isinstance(value, str) and not text.isdecimal() and pattern not in times.SERIALS:
                raise WrongValueError("record.date_invalid")  # 2024.1 may have been 2024.10
            return write(text)
        except (ValueError, OverflowError):
            raise WrongValueError("record.date_invalid") from None

    return convert


def _pattern(argument: Json) -> str | None:
    return argument if isinstance(argument, str) else None


def _coded(table: Mapping[str, Json], *, name: str, otherwise: Json = None) -> Verb:
    def translate(value: Cell, _source: Source) -> Json:
        code = value.strip() if isinstance(value, str) else paths.plain(_json(value)) or ""
        found = table.get(code, otherwise)
        if found is None:
            raise WrongValueError("record.code_unknown", list=name)
        return found

    return translate


def _code(argument: Json, scope: Scope) -> Verb:
    codes = scope.codes[str(argument)]
    return _coded(codes.values, name=codes.name, otherwise=codes.otherwise)


def _uncode(argument: Json, scope: Scope) -> Verb:
    codes = scope.codes[str(argument)]
    return _coded(codes.back, name=codes.name)


def _choose(argument: Json, _scope: Scope) -> Verb:
    return _coded(argument if isinstance(argument, dict) else {}, name="choose")


def _first(argument: Json, _scope: Scope) -> Verb:
    count = argument if isinstance(argument, int) else 0
    return _on_text(lambda text: text[:count])


def _digits(argument: Json, _scope: Scope) -> Verb:
    count = argument if isinstance(argument, int) else 0
    return _on_text(lambda text: _NO_DIGIT.sub("", text)[:count] or None)


def _split(argument: Json, _scope: Scope) -> Verb:
    return _on_text(
        lambda text: [part for part in map(str.strip, text.split(str(argument))) if part] or None
    )


def _part(argument: Json, _scope: Scope) -> Verb:
    said = argument if isinstance(argument, dict) else {}
    of, take = said.get("of"), said.get("take")
    marks = [str(mark) for mark in (of if isinstance(of, list) else [of])]
    at = take if isinstance(take, int) else 0
    return _on_text(lambda text: split_values.part(text, marks, at))


def _numbers(value: Cell, _source: Source) -> Json:
    text = (
        value
        if isinstance(value, str)
        else ""
        if isinstance(value, list | dict)
        else paths.plain(_json(value)) or ""
    )
    try:
        return list[Json](split_values.numbers(text))
    except ValueError:
        raise WrongValueError("record.numbers_invalid") from None


def _words(argument: Json, scope: Scope) -> Verb:
    codes = scope.codes[str(argument)]

    def translate(value: Cell, _source: Source) -> Json:
        said = value if isinstance(value, list) else [_json(value)]
        text = "、".join(paths.plain(one) or "" for one in said)
        try:
            return list[Json](split_values.words(text, codes.values, codes.otherwise)) or None
        except ValueError:
            raise WrongValueError("record.code_unknown", list=codes.name) from None

    return translate


def _digest(_argument: Json, scope: Scope) -> Verb:
    def convert(value: Cell, _source: Source) -> Json:
        if not scope.secret:
            raise WrongValueError("record.digest_key")
        if isinstance(value, list | dict):
            raise WrongValueError("record.type", expected="string")
        text = paths.plain(_json(value)) or ""
        return hmac.new(scope.secret, text.encode(), hashlib.sha256).hexdigest()

    return convert


def _geometry(argument: Json, _scope: Scope) -> Verb:
    said = argument if isinstance(argument, dict) else {}
    crs, order = str(said.get("crs", "EPSG:4490")), "yx" if said.get("order") == "yx" else "xy"

    def convert(value: Cell, _source: Source) -> Json:
        try:
            return geometry.geojson(_json(value), crs=crs, order=order)
        except geometry.ShapeError as error:
            raise WrongValueError(error.code, **error.facts) from None

    return convert


def _join(argument: Json, _scope: Scope) -> Verb:
    return lambda value, _source: (
        str(argument).join(map(str, value)) if isinstance(value, list) else value
    )


def _rounded(argument: Json, _scope: Scope) -> Verb:
    places = argument if isinstance(argument, int) else 0

    def convert(value: Cell, _source: Source) -> int | float:
        text = decimal_text(number(value), places)
        if not places:
            return int(text)
        if Decimal(repr(float(text))) != Decimal(text):  # the partner's own reader would change it
            raise WrongValueError("record.decimal_invalid")
        return float(text)

    return convert


def _plain(verb: Verb, *, gives: str | None = None) -> Kind:
    return Kind(lambda _argument, _scope: verb, gives=gives)


_DATED: Mapping[str, Json] = {"type": "string", "pattern": f"%|^({'|'.join(times.SERIALS)})$"}
_LIST_NAME: Mapping[str, Json] = {"type": "string"}
_FACTOR: Mapping[str, Json] = {"type": ["number", "string"], "pattern": r"^\d+(\.\d+)?$"}

VERBS: Mapping[str, Kind] = {
    "trim": _plain(_trim),
    "halfwidth": _plain(_on_text(halfwidth)),
    "squeeze": _plain(_on_text(lambda text: "".join(text.split()) or None)),
    "upper": _plain(_on_text(str.upper)),
    "brackets": _plain(_on_text(lambda text: text.translate(BRACKETS))),
    "uscc": _plain(_on_text(compact_uscc)),
    "blank": Kind(
        _blank,
        {"type": "array", "items": {"type": ["string", "number"]}, "minItems": 1},
        alone=False,
    ),
    "text": _plain(_text),
    "integer": _plain(_integer),
    "decimal": Kind(
        lambda argument, _scope: lambda value, _source: number(value, comma=argument == "comma"),
        {"enum": ["comma"]},
        gives="decimal",
    ),
    "round": Kind(
        _round, {"type": "integer", "minimum": 0, "maximum": 8}, alone=False, gives="decimal"
    ),
    "scale": Kind(_scale, _FACTOR, alone=False, gives="decimal"),
    "unit": Kind(
        _unit,
        {
            "type": "object",
            "required": ["by", "factors"],
            "additionalProperties": False,
            "properties": {
                "by": {"type": "string", "pattern": paths.PATTERN},
                "factors": {"type": "object", "additionalProperties": dict(_FACTOR)},
            },
        },
        alone=False,
        gives="decimal",
    ),
    "date": Kind(
        lambda argument, scope: _dated(
            lambda text: times.date_text(text, scope.zone, _pattern(argument)), _pattern(argument)
        ),
        _DATED,
        gives="date",
    ),
    "datetime": Kind(
        lambda argument, scope: _dated(
            lambda text: times.datetime_text(text, scope.zone, _pattern(argument)),
            _pattern(argument),
        ),
        _DATED,
        gives="date-time",
    ),
    "year_month": Kind(
        lambda argument, _scope: _dated(lambda text: times.month_text(text, _pattern(argument))),
        _DATED,
        gives="year-month",
    ),
    "code": Kind(_code, _LIST_NAME, alone=False),
    "choose": Kind(_choose, {"type": "object", "minProperties": 1}, alone=False),
    "first": Kind(_first, {"type": "integer", "minimum": 1}, alone=False),
    "digits": Kind(_digits, {"type": "integer", "minimum": 1}, alone=False),
    "split": Kind(_split, {"type": "string", "minLength": 1}, alone=False),
    "part": Kind(
        _part,
        {
            "type": "object",
            "required": ["of", "take"],
            "additionalProperties": False,
            "properties": {
                "of": {
                    "type": ["string", "array"],
                    "minLength": 1,
                    "items": {"type": "string", "minLength": 1},
                },
                "take": {"type": "integer", "minimum": -20, "maximum": 20},
            },
        },
        alone=False,
    ),
    "numbers": _plain(_numbers),
    "words": Kind(_words, _LIST_NAME, alone=False),
    "digest": Kind(_digest),
    "geometry": Kind(
        _geometry,
        {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "crs": {"type": "string", "pattern": r"^EPSG:\d{4,6}$"},
                "order": {"enum": ["xy", "yx"]},
            },
        },
        gives="geojson",
    ),
    # written for pushes
    "uncode": Kind(_uncode, _LIST_NAME, alone=False),
    "format_date": Kind(
        lambda argument, scope: _dated(lambda text: times.written(text, scope.zone, str(argument))),
        {"type": "string", "pattern": f"%|^{times.EPOCH}$"},
        alone=False,
    ),
    "number": Kind(_rounded, {"type": "integer", "minimum": 0, "maximum": 8}, alone=False),
    "join": Kind(_join, {"type": "string"}, alone=False),
}


def given(uses: Iterable[Json]) -> str | None:
    """The format that all results of a chain have; None if unknown."""
    names = [next(iter(use)) if isinstance(use, dict) else str(use) for use in uses]
    last = [name for name in names if name != "blank"][-1:]
    return VERBS[last[0]].gives if last else None


def chain(uses: Iterable[Json], scope: Scope) -> tuple[Verb, ...]:
    """The compiled verbs of one field, in order; uses: names, or {name: argument}."""
    verbs = []
    for use in uses:
        name, argument = next(iter(use.items())) if isinstance(use, dict) else (str(use), None)
        verbs.append(VERBS[name].make(argument, scope))
    return tuple(verbs)

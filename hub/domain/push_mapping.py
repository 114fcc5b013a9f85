"""Compiles a push mapping: golden record -> body in the target's shape, or why it is withheld."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from hub.domain import paths
from hub.domain.contracts import PushFlow, Shaped, Shaper
from hub.domain.documents import mapping, mapping_of, texts
from hub.domain.partner_masks import is_mask, unmasked
from hub.domain.paths import Source
from hub.domain.pull_values import FieldRule
from hub.domain.validation import shown
from hub.domain.verbs import Cell, Scope, Verb, WrongValueError, chain, decimal_text
from hub.errors import Fault
from hub.model import Json, Record, Value


@dataclass(frozen=True, slots=True)
class PushMapping:
    """A parsed *.push.yaml, not compiled yet."""

    fields: tuple[FieldRule, ...]
    when: Mapping[str, Json]
    required: tuple[str, ...]


def compile_shaper(rules: PushMapping, *, scope: Scope) -> Shaper:
    """Compile the mapping: everything decidable before a record comes is decided here."""
    plans = [
        (
            rule.name,
            _said_first(rule.paths) if rule.paths else None,
            rule.const,
            chain(rule.use, scope),
        )
        for rule in rules.fields
    ]
    conditions = [(name, _holds(name, wanted)) for name, wanted in rules.when.items()]
    needed = [(name, paths.reader(name)) for name in rules.required]

    def shape(golden: Record, related: Mapping[str, Record]) -> Shaped:
        source = cast("dict[str, Json]", {**golden, **related})
        for name, holds in conditions:
            if not holds(source):
                return _withheld("delivery.withheld_condition", field=name)
        for name, read in needed:
            value = read(source)
            if value is None or is_mask(cast("Value", value)):
                return _withheld("delivery.withheld_missing", field=name)
        body: dict[str, Json] = {}
        for name, read_value, const, verbs in plans:
            value = raw = read_value(source) if read_value else const
            if verbs and value is not None:
                try:
                    value = _through(verbs, value, source)
                except WrongValueError as wrong:
                    return _withheld(
                        "delivery.withheld_unshapeable", field=name, value=shown(raw), **wrong.facts
                    )
            body[name] = value
        return Shaped(body, withheld=None)

    def meets(golden: Record, related: Mapping[str, Record]) -> bool:
        source = cast("dict[str, Json]", {**golden, **related})
        return all(holds(source) for _, holds in conditions)

    return Shaper(shape, meets, tuple(rule.name for rule in rules.fields))


def _said_first(of: Sequence[str]) -> paths.Reader:
    """Reads the first of these paths with a value; masked values count as none."""
    readers = [paths.reader(path) for path in of]

    def read(source: Source) -> Json:
        for one in readers:
            value = one(source)
            if isinstance(value, str | list):
                value = cast("Json", unmasked(cast("Value", value)))
            if value is not None:
                return value
        return None

    return read


def _through(verbs: Sequence[Verb], value: Cell, source: Source) -> Json:
    """The result of a chain of verbs, decimals as text."""
    for verb in verbs:
        try:
            value = verb(value, source)
        except (WrongValueError, MemoryError):
            raise
        # what one value does to a verb is that record's outcome
        except Exception as error:  # noqa: BLE001
            raise WrongValueError("", error=type(error).__name__) from None
        if value is None:
            return None
    return decimal_text(value, None) if isinstance(value, Decimal) else value


def names_of(push: PushFlow, path: str) -> tuple[str, ...]:
    """The target's names for what is made of `field`, `project.field`, any field of `project`."""
    rules = mapping_of(push.text)["fields"]
    return tuple(
        name
        for name, rule in mapping(rules).items()
        for source in texts(mapping(rule).get("from"))
        if f"{'.'.join(map(str, paths.steps(source)))}.".startswith(f"{path}.")
    )


def _withheld(code: str, **facts: str) -> Shaped:
    return Shaped(None, Fault(f"/{facts['field'].replace('.', '/')}", code, facts))


def _holds(name: str, wanted: Json) -> paths.Condition:
    """A condition: allowed values, or `{present: true}` / `{present: false}`."""
    if isinstance(wanted, dict):
        read, present = paths.reader(name), bool(wanted["present"])
        return lambda source: (read(source) is not None) is present
    return paths.condition({name: wanted})

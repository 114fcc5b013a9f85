"""What a partner asks of the records that it is given, and how it takes them: checked, counted,
idempotent.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from stdnum.cn import uscc

from sandbox.faults import FaultSwitch
from sandbox.state import Record, State

CODE = re.compile(r"\d{4}-\d{6}-\d{2}-\d{2}-\d{6}", re.ASCII)
MILLISECONDS = "ms"
RECEIPTS = "receipts"
EMPTY = (None, "")
REFUSALS = frozenset(
    {"missing", "date", "code", "credit_code", "operation", "value", "unknown", "unwilling"}
)
"""Kinds of refusal, which each partner words itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One kind of record that is taken, by the partner's own field names."""

    resource: str
    key: str  # the field of the idempotency key
    code: str | None  # the field of the project code
    # the field that says which thing it is: a later record of the same thing replaces the earlier
    business: str
    required: tuple[str, ...]
    dates: Mapping[
        str, tuple[str, ...]
    ]  # field -> the formats that are understood, or milliseconds
    credit_code: str | None
    operation: str | None  # the field that says new or withdrawn
    valid: str
    withdrawn: str
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # field -> its values


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a record is not taken: a kind that the partner words itself, and the field that it is
    about.
    """

    kind: str  # one of REFUSALS
    field: str


def check(form: Form, record: Mapping[str, object], *, held: bool) -> Refusal | None:
    """Give the first thing that is wrong; `held` says that something valid is held of the same
    thing.
    """
    return next(_problems(form, record, held=held), None)


def _problems(form: Form, record: Mapping[str, object], *, held: bool) -> Iterator[Refusal]:
    yield from (
        Refusal("missing", name) for name in (form.key, *form.required) if record.get(name) in EMPTY
    )
    if form.code and not CODE.fullmatch(str(record.get(form.code))):
        yield Refusal("code", form.code)
    for name, formats in form.dates.items():
        if not _is_date(record.get(name), formats):
            yield Refusal("date", name)
    for name, values in form.lists.items():
        if record.get(name) not in EMPTY and str(record[name]) not in values:
            yield Refusal("value", name)
    if form.credit_code and not _is_credit_code(record.get(form.credit_code)):
        yield Refusal("credit_code", form.credit_code)
    operation = record.get(form.operation) if form.operation else None
    if (
        form.operation
        and operation not in EMPTY
        and str(operation) not in (form.valid, form.withdrawn)
    ):
        yield Refusal("operation", form.operation)
    if str(operation) == form.withdrawn and not held:
        yield Refusal("unknown", form.business)


def _is_date(value: object, formats: tuple[str, ...]) -> bool:
    if value in EMPTY or isinstance(value, datetime):
        return True
    try:
        read_date(value, formats)
    except ValueError:
        return False
    return True


def read_date(value: object, formats: tuple[str, ...]) -> datetime:
    """Read a date in any of the formats, or raise ValueError."""
    if MILLISECONDS in formats:
        return datetime.fromtimestamp(int(str(value)) / 1000, UTC)
    for pattern in formats:
        try:
            return datetime.strptime(str(value), pattern)  # noqa: DTZ007  a day, not an instant
        except ValueError:
            continue
    raise ValueError(value)


def _is_credit_code(value: object) -> bool:
    return value in EMPTY or str(value).startswith("TE") or bool(uscc.is_valid(str(value)))


class Intake:
    """Takes records of some forms into a partner's memory."""

    def __init__(self, state: State, faults: FaultSwitch) -> None:
        self._state = state
        self._faults = faults

    def take(self, form: Form, record: Mapping[str, object]) -> Refusal | None:
        """Take a record, or say why not. A key that was taken before is answered alike and not
        applied again.
        """
        key, thing = str(record.get(form.key) or ""), str(record.get(form.business) or "")
        if key and self._state.held(RECEIPTS, key) == {"refusal": None}:
            return None
        before = self._state.held(form.resource, thing)
        refusal = check(form, record, held=before is not None and before["valid"] is True)
        if refusal is None and self._faults.take("rejected_push", where=form.resource):
            refusal = Refusal("unwilling", form.business)
        if refusal is None:
            valid = not form.operation or str(record.get(form.operation)) != form.withdrawn
            self._state.receive(form.resource, thing, {**record, "valid": valid})
        if key:
            said: Record = {"refusal": None if refusal is None else [refusal.kind, refusal.field]}
            self._state.receive(RECEIPTS, key, said)
        return refusal

    def receipt(self, key: str) -> tuple[bool, Refusal | None]:
        """Say whether a key was ever received, and what was said to it."""
        found = self._state.held(RECEIPTS, key)
        if found is None:
            return False, None
        said = found["refusal"]
        return True, Refusal(str(said[0]), str(said[1])) if isinstance(said, list) else None

    def valid(self, form: Form, *, by: str = "") -> dict[str, Record]:
        """Give what is held and valid, by a field or by project code; of several the last."""
        named = by or form.code or form.business
        return {
            str(record[named]): record
            for record in self._state.received(form.resource)
            if record["valid"] is True
        }

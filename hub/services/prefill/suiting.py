"""Which records a field of a form asks for, and which checks of a form they meet."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from hub.db.records.projects import Known
from hub.domain.contracts import Contracts, PrefillCheck, PrefillField, PrefillForm
from hub.domain.rights import Rights
from hub.model import Record, Value


def checked(
    contracts: Contracts, form: PrefillForm, known: Sequence[Known], *, rights: Rights, on: date
) -> Iterator[PrefillCheck]:
    """The checks of a form that a record fits which these rights show and which has not lapsed."""
    for check in form.checks:
        field = contracts.entities[check.asked.entity].fields[check.asked.field]
        if rights.sight(check.asked.entity, field) != "shown":
            continue
        fitting = (row.values for row in known if suits(row, check.asked))
        if any(_counts(check, values, on) for values in fitting):
            yield check


def _counts(check: PrefillCheck, values: Record, on: date) -> bool:
    """Whether a record counts on a day: not lapsed, and lapsed where that is what is told."""
    day, until = on.isoformat(), values.get(check.until or "")
    after = values.get(check.after or "")
    told = not check.after or (after is not None and str(after) < day)
    return told and (until is None or str(until) >= day)


def suits(row: Known, asked: PrefillField) -> bool:
    """Whether a record is one that a question asks for."""
    way = not asked.through or asked.through in row.ways
    return row.entity == asked.entity and way and fits(row.values, asked.where)


def fits(values: Record, where: Mapping[str, Sequence[str]]) -> bool:
    """Whether each of these fields has one of its wanted values."""
    return all(_text(values.get(name)) in wanted for name, wanted in where.items())


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

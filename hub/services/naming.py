"""Names that callers ask by are checked first: an unknown one is an error with the nearest names.

A name is recognised by its parameter, which is called alike in command line, API and addresses.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from hub.auth.context import RequestContext
from hub.db import naming as kept
from hub.db.database import Transaction
from hub.domain import keys
from hub.domain.contracts import Contracts
from hub.domain.nearest_names import hint
from hub.errors import FlowError

RUN_STATES = ("running", "complete", "held", "failed", "aborted")
APPLICATION_STATES = ("open", "granted", "refused", "withdrawn")
ALL = "all"
RECEIPTS, PUSH = "receipts.", "push."

Named: TypeAlias = Mapping[str, object]
Check: TypeAlias = Callable[[Transaction, Contracts, str], None]


class UnknownNameError(FlowError):
    """A name or number that does not exist, as by a typing error."""

    default = "ask.value_unknown"


def check(tx: Transaction, contracts: Contracts, named: Named) -> None:
    """Raise UnknownNameError for the first of these parameters whose value does not exist.

    named: {parameter: value or list of values}; parameters that are no names are ignored.
    """
    for parameter, value in named.items():
        known = CHECKS.get(parameter)
        if known is None or value is None:
            continue
        for one in value if isinstance(value, list | tuple) else [value]:
            if str(one):
                known(tx, contracts, str(one))


def worth_checking(named: Named) -> bool:
    """Whether any of these parameters is a name with a value."""
    return any(value not in (None, "", [], ()) and name in CHECKS for name, value in named.items())


def one_of(parameter: str, value: str | None, allowed: Sequence[str]) -> str | None:
    """The value, if it is empty or among those allowed; else UnknownNameError."""
    if value and value not in allowed:
        raise UnknownNameError(name=parameter, value=value, **hint(value, allowed))
    return value


def numbered(tx: Transaction, kind: str, numbers: Iterable[int]) -> None:
    """Raise UnknownNameError for numbers that no run, entry, difference, batch or record has."""
    missing = kept.missing(tx, kind, list(numbers))
    if missing:
        raise UnknownNameError(f"ask.{kind}_unknown", **{_FACT[kind]: ", ".join(map(str, missing))})


def refuse_unknown(context: RequestContext, kind: str, numbers: Iterable[int] | None) -> None:
    """As `numbered`, in a transaction of its own; None: no numbers are given."""
    with context.hub.database.read() as tx:
        numbered(tx, kind, numbers or [])


def flow_names(contracts: Contracts) -> list[str]:
    """Every flow of the contract files, disabled ones included."""
    return sorted({*contracts.pulls, *contracts.pushes, *contracts.fetches, *contracts.disabled})


def _flow(tx: Transaction, contracts: Contracts, name: str) -> None:
    known = flow_names(contracts)
    pushed = f"{PUSH}{name.removeprefix(RECEIPTS)}"
    if name in known or (name.startswith(RECEIPTS) and pushed in known) or kept.flow_ran(tx, name):
        return
    raise UnknownNameError("flow.unknown", flow=name, **hint(name, known))


def _system(_tx: Transaction, contracts: Contracts, name: str) -> None:
    if name != ALL and name not in contracts.systems:
        known = sorted(contracts.systems)
        raise UnknownNameError(
            "system.unknown", system=name, known=", ".join(known), **hint(name, known)
        )


def _entity(_tx: Transaction, contracts: Contracts, name: str) -> None:
    known = [*contracts.entities, *contracts.derived, *contracts.granted]
    if name not in known:
        listed = ", ".join(contracts.entities)
        raise UnknownNameError("ask.entity_unknown", entity=name, known=listed, **hint(name, known))


def _form(_tx: Transaction, contracts: Contracts, name: str) -> None:
    known = [*contracts.forms, *contracts.disabled_forms]
    if name not in known:
        raise UnknownNameError(
            "ask.form_unknown", form=name, known=", ".join(known), **hint(name, known)
        )


def _account(tx: Transaction, _contracts: Contracts, name: str) -> None:
    if not kept.account_known(tx, name):
        raise UnknownNameError(
            "access.account_unknown", account=name, **hint(name, kept.accounts(tx))
        )


def _cause(tx: Transaction, _contracts: Contracts, cause: str) -> None:
    if not kept.cause_met(tx, cause):
        raise UnknownNameError(name="cause", value=cause, **hint(cause, kept.open_causes(tx)))


def _project(tx: Transaction, _contracts: Contracts, code: str) -> None:
    if not kept.project_known(tx, keys.project_code(code)):
        raise UnknownNameError("ask.project_unknown", project_code=code)


CHECKS: Mapping[str, Check] = {
    "flow": _flow,
    "flows": _flow,
    "system": _system,
    "entity": _entity,
    "entities": _entity,
    "form": _form,
    "account": _account,
    "cause": _cause,
    "project": _project,
}
"""The check of each parameter that is a name."""

_FACT: Mapping[str, str] = {
    "run": "id",
    "entry": "id",
    "difference": "id",
    "batch": "id",
    "record": "record",
}

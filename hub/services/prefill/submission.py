"""A form as submitted -> origin of each answer; the origins are stored (once-only meter).

Nothing typed is changed: the answer says what differs, and the person decides.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from pydantic import Field

from hub.auth.context import RequestContext
from hub.db import submissions
from hub.db.access.accounts import Account
from hub.db.database import Transaction
from hub.domain.contracts import Contracts
from hub.domain.partner_masks import is_mask
from hub.domain.rights import Rights
from hub.errors import FlowError
from hub.model import Value
from hub.services.prefill import Filled, prefilled
from hub.services.prefill.filling import FilledField, FilledValue, WantedMaterial, is_masked
from hub.services.view import Title

_FRACTION = re.compile(r"-?\d+\.\d+", re.ASCII)
Origin = Literal["hub", "outdated", "typed", "differs", "empty"]


@dataclass(frozen=True, slots=True)
class SubmittedForm:
    """fields: the answers; shown: what was prefilled; handed_in: papers brought along.

    confirmed: the sender knows that values have changed since they were prefilled.
    """

    project_code: str
    fields: Mapping[str, Value]
    shown: Mapping[str, Value]
    handed_in: frozenset[str] = frozenset()
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class JudgedField:
    """One answer compared with the hub's value of now.

    origin: hub (the same, or one of the values on which sources differ), outdated (as prefilled,
    but the hub's value has changed), typed (the hub has none, or may not show it), differs (typed,
    and not the hub's), empty.
    """

    name: str
    given: Value
    origin: Annotated[
        Origin,
        Field(
            description=(
                "outdated: as prefilled, no longer what the hub says; differs: typed, not what "
                "it says"
            )
        ),
    ]
    changed: Annotated[
        bool, Field(description="the hub says something else than when it was prefilled")
    ]
    value: Annotated[Value, Field(description="what the hub says now")]
    items: tuple[FilledValue, ...]


@dataclass(frozen=True, slots=True)
class JudgedPaper:
    """A paper that the form wants: from the hub, or handed in."""

    name: str
    title: Title
    from_hub: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """A form compared; `submission` is null where changed values have not been confirmed yet."""

    submission: int | None
    project_code: str
    fields: tuple[JudgedField, ...]
    materials: tuple[JudgedPaper, ...]


def submit(context: RequestContext, form: str, sent: SubmittedForm) -> Checked:
    """Compare a form with the hub, and store where its answers came from.

    Nothing is stored where values have changed since prefill and the sender has not confirmed it.
    """
    filled, rights = prefilled(context, form, sent.project_code)
    checked = check(context.hub.contracts, filled, sent, rights=rights)
    with context.hub.database.write() as tx:
        return replace(
            checked,
            submission=keep(tx, filled.form.name, checked, sent, account=context.reader.account),
        )


def check(contracts: Contracts, filled: Filled, sent: SubmittedForm, *, rights: Rights) -> Checked:
    """Compare a form with the hub; FlowError: prefill.field_unknown, ask.project_unknown."""
    form = filled.form
    unknown = sent.fields.keys() - {field.name for field in form.fields}
    if unknown:
        raise FlowError("prefill.field_unknown", fields=", ".join(sorted(unknown)), form=form.name)
    if not filled.record_ids:
        raise FlowError("ask.project_unknown", project_code=sent.project_code)
    return Checked(
        None,
        filled.project_code,
        fields=tuple(judge(contracts, filled.answers, sent, rights=rights)),
        materials=tuple(_paper(one, sent) for one in filled.wanted),
    )


def keep(
    tx: Transaction, form: str, checked: Checked, sent: SubmittedForm, *, account: Account
) -> int | None:
    """Store the answers' origins; give the submission's number, None where nothing is stored."""
    if any(one.changed for one in checked.fields) and not sent.confirmed:
        return None
    return submissions.add(
        tx,
        form,
        checked.project_code,
        account=account.name,
        department=account.department,
        fields={one.name: one.origin for one in checked.fields},
        materials={one.name: "hub" if one.from_hub else "asked" for one in checked.materials},
    )


def _paper(wanted: WantedMaterial, sent: SubmittedForm) -> JudgedPaper:
    asked = wanted.asked
    title = Title(asked.title_zh, asked.title_en)
    return JudgedPaper(asked.name, title, bool(wanted.held) and asked.name not in sent.handed_in)


def judge(
    contracts: Contracts, answers: Sequence[FilledField], sent: SubmittedForm, *, rights: Rights
) -> Iterator[JudgedField]:
    """Every answer of a form compared."""
    for answer in answers:
        name = answer.question.name
        given, shown = sent.fields.get(name), sent.shown.get(name)
        masked = is_masked(contracts, answer.question, rights)
        changed = not (masked or _empty(shown)) and not _same(answer, shown)
        origin = _origin(answer, given, shown, masked=masked)
        yield JudgedField(name, given, origin, changed, answer.value, answer.items)


def _origin(answer: FilledField, given: Value, shown: Value, *, masked: bool) -> Origin:
    if _empty(given) or is_mask(given):  # "王**" is nobody's name
        return "empty"
    if _same(answer, given) or any(_plain(given) == _plain(one.value) for one in answer.candidates):
        return "hub"
    if not _empty(shown) and _plain(given) == _plain(shown):
        return "outdated"
    says_nothing = answer.value is None and not answer.candidates
    return "typed" if masked or says_nothing else "differs"


def _same(answer: FilledField, given: Value) -> bool:
    """Whether this is the hub's value in any form: code or words, number or list."""
    said: list[Value] = [answer.value]
    if answer.question.pick != "list":
        said += [word for item in answer.items for word in (item.zh, item.en)]
    else:
        said += [
            [_text(item.value) for item in answer.items],
            [_text(item.en or item.value) for item in answer.items],
        ]
    return any(_plain(given) == _plain(one) for one in said if one is not None)


def _plain(value: Value) -> tuple[str, ...]:
    """A value without width, blanks and trailing zeros; a list as its lines."""
    lines = value if isinstance(value, list) else _text(value).split("\n")
    return tuple(
        _number("".join(unicodedata.normalize("NFKC", line).split()))
        for line in lines
        if line.strip()
    )


def _number(text: str) -> str:
    return text.rstrip("0").rstrip(".") if _FRACTION.fullmatch(text) else text


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _empty(value: Value) -> bool:
    return value is None or not _plain(value)

"""Views of forms for API, console and export: the list of forms, and one prefilled."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

from pydantic import Field

from hub.auth.context import RequestContext
from hub.domain.contracts import PrefillForm
from hub.errors import Fault
from hub.model import Value
from hub.services.prefill import Filled, prefilled
from hub.services.prefill.filling import (
    FilledField,
    FilledValue,
    Material,
    Verification,
    WantedMaterial,
)
from hub.services.view import Title, in_words

VERIFICATIONS: Mapping[Verification, str] = {
    "authority": "权威来源",
    "other_source": "其他来源",
    "steward": "人工核定",
    "disputed": "来源不一致",
}
"""How a value was verified, in words."""

NO_TIME = "来源未提供时间"
"""For sources that state no time; the arrival is never put in its place."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a field is empty or a paper is to be handed in, and what would change that."""

    code: Annotated[str, Field(examples=["prefill.not_yet_received"])]
    zh: str
    en: str
    cure_zh: str
    cure_en: str


@dataclass(frozen=True, slots=True)
class PrefilledField:
    """One field: its value and source, or the reason why it is empty.

    entity, field: where the hub keeps it, empty where it does not. several: the form takes a list.
    """

    name: Annotated[str, Field(examples=["project_name"])]
    title: Title
    value: Annotated[Value, Field(examples=["某某大道工程"])]
    unit: str | None
    unit_words: Title | None
    items: tuple[FilledValue, ...]
    reason: Reason | None
    candidates: Annotated[
        tuple[FilledValue, ...], Field(description="what the sources say where they disagree")
    ]
    entity: Annotated[str, Field(description="what the hub keeps it of; empty: it does not")]
    field: Annotated[str, Field(description="and under which name: for a dispute")]
    several: Annotated[bool, Field(description="the form takes a list")]


@dataclass(frozen=True, slots=True)
class WantedPaper:
    """A paper: `held` by the hub, or the reason why it has to be handed in."""

    name: Annotated[str, Field(examples=["planning_permit"])]
    title: Title
    held: FilledValue | None
    reason: Reason | None
    holder: Annotated[
        str | None,
        Field(description="whose paper it is, by the unified social code; null: the project's"),
    ]


@dataclass(frozen=True, slots=True)
class FormCheckView:
    """What a record says about an application: a way that is closed, a thing to mind."""

    name: str
    says: Title


@dataclass(frozen=True, slots=True)
class Prefill:
    """A form for one project."""

    form: Annotated[str, Field(examples=["construction_permit"])]
    title: Title
    purpose: Title
    project_code: Annotated[str, Field(examples=["2019-140108-70-03-013941"])]
    fields: tuple[PrefilledField, ...]
    materials: Annotated[
        tuple[Material, ...], Field(description="all papers of the project that the reader may see")
    ]
    wanted: tuple[WantedPaper, ...]
    department: Annotated[str, Field(description="who takes the form")]
    records: Annotated[
        int, Field(description="records of the project that the reader may see; 0: it is unknown")
    ]
    checks: Annotated[
        tuple[FormCheckView, ...], Field(description="what records say about this application")
    ]


@dataclass(frozen=True, slots=True)
class FormView:
    """A form that can be prefilled."""

    form: Annotated[str, Field(examples=["construction_permit"])]
    title: Title
    purpose: Title
    department: str
    fields: tuple[str, ...]
    materials: tuple[str, ...]


def forms(context: RequestContext) -> list[FormView]:
    """All forms that can be prefilled."""
    return [
        FormView(
            form.name,
            *_titles(form),
            form.department,
            fields=tuple(field.name for field in form.fields),
            materials=tuple(one.name for one in form.materials),
        )
        for form in context.hub.contracts.forms.values()
    ]


def prefilled_form(context: RequestContext, name: str, project_code: str) -> Prefill:
    """A form for one project as far as the reader may see it."""
    filled, _ = prefilled(context, name, project_code)
    return form(filled)


def form(filled: Filled) -> Prefill:
    """The view of a filled form."""
    return Prefill(
        filled.form.name,
        *_titles(filled.form),
        filled.project_code,
        fields=tuple(_prefilled(answer) for answer in filled.answers),
        materials=filled.materials,
        wanted=tuple(_wanted(one) for one in filled.wanted),
        department=filled.form.department,
        records=len(filled.record_ids),
        checks=tuple(
            FormCheckView(one.asked.name, Title(one.says_zh, one.says_en)) for one in filled.checks
        ),
    )


def _titles(form: PrefillForm) -> tuple[Title, Title]:
    """The titles of the form and of whom it is for."""
    return Title(form.title_zh, form.title_en), Title(form.purpose_zh, form.purpose_en)


def _prefilled(answer: FilledField) -> PrefilledField:
    question = answer.question
    return PrefilledField(
        question.name,
        Title(question.title_zh, question.title_en),
        answer.value,
        answer.unit,
        Title(*answer.unit_words) if answer.unit else None,
        answer.items,
        _reason(answer.reason) if answer.reason else None,
        answer.candidates,
        question.entity,
        question.field,
        question.pick == "list",
    )


def _wanted(wanted: WantedMaterial) -> WantedPaper:
    asked, reason = wanted.asked, wanted.reason
    title = Title(asked.title_zh, asked.title_en)
    return WantedPaper(
        asked.name, title, wanted.held, _reason(reason) if reason else None, wanted.holder
    )


def _reason(fault: Fault) -> Reason:
    return _cached_reason(fault.code, tuple(fault.facts.items()))


@lru_cache(maxsize=1000)
def _cached_reason(code: str, facts: tuple[tuple[str, str], ...]) -> Reason:
    """Cached: the same few reasons occur at many fields."""
    return Reason(code, **in_words(code, dict(facts)))

"""A prefilled form as plain data: what the API answers, what is exported, and what is pushed."""

from collections.abc import Mapping
from functools import lru_cache

from hub.domain.contracts import PrefillForm
from hub.errors import Fault
from hub.services.prefill import Filled
from hub.services.prefill.filling import Answer, Verification, Wanted
from hub.texts import cure, say

VERIFICATIONS: Mapping[Verification, tuple[str, str]] = {
    "authority": ("权威来源", "authoritative source"),
    "other_source": ("其他来源", "another source"),
    "steward": ("人工核定", "settled by a person"),
    "disputed": ("来源不一致", "sources differ"),
}
"""How sure we are of a value, in words."""

NO_TIME = ("来源未提供时间", "the source gives no time")
"""Said where a source does not say when its value is of; the time of arrival never stands in for it."""


def form(filled: Filled) -> dict[str, object]:
    """The whole form."""
    return titles(filled.form) | {
        "project_code": filled.project_code,
        "fields": [_prefilled(answer) for answer in filled.answers],
        "materials": filled.materials,
        "wanted": [_wanted(one) for one in filled.wanted],
    }


def titles(form: PrefillForm) -> dict[str, object]:
    """What the form is called and for."""
    return {
        "form": form.name,
        "title": {"zh": form.title_zh, "en": form.title_en},
        "purpose": {"zh": form.purpose_zh, "en": form.purpose_en},
    }


def _prefilled(answer: Answer) -> dict[str, object]:
    question = answer.question
    return {
        "name": question.name,
        "title": {"zh": question.title_zh, "en": question.title_en},
        "value": answer.value,
        "unit": answer.unit,
        "unit_words": dict(zip(("zh", "en"), answer.unit_words, strict=True)) if answer.unit else None,
        "items": answer.items,
        "reason": _reason(answer.reason) if answer.reason else None,
        "candidates": answer.candidates,
    }


def _wanted(wanted: Wanted) -> dict[str, object]:
    asked = wanted.asked
    return {
        "name": asked.name,
        "title": {"zh": asked.title_zh, "en": asked.title_en},
        "held": wanted.held,
        "reason": _reason(wanted.reason) if wanted.reason else None,
        "holder": wanted.holder,
    }


def _reason(fault: Fault) -> dict[str, str]:
    return _said(fault.code, tuple(fault.facts.items()))


@lru_cache(maxsize=1000)
def _said(code: str, facts: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """The same few reasons stand at many fields of a form; nobody changes what is given here."""
    named = dict(facts)
    return {
        "code": code,
        "zh": say(code, named, "zh"),
        "en": say(code, named, "en"),
        "cure_zh": cure(code, named, "zh"),
        "cure_en": cure(code, named, "en"),
    }

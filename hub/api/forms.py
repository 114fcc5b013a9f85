"""What the routes for departments take and answer: suggestions, forms that come back, the meter."""

from datetime import date
from typing import Literal

from pydantic import Field

from hub.api.answers import Answer, Item, Words
from hub.api.asked import Asked
from hub.model import Value


class FormSent(Asked):
    """A form as a person filled it in. `prefilled`: what had been shown, to tell what has changed since."""

    project_code: str = Field(min_length=1, max_length=100, examples=["2019-140108-70-03-013941"])
    fields: dict[str, Value] = Field(examples=[{"project_name": "某某大道工程"}])
    prefilled: dict[str, Value] = Field(default_factory=dict)
    handed_in: list[str] = Field(default_factory=list, description="papers brought along although the hub holds them")
    confirmed: bool = Field(default=False, description="values that have changed since are known to have")


class FormJudged(Answer):
    """One answer against what the hub says now. Nothing that was typed is changed."""

    name: str
    given: Value
    origin: Literal["hub", "outdated", "typed", "differs", "empty"] = Field(
        description="outdated: as prefilled, and no longer what the hub says; differs: typed, and not what it says"
    )
    changed: bool = Field(description="the hub says something else than when it was prefilled")
    value: Value = Field(description="what the hub says now")
    items: list[Item]


class PaperJudged(Answer):
    """A paper that the form wants: from the hub, or asked for."""

    name: str
    title: Words
    from_hub: bool


class FormChecked(Answer):
    """What became of a form; `submission` is null while changed values have not been confirmed."""

    submission: int | None
    project_code: str
    fields: list[FormJudged]
    materials: list[PaperJudged]


class Metered(Answer):
    """The once-only meter of one unit, form and month; `share`: the part of answers and papers that came from here."""

    month: date
    department: str
    form: str
    submissions: int
    fields_hub: int
    fields_outdated: int
    fields_typed: int
    fields_differing: int
    fields_empty: int
    materials_hub: int
    materials_asked: int
    share: float | None

"""Types of parameters and bodies: numbers that fit the database, days and moments in any zone."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, TypeAlias

from annotated_types import Ge, Le
from fastapi import Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

LARGEST = 2**63 - 1
FIRST_YEAR, LAST_YEAR = 2, 9998
YEARS = f"{FIRST_YEAR} <= year <= {LAST_YEAR}"


def _sayable(day: date) -> date:
    """A day whose neighbours exist too, so that conversion to another zone cannot overflow."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(YEARS)
    return day


def _moment(moment: datetime) -> datetime:
    _sayable(moment)
    return moment


Number: TypeAlias = Annotated[int, Ge(1), Le(LARGEST)]
"""The number of a row."""

Words: TypeAlias = Annotated[str, Field(min_length=1, max_length=4000, pattern="^[^\\x00]*$")]
"""What a person says with an act."""

Few: TypeAlias = Annotated[int, Query(ge=1, le=200)]
"""Rows of a page."""

Before: TypeAlias = Annotated[
    int, Query(ge=1, le=LARGEST, description="the last id of the page before")
]

After: TypeAlias = Annotated[int, Ge(0), Le(LARGEST)]
"""Keyset pagination: rows after this number; 0: from the start."""

Day: TypeAlias = Annotated[date, AfterValidator(_sayable)]
Moment: TypeAlias = Annotated[datetime, AfterValidator(_moment)]

Most: TypeAlias = Annotated[int, Query(ge=1, le=1000)]
"""How many rows at most, 1 to 1000."""

Sentence: TypeAlias = Annotated[
    str, StringConstraints(min_length=1, max_length=1000, pattern="^[^\\x00]*$")
]
"""Free text of a person."""


@dataclass(frozen=True, slots=True)
class Touched:
    """How many rows were changed."""

    count: int


class RequestBody(BaseModel):
    """A JSON body; unknown names are refused."""

    model_config = ConfigDict(extra="forbid")

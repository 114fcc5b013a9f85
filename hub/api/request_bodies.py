"""What routes take: numbers that fit the database, days and moments of every zone, nothing that has
no name.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, TypeAlias

from annotated_types import Ge, Le
from fastapi import Query
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

LARGEST = 2**63 - 1
FIRST_YEAR, LAST_YEAR = 2, 9998
YEARS = f"{FIRST_YEAR} <= year <= {LAST_YEAR}"


def _sayable(day: date) -> date:
    """A day whose neighbours are days as well, so that another zone, or a year before it, still is
    one.
    """
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(YEARS)
    return day


def _moment(moment: datetime) -> datetime:
    _sayable(moment)
    return moment


Number: TypeAlias = Annotated[int, Ge(1), Le(LARGEST)]
"""The number of a row."""

After: TypeAlias = Annotated[int, Ge(0), Le(LARGEST)]
"""After which number a page goes on; 0: at the beginning."""

Day: TypeAlias = Annotated[date, AfterValidator(_sayable)]
Moment: TypeAlias = Annotated[datetime, AfterValidator(_moment)]

Most: TypeAlias = Annotated[int, Query(ge=1, le=1000)]
"""So many rows at most."""

Sentence: TypeAlias = Annotated[
    str, StringConstraints(min_length=1, max_length=1000, pattern="^[^\\x00]*$")
]
"""What somebody says in his own words."""


@dataclass(frozen=True, slots=True)
class Touched:
    """How many rows an act concerned."""

    count: int


class RequestBody(BaseModel):
    """A body: what it does not name is a slip, and refused."""

    model_config = ConfigDict(extra="forbid")

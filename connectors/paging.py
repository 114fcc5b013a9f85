"""From answers to pages: which page comes next, what in it is new, and when a sweep is complete."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Annotated, Literal

from pydantic import Field

from connectors.options import Options
from hub.errors import FlowError, TransientError
from hub.model import Json, Page, Raw


@dataclass(frozen=True)
class Place:
    """Where a sweep stands. seen: digests of records already given that the next answer may hold again."""

    token: str | int | None = None
    since: str | int | None = None
    high: str | int | None = None
    seen: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Found:
    """One record of an answer. moment: its cursor value as the hub keeps it."""

    payload: bytes
    moment: str | int | None

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.payload).hexdigest()[:32]


@dataclass(frozen=True)
class Answer:
    """What the partner gave for one page. token: what it says of the next."""

    records: Sequence[Found]
    token: str | int | None = None


class TokenPages(Options):
    """Each page names the next."""

    kind: Literal["cursor"] = "cursor"
    parameter: str = Field(description="Parameter that asks for the next page")
    next: str = Field(description="Path of the next page's token; empty on the last page")

    def parameters(self, place: Place) -> dict[str, Json]:
        return {self.parameter: place.token}

    def following(self, place: Place, answer: Answer, *, system: str) -> Place | None:
        """Give the place of the next page; None after the last."""
        if not answer.token:
            return None
        if answer.token == place.token:
            raise TransientError("system.page_broken", system=system)
        return replace(place, token=answer.token)


class NumberedPages(Options):
    """Pages are numbered; the first empty one ends the list."""

    kind: Literal["page"] = "page"
    parameter: str = Field(description="Parameter of the page number")
    first: int = Field(default=1, description="Number of the first page")
    advance: bool = Field(
        default=False,
        description="The list is ordered by the cursor: ask on from the last value seen instead of turning pages, so "
        "that none is missed when others move to the end while they are read; needs `cursor`, `since` and a page size "
        "above the number of records that share one cursor value",
    )

    def parameters(self, place: Place) -> dict[str, Json]:
        return {self.parameter: self._number(place)}

    def _number(self, place: Place) -> int:
        return self.first if place.token is None else int(place.token)

    def following(self, place: Place, answer: Answer, *, system: str) -> Place | None:
        """Give the place of the next page; None after the last."""
        if not answer.records:
            return None
        if not self.advance:
            return replace(place, token=self._number(place) + 1)
        high = _last_moment(answer, place, system=system)
        if high != place.high:
            seen = [found.digest for found in answer.records if found.moment in {high, None}]
            return Place(since=high, seen=seen)
        fresh = [found.digest for found in unseen(answer, place)]
        if not fresh and place.token is not None:
            raise TransientError("system.page_broken", system=system)
        return replace(place, token=self._number(place) + 1, seen=place.seen + fresh)


Paging = Annotated[TokenPages | NumberedPages, Field(discriminator="kind")]


def _last_moment(answer: Answer, place: Place, *, system: str) -> str | int | None:
    """Give the last cursor value of an ordered page; raise if the page goes back."""
    moments = [found.moment for found in answer.records if found.moment is not None]
    if not moments:
        return place.high
    if moments != sorted(moments, key=_order):
        raise FlowError("system.protocol", system=system, detail="not ordered by the cursor")
    if place.high is not None and _order(moments[0]) < _order(place.high):
        raise TransientError("system.page_broken", system=system)
    return moments[-1]


def unseen(answer: Answer, place: Place) -> Sequence[Found]:
    """Give the records that no earlier page of this sweep gave."""
    if not place.seen:
        return answer.records
    seen = set(place.seen)
    return [found for found in answer.records if found.digest not in seen]


def _order(moment: str | int) -> tuple[bool, str | int]:
    return isinstance(moment, str), moment


def place_of(*, since: str | int | None, resume: Json) -> Place:
    """Give where a sweep begins: where the last one stood, else at a cursor value, else at the beginning."""
    return Place(**resume) if isinstance(resume, dict) else Place(since=since)  # type: ignore[arg-type] # our own words


def sweep(
    ask: Callable[[Place], Answer],
    *,
    paging: TokenPages | NumberedPages,
    start: Place,
    name: str,
    system: str,
) -> Iterator[Page]:
    """Ask page by page until the list ends; an answer that repeats the one before raises TransientError."""
    place = start
    before: Sequence[Found] = ()
    while True:
        answer = ask(place)
        if answer.records and answer.records == before and not place.seen:
            raise TransientError("system.page_broken", system=system)
        following = paging.following(place, answer, system=system)
        fresh = unseen(answer, place)
        moments = [found.moment for found in answer.records if found.moment is not None]
        high = max(moments if place.high is None else [*moments, place.high], default=None, key=_order)
        where = " ".join(str(part) for part in (name, place.seen and place.since, place.token) if part)
        place, before = replace(following or place, high=high), answer.records
        yield Page(
            records=tuple(Raw(found.payload, f"{where} #{index}") for index, found in enumerate(fresh, start=1)),
            read=len(fresh),
            resume=asdict(place),
            high=high,
            last=following is None,
        )
        if following is None:
            return

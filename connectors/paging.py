"""Pagination of a partner's lists: which page comes next, what in it is new, and when a sweep is
complete.

A list that is read page by page ends where its partner says so: by an empty page, a total, a number
of pages, or a token or link that is not there. A page that repeats the one before is a fault,
unless a total, a short page or a declared habit says that the one before was the last.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from itertools import count
from typing import Annotated, Literal

from pydantic import Field

from connectors.options import Options
from hub.errors import FlowError, TransientError
from hub.model import Json, Page, Raw

EMPTY = ("", False, 0)
NO_MORE = {"false", "0", "n", "no"}
LONG = 19


@dataclass(frozen=True)
class PagingPosition:
    """Where a sweep stands.

    seen: digests of records already given that the next answer may hold again. read, widest, total:
    how many records the pages before held together, the longest of them, and how many there are, as
    the partner last said. last: how many the page before held; before: its digest. window: where
    the window of time begins that is read. passed: how many records of this list had been seen
    before. mark, step, stride: an earlier token to compare with, so that tokens that go round in a
    circle are noticed.
    """

    token: str | int | None = None
    since: str | int | None = None
    high: str | int | None = None
    seen: list[str] = field(default_factory=list)
    read: int = 0
    widest: int = 0
    total: int | None = None
    last: int = 0
    before: str = ""
    window: str = ""
    passed: int = 0
    mark: str | int | None = None
    step: int = 0
    stride: int = 1

    def after(self, answer: "PageAnswer") -> "PagingPosition":
        """The same place with this page behind it."""
        count = len(answer.records)
        return replace(
            self,
            read=self.read + count,
            widest=max(self.widest, count),
            total=self.total if answer.total is None else answer.total,
            last=count,
            before=answer.digest,
        )

    def anew(self) -> "PagingPosition":
        """The beginning of the list (of this window) again."""
        return PagingPosition(since=self.since, high=self.high, seen=self.seen, window=self.window)


@dataclass(frozen=True)
class PagedRecord:
    """One record of an answer. moment: its cursor value as the hub keeps it."""

    payload: bytes
    moment: str | int | None

    @property
    def digest(self) -> str:
        return digest_of(self.payload)


@dataclass(frozen=True)
class PageAnswer:
    """What the partner gave for one page.

    token: what it says of the next. total: how many records there are. pages: how many pages. more:
    whether more come.
    """

    records: Sequence[PagedRecord]
    token: str | int | None = None
    total: int | None = None
    pages: int | None = None
    more: bool | None = None

    @cached_property
    def digest(self) -> str:
        """Stands for the records and their order; empty where there is none."""
        if not self.records:
            return ""
        together = hashlib.blake2b(digest_size=16)
        for found in self.records:
            together.update(found.payload)
            together.update(b"\0")
        return together.hexdigest()


class _Pages(Options):
    """What holds for every way of turning pages."""

    total: str = Field(
        default="",
        description="Path of the number of all records; the list ends when so many have been read",
    )
    most_pages: int = Field(
        default=100_000,
        ge=1,
        description="Pages of one reading at most; what is read before is taken in, and the next "
        "run goes on from "
        "there",
    )
    total_header: str = Field(
        default="", description="HTTP header of that number, e.g. X-Total-Count"
    )
    more: str = Field(
        default="",
        description=(
            "Path of what says whether more come, e.g. data.hasMore; false or 0 ends the list"
        ),
    )

    def over(self, place: PagingPosition, answer: PageAnswer, *, system: str) -> bool:
        """Whether the partner says that this page was the last; raises where its total says that it
        cannot be.
        """
        read = place.read + len(answer.records)
        if answer.total is not None and place.total is not None and answer.total < place.total:
            zh = f"读取期间总数从 {place.total} 减为 {answer.total}"
            raise broken(
                system, zh, f"total fell from {place.total} to {answer.total} while reading"
            )
        if answer.total is not None and read > answer.total:
            detail = f"total is {answer.total}, and {read} records were read"
            if not place.read:
                raise FlowError("system.protocol", system=system, detail=detail)
            raise broken(system, f"总数为 {answer.total}，却读到 {read} 条", detail)
        if answer.more is False:
            self.complete(place, answer, system=system)
        return answer.more is False or (read > 0 and read == answer.total)

    def complete(self, place: PagingPosition, answer: PageAnswer, *, system: str) -> None:
        """Raise where the list has ended before its total was read."""
        total = place.total if answer.total is None else answer.total
        read = place.read + len(answer.records)
        if total is not None and read < total:
            zh, en = (
                f"共 {total} 条，读到 {read} 条列表就结束了",
                f"the list ended after {read} of total {total} records",
            )
            raise broken(system, zh, en)


class TokenPages(_Pages):
    """Each page names the next."""

    kind: Literal["cursor"] = "cursor"
    parameter: str = Field(description="Parameter that asks for the next page")
    next: str = Field(
        default="", description="Path of the next page's token; empty or missing on the last page"
    )
    next_header: str = Field(
        default="", description="HTTP header of the next page's token, where no path has it"
    )
    first: str | int = Field(
        default="omit",
        description="What the first page is asked for with: omit (without the parameter), empty "
        "(with an empty one), "
        "or a value such as 0 or *",
    )

    def parameters(self, place: PagingPosition) -> dict[str, Json]:
        if place.token is not None or self.first == "omit":
            return {self.parameter: place.token}
        return {self.parameter: "" if self.first == "empty" else self.first}

    def following(
        self,
        place: PagingPosition,
        answer: PageAnswer,
        *,
        size: int | None,  # noqa: ARG002
        system: str,
    ) -> PagingPosition | None:
        """Give the place of the next page; None after the last."""
        return _by_token(self, place, answer, system=system)


class LinkPages(_Pages):
    """Each page holds the address of the next, on the same host."""

    kind: Literal["link"] = "link"
    next: str = Field(
        default="",
        description='Path of that address; empty: the HTTP header Link with rel="next" holds it',
    )

    # the link has them all
    def parameters(self, place: PagingPosition) -> dict[str, Json]:  # noqa: ARG002
        return {}

    def following(
        self,
        place: PagingPosition,
        answer: PageAnswer,
        *,
        size: int | None,  # noqa: ARG002
        system: str,
    ) -> PagingPosition | None:
        """Give the place of the next page; None after the last."""
        return _by_token(self, place, answer, system=system)


class _CountedPages(_Pages):
    """Pages that are asked for by a number of ours."""

    last: Literal["empty", "short", "repeats"] = Field(
        default="empty",
        description="How the list ends where no total says so: empty: with an empty page; short: "
        "with a page of fewer "
        "records than asked for; repeats: what lies beyond the last page is the last page again",
    )
    omit_first: bool = Field(
        default=False, description="The first page is asked for without the parameter"
    )
    advance: bool = Field(
        default=False,
        description="The list is ordered by the cursor: ask on from the last value seen instead "
        "of turning pages, so "
        "that none is missed when others move to the end while they are read; needs `cursor`, "
        "`since` and a page size "
        "above the number of records that share one cursor value",
    )

    def place_after(self, place: PagingPosition, answer: PageAnswer) -> int:
        """The number by which the page after this one is asked for."""
        raise NotImplementedError

    def ends(self, place: PagingPosition, answer: PageAnswer, *, size: int | None) -> bool:
        """Whether a page that is not empty is the last without a total saying so."""
        return (
            self.last == "short"
            and answer.total is None
            and len(answer.records) < (size or place.widest)
        )

    def following(
        self, place: PagingPosition, answer: PageAnswer, *, size: int | None, system: str
    ) -> PagingPosition | None:
        """Give the place of the next page; None after the last."""
        if self.over(place, answer, system=system) or self.ends(place, answer, size=size):
            return None
        if not answer.records:
            self.complete(place, answer, system=system)
            return None
        here = place.after(answer)
        if not self.advance:
            return replace(here, token=self.place_after(place, answer))
        high = _last_moment(answer, place, system=system)
        if high != place.high:
            seen = [found.digest for found in answer.records if found.moment in {high, None}]
            return PagingPosition(since=high, seen=seen, window=place.window)
        fresh = [found.digest for found in unseen(answer, place)]
        passed = place.passed + len(answer.records) - len(fresh)
        if passed > len(place.seen) + len(
            answer.records
        ):  # pages that go round; a list that moves shows a few twice
            raise broken(
                system, "翻页又回到读过的记录", "its pages come round to records that were read"
            )
        return replace(
            here, token=self.place_after(place, answer), seen=place.seen + fresh, passed=passed
        )

    def may_repeat(self, place: PagingPosition, *, size: int | None) -> bool:
        """Whether something says that the page before was the last, so that a repeat of it may be
        the list's end.
        """
        if place.total is not None:
            return place.read >= place.total
        return self.last == "repeats" or place.last < max(place.widest, size or 0)


class NumberedPages(_CountedPages):
    """Pages are numbered."""

    kind: Literal["page"] = "page"
    parameter: str = Field(description="Parameter of the page number")
    first: int = Field(default=1, description="Number of the first page, 0 or 1")
    pages: str = Field(
        default="", description="Path of the number of pages, after which the list ends"
    )

    def parameters(self, place: PagingPosition) -> dict[str, Json]:
        if place.token is None and self.omit_first:
            return {self.parameter: None}
        return {self.parameter: self._number(place)}

    def _number(self, place: PagingPosition) -> int:
        return self.first if place.token is None else int(place.token)

    # of a page of any length
    def place_after(self, place: PagingPosition, answer: PageAnswer) -> int:  # noqa: ARG002
        return self._number(place) + 1

    def ends(self, place: PagingPosition, answer: PageAnswer, *, size: int | None) -> bool:
        """The number of pages says so, or a short page does."""
        if answer.pages is not None and answer.total is None:
            return self._number(place) - self.first + 1 >= answer.pages
        return super().ends(place, answer, size=size)


class OffsetPages(_CountedPages):
    """A page is asked for by the number of records before it."""

    kind: Literal["offset"] = "offset"
    parameter: str = Field(
        default="offset", description="Parameter of the number of records to skip"
    )
    first: int = Field(
        default=0,
        description="What stands for the beginning: 0, or 1 where records are counted from 1",
    )

    def parameters(self, place: PagingPosition) -> dict[str, Json]:
        if place.token is None and self.omit_first:
            return {self.parameter: None}
        return {self.parameter: self._skipped(place)}

    def _skipped(self, place: PagingPosition) -> int:
        return self.first if place.token is None else int(place.token)

    def place_after(self, place: PagingPosition, answer: PageAnswer) -> int:
        """So many as came are skipped, whatever number was asked for: partners give fewer than
        that.
        """
        return self._skipped(place) + len(answer.records)


def counted(name: str, text: str | None, *, system: str) -> int | None:
    """Give a number of records or pages; one below zero or none at all says nothing."""
    if not text or text.startswith("-"):
        return None
    digits = text.removesuffix(".0")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < LONG):
        raise FlowError("system.answer_unreadable", system=system, detail=f"{name}: not a number")
    return int(digits)


def more_said(text: str | None) -> bool | None:
    """Give what an answer says of whether more come; None where it says nothing."""
    return text.lower() not in NO_MORE if text else None


Counted = NumberedPages | OffsetPages
Paging = Annotated[TokenPages | NumberedPages | OffsetPages, Field(discriminator="kind")]
WebPaging = Annotated[
    TokenPages | NumberedPages | OffsetPages | LinkPages, Field(discriminator="kind")
]


def broken(system: str, zh: str = "", en: str = "") -> TransientError:
    """A page that is cut off, comes twice or contradicts the one before; zh, en: in which way,
    without a value.
    """
    if not en:
        return TransientError("system.page_broken", system=system)
    return TransientError(
        "system.page_broken", system=system, hint_zh=f"{zh}。", hint_en=f" {en[0].upper()}{en[1:]}."
    )


def _by_token(
    pages: TokenPages | LinkPages, place: PagingPosition, answer: PageAnswer, *, system: str
) -> PagingPosition | None:
    if pages.over(place, answer, system=system):
        return None
    same = answer.token is not None and answer.token == place.token
    if answer.token in {None, *EMPTY} or (same and not answer.records):
        pages.complete(place, answer, system=system)
        return None
    if same or answer.token == place.mark:
        raise broken(
            system,
            f"{pages.kind} 又指回读过的一页",
            f"the {pages.kind} leads back to a page that was read",
        )
    here, step = replace(place.after(answer), token=answer.token), place.step + 1
    if (
        step == place.stride
    ):  # a mark that moves ever more rarely: any circle of tokens comes back to it
        return replace(here, mark=answer.token, step=0, stride=place.stride * 2)
    return replace(here, step=step)


def _last_moment(answer: PageAnswer, place: PagingPosition, *, system: str) -> str | int | None:
    """Give the last cursor value of an ordered page; raise if the page goes back."""
    moments = [found.moment for found in answer.records if found.moment is not None]
    if not moments:
        return place.high
    if moments != sorted(moments, key=_order):
        raise FlowError("system.protocol", system=system, detail="not ordered by the cursor")
    if place.high is not None and _order(moments[0]) < _order(place.high):
        raise broken(system)
    return moments[-1]


def unseen(answer: PageAnswer, place: PagingPosition) -> Sequence[PagedRecord]:
    """Give the records that no earlier page of this sweep gave."""
    if not place.seen:
        return answer.records
    seen = set(place.seen)
    return [found for found in answer.records if found.digest not in seen]


def digest_of(payload: bytes) -> str:
    """What stands for a record among those seen."""
    return hashlib.sha256(payload).hexdigest()[:32]


def _order(moment: str | int) -> tuple[bool, str | int]:
    return isinstance(moment, str), moment


def place_of(*, since: str | int | None, resume: Json) -> PagingPosition:
    """Give where a sweep begins: where the last one stood, else at a cursor value, else at the
    beginning.
    """
    # our own words
    return PagingPosition(**resume) if isinstance(resume, dict) else PagingPosition(since=since)  # type: ignore[arg-type]


def sweep(
    ask: Callable[[PagingPosition], PageAnswer],
    *,
    paging: TokenPages | LinkPages | Counted,
    start: PagingPosition,
    name: str,
    system: str,
    size: int | None = None,
) -> Iterator[Page]:
    """Ask page by page until the list ends; size: how many records a page are asked for, None where
    that is not said.

    An answer that repeats the one before raises TransientError, unless it is how this list ends.
    """
    place, first = start, True
    for page in count():
        if page == paging.most_pages:
            raise FlowError(
                "system.pages_endless", system=system, most=page, option="read.paging.most_pages"
            )
        answer = ask(place)
        if first and _moved_meanwhile(paging, place, answer, size=size):
            place = place.anew()
            continue
        if answer.digest and answer.digest == place.before:
            _confirm_end(ask, paging, place, size=size, system=system)
            answer, following = PageAnswer([]), None
        else:
            following = paging.following(place, answer, size=size, system=system)
        first = False
        fresh = unseen(answer, place)
        moments = [found.moment for found in answer.records if found.moment is not None]
        high = max(
            moments if place.high is None else [*moments, place.high], default=None, key=_order
        )
        where = " ".join(
            str(part)
            for part in (name, place.window, place.seen and place.since, place.token)
            if part
        )
        place = replace(following or place, high=high)
        yield Page(
            records=tuple(
                Raw(found.payload, f"{where} #{index}")
                for index, found in enumerate(fresh, start=1)
            ),
            read=len(fresh),
            resume=asdict(place),
            high=high,
            last=following is None,
        )
        if following is None:
            return


def _moved_meanwhile(
    paging: TokenPages | LinkPages | Counted,
    place: PagingPosition,
    answer: PageAnswer,
    *,
    size: int | None,
) -> bool:
    """Whether what an earlier run left off at does not go on from there: its pages may lie
    elsewhere now.
    """
    if answer.digest and answer.digest == place.before:
        return not (
            isinstance(paging, NumberedPages | OffsetPages) and paging.may_repeat(place, size=size)
        )
    total = place.total if answer.total is None else answer.total
    if place.total is None or total is None:
        return False
    return total < place.total or (not answer.records and place.read < total)


def _confirm_end(
    ask: Callable[[PagingPosition], PageAnswer],
    paging: TokenPages | LinkPages | Counted,
    place: PagingPosition,
    *,
    size: int | None,
    system: str,
) -> None:
    """A page has come again. Where that may be the list's end, the page after it must say the same;
    else raise.
    """
    if not isinstance(paging, NumberedPages | OffsetPages):
        raise broken(system, "相邻两页完全相同", "two pages are the same")
    if not paging.may_repeat(place, size=size):
        of = "" if place.total is None else f" of total {place.total}"
        raise broken(
            system,
            f"第 {place.token} 页与上一页完全相同，已读 {place.read} 条；若对方的列表就是这样结束，"
            "请声明 paging.last: repeats 或 paging.total",
            f"page {place.token} repeats the page before, {place.read} records read{of}; if this "
            f"is how the list ends, "
            "declare paging.last: repeats or paging.total",
        )
    beyond = paging.place_after(place, PageAnswer([PagedRecord(b"", None)] * max(1, place.last)))
    if ask(replace(place, token=beyond)).digest != place.before:
        raise broken(
            system,
            f"第 {place.token} 页给成了上一页",
            f"page {place.token} came as the page before it",
        )

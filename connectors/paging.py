"""Pagination of partners' lists: the next page, what is new in it, when a sweep is complete.

A list ends by an empty page, a total, a number of pages, or a missing token or link. A page that
repeats the one before is an error, unless a total, a short page or a declared habit says that the
one before was the last.
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
    """Position of a sweep; stored as JSON to resume it.

    token: asks for the next page. since, high: cursor value asked from, greatest one seen. seen:
    digests of records that the next answer may repeat. read, widest, last: records of all pages so
    far, of the longest, of the last; total: as last stated. before: digest of the last page.
    window: start of the time window. passed: repeated records. mark, step, stride: an earlier
    token, to detect tokens that go round in a circle.
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
        """The position behind this page."""
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
        """The beginning of the list (of this window)."""
        return PagingPosition(since=self.since, high=self.high, seen=self.seen, window=self.window)


@dataclass(frozen=True)
class PagedRecord:
    """One record. moment: its cursor value as stored."""

    payload: bytes
    moment: str | int | None

    @property
    def digest(self) -> str:
        return digest_of(self.payload)


@dataclass(frozen=True)
class PageAnswer:
    """One page.

    token: of the next page. total: number of all records. pages: number of pages. more: whether
    more follow.
    """

    records: Sequence[PagedRecord]
    token: str | int | None = None
    total: int | None = None
    pages: int | None = None
    more: bool | None = None

    @cached_property
    def digest(self) -> str:
        """Hash of its records in order; "" without records."""
        if not self.records:
            return ""
        together = hashlib.blake2b(digest_size=16)
        for found in self.records:
            together.update(found.payload)
            together.update(b"\0")
        return together.hexdigest()


class _Pages(Options):
    """Base of all kinds of pagination."""

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
        """Whether the partner says that this page is the last; raises if its total contradicts."""
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
        """Raise TransientError where the list ends before its total."""
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
        """The position of the next page; None after the last."""
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
        """The position of the next page; None after the last."""
        return _by_token(self, place, answer, system=system)


class _CountedPages(_Pages):
    """Pages asked for by a number."""

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
        """The number that asks for the next page."""
        raise NotImplementedError

    def ends(self, place: PagingPosition, answer: PageAnswer, *, size: int | None) -> bool:
        """Whether a page with records is the last, where no total says so."""
        return (
            self.last == "short"
            and answer.total is None
            and len(answer.records) < (size or place.widest)
        )

    def following(
        self, place: PagingPosition, answer: PageAnswer, *, size: int | None, system: str
    ) -> PagingPosition | None:
        """The position of the next page; None after the last."""
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
        """Whether the page before may have been the last, so that its repeat is the list's end."""
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
        """By the number of pages, or a short page."""
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
        """The offset after the records that came: partners may give fewer than asked for."""
        return self._skipped(place) + len(answer.records)


def counted(name: str, text: str | None, *, system: str) -> int | None:
    """A stated number of records or pages; None if missing or negative, FlowError if no number."""
    if not text or text.startswith("-"):
        return None
    digits = text.removesuffix(".0")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < LONG):
        raise FlowError("system.answer_unreadable", system=system, detail=f"{name}: not a number")
    return int(digits)


def more_said(text: str | None) -> bool | None:
    """Whether more pages follow; None where the answer does not say."""
    return text.lower() not in NO_MORE if text else None


Counted = NumberedPages | OffsetPages
Paging = Annotated[TokenPages | NumberedPages | OffsetPages, Field(discriminator="kind")]
WebPaging = Annotated[
    TokenPages | NumberedPages | OffsetPages | LinkPages, Field(discriminator="kind")
]


def broken(system: str, zh: str = "", en: str = "") -> TransientError:
    """The error for a page that is cut off, repeated or contradictory; zh, en: how."""
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
    # Cycle detection (Brent): the mark moves at steps 1, 2, 4 ..., so any circle comes back to it.
    here, step = replace(place.after(answer), token=answer.token), place.step + 1
    if (
        step == place.stride
    ):  # a mark that moves ever more rarely: any circle of tokens comes back to it
        return replace(here, mark=answer.token, step=0, stride=place.stride * 2)
    return replace(here, step=step)


def _last_moment(answer: PageAnswer, place: PagingPosition, *, system: str) -> str | int | None:
    """The last cursor value of an ordered page; raises where the order goes back."""
    moments = [found.moment for found in answer.records if found.moment is not None]
    if not moments:
        return place.high
    if moments != sorted(moments, key=_order):
        raise FlowError("system.protocol", system=system, detail="not ordered by the cursor")
    if place.high is not None and _order(moments[0]) < _order(place.high):
        raise broken(system)
    return moments[-1]


def unseen(answer: PageAnswer, place: PagingPosition) -> Sequence[PagedRecord]:
    """Records that no earlier page of this sweep had (dedup)."""
    if not place.seen:
        return answer.records
    seen = set(place.seen)
    return [found for found in answer.records if found.digest not in seen]


def digest_of(payload: bytes) -> str:
    """Digest of a record, by which a repeat is known."""
    return hashlib.sha256(payload).hexdigest()[:32]


def _order(moment: str | int) -> tuple[bool, str | int]:
    return isinstance(moment, str), moment


def place_of(*, since: str | int | None, resume: Json) -> PagingPosition:
    """Where a sweep begins: at a stored position, else at a cursor value, else at the start."""
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
    """Ask page by page until the list ends; size: records per page, None where not asked for.

    Raises TransientError for a repeated page that cannot be the list's end, FlowError above
    `most_pages`.
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
    """Whether a stored position no longer fits, as records have moved between pages since."""
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
    """A page is repeated: raise, unless this may be the list's end and the next repeats too."""
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

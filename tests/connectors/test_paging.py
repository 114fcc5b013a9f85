"""Turning pages: every record once, whatever ties and moves there are."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.paging import (
    NumberedPages,
    OffsetPages,
    PageAnswer,
    PagedRecord,
    PagingPosition,
    TokenPages,
    place_of,
    sweep,
)
from hub.errors import FlowError, TransientError
from hub.model import Json, Page
from hub.texts import say

NUMBERED = NumberedPages(parameter="page", advance=True)
TOKENS = TokenPages(parameter="cursor", next="next")


@dataclass
class Partner:
    """Offers (moment, name) in order, in numbered pages, from a moment on."""

    records: list[tuple[int, int]]
    size: int
    between: Callable[[], None] = lambda: None

    def ask(self, place: PagingPosition) -> PageAnswer:
        number = int(NUMBERED.parameters(place)["page"])
        chosen = [
            one for one in sorted(self.records) if place.since is None or one[0] >= place.since
        ]
        page = chosen[(number - 1) * self.size : number * self.size]
        answer = PageAnswer(
            [PagedRecord(f"{name}@{moment}".encode(), moment) for moment, name in page]
        )
        self.between()
        return answer


def swept(
    ask: Callable[[PagingPosition], PageAnswer],
    *,
    start: PagingPosition = PagingPosition(),  # noqa: B008 - frozen
) -> list[Page]:
    return list(sweep(ask, paging=NUMBERED, start=start, name="list", system="power"))


def names(pages: list[Page]) -> list[str]:
    return [raw.payload.decode().split("@")[0] for page in pages for raw in page.records]


@given(moments=st.lists(st.integers(0, 6), max_size=30), size=st.integers(1, 8))
def test_each_record_comes_once_over_any_ties(moments: list[int], size: int) -> None:
    partner = Partner([(moment, name) for name, moment in enumerate(moments)], size)
    pages = swept(partner.ask)
    assert sorted(map(int, names(pages))) == list(range(len(moments)))
    assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
    assert pages[-1].high == max(moments, default=None)


@given(
    moments=st.lists(st.integers(0, 6), max_size=30), size=st.integers(1, 8), cut=st.integers(0, 40)
)
def test_going_on_from_any_page_gives_the_rest(moments: list[int], size: int, cut: int) -> None:
    partner = Partner([(moment, name) for name, moment in enumerate(moments)], size)
    pages = swept(partner.ask)
    at = cut % len(pages)
    resume = pages[at].resume
    assert isinstance(resume, dict)
    rest = swept(partner.ask, start=PagingPosition(**resume)) if not pages[at].last else []  # type: ignore[arg-type]
    assert names(rest) == names(pages[at + 1 :])


@given(
    count=st.integers(3, 30),
    size=st.integers(2, 5),
    moves=st.lists(st.integers(0, 29), max_size=10),
)
def test_no_record_is_missed_while_others_with_other_moments_move(
    count: int, size: int, moves: list[int]
) -> None:
    partner = Partner([(moment, moment) for moment in range(count)], size)
    waiting = list(moves)

    def change() -> None:
        if waiting:
            name = waiting.pop() % count
            newest = max(moment for moment, _ in partner.records)
            partner.records = [
                (newest + 1, one) if one == name else (moment, one)
                for moment, one in partner.records
            ]

    partner.between = change
    assert set(map(int, names(swept(partner.ask)))) == set(range(count))


def test_going_on_where_all_of_a_tie_had_been_seen_goes_on_to_the_end_of_it() -> None:
    tie = Partner([(1, name) for name in range(6)], 4)
    seen = [PagedRecord(f"{name}@1".encode(), 1).digest for name in range(6)]
    for token in (None, 2):
        pages = swept(
            tie.ask,
            start=PagingPosition(token=token, since=1, high=1, seen=seen, before="another page"),
        )
        assert (names(pages), pages[-1].last) == ([], True)
    moved = Partner(
        [(1, name) for name in (-1, 0, 1, 2, 3, 4, 5, 9)], 4
    )  # two have come, one before, one after
    pages = swept(moved.ask, start=PagingPosition(token=2, since=1, high=1, seen=seen))
    assert names(pages) == ["9"]


def test_pages_that_come_round_to_what_was_read_are_broken_and_not_turned_for_ever() -> None:
    round_and_round = [
        [PagedRecord(f"{name}".encode(), 1) for name in names] for names in ("ab", "cd", "ef")
    ]

    def ask(place: PagingPosition) -> PageAnswer:
        return PageAnswer(round_and_round[(int(NUMBERED.parameters(place)["page"]) - 1) % 3])

    with pytest.raises(TransientError) as caught:
        swept(ask)
    assert "come round" in say(caught.value.code, caught.value.facts, lang="en")


def test_a_list_that_is_not_in_order_stops_the_flow() -> None:
    with pytest.raises(FlowError) as caught:
        swept(lambda _: PageAnswer([PagedRecord(b"a", 2), PagedRecord(b"b", 1)]))
    assert caught.value.code == "system.protocol"


def test_a_page_that_goes_back_is_broken() -> None:
    answers = iter(
        [[PagedRecord(b"a", 1), PagedRecord(b"b", 2)], [PagedRecord(b"a", 1), PagedRecord(b"b", 2)]]
    )
    with pytest.raises(TransientError) as caught:
        swept(lambda _: PageAnswer(next(answers)))
    assert caught.value.code == "system.page_broken"


def test_a_record_without_a_readable_cursor_value_does_not_move_the_cursor() -> None:
    answers = iter(
        [
            [PagedRecord(b"a", 1), PagedRecord(b"b", None)],
            [PagedRecord(b"a", 1), PagedRecord(b"b", None)],
            [],
        ]
    )
    pages = swept(lambda _: PageAnswer(next(answers)))
    assert [page.high for page in pages] == [1, 1, 1]
    assert [raw.payload for page in pages for raw in page.records] == [b"a", b"b"]


def test_a_token_that_leads_to_itself_is_broken() -> None:
    answers = iter(
        [PageAnswer([PagedRecord(b"a", 1)], "next"), PageAnswer([PagedRecord(b"b", 2)], "next")]
    )
    with pytest.raises(TransientError):
        list(
            sweep(
                lambda _: next(answers),
                paging=TOKENS,
                start=PagingPosition(),
                name="list",
                system="fire",
            )
        )


@dataclass
class Listing:
    """A partner that gives `count` records by number or offset, and has its ways."""

    count: int
    size: int = 3
    cap: int = 1000
    clamps: bool = False
    total: bool = False
    pages: bool = False
    asked: list[Json] = field(default_factory=list)
    meddle: Callable[["Listing", int], None] = lambda _listing, _call: None
    wrong: Callable[[int, PageAnswer], PageAnswer] = lambda _call, answer: answer

    def ask(self, place: PagingPosition, paging: NumberedPages | OffsetPages) -> PageAnswer:
        size = min(self.size, self.cap)
        number = next(iter(paging.parameters(place).values()))
        self.asked.append(number)
        self.meddle(self, len(self.asked))
        start = paging.first if number is None else int(str(number))
        start = (start - paging.first) * (size if isinstance(paging, NumberedPages) else 1)
        if self.clamps and isinstance(paging, NumberedPages):
            start = min(start, (self.count - 1) // size * size)
        answer = PageAnswer(
            [
                PagedRecord(f"{at}".encode(), None)
                for at in range(start, min(start + size, self.count))
            ],
            total=self.count if self.total else None,
            pages=-(-self.count // size) if self.pages else None,
        )
        return self.wrong(len(self.asked), answer)

    def read(
        self, paging: NumberedPages | OffsetPages, *, told: bool = True, resume: Json = None
    ) -> list[str]:
        return [
            raw.payload.decode()
            for page in self.swept(paging, told=told, resume=resume)
            for raw in page.records
        ]

    def swept(
        self, paging: NumberedPages | OffsetPages, *, told: bool = True, resume: Json = None
    ) -> Iterator[Page]:
        return sweep(
            lambda place: self.ask(place, paging),
            paging=paging,
            start=place_of(since=None, resume=resume),
            name="list",
            system="eia",
            size=self.size if told else None,
        )


def everything(count: int) -> list[str]:
    return [str(at) for at in range(count)]


def by_page(**options: Json) -> NumberedPages:
    return NumberedPages.model_validate({"parameter": "page", **options})


def by_offset(**options: Json) -> OffsetPages:
    return OffsetPages.model_validate(options)


@given(
    count=st.integers(0, 20), size=st.integers(1, 7), cap=st.integers(1, 7), first=st.integers(0, 1)
)
def test_a_list_by_number_or_offset_is_read_once_whatever_cap_and_first_number(
    count: int, size: int, cap: int, first: int
) -> None:
    for paging in (by_page(first=first), by_offset(first=first)):
        for total in (False, True):
            partner = Listing(count, size, cap, total=total)
            assert partner.read(paging) == everything(count)
            if total:  # nothing is asked for beyond the end
                assert len(partner.asked) == max(1, -(-count // min(size, cap)))


@given(count=st.integers(1, 20), size=st.integers(1, 7))
def test_a_list_whose_last_page_repeats_is_read_once_where_that_is_declared(
    count: int, size: int
) -> None:
    partner = Listing(count, size, clamps=True)
    assert partner.read(by_page(last="repeats")) == everything(count)
    assert Listing(count, size, clamps=True, total=True).read(by_page(total="total")) == everything(
        count
    )
    assert Listing(count, size, clamps=True, pages=True).read(by_page(pages="pages")) == everything(
        count
    )


def test_a_short_page_says_that_it_was_the_last_when_it_comes_again() -> None:
    assert Listing(7, clamps=True).read(by_page()) == everything(7)
    assert Listing(7, clamps=True).read(by_page(), told=False) == everything(7)


def test_a_repeated_full_page_is_a_fault_whose_error_names_the_habit_to_declare() -> None:
    with pytest.raises(TransientError) as caught:
        Listing(6, clamps=True).read(by_page())
    assert caught.value.code == "system.page_broken"
    assert "last: repeats" in caught.value.facts["hint_zh"]
    assert "6 records read" in caught.value.facts["hint_en"]
    assert "6 条" in say(caught.value.code, caught.value.facts)


@pytest.mark.parametrize(
    "options", [{}, {"last": "repeats"}, {"total": "total"}, {"last": "short"}]
)
def test_a_page_that_comes_twice_by_mistake_is_a_fault_also_with_a_habit(
    options: dict[str, Json],
) -> None:
    last: list[PageAnswer] = []

    def twice(call: int, answer: PageAnswer) -> PageAnswer:
        last.append(answer)
        return last[0] if call == 2 else answer

    partner = Listing(
        7, clamps=options.get("last") == "repeats", total="total" in options, wrong=twice
    )
    pages: list[Page] = []
    with pytest.raises(TransientError):
        pages.extend(partner.swept(by_page(**options)))
    given = [raw.payload.decode() for page in pages for raw in page.records]
    rest = partner.read(by_page(**options), resume=place_after(partner, options))
    assert given + rest == everything(7)


def place_after(partner: Listing, options: dict[str, Json]) -> Json:
    """Where a sweep stood after its first page."""
    fresh = Listing(partner.count, partner.size, clamps=partner.clamps, total=partner.total)
    return next(iter(fresh.swept(by_page(**options)))).resume


@given(count=st.integers(1, 15), cut=st.integers(0, 9))
def test_going_on_from_any_page_of_a_list_that_repeats_its_last_gives_exactly_the_rest(
    count: int, cut: int
) -> None:
    for options in ({"last": "repeats"}, {"total": "total"}):
        partner = Listing(count, clamps=True, total="total" in options)
        pages = list(partner.swept(by_page(**options)))
        at = cut % len(pages)
        later = [raw.payload.decode() for page in pages[at + 1 :] for raw in page.records]
        if not pages[at].last:
            assert partner.read(by_page(**options), resume=pages[at].resume) == later


def test_a_total_that_shrinks_while_it_is_read_breaks_the_page_and_the_next_run_begins_anew() -> (
    None
):
    def shrink(partner: Listing, call: int) -> None:
        partner.count = 7 if call < 3 else 5

    partner = Listing(7, total=True, meddle=shrink)
    pages: list[Page] = []
    with pytest.raises(TransientError) as caught:
        pages.extend(partner.swept(by_page(total="total")))
    assert caught.value.facts["hint_en"] == " Total fell from 7 to 5 while reading."
    assert partner.read(by_page(total="total"), resume=pages[-1].resume) == everything(5)


def test_a_total_below_the_first_page_is_no_total() -> None:
    def small(_call: int, answer: PageAnswer) -> PageAnswer:
        return replace(answer, total=1)

    with pytest.raises(FlowError) as caught:
        Listing(7, wrong=small).read(by_page(total="total"))
    assert caught.value.facts["detail"] == "total is 1, and 3 records were read"


def test_a_list_that_ends_before_its_total_is_broken_and_read_from_its_beginning_again() -> None:
    def early(call: int, answer: PageAnswer) -> PageAnswer:
        return replace(answer, records=[]) if call == 2 else answer

    partner = Listing(7, total=True, wrong=early)
    pages: list[Page] = []
    with pytest.raises(TransientError) as caught:
        pages.extend(partner.swept(by_page(total="total")))
    assert caught.value.facts["hint_en"] == " The list ended after 3 of total 7 records."
    assert partner.read(by_page(total="total"), resume=pages[-1].resume) == everything(7)[3:]


def test_an_empty_list_with_a_total_of_nothing_is_complete() -> None:
    assert Listing(0, total=True).read(by_page(total="total")) == []


def test_a_short_page_ends_the_list_without_another_call_where_that_is_declared() -> None:
    partner = Listing(7)
    assert partner.read(by_page(last="short")) == everything(7)
    assert partner.asked == [1, 2, 3]
    capped = Listing(7, size=500, cap=3, total=True)
    assert capped.read(by_page(last="short", total="total")) == everything(
        7
    )  # the total knows better


def test_the_first_page_is_asked_for_without_the_parameter_where_that_is_declared() -> None:
    for paging, later in ((by_page(omit_first=True), [2, 3]), (by_offset(omit_first=True), [3, 6])):
        partner = Listing(7, total=True)
        assert partner.read(paging) == everything(7)
        assert partner.asked == [None, *later]


@pytest.mark.parametrize(
    ("first", "asked"),
    [("omit", None), ("empty", ""), ("*", "*"), (0, 0)],
    ids=["omit", "empty", "star", "zero"],
)
def test_the_first_page_of_a_cursor_is_asked_for_as_declared(first: Json, asked: Json) -> None:
    paging = TokenPages.model_validate({"parameter": "cursor", "next": "next", "first": first})
    assert paging.parameters(PagingPosition()) == {"cursor": asked}
    assert paging.parameters(PagingPosition(token=7)) == {"cursor": 7}
    assert TokenPages(parameter="cursor", next="next").parameters(PagingPosition()) == {
        "cursor": None
    }


def by_token(*answers: PageAnswer) -> list[str]:
    given = iter(answers)
    pages = sweep(
        lambda _: next(given), paging=TOKENS, start=PagingPosition(), name="list", system="fire"
    )
    return [raw.payload.decode() for page in pages for raw in page.records]


def test_a_cursor_list_ends_where_no_token_comes_or_the_partner_says_that_no_more_come() -> None:
    a, b = PagedRecord(b"a", 1), PagedRecord(b"b", 2)
    for end in (None, "", 0):
        assert by_token(PageAnswer([a], "n"), PageAnswer([b], end)) == ["a", "b"]
    assert by_token(PageAnswer([a], "n", more=True), PageAnswer([b], "n2", more=False)) == [
        "a",
        "b",
    ]
    assert by_token(PageAnswer([a], "n"), PageAnswer([], "n")) == [
        "a"
    ]  # the token stays, and nothing is left
    assert by_token(PageAnswer([], "n"), PageAnswer([b], None)) == [
        "b"
    ]  # an empty page before others


def test_tokens_that_go_round_in_a_circle_are_broken_and_not_followed_for_ever() -> None:
    tokens = {None: "a", "a": "b", "b": "c", "c": "d", "d": "b"}
    count = iter(range(1000))

    def ask(place: PagingPosition) -> PageAnswer:
        return PageAnswer([PagedRecord(str(next(count)).encode(), None)], tokens[place.token])  # type: ignore[index]

    with pytest.raises(TransientError) as caught:
        list(sweep(ask, paging=TOKENS, start=PagingPosition(), name="list", system="fire"))
    assert caught.value.facts["hint_en"] == " The cursor leads back to a page that was read."
    assert next(count) < 20


def test_a_cursor_list_that_ends_before_its_total_is_broken() -> None:
    with pytest.raises(TransientError):
        by_token(
            PageAnswer([PagedRecord(b"a", 1)], "n", total=3),
            PageAnswer([PagedRecord(b"b", 2)], None, total=3),
        )


def test_records_that_move_between_pages_are_all_read_by_the_cursor_also_with_offsets_and_a_clamped_end() -> (
    None
):
    paging = by_page(advance=True, last="repeats")
    records = [(moment, moment) for moment in range(7)]

    def ask(place: PagingPosition) -> PageAnswer:
        chosen = [
            one for one in sorted(records) if place.since is None or one[0] >= int(place.since)
        ]
        number = min(int(str(paging.parameters(place)["page"])), max(1, -(-len(chosen) // 3)))
        if len(records) == 7 and place.since == 2:
            records.append((9, 7))
        return PageAnswer(
            [
                PagedRecord(f"{name}".encode(), moment)
                for moment, name in chosen[(number - 1) * 3 : number * 3]
            ]
        )

    pages = list(
        sweep(ask, paging=paging, start=PagingPosition(), name="list", system="power", size=3)
    )
    assert [raw.payload.decode() for page in pages for raw in page.records] == everything(8)

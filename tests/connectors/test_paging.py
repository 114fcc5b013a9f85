"""Turning pages: every record once, whatever ties and moves there are."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.paging import Answer, Found, NumberedPages, Place, TokenPages, sweep
from hub.errors import FlowError, TransientError
from hub.model import Page

NUMBERED = NumberedPages(parameter="page", advance=True)
TOKENS = TokenPages(parameter="cursor", next="next")


@dataclass
class Partner:
    """Offers (moment, name) in order, in numbered pages, from a moment on."""

    records: list[tuple[int, int]]
    size: int
    between: Callable[[], None] = lambda: None

    def ask(self, place: Place) -> Answer:
        number = int(NUMBERED.parameters(place)["page"])
        chosen = [one for one in sorted(self.records) if place.since is None or one[0] >= place.since]
        page = chosen[(number - 1) * self.size : number * self.size]
        answer = Answer([Found(f"{name}@{moment}".encode(), moment) for moment, name in page])
        self.between()
        return answer


def swept(ask: Callable[[Place], Answer], *, start: Place = Place()) -> list[Page]:  # noqa: B008 - frozen
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


@given(moments=st.lists(st.integers(0, 6), max_size=30), size=st.integers(1, 8), cut=st.integers(0, 40))
def test_going_on_from_any_page_gives_the_rest(moments: list[int], size: int, cut: int) -> None:
    partner = Partner([(moment, name) for name, moment in enumerate(moments)], size)
    pages = swept(partner.ask)
    at = cut % len(pages)
    resume = pages[at].resume
    assert isinstance(resume, dict)
    rest = swept(partner.ask, start=Place(**resume)) if not pages[at].last else []  # type: ignore[arg-type]
    assert names(rest) == names(pages[at + 1 :])


@given(count=st.integers(3, 30), size=st.integers(2, 5), moves=st.lists(st.integers(0, 29), max_size=10))
def test_no_record_is_missed_while_others_with_other_moments_move(count: int, size: int, moves: list[int]) -> None:
    partner = Partner([(moment, moment) for moment in range(count)], size)
    waiting = list(moves)

    def change() -> None:
        if waiting:
            name = waiting.pop() % count
            newest = max(moment for moment, _ in partner.records)
            partner.records = [(newest + 1, one) if one == name else (moment, one) for moment, one in partner.records]

    partner.between = change
    assert set(map(int, names(swept(partner.ask)))) == set(range(count))


def test_a_list_that_is_not_in_order_stops_the_flow() -> None:
    with pytest.raises(FlowError) as caught:
        swept(lambda _: Answer([Found(b"a", 2), Found(b"b", 1)]))
    assert caught.value.code == "system.protocol"


def test_a_page_that_goes_back_is_broken() -> None:
    answers = iter([[Found(b"a", 1), Found(b"b", 2)], [Found(b"a", 1), Found(b"b", 2)]])
    with pytest.raises(TransientError) as caught:
        swept(lambda _: Answer(next(answers)))
    assert caught.value.code == "system.page_broken"


def test_a_record_without_a_readable_cursor_value_does_not_move_the_cursor() -> None:
    answers = iter([[Found(b"a", 1), Found(b"b", None)], [Found(b"a", 1), Found(b"b", None)], []])
    pages = swept(lambda _: Answer(next(answers)))
    assert [page.high for page in pages] == [1, 1, 1]
    assert [raw.payload for page in pages for raw in page.records] == [b"a", b"b"]


def test_a_token_that_leads_to_itself_is_broken() -> None:
    answers = iter([Answer([Found(b"a", 1)], "next"), Answer([Found(b"b", 2)], "next")])
    with pytest.raises(TransientError):
        list(sweep(lambda _: next(answers), paging=TOKENS, start=Place(), name="list", system="fire"))

"""One reading takes so much at most; what lies before the limit is kept, and the next one goes on
from there.
"""

from collections.abc import Iterator, Mapping
from itertools import islice

import pytest

from connectors.paging import PageAnswer, PagedRecord, PagingPosition, TokenPages, sweep
from hub.errors import FlowError
from hub.model import File, Json, Page, Raw, Snapshot
from hub.pipeline.batches import batches
from hub.settings import ReadingLimits
from tests.pipeline.conftest import Small
from tests.pipeline.partners import Source
from tests.pipeline.test_intake import PLAN, project


class Endless:
    """Names a next page for ever, and has no record on any."""

    def __init__(self) -> None:
        self.asked: list[Json] = []

    def pages(
        self, read: Mapping[str, Json], *, since: str | int | None, resume: Json
    ) -> Iterator[Page]:
        at = resume if isinstance(resume, int) else 0
        while True:
            self.asked.append(at)
            at += 1
            yield Page((), 0, at, None, last=False)

    def close(self) -> None:
        """Nothing to give back."""


def cursor(small: Small) -> dict[str, Json]:
    (row,) = small.rows(f"select cursor, last_complete_at from hub.flow where name = '{PLAN}'")  # noqa: S608
    assert row["last_complete_at"] is None
    return row["cursor"]  # type: ignore[return-value]


def failed(small: Small) -> dict[str, object]:
    (row,) = small.rows("select state from hub.run order by id desc limit 1")
    return row


def test_empty_pages_with_ever_new_tokens_end_the_reading_and_not_the_list(small: Small) -> None:
    small.with_settings(reading=ReadingLimits(empty=5))
    partner = Endless()
    for begins in (0, 5):
        with pytest.raises(FlowError) as told:
            small.pull(PLAN, partner)
        assert told.value.code == "flow.pages_empty"
        assert partner.asked[0] == begins
        partner.asked.clear()
        assert cursor(small)["resume"] == begins + 5  # so that no run repeats the one before
        assert cursor(small).get("watermark") is None
    assert failed(small)["state"] == "failed"


@pytest.mark.parametrize(
    ("limits", "code"),
    [(ReadingLimits(pages=2), "flow.pages_many"), (ReadingLimits(bytes=1_500), "flow.bytes_many")],
)
def test_what_lies_before_the_limit_is_kept_and_the_next_reading_goes_on(
    small: Small, limits: ReadingLimits, code: str
) -> None:
    small.with_settings(reading=limits)
    rows = [project(number) for number in range(30)]
    with pytest.raises(FlowError) as told:
        small.pull(PLAN, Source(rows, size=10))
    assert told.value.code == code
    assert len(small.golden()) == 20
    cursor(small)
    assert small.pull(PLAN, Source(rows, size=10)) == {"read": 10, "created": 10}
    assert len(small.golden()) == 30


def test_a_batch_is_bounded_by_bytes_and_a_page_is_parted(small: Small) -> None:
    rows = [project(number, more="x" * 2_000) for number in range(20)]
    small.with_settings(batch_bytes=9_000)
    assert small.pull(PLAN, Source(rows, size=20)) == {"read": 20, "created": 20}
    sizes = [row["read"] for row in small.rows("select read from hub.batch order by id")]
    assert sizes == [4, 4, 4, 4, 4]
    assert small.pull(PLAN, Source(rows, size=20)) == {"read": 20, "unchanged": 20}


def _raws(*sizes: int) -> tuple[Raw, ...]:
    return tuple(Raw(b"x" * size, str(at)) for at, size in enumerate(sizes))


def test_the_place_of_a_parted_page_moves_with_its_last_part_alone() -> None:
    whole, ends = Snapshot("list", ends=True, most=0.1), File("d.csv", "", "", "read", 4)
    page = Page(
        _raws(50, 60, 500, 10), 5, "after", 9, last=True, snapshot=whole, ends=ends, notes={"x": 1}
    )
    found = list(batches(iter([page]), 1000, most=100, resume="before"))
    assert [len(one.records) for one in found] == [1, 1, 1, 1]
    assert [one.read for one in found] == [1, 1, 1, 2]
    assert [one.resume for one in found] == ["before", "before", "before", "after"]
    assert [one.last for one in found] == [False, False, False, True]
    assert [one.snapshot.ends for one in found if one.snapshot] == [False, False, False, True]
    assert [one.files for one in found] == [(), (), (), (ends,)]


def test_no_sweep_turns_pages_for_ever() -> None:
    paging = TokenPages(parameter="p", next="next", most_pages=7)
    pages = sweep(
        lambda place: PageAnswer([PagedRecord(str(place.token).encode(), None)], f"{place.token}x"),
        paging=paging,
        start=PagingPosition(),
        name="x",
        system="gas",
    )
    assert len(list(islice(pages, 7))) == 7
    with pytest.raises(FlowError) as told:
        next(pages)
    assert told.value.code == "system.pages_endless"

"""A complete list that lacks what stood withdraws it, within bounds; one that was not read whole
never does.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from hub.errors import HeldError, TransientError
from hub.model import Json, Page, Snapshot
from hub.pipeline import held_decisions, reconcile, seal, verify
from hub.pipeline.steward import DecidedBy
from hub.services import held as holding
from tests.contexts import asking
from tests.pipeline.conftest import Small
from tests.pipeline.partners import Source
from tests.pipeline.test_intake import PLAN, project

WORD = DecidedBy("审计员甲", "来源已核实")


class Wholes(Source):
    """Serves one complete list under a name; may break off before its end."""

    def __init__(
        self, name: str, rows: list[dict[str, Json] | bytes], *, size: int = 4, most: float = 0.05
    ) -> None:
        super().__init__(rows, size=size)
        self.name, self.most, self.breaks = name, most, False

    def pages(
        self, read: Mapping[str, Json], *, since: str | int | None, resume: Json
    ) -> Iterator[Page]:
        start = (
            resume.get("at", 0)
            if isinstance(resume, dict) and resume.get("name") == self.name
            else 0
        )
        for page in super().pages(read, since=None, resume=start):
            if self.breaks and page.last:
                raise TransientError("system.unavailable", system="plan")
            place: Json = {"name": self.name, "at": page.resume}
            yield replace(
                page, resume=place, snapshot=Snapshot(self.name, ends=page.last, most=self.most)
            )


def rows(*numbers: int) -> list[dict[str, Json] | bytes]:
    return [project(n) for n in numbers]  # type: ignore[misc]


def alive(small: Small) -> set[str]:
    """The names of the projects that stand."""
    return {str(row["name"]) for row in small.golden().values() if row["deleted_at"] is None}


def names(*numbers: int) -> set[str]:
    return {f"项目{n}" for n in numbers}


def held(small: Small, source: Wholes) -> list[dict[str, Json]]:
    """Read what must be held; give why, of the first batch that waits."""
    with pytest.raises(HeldError):
        small.pull(PLAN, source)
    (first, *_) = small.rows(
        "select findings from hub.held_batch where state = 'waiting' order by batch_id"
    )
    return [finding["facts"] | {"kind": finding["kind"]} for finding in first["findings"]]  # type: ignore[attr-defined]


def decide(small: Small, *, accept: bool) -> None:
    batches = [view.batch for view in holding.listed(asking(small))]
    for batch in batches:
        if accept:
            held_decisions.accept(small.database, small.contracts, small.settings, batch, word=WORD)
        else:
            held_decisions.drop(small.database, small.settings, batch, word=WORD)


def assert_sound(small: Small) -> None:
    seal.seal(small.database, small.settings)
    found = verify.verify(small.database, small.contracts, small.settings)
    assert found.findings == []


@pytest.fixture(autouse=True)
def few(small: Small) -> None:
    small.with_settings(batch_records=4)


def test_what_a_newer_complete_list_lacks_is_withdrawn_and_comes_back_with_the_next(
    small: Small,
) -> None:
    small.pull(PLAN, Wholes("day-1", rows(*range(10)), most=0.2))
    assert small.pull(PLAN, Wholes("day-2", rows(*range(9)), most=0.2)) == {
        "read": 10,
        "unchanged": 9,
        "deleted": 1,
    }
    assert alive(small) == names(*range(9))
    small.pull(PLAN, Wholes("day-3", rows(*range(10)), most=0.2))
    assert alive(small) == names(*range(10))
    assert_sound(small)


def test_the_withdrawal_says_which_list_lacked_the_record(small: Small) -> None:
    small.pull(PLAN, Wholes("day-1", rows(1, 2), most=0.5))
    small.pull(PLAN, Wholes("day-2", rows(1), most=0.5))
    (row,) = small.rows(
        "select position, convert_from(payload, 'utf-8') as said from hub.landing where key = 'p2' "
        "and disposition = 'deleted'"
    )
    assert row["position"] == "absent from day-2"
    assert '"snapshot":"day-2"' in str(row["said"])


def test_a_list_that_lacks_more_than_its_share_is_held_and_withdraws_only_when_accepted(
    small: Small,
) -> None:
    small.pull(PLAN, Wholes("day-1", rows(*range(20))))
    why = {"kind": "shrunk", "snapshot": "day-2", "absent": "2", "of": "20", "most": "0.05"}
    assert held(small, Wholes("day-2", rows(*range(18)))) == [why]
    assert alive(small) == names(*range(20))
    decide(small, accept=True)
    assert alive(small) == names(*range(18))
    assert_sound(small)


def test_a_dropped_list_withdraws_nothing_and_the_next_one_counts_from_what_stands(
    small: Small,
) -> None:
    small.pull(PLAN, Wholes("day-1", rows(*range(20))))
    held(small, Wholes("day-2", rows(*range(10))))
    decide(small, accept=False)
    assert alive(small) == names(*range(20))
    small.pull(PLAN, Wholes("day-3", rows(*range(19))))
    assert alive(small) == names(*range(19))
    assert_sound(small)


def test_a_list_that_broke_off_withdraws_nothing_and_goes_on_where_it_broke_off(
    small: Small,
) -> None:
    small.pull(PLAN, Wholes("day-1", rows(*range(10)), most=0.2))
    broken = Wholes("day-2", rows(*range(9)), most=0.2)
    broken.breaks = True
    with pytest.raises(TransientError):
        small.pull(PLAN, broken)
    assert alive(small) == names(*range(10))
    broken.breaks = False
    assert small.pull(PLAN, broken)["deleted"] == 1
    assert alive(small) == names(*range(9))


def test_a_list_that_was_never_seen_to_its_end_says_nothing_beside_a_newer_one(
    small: Small,
) -> None:
    small.pull(PLAN, Wholes("day-1", rows(*range(10)), most=0.2))
    broken = Wholes("day-2", rows(*range(1, 10)), most=0.2)
    broken.breaks = True
    with pytest.raises(TransientError):
        small.pull(PLAN, broken)
    assert "deleted" not in small.pull(PLAN, Wholes("day-3", rows(*range(10)), most=0.2))
    assert alive(small) == names(*range(10))


def test_a_list_with_a_record_that_cannot_be_named_withdraws_nothing_and_says_so(
    small: Small,
) -> None:
    small.pull(PLAN, Wholes("day-1", rows(*range(10)), most=0.2))
    nameless = {name: value for name, value in project(9).items() if name != "id"}
    counts = small.pull(PLAN, Wholes("day-2", [*rows(*range(9)), nameless], most=0.2))  # type: ignore[list-item]
    assert counts == {"read": 10, "unchanged": 9, "quarantined": 1}
    assert alive(small) == names(*range(10))
    (told,) = small.rows(
        "select kind, facts->'facts'->>'unnamed' as n from hub.shape_change where kind = 'unnamed'"
    )
    assert told["n"] == "1"
    assert (
        small.pull(PLAN, Wholes("day-3", rows(*range(9)), most=0.2))["deleted"] == 2
    )  # p9, and what had no name
    assert alive(small) == names(*range(9))


def test_a_withdrawn_record_is_not_withdrawn_again(small: Small) -> None:
    small.pull(PLAN, Wholes("day-1", rows(*range(10)), most=0.2))
    small.pull(PLAN, Wholes("day-2", rows(*range(9)), most=0.2))
    assert small.pull(PLAN, Wholes("day-3", rows(*range(9)), most=0.2)) == {
        "read": 9,
        "unchanged": 9,
    }


def test_a_held_list_is_overtaken_by_a_sound_one_that_is_read_in_its_place(small: Small) -> None:
    small.pull(PLAN, Wholes("day-1", rows(*range(20))))
    held(small, Wholes("day-2", rows(*range(10))))
    newer = Wholes("day-3", rows(*range(20)))
    small.pull(PLAN, newer)  # reads the same range anew, and is sound
    assert holding.listed(asking(small)) == []
    assert alive(small) == names(*range(20))
    assert_sound(small)


def test_the_comparison_of_a_flow_that_reads_snapshots_compares_nothing(small: Small) -> None:
    source = Wholes("day-1", rows(*range(3)))
    small.pull(PLAN, source)
    flow = replace(
        small.contracts.pulls[PLAN], read={**small.contracts.pulls[PLAN].read, "snapshot": "daily"}
    )
    reconcile.reconcile(
        small.database,
        small.contracts,
        flow,
        connector=Wholes("day-1", rows(0)),
        settings=small.settings,
    )
    (row,) = small.rows("select compared from hub.comparison")
    assert row["compared"] == 0

"""Terms of the law: which holds, until when it runs by the calendar, and that a draft binds
nobody.
"""

from datetime import datetime
from pathlib import Path

import pytest

from hub.domain import terms
from hub.errors import FlowError
from hub.settings import HOME
from tests.domain import sample

SHARING = "mappings/limits/sharing.yaml"
CLOCK = "mappings/limits/clock.yaml"
FILES = {path: Path(HOME, path).read_text() for path in (SHARING, CLOCK)}
PLAIN = (
    FILES[CLOCK].split("item:")[0]
    + 'item: {accepted: ["done"], finished: ["done"], suspended: []}\n'
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text + "+08:00")


def known(sharing: str = FILES[SHARING], clock: str = PLAIN):
    return sample.contracts(**{SHARING: sharing, CLOCK: clock})


@pytest.mark.parametrize(
    ("of", "received", "until"),
    [
        ("unconditional", "2026-11-16T10:00", "2026-11-17T17:30"),
        ("unconditional", "2026-11-20T16:00", "2026-11-23T17:30"),  # over a week-end
        ("unconditional", "2026-09-30T16:00", "2026-10-08T17:30"),  # over the holidays of October
        ("unconditional", "2026-02-13T10:00", "2026-02-14T17:30"),  # Saturday, worked (调休)
        ("conditional", "2026-11-16T10:00", "2026-11-30T17:30"),
        (
            "conditional",
            "2026-11-16T23:59",
            "2026-11-30T17:30",
        ),  # the day of receipt does not count
        ("conditional", "2026-11-17T00:00", "2026-12-01T17:30"),
    ],
)
def test_an_answer_is_due_at_the_end_of_the_last_working_day(of: str, received: str, until: str):
    contracts = known()
    term = terms.holding(contracts, "answer", of, at=at(received))
    assert terms.due(contracts, term, at(received)) == at(until)


def test_data_are_shared_without_conditions_where_all_classes_asked_for_are_named_by_the_file():
    contracts, now = known(), at("2026-11-16T10:00")
    assert terms.sharing(contracts, ["public"], at=now) == "unconditional"
    assert terms.sharing(contracts, ["public", "internal"], at=now) == "conditional"
    wider = known(FILES[SHARING].replace("classes: [public]", "classes: [public, internal]"))
    assert terms.sharing(wider, ["public", "internal"], at=now) == "unconditional"


def test_a_draft_is_shown_and_nothing_is_due_by_it():
    contracts, now = (
        known(FILES[SHARING].replace("status: in_force", "status: draft")),
        at("2026-11-16T10:00"),
    )
    term = terms.holding(contracts, "answer", "conditional", at=now)
    assert terms.due(contracts, term, now) is None
    said = terms.behind(contracts, "answer", "conditional", begins=now, due_at=None)
    assert said is not None
    assert (said.days, said.article, said.counts) == (10, "第二十一条", False)
    assert terms.sharing(contracts, ["public"], at=now) == "conditional"


def test_no_term_holds_before_its_day():
    assert terms.holding(known(), "supply", at=at("2025-07-31T23:59")) is None
    assert terms.holding(known(), "supply", at=at("2025-08-01T00:00")) is not None


@pytest.mark.parametrize(
    "wrong",
    [
        "  - {scope: supply, days: 20}",  # no article
        "  - {scope: dispute, days: 10}",
        "  - {scope: answer, days: 10, article: 第一条}",  # of which kind of sharing?
        "  - {scope: answer, of: other, days: 10, article: 第一条}",
        "  - {scope: supply, days: 20, article: 第一条, classes: [public]}",
    ],
)
def test_a_term_that_people_owe_each_other_names_its_article_and_kind(wrong: str):
    with pytest.raises(FlowError):
        known(FILES[SHARING] + wrong + "\n")

"""A sum by day counts a record once; what is taken up again stands for itself."""

from datetime import UTC, datetime, timedelta

from hub.db.runs.conservation import DaySums
from hub.model import Receipt
from hub.services.conservation import Conserved, conserved
from tests.contexts import asking
from tests.pipeline.conftest import Small
from tests.pipeline.test_delivery import PERMITS, _handed_over
from tests.pipeline.test_held_batches import accept, read, refused, renamed, rows
from tests.pipeline.test_parts import Owned, owned, owned_template, owner, whole

__all__ = ["owned", "owned_template"]


def seen(small: Small) -> Conserved:
    return conserved(asking(small), datetime.now(UTC) - timedelta(days=1))


def filled_counts(days: list[DaySums]) -> list[dict[str, int]]:
    return [{name: count for name, count in day.counts.items() if count} for day in days]


def test_a_record_that_was_held_and_accepted_counts_once_as_read_and_once_as_taken_up_again(
    small: Small,
):
    read(small, rows())
    refused(small, renamed())
    before = filled_counts(seen(small).intake)
    assert before == [{"read": 60, "created": 30, "held": 30}]
    assert filled_counts(seen(small).again) == []
    accept(small)
    assert filled_counts(seen(small).intake) == before
    assert filled_counts(seen(small).again) == [
        {"read": 31, "created": 1, "changed": 30}
    ]  # and the decision itself
    assert seen(small).balanced


def test_what_was_handed_over_counts_once_and_its_receipt_stands_for_itself(small: Small):
    desk, key = _handed_over(small)
    before = filled_counts(seen(small).delivery)
    desk.verdicts[key] = Receipt(key, "accepted")
    small.receipts(PERMITS, desk)
    assert (
        filled_counts(seen(small).delivery)
        == before
        == [{"due": 2, "confirmed": 1, "awaiting_receipt": 1}]
    )
    assert filled_counts(seen(small).receipts) == [{"due": 1, "confirmed": 1}]


def test_parts_are_summed_by_day_beside_the_wholes_that_they_were_taken_out_of(owned: Owned):
    owned.owners(whole(1, owner("A"), owner("B")), whole(2, owner("C", name="七个字以上的名字")))
    (day,) = filled_counts(seen(owned).intake_parts)
    assert day == {"parts": 3, "parts_created": 2, "parts_quarantined": 1}
    assert filled_counts(seen(owned).again_parts) == []

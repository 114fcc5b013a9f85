"""Values at the ends of what is allowed, in one record, keep nothing else from being computed."""

import pytest

from tests.filled import CODE, Filled


@pytest.mark.parametrize(
    "moment", ["0001-01-02 09:00:00", "9999-12-31 23:59:59", "1900-01-01 00:00:00"]
)
@pytest.mark.parametrize("limit", [0, -5, 2**31 - 1, 2**62])
def test_a_step_or_limit_far_away_leaves_the_clocks_of_others(
    filled: Filled, moment: str, limit: int
):
    for number, at in (("A", "2026-11-03 09:00:00"), ("B", moment)):
        row = {
            "lsh": ord(number),
            "gcdm": f"{CODE}-001",
            "spsxslbm": number,
            "blzt": "3",
            "blsj": at,
            "sjyxbs": 1,
        }
        filled.pull("pull.approval.approval_step", row)
        item = {
            "lsh": ord(number),
            "gcdm": f"{CODE}-001",
            "spsxslbm": number,
            "spbmmc": "市住建局",
            "sjyxbs": 1,
        }
        filled.pull("pull.approval.approval_item", item | {"sxblsx": 5 if number == "A" else limit})
    filled.hub.refresh_facts()
    (row,) = filled.rows(
        "select count(*) as n from fact.item i join hub.record r on r.id = i.record_id where "
        "r.key = 'A'"
    )
    assert row == {"n": 1}
    assert filled.rows("select * from fact.touched") == []

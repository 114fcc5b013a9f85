"""From one wrong value to everyone who got it, and back to zero once all of them have been put
right.
"""

import pytest

from hub.db import recalls
from hub.db.access import accounts
from hub.db.access.accounts import AccessEntry
from hub.errors import FlowError
from hub.pipeline import recall
from hub.pipeline.recall import Carried
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.partners import Desk, Source
from tests.pipeline.small import CODE, FILES, OTHER
from tests.pipeline.test_remap import PERMIT, PLAN, project

TO_PROJECT, TO_PERMIT = "push.desk.project", "push.desk.permit"
RECORD = f"project:{CODE}"


def told(small: Small, name: str, at: str) -> None:
    """The source says a name."""
    small.pull(PLAN, Source([project(1, code=CODE, name=name, at=at)]))


def read(small: Small, account: str, *keys: str, refused: bool = False) -> None:
    """An account reads records, as the API notes it."""
    with small.database.write() as tx:
        ids = [
            row[0]
            for row in tx.execute("select id from hub.record where key = any(%s)", (list(keys),))
        ]
        accounts.write_reads(
            tx,
            [
                AccessEntry(
                    account, "GET /v1/projects/x", "核发施工许可", CODE, ids, refused=refused
                )
            ],
        )


def later(small: Small) -> None:
    """What has happened so far happened a minute ago: who reads right at a correction is warned
    rather than missed.
    """
    small.rows("""
        update hub.batch set committed_at = committed_at - interval '1 minute';
        update hub.access set at = at - interval '1 minute';
        update hub.delivery_event set at = at - interval '1 minute' returning 1
    """)


def found(small: Small, field: str = "name", **wanted: object) -> Carried:
    with small.database.write() as tx:
        return recall.find(tx, small.contracts, field, **{"record": RECORD} | wanted)  # type: ignore[arg-type]


def opened(small: Small, value: str, field: str = "name") -> int:
    with small.database.write() as tx:
        carried = recall.find(tx, small.contracts, field, record=RECORD, value=value)
        return recall.open_case(tx, carried, landing_id=None, reason="原表填错", by="zhang")


def owed(small: Small, case: int) -> tuple[list[str], bool]:
    """Who owes an acknowledgement after a look at all cases, and whether the case is closed."""
    with small.database.write() as tx:
        recall.follow(tx, small.contracts)
        names = [one.name for one in recalls.receivers(tx, case) if one.acknowledged_at is None]
        return names, recall.case_of(tx, case).closed_at is not None


def test_every_delivery_and_read_that_carried_the_value_is_found_and_no_other(small: Small):
    desk = Desk()
    told(small, "对的", "1")
    small.push(TO_PROJECT, desk)
    read(small, "early", CODE)
    later(small)
    told(small, "错的", "2")
    small.push(TO_PROJECT, desk)
    read(small, "bureau", CODE)
    read(small, "refused", CODE, refused=True)
    later(small)
    told(small, "又对了", "3")
    small.push(TO_PROJECT, desk)
    read(small, "late", CODE)
    small.rows(
        "update hub.access set at = at + interval '10 seconds' where account = 'late' returning 1"
    )
    carried = found(small, value="错的")
    assert [(one.flow, one.state, dict(one.sent)) for one in carried.deliveries] == [
        (TO_PROJECT, "confirmed", {"mc": "错的"})
    ]
    assert [(one.account, one.purpose) for _, one in carried.reads] == [("bureau", "核发施工许可")]
    assert (carried.value_now, [span.version for span in carried.spans]) == ("又对了", [2])


def test_a_look_at_the_notice_is_no_new_read_of_the_value_and_one_at_the_form_before_it_is(
    small: Small,
):
    told(small, "错的", "1")
    for account, route in {
        "told": "GET /v1/recalls/1",
        "party": "SHOW /disputes/1",
        "opener": "SHOW /disputes/new?record=1&field=name",
        "sly": "SHOW /projects/x?y=/disputes",
    }.items():
        with small.database.write() as tx:
            ids = [row[0] for row in tx.execute("select id from hub.record")]
            accounts.write_reads(tx, [AccessEntry(account, route, "", CODE, ids)])
    assert [one.account for _, one in found(small).reads] == ["opener", "sly"]


def test_records_that_quote_the_project_carried_its_wrong_name_too(small: Small):
    desk = Desk()
    told(small, "错的", "1")
    small.pull(PERMIT, Source([{"code": CODE, "number": "A1"}]))
    small.push(TO_PROJECT, desk)
    small.push(TO_PERMIT, desk)
    assert {(one.flow, one.sent["mc"]) for one in found(small).deliveries} == {
        (TO_PROJECT, "错的"),
        (TO_PERMIT, "错的"),
    }
    later(small)
    told(small, "对的", "2")
    small.push(TO_PERMIT, desk)
    assert [one.flow for one in found(small, value="对的").deliveries] == [TO_PERMIT]


def test_a_body_that_was_under_way_during_the_correction_is_not_missed(small: Small):
    desk = Desk(receipts=True)
    told(small, "错的", "1")
    small.pull(PERMIT, Source([{"code": CODE, "number": "A1"}]))
    small.push(TO_PROJECT, Desk())
    small.push(TO_PERMIT, desk)
    later(small)
    told(small, "对的", "2")
    small.rows(
        "update hub.delivery_event set at = now() + interval '1 minute' where flow = "
        "'push.desk.permit' returning 1"
    )
    assert [one.flow for one in found(small, value="错的").deliveries] == [TO_PROJECT, TO_PERMIT]


def test_records_that_borrowed_a_wrong_project_code_carried_it_on(small: Small):
    small.pull(PLAN, Source([project(1, code=CODE), project(2, code=OTHER)]))
    small.pull(
        PERMIT,
        Source([{"code": OTHER, "number": "A1", "plot": "P"}, {"number": "A2", "plot": "P"}]),
    )
    small.release()
    desk = Desk()
    small.push(TO_PROJECT, desk)
    small.push(TO_PERMIT, desk)
    read(small, "bureau", "A2")
    carried = found(small, "project_code", record="permit:A1")
    assert [one.sent["mc"] for one in carried.deliveries] == ["项目2", "项目2"]
    assert [one.account for _, one in carried.reads] == ["bureau"]
    assert len(carried.still) == 2


def test_what_came_from_one_landing_can_be_recalled(small: Small):
    told(small, "错的", "1")
    (landing,) = small.rows("select id from hub.landing")
    told(small, "对的", "2")
    carried = found(small, record="", landing_id=landing["id"])
    assert (carried.value, carried.value_now) == ("错的", "对的")


def test_a_case_counts_down_to_zero_and_closes(small: Small):
    desk = Desk()
    told(small, "错的", "1")
    small.pull(PERMIT, Source([{"code": CODE, "number": "A1"}]))
    small.push(TO_PROJECT, desk)
    small.push(TO_PERMIT, desk)
    read(small, "bureau", CODE)
    case = opened(small, "错的")
    assert owed(small, case) == (["bureau", TO_PERMIT, TO_PROJECT], False)
    later(small)
    told(small, "对的", "2")
    assert owed(small, case) == (["bureau", TO_PERMIT, TO_PROJECT], False)
    small.push(TO_PROJECT, desk)
    assert owed(small, case) == (["bureau", TO_PERMIT], False)
    small.push(TO_PERMIT, desk)
    assert owed(small, case) == (["bureau"], False)
    with small.database.write() as tx:
        assert (
            recall.acknowledge(tx, small.contracts, case, names=["bureau"], by="li", note="已知悉")
            == 1
        )
    assert owed(small, case) == ([], True)


def test_a_correction_that_is_refused_or_awaits_its_receipt_puts_nobody_right(small: Small):
    told(small, "错的", "1")
    desk = Desk()
    small.push(TO_PROJECT, desk)
    case = opened(small, "错的")
    later(small)
    told(small, "对的", "2")
    desk.refuses = {"对的"}
    small.push(TO_PROJECT, desk)
    assert owed(small, case) == ([TO_PROJECT], False)
    told(small, "也对", "3")
    small.push(TO_PROJECT, Desk(receipts=True))
    assert owed(small, case) == ([TO_PROJECT], False)
    small.rows(
        "update hub.delivery set state = 'confirmed', held_body = body where flow = "
        "'push.desk.project' returning 1"
    )
    assert owed(small, case) == ([], True)


def test_a_withdrawn_record_puts_its_target_right(small: Small):
    told(small, "错的", "1")
    desk = Desk()
    small.push(TO_PROJECT, desk)
    case = opened(small, "错的")
    small.pull(PLAN, Source([project(1, code=CODE, at="2", gone="1")]))
    small.push(TO_PROJECT, desk)
    assert owed(small, case) == ([], True)


def test_a_target_that_writes_both_values_alike_needs_no_correction(small: Small):
    file = "mappings/desk/project.push.yaml"
    changed = FILES[file].replace("mc: {from: name}", "mc: {from: name, use: [upper]}")
    small.contracts = contracts_of(FILES | {file: changed})
    told(small, "a1", "1")
    small.push(TO_PROJECT, Desk())
    case = opened(small, "a1")
    told(small, "A1", "2")
    assert owed(small, case) == ([TO_PROJECT], False)
    small.push(TO_PROJECT, Desk())
    assert owed(small, case) == ([], True)


def test_a_case_stays_open_while_the_record_says_so_and_whoever_reads_it_joins_in(small: Small):
    told(small, "错的", "1")
    case = opened(small, "错的")
    assert owed(small, case) == ([], False)
    read(small, "bureau", CODE)
    assert owed(small, case) == (["bureau"], False)
    with small.database.write() as tx:
        recall.acknowledge(tx, small.contracts, case, names=["bureau"], by="bureau")
    read(small, "bureau", CODE)
    assert owed(small, case) == (["bureau"], False)


def test_one_value_has_one_open_case_and_what_never_stood_has_none(small: Small):
    told(small, "错的", "1")
    case = opened(small, "错的")
    for wanted, code in (
        ({"value": "错的"}, r"recall\.open_already"),
        ({"value": "没有过"}, r"recall\.never_stood"),
        ({"record": "project:nobody"}, r"ask\.record_unknown"),
        ({"field": "nothing"}, r"ask\.field_unknown"),
        ({"record": "", "landing_id": 7}, r"ask\.record_unknown"),
    ):
        with pytest.raises(FlowError, match=code), small.database.write() as tx:
            recall.open_case(tx, found(small, **wanted), landing_id=None, reason="x", by="x")  # type: ignore[arg-type]
    with pytest.raises(FlowError, match=r"recall\.nothing_owed"), small.database.write() as tx:
        recall.acknowledge(tx, small.contracts, case, names=["nobody"], by="x")
    with pytest.raises(FlowError, match=r"ask\.recall_unknown"), small.database.write() as tx:
        recall.case_of(tx, 99)

"""A refused delivery is a failure like any other: body, the partner's own words, replay."""

from collections.abc import Mapping, Sequence

from hub.auth.context import operating
from hub.db.quarantine import Selection
from hub.db.runs import reading
from hub.model import Json, Outcome, Outgoing
from hub.services.balance import BalanceLine, balance
from hub.services.failures import failure, marked
from tests.filled import CODE, Filled
from tests.pipeline.partners import Desk

FIRE = "push.fire.project"


class Refusing(Desk):
    """Refuses everything, in its own words."""

    def send(self, write: Mapping[str, Json], items: Sequence[Outgoing]) -> list[Outcome]:
        return [Outcome(item.key, "rejected", code="E17", text="项目不在本辖区") for item in items]


def line(filled: Filled) -> BalanceLine:
    (found,) = (
        one
        for one in balance(operating(filled.hub, "tester")).rows
        if (one.system, one.entity) == ("fire", "project")
    )
    return found


def test_a_refused_delivery_shows_what_was_sent_and_what_was_said(filled: Filled):
    filled.push(FIRE, Refusing())
    with filled.hub.database.write() as tx:
        (group,) = reading.causes(tx, flow=FIRE)
        (entry,) = reading.entries(tx, entry_id=group.example)
    fire = line(filled)
    assert (group.stage, group.entries) == ("delivery", 1)
    assert group.cause.startswith("delivery.rejected E17")
    shown = failure(operating(filled.hub, "tester"), entry)
    assert "项目不在本辖区" in shown.faults[0].zh
    assert "项目不在本辖区" in shown.faults[0].en
    assert shown.lines[0].faults == (0,)
    assert any(CODE in line.text for line in shown.lines)
    assert fire.received_back == {"confirmed": 0, "rejected": 1}
    assert fire.open_entries == 1


def test_a_refused_delivery_goes_out_again_after_a_replay(filled: Filled):
    filled.push(FIRE, Refusing())
    assert filled.hub.replay(Selection(flow=FIRE)).marked == 1
    filled.push(FIRE, Desk())
    with filled.hub.database.write() as tx:
        assert reading.causes(tx, flow=FIRE) == []
    fire = line(filled)
    assert fire.received_back == {"confirmed": 1, "rejected": 1}
    assert fire.deliveries_now == {"confirmed": 1}
    assert fire.balanced


def test_a_payload_that_cannot_be_read_is_shown_as_it_came(filled: Filled):
    filled.pull("pull.investment.approval_document", '{"id": 9, "APPROVAL_NUM": "半条'.encode())
    with filled.hub.database.write() as tx:
        (entry,) = reading.entries(tx, cause="record.payload_malformed")
    shown = failure(operating(filled.hub, "tester"), entry)
    assert [(line.text, line.faults) for line in shown.lines] == [
        ('{"id": 9, "APPROVAL_NUM": "半条', (0,))
    ]


def test_an_erased_payload_leaves_the_faults(filled: Filled):
    filled.execute("update hub.landing set payload = null, salt = null")
    with filled.hub.database.write() as tx:
        (entry,) = reading.entries(tx, entry_id=1)
    shown = failure(operating(filled.hub, "tester"), entry)
    assert len(shown.faults) == 6
    assert [line.text for line in shown.lines] == [""]


def test_an_error_in_an_element_without_a_list_around_it_stands_at_its_line():
    lines = list(marked({"owner": {"no": "1", "name": "x"}}, ["/owner/0/no", "/owner/0"]))
    assert [(line.text.strip(), line.faults) for line in lines if line.faults] == [
        ('"owner": {', (1,)),
        ('"no": "1",', (0,)),
    ]

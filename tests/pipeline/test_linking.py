"""Records that name no known number find their project by what they say, or a person says it."""

import pytest

from hub.auth.context import operating
from hub.errors import FlowError
from hub.pipeline import verify
from hub.services import linking
from tests.filled import CODE, Filled
from tests.phases import (
    FIRST,
    KEY,
    LINKED,
    ONE,
    OPEN,
    PROJECT,
    PUSH,
    RIGHT,
    SECOND,
    TWO,
    project,
    right,
)
from tests.pipeline.partners import Desk
from tests.security.patterns import limited


@pytest.fixture
def hub(filled: Filled) -> Filled:
    """Two phases of one undertaking are known, and other projects."""
    filled.pull(PROJECT, FIRST, SECOND)
    return filled


def linked(hub: Filled) -> object:
    rows = hub.rows(LINKED)
    return rows[0]["project_code"] if rows else None


def sound(hub: Filled) -> bool:
    return verify.verify(hub.hub.database, hub.hub.contracts, hub.hub.settings).findings == []


def test_a_record_that_names_the_phase_is_linked_to_that_phase_and_keeps_the_reason(hub: Filled):
    hub.pull(RIGHT, right())
    assert linked(hub) is None
    hub.hub.release()
    assert linked(hub) == ONE
    (word,) = hub.rows("select verdict, by, evidence, project_code from hub.link")
    assert (word["verdict"], word["by"], word["project_code"]) == ("linked", "hub", ONE)
    assert {
        one["level"] for one in word["evidence"] if one["trait"] in {"part", "owner", "uscc"}
    } == {"same"}
    assert sound(hub)


@pytest.mark.parametrize("schema", ["hub", "extensions"])
def test_records_are_linked_wherever_the_extension_is(hub: Filled, schema: str):
    """`create extension` puts it into the first schema of whoever makes it: `hub` for a user of
    that name.
    """
    hub.execute(
        f"create schema if not exists {schema}; alter extension pg_trgm set schema {schema}"
    )
    hub.pull(RIGHT, right())
    hub.hub.release()
    assert linked(hub) == ONE


def test_a_record_that_fits_two_phases_is_put_to_a_person_whose_decision_stays(hub: Filled):
    hub.pull(RIGHT, OPEN)
    hub.hub.release()
    (question,) = linking.questions(operating(hub.hub, "x"))
    assert {offer.project_code for offer in question.offered} == {ONE, TWO}
    assert linked(hub) is None
    linking.link(operating(hub.hub, "王工"), question.key, flow=None, to=TWO, reason="产权图")
    assert linked(hub) == TWO
    assert linking.questions(operating(hub.hub, "x")) == []
    hub.pull(RIGHT, OPEN | {"djjg": "毕节市不动产登记中心"})
    assert linked(hub) == TWO
    assert sound(hub)


def test_a_link_taken_back_withdraws_what_was_delivered_and_is_not_made_again(hub: Filled):
    desk = Desk()
    hub.pull(RIGHT, right())
    hub.hub.release()
    hub.push("push.approval.project", Desk())
    hub.push(PUSH, desk)
    assert [action for action, _ in desk.applied.values()] == ["upsert"]
    assert linking.unlink(
        operating(hub.hub, "王工"), KEY, flow=RIGHT, reason="另一宗地"
    ).refused == (ONE,)
    hub.hub.release()
    assert linked(hub) is None
    hub.push(PUSH, desk)
    assert [action for action, _ in desk.applied.values()] == ["upsert", "withdraw"]
    linking.link(operating(hub.hub, "李工"), KEY, flow=RIGHT, to=ONE, reason="复核无误")
    assert linked(hub) == ONE
    words = hub.rows("select verdict, by, ended_by from hub.link order by id desc limit 2")
    assert [tuple(word.values()) for word in words] == [
        ("linked", "李工", None),
        ("refused", "王工", "李工"),
    ]
    assert sound(hub)


def test_projects_that_a_person_refused_are_not_offered_again(hub: Filled):
    hub.pull(RIGHT, OPEN)
    hub.hub.release()
    assert set(
        linking.refuse(operating(hub.hub, "王工"), KEY, flow=None, reason="都不是").refused
    ) >= {ONE, TWO}
    hub.pull(PROJECT, SECOND | {"jzmj": "41001", "gxsj": "2027-01-01 00:00:00"})
    hub.hub.release()
    assert linking.questions(operating(hub.hub, "x")) == []
    assert linked(hub) is None


def test_a_record_that_resembles_no_project_waits_until_one_comes(hub: Filled):
    town, code = "赫章县野马川镇", "2405-520527-04-01-100003"
    like = {"qlrmc": "赫章县水务局", "qlrzjh": "", "fdzl": town, "qxdm": "520527", "jzmj": "1200"}
    hub.pull(RIGHT, right(xmmc=f"{town}污水处理厂", **like))
    hub.hub.release()
    assert hub.rows("select from hub.link") == []
    there = {
        "xzqhdm": "520527",
        "jsdd": town,
        "jzmj": "1200",
        "lerepInfo": '[{"enterpriseName": "赫章县水务局"}]',
    }
    hub.pull(PROJECT, project(13, code, f"{town}污水处理厂建设项目", **there))
    hub.hub.release()
    assert linked(hub) == code


def test_a_number_that_linked_wrongly_can_be_overruled(hub: Filled):
    (permit,) = hub.rows(
        "select number from golden.approval_document where project_code is not null limit 1"
    )
    hub.pull(RIGHT, right(sgxkzbh=permit["number"]))
    assert linked(hub) == CODE
    linking.unlink(operating(hub.hub, "王工"), KEY, flow=RIGHT, reason="证号抄错")
    assert linked(hub) == ONE
    assert sound(hub)


def test_nothing_is_decided_without_a_known_record_a_known_project_a_name_and_a_reason(hub: Filled):
    hub.pull(RIGHT, right())
    with pytest.raises(FlowError, match=r"link\.key_unknown"):
        linking.link(operating(hub.hub, "王工"), "no such key", flow=None, to=ONE, reason="x")
    with pytest.raises(FlowError, match=r"ask\.project_unknown"):
        linking.link(
            operating(hub.hub, "王工"), KEY, flow=None, to="2405-520502-04-01-999999", reason="x"
        )
    with pytest.raises(FlowError, match=r"link\.unfounded"):
        linking.link(operating(hub.hub, "王工"), KEY, flow=None, to=ONE, reason=" ")
    with pytest.raises(FlowError, match=r"link\.none"):
        linking.unlink(operating(hub.hub, "王工"), KEY, flow=None, reason="x")


@pytest.mark.parametrize(
    "name", ["1" * 60 + "x", "有限" * 200 + "x", "、1A" * 160, "第" * 400, "一十" * 240 + "年x"]
)
def test_a_project_whose_name_was_made_to_stop_the_hub_is_linked_like_every_other(
    hub: Filled, name: str
):
    hostile = project(99, "2024-520502-48-01-000099", name)
    with limited(seconds=10):  # of this process's own work; the pattern of before took years
        hub.pull(PROJECT, hostile)
        hub.pull(RIGHT, right())
        hub.hub.release()
    assert linked(hub) == ONE

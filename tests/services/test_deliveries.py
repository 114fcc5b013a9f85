"""Every delivery says how it stands, why, and what would change it."""

import pytest

from hub.auth.context import operating
from hub.domain.rights import Rights
from hub.errors import FlowError
from hub.services import deliveries
from hub.services.deliveries import DeliveryStanding, FlowDeliveries
from tests.contexts import asking
from tests.filled import CODE as FILLED_CODE
from tests.filled import Filled, payload
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.partners import Desk, Source
from tests.pipeline.small import CODE, FILES, OTHER

PLAN, PERMIT = "pull.plan.project", "pull.build.permit"
PROJECTS, PERMITS = "push.desk.project", "push.desk.permit"


def of_record(small: Small, record: str, flow: str = PROJECTS) -> DeliveryStanding:
    return next(one for one in deliveries.record(asking(small), record) if one.flow == flow)


def of_flow(small: Small, flow: str, rights: Rights | None = None) -> FlowDeliveries:
    (found,) = deliveries.listed(asking(small, rights=rights), flow)
    return found


def project(code: str = CODE, **said: object) -> dict[str, object]:
    return {"id": code, "code": code, "name": "甲", "at": "1"} | said


def wanting(when: str) -> Small:
    """The push of projects with a condition of its own."""
    path = "mappings/desk/project.push.yaml"
    return contracts_of(FILES | {path: FILES[path] + f"when: {when}\n"})  # type: ignore[return-value]


def test_a_record_that_the_target_does_not_want_says_field_value_and_what_is_wanted(small: Small):
    small.contracts = wanting("{name: [乙, 丙]}")  # type: ignore[assignment]
    small.pull(PLAN, Source([project()]))
    assert small.push(PROJECTS, Desk()) == {"due": 1, "withheld": 1}
    found = of_record(small, f"project:{CODE}")
    assert (found.state, found.why.code, found.why.field) == (
        *("withheld", "delivery.withheld_condition", "name"),
    )
    assert found.why.zh == (
        "暂不推：不属于该目标系统的接收范围，要求“名称”（name）：“乙” 或 “丙”，现为：“甲”。"
    )
    assert "which wants Name (name): “乙” or “丙”; it is: “甲”" in found.why.en
    assert "“名称”符合要求（“乙” 或 “丙”）后自动推送" in found.why.cure_zh


def test_a_condition_on_presence_is_said_with_the_unit_of_the_value(small: Small):
    small.contracts = wanting("{investment: {present: false}}")  # type: ignore[assignment]
    small.pull(PLAN, Source([project(money="3")]))
    small.push(PROJECTS, Desk())
    why = of_record(small, f"project:{CODE}").why
    assert "要求“总投资”（investment）：没有值，现为：“30000.00 CNY”" in why.zh


def test_what_the_target_needs_and_the_record_lacks_names_who_may_fill_it_in(small: Small):
    path = "mappings/desk/project.push.yaml"
    needing = FILES[path].replace("required: [name]", "required: [planned_start]")
    small.contracts = contracts_of(FILES | {path: needing})
    small.pull(PLAN, Source([project()]))
    small.push(PROJECTS, Desk())
    why = of_record(small, f"project:{CODE}").why
    assert why.zh == "暂不推：缺少目标系统必需的“拟开工”（planned_start）。"
    assert why.cure_zh == "请系统 build、系统 plan补填，补齐后自动推送。"


def test_a_record_behind_its_parent_names_the_parent_and_how_that_one_stands(small: Small):
    small.contracts = wanting("{name: [乙]}")  # type: ignore[assignment]
    small.pull(PLAN, Source([project()]))
    small.pull(PERMIT, Source([{"number": "P1", "code": CODE}]))
    small.push(PROJECTS, Desk())
    assert small.push(PERMITS, Desk(receipts=True)) == {"due": 1, "blocked": 1}
    why = of_record(small, "permit:P1", PERMITS).why
    assert why.zh == f"受阻：上级记录（项目 {CODE}）尚未被系统 desk确认，其推送现为“暂不推”。"
    (group,) = of_flow(small, PERMITS).groups
    assert group.why.code == "delivery.blocked_by_parents"


@pytest.mark.parametrize(
    ("case", "state", "code"),
    [
        ("new", "due", "delivery.due"),
        ("confirmed", "confirmed", "delivery.confirmed"),
        ("again", "unchanged", "delivery.unchanged"),
        ("gone", "superseded", "delivery.superseded"),
        ("withdrawn", "confirmed", "delivery.withdrawn"),
        ("refused", "rejected", "delivery.rejected"),
        ("lost", "retrying", "delivery.retrying"),
        ("dead", "dead", "delivery.dead"),
        ("away", "retrying", "delivery.retrying"),
    ],
)
def test_every_other_state_has_its_reason_too(small: Small, case: str, state: str, code: str):
    desk = Desk()
    if case == "dead":
        small.with_settings(attempts=1)
    if case in {"lost", "away", "dead"}:
        desk.loses = 1
        small.with_settings(backoff_seconds=600.0, backoff_most=600.0)
    if case == "refused":
        desk.refuses = {"甲"}
    small.pull(PLAN, Source([project()]))
    if case == "gone":
        small.pull(PLAN, Source([project(at="2", gone="1")]))
    if case != "new":
        small.push(PROJECTS, desk)
    if case == "again":
        small.pull(PLAN, Source([project(at="2", money="5")]))
        assert small.push(PROJECTS, desk) == {"due": 1, "unchanged": 1}
    if case == "withdrawn":
        small.pull(PLAN, Source([project(at="2", gone="1")]))
        small.push(PROJECTS, desk)
    found = of_record(small, f"project:{CODE}")
    assert (found.state, found.why.code) == (state, code)
    assert "…" not in found.why.zh + found.why.en + found.why.cure_zh + found.why.cure_en
    (group,) = of_flow(small, PROJECTS).groups
    assert (group.state, group.why.code, group.records) == (state, code, 1)
    assert "…" not in group.why.zh + group.why.en
    assert (found.due is not None) == (state == "retrying")


def test_a_receipt_that_is_awaited_says_until_when(small: Small):
    small.pull(PLAN, Source([project()]))
    small.push(PROJECTS, Desk())
    small.pull(PERMIT, Source([{"number": "P1", "code": CODE}]))
    small.push(PERMITS, Desk(receipts=True))
    found = of_record(small, "permit:P1", PERMITS)
    assert (found.state, found.why.code) == ("awaiting_receipt", "delivery.awaiting_receipt")
    assert found.due is not None


def test_a_target_that_shares_the_values_itself_is_told_as_the_echo_that_it_is(filled: Filled):
    with filled.hub.database.write() as tx:
        tx.execute("update hub.delivery set state = 'unchanged', dirty = false, held_body = '{}'")
    found = deliveries.record(operating(filled.hub, "tester"), str(filled.record("project")))
    told = {one.why.code for one in found if one.flow}
    assert told == {"delivery.echo"}


def test_what_a_system_has_not_subscribed_to_is_said_of_that_system(small: Small):
    small.pull(PLAN, Source([project()]))
    found = deliveries.record(asking(small), f"project:{CODE}")
    silent = {one.system: one.why.zh for one in found if one.state == "not_subscribed"}
    assert silent["plan"] == "系统 plan没有订阅“项目”（project），不推送。"
    assert silent.keys() == {"plan", "build"}


def test_deliveries_of_a_flow_that_is_gone_say_so(small: Small):
    small.pull(PLAN, Source([project()]))
    files = {name: text for name, text in FILES.items() if "/desk/" not in name}
    small.contracts = contracts_of(files)
    (group,) = of_flow(small, PROJECTS).groups
    assert group.why.code == "delivery.flow_gone"
    with pytest.raises(FlowError, match=r"flow\.unknown"):
        of_flow(small, "push.nobody.project")


def test_reasons_of_a_flow_add_up_to_every_delivery_and_name_the_commonest_values(small: Small):
    small.contracts = wanting("{name: [乙]}")  # type: ignore[assignment]
    rows = [
        project(f"2405-520502-04-01-1{n:05}", name="乙" if n < 4 else f"名{n % 3}")
        for n in range(13)
    ]
    small.pull(PLAN, Source(rows))
    assert small.push(PROJECTS, Desk()) == {"due": 13, "confirmed": 4, "withheld": 9}
    small.pull(PLAN, Source([project("2405-520502-04-01-100001", name="丁", at="2")]))
    found = of_flow(small, PROJECTS)
    assert found.states == {"withheld": 9, "confirmed": 3, "due": 1}
    assert found.records == sum(group.records for group in found.groups) == 13
    (group,) = [one for one in found.groups if one.state == "withheld"]
    assert sum(one.records for one in group.values) == group.records == 9
    assert "现为：“名0”×3、“名1”×3、“名2”×3" in group.why.zh


def test_a_value_that_the_reader_may_not_see_stays_out_of_the_reason(small: Small):
    schema = "schemas/project.json"
    personal = FILES[schema].replace(
        '"x-class": "public",\n             "x-standard": "SPGL_XMJBXXB.XMMC"',
        '"x-class": "personal",\n             "x-standard": "SPGL_XMJBXXB.XMMC"',
    )
    assert personal != FILES[schema]
    path = "mappings/desk/project.push.yaml"
    small.contracts = contracts_of(
        FILES | {schema: personal, path: FILES[path] + "when: {name: [乙]}\n"}
    )
    small.pull(PLAN, Source([project()]))
    small.push(PROJECTS, Desk())
    auditor = Rights(whole=True)
    found = deliveries.record(asking(small, rights=auditor), f"project:{CODE}")
    (told,) = [one.why for one in found if one.flow == PROJECTS]
    assert "现为：（有值，无权查看）" in told.zh
    assert "甲" not in told.zh + told.en
    (group,) = of_flow(small, PROJECTS, auditor).groups
    assert group.values == ()
    assert "甲" not in group.why.zh


def test_what_is_due_says_why_its_flow_has_not_taken_it_up(small: Small):
    desk = Desk()
    desk.away = 9
    small.pull(PLAN, Source([project()]))
    with pytest.raises(Exception, match=r"."):
        small.push(PROJECTS, desk)
    small.pull(PLAN, Source([project(OTHER)]))
    why = of_record(small, f"project:{OTHER}").why
    assert why.code == "delivery.due"
    assert "未完成" in why.zh


def test_every_reason_of_the_real_contracts_is_whole(filled: Filled):
    filled.pull(
        "pull.investment.project",
        payload("pull.investment.project", id=7, xmdm=FILLED_CODE, ztze=None),
    )
    contracts = filled.hub.contracts
    for flow in contracts.pushes:
        if contracts.pushes[flow].form is None:
            filled.push(flow, Desk())
    for one in deliveries.listed(operating(filled.hub, "tester")):
        assert one.records == sum(group.records for group in one.groups)
        for group in one.groups:
            assert "…" not in group.why.zh + group.why.en + group.why.cure_zh + group.why.cure_en

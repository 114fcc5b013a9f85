"""督办件: asked by the reform office, answered by the unit, ended by who asked; seen by nobody else."""

import pytest

from hub.auth.context import RequestContext, on_behalf, operating
from hub.errors import FlowError
from hub.services import hits, lights, supervision_cases
from hub.services.lights import LightsAsked, LitClock
from hub.services.supervision_cases import CaseOpening, CaseSheet, ClockRef
from tests.api.conftest import Client, Opened
from tests.filled import Filled
from tests.hits import OFFICES as ACCUSED
from tests.hits import accuse, hit_of
from tests.many import OFFICES, REGIONS, fill

COUNTY = REGIONS[0]
ASK = "请说明超时原因"


@pytest.fixture
def many(filled: Filled, opened: Opened) -> Filled:
    """Twenty projects; offices of the city, of its county and of the next one; two units."""
    fill(filled, 20)
    opened("reform", "supervisor")
    opened("county", "supervisor", regions=(COUNTY,))
    opened("neighbour", "supervisor", regions=("999999",))
    for name, office in (("housing", OFFICES[0]), ("land", OFFICES[1])):
        opened(name, "department")
        filled.execute("update hub.account set department = %s where name = %s", office, name)
    return filled


def late_item(world: Filled, *, region: str = "", office: str = OFFICES[0]) -> LitClock:
    asked = LightsAsked("item", "all", region, department=office)
    return lights.listed(operating(world.hub, "tester"), asked, most=1).clocks[0]


def who(world: Filled, name: str) -> RequestContext:
    return on_behalf(world.hub, name)


def about(item: LitClock) -> ClockRef:
    return ClockRef("item", item.record_id)


def opened_case(world: Filled, by: str = "county", **more: object) -> CaseSheet:
    item = late_item(world, region=COUNTY)
    asked = CaseOpening(ASK, OFFICES[0], (about(item),), **more)  # type: ignore[arg-type]
    return supervision_cases.open_case(who(world, by), asked)


def test_a_case_is_answered_sent_back_answered_again_and_ended_each_an_act(many: Filled):
    case = opened_case(many)
    assert (case.state, case.step, case.late, case.next_step) == ("open", "reminder", False, None)
    county, housing = who(many, "county"), who(many, "housing")
    supervision_cases.answer(housing, case.id, "系统故障")
    supervision_cases.send_back(county, case.id, "请附说明")
    supervision_cases.answer(housing, case.id, "已办结")
    done = supervision_cases.accept(county, case.id, "同意")
    assert done.state == "closed"
    assert [one.light for one in done.subjects] == [late_item(many, region=COUNTY).light]
    assert [(act.kind, act.by_account) for act in done.acts] == [
        ("opened", "county"),
        ("answered", "housing"),
        ("sent_back", "county"),
        ("answered", "housing"),
        ("accepted", "county"),
    ]
    assert supervision_cases.listed(county) == []
    assert [one.id for one in supervision_cases.listed(county, closed=True)] == [case.id]


def test_numbers_of_a_year_have_no_gaps_and_one_case_stands_of_a_unit_and_a_record(many: Filled):
    first = opened_case(many)
    with pytest.raises(FlowError, match=r"supervision\.case_stands"):
        opened_case(many)
    supervision_cases.accept(who(many, "county"), first.id, "同意")
    second = opened_case(many)
    assert [one.number.rpartition("〕")[2] for one in (first, second)] == ["1号", "2号"]


def test_each_unit_and_each_county_sees_its_own_cases_and_nobody_elses(
    many: Filled, client: Client, opened: Opened
):
    case = opened_case(many)
    for name, sees in {
        "county": True,
        "reform": True,
        "housing": True,
        "land": False,
        "neighbour": False,
    }.items():
        found = supervision_cases.listed(who(many, name))
        assert [one.id for one in found] == ([case.id] if sees else []), name
        if not sees:
            with pytest.raises(FlowError, match=r"supervision\.case_unknown"):
                supervision_cases.one(who(many, name), case.id)
            with pytest.raises(FlowError, match=r"supervision\.case_unknown"):
                supervision_cases.answer(who(many, name), case.id, "x")
        # with the service's own check off: what PostgreSQL shows
        with many.hub.database.read(reader=name) as tx:
            for table in ("supervision_case", "supervision_act"):
                count = tx.execute(f"select count(*) from hub.{table}").fetchone()  # noqa: S608 -- our words
                assert count == (int(sees),), (name, table)
    boss = opened("boss", "administrator")
    assert client.get(f"/v1/cases/{case.id}", boss).json()["number"] == case.number
    assert client.get("/v1/cases/999", boss).status_code == 404


@pytest.mark.parametrize(
    ("by", "act"),
    [
        ("housing", "accept"),
        ("housing", "extend"),
        ("housing", "raise_step"),
        ("county", "answer"),
    ],
)
def test_who_is_asked_does_not_decide_and_who_decides_does_not_answer(
    many: Filled, by: str, act: str
):
    case = opened_case(many)
    with pytest.raises(FlowError, match=r"access\.role"):
        getattr(supervision_cases, act)(who(many, by), case.id, "x")


def test_a_case_is_opened_only_in_ones_region_of_a_unit_that_handles_the_record(many: Filled):
    item = late_item(many, region=COUNTY)
    for by, department, code in (
        ("neighbour", OFFICES[0], r"ask\.record_unknown"),
        ("county", "某局", r"supervision\.not_theirs"),
        ("housing", OFFICES[0], r"access\.role"),
    ):
        asked = CaseOpening(ASK, department, (about(item),))
        with pytest.raises(FlowError, match=code):
            supervision_cases.open_case(who(many, by), asked)
    with pytest.raises(FlowError, match=r"supervision\.words_needed"):
        supervision_cases.open_case(
            who(many, "county"), CaseOpening(" ", OFFICES[0], (about(item),))
        )


def test_without_an_answer_in_time_the_next_step_is_proposed_and_a_person_takes_it(many: Filled):
    case, county = opened_case(many), who(many, "county")
    lapse = "update hub.supervision_act set due_at = now() - interval '1 minute'"
    many.execute(lapse)
    late = supervision_cases.one(county, case.id)
    assert (late.late, late.next_step, late.step) == (True, "supervision", "reminder")
    raised = supervision_cases.raise_step(county, case.id, "未按期答复")
    assert (raised.step, raised.late) == ("supervision", False)
    with pytest.raises(FlowError, match=r"supervision\.out_of_turn"):
        supervision_cases.raise_step(county, case.id, "再次")
    many.execute(lapse)
    assert supervision_cases.one(county, case.id).next_step == "interview"
    supervision_cases.extend(county, case.id, "来函说明，准予延期")
    with pytest.raises(FlowError, match=r"supervision\.out_of_turn"):
        supervision_cases.extend(county, case.id, "再延")


def test_three_working_days_are_left_to_answer_a_reminder_and_five_a_case(many: Filled):
    reminder = opened_case(many)
    supervision_cases.accept(who(many, "county"), reminder.id, "同意")
    supervision = opened_case(many, step="supervision")
    calendar = many.hub.contracts.clock
    assert calendar is not None
    for case, days in ((reminder, 3), (supervision, 5)):
        begins = calendar.calendar.next_day(case.opened_at)
        assert case.due_at == calendar.calendar.after(begins, days)


def test_the_api_opens_and_answers_by_the_same_rules(many: Filled, opened: Opened, client: Client):
    office = opened("office", "supervisor")
    unit = opened("unit", "department")
    many.execute("update hub.account set department = %s where name = 'unit'", OFFICES[0])
    item = late_item(many)
    body = {
        "clocks": [{"scope": "item", "record": item.record_id}],
        "department": OFFICES[0],
        "text": ASK,
    }
    made = client.ask("POST", "/v1/cases", office, body).json()
    assert client.ask("POST", "/v1/cases", unit, body).status_code == 403
    path = f"/v1/cases/{made['id']}"
    assert (
        client.ask("POST", f"{path}/answer", unit, {"text": "已办结"}).json()["state"] == "answered"
    )
    again = client.ask("POST", f"{path}/answer", unit, {"text": "已办结"})
    assert (again.status_code, again.json()["code"]) == (409, "supervision.out_of_turn")
    assert (
        client.ask("POST", f"{path}/acceptance", office, {"text": "同意"}).json()["state"]
        == "closed"
    )


@pytest.fixture
def accused(filled: Filled, opened: Opened) -> Filled:
    """Three items far over their limits, of two units of a county and of one of another."""
    opened("city", "supervisor", regions=("52",))
    opened("county", "supervisor", regions=("520102",))
    for name, number in (("land", "A"), ("housing", "B")):
        opened(name, "department")
        department = ACCUSED[number][0]
        filled.execute("update hub.account set department = %s where name = %s", department, name)
    accuse(filled)
    return filled


def test_a_case_is_about_hits_that_the_unit_was_told_of_and_shows_how_they_stand(accused: Filled):
    county, land = who(accused, "county"), who(accused, "land")
    hit = hit_of(accused, "A")
    asked = CaseOpening(ASK, hits=(hit,))
    with pytest.raises(FlowError, match=r"supervision\.not_told"):
        supervision_cases.open_case(county, asked)
    hits.tell_unit(county, hit, "请核对")
    case = supervision_cases.open_case(county, asked)
    assert (case.department, case.region) == (ACCUSED["A"][0], "520102")
    shown = supervision_cases.one(land, case.id)
    assert [(one.scope, one.hit_id, one.hit_state, one.gone) for one in shown.subjects] == [
        ("hit", hit, "told", False)
    ]
    assert shown.acts_now == ("answered",)
    assert supervision_cases.listed(who(accused, "housing")) == []
    hits.explain(land, hit, "applicant", "申请人补件")
    hits.accept(county, hit, "属实")
    assert supervision_cases.one(county, case.id).subjects[0].hit_state == "accepted"


def test_a_case_is_of_one_unit_and_of_one_region_of_its_supervisor(accused: Filled):
    city, county = who(accused, "city"), who(accused, "county")
    known = {number: hit_of(accused, number) for number in ACCUSED}
    for hit in known.values():
        hits.tell_unit(city, hit, "请核对")
    with pytest.raises(FlowError, match=r"supervision\.not_theirs"):
        supervision_cases.open_case(city, CaseOpening(ASK, hits=(known["A"], known["B"])))
    with pytest.raises(FlowError, match=r"hit\.unknown"):
        supervision_cases.open_case(county, CaseOpening(ASK, hits=(known["C"],)))
    with pytest.raises(FlowError, match=r"supervision\.about_nothing"):
        supervision_cases.open_case(city, CaseOpening(ASK, ACCUSED["A"][0]))
    row = accused.rows("select record_id from fact.hit where id = %s", known["A"])[0]
    clock = ClockRef("item", int(str(row["record_id"])))
    both = CaseOpening(ASK, clocks=(clock,), hits=(known["A"],), days=10)
    made = supervision_cases.open_case(city, both)
    assert made.about == [f"item:{clock.record_id}", f"hit:item_overdue:{clock.record_id}"]
    assert [one.scope for one in made.subjects] == ["item", "hit"]


def test_the_ladder_says_what_comes_next_and_what_cannot_be_taken_yet(accused: Filled):
    county = who(accused, "county")
    hit = hit_of(accused, "A")
    hits.tell_unit(county, hit, "请核对")
    case = supervision_cases.open_case(county, CaseOpening(ASK, hits=(hit,)))
    assert [(one.step, one.state) for one in case.ladder] == [
        ("reminder", "now"),
        ("supervision", "next"),
        ("circular", "waits"),
        ("interview", "waits"),
    ]
    raised = supervision_cases.raise_step(county, case.id, "未整改")
    assert [one.state for one in raised.ladder] == ["done", "now", "waits", "waits"]

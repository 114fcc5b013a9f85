"""Hits: nothing counts that a unit was not told and a person did not confirm; seen by nobody else."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.auth.context import RequestContext, on_behalf, operating
from hub.errors import FlowError
from hub.pipeline import facts
from hub.services import disputes, hits
from hub.services.hits import HitsAsked, WrongValue
from tests.api.conftest import Client, Opened
from tests.filled import CONTRACTS, Filled
from tests.hits import NOW, OFFICES, accuse, hit_of, judge

WHO = {
    "city": ("supervisor", "", ("5201", "5203")),
    "county": ("supervisor", "", ("520102",)),
    "neighbour": ("supervisor", "", ("520302",)),
    "land": ("department", "南明区自然资源局", ()),
    "housing": ("department", "南明区住房和城乡建设局", ()),
    "away": ("department", "红花岗区自然资源局", ()),
    "boss": ("administrator", "", ()),
    "judge": ("auditor", "", ()),
}


@pytest.fixture
def accused(filled: Filled, opened: Opened) -> Filled:
    """Three items far over their limits: of two units of a county, and of one of another."""
    for name, (role, department, regions) in WHO.items():
        opened(name, role, regions=regions)
        filled.execute("update hub.account set department = %s where name = %s", department, name)
    accuse(filled)
    return filled


def who(world: Filled, name: str) -> RequestContext:
    return on_behalf(world.hub, name)


def told(world: Filled, number: str = "A") -> int:
    found = hit_of(world, number)
    hits.tell_unit(who(world, "city"), found, "请核对")
    return found


def lapse(world: Filled) -> None:
    world.execute("update hub.hit_act set due_at = now() - interval '1 minute'")


def confirmed(world: Filled) -> int:
    """How many hits over the limit count as figures."""
    every = hits.counts(operating(world.hub, "me"), HitsAsked(indicator="item_overdue"))
    return sum(one.confirmed for one in every)


def test_a_hit_says_in_one_sentence_what_is_seen(accused: Filled):
    found = hits.one(who(accused, "county"), hit_of(accused, "A"))
    assert (found.state, found.level, found.held) == ("suspected", "grave", ())
    assert found.unit_name
    assert found.unit_name.zh == "南明区自然资源局"
    for words in ("南明区自然资源局", "逾期（事项）", "时限 5 个工作日", "大于 1.5", "严重违规"):
        assert words in found.sentence.zh
    assert "limit 5 working days" in found.sentence.en.lower()
    assert not any("\u4e00" <= sign <= "\u9fff" for sign in found.sentence.en)


def test_only_what_was_told_and_answered_or_let_lapse_is_confirmed_and_only_that_counts(
    accused: Filled,
):
    county, land = who(accused, "county"), who(accused, "land")
    found = hit_of(accused, "A")
    with pytest.raises(FlowError, match=r"hit\.out_of_turn"):
        hits.confirm(county, found, "认定")  # nothing is said that was not told first
    assert hits.tell_unit(county, found, "请核对").state == "told"
    with pytest.raises(FlowError, match=r"hit\.out_of_turn"):
        hits.confirm(county, found, "认定")  # the unit has its term
    hits.explain(land, found, "applicant", "申请人补件")
    with pytest.raises(FlowError, match=r"hit\.out_of_turn"):
        hits.explain(land, found, "other", "再次")
    assert confirmed(accused) == 0
    done = hits.confirm(county, found, "说明不成立")
    assert [(act.kind, act.by_account, act.reason) for act in done.acts] == [
        ("told", "county", ""),
        ("explained", "land", "applicant"),
        ("confirmed", "county", ""),
    ]
    assert confirmed(accused) == 1
    assert hits.revoke(county, found, "重新核定").state == "revoked"
    assert confirmed(accused) == 0
    silent = told(accused, "B")
    lapse(accused)
    assert hits.one(county, silent).late
    assert hits.confirm(county, silent, "期满未答复").state == "confirmed"
    assert confirmed(accused) == 1


def test_an_accepted_explanation_does_not_count(accused: Filled):
    found = told(accused)
    hits.explain(who(accused, "land"), found, "other_unit", "等征询意见")
    assert hits.accept(who(accused, "county"), found, "属实").state == "accepted"
    assert confirmed(accused) == 0


def test_who_is_told_has_three_working_days_and_the_day_itself_does_not_count(accused: Filled):
    found = hits.one(who(accused, "land"), told(accused))
    clock = CONTRACTS.clock
    assert clock
    act = found.acts[0]
    assert act.due_at == clock.calendar.after(clock.calendar.next_day(act.at), 3)


SEES = {
    "city": {"A", "B", "C"},
    "county": {"A", "B"},
    "neighbour": {"C"},
    "land": {"A"},
    "housing": {"B"},
    "away": set[str](),
    "boss": {"A", "B", "C"},
    "judge": {"A", "B", "C"},
}
"""Of three hits, two of which were told."""


def test_each_unit_and_each_county_sees_its_own_and_nobody_elses(accused: Filled):
    known = {number: hit_of(accused, number) for number in OFFICES}
    for number in ("A", "B"):
        told(accused, number)
    for name, numbers in SEES.items():
        context = who(accused, name)
        sees = {known[number] for number in numbers}
        asked = HitsAsked(indicator="item_overdue")
        assert {one.id for one in hits.listed(context, asked)} == sees, name
        for hit in set(known.values()) - sees:
            with pytest.raises(FlowError, match=r"hit\.unknown"):
                hits.one(context, hit)
            with pytest.raises(FlowError, match=r"hit\.unknown"):
                hits.explain(context, hit, "other", "x")
        # with the service's own check off: what PostgreSQL shows
        with accused.hub.database.read(reader=name) as tx:
            seen = {
                row[0]
                for row in tx.execute("select id from fact.hit where indicator = 'item_overdue'")
            }
            acts = tx.execute("select count(*) from hub.hit_act").fetchone()
        assert seen == sees, name
        assert acts == (len(numbers & {"A", "B"}),), name


def test_the_same_count_for_every_reader_of_the_region(accused: Filled):
    told(accused, "A")
    lapse(accused)
    hits.confirm(who(accused, "city"), hit_of(accused, "A"), "期满未答复")
    asked = HitsAsked(indicator="item_overdue", county="520102")
    found = {name: hits.counts(who(accused, name), asked) for name in ("city", "county", "boss")}
    assert found["city"] == found["county"] == found["boss"]
    assert [(one.part, one.confirmed) for one in found["city"]] == [
        ("land_520102", 1),
        ("housing_520102", 0),
    ]
    own = hits.counts(who(accused, "land"), asked)
    assert [(one.part, one.confirmed) for one in own] == [("land_520102", 1)]


@pytest.mark.parametrize(
    ("by", "act"),
    [
        ("land", "confirm"),
        ("land", "revoke"),
        ("county", "explain"),
        ("boss", "confirm"),
        ("judge", "revoke"),
    ],
)
def test_who_is_told_does_not_decide_and_who_decides_does_not_answer(
    accused: Filled, by: str, act: str
):
    found = told(accused)
    lapse(accused)
    more = ("other",) if act == "explain" else ()
    with pytest.raises(FlowError, match=r"access\.role"):
        getattr(hits, act)(who(accused, by), found, *more, "x")
    assert "confirmed" not in hits.one(who(accused, by), found).acts_now or by == "county"


def test_wrong_data_open_a_dispute_and_nothing_is_confirmed_before_it_ends(accused: Filled):
    found, county, land = told(accused), who(accused, "county"), who(accused, "land")
    held = hits.dispute(land, found, WrongValue("limit_days", "时限应为二十日", "20"))
    assert (held.state, held.acts_now) == ("disputed", ())
    number = held.acts[-1].dispute_id
    assert number is not None
    assert disputes.one(land, number).field == "limit_days"
    assert hits.one(county, found).acts_now == ("revoked",)
    with pytest.raises(FlowError, match=r"hit\.out_of_turn"):
        hits.confirm(county, found, "认定")
    disputes.answer(operating(accused.hub, "me"), number, accepted=False, text="无误")
    after = hits.one(county, found)
    assert (after.acts[-1].dispute_state, after.acts_now) == ("refused", ("confirmed", "revoked"))
    hits.confirm(county, found, "数据无误")
    assert confirmed(accused) == 1


def test_a_unit_calls_wrong_only_values_of_what_it_is_accused_by(accused: Filled):
    found, land = told(accused), who(accused, "land")
    other = accused.record("project")
    with pytest.raises(FlowError):
        hits.dispute(land, found, WrongValue("name", "有误", record=other))
    with pytest.raises(FlowError, match=r"ask\.field_unknown"):
        hits.dispute(land, found, WrongValue("nothing", "有误"))
    assert hits.one(land, found).state == "told"


def correct(world: Filled, days: int, now: datetime | None = None) -> None:
    world.execute("update golden.approval_item set limit_days = %s where number = 'A'", days)
    facts.refresh(world.hub.database, now=now or datetime.now(UTC))


def test_a_confirmed_hit_whose_facts_went_away_says_so_and_counts_no_more(accused: Filled):
    found, county = told(accused), who(accused, "county")
    lapse(accused)
    hits.confirm(county, found, "期满未答复")
    correct(accused, 30)
    gone = hits.one(county, found)
    assert (gone.state, gone.last_act, gone.acts_now) == ("corrected", "confirmed", ())
    assert gone.cleared_at
    assert confirmed(accused) == 0
    assert (
        hits.one(who(accused, "land"), found).state == "corrected"
    )  # it was told, it is told this


def test_what_comes_back_is_suspected_anew_and_shown_to_no_unit_before_it_is_told(accused: Filled):
    first = told(accused)
    correct(accused, 30)
    correct(accused, 5)
    again = hit_of(accused, "A")
    assert again != first
    assert hits.one(who(accused, "county"), again).state == "suspected"
    assert [one.id for one in hits.listed(who(accused, "land"), HitsAsked())] == [first]
    with pytest.raises(FlowError, match=r"hit\.unknown"):
        hits.one(who(accused, "land"), again)


def test_what_people_said_survives_a_rebuild_from_nothing(accused: Filled):
    told(accused)
    lapse(accused)
    hits.confirm(who(accused, "county"), hit_of(accused, "A"), "期满未答复")
    accused.execute("delete from fact.hit")
    judge(accused, datetime.now(UTC) + timedelta(days=1))
    found = hits.one(who(accused, "county"), hit_of(accused, "A"))
    assert (found.state, len(found.acts)) == ("confirmed", 2)
    assert confirmed(accused) == 1


def guards(world: Filled, number: str) -> tuple[str, ...]:
    return hits.one(who(world, "city"), hit_of(world, number)).held


def test_a_unit_is_told_only_of_what_counts_is_its_own_and_was_seen_twice(accused: Filled):
    accused.execute("delete from golden.approval_step where item_number = 'A' and status = '11'")
    accused.execute("update golden.approval_item set limit_days = 17 where number = 'A'")
    accused.execute("update golden.approval_item set department = '无名局' where number = 'B'")
    accused.execute("delete from fact.hit")
    judge(accused, NOW)
    assert guards(accused, "A") == ("warning", "seen_once")
    assert guards(accused, "B") == ("no_unit", "seen_once")
    assert guards(accused, "C") == ("seen_once",)
    judge(accused, NOW + timedelta(days=1))
    assert guards(accused, "C") == ()
    with pytest.raises(FlowError, match=r"hit\.held"):
        hits.tell_unit(who(accused, "city"), hit_of(accused, "A"), "请核对")


def test_a_hit_that_grew_graver_is_told_again(accused: Filled):
    accused.execute("update golden.approval_item set limit_days = 7 where number = 'A'")
    judge(accused, NOW)
    judge(accused, NOW + timedelta(days=1))
    found = told(accused)
    assert hits.one(who(accused, "county"), found).level == "red"
    lapse(accused)
    hits.confirm(who(accused, "county"), found, "期满未答复")
    correct(accused, 5)
    graver = hits.one(who(accused, "county"), found)
    assert (graver.state, graver.level, graver.graver) == ("confirmed", "grave", True)
    assert "told" in graver.acts_now
    assert hits.tell_unit(who(accused, "county"), found, "级别加重").state == "told"
    assert confirmed(accused) == 0


def test_the_api_tells_hears_and_decides_by_the_same_rules(
    accused: Filled, client: Client, opened: Opened
):
    office = opened("office", "supervisor", regions=("520102",))
    unit = opened("unit", "department")
    accused.execute("update hub.account set department = '南明区自然资源局' where name = 'unit'")
    path = f"/v1/hits/{hit_of(accused, 'A')}"
    assert client.get(path, unit).status_code == 404
    assert client.ask("POST", f"{path}/told", unit, {"text": "x"}).status_code == 403
    assert client.ask("POST", f"{path}/told", office, {"text": "请核对"}).json()["state"] == "told"
    body = {"reason": "system", "text": "系统故障"}
    assert client.ask("POST", f"{path}/explanation", office, body).status_code == 403
    made = client.ask("POST", f"{path}/explanation", unit, body).json()
    assert made["state"] == "explained"
    again = client.ask("POST", f"{path}/explanation", unit, body)
    assert (again.status_code, again.json()["code"]) == (409, "hit.out_of_turn")
    done = client.ask("POST", f"{path}/acceptance", office, {"text": "属实"}).json()
    assert done["state"] == "accepted"
    counts = client.get("/v1/hits/counts?by=county&indicator=item_overdue", office).json()
    assert [(one["part"], one["accepted"]) for one in counts] == [("520102", 1)]

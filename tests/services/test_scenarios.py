"""Scenarios: what has begun, what is missing, whose turn it is; the same for every reader, rebuilt
when a record changes, compared by `hub verify`.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from hub.auth.context import RequestContext, on_behalf, operating
from hub.errors import FlowError
from hub.services import scenarios
from hub.services.naming import UnknownNameError
from hub.services.scenarios import ProjectScenario
from tests.api.conftest import open_account
from tests.filled import CODE, Filled
from tests.postgres import DatabaseServer
from tests.services.lives import put

NAME = "land_then_start"
LAST = date(2025, 11, 24)  # ten working days after Monday, 10 November


@pytest.fixture
def world(database_server: DatabaseServer, filled_template: str) -> Iterator[Filled]:
    """One project; nothing has happened with its land."""
    with database_server.database(template=filled_template) as url:
        made = Filled(url)
        made.execute("update golden.approval_document set deleted_at = now()")
        made.execute("update golden.utility_connection set deleted_at = now()")
        made.hub.refresh_facts()
        yield made
        made.hub.close()


def deal(world: Filled, day: str = "2025-11-10") -> None:
    with world.hub.database.write() as tx:
        put(tx, "land_deal", contract_number="52-1", plot_number="P1", signed_on=day)


def permit(world: Filled, kind: str, day: str, *, status: str = "valid") -> None:
    with world.hub.database.write() as tx:
        put(
            tx,
            "approval_document",
            number=f"{kind} {day}",
            issuer="自然资源局",
            kind=kind,
            issued_on=day,
            status=status,
        )


def shown(world: Filled, context: RequestContext | None = None) -> ProjectScenario | None:
    world.hub.refresh_facts()
    found = scenarios.of_project(context or operating(world.hub, "li"), CODE)
    return next((one for one in found.scenarios if one.name == NAME), None)


def test_a_scenario_begins_with_its_record_and_says_what_is_missing_and_whose_turn_it_is(
    world: Filled,
) -> None:
    assert shown(world) is None
    deal(world)
    permit(world, "land_use_permit", "2025-11-12")
    one = shown(world)
    assert one is not None
    assert one.began == datetime.fromisoformat("2025-11-10T00:00+08:00")
    assert one.due_on == LAST
    assert [step.at is not None for step in one.steps] == [True, False, False]
    assert one.missing is not None
    assert (one.missing.title.en, one.missing.turn.zh) == (
        "Planning permit or a letter for it",
        "自然资源局",
    )
    assert (one.ended, one.state) == (
        None,
        "overdue",
    )


@pytest.mark.parametrize(
    ("last", "state"), [(LAST, "complete"), (LAST + timedelta(days=1), "late")]
)
def test_the_last_day_of_its_term_is_in_time_and_the_day_after_is_late(
    world: Filled, last: date, state: str
) -> None:
    deal(world)
    permit(world, "land_use_permit", "2025-11-12")
    permit(world, "letter", "2025-11-13")  # counts as the planning permit
    permit(world, "construction_permit", str(last))
    one = shown(world)
    assert one is not None
    assert (one.state, one.missing) == (state, None)
    assert one.ended == datetime.fromisoformat(f"{last}T00:00+08:00")


def test_what_is_void_or_withdrawn_completes_nothing(world: Filled) -> None:
    deal(world)
    permit(world, "land_use_permit", "2025-11-12", status="void")
    one = shown(world)
    assert one is not None
    assert one.steps[0].at is None
    world.execute("update golden.land_deal set deleted_at = now()")
    assert shown(world) is None


def test_all_of_the_records_are_to_be_as_wanted(world: Filled) -> None:
    permit(world, "construction_permit", "2025-11-12")
    name = "start_then_served"
    with world.hub.database.write() as tx:
        for number, status in (("W1", "11"), ("W2", "3")):
            put(
                tx,
                "utility_connection",
                number=number,
                utility="water",
                status=status,
                status_at="2025-11-16T10:00+08:00",
                applied_on="2025-11-13",
            )

    def served() -> list[bool]:
        world.hub.refresh_facts()
        found = scenarios.of_project(operating(world.hub, "li"), CODE).scenarios
        (one,) = [one for one in found if one.name == name]
        return [step.at is not None for step in one.steps]

    assert served() == [True, False]
    world.execute("update golden.utility_connection set status = '12' where number = 'W2'")
    assert served() == [True, True]


def test_numbers_are_for_whoever_sees_every_project_and_lists_agree_with_them(
    world: Filled,
) -> None:
    deal(world)
    world.hub.refresh_facts()
    context = operating(world.hub, "li")
    (of_name,) = [one for one in scenarios.listed(context) if one.name == NAME]
    state = "overdue"
    assert of_name.counts == {**dict.fromkeys(scenarios.STATES, 0), state: 1}
    page = scenarios.one(context, NAME, state=state)
    assert [one.project_code for one in page.projects] == [CODE]
    assert sum(sum(one.counts.values()) for one in page.counties) == 1
    county = page.counties[0].county
    assert scenarios.one(context, NAME, county=county[:4]).projects
    assert not scenarios.one(context, NAME, county="99").projects
    assert not scenarios.one(context, NAME, state="complete").projects
    (waits,) = [one for one in scenarios.listed(context) if one.name == "two_in_one"]
    assert waits.counts is None
    assert waits.waits_for is not None
    open_account(world, "water", "department")
    with pytest.raises(FlowError, match=r"access\.role"):
        scenarios.listed(on_behalf(world.hub, "water"))
    for wrong in ({"name": "land_then_strat"}, {"name": NAME, "state": "lat"}):
        with pytest.raises(UnknownNameError) as told:
            scenarios.one(context, **wrong)
        assert NAME in told.value.facts["hint_en"] or "late" in told.value.facts["hint_en"]


def test_a_county_counts_its_own_projects_alone(world: Filled) -> None:
    deal(world)
    world.execute("update golden.project set region_code = '140108'")
    world.hub.refresh_facts()
    for name, region, number in (
        ("here", "140108", 1),
        ("city", "1401", 1),
        ("there", "140109", 0),
    ):
        open_account(world, name, "supervisor", regions=(region,))
        context = on_behalf(world.hub, name)
        (of_name,) = [one for one in scenarios.listed(context) if one.name == NAME]
        assert of_name.counts is not None
        assert sum(of_name.counts.values()) == number
        assert len(scenarios.one(context, NAME).projects) == number


def test_a_reader_sees_the_whole_or_that_it_is_not_for_him(world: Filled) -> None:
    deal(world)
    whole = shown(world)
    open_account(world, "water", "department", "project")
    found = scenarios.of_project(on_behalf(world.hub, "water"), CODE)
    assert (found.denied, found.scenarios) == (True, ())
    open_account(world, "plan", "department", "project", "clock")
    assert shown(world, on_behalf(world.hub, "plan")) == whole


def test_verification_rebuilds_them(world: Filled) -> None:
    deal(world)
    shown(world)
    assert world.hub.verify(by="li", only=["facts"]).wrong == 0
    world.execute("update fact.scenario set due = due + interval '1 day' where due is not null")
    wrong = world.hub.verify(by="li", only=["facts"])
    assert [one.what for one in wrong.findings] == ["fact.scenario"]
    world.execute("delete from fact.scenario")
    assert world.hub.verify(by="li", only=["facts"]).wrong >= 1

"""The made-up world: deterministic, consistent, and moving forward only."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from stdnum.cn import uscc

from sandbox.world import World
from sandbox.world.clock import BEIJING, EPOCH, day_of, time_of_edit
from sandbox.world.life_record import Life

TICKS = (0, 1, 2, 7, 40)
CODE = re.compile(r"\d{4}-\d{6}-\d{2}-\d{2}-\d{6}")


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def lives(world: World) -> list[Life]:
    return [world.life(index, tick=0) for index in range(world.size)]


@pytest.fixture(scope="module")
def later(world: World) -> list[Life]:
    return [world.life(index, tick=40) for index in range(world.size)]


def updates(life: Life) -> Iterator[datetime]:
    """Give the update times of everything in a life but the basics."""
    for name in (
        "unit_works",
        "stages",
        "items",
        "documents",
        "materials",
        "fire_cases",
        "parcels",
        "registrations",
    ):
        yield from (thing.updated_at for thing in getattr(life, name))
    yield from (step.at for step in life.steps)
    yield from (connection.updated_at for connection in life.connections)


def test_the_same_seed_index_and_tick_give_the_same_life():
    assert World(seed=5).life(17, tick=3) == World(seed=5).life(17, tick=3)
    assert World(seed=5).life(17, tick=3) != World(seed=6).life(17, tick=3)


def test_without_a_number_the_world_holds_exactly_the_published_codes(world: World):
    codes = {world.code(index) for index in range(world.size)}
    assert world.size == len(codes) == 309
    assert {
        "审核中",
        "驳回",
        "作废",
        "2017-510681-41-03-1655130-010",
        "2504-520555-04-05-206196",
    } <= codes


def test_published_codes_keep_their_published_names(world: World):
    index = world.index_of("2019-000052-76-01-002744")
    assert index is not None
    assert world.project(index, tick=0).name == "贵州省遵义市观音水库"


def test_invented_projects_go_on_after_the_published_ones_without_a_repeated_code():
    world = World(projects=3_000)
    codes = [world.code(index) for index in range(world.size)]
    assert len(set(codes)) == 3_000
    assert all(CODE.fullmatch(code) for code in codes[309:])


@pytest.mark.parametrize("index", [0, 4, 309, 899_999, 900_001, 999_999])
def test_a_code_leads_back_to_its_project_even_among_a_million(index: int):
    world = World(projects=1_000_000)
    assert world.index_of(world.code(index)) == index


def test_a_code_that_is_nobodys_leads_nowhere(world: World):
    assert [
        world.index_of(code)
        for code in ("2601-520100-04-01-999999", "", "审核", "2101-520102-04-01-10000X")
    ] == [None] * 4


def test_credit_codes_are_valid_but_for_the_stand_ins_of_authorities(lives: list[Life]):
    parties = {party.uscc for life in lives for party in life.parties}
    authorities = {item.authority.uscc for life in lives for item in life.items}
    stand_ins = {code for code in authorities if code.startswith("TE")}
    assert stand_ins
    assert all(len(code) == 18 for code in stand_ins)
    assert all(uscc.is_valid(code) for code in parties | authorities - stand_ins)


def test_a_malformed_project_has_nothing_but_its_basics(lives: list[Life]):
    malformed = [life for life in lives if life.project.malformed]
    assert len(malformed) == 12
    assert all(life == Life(project=life.project) for life in malformed)


def test_every_reference_within_a_life_leads_to_something(lives: list[Life]):
    for life in lives:
        items = {item.number for item in life.items}
        stages = {stage.number for stage in life.stages}
        numbers = {document.number for document in life.documents}
        assert {item.stage_number for item in life.items} <= stages
        assert {step.item_number for step in life.steps} == items
        for things in (
            life.documents,
            life.materials,
            life.fire_cases,
            life.consultations,
            life.completion_filings,
        ):
            assert {thing.item_number for thing in things} <= items
        assert {material.issued_by_item for material in life.materials} <= items | {None}
        assert {filing.construction_permit for filing in life.completion_filings} <= numbers
        assert {registration.permit_number for registration in life.registrations} <= numbers | {
            None
        }


def test_numbers_that_identify_are_used_once_in_the_whole_world(later: list[Life]):
    for name in (
        "items",
        "documents",
        "materials",
        "unit_works",
        "connections",
        "completion_filings",
    ):
        numbers = [
            (getattr(thing, "utility", ""), thing.number)
            for life in later
            for thing in getattr(life, name)
        ]
        assert len(numbers) == len(set(numbers)), name
    parcels = [parcel.number for life in later for parcel in life.parcels]
    assert len(parcels) == len(set(parcels))


def test_real_estate_numbers_have_their_shape(later: list[Life]):
    for life in later:
        for parcel in life.parcels:
            assert re.fullmatch(r"\d{12}GB\d{5}W0{8}", parcel.unit_number)
            assert parcel.unit_number.startswith(parcel.number)
        for registration in life.registrations:
            assert re.fullmatch(r"\d{12}GB\d{5}(W0{8}|F\d{8})", registration.unit_number)


def test_areas_of_the_buildings_add_up_to_the_projects(lives: list[Life]):
    for life in lives:
        if life.unit_works:
            assert sum(work.floor_area for work in life.unit_works) == life.project.floor_area


def test_planned_dates_are_in_order_and_steps_too(later: list[Life]):
    for life in later:
        assert life.project.registered_on < life.project.planned_start < life.project.planned_end
        for item in life.items:
            times = [step.at for step in life.steps if step.item_number == item.number]
            assert times == sorted(times)
            assert (
                item.status
                == [step.status for step in life.steps if step.item_number == item.number][-1]
            )


def test_all_four_stages_and_every_kind_of_thing_occur(lives: list[Life]):
    assert {stage.ordinal for life in lives for stage in life.stages} == {1, 2, 3, 4}
    assert {step.status for life in lives for step in life.steps} >= {
        1,
        2,
        3,
        6,
        7,
        8,
        9,
        10,
        11,
        12,
        13,
    }
    for name in Life.__slots__:
        assert any(getattr(life, name) for life in lives), name


def test_a_tick_only_adds_and_dates_what_it_adds_within_its_own_day(world: World):
    for index in range(0, world.size, 3):
        for before, after in pairwise(TICKS):
            old, new = world.life(index, tick=before), world.life(index, tick=after)
            assert set(old.steps) <= set(new.steps)
            assert {item.number for item in old.items} <= {item.number for item in new.items}
            for step in set(new.steps) - set(old.steps):
                assert day_of(before + 1) <= step.at < day_of(after) + timedelta(days=1)


def test_at_tick_0_all_update_times_lie_before_the_end_of_its_day(lives: list[Life]):
    for life in lives:
        assert max([life.project.updated_at, *updates(life)]) < EPOCH


def test_the_cheap_update_time_is_that_of_the_basics(world: World):
    for tick in TICKS:
        for index in range(0, world.size, 7):
            assert world.updated_at(index, tick=tick) == world.project(index, tick=tick).updated_at


def test_some_basics_change_with_the_ticks_and_some_projects_become_void_or_are_withdrawn(
    world: World,
):
    before = [world.project(index, tick=0) for index in range(world.size)]
    after = [world.project(index, tick=40) for index in range(world.size)]
    assert all(
        new.total_investment > old.total_investment for old, new in zip(before, after, strict=True)
    )
    assert all(new.updated_at > old.updated_at for old, new in zip(before, after, strict=True))
    assert not any(project.void or project.withdrawn for project in before)
    assert 5 < sum(project.void for project in after) < 30
    assert 5 < sum(project.withdrawn for project in after) < 30


def test_the_first_tick_already_shows_a_void_and_a_withdrawn_project(world: World):
    first = [world.project(index, tick=1) for index in range(world.size)]
    assert any(project.void for project in first)
    assert any(project.withdrawn for project in first)


def test_a_correction_at_the_source_comes_after_everything_else_of_its_day():
    assert (
        day_of(3) + timedelta(hours=17)
        < time_of_edit(3, ordinal=0)
        < time_of_edit(3, ordinal=1)
        < day_of(4)
    )
    assert day_of(0) + timedelta(days=1) == EPOCH == datetime(2026, 10, 1, tzinfo=BEIJING)

"""An entity that only files declare has a clock of its own, holds its stage open and stands on the
timeline.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from types import MappingProxyType

import pytest

from hub import wiring
from hub.auth import Reader
from hub.auth.context import RequestContext
from hub.config import connector_schemas, contract_files
from hub.db import facts as stored
from hub.domain import clock
from hub.domain.declared import Parent, Timing
from hub.domain.documents import ContractProblem
from hub.domain.load import ContractsInvalidError, load
from hub.pipeline import facts
from hub.services import health
from hub.services.project_timeline import life
from tests.filled import CODE, HOME, Filled
from tests.postgres import DatabaseServer
from tests.services.axis import ZONE
from tests.services.lives import at, item, put
from tests.services.test_new_entity import STATES, opened
from tests.services.test_sections import FIELD, SCHEMA

NOW = datetime.fromisoformat("2026-11-20T17:30+08:00")
LIMIT = """
title: {zh: 中介服务时限, en: Limits of services}
source: made up
status: in_force
from: "2020-01-01"
limits:
  - {scope: case, of: agency_case, days: 5, when: {agency: 某评审所}}
"""
DATE = {"format": "date"}
Problems = tuple[ContractProblem, ...]


def schema(name: str, clock: dict[str, object], **fields: dict[str, object]) -> str:
    more = {
        field: FIELD | {"title": field, "x-title-zh": field} | rule
        for field, rule in fields.items()
    }
    said = SCHEMA | {
        "$id": f"urn:onecode:{name}",
        "x-case": {"unit": ["agency"], "status": "state", "ended": "finished_on"},
        "x-clock": clock,
        "properties": {**SCHEMA["properties"], **more},
    }
    return json.dumps(said)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the product, with two schemas, one code list and one limit more."""
    home = tmp_path_factory.mktemp("home")
    for name in ("schemas", "mappings"):
        shutil.copytree(HOME / name, home / name)
    tells = {"number": "number", "stage": "stage_number", "name": "agency", "began": "applied_on"}
    (home / "schemas/agency_case.json").write_text(
        schema(
            "agency_case",
            {"as": "item", "limit": "days", "failed": ["refused"], **tells},
            state={"x-code": "service_state"},
            stage_number={},
            finished_on=DATE,
            days={"type": "integer"},
        ),
        encoding="utf-8",
    )
    (home / "schemas/service_rest.json").write_text(
        schema(
            "service_rest",
            {
                "as": "pause",
                "of": {"number": "agency_case.number"},
                "began": "applied_on",
                "ended": "finished_on",
            },
            state={"x-code": "service_state"},
            finished_on=DATE,
        ),
        encoding="utf-8",
    )
    states = STATES.replace('  "shut"', '  "refused": {zh: 不予受理, en: Refused}\n  "shut"')
    states = states.replace('["shut"]', '["shut", "refused"]')
    (home / "mappings/codes/service_state.yaml").write_text(states, encoding="utf-8")
    (home / "mappings/limits/service.yaml").write_text(LIMIT, encoding="utf-8")
    return home


@pytest.fixture
def world(database_server: DatabaseServer, filled_template: str, home: Path) -> Iterator[Filled]:
    """A hub that knows them, with a project that no source calls finished and a stage of one
    finished item.
    """
    with database_server.database(template=filled_template) as url:
        made = Filled(url, HUB_HOME=str(home))
        made.hub.close()
        made.hub = wiring.start(environ=made.environ)
        made.hub.migrate()
        made.hub.contracts = made.hub.contracts_now()
        assert made.hub.contracts.problems == ()
        made.hub.refresh_facts()
        made.execute("update golden.project set finished = null, finished_on = null")
        with made.hub.database.write() as tx:
            put(tx, "stage", number="S1", ordinal="1", limit_days=20)
            item(tx, "A", ("1", "11-02T09:00"), ("3", "11-03T09:00"), ("11", "11-12T17:30"))
        yield made
        made.hub.close()


@pytest.fixture
def clerk(world: Filled) -> Reader:
    return opened(world, "li", "administrator")


def service(world: Filled, **values: object) -> int:
    said: dict[str, object] = {
        "number": "ZJ-1",
        "agency": "某所",
        "state": "open",
        "applied_on": "2026-11-09",
    }
    said["stage_number"] = "S1"
    with world.hub.database.write() as tx:
        return put(tx, "agency_case", **{**said, **values})


def computed(world: Filled, record: int, now: datetime = NOW) -> dict[str, object]:
    facts.refresh(world.hub.database, now=now)
    (row,) = world.rows("select * from fact.clock where record_id = %s", record)
    return row


def stage(world: Filled, now: datetime = NOW) -> dict[str, object]:
    facts.refresh(world.hub.database, now=now)
    (row,) = world.rows("select * from fact.stage")
    return row


def lights(world: Filled, clerk: Reader, record: int, *when: str) -> list[str]:
    """The light of a record's clock at these moments, by the moments at which it turns."""
    row = computed(world, record)
    assert row["light"] is None
    told = []
    for moment in when:
        now = datetime.fromisoformat(at(moment))
        red, yellow = row["red_at"], row["yellow_at"]
        assert isinstance(red, datetime)
        assert isinstance(yellow, datetime)
        told.append("red" if now > red else "yellow" if now >= yellow else "green")
    return told


def test_its_clock_runs_by_its_own_limit_and_turns(world: Filled, clerk: Reader):
    record = service(world, days=5)
    row = computed(world, record)
    assert (row["scope"], row["limit_days"], row["limit_ref"], row["units"]) == (
        *("item", 5, "source", ["某所"]),
    )
    told = lights(world, clerk, record, "11-12T12:00", "11-13T17:30", "11-17T09:30")
    assert told == ["green", "yellow", "red"]


def test_a_limit_of_a_file_holds_for_those_that_it_names(world: Filled):
    named, other = service(world, agency="某评审所"), service(world, number="ZJ-2")
    assert (computed(world, named)["limit_ref"], computed(world, named)["limit_days"]) == (
        *("service:1", 5),
    )
    assert computed(world, other)["limit_ref"] is None


def test_it_ends_when_its_record_says_so(world: Filled):
    record = service(world, days=5)
    assert computed(world, record)["end_basis"] is None
    world.execute(
        "update golden.agency_case set state = 'shut', finished_on = '2026-11-13'"
        " where record_id = %s",
        record,
    )
    row = computed(world, record)
    assert (row["end_basis"], row["end_kind"], row["used_days"], row["light"]) == (
        *("source", "shut", 3, "green"),
    )


def test_of_one_that_is_over_since_nobody_knows_when_no_light_is_told(world: Filled):
    record = service(world, days=1, state="shut")
    row = computed(world, record)
    assert (row["end_basis"], row["ended_at"], row["began"], row["light"]) == (
        *("source", None, None, "none"),
    )


def test_it_holds_its_stage_open(world: Filled):
    assert (stage(world)["end_basis"], stage(world)["turn"]) == ("idle", "applicant")
    record = service(world)
    row = stage(world)
    assert (row["end_basis"], row["turn"], row["stands"]) == (None, "unit", False)
    world.execute(
        "update golden.agency_case set finished_on = '2026-11-16' where record_id = %s", record
    )
    row = stage(world)
    assert (row["end_basis"], row["used_days"]) == ("idle", 8)  # to the end of 11-13
    with world.hub.database.write() as tx:
        tx.execute("delete from golden.agency_case")
    assert stage(world)["used_days"] == 7


def test_a_stage_of_which_all_failed_ends_without_a_result(world: Filled):
    world.execute("update golden.approval_step set status = '13' where status = '11'")
    refused = service(world, state="refused", finished_on="2026-11-13")
    row = stage(world)
    assert row["end_basis"] == "idle"
    assert row["without_at"] is not None
    world.execute("update golden.agency_case set state = 'shut' where record_id = %s", refused)
    assert stage(world)["without_at"] is None  # one of them gave something


def test_what_suspends_it_is_declared_as_well(world: Filled):
    record = service(world, days=5)
    with world.hub.database.write() as tx:
        put(tx, "service_rest", number="ZJ-1", applied_on="2026-11-11")
    row = computed(world, record)
    assert (row["stands"], row["exact_days"], row["red_at"]) == (True, 2, None)
    world.execute("update golden.service_rest set finished_on = '2026-11-16'")
    row = computed(world, record)
    assert (row["stands"], len(list(row["pauses"]))) == (False, 1)
    assert row["red_at"] > computed_without(world, record)["red_at"]


def computed_without(world: Filled, record: int) -> dict[str, object]:
    world.execute("delete from golden.service_rest")
    return computed(world, record)


def test_it_stands_on_the_timeline_within_its_stage(world: Filled, clerk: Reader):
    record = service(world, days=5)
    computed(world, record)
    told = life(RequestContext(world.hub, clerk), CODE)
    (passage,) = told.stages
    shown = {one.record_id: one for one in passage.items}
    assert len(shown) == 2
    assert shown[record].clock is not None
    assert (shown[record].clock.days, shown[record].denied) == (5, False)


def test_its_facts_are_what_the_pure_clock_says_and_what_is_computed_anew(world: Filled):
    random, rules = Random(7), world.hub.contracts.clock  # noqa: S311 -- seeded on purpose
    assert rules
    said: dict[int, tuple[date, date | None, int]] = {}
    for number in range(60):
        begun = date(2026, 9, 7) + timedelta(days=random.randrange(60))
        ended = begun + timedelta(days=random.randrange(1, 30)) if random.random() < 0.6 else None
        days = random.choice((1, 3, 10))
        over = {"finished_on": ended, "state": "shut"} if ended else {}
        record = service(
            world, number=f"R{number}", stage_number=None, applied_on=begun, days=days, **over
        )
        said[record] = begun, ended, days
    facts.refresh(world.hub.database, now=NOW)
    found = {
        row["record_id"]: row
        for row in world.rows("select * from fact.item where left(number, 1) = 'R'")
    }
    for record, (begun, ended, days) in said.items():
        span = _moment(begun), _moment(ended) if ended else None
        told = clock.read(rules, [span], over=ended is not None, days=days, limit=None, now=NOW)
        row = found[record]
        assert row["due_at"] == told.due
        if ended:
            assert (float(str(row["used_days"])), row["light"]) == (told.used, told.light)
        else:
            assert (row["red_at"] < NOW, row["yellow_at"] <= NOW) == (
                *(told.light == "red", told.light != "green"),
            )
    with world.hub.database.write() as tx:
        count, wrong, steps, *_ = facts.check(tx, [CODE], stored.state(tx))
    assert count > len(said)
    assert (wrong, steps) == ([], [])


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(0), ZONE)


FAR = 24_856
"""Days of which the seconds pass 2**31."""


@pytest.mark.parametrize("days", [FAR, 2**31])
def test_a_limit_of_a_lifetime_is_a_limit(world: Filled, days: int):
    record = service(world, days=days)
    assert (computed(world, record)["limit_days"], stage(world)["turn"]) == (days, "unit")


def test_a_pause_of_a_lifetime_is_a_pause(world: Filled):
    with world.hub.database.write() as tx:
        record = item(tx, "B", ("1", "11-02T09:00"), ("3", "11-03T09:00"))
        put(tx, "special_procedure", item_number="B", started_at=at("11-05T09:00"), limit_days=FAR)
    assert computed(world, record)["specials"] == 1


def test_a_project_that_cannot_be_computed_keeps_no_other_from_it(
    world: Filled, caplog: pytest.LogCaptureFixture
):
    others = [service(world, number=f"O{one}", project_code=f"P{one}") for one in range(5)]
    record = service(world, days=5)
    computed(world, record)
    world.execute("update golden.agency_case set agency = '某二所'")
    world.execute("update golden.agency_case set days = 2 ^ 62 where record_id = %s", record)
    assert facts.refresh(world.hub.database, now=NOW) == len(others)
    assert [one.__dict__["project"] for one in caplog.records if "project" in one.__dict__] == [
        CODE
    ]
    (row,) = world.rows("select units, limit_days from fact.clock where record_id = %s", record)
    assert (row["units"], row["limit_days"]) == (["某所"], 5)  # as it stood
    rows = world.rows("select units from fact.item where record_id = any(%s)", others)
    assert rows == [{"units": ["某二所"]}] * len(others)
    with world.hub.database.read() as tx:
        assert (facts.pending(tx), stored.changed(tx, CODE)) == (1, True)
    world.execute("update golden.agency_case set days = 6 where record_id = %s", record)
    assert computed(world, record)["limit_days"] == 6


def test_verifying_halves_a_portion_as_well(world: Filled):
    for one in range(4):
        service(world, number=f"O{one}", project_code=f"P{one}")
    facts.refresh(world.hub.database, now=NOW)
    world.execute("update golden.agency_case set days = 2 ^ 62 where project_code = 'P0'")
    world.execute("delete from fact.touched")
    found = [one.where for one in world.hub.verify().findings if one.kind == "fact"]
    assert found == ["project P0"]


def test_people_are_told_of_clocks_that_stay_uncomputed(world: Filled):
    record = service(world, days=2**62)
    assert facts.refresh(world.hub.database, now=NOW) == 0
    world.execute("update fact.touched set at = now() - interval '2 hours'")
    world.hub.watch()
    (told,) = world.rows("select times from hub.alert where cause = 'clocks'")
    assert told["times"] == 1
    world.execute("update golden.agency_case set days = 5 where record_id = %s", record)
    computed(world, record)
    world.hub.watch()
    (told,) = world.rows("select closed_at from hub.alert where cause = 'clocks'")
    assert told["closed_at"] is not None


@pytest.mark.parametrize("kind", [{"type": "boolean"}, {}, {"type": "integer"}])
def test_an_end_that_is_taken_from_the_case_is_a_moment(kind: dict[str, object]):
    said = schema(
        "agency_case",
        {"as": "item", "number": "number"},
        state={"x-code": "item_status"},
        finished_on=kind,
    )
    assert [(one.code, dict(one.facts)) for one in problems(said)] == [
        ("contract.clock_unfit", {"name": "finished_on", "word": "ended"})
    ]


def problems(said: str, more: Mapping[str, str] = MappingProxyType({})) -> Problems:
    files = {**contract_files(HOME), "schemas/agency_case.json": said, **more}
    with pytest.raises(ContractsInvalidError) as told:
        load(files, connector_schemas(), year=2026)
    return tuple(told.value.problems)


def test_a_step_that_names_no_item_or_no_status_stops_nothing(world: Filled):
    with world.hub.database.write() as tx:
        record = item(tx, "B", ("1", "11-02T09:00"), ("3", "11-03T09:00"))
        put(tx, "approval_step", item_number=None, status="1", at=at("11-04T09:00"))
        put(tx, "approval_step", item_number="B", status=None, at=at("11-04T09:00"))
        put(tx, "approval_step", item_number="B", status="11", at=None)
        put(tx, "special_procedure", item_number=None, started_at=at("11-05T09:00"))
    assert (computed(world, record)["began"], computed(world, record)["turn"]) == (
        *(datetime.fromisoformat(at("11-03T09:00")), "unit"),
    )


def test_what_notes_no_changes_yet_waits_for_migrate(world: Filled):
    """An entity that had its table is given a clock."""
    for one in ("new", "old", "both"):
        world.execute(f"drop trigger facts_{one} on golden.agency_case")
    with world.hub.database.write() as tx:
        tx.execute("update fact.state set rules = 'earlier', said = said || '{\"clocks\": []}'")
    record = service(world, days=5)
    world.hub.refresh_facts()
    assert world.rows("select * from fact.clock where record_id = %s", record) == []
    assert held(world) == ("alert.clocks_unprepared", {"entities": "agency_case"})
    contracts = {one.name: one for one in health.look(world.hub).checks}["contracts"]
    assert [one.code for one in contracts.told] == ["alert.clocks_unprepared"]
    assert not contracts.stops
    world.hub.migrate()
    assert held(world) is None
    assert all(one.ok for one in health.look(world.hub).checks if one.name == "contracts")
    (row,) = world.rows("select limit_days from fact.clock where record_id = %s", record)
    assert row["limit_days"] == 5
    world.execute("update golden.agency_case set days = 6")
    assert computed(world, record)["limit_days"] == 6


def test_a_schema_that_is_unsound_takes_no_clock_away(world: Filled):
    record = service(world, days=5)
    computed(world, record)
    sound = world.hub.contracts
    said = {name: one for name, one in sound.entities.items() if name != "agency_case"}
    wrong = ContractProblem("schemas/agency_case.json", 1, "contract.json", {})
    world.hub.contracts = replace(sound, entities=said, problems=(wrong,))
    assert not facts.adopt(world.hub.database, world.hub.contracts)
    world.execute("update golden.agency_case set days = 6")
    assert computed(world, record)["limit_days"] == 6
    assert held(world) == ("alert.clocks_unsound", {"file": "schemas/agency_case.json"})
    world.hub.watch()
    assert world.rows("select code from hub.alert where cause = 'clocks kept'") == [
        {"code": "alert.clocks_unsound"}
    ]
    world.hub.contracts = sound
    assert held(world) is None


def test_schemas_that_say_nothing_of_clocks_take_none_away(world: Filled):
    record = service(world, days=5)
    computed(world, record)
    said = {name: replace(one, clock=None) for name, one in world.hub.contracts.entities.items()}
    world.hub.contracts = replace(world.hub.contracts, entities=said)
    world.hub.refresh_facts()
    assert computed(world, record)["limit_days"] == 5
    assert held(world) == ("alert.clocks_undeclared", {})
    world.execute("delete from fact.clock where scope <> 'project'")
    assert held(world) is None


def held(world: Filled) -> tuple[str, dict[str, str]] | None:
    why = world.hub.facts_kept_from()
    return (why.code, why.facts) if why else None


def visit_tells(number: str, status: str, moment: str, **values: object) -> dict[str, object]:
    """A step of a service, in its own codes."""
    return {"number": number, "state": status, "applied_on": moment, **values}


@pytest.fixture
def stepped(world: Filled) -> Filled:
    """The same, with steps of services in a list of codes of their own."""
    world.execute("create table golden.service_visit (like golden.agency_case including all)")
    step = Timing(
        "service_visit",
        "step",
        {"status": "state", "at": "applied_on"},
        dates=("at",),
        parent=Parent("agency_case", "number", "number"),
    )
    known = world.hub.contracts.entities
    visit = replace(known["agency_case"], name="service_visit", clock=step)
    world.hub.contracts = replace(world.hub.contracts, entities={**known, "service_visit": visit})
    with world.hub.database.write() as tx:
        stored.migrate(tx, world.hub.contracts.entities.values())
    world.hub.refresh_facts()
    return world


def test_steps_in_codes_of_their_own_leave_the_end_to_the_record(stepped: Filled):
    record = service(stepped, days=5)
    with stepped.hub.database.write() as tx:
        put(tx, "service_visit", **visit_tells("ZJ-1", "open", "2026-11-10"))
    row = computed(stepped, record)
    assert (row["end_basis"], row["limit_days"]) == (None, 5)
    stepped.execute("update golden.agency_case set finished_on = '2026-11-13', state = 'refused'")
    row = computed(stepped, record)
    assert (row["end_basis"], row["end_kind"], row["used_days"], row["light"]) == (
        *("source", "refused", 3, "green"),
    )


def test_an_item_whose_steps_tell_no_end_ends_as_its_record_says(world: Filled):
    steps = ("1", "11-02T09:00"), ("3", "11-03T09:00")
    with world.hub.database.write() as tx:
        ended = item(tx, "B", *steps, status="11", status_at=at("11-12T17:30"))
        again = item(tx, "C", *steps, status="11", status_at=at("11-02T17:30"))
        told = item(
            tx, "D", *steps, ("11", "11-10T17:30"), status="13", status_at=at("11-12T17:30")
        )
    row = computed(world, ended)
    assert (row["end_basis"], row["end_kind"], row["used_days"], row["exact_days"]) == (
        *("source", "11", 7, 8),
    )
    assert computed(world, again)["end_basis"] is None  # taken up since
    row = computed(world, told)
    assert (row["end_kind"], row["ended_at"]) == (
        *("11", datetime.fromisoformat(at("11-10T17:30"))),
    )


@pytest.mark.parametrize("above", ["agency_case.agency", "stage.number", "project.name"])
def test_what_a_step_names_is_the_number_of_an_item(above: str):
    clock = {"as": "pause", "of": {"number": above}, "began": "applied_on"}
    said = schema("service_rest", clock, state={"x-code": "item_status"}, finished_on=DATE)
    item_said = schema(
        "agency_case",
        {"as": "item", "number": "number"},
        state={"x-code": "item_status"},
        finished_on=DATE,
    )
    files = {"schemas/service_rest.json": said}
    found = problems(item_said, files)
    entity, _, field = above.partition(".")
    assert [(one.code, dict(one.facts)) for one in found] == [
        ("contract.clock_parent", {"entity": entity, "field": field})
    ]

"""Records without a project code find it by the numbers that they share with others."""

import random

import pytest

from hub.db import crosswalk as known
from hub.db import entity_tables, landing, structure
from hub.pipeline import crosswalk, verify
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.partners import Desk, Source
from tests.pipeline.small import CODE, FILES, OTHER

PLAN, PERMIT, SITE = "pull.plan.project", "pull.build.permit", "pull.build.site"
NAMED = '"plot": {"title": "Plot"'
WITH_DEED = FILES | {
    "schemas/permit.json": FILES["schemas/permit.json"].replace(
        NAMED,
        '"deed": {"title": "Deed", "x-title-zh": "证书", "type": "string", "x-class": "public", '
        '"x-identifies": "deed",'
        ' "x-standard": null, "x-why": "only in this small world"}, '
        '"unit": {"title": "Unit", "x-title-zh": "单元", "type": "string", "x-class": "public",'
        ' "x-identifies": "real_estate_unit", "x-standard": null, "x-why": "only in this small '
        'world"}, ' + NAMED,
    ),
    "mappings/build/permit.pull.yaml": FILES["mappings/build/permit.pull.yaml"]
    + "  deed: {from: deed, use: [trim]}\n  unit: {from: unit, use: [trim]}\n",
}


@pytest.fixture
def hub(small: Small) -> Small:
    """Permits with a plot, a deed and a real-estate unit; two projects are there."""
    small.contracts = contracts_of(WITH_DEED)
    with small.database.write() as tx:
        entity_tables.migrate(tx, small.contracts.entities["permit"])
        structure.keep(tx, [])
    projects = [
        {"id": code, "code": code, "name": code, "money": "1", "at": "1"} for code in (CODE, OTHER)
    ]
    small.pull(PLAN, Source(projects))
    return small


def projects_of(hub: Small) -> dict[str, object]:
    return {
        key: row["project_code"]
        for key, row in hub.golden("permit").items()
        if row["deleted_at"] is None
    }


def settled(hub: Small) -> dict[str, object]:
    """What the records say once nothing is left to be released."""
    for _ in range(6):
        if not hub.release():
            found = verify.verify(hub.database, hub.contracts, hub.settings)
            assert found.findings == []
            return projects_of(hub)
    raise AssertionError


def test_a_number_is_passed_on_by_a_record_that_borrowed_its_code(hub: Small):
    hub.pull(
        PERMIT, Source([{"number": "C", "deed": "D7"}, {"number": "B", "deed": "D7", "plot": "P"}])
    )
    assert projects_of(hub) == {}
    hub.pull(PERMIT, Source([{"number": "A", "plot": "P", "code": CODE}]))
    assert settled(hub) == {"A": CODE, "B": CODE, "C": CODE}


def test_when_the_record_with_the_code_goes_those_that_borrowed_do_not_keep_each_other_alive(
    hub: Small,
):
    rows = [{"number": "A", "plot": "P", "code": CODE}, {"number": "B", "plot": "P", "deed": "D"}]
    rows += [{"number": key, "plot": "P", "deed": "D"} for key in "CE"] + [
        {"number": "F", "deed": "D"}
    ]
    hub.pull(PERMIT, Source(rows))
    assert settled(hub) == dict.fromkeys("ABCEF", CODE)
    hub.pull(PERMIT, Source([{"number": "A", "plot": "Q", "code": CODE}]))
    assert settled(hub) == {"A": CODE}
    assert {row["key"] for row in hub.rows("select key from hub.waiting")} == set("BCEF")


def test_a_number_that_two_projects_share_decides_only_together_with_another(hub: Small):
    rows = [
        {"number": "A", "plot": "P", "code": CODE},
        {"number": "B", "plot": "P", "code": OTHER, "deed": "D"},
    ]
    hub.pull(
        PERMIT,
        Source([*rows, {"number": "C", "plot": "P"}, {"number": "E", "plot": "P", "deed": "D"}]),
    )
    assert settled(hub) == {"A": CODE, "B": OTHER, "E": OTHER}


def test_numbers_that_name_different_projects_leave_the_record_waiting_until_they_agree(hub: Small):
    rows = [{"number": "A", "plot": "P", "code": CODE}, {"number": "B", "deed": "D", "code": OTHER}]
    hub.pull(PERMIT, Source([*rows, {"number": "C", "plot": "P", "deed": "D"}]))
    assert settled(hub) == {"A": CODE, "B": OTHER}
    hub.pull(PERMIT, Source([{"number": "A", "plot": "P", "code": OTHER}]))
    assert settled(hub) == dict.fromkeys("ABC", OTHER)


def test_a_record_loses_its_project_when_its_number_turns_out_to_be_shared_and_that_is_delivered(
    hub: Small,
):
    desk = Desk()
    hub.pull(
        PERMIT, Source([{"number": "A", "plot": "P", "code": CODE}, {"number": "C", "plot": "P"}])
    )
    assert settled(hub) == {"A": CODE, "C": CODE}
    hub.push("push.desk.project", desk)
    hub.push("push.desk.permit", desk)
    hub.pull(PERMIT, Source([{"number": "B", "plot": "P", "code": OTHER}]))
    assert settled(hub) == {"A": CODE, "B": OTHER}
    hub.push("push.desk.permit", desk)
    assert [body["bh"] for action, body in desk.applied.values() if action == "withdraw"] == ["C"]


def test_a_real_estate_unit_belongs_to_the_project_of_its_parcel(hub: Small):
    parcel = "520502001001GB00001"
    rows = [
        {"number": "A", "unit": f"{parcel}W00000000", "code": CODE},
        {"number": "B", "unit": f"{parcel}F00010023"},
    ]
    hub.pull(PERMIT, Source(rows))
    assert settled(hub) == {"A": CODE, "B": CODE}


def test_what_sql_releases_is_what_finds_its_home(hub: Small):
    """The rule of one sure project stands in SQL for all that waits, and in Python for each record:
    both agree.
    """
    chance = random.Random(11)  # noqa: S311 -- draws rows
    names = ["plot=1", "plot=2", "deed=1"]
    seen = set()
    for number in range(150):
        tokens = chance.sample(names, chance.randint(1, 3))
        pairs = [(token, project) for token in tokens for project in "PQR" if chance.random() < 0.4]
        refused = frozenset(project for project in "PQR" if chance.random() < 0.2)
        own = f"#{PERMIT}=k"
        with hub.database.write() as tx:
            for record, (token, project) in enumerate(pairs, start=10**6):
                tx.execute(
                    (
                        "insert into hub.crosswalk (token, record_id, project_code) values (%s, "
                        "%s, %s)"
                    ),
                    (token, record, project),
                )
            for project in refused:
                tx.execute(
                    "insert into hub.link (flow, key, project_code, verdict, by, reason)"
                    " values (%s, 'k', %s, 'refused', 'x', 'x')",
                    (PERMIT, project),
                )
            there = known.named(tx, tokens)
            wants = [f"?{token}" if token in there else token for token in (*tokens, own)]
            tx.execute(
                "insert into hub.waiting (flow, key, landing_id, wants) values (%s, 'k', 5, %s)",
                (PERMIT, wants),
            )
            released = landing.releasable(tx, PERMIT, after=0, most=9)
            home = crosswalk._resolve((*tokens, own), there, refused)
            assert bool(released) == (home.project_code is not None), (number, pairs, refused)
            seen.add(bool(released))
            tx.rollback()
    assert seen == {True, False}

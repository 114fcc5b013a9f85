"""What a person decides about a field outranks every system, is kept like a record, and can be
taken back.
"""

from datetime import UTC, datetime

import pytest

from hub.db.records import projects
from hub.domain.rights import operator
from hub.errors import FlowError
from hub.pipeline import decisions, verify
from hub.pipeline.decisions import FieldStatement
from hub.services.lineage import of_field
from tests.pipeline.conftest import Small
from tests.pipeline.partners import Desk, Source
from tests.pipeline.small import CODE
from tests.pipeline.test_remap import PLAN, project

RECORD = f"project:{CODE}"
NOW = datetime(2026, 11, 16, tzinfo=UTC)


@pytest.fixture
def known(small: Small) -> Small:
    """Two systems disagree about a name."""
    small.pull(PLAN, Source([project(1, code=CODE, name="甲", at="1")]))
    small.pull("pull.build.project", Source([{"id": "9", "code": CODE, "name": "乙"}]))
    return small


def settle(
    small: Small, value: object = "乙", field: str = "name", by: str = "王工", reason: str = "批文"
) -> int:
    return decisions.decide(
        *(small.database, small.contracts, small.settings, RECORD, field),
        word=FieldStatement(value, by, reason),  # type: ignore[arg-type]
        now=NOW,
    )


def undo(small: Small, field: str = "name") -> int:
    return decisions.undo(
        small.database,
        small.contracts,
        small.settings,
        RECORD,
        field,
        by="王工",
        reason="来源已更正",
    )


def name(small: Small) -> object:
    return small.golden()[CODE]["name"]


def disagreements(small: Small) -> list[object]:
    return [
        row["field"]
        for row in small.rows("select field from hub.disagreement where closed_at is null")
    ]


def sound(small: Small) -> list[verify.VerifyFinding]:
    return verify.verify(small.database, small.contracts, small.settings).findings


def test_a_decision_outranks_the_best_system_and_settles_the_disagreement(known: Small):
    assert (name(known), disagreements(known)) == ("甲", ["name"])
    run = settle(known)
    assert (name(known), disagreements(known)) == ("乙", [])
    (row,) = known.rows(f"select kind, state from hub.run where id = {run}")  # noqa: S608
    assert row == {"kind": "decide", "state": "complete"}
    known.pull(PLAN, Source([project(1, code=CODE, name="丙", at="2")]))
    assert name(known) == "乙"
    assert sound(known) == []


def test_a_decision_taken_back_lets_the_systems_speak_again(known: Small):
    settle(known)
    settle(known, "2027-01-02", "planned_start")
    undo(known)
    assert (name(known), disagreements(known)) == ("甲", ["name"])
    assert str(known.golden()[CODE]["planned_start"]) == "2027-01-02"
    undo(known, "planned_start")
    assert known.rows("select from source.project where system = 'steward'") == []
    assert sound(known) == []
    with pytest.raises(FlowError, match=r"decide\.none"):
        undo(known)


def test_a_decision_that_was_tampered_with_is_named(known: Small):
    settle(known)
    known.rows("update source.project set name = '丁' where system = 'steward' returning 1")
    assert "pull.steward.project" in {one.where.partition(" ")[0] for one in sound(known)}


def test_a_decision_whose_payload_was_erased_stands_and_can_be_taken_back(known: Small):
    settle(known)
    settle(known, "2027-01-02", "planned_start")
    (landing,) = known.rows("select landing_id from source.project where system = 'steward'")
    known.rows(
        f"update hub.landing set payload = null, salt = null where id = "  # noqa: S608
        f"{landing['landing_id']} returning 1"
    )
    with known.database.write() as tx:
        assert {
            (one.field, one.value, one.by) for one in decisions.standing(tx, known.contracts)
        } == {
            ("name", "乙", ""),
            ("planned_start", "2027-01-02", ""),
        }
    undo(known)
    assert (name(known), str(known.golden()[CODE]["planned_start"])) == ("甲", "2027-01-02")


def test_targets_are_told_what_was_decided(known: Small):
    desk = Desk()
    known.push("push.desk.project", desk)
    settle(known)
    known.push("push.desk.project", desk)
    assert [body["mc"] for _, body in desk.applied.values()][-1] == "乙"


def test_what_stands_says_who_decided_why_and_whether_it_is_still_needed(known: Small):
    settle(known)
    with known.database.write() as tx:
        (one,) = decisions.standing(tx, known.contracts)
    assert (one.field, one.value, one.by, one.reason, one.systems) == (
        "name",
        "乙",
        "王工",
        "批文",
        {"plan": "甲", "build": "乙"},
    )
    assert one.still
    known.pull(PLAN, Source([project(1, code=CODE, name="乙", at="2")]))
    with known.database.write() as tx:
        assert not decisions.standing(tx, known.contracts)[0].still


def test_a_decision_has_a_lineage_like_every_value(known: Small):
    settle(known)
    with known.database.write() as tx:
        found = of_field(
            tx, known.contracts, RECORD, "name", rights=operator(known.contracts.entities)
        )
        (arrival,) = projects.arrivals(tx, [found.claims[0].landing_id]).values()
    assert (found.chosen_by, found.claims[0].system, arrival.system) == (
        "steward",
        "steward",
        "steward",
    )
    assert found.origin
    assert found.origin.source == {"fields.name.value": "乙"}


def test_a_record_that_no_system_asserts_goes_though_something_was_decided_about_it(small: Small):
    small.pull(PLAN, Source([project(1, code=CODE, name="甲", at="1")]))
    settle(small)
    small.pull(PLAN, Source([project(1, code=CODE, name="甲", at="2", gone="1")]))
    assert small.golden()[CODE]["deleted_at"] is not None
    assert sound(small) == []
    small.pull(PLAN, Source([project(1, code=CODE, name="甲", at="3")]))
    assert (name(small), small.golden()[CODE]["deleted_at"]) == ("乙", None)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"by": " "}, "decide.unfounded"),
        ({"reason": ""}, "decide.unfounded"),
        ({"field": "project_code"}, "decide.identity"),
        ({"field": "colour"}, "ask.field_unknown"),
        ({"field": "planned_start", "value": "31.12.2026"}, "decide.invalid"),
        ({"value": 7}, "decide.invalid"),
        ({"value": None}, "decide.invalid"),
        ({"field": "investment", "value": "1.005"}, "decide.invalid"),
    ],
)
def test_a_decision_wants_a_name_a_reason_and_a_value_that_fits(
    known: Small, said: dict[str, str], code: str
):
    with pytest.raises(FlowError, match=code):
        settle(known, **said)

"""What a hostile review tried, and what must hold all the same."""

from datetime import datetime

import pytest

from hub.domain.cursor import back, moved
from hub.errors import FlowError, TransientError
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.partners import Source
from tests.pipeline.small import CODE, FILES, OTHER

NOW = datetime(2026, 11, 21)  # noqa: DTZ001 -- a partner's wall clock

PLAN, BUILD, PERMIT = "pull.plan.project", "pull.build.project", "pull.build.permit"


def project(number, **more):
    return {
        "id": f"p{number}",
        "code": f"2405-520502-04-01-1{number:05}",
        "name": f"项目{number}",
        "at": "1",
    } | more


def test_a_release_does_not_kill_the_pull_of_the_same_flow(small: Small):
    small.with_settings(batch_records=5)
    permits = Source(
        [{"code": f"2405-520502-04-01-1{n:05}", "number": f"A{n}"} for n in range(20)], size=5
    )

    def project_comes(start):
        if start == 15:
            small.pull(PLAN, Source([project(1)]))
            small.release()  # what every pull DAG and upkeep do at their end

    permits.before = project_comes
    small.pull(PERMIT, permits)
    assert {row["state"] for row in small.rows("select state from hub.run")} == {"complete"}


def test_a_replayed_record_that_had_no_readable_key_goes_under_its_own(small: Small):
    small.with_settings(payload_bytes=200)
    small.pull(BUILD, Source([{"id": "1", "code": CODE, "name": "旧", "note": "x" * 300}]))
    small.with_settings(payload_bytes=1000)
    small.replay()
    small.pull(BUILD, Source([{"id": "1", "code": CODE, "name": "新", "note": "x" * 300}]))
    assert len(small.rows("select from source.project")) == 1
    assert small.golden()[CODE]["name"] == "新"


@pytest.mark.parametrize("bad", [{"at": "x"}])
def test_a_bad_version_of_a_known_key_is_set_aside_not_lost_as_stale(small: Small, bad: dict):
    small.pull(PLAN, Source([project(1, at="3")]))
    assert small.pull(PLAN, Source([project(1, name="新", **bad)])) == {"read": 1, "quarantined": 1}


def test_a_lent_project_code_follows_its_lender(small: Small):
    small.pull(PLAN, Source([project(1, code=CODE), project(2, code=OTHER)]))
    small.pull(PERMIT, Source([{"code": CODE, "number": "A1", "plot": "P"}]))
    small.pull(PERMIT, Source([{"number": "A2", "plot": "P"}]))
    assert small.golden("permit")["A2"]["project_code"] == CODE
    small.pull(PERMIT, Source([{"code": OTHER, "number": "A1", "plot": "P"}]))
    small.release()
    assert small.golden("permit")["A2"]["project_code"] == OTHER


def test_a_link_that_was_ambiguous_is_released_when_it_no_longer_is(small: Small):
    small.pull(PLAN, Source([project(1, code=CODE), project(2, code=OTHER)]))
    rows = [
        {"code": CODE, "number": "A1", "plot": "P"},
        {"code": OTHER, "number": "A2", "plot": "P"},
    ]
    small.pull(PERMIT, Source(rows))
    small.pull(PERMIT, Source([{"number": "A3", "plot": "P"}]))
    small.pull(PERMIT, Source([{"code": CODE, "number": "A2", "plot": "P"}]))
    assert small.release() == 1


@pytest.mark.parametrize("again", [False, True])
def test_a_partner_that_joins_later_finds_the_records_that_were_there(small: Small, *, again: bool):
    everything = small.contracts
    small.contracts = contracts_of(
        {name: text for name, text in FILES.items() if "permit" not in name}
    )
    small.pull(PLAN, Source([project(1, code=CODE)]))
    small.contracts = everything  # the permit's contracts join
    if again:
        small.pull(PLAN, Source([project(1, code=CODE)]))
    small.pull(PERMIT, Source([{"code": CODE, "number": "A1"}]))
    small.release()
    assert "A1" in small.golden("permit")


def test_a_changed_version_rule_does_not_make_every_update_stale(small: Small):
    small.pull(PLAN, Source([project(1, at="7")]))
    file = "mappings/plan/project.pull.yaml"
    text = FILES[file].replace("version: at\nversion_as: integer\n", "")
    small.contracts = contracts_of(FILES | {file: text})
    assert small.pull(PLAN, Source([project(1, name="新", at="8")])) == {"read": 1, "changed": 1}


def test_one_record_from_the_future_does_not_end_the_flow():

    after = moved(
        {"watermark": "2024-05-01 00:00:00"},
        resume=None,
        high="2999-01-01 00:00:00",
        last=True,
        overlap=600,
        ceiling=NOW,
    )
    assert str(after["watermark"]) <= "2026-11-22"


@pytest.mark.parametrize("high", ["2024-05-01 10:00:00.1234567", "20241399", "99999999999999"])
def test_an_unreadable_cursor_is_a_flow_error(high: str):
    with pytest.raises(FlowError):
        back(high, 600)


def test_a_long_link_does_not_stop_the_flow(small: Small):
    long = "".join(
        chr(0x4E00 + n * 7919 % 20000) for n in range(3000)
    )  # nothing that could be compressed
    try:
        small.pull(PERMIT, Source([{"number": "A1", "plot": long}, {"number": "A2", "plot": "P"}]))
    except TransientError as error:
        pytest.fail(f"{error} for ever; cause {error.__cause__!r}"[:200])


def test_a_source_that_changes_the_kind_of_its_cursor_is_believed():
    after = moved(
        {"watermark": 20240501000000},
        resume=None,
        high="20240601000000",
        last=True,
        overlap=600,
        ceiling=NOW,
    )
    assert after["watermark"]


def test_same_version_twice_with_another_body(small: Small):
    small.pull(PLAN, Source([project(1, name="甲", at="1")]))
    small.pull(PLAN, Source([project(1, name="乙", at="1")]))
    small.pull(PLAN, Source([project(1, name="甲", at="1")]))
    assert small.golden()["2405-520502-04-01-100001"]["name"] == "甲"


def test_a_replay_after_the_version_rule_changed_applies_and_loses_nothing(small: Small):
    small.pull(PLAN, Source([project(1, name="", title="真名", at="7")]))
    file = "mappings/plan/project.pull.yaml"
    text = (
        FILES[file]
        .replace("version: at\nversion_as: integer\n", "")
        .replace("{from: name,", "{from: [name, title],")
    )
    small.contracts = contracts_of(FILES | {file: text})
    small.replay()
    assert [row["state"] for row in small.rows("select state from hub.quarantine")] == ["resolved"]

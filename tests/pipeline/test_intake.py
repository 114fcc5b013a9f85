import json
from dataclasses import replace
from threading import Event

import pytest

from hub.errors import HeldError, HubError, TransientError
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.partners import Source
from tests.pipeline.small import CODE, FILES, FLAGGED, OTHER

PLAN, BUILD, PERMIT = "pull.plan.project", "pull.build.project", "pull.build.permit"


def project(number: int, **more: object) -> dict[str, object]:
    return {
        "id": f"p{number}",
        "code": f"2405-520502-04-01-1{number:05}",
        "name": f"项目{number}",
        "at": "1",
    } | more


def test_a_first_load_creates_every_record(small: Small):
    assert small.pull(PLAN, Source([project(n) for n in range(250)])) == {
        "read": 250,
        "created": 250,
    }
    assert len(small.golden()) == 250


def test_the_same_source_again_changes_nothing(small: Small):
    rows = [project(n) for n in range(30)]
    small.pull(PLAN, Source(rows))
    assert small.pull(PLAN, Source(rows)) == {"read": 30, "unchanged": 30}
    assert {row["version"] for row in small.golden().values()} == {1}


def test_a_changed_record_makes_a_new_version_and_keeps_the_old_one(small: Small):
    small.pull(PLAN, Source([project(1)]))
    assert small.pull(PLAN, Source([project(1, name="改名", at="2")])) == {"read": 1, "changed": 1}
    (row,) = small.golden().values()
    assert (row["name"], row["version"]) == ("改名", 2)
    (old,) = small.rows("select version, body from hub.history")
    assert (old["version"], old["body"]["name"]) == (1, "项目1")


def test_units_are_converted_exactly(small: Small):
    small.pull(PLAN, Source([project(1, money="1234.5678")]))
    (row,) = small.golden().values()
    assert str(row["investment"]) == "12345678.00"


def test_an_older_version_is_kept_and_never_applied(small: Small):
    small.pull(PLAN, Source([project(1, name="新", at="10")]))
    assert small.pull(PLAN, Source([project(1, name="旧", at="9")])) == {"read": 1, "stale": 1}
    (row,) = small.golden().values()
    assert row["name"] == "新"
    assert len(small.rows("select from hub.landing")) == 2


def test_an_overlap_lands_no_old_version_twice(small: Small):
    rows = [project(1, name=f"第{at}版", at=str(at)) for at in range(1, 5)]
    assert small.pull(PLAN, Source(rows)) == {"read": 4, "created": 1, "superseded": 3}
    assert small.pull(PLAN, Source(rows)) == {"read": 4, "unchanged": 4}
    assert len(small.rows("select from hub.landing")) == 4


def test_of_one_key_in_one_batch_the_newest_version_counts(small: Small):
    rows = [
        project(1, name="二", at="2"),
        project(1, name="三", at="3"),
        project(1, name="一", at="1"),
    ]
    assert small.pull(PLAN, Source(rows)) == {"read": 3, "created": 1, "superseded": 2}
    (row,) = small.golden().values()
    assert row["name"] == "三"


def test_two_new_source_records_of_one_project_in_one_batch_are_merged(small: Small):
    rows = [
        {"id": "1", "code": CODE, "name": "甲", "at": "2"},
        {"id": "2", "code": CODE, "money": "5", "name": "乙", "at": "1"},
    ]
    assert small.pull(PLAN, Source(rows)) == {"read": 2, "created": 2}
    (row,) = small.golden().values()
    assert (row["name"], row["investment"], row["version"]) == ("甲", 50_000, 1)


def test_a_value_that_comes_back_within_a_batch_stands_at_its_end(small: Small):
    first, other = {"id": "1", "code": CODE, "name": "甲"}, {"id": "1", "code": CODE, "name": "乙"}
    small.pull(BUILD, Source([first]))
    assert small.pull(BUILD, Source([first, other, first])) == {
        "read": 3,
        "unchanged": 2,
        "superseded": 1,
    }
    assert small.golden()[CODE]["name"] == "甲"


def test_the_last_of_changing_values_stands_even_when_an_earlier_one_was_known(small: Small):
    first, other = {"id": "1", "code": CODE, "name": "甲"}, {"id": "1", "code": CODE, "name": "乙"}
    small.pull(BUILD, Source([first]))
    assert small.pull(BUILD, Source([first, other])) == {"read": 2, "unchanged": 1, "changed": 1}
    assert small.golden()[CODE]["name"] == "乙"


def test_a_repeated_page_is_unchanged(small: Small):
    rows = [project(n) for n in range(5)]
    assert small.pull(PLAN, Source(rows + rows)) == {"read": 10, "created": 5, "superseded": 5}


def test_volatile_fields_do_not_make_a_record_changed(small: Small):
    small.pull(BUILD, Source([{"id": "1", "code": CODE, "name": "甲", "fetched": "早"}]))
    again = Source([{"id": "1", "code": CODE, "name": "甲", "fetched": "晚"}])
    assert small.pull(BUILD, again) == {"read": 1, "unchanged": 1}


def test_a_bad_record_is_set_aside_with_all_its_errors(small: Small):
    bad = {"id": "p9", "code": "审核中", "name": "", "money": "很多", "at": "1"}
    assert small.pull(PLAN, Source([project(1), bad])) == {
        "read": 2,
        "created": 1,
        "quarantined": 1,
    }
    (entry,) = small.rows("select key, cause, faults, owner, state from hub.quarantine")
    assert {(fault["pointer"], fault["code"]) for fault in entry["faults"]} == {
        ("/code", "record.project_code_shape"),
        ("/name", "record.missing"),
        ("/money", "record.decimal_invalid"),
    }
    assert (entry["key"], entry["owner"], entry["state"]) == ("p9", "keeper", "open")


def test_a_bad_record_that_comes_again_opens_no_second_entry(small: Small):
    bad = project(1, code="驳回")
    small.pull(PLAN, Source([bad]))
    assert small.pull(PLAN, Source([bad])) == {"read": 1, "unchanged": 1}
    assert len(small.rows("select from hub.quarantine")) == 1


def test_a_corrected_record_overtakes_its_entry(small: Small):
    small.pull(PLAN, Source([project(1, code="驳回")]))
    assert small.pull(PLAN, Source([project(1, at="2")])) == {"read": 1, "created": 1}
    assert [row["state"] for row in small.rows("select state from hub.quarantine")] == ["overtaken"]


def test_a_bad_version_leaves_the_good_one_standing(small: Small):
    small.pull(PLAN, Source([project(1, name="好")]))
    assert small.pull(PLAN, Source([project(1, money="x", at="2")])) == {
        "read": 1,
        "quarantined": 1,
    }
    (row,) = small.golden().values()
    assert row["name"] == "好"


def test_bytes_that_cannot_be_read_are_kept_as_they_came(small: Small):
    broken = b'{"id": "p1", "na'
    assert small.pull(PLAN, Source([broken])) == {"read": 1, "quarantined": 1}
    assert small.pull(PLAN, Source([broken])) == {"read": 1, "unchanged": 1}
    (row,) = small.rows("select payload from hub.landing")
    assert bytes(row["payload"]) == broken


def test_a_secret_record_is_refused_and_its_content_not_kept(small: Small):
    small.contracts = contracts_of(FLAGGED)
    assert small.pull(PLAN, Source([project(1, secrecy="2")])) == {"read": 1, "quarantined": 1}
    (row,) = small.rows("select payload from hub.landing")
    assert row["payload"] is None


def test_a_record_over_the_size_limit_is_set_aside(small: Small):
    small.with_settings(payload_bytes=200)
    assert small.pull(PLAN, Source([project(1, note="x" * 300)])) == {"read": 1, "quarantined": 1}
    assert small.rows("select cause from hub.quarantine") == [{"cause": "record.too_long"}]


def test_a_delete_marker_withdraws_the_record_and_its_return_keeps_the_id(small: Small):
    small.pull(PLAN, Source([project(1)]))
    (before,) = small.golden().values()
    assert small.pull(PLAN, Source([project(1, gone="1", at="2")])) == {"read": 1, "deleted": 1}
    (row,) = small.golden().values()
    assert row["deleted_at"] is not None
    assert small.pull(PLAN, Source([project(1, at="3")])) == {"read": 1, "created": 1}
    (row,) = small.golden().values()
    assert (row["deleted_at"], row["record_id"]) == (None, before["record_id"])


def test_the_delete_of_an_unknown_key_and_a_filtered_record_are_ignored(small: Small):
    rows = [project(1, gone="1"), project(2, test="1")]
    assert small.pull(PLAN, Source(rows)) == {"read": 2, "ignored": 2}
    assert small.pull(PLAN, Source(rows)) == {"read": 2, "unchanged": 2}


def test_each_field_comes_from_the_system_with_authority_over_it(small: Small):
    small.pull(
        PLAN,
        Source([{"id": "p", "code": CODE, "name": "立项名", "start": "2024-03-01", "at": "1"}]),
    )
    small.pull(BUILD, Source([{"id": "b", "code": CODE, "name": "报建名", "start": "2024-05-01"}]))
    row = small.golden()[CODE]
    assert (row["name"], str(row["planned_start"])) == ("立项名", "2024-05-01")
    said = small.rows(
        "select field, claims from hub.disagreement where closed_at is null order by field"
    )
    assert [one["field"] for one in said] == ["name", "planned_start"]


def test_a_disagreement_closes_when_the_systems_agree_again(small: Small):
    small.pull(PLAN, Source([{"id": "p", "code": CODE, "name": "甲", "at": "1"}]))
    small.pull(BUILD, Source([{"id": "b", "code": CODE, "name": "乙"}]))
    said = [{"system": "plan", "value": "甲"}, {"system": "build", "value": "乙"}]
    stands = "select field, claims from hub.disagreement where closed_at is null"
    assert small.rows(stands) == [{"field": "name", "claims": said}]
    small.pull(BUILD, Source([{"id": "b", "code": CODE, "name": "甲"}]))
    assert small.rows(stands) == []


def test_a_child_waits_for_its_project_and_is_released_by_its_arrival(small: Small):
    assert small.pull(PERMIT, Source([{"code": CODE, "number": "A1"}])) == {"read": 1, "waiting": 1}
    assert small.golden("permit") == {}
    small.pull(PLAN, Source([project(1, code=CODE)]))
    assert small.release() == 1
    assert small.golden("permit")["A1"]["project_code"] == CODE
    assert small.rows("select from hub.waiting") == []
    assert small.release() == 0


def test_a_record_without_a_code_takes_it_from_a_record_that_it_names(small: Small):
    small.pull(PLAN, Source([project(1, code=CODE)]))
    small.pull(PERMIT, Source([{"number": "A2", "plot": "地块（1）"}]))
    assert small.golden("permit") == {}
    small.pull(PERMIT, Source([{"code": CODE, "number": "A1", "plot": "地块(1)"}]))
    small.release()
    assert small.golden("permit")["A2"]["project_code"] == CODE


def test_a_link_that_names_two_projects_is_left_to_a_person(small: Small):
    small.pull(PLAN, Source([project(1, code=CODE), project(2, code=OTHER)]))
    rows = [
        {"code": CODE, "number": "A1", "plot": "P"},
        {"code": OTHER, "number": "A2", "plot": "P"},
    ]
    small.pull(PERMIT, Source(rows))
    assert small.pull(PERMIT, Source([{"number": "A3", "plot": "P"}])) == {"read": 1, "waiting": 1}
    assert small.release() == 0
    assert [row["wants"][0][0] for row in small.rows("select wants from hub.waiting")] == ["?"]


def test_a_batch_that_fails_for_one_cause_is_held_with_its_payloads(small: Small):
    rows = [project(n, money="kaputt") for n in range(60)]
    with pytest.raises(HeldError):
        small.pull(PLAN, Source(rows))
    assert small.rows("select distinct disposition from hub.landing") == [{"disposition": "held"}]
    (run,) = small.rows("select id, state, cause from hub.run")
    assert (run["state"], run["cause"]["code"]) == ("held", "flow.held")
    assert small.sums(run["id"]) == {"read": 60, "held": 60}
    assert (small.golden(), small.rows("select from hub.quarantine")) == ({}, [])
    (batch,) = small.rows("select findings, state from hub.held_batch")
    assert (batch["findings"][0]["code"], batch["findings"][0]["values"]) == (
        "flow.drift",
        {"kaputt": 60},
    )


def test_a_sweep_that_breaks_off_goes_on_where_it_was(small: Small):
    small.with_settings(batch_records=10)
    source = Source([project(n) for n in range(50)], size=10)

    def break_off(start: int) -> None:
        if start == 30:
            raise TransientError("system.timeout", system="plan")

    source.before = break_off
    with pytest.raises(TransientError):
        small.pull(PLAN, source)
    starts: list[int] = []
    source.before = starts.append
    assert small.pull(PLAN, source) == {"read": 20, "created": 20}
    assert starts[0] == 30
    assert len(small.golden()) == 50


def test_a_sweep_whose_paging_was_put_right_begins_again(small: Small):
    small.with_settings(batch_records=10)
    source = Source([project(n) for n in range(50)], size=10)
    starts: list[int] = []

    def break_off(start: int) -> None:
        starts.append(start)
        if start == 30:
            raise TransientError("system.page_broken", system="plan")

    source.before = break_off
    with pytest.raises(TransientError):
        small.pull(PLAN, source)
    flow = small.contracts.pulls[PLAN]
    small.contracts = replace(
        small.contracts,
        pulls={**small.contracts.pulls, PLAN: replace(flow, read={**flow.read, "size": 7})},
    )
    source.before, starts[:] = starts.append, []
    assert small.pull(PLAN, source) == {"read": 50, "created": 20, "unchanged": 30}
    assert starts[0] == 0


def test_the_database_refuses_a_batch_that_does_not_balance(small: Small):
    with pytest.raises(Exception, match="conservation"):
        small.pull(PLAN, Miscounting([project(1)]))
    assert small.golden() == {}


class Miscounting(Source):
    """A source whose page says that it held one record more than it gives."""

    def pages(self, read, *, since, resume):  # type: ignore[no-untyped-def]
        for page in super().pages(read, since=since, resume=resume):
            yield replace(page, read=page.read + 1)


def test_a_run_that_was_overtaken_cannot_write(small: Small):
    small.with_settings(batch_records=5)
    source = Source([project(n) for n in range(20)], size=5)
    other = Source([project(n) for n in range(20)], size=5)
    read = Event()
    elsewhere = Small(
        small.url, small.contracts
    )  # with connections of its own, as another process has

    def overtake(start: int) -> None:
        if start == 10:
            source.before = lambda _start: None
            with pytest.raises(TransientError, match=r"flow\.already_running"):
                elsewhere.pull(PLAN, other)
            small.rows("update hub.run set lease_until = now() returning id")  # as if it had slept
            elsewhere.pull(PLAN, other)
            read.set()

    source.before = overtake
    # Its connection is ended where it is in the middle of a batch.
    with pytest.raises(HubError, match=r"flow\.fence_lost|database\.(restarting|unavailable)"):
        small.pull(PLAN, source)
    assert read.wait(30)
    assert len(small.golden()) == 20
    assert len(small.rows("select from hub.landing")) == 20
    states = small.rows("select state from hub.run order by id")
    assert [row["state"] == "complete" for row in states] == [False, True]
    elsewhere.database.close()


def test_replay_applies_an_entry_under_the_contract_of_today(small: Small):
    small.pull(PLAN, Source([project(1, name="", title="真名")]))
    file = "mappings/plan/project.pull.yaml"
    small.contracts = contracts_of(
        FILES | {file: FILES[file].replace("{from: name,", "{from: [name, title],")}
    )
    replayed = small.replay()
    assert replayed.applied == 1
    assert small.sums(replayed.runs[0]) == {"read": 1, "created": 1}
    assert [row["name"] for row in small.golden().values()] == ["真名"]
    assert [row["state"] for row in small.rows("select state from hub.quarantine")] == ["resolved"]


def test_replay_of_an_old_payload_does_not_overwrite_a_newer_one(small: Small):
    small.pull(BUILD, Source([{"id": "1", "code": CODE, "name": "甲", "start": "不详"}]))
    (old,) = small.rows("select id from hub.quarantine")
    small.pull(BUILD, Source([{"id": "1", "code": CODE, "name": "乙"}]))
    small.rows(
        "update hub.quarantine set state = 'open', closed_at = null, closed_run = null returning id"
    )
    replayed = small.replay(ids=[old["id"]])
    assert small.sums(replayed.runs[0]) == {"read": 1, "stale": 1}
    assert small.golden()[CODE]["name"] == "乙"
    assert [row["state"] for row in small.rows("select state from hub.quarantine")] == ["overtaken"]


def test_a_replay_that_fails_again_opens_a_new_entry(small: Small):
    small.pull(PLAN, Source([project(1, money="x")]))
    small.replay()
    states = small.rows("select state from hub.quarantine order by id")
    assert [row["state"] for row in states] == ["overtaken", "open"]


def test_provenance_names_the_landing_of_each_value(small: Small):
    small.pull(
        PLAN, Source([{"id": "p", "code": CODE, "name": "甲", "start": "2024-03-01", "at": "1"}])
    )
    small.pull(BUILD, Source([{"id": "b", "code": CODE, "start": "2024-05-01"}]))
    (row,) = small.golden().values()
    order = {
        one["name"]: one["ordinal"]
        for one in small.rows("select * from hub.entity_field where entity='project'")
    }
    landings = {one["id"]: one for one in small.rows("select id, flow, payload from hub.landing")}
    name, start = (
        landings[row["provenance"][order[field] - 1]] for field in ("name", "planned_start")
    )
    assert (name["flow"], start["flow"]) == (PLAN, BUILD)
    assert json.loads(bytes(start["payload"]))["start"] == "2024-05-01"


def test_what_was_replayed_is_still_known_when_only_its_volatile_fields_differ(small: Small):
    row = {"id": 1, "code": CODE, "name": "一号", "start": "待定", "fetched": "10:00"}
    assert small.pull("pull.build.project", Source([row])) == {"read": 1, "quarantined": 1}
    mapping = FILES["mappings/build/project.pull.yaml"].replace(
        "  planned_start: {from: start, use: [date]}\n", ""
    )
    small.contracts = contracts_of(FILES | {"mappings/build/project.pull.yaml": mapping})
    assert small.replay().applied == 1
    assert small.pull("pull.build.project", Source([row | {"fetched": "10:05"}])) == {
        "read": 1,
        "unchanged": 1,
    }

"""Lights by system and entity, and what is to be seen to first."""

from typing import get_args

from hub.auth.context import operating
from hub.services import overview
from hub.services.overview import Cell, Overview, Subject
from tests.filled import Filled
from tests.pipeline.partners import Desk

COMPLETE = """
    insert into hub.flow (name, last_complete_at) select unnest(array[{}]), now() -
        interval '{} seconds'
    on conflict (name) do update set last_complete_at = excluded.last_complete_at
"""
FAILED = (
    "insert into hub.run (flow, kind, state, ended_at, cause) values ('{}', '{}', 'failed', "
    "now(), '{}')"
)


def look(filled: Filled) -> Overview:
    return overview.look(operating(filled.hub, "tester"))


def cell(found: Overview, system: str, entity: str) -> Cell:
    return next(one for one in found.cells if (one.system, one.entity) == (system, entity))


def completed(filled: Filled, *, seconds: int) -> None:
    """Every flow was complete so long ago."""
    names = ", ".join(f"'{name}'" for name in filled.hub.contracts.pulls)
    filled.execute(COMPLETE.format(names, seconds))
    filled.hub.seal()


def test_what_was_read_in_time_is_green_and_what_never_ran_is_grey(filled: Filled):
    completed(filled, seconds=10)
    found = look(filled)
    project = cell(found, "investment", "project")
    assert project.light == "green"
    (pull,) = project.pulls
    assert (pull.entries, pull.last_state, pull.hours[-1]) == (1, "complete", 2)
    assert pull.target == filled.hub.contracts.systems["investment"].freshness_seconds
    assert cell(found, "power", "utility_connection").light == "grey"
    assert found.lights["red"] == found.lights["yellow"] == 0


def test_what_is_late_is_yellow_and_said_once_a_system(filled: Filled):
    completed(filled, seconds=1_000_000)  # beyond the target of every system
    found = look(filled)
    assert {one.light for one in found.cells if one.pulls} == {"yellow"}
    stale = [one for one in found.urgent if one.subject == "stale"]
    assert len({one.flow.split(".")[1] for one in stale}) == len(stale)
    assert (len(found.urgent), found.more > 0) == (5, True)


def test_a_push_with_nothing_to_hand_over_is_not_late(filled: Filled):
    completed(filled, seconds=10)
    filled.push("push.fire.project", Desk())
    filled.execute(
        "update hub.run set ended_at = now() - interval '9 days', started_at = now() - "
        "interval '9 days'"
    )
    filled.execute(
        "update hub.delivery set dirty = false, state = 'confirmed' where flow = "
        "'push.fire.project'"
    )
    (push,) = cell(look(filled), "fire", "project").pushes
    assert push.light == "green"
    filled.execute("update hub.delivery set dirty = true where flow = 'push.fire.project'")
    (push,) = cell(look(filled), "fire", "project").pushes
    assert (push.light, push.deliveries) == ("yellow", 1)


def test_failing_flows_of_one_system_are_one_thing_and_come_first(filled: Filled):
    completed(filled, seconds=10)
    for flow in ("pull.investment.participant", "pull.investment.approval_document"):
        filled.execute(
            FAILED.format(
                flow, "pull", '{"code": "system.credentials", "facts": {"status": "401"}}'
            )
        )
    found = look(filled)
    assert cell(found, "investment", "participant").light == "red"
    first = found.urgent[0]
    assert (first.subject, first.told.code, first.times) == ("run", "system.credentials", 2)
    (entry,) = [one for one in found.urgent if one.subject == "quarantine"]
    assert (entry.flow, entry.cause, entry.times) == (
        "pull.investment.project",
        "record.code_unknown /xmlx",
        1,
    )


def test_a_failed_replay_is_no_failure_of_the_source(filled: Filled):
    completed(filled, seconds=10)
    filled.execute(
        FAILED.format("pull.investment.project", "replay", '{"code": "flow.replay_stopped"}')
    )
    assert cell(look(filled), "investment", "project").light == "green"


def test_counts_end_where_they_are_told_to(filled: Filled):
    filled.execute("""
        insert into hub.quarantine (flow, key, stage, landing_id, cause, faults, opened_run)
        select 'pull.investment.project', 'k' || n, 'intake', n, 'cause ' || n % 3, '[]', 1
          from generate_series(1, 50) n
    """)
    filled.hub.settings = type(filled.hub.settings)(database_url=filled.url, overview_count=10)
    found = look(filled)
    (pull,) = cell(found, "investment", "project").pulls
    assert (pull.entries, found.most) == (10, 10)
    assert [one.times for one in found.urgent if one.subject == "quarantine"] == [10, 10, 10, 1]


def test_every_subject_has_its_place_in_the_order():
    assert set(overview.URGENCY) == set(get_args(Subject))

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from hub.domain import clock
from hub.domain.clock import ClockRules, Limit
from hub.domain.workdays import Calendar
from tests.filled import CONTRACTS

ZONE = ZoneInfo("Asia/Shanghai")
HALVES = ((time(9), time(12)), (time(13, 30), time(17, 30)))
CALENDAR = Calendar(ZONE, HALVES)
RULES = ClockRules(
    CALENDAR,
    accepted=frozenset({"3"}),
    finished=frozenset({"11", "13"}),
    suspended=(("6", "7"), ("9", "10")),
    parallel=frozenset({"5"}),
    yellow=0.8,
    red=1,
)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def days(begin, end, calendar=CALENDAR):
    return calendar.between(at(begin), at(end))


@pytest.mark.parametrize(
    ("begin", "end", "worked"),
    [
        ("2026-11-16 09:00", "2026-11-16 17:30", 1),
        ("2026-11-16 00:00", "2026-11-17 00:00", 1),
        ("2026-11-16 09:00", "2026-11-16 13:00", 0.5),
        ("2026-11-16 10:30", "2026-11-16 12:00", 0.25),
        ("2026-11-16 12:00", "2026-11-16 13:30", 0),
        ("2026-11-13 17:30", "2026-11-16 09:00", 0),
        ("2026-11-13 13:30", "2026-11-16 12:00", 1),
        ("2026-11-16 17:00", "2026-11-16 09:00", 0),
        ("2026-11-02 00:00", "2026-11-30 00:00", 20),
    ],
)
def test_only_worked_halves_count_each_as_half_a_day(begin, end, worked):
    assert days(begin, end) == pytest.approx(worked)


def test_national_holidays_do_not_count_and_weekends_made_up_for_do():
    assert days("2026-10-01 00:00", "2026-10-08 00:00") == 0
    assert (
        days("2026-10-10 00:00", "2026-10-11 00:00") == 1
    )  # a Saturday worked in place of a holiday
    assert days("2026-02-15 00:00", "2026-02-24 00:00") == 0  # Spring Festival


def test_years_that_are_not_announced_yet_have_monday_to_friday():
    assert days("2031-06-02 00:00", "2031-06-09 00:00") == 5


def test_a_place_may_close_work_on_a_weekend_or_work_half_a_day():
    own = Calendar(
        ZONE,
        HALVES,
        closed=frozenset({date(2026, 11, 17)}),
        worked=frozenset({date(2026, 11, 21)}),
        half={date(2026, 11, 18): 0},
    )
    assert days("2026-11-16 00:00", "2026-11-22 00:00", own) == 1 + 0 + 0.5 + 1 + 1 + 1
    assert days("2026-11-18 13:30", "2026-11-18 17:30", own) == 0


def test_a_moment_from_another_zone_is_read_here():
    utc = datetime.fromisoformat("2026-11-16T01:00:00+00:00")
    assert CALENDAR.between(utc, at("2026-11-16 12:00")) == 0.5


@pytest.mark.parametrize(
    ("begin", "count", "reached"),
    [
        ("2026-11-16 00:00", 1, "2026-11-16 17:30"),
        ("2026-11-16 00:00", 0.5, "2026-11-16 12:00"),
        ("2026-11-16 10:30", 0.5, "2026-11-16 15:30"),
        ("2026-11-13 18:00", 1, "2026-11-16 17:30"),
        ("2026-09-30 18:00", 1, "2026-10-08 17:30"),
        ("2026-11-16 10:00", 0, "2026-11-16 10:00"),
    ],
)
def test_so_many_working_days_later(begin, count, reached):
    assert CALENDAR.after(at(begin), count) == at(reached)


def test_what_is_reached_lies_as_many_working_days_away():
    begin = at("2026-01-05 10:17")
    for count in (0.25, 0.5, 3, 12.5, 40):
        assert CALENDAR.between(begin, CALENDAR.after(begin, count)) == pytest.approx(count)


def test_overlapping_suspensions_are_taken_out_once():
    spans = [(at("2026-11-02 09:00"), at("2026-11-13 17:30"))]
    out = [
        (at("2026-11-04 09:00"), at("2026-11-06 09:00")),
        (at("2026-11-05 09:00"), at("2026-11-09 09:00")),
    ]
    assert clock.running(spans, out) == [
        (at("2026-11-02 09:00"), at("2026-11-04 09:00")),
        (at("2026-11-09 09:00"), at("2026-11-13 17:30")),
    ]


def test_a_suspension_before_or_after_takes_nothing_and_an_open_one_takes_the_rest():
    span = (at("2026-11-04 09:00"), at("2026-11-13 17:30"))
    assert clock.running([span], [(at("2026-11-01 09:00"), at("2026-11-03 09:00"))]) == [span]
    assert clock.running([span], [(at("2026-11-20 09:00"), None)]) == [span]
    assert clock.running([span], [(at("2026-11-05 09:00"), None)]) == [
        (span[0], at("2026-11-05 09:00"))
    ]
    assert clock.running([span], [(at("2026-11-01 09:00"), None)]) == []


def test_time_in_which_several_items_run_counts_once():
    one = (at("2026-11-02 09:00"), at("2026-11-06 09:00"))
    two = (at("2026-11-04 09:00"), None)
    assert clock.joined([two, one]) == [(one[0], None)]
    assert clock.joined([one, one]) == [one]
    assert clock.joined([(one[1], one[0])]) == []


def steps(*said):
    return [(status, at(moment)) for status, moment in said]


def test_an_item_runs_from_acceptance_to_its_end_and_stands_in_between():
    held = clock.handling(
        RULES,
        steps(
            ("1", "2026-11-02 09:00"),
            ("11", "2026-11-20 09:00"),
            ("3", "2026-11-03 09:00"),
            ("6", "2026-11-05 09:00"),
            ("7", "2026-11-10 09:00"),
            ("9", "2026-11-12 09:00"),
            ("10", "2026-11-13 09:00"),
        ),
    )
    assert (held.accepted, held.finished) == (at("2026-11-03 09:00"), at("2026-11-20 09:00"))
    assert held.suspended == (
        (at("2026-11-05 09:00"), at("2026-11-10 09:00")),
        (at("2026-11-12 09:00"), at("2026-11-13 09:00")),
    )


def test_what_is_taken_up_again_after_its_end_runs_on():
    held = clock.handling(
        RULES,
        steps(("3", "2026-11-03 09:00"), ("13", "2026-11-05 09:00"), ("3", "2026-11-09 09:00")),
    )
    assert held.spans == ((at("2026-11-03 09:00"), None),)


def test_an_item_that_nobody_took_up_has_no_clock():
    held = clock.handling(RULES, steps(("1", "2026-11-02 09:00")))
    assert held.spans == ()
    read = clock.read(RULES, [], over=False, days=5, limit=None, now=at("2026-11-20 09:00"))
    assert (read.used, read.began, read.stands, read.light) == (0, None, False, "green")


def reading(ran, limit, now, *, over=False):
    return clock.read(RULES, ran, over=over, days=limit, limit=None, now=at(now))


def test_the_day_on_which_a_term_of_days_begins_does_not_count():
    read = reading([(at("2026-11-16 09:00"), None)], 5, "2026-11-17 17:30")
    assert (read.used, read.due, read.light) == (1, at("2026-11-23 17:30"), "green")


def test_half_a_day_runs_from_its_moment():
    read = reading([(at("2026-11-16 09:00"), None)], 0.5, "2026-11-16 10:30")
    assert (read.used, read.due) == (0.25, at("2026-11-16 12:00"))


@pytest.mark.parametrize(
    ("now", "light"),
    [
        ("2026-11-19 17:30", "green"),
        ("2026-11-20 17:30", "yellow"),
        ("2026-11-23 17:30", "yellow"),
        ("2026-11-24 09:30", "red"),
    ],
)
def test_the_light_turns_yellow_by_share_and_red_beyond_the_limit(now, light):
    assert reading([(at("2026-11-16 09:00"), None)], 5, now).light == light


def test_a_clock_that_stands_has_no_due_moment_and_one_that_is_over_keeps_its_light():
    ran = [(at("2026-11-02 09:00"), at("2026-11-04 09:00"))]
    held = reading(ran, 5, "2026-11-20 09:00")
    assert (held.stands, held.due, held.ended, held.used) == (True, None, None, 1)
    over = reading(ran, 0.5, "2026-11-20 09:00", over=True)
    assert (over.stands, over.ended, over.light, over.due) == (
        False,
        at("2026-11-04 09:00"),
        "red",
        at("2026-11-02 12:00"),
    )


def test_without_a_limit_there_is_no_light():
    read = reading([(at("2026-11-02 09:00"), None)], None, "2026-11-20 09:00")
    assert (read.light, read.due, read.used) == ("none", None, 13)


def limit(**said):
    texts = dict.fromkeys(("title_zh", "title_en", "source", "of", "phrase", "lead"), "")
    given = {
        "document": "d",
        "status": "in_force",
        "since": date(2021, 7, 31),
        "until": None,
        "regions": ("6207",),
        "scope": "project",
        "when": {},
        "days": 90,
    }
    return Limit(**texts | given | said)


def bound(*limits, scope="project", of="", facts=None, region="620702", on=date(2026, 1, 1)):
    return [
        one.days
        for one in clock.binding(limits, scope, of, facts=facts or {}, region=region, on=on)
    ]


def test_the_tightest_limit_that_holds_here_today_and_for_this_kind_binds():
    private = limit(days=65, when={"project.flow_kind": ("3", "4")})
    assert bound(limit(), private, facts={"project.flow_kind": "3"}) == [65, 90]
    assert bound(limit(), private, facts={"project.flow_kind": "1"}) == [90]
    assert bound(limit(), region="441702") == []
    assert bound(limit(regions=()), region="441702") == [90]
    assert bound(limit(), on=date(2021, 7, 30)) == []
    assert bound(limit(until=date(2025, 1, 1))) == []


def test_drafts_come_after_what_is_in_force_and_withdrawn_limits_never():
    assert bound(limit(status="draft", days=10), limit(), limit(status="withdrawn", days=5)) == [
        90,
        10,
    ]


def test_caps_of_stages_and_projects_are_separate_and_averages_are_no_caps():
    stage = limit(scope="stage", of="1", days=40)
    assert bound(stage, limit(), limit(scope="average", days=1)) == [90]
    assert bound(stage, limit(), scope="stage", of="1") == [40]
    assert bound(stage, limit(), scope="stage", of="2") == []


def test_the_published_limits_are_read_with_their_sources():
    found = CONTRACTS.limits
    assert {one.document for one in found} == {
        *("consultation", "demonstration", "disputes", "sharing"),
        *("yangjiang_2019", "yueyang_2024", "zhangye_2021"),
    }
    assert {one.status for one in found if one.document == "yangjiang_2019"} == {"draft"}
    assert all(one.source and one.phrase for one in found)
    (half,) = [one for one in found if one.of == "completion_acceptance"]
    assert half.days == 0.5
    assert CONTRACTS.clock
    assert CONTRACTS.clock.yellow == 0.8

"""What is told of items beside their clocks, against plain Python over the same steps; and the
details of cases and documents.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hub.db.database import Database, Transaction
from hub.domain import clock
from hub.domain.clock import ClockRules, Span
from hub.pipeline import facts
from tests.filled import CODE, Filled
from tests.postgres import DatabaseServer
from tests.services import axis
from tests.services.lives import at, item, put

FINAL = {"2", "4", "5", "11", "12", "13", "14", "15"}
READ = """
    select d.*, fact.units(d.answer, null) / 86400.0 as answer_days,
           case when d.preparation is not null then fact.units(d.preparation, null) / 86400.0 end
               as preparation_days,
           fact.units(d.law * fact.span(d.law_from, null::bigint), null) / 86400.0 as law_days, c.number
      from made_item_detail d join made_clock c on c.scope = 'item' and c.record_id = d.record_id
     where d.project_code = any(%s)
"""


@pytest.fixture(scope="module")
def migrated(database_server: DatabaseServer, filled_template: str) -> Iterator[Database]:
    with database_server.database(template=filled_template) as url:
        database = Database(url)
        yield database
        database.close()


def days(rules: ClockRules, spans: list[Span]) -> float | None:
    """Working days of spans; None where one goes on."""
    if any(end is None for _, end in spans):
        return None
    return sum(rules.calendar.between(begin, end) for begin, end in spans if end is not None)


def minutes(rules: ClockRules, spans: list[Span]) -> float:
    """Worked minutes, second by second of the halves."""
    found = 0.0
    for begin, end in spans:
        assert end is not None
        day = begin.astimezone(axis.ZONE).date()
        while day <= end.astimezone(axis.ZONE).date():
            for opens, closes in rules.calendar.worked_halves(day):
                since = max(begin, datetime.combine(day, opens, axis.ZONE))
                until = min(end, datetime.combine(day, closes, axis.ZONE))
                found += max((until - since).total_seconds(), 0) / 60
            day += timedelta(days=1)
    return found


def expected(rules: ClockRules, one: axis.Item) -> dict[str, object]:
    """The details of an item, from its steps alone."""
    steps = sorted(one.steps, key=lambda step: step[1])
    held = clock.handling(rules, steps)
    of = {
        kind: clock.handling(replace(rules, suspended=(pair,)), steps).suspended
        for kind, pair in (("asked", ("6", "7")), ("special", ("9", "10")))
    }
    received = next((at for status, at in steps if status == "1"), None)
    answered = next(
        (
            at
            for status, at in steps
            if received is not None and at >= received and status in FINAL | {"3", "6"}
        ),
        None,
    )
    answer: list[Span] = []
    if received is not None:
        first = rules.calendar.next_day(received)
        answer = clock.joined([(first, answered)])
    preparation = None
    if received is not None and held.accepted is not None and received < held.accepted:
        preparation = clock.running([(received, held.accepted)], of["asked"])
    told: dict[str, object] = {
        "answer_days": days(rules, answer),
        "preparation_days": None if preparation is None else days(rules, preparation),
        "supplements": len(of["asked"]),
        "pauses": sum(
            held.accepted is not None and since >= held.accepted
            for spans in of.values()
            for since, _ in spans
        ),
    }
    late = received is not None and held.accepted is not None and (days(rules, answer) or 0) > 5
    if held.accepted is not None:
        begin = received if late else held.accepted
        assert begin is not None
        law = clock.running([(begin, held.finished)], of["special"])
        ran = clock.running([(held.accepted, held.finished)], held.suspended)
        if law and ran:
            first = rules.calendar.next_day(begin if late else ran[0][0])
            told["law_days"] = days(
                rules, clock.joined((max(since, first), until) for since, until in law)
            )
        exact = days(rules, ran)
        if exact is not None and exact <= 1 and held.finished is not None:
            midnight = {at.astimezone(axis.ZONE).time() for at in (held.accepted, held.finished)}
            told["minutes"] = None if midnight == {time(0)} else minutes(rules, ran)
    return told


@pytest.mark.parametrize("calendar", axis.CALENDARS.values(), ids=axis.CALENDARS)
@settings(
    max_examples=5,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32))
def test_details_of_items_are_those_of_their_steps(migrated: Database, calendar, seed: int):
    contracts = axis.adopt(migrated, calendar)
    assert contracts.clock
    random = Random(seed)  # noqa: S311 -- seeded on purpose
    cases = [axis.random_case(random) for _ in range(20)]
    cases = [
        replace(case, items=tuple(replace(one, procedures=()) for one in case.items))
        for case in cases
    ]
    with migrated.write() as tx:
        axis.computed(tx, cases)
        found = _details(tx, [f"2026-140108-70-03-{number:06}" for number in range(len(cases))])
        tx.rollback()
    for number, case in enumerate(cases):
        for place, one in enumerate(case.items):
            row = found[f"2026-140108-70-03-{number:06}/{place}"]
            for name, value in expected(contracts.clock, one).items():
                assert _near(row[name], value), (name, row[name], value, one)


def _details(tx: Transaction, codes: list[str]) -> dict[str, Mapping[str, object]]:
    cursor = tx.execute(READ, (codes,))
    names = [column.name for column in cursor.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in cursor]
    return {str(row["number"]): row for row in rows}


def _near(one: object, other: object) -> bool:
    if one is None or other is None:
        return one is None and other is None
    return abs(float(str(one)) - float(str(other))) < 0.02


NOW = datetime.fromisoformat("2026-11-20T17:30+08:00")


def only(filled: Filled, table: str, since: int = 0) -> dict[str, object]:
    facts.refresh(filled.hub.database, now=NOW)
    (row,) = filled.rows(f"select * from fact.{table} where record_id > %s", since)  # noqa: S608
    return row


def test_a_procedure_of_another_kind_does_not_stop_the_clock_of_the_law(filled: Filled):
    steps = (
        ("3", "11-02T09:00"),
        ("9", "11-03T09:00"),
        ("10", "11-05T09:00"),
        ("11", "11-06T17:30"),
    )
    with filled.hub.database.write() as tx:
        for number, kind in (("A", "8"), ("B", "7")):
            item(tx, number, *steps)
            put(
                tx,
                "special_procedure",
                item_number=number,
                kind=kind,
                started_at=at("11-03T09:00"),
                limit_kind="1",
                limit_days=1,
            )
    facts.refresh(filled.hub.database, now=NOW)
    found = filled.rows("""
        select c.number, fact.units(d.law, null) / 86400.0 as law, d.pauses, d.pause_days,
               fact.units(d.limited, null) / 86400.0 as longest
          from fact.item_detail d join fact.item c using (record_id) order by 1
    """)
    assert [(row["number"], row["law"], row["pauses"]) for row in found] == [
        ("A", 5, 1),
        ("B", 3, 1),
    ]
    # two days of procedure against one: the day on which it begins does not count
    assert {(row["pause_days"], row["longest"]) for row in found} == {(1, 1)}


def test_a_consultation_has_a_clock_once_it_is_said_when_it_was_asked(filled: Filled):
    with filled.hub.database.write() as tx:
        put(
            tx,
            "consultation",
            round=1,
            item_number="A",
            department="市水务局",
            asked_at=at("11-02T09:00"),
            answered_at=at("11-04T17:30"),
        )
        put(
            tx,
            "consultation",
            round=1,
            item_number="B",
            department="市水务局",
            answered_at=at("11-04T17:30"),
        )
    facts.refresh(filled.hub.database, now=NOW)
    found = filled.rows("""
        select d.item_number, c.of, c.used_days, c.began is null as unknown
          from fact.case_clock c join fact.case_detail d using (record_id) order by 1
    """)
    assert [tuple(row.values()) for row in found] == [
        ("A", "consultation", 2, False),
        ("B", "consultation", 0, True),
    ]


def test_a_document_is_held_against_the_item_that_it_names(filled: Filled):
    with filled.hub.database.write() as tx:
        record = item(tx, "A", ("3", "11-05T15:00"), ("11", "11-06T17:30"))
        put(
            tx,
            "approval_document",
            number="D1",
            issuer="南明区自然资源局",
            kind="planning_permit",
            issued_on="2026-11-02",
            item_number="A",
        )
    row = only(filled, "document", record)
    assert (row["unit"], row["item_known"], row["before_days"], row["certificate"]) == (
        "land_520102",
        True,
        3,
        False,
    )


def test_a_name_of_two_units_is_nobodys(filled: Filled):
    with filled.hub.database.write() as tx:
        put(tx, "approval_item", number="A", department="南明区自然资源局")
        put(
            tx,
            "approval_item",
            number="B",
            department="南明区自然资源局",
            department_code="花溪区自然资源局",
        )
        put(tx, "approval_item", number="C", department="南明区自然资源局建设股")
    facts.refresh(filled.hub.database, now=NOW)
    assert filled.rows("select number, unit from fact.item order by 1") == [
        {"number": "A", "unit": "land_520102"},
        {"number": "B", "unit": None},
        {"number": "C", "unit": None},
    ]


def test_what_stands_beside_clocks_is_dropped_with_its_record(filled: Filled):
    with filled.hub.database.write() as tx:
        record = item(tx, "A", ("3", "11-05T15:00"), project_code=CODE)
    assert only(filled, "item_detail")["record_id"] == record
    filled.execute("delete from golden.approval_item where record_id = %s", record)
    facts.refresh(filled.hub.database, now=NOW)
    assert filled.rows("select * from fact.item_detail") == []

"""Reading that stands out is noted with its reason, by the account's own habit and the unit's open
cases.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from hub import auth
from hub.db.access import access_log
from hub.db.access.access_log import AccessQuery
from hub.domain.anomalies import ReadingDay, judged
from hub.services import anomalies
from hub.settings import Bounds
from hub.texts import say
from tests.filled import CODE, CONTRACTS, Filled

MONDAY = date(2026, 11, 16)
QUIET = ReadingDay("a", "department", "某局", MONDAY, 10, 10, 2, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("changes", "habit", "worked", "codes"),
    [
        ({}, [], True, []),
        ({"records": 600}, [100] * 9, True, ["unusual.volume"]),
        ({"records": 600}, [200] * 9, True, []),
        ({"records": 499}, [1] * 9, True, []),
        ({"off_hours": 20}, [], True, ["unusual.off_hours"]),
        ({"off_hours": 20, "role": "service"}, [], True, []),
        ({"reads": 25}, [], False, ["unusual.day_off"]),
        ({"projects": 40, "uncased": 30}, [], True, ["unusual.no_case"]),
        ({"refused": 5, "refused_row": 5}, [], True, ["unusual.refused"]),
        ({"refused": 9, "refused_row": 4}, [], True, []),
    ],
)
def test_a_day_is_judged(
    changes: dict[str, object],
    habit: list[int],
    worked: bool,  # noqa: FBT001
    codes: list[str],
):
    found = judged(replace(QUIET, **changes), habit, Bounds(), worked=worked)  # type: ignore[arg-type]
    assert [fault.code for fault in found] == codes
    for fault in found:
        for lang in ("zh", "en"):
            assert "…" not in say(fault.code, fault.facts, lang)  # type: ignore[arg-type]


def reads(
    world: Filled, account: str, at: datetime, count: int, *, records: int = 1, **row: object
) -> None:
    world.execute(
        f"""insert into hub.access (id, at, account, route, project_code, record_ids, refused)
            select hub.event_base(now()) + nextval('hub.event_seq'),
                   timestamptz '{at.isoformat()}' + n * interval '1 second', '{account}',
                       'GET /v1/projects',
                   {row.get("project", "null")}, array_fill(1::bigint, array[{records}]),
                       {row.get("refused", False)}
              from generate_series(1, {count}) n"""  # noqa: S608
    )


def test_the_log_is_summed_up_by_day_and_judged_by_the_accounts_own_habit(filled: Filled):
    noon = datetime.now(UTC).replace(hour=4, minute=0, second=0, microsecond=0)  # 12:00 in Beijing
    with filled.hub.database.write() as tx:
        auth.open_account(tx, "water", "department", department="市供水公司")
    for back in range(1, 4):
        reads(filled, "water", noon - timedelta(days=back), 10)
    reads(filled, "water", noon, 3, records=200, project=f"'{CODE}'")
    reads(filled, "", noon, 6, refused=True)
    reads(filled, "cli:root", noon, 6, records=900)
    settings = replace(filled.hub.settings, unusual=Bounds(projects=1))
    for _ in range(2):  # summed up again, nothing counts twice
        with filled.hub.database.write() as tx:
            anomalies.follow(tx, CONTRACTS, settings)
    with filled.hub.database.write() as tx:
        found = access_log.unusual(tx, since=noon.date() - timedelta(days=9))
    today = {(row.account, row.code): row.facts for row in found if row.day == noon.date()}
    assert today["water", "unusual.volume"]["usual"] == "10"
    assert today["water", "unusual.volume"]["records"] == "600"
    assert today["water", "unusual.no_case"]["projects"] == "1"
    assert today["", "unusual.refused"]["row"] == "6"
    assert not any(account.startswith("cli:") for account, _ in today)
    (day,) = filled.rows(
        f"select * from hub.access_day where account = 'water' and day = '{noon.date()}'"  # noqa: S608
    )
    assert (day["reads"], day["records"], day["projects"]) == (3, 600, 1)


def test_the_log_is_filtered_by_account_project_record_and_time(filled: Filled):
    noon = datetime.now(UTC).replace(hour=4, minute=0, second=0, microsecond=0)
    reads(filled, "water", noon, 3, project=f"'{CODE}'")
    reads(filled, "gas", noon - timedelta(hours=2), 2, refused=True)

    def count(**wanted: object) -> int:
        with filled.hub.database.write() as tx:
            return len(access_log.accesses(tx, AccessQuery(**wanted), most=50))  # type: ignore[arg-type]

    assert count() == 5
    assert count(account="water") == 3
    assert count(project=CODE) == 3
    assert count(record=1) == 5
    assert count(record=1, account="gas") == 2
    assert count(record=2) == 0
    assert count(since=noon) == 3
    assert count(until=noon) == 2
    assert count(refused=True) == 2
    with filled.hub.database.write() as tx:
        newest = access_log.accesses(tx, AccessQuery(), most=2)
        assert len(access_log.accesses(tx, AccessQuery(before=newest[-1].id), most=50)) == 3


def test_what_the_hub_reads_itself_to_push_a_form_is_nobodys_habit(filled: Filled):
    noon = datetime.now(UTC).replace(hour=4, minute=0, second=0, microsecond=0)
    with filled.hub.database.write() as tx:
        auth.open_account(tx, "water", "department", department="市供水公司")
    filled.execute(
        f"""insert into hub.access (id, at, account, route, project_code, record_ids, refused)
            select hub.event_base(now()) + nextval('hub.event_seq'),
                timestamptz '{noon.isoformat()}', 'water',
                   'PUSH push.water.prefill', 'P' || n, array_fill(1::bigint, array[50]), false
              from generate_series(1, 200) n"""  # noqa: S608 -- a moment of this test
    )
    reads(filled, "water", noon, 2)
    settings = replace(filled.hub.settings, unusual=Bounds(projects=1))
    with filled.hub.database.write() as tx:
        anomalies.follow(tx, CONTRACTS, settings)
        found = access_log.unusual(tx, since=noon.date() - timedelta(days=9))
        days = access_log.days(tx, noon.date() - timedelta(days=1))
    assert [row for row in found if row.account == "water"] == []
    assert [(one.reads, one.projects) for one in days if one.account == "water"] == [(2, 0)]

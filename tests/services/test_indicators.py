"""Indicators: judged by PostgreSQL as plain Python judges them, adjusted by difference as built
whole, and every row of the tables of figures built or named as waiting.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from psycopg.rows import dict_row

from hub.auth.context import operating
from hub.db import facts as stored
from hub.db.database import Database
from hub.db.facts import judgements, subjects
from hub.domain.indicators import Indicator
from hub.domain.load import ContractsInvalidError, indicators_of
from hub.errors import FlowError
from hub.pipeline import facts, indicators
from hub.services import indicators as figures
from tests.filled import CONTRACTS, Filled
from tests.postgres import DatabaseServer
from tests.services import axis, judged
from tests.services.lives import at, item, put

NOW = datetime.fromisoformat("2026-11-20T17:30+08:00")
FOLDER = Path(__file__).parents[2] / "mappings/indicators"
OCTOBER, NOVEMBER = (date(2026, 10, 1), date(2026, 10, 31)), (date(2026, 11, 1), date(2026, 11, 30))


@pytest.fixture(scope="module")
def migrated(database_server: DatabaseServer, filled_template: str) -> Iterator[Database]:
    with database_server.database(template=filled_template) as url:
        database = Database(url)
        yield database
        database.close()


def fill(database: Database, seed: int) -> list[str]:
    """Random projects with items, stages, documents and cases; some facts are left out."""
    random = Random(seed)  # noqa: S311 -- seeded on purpose
    facts.adopt(database, CONTRACTS)
    cases = [axis.random_case(random) for _ in range(20)]
    codes = [f"2026-140108-70-03-{number:06}" for number in range(len(cases))]
    with database.write() as tx:
        axis._store(tx, dict(zip(codes, cases, strict=True)))
        for code in codes:
            put(
                tx,
                "project",
                project_code=code,
                name="X",
                region_code="520102",
                flow_kind=random.choice(("1", "7", None)),
                registered_on="2026-09-01",
                area_assessed=random.choice((True, None)),
            )
            for number in range(random.randrange(3)):
                put(
                    tx,
                    "approval_document",
                    project_code=code,
                    number=f"{code} {number}",
                    issuer=random.choice(("南明区自然资源局", "无名局")),
                    kind="planning_permit",
                    issued_on=f"2026-10-{random.randrange(10, 30)}",
                    item_number=f"{code}/0",
                    certificate_id=random.choice(("C", None)),
                )
                put(
                    tx,
                    "consultation",
                    project_code=code,
                    item_number=f"{code}/0",
                    round=number,
                    department="市水务局",
                    asked_at=random.choice((at("10-12T09:00"), None)),
                    answered_at=random.choice((at("11-02T09:00"), None)),
                )
            put(
                tx,
                "utility_connection",
                project_code=code,
                utility="water",
                number=code,
                applied_on="2026-10-12",
                company="供水",
            )
            put(
                tx,
                "acceptance",
                project_code=code,
                number=code,
                applied_at=at("10-12T09:00"),
                accepted_at=at("10-13T09:00"),
                concluded_at=random.choice((at("11-12T09:00"), None)),
                round=random.choice((1, 2, 3, None)),
                conclusion=random.choice(("passed", None)),
            )
        tx.execute(
            "update golden.approval_item set department = '南明区自然资源局',"
            " commitment = (array[true, false, null])[1 + record_id %% 3],"
            " handling_kind = (array['immediate', 'promised', null])[1 + record_id %% 3],"
            " channel = (array['1', '4', null])[1 + record_id %% 3]"
            " where project_code = any(%s)",
            (codes,),
        )
    facts.refresh(database, now=NOW)
    return codes


@pytest.mark.parametrize("seed", [1, 2])
def test_postgresql_judges_as_plain_python_does(migrated: Database, seed: int):
    codes = fill(migrated, seed)
    seen = set()
    with migrated.write() as tx:
        # random steps contradict each other nearly everywhere, and would never be judged
        tx.execute(
            "update fact.item_detail set contradicted = false where project_code = any(%s)",
            (codes[1:],),
        )
        calendar = stored.state(tx).calendar
        assert calendar
        asked = judgements.moment(tx, calendar, NOW)
        for one in CONTRACTS.supervision.indicators:
            named = frozenset(subjects.COSTLY)
            with tx.cursor(row_factory=dict_row) as cursor:
                query = subjects.rows_of(one.of, some=False, named=named)
                rows = cursor.execute(query, asked).fetchall()
            judgements.judge(tx, [one], asked, None)
            found = tx.execute(
                "select record_id, state, detail, value, level from made_judged"
            ).fetchall()
            expected = judged.judge(one, rows)
            assert plain(found) == plain(expected), one.id
            seen |= {(one.id, line[1]) for line in expected}
        tx.rollback()
    with migrated.write() as tx:
        tx.execute("delete from golden.project where project_code like '2026-140108%'")
        for entity in (
            "approval_item",
            "approval_step",
            "stage",
            "special_procedure",
            "acceptance",
            "approval_document",
            "consultation",
            "utility_connection",
        ):
            tx.execute(f"delete from golden.{entity} where project_code like '2026-140108%'")  # noqa: S608
    assert {kind for _, kind in seen} == {"judged", "not_judged", "excluded"}
    assert len({name for name, kind in seen if kind == "judged"}) > 18  # not only empty tables


def plain(lines: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return sorted(
        (
            tuple(round(float(one), 9) if isinstance(one, Decimal) else one for one in line)
            for line in lines
        ),
        key=str,
    )


def test_what_projects_change_leaves_what_a_full_build_makes(migrated: Database):
    codes = fill(migrated, 7)
    indicators.build(migrated, CONTRACTS, now=NOW)
    before = _standing(migrated)
    with migrated.write() as tx:
        tx.execute(
            "update golden.approval_item set limit_days = 2, channel = '4'"
            " where project_code = any(%s)",
            (codes[:5],),
        )
        tx.execute("delete from golden.approval_item where project_code = %s", (codes[6],))
        tx.execute(
            "update golden.project set region_code = '520302' where project_code = %s", (codes[7],)
        )
    facts.refresh(migrated, now=NOW)
    adjusted = _standing(migrated)
    assert adjusted != before
    with migrated.read(snapshot=True, scratch=True) as tx:
        assert indicators.check(tx)[1:] == ([], [])
    indicators.build(migrated, CONTRACTS, now=NOW)
    assert _standing(migrated) == adjusted


def _standing(database: Database) -> tuple[list[object], list[object]]:
    with database.read() as tx:
        cells = tx.execute("select * from fact.cell order by 1, 2, 3, 4, 5, 6, 7, 8").fetchall()
        hits = tx.execute(
            "select indicator, subject, level, value from fact.hit"
            " where cleared_at is null order by 1, 2"
        ).fetchall()
    return list(cells), list(hits)


@pytest.fixture
def supervised(filled: Filled) -> Filled:
    filled.execute("update golden.project set region_code = '520102', flow_kind = '1'")
    return filled


def test_a_hit_that_is_no_longer_so_keeps_its_row_and_comes_back_as_another(supervised: Filled):
    with supervised.hub.database.write() as tx:
        item(tx, "A", ("3", "11-02T09:00"), ("11", "11-12T17:30"), limit_days=5)
    facts.refresh(supervised.hub.database, now=NOW)
    indicators.build(supervised.hub.database, CONTRACTS, now=NOW)
    for days in (20, 5):
        supervised.execute("update golden.approval_item set limit_days = %s", days)
        facts.refresh(supervised.hub.database, now=NOW)
    found = supervised.rows(
        "select level, cleared_at is null as stands from fact.hit where indicator = 'item_overdue'"
        " order by id"
    )
    assert found == [{"level": "grave", "stands": False}, {"level": "grave", "stands": True}]


def test_a_figure_says_what_could_not_be_judged_and_why(supervised: Filled):
    with supervised.hub.database.write() as tx:
        told = {"handling_kind": "promised", "commitment": False}
        item(tx, "A", ("3", "11-02T09:00"), ("11", "11-02T09:20"), **told)
        item(tx, "B", ("3", "11-02T09:00"), ("11", "11-02T09:20"), commitment=False)
        item(tx, "C", ("3", "11-02T09:00"), ("11", "11-02T09:20"), handling_kind="immediate")
        item(tx, "D", ("3", "11-02T09:00"), ("11", "11-02T10:01"), **told)
        item(tx, "E", ("3", "11-02T09:00"), ("11", "11-02T09:20"), handling_kind="promised")
    facts.refresh(supervised.hub.database, now=NOW)
    indicators.build(supervised.hub.database, CONTRACTS, now=NOW)
    context = operating(supervised.hub, "me")
    since, until = NOVEMBER
    found = figures.figure(context, "instant_approval", since=since, until=until, by="county").whole
    assert (found.n, found.counted, found.value) == (2, 1, 1)
    assert (found.levels, found.not_judged, found.excluded) == (
        {"red": 1},
        {"handling_kind": 1, "commitment": 1},
        {"immediate_list": 1},
    )


def test_a_near_miss_is_none(supervised: Filled):
    with supervised.hub.database.write() as tx:
        item(tx, "A", ("3", "11-02T09:00"), ("11", "11-09T17:30"), limit_days=5)  # to the minute
        item(tx, "B", ("3", "11-02T09:00"), ("11", "11-02T10:00"), handling_kind="promised")
        put(
            tx,
            "approval_document",
            number="D",
            issuer="X",
            kind="k",
            issued_on="2026-11-02",
            item_number="A",
        )
    facts.refresh(supervised.hub.database, now=NOW)
    indicators.build(supervised.hub.database, CONTRACTS, now=NOW)
    assert supervised.rows("select indicator, level from fact.hit") == []


CITY = """
title: {zh: 市里的门槛, en: Thresholds of the city}
source: its own
status: in_force
from: "2024-01-01"
regions: ["5201"]
indicators:
  - id: instant_approval
    title: {zh: 秒批, en: Instant}
    of: item
    at: finished_at
    where: [{fact: end_kind, in: [passed]}]
    measure: {fact: work_minutes}
    levels: {red: {below: 10, unit: working_minute}}
    exclude: [immediate_list]
    responsible: item.department
"""


def test_a_narrower_file_binds_and_a_trial_says_who_would_be_accused(supervised: Filled):
    with supervised.hub.database.write() as tx:
        told = {"handling_kind": "promised", "commitment": False}
        item(tx, "A", ("3", "11-02T09:00"), ("11", "11-02T09:20"), **told)
    facts.refresh(supervised.hub.database, now=NOW)
    indicators.build(supervised.hub.database, CONTRACTS, now=NOW)
    context = operating(supervised.hub, "me")
    since, until = NOVEMBER
    (tried,) = figures.try_file(context, "city.yaml", CITY, since=since, until=until)
    assert (tried.stands.counted, tried.would.counted, len(tried.gone)) == (1, 0, 1)
    assert supervised.rows("select count(*) as n from fact.hit where cleared_at is null") == [
        {"n": 1}
    ]
    city = _read(CITY)
    both = (*CONTRACTS.supervision.indicators, *city)
    contracts = replace(CONTRACTS, supervision=replace(CONTRACTS.supervision, indicators=both))
    indicators.build(supervised.hub.database, contracts, now=NOW)
    assert supervised.rows("select count(*) as n from fact.hit where cleared_at is null") == [
        {"n": 0}
    ]


def _read(text: str) -> tuple[Indicator, ...]:
    known = CONTRACTS.supervision.exclusions
    return indicators_of({"mappings/indicators/city.yaml": text}, known).indicators


@pytest.mark.parametrize(
    ("wrong", "code", "line"),
    [
        (("fact: work_minutes", "fact: work_minuts"), "contract.fact_unknown", 13),
        (
            ("below: 10, unit: working_minute", "below: 10, unit: working_day"),
            "contract.fact_unit",
            14,
        ),
        (
            ("{fact: end_kind, in: [passed]}", "{fact: end_kind, above: 3}"),
            "contract.fact_unfit",
            12,
        ),
        (("immediate_list", "imediate_list"), "contract.exclusion_unknown", 15),
        (("at: finished_at", "at: end_kind"), "contract.fact_unfit", 11),
        (("measure: {fact: work_minutes}", "measure: {sql: 1}"), "contract.key_unknown", 13),
    ],
)
def test_an_unknown_word_is_refused_with_its_line_and_a_cure(
    wrong: tuple[str, str], code: str, line: int
):
    with pytest.raises(ContractsInvalidError) as met:
        _read(CITY.replace(*wrong))
    assert (code, line) in {(one.code, one.line) for one in met.value.problems}


def test_indicators_have_words_in_both_languages(supervised: Filled):
    found = figures.catalogue(operating(supervised.hub, "me"))
    assert found.indicators
    for one in found.indicators:
        assert not re.search(r"[\u4e00-\u9fff]", one.sentence_en), one.sentence_en
        assert one.sentence_zh


def test_a_department_is_told_nothing(supervised: Filled):
    context = operating(supervised.hub, "me")
    account = replace(context.reader.account, role="department")
    context.reader = replace(context.reader, account=account)
    with pytest.raises(FlowError) as met:
        figures.catalogue(context)
    assert met.value.code == "access.role"


def test_every_row_of_the_tables_is_built_or_waits_for_what_is_named():
    built = {one.id for one in CONTRACTS.supervision.indicators}
    rows = re.findall(
        r"^\| `(\w+)` \| (.*?) \|",
        (FOLDER.parents[1] / "docs/flow/indicators.md").read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
    assert built == {name for name, told in rows if told == "built"}
    assert all(told == "built" or told.startswith("waits for ") for _, told in rows)
    assert len(rows) == len(dict(rows)) > 45

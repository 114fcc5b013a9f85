"""The worked axis in the database against the pure clock (hub/domain/clock.py): equal to a second,
whatever comes.
"""

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hub.db.database import Database
from tests.postgres import DatabaseServer
from tests.services import axis

FETCHED = (
    "select idx_tup_fetch + seq_tup_read from pg_stat_xact_user_tables where relid = "
    "'hub.workday'::regclass"
)
REACHED = """
    select fact.reached(version, w, true), fact.reached(version, w, false)
      from (select c.version, (select max(before) * %s from hub.workday d
          where d.calendar = c.version)::bigint as w
              from hub.calendar c limit 1) p
"""


@pytest.fixture(scope="module")
def migrated(database_server: DatabaseServer, filled_template: str) -> Iterator[Database]:
    with database_server.database(template=filled_template) as url:
        database = Database(url)
        yield database
        database.close()


@pytest.mark.parametrize("calendar", axis.CALENDARS.values(), ids=axis.CALENDARS)
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@example(seed=158266, count=4)  # a limit that is used up to the minute at noon
@given(seed=st.integers(0, 2**32), count=st.integers(1, 20))
def test_the_axis_and_the_pure_clock_agree_to_a_second(
    migrated: Database, calendar, seed: int, count: int
):
    contracts = axis.adopt(migrated, calendar)
    random = Random(seed)  # noqa: S311 -- seeded on purpose
    cases = [axis.random_case(random) for _ in range(count)]
    with migrated.write() as tx:
        found = axis.computed(tx, cases)
        tx.rollback()
    for case, rows in zip(cases, found, strict=True):
        assert list(axis.differences(contracts.clock, case, rows)) == [], case


def test_the_instant_of_a_position_is_found_by_an_index_wherever_it_lies(migrated: Database):
    axis.adopt(migrated, next(iter(axis.CALENDARS.values())))
    with migrated.write() as tx:
        for place in (0.1, 0.5, 0.9):
            (before,) = tx.execute(FETCHED).fetchone() or (0,)
            tx.execute(REACHED, (place,))
            (after,) = tx.execute(FETCHED).fetchone() or (0,)
            assert 0 < after - before < 50, place

"""A disk that is full while records come in, in any of the tables that take them: nothing counts
half, the error is named, and the next run goes on.
"""

import pytest

from hub.errors import TransientError
from tests.pipeline.conftest import Small
from tests.pipeline.partners import Source
from tests.pipeline.test_intake import PLAN, project

FULL = """
    create function pg_temp.full() returns trigger language plpgsql as $$
    begin raise exception 'could not extend file' using errcode = '53100'; end $$
"""
TABLES = (
    *("hub.landing", "hub.batch", "hub.record", "hub.head", "golden.project", "source.project"),
    *("hub.evidence", "hub.run"),
)


@pytest.mark.parametrize("table", TABLES)
def test_what_comes_while_the_disk_is_full_is_taken_in_by_the_next_run(small: Small, table: str):
    small.pull(PLAN, Source([project(1)]))
    with small.database.write() as tx:
        tx.execute("create schema full_disk")
        tx.execute(FULL.replace("pg_temp", "full_disk"))
        tx.execute(
            f"create trigger full_disk before insert on {table} "
            "for each statement execute function full_disk.full()"
        )
    with pytest.raises(TransientError, match=r"^database\.disk_full"):
        small.pull(PLAN, Source([project(1), project(2)]))
    assert small.rows("select count(*) as n from golden.project") == [{"n": 1}]
    assert small.rows("select sum(read)::int as n from hub.batch") == [{"n": 1}]
    with small.database.write() as tx:
        tx.execute("drop schema full_disk cascade")
    assert small.pull(PLAN, Source([project(1), project(2)])) == {
        "read": 2,
        "created": 1,
        "unchanged": 1,
    }
    assert small.rows("select state from hub.run where state = 'running'") == []

"""What stands in a database of before is carried over to the times of sources."""

from datetime import UTC, datetime
from pathlib import Path

import psycopg
import sqlalchemy
from alembic import command
from alembic.config import Config
from sqlalchemy.pool import NullPool

from hub.db import migrations

BEFORE = "0030"
ROWS = """
insert into hub.access (id, account, route, record_ids, at)
values (hub.event_base(now()) + 1, 'water', 'PUSH push.water.prefill', '{1}', now()),
       (hub.event_base(now()) + 2, 'gas', 'GET /v1/projects', '{1}', now());
insert into hub.access_day (account, day, reads, records, projects, uncased, off_hours, refused,
    refused_row)
values ('water', (now() at time zone 'Asia/Shanghai')::date, 1, 1, 0, 0, 0, 0, 0);
insert into hub.unusual (account, day, code, facts)
values ('water', (now() at time zone 'Asia/Shanghai')::date, 'unusual.volume', '{}'),
       ('gas', (now() at time zone 'Asia/Shanghai')::date, 'unusual.volume', '{}');
"""


def upgraded(url: str, to: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    engine = sqlalchemy.create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool
    )
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def test_flags_of_the_hubs_own_reading_go_and_those_of_people_stay(empty_database_url: str):
    upgraded(empty_database_url, BEFORE)
    with psycopg.connect(empty_database_url) as connection:
        connection.execute(ROWS)  # type: ignore[arg-type]
    upgraded(empty_database_url, "head")
    with psycopg.connect(empty_database_url) as connection:
        assert connection.execute("select account from hub.unusual").fetchall() == [("gas",)]
        assert connection.execute("select count(*) from hub.access_day").fetchone() == (0,)


def test_a_version_that_is_an_instant_tells_the_time_and_no_other_does(empty_database_url: str):
    upgraded(empty_database_url, "head")
    with psycopg.connect(empty_database_url) as connection:
        told = connection.execute(
            "select hub.source_time(null, v) from unnest(%s::text[]) v",
            (["2026-10-04T01:23:03.000000Z", "00000000000000000008", "2026-10-04", ""],),
        ).fetchall()
    assert [row[0] for row in told] == [
        datetime(2026, 10, 4, 1, 23, 3, tzinfo=UTC),
        None,
        None,
        None,
    ]

"""An upgrade takes nothing away in silence and gives nothing to anybody who had not got it."""

from pathlib import Path

import sqlalchemy
from alembic import command
from alembic.config import Config
from sqlalchemy.pool import NullPool

from hub.db import migrate
from tests.filled import Filled

BEFORE = "0026b"
"""The revision after which clocks became facts."""


def upgrade(url: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    engine = sqlalchemy.create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool
    )
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def test_whoever_could_see_clocks_is_granted_them_by_name(empty_database_url: str):
    upgrade(empty_database_url, BEFORE)
    world = Filled(empty_database_url)
    world.execute("""
        insert into hub.account (name, role, department, token_hash)
        select name, 'department', '', name::bytea from unnest('{a,b,c,d,e}'::text[]) name;
        insert into hub.access_grant (account, entity, classes, purpose, valid_from, valid_until,
            regions, ended_at)
        values ('a', 'stage', '{public,internal}', '供水', '2020-01-01', '2099-01-01', '{62}', null),
               ('b', 'approval_item', '{public}', '审批', '2020-01-01', '2099-01-01', '{}', null),
               ('b', 'approval_step', '{public}', '审批', '2020-01-01', '2099-01-01', '{}', null),
               ('c', 'approval_step', '{public}', '审批', '2020-01-01', '2099-01-01', '{}', null),
               ('d', 'stage', '{public}', '已终止', '2020-01-01', '2099-01-01', '{}', now()),
               ('e', 'stage', '{public}', '已到期', '2020-01-01', '2020-12-31', '{}', null)
    """)
    world.hub.migrate()
    rows = world.rows(
        "select account, classes, purpose, regions, valid_until::text from hub.access_grant "
        "where entity = 'clock'"
    )
    assert sorted(tuple(row.values()) for row in rows) == [
        ("a", ["public"], "供水", ["62"], "2099-01-01"),
        ("b", ["internal", "public"], "审批", [], "2099-01-01"),
    ]
    world.hub.close()


def test_a_token_that_stands_gets_an_end_and_a_password_stays_its_owners(empty_database_url: str):
    upgrade(empty_database_url, "0047c")
    world = Filled(empty_database_url)
    world.execute("""
        insert into hub.account (name, role, department, token_hash, password_hash, ended_at)
        values ('a', 'department', '', 'a', 'scrypt$c2FsdA==$aGFzaA==', null), ('b', 'service', '',
            'b', null, null),
               ('c', 'auditor', '', 'c', null, now());
        insert into hub.sign_in_count (kind, name, times, until_at) values ('account', 'a', 5,
            now())
    """)
    world.hub.migrate()
    rows = world.rows("""
        select name, token_until::date - current_date as days, password_given,
            password_at is not null as dated,
               (select count(*) from hub.password_past p where p.account = a.name) as past
          from hub.account a order by name
    """)
    assert [tuple(row.values()) for row in rows] == [
        ("a", 365, False, True, 1),
        ("b", 365, False, False, 0),
        ("c", None, False, False, 0),
    ]
    world.hub.close()


def test_the_facts_of_a_standing_database_are_computed_by_the_upgrade(filled: Filled):
    filled.execute("""
        delete from fact.clock;
        delete from fact.touched;
        update fact.state set rules = null, said = null
    """)
    filled.hub.migrate()
    assert filled.rows("select scope from fact.clock") == [{"scope": "project"}]

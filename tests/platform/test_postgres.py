"""The embedded PostgreSQL starts, survives a kill, and leaves nothing behind."""

import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from deploy import postgres
from tests.postgres import DatabaseServer


def test_a_test_gets_an_empty_database(empty_database_url):
    with psycopg.connect(empty_database_url) as db:
        tables = db.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone()
    assert tables == (0,)


def test_a_database_is_a_copy_of_its_template(database_server: DatabaseServer):
    with database_server.database() as url:
        with psycopg.connect(url) as db:
            db.execute("create table t as select 1 as n")
        with database_server.database(template=url.rpartition("/")[2]) as copy, psycopg.connect(copy) as db:
            assert db.execute("select n from t").fetchone() == (1,)


def test_only_the_right_password_opens_the_database(database_server: DatabaseServer):
    wrong = database_server.cluster.url().replace(database_server.cluster.password, "wrong")
    try:
        psycopg.connect(wrong)
    except psycopg.OperationalError as error:
        assert "password authentication failed" in str(error)
    else:
        raise AssertionError

"""The side-by-side measurement itself: small, and without those that need an environment of their
own.
"""

import argparse
import json

import pytest

from bench import compare, home, items, pages
from bench.compare import COPY, Ground, Measured
from hub.settings import HOME
from tests.postgres import DatabaseServer

RECORDS, CHANGED = 400, 4


@pytest.fixture(scope="module")
def measured(database_server: DatabaseServer) -> list[Measured]:
    asked = argparse.Namespace(
        records=RECORDS, projects=0, fields=items.FIELDS, receivers=1, profile=None
    )
    with compare.ground(asked, database_server.cluster, table=True) as stands:
        assert isinstance(stands, Ground)
        return compare.run(stands, compare.chosen("copy,hub"), runs=1)


def test_every_contender_does_all_of_every_case(measured: list[Measured]):
    again = f"{RECORDS} read, {RECORDS} unchanged"
    # the overlap reads serials 300 to 400 again, and one of their records has moved to the end
    boundary = 100
    changed = f"{CHANGED + boundary} read, {CHANGED} changed, {boundary} unchanged"
    hub = {"first": f"{RECORDS} read, {RECORDS} created", "again": again, "changed": changed}
    did = {(one.contender, one.case): one.did for one in measured}
    expected = {
        (name, case): said
        for name in ("hub-rest", "hub-odbc", "hub-native")
        for case, said in hub.items()
    }
    assert did == {(COPY, "first"): f"{RECORDS} copied"} | expected


def test_the_table_of_results_compares_with_copy(measured: list[Measured]):
    rows = {(row["contender"], row["case"]): row for row in compare.medians(measured, RECORDS)}
    assert rows[COPY, "first"]["times_copy"] == 1
    # of CPU no sign is sure with so few records: a worker of the server that ends takes its own along
    assert all(row["peak_mib"] > 0 and "cpu_us_a_record" in row for row in rows.values())
    assert compare.table_of(list(rows.values())).count("\n") == len(rows) + 1


@pytest.mark.parametrize("fields", [10, 30, 60])
def test_a_record_has_as_many_fields_as_asked_and_maps_without_a_fault(fields: int):
    flow = home.contracts(fields).pulls["pull.web.approval_item"]
    work = home.work_of(argparse.Namespace(records=RECORDS, projects=0, fields=fields))
    for record in work.first():
        mapped = flow.mapper.map(json.loads(items.payload(record)))
        assert (mapped.faults, len(mapped.values)) == ((), fields)


def test_the_workload_weighs_about_as_much_as_real_records_do():
    sizes = [len(items.payload(record)) for record in items.work(RECORDS).first()]
    assert 700 < sum(sizes) / len(sizes) < 780


def test_the_environment_of_the_others_is_no_part_of_the_products():
    others, product = (
        (HOME / name).read_text() for name in ("requirements-bench.lock", "requirements.lock")
    )
    assert "\ndlt==" in others
    assert "\ndlt==" not in product


def test_the_page_shows_the_figures_that_are_kept():
    text = pages.PAGE.read_text(encoding="utf-8")
    assert pages.MARK.findall(text)
    assert pages.filled(text) == text

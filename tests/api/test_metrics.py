"""What a monitoring system reads: the numbers are those of the tables, and the manual lists every
name.
"""

import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families as parsed

from hub.auth.context import operating
from hub.pipeline import seal
from hub.services import metrics
from tests.api.conftest import Client, Opened
from tests.filled import Filled
from tests.postgres import DatabaseServer

MANUAL = Path("docs/metrics.md")


def found(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """By name and labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in parsed(text)
        for sample in family.samples
    }


def told(filled: Filled) -> str:
    return metrics.text(operating(filled.hub, "tester")).decode()


def test_every_number_is_that_of_the_tables(filled: Filled):
    seal.seal(filled.hub.database, filled.hub.settings)
    said = found(told(filled))
    with filled.hub.database.read() as tx:
        batches = tx.execute(
            "select flow, sum(read)::float from hub.batch group by flow"
        ).fetchall()
        entries = dict(
            tx.execute(
                "select flow, count(*) from hub.quarantine where state = 'open' group by flow"
            )
        )
        seals = tx.execute("select count(*) from hub.seal").fetchone()[0]
    assert len(batches) > 3
    for flow, read in batches:
        counted = [
            value
            for (name, labels), value in said.items()
            if name == "onecode_records_total"
            and ("flow", flow) in labels
            and ("outcome", "read") in labels
        ]
        assert sum(counted) == read
    open_now = {
        dict(labels)["flow"]: value
        for (name, labels), value in said.items()
        if name == "onecode_quarantine_open"
    }
    assert {flow: count for flow, count in open_now.items() if count} == entries
    assert said["onecode_seals_total", ()] == seals == 1


def test_outcomes_of_a_flow_add_up_to_what_was_read(filled: Filled):
    by_flow: dict[tuple[str, str], dict[str, float]] = {}
    for (name, labels), value in found(told(filled)).items():
        if name == "onecode_records_total":
            of = dict(labels)
            by_flow.setdefault((of["flow"], of["kind"]), {})[of["outcome"]] = value
    assert by_flow
    for outcomes in by_flow.values():
        assert outcomes.pop("read") == sum(outcomes.values())


def test_a_hub_that_has_never_run_anything_has_metrics_too(database_server: DatabaseServer):
    with database_server.database() as url:
        fresh = Filled(url)
        fresh.hub.migrate()
        said = found(told(fresh))
        fresh.hub.close()

    assert said["onecode_seals_total", ()] == said["onecode_alerts", ()] == 0
    assert {value for (name, _), value in said.items() if name == "onecode_flow_disabled"} == {0}
    assert not any(name == "onecode_flow_lag_seconds" for name, _ in said)


def test_programs_read_it_with_a_token_and_departments_do_not(client: Client, opened: Opened):
    answer = client.get("/v1/metrics", opened("prometheus", "service"))

    assert answer.status_code == 200
    assert answer.headers["content-type"] == metrics.CONTENT_TYPE
    assert "onecode_flow_lag_seconds{" in answer.text
    assert client.get("/v1/metrics", opened("bureau", "department")).status_code == 403
    assert client.get("/v1/metrics").status_code == 401


def test_the_manual_lists_every_metric(filled: Filled):
    listed = set(
        re.findall(r"^\| `(onecode_\w+)`", MANUAL.read_text(encoding="utf-8"), re.MULTILINE)
    )
    names = {family.name for family in parsed(told(filled))}

    assert {name.removesuffix("_total") for name in listed} == names

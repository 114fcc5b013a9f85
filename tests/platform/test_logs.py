"""What happens is told in the log with run, flow and trace: a run, a batch, a delivery, a refusal,
a retry.
"""

import io
import json
import logging

import pytest

from hub import logs
from hub.errors import FlowError
from hub.settings import LogSettings
from tests.filled import Filled, filled, filled_template, payload
from tests.pipeline.partners import Desk

__all__ = ["filled", "filled_template"]

FLOW, PUSH = "pull.investment.project", "push.water.project"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch):
    """What the hub's loggers say from INFO on, as JSON."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logs.JsonFormatter())
    own = logging.getLogger("hub")
    monkeypatch.setattr(own, "level", logging.INFO)
    own.addHandler(handler)
    logging.Logger.manager._clear_cache()
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    own.removeHandler(handler)
    logging.Logger.manager._clear_cache()


def test_a_run_tells_of_its_beginning_its_batches_and_its_end(filled: Filled, lines):
    run = filled.pull(FLOW, payload(FLOW, id=7), payload(FLOW, 2, id=8))
    said = [one for one in lines() if one["run"] == run]
    assert [one["message"] for one in said] == ["run begun", "batch taken in", "run ended"]
    assert {one["flow"] for one in said} == {FLOW}
    assert len({one["trace"] for one in said}) == 1
    assert said[-1]["state"] == "complete"


def test_refusals_and_retries_are_told_by_record_and_code_without_a_value(filled: Filled, lines):
    losing, refusing = Desk(), Desk()
    losing.loses = 1
    refusing.refuses = {None}  # type: ignore[arg-type] -- what has no name of the desk's
    (name,) = {row["name"] for row in filled.rows("select name from golden.project limit 1")}
    filled.push("push.fire.project", losing)
    filled.push(PUSH, refusing)
    (again,) = [one for one in lines() if one["message"] == "deliveries tried again later"]
    assert (again["code"], again["count"]) == ("delivery.lost_answer", 1)
    refused = [one for one in lines() if one["message"] == "delivery rejected"]
    assert [(one["level"], one["flow"], one["code"]) for one in refused] == [
        ("WARNING", PUSH, "delivery.rejected")
    ]
    assert refused[0]["record"] == filled.record("project")
    handed = [one for one in lines() if one["message"] == "marks dealt with"]
    assert {one["flow"] for one in handed} == {"push.fire.project", PUSH}
    assert all(one["run"] and one["trace"] for one in (again, *refused, *handed))
    assert str(name) not in json.dumps(lines(), ensure_ascii=False)


def test_a_flow_that_does_not_begin_is_told(filled: Filled, lines):
    with pytest.raises(FlowError):
        filled.hub.pull("pull.investment.project", airflow={"dag_id": "pull_investment"})
    (told,) = [one for one in lines() if one["message"] == "flow does not begin"]
    assert (told["flow"], told["code"]) == (FLOW, "system.not_configured")
    (run,) = filled.rows("select max(id) as id from hub.run")
    assert (told["run"], len(told["trace"])) == (run["id"], 32)


def test_a_caller_names_his_trace_and_nobody_begins_a_line():
    named = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert logs.trace_of(named) == "0af7651916cd43dd8448eb211c80319c"
    assert len(logs.trace_of("no trace")) == len(logs.trace_of("")) == 32
    record = logging.makeLogRecord(
        {"msg": "one\x1b[2J\ntwo", "levelname": "INFO", "name": "hub.x", "n": {"a": {1}}}
    )
    with logs.about(run=5):
        line = logs.JsonFormatter().format(record)
    assert "\n" not in line
    assert "\x1b" not in line
    assert json.loads(line)["run"] == 5


@pytest.mark.parametrize(("format_", "begins"), [("json", "{"), ("text", "2")])
def test_the_settings_say_what_a_line_looks_like(format_: str, begins: str):
    handler = logs.configure(LogSettings(format=format_, level="INFO"))
    logging.getLogger().removeHandler(handler)
    assert handler.format(
        logging.makeLogRecord({"msg": "x", "levelname": "INFO", "name": "hub"})
    ).startswith(begins)

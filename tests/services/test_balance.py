"""What may be called balanced: a sum of a run that has ended well, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.auth.context import operating
from hub.console.flows import equation
from hub.console.pages import conservation
from hub.db.runs import reading
from hub.errors import FlowError
from hub.pipeline.run_lifecycle import running
from hub.services.balance import BalanceLine, balance
from hub.services.conservation import conserved
from hub.texts import tell
from tests.filled import Filled

FLOW = "pull.water.utility_connection"
PLACE = ("water", "utility_connection")
NOTHING = {"read": 0, "created": 0}


@pytest.fixture(autouse=True)
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("hub.console.flows.t", "hub.console.pages.conservation.t"):
        monkeypatch.setattr(place, lambda name, **facts: tell(name, "zh", **facts))
    monkeypatch.setattr(
        "hub.console.components.t", lambda name, **facts: tell(name, "zh", **facts), raising=False
    )


def lines(filled: Filled) -> list[BalanceLine]:
    return balance(operating(filled.hub, "tester")).rows


def fail(filled: Filled) -> None:
    with pytest.raises(FlowError), running(filled.hub.database, FLOW, "pull"):
        raise FlowError("flow.stopped")


def test_a_run_that_hangs_or_failed_is_not_said_to_balance(filled: Filled):
    with running(filled.hub.database, FLOW, "pull"), filled.hub.database.write() as tx:
        (hanging,) = reading.run_rows(tx, flow=FLOW, state="running")
        (line,) = (line for line in lines(filled) if (line.system, line.entity) == PLACE)
        assert (hanging.balanced, line.balanced, line.unfinished) == (None, None, {"running": 1})
        assert balance(operating(filled.hub, "tester")).balanced is None
    fail(filled)
    with filled.hub.database.write() as tx:
        (failed,) = reading.run_rows(tx, flow=FLOW, state="failed")
        (line,) = (line for line in lines(filled) if (line.system, line.entity) == PLACE)
    assert failed.balanced is None
    assert line.unfinished["failed"] == 1
    (report,) = filled.rows("select balanced from hub.report order by run_id desc limit 1")
    assert report["balanced"] is None


def test_no_sum_is_ticked_before_its_run_has_ended_well():
    assert "✓" in equation(NOTHING, balanced=True)
    assert "✓" not in equation(NOTHING, balanced=None)
    assert "✗" in equation({"read": 2, "created": 1}, balanced=False)


def test_a_day_is_not_said_to_balance_without_its_failed_runs(filled: Filled):
    yesterday = datetime.now(UTC) - timedelta(days=1)
    before = conserved(operating(filled.hub, "tester"), yesterday)
    assert "每一天都平衡" in conservation._summary(before)
    fail(filled)
    now = conserved(operating(filled.hub, "tester"), yesterday)
    assert now.intake[-1].unfinished == {"failed": 1}
    said = conservation._summary(now)
    assert "每一天都平衡" not in said
    assert "失败 1" in said
    assert "✓" not in conservation._day(now.intake[-1])

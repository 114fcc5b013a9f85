"""The broadcast company, which has no system: its clerk's workbook is taken whole or not at all."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.auth.context import RequestContext, on_behalf, operating
from hub.errors import FlowError
from hub.services import new_deliveries, supply
from hub.services.lineage.field import field_lineage
from hub.services.new_deliveries import DeliveryVerdict
from tests.cli.conftest import Command
from tests.filled import Filled
from tests.sandbox_processes import SECRET, USER, running_partner
from tests.supply.conftest import open_clerk
from tests.supply.workbooks import FLOW

NEEDS = "push.broadcast.project"
PROJECTS = 60


@pytest.fixture
def books(tmp_path: Path) -> dict[str, Path]:
    """The workbooks that the clerk fills in, and that she has filled in last year's way."""
    found = {}
    for name in ("broadcast", "broadcast_last_year"):
        state = tmp_path / name
        with running_partner(name, state=state, projects=PROJECTS):
            (found[name],) = state.rglob("*.xlsx")
    return found


@pytest.fixture
def projects(tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    state = tmp_path / "investment"
    with running_partner("investment", state=state, projects=PROJECTS) as partner:
        login = f"{USER}:{SECRET}@127.0.0.1:{partner.port}"
        monkeypatch.setenv("HUB_CONN_INVESTMENT", f"http://{login}/api")
        status, _, err = command("run", "pull.investment.project", "--json")
        assert status == 0, err
        yield


@pytest.fixture
def clerk(filled: Filled) -> RequestContext:
    open_clerk(filled)
    return on_behalf(filled.hub, "clerk")


@pytest.mark.usefixtures("projects")
def test_the_right_workbook_is_taken_whole_and_the_wrong_one_not_at_all(
    command: Command, filled: Filled, books: dict[str, Path], clerk: RequestContext
):
    wrong = books["broadcast_last_year"]
    status, out, err = command("supply", "upload", FLOW, str(wrong), "--json")
    assert status == 1
    assert "supply.refused" in err or "Nothing was taken" in err
    told = json.loads(out)
    rows, codes = told["rows"], [one["code"] for one in told["faults"]]
    assert rows > 15
    assert codes.count("record.cell_unusable") == rows  # each day is a formula without its value
    assert codes.count("supply.column_missing") == codes.count("supply.column_unknown") == 1
    merged = [one["cell"] for one in told["faults"] if one["code"] == "supply.merged"]
    assert merged
    assert all(cells.startswith("E") for cells in merged)
    assert len(codes) == rows + 2 + len(merged)
    assert filled.rows("select count(*) as n from hub.inbound") == [{"n": 0}]

    right = books["broadcast"]
    answer = supply.upload(clerk, FLOW, right.name, right.read_bytes(), pull=filled.hub.pull)
    assert (answer.taken, answer.rows) == (True, rows)
    assert sum(answer.outcomes.values()) == rows
    assert answer.outcomes["taken"] > rows // 2
    golden = filled.rows("select number from golden.utility_connection where utility = 'broadcast'")
    assert len(golden) == answer.outcomes["taken"]
    with pytest.raises(FlowError) as refused:
        supply.upload(clerk, FLOW, "again.xlsx", right.read_bytes())
    assert (refused.value.code, refused.value.facts["by"]) == ("supply.seen_before", "clerk")

    # one value to its cell: the payload under the title of its column, in the row of the sheet
    (act,) = supply.one(clerk, FLOW).acts
    number = str(golden[0]["number"])
    with filled.hub.database.read() as tx:
        (record,) = tx.execute("select id from hub.record where key = %s", (f"broadcast|{number}",))
    lineage = field_lineage(operating(filled.hub, "auditor"), str(record[0]), "status")
    assert lineage.origin is not None
    assert list(lineage.origin.source) == ["报装状态"]
    assert f" · {right.name} · {act.digest} · clerk" in lineage.origin.arrival.position

    status, out, err = command("run", NEEDS, "--json")
    assert status == 0, err
    (table,) = [one for one in new_deliveries.listed(clerk) if one.flow == NEEDS]
    assert len(table.deliveries) > 20
    verdicts = [DeliveryVerdict(one.key, accepted=True) for one in table.deliveries]
    new_deliveries.acknowledge(clerk, NEEDS, verdicts)
    status, out, err = command("run", NEEDS.replace("push", "receipts"), "--json")
    assert status == 0, err
    states = filled.rows(
        f"select distinct state from hub.delivery where flow = '{NEEDS}' and key is not null"  # noqa: S608
    )
    assert {"state": "confirmed"} in states

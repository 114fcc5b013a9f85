"""The drainage company, files alone: GBK lines over SFTP that come late, are corrected or are empty."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.cli.conftest import Command
from tests.cli.file_partners import exchanging, invested, run
from tests.filled import Filled
from tests.sandbox_processes import PartnerProcess

CONNECTIONS, LICENCES = "pull.drainage.utility_connection", "pull.drainage.approval_document"
NEEDS, ANSWERS = "push.drainage.project", "receipts.drainage.project"


@pytest.fixture
def drainage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PartnerProcess]:
    with exchanging("drainage", tmp_path, monkeypatch) as partner:
        yield partner


@pytest.fixture
def projects(tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with invested(tmp_path, command, monkeypatch):
        yield


def files(outbox: Path) -> list[str]:
    return sorted(path.name for path in outbox.iterdir())


@pytest.mark.usefixtures("projects")
def test_connections_and_licences_arrive_and_needs_are_answered_a_day_later(
    command: Command, filled: Filled, drainage: PartnerProcess
):
    offered = drainage.shared()["connections"]
    read = run(command, CONNECTIONS)
    assert read["read"] == offered > 20
    assert read["created"] + read.get("waiting", 0) + read.get("quarantined", 0) == offered
    (connected,) = filled.rows(
        "select count(*) as n from golden.utility_connection where connected_on is not null"
    )
    licences = run(command, LICENCES)
    assert licences["created"] == connected["n"] > 0
    assert licences["created"] + licences["ignored"] + licences.get("waiting", 0) == offered

    sent = run(command, NEEDS)
    assert sent["awaiting_receipt"] == sent["due"] - sent.get("withheld", 0) > 0
    assert not run(command, ANSWERS).get("confirmed")
    drainage.tick()
    assert run(command, ANSWERS)["confirmed"] == sent["awaiting_receipt"]
    held = drainage.received("needs")
    assert {one["applied"] for one in held} == {1}
    assert len(held) == sent["awaiting_receipt"]


@pytest.mark.usefixtures("projects")
def test_a_corrected_file_under_yesterdays_date_is_read_and_an_empty_one_holds_nothing_back(
    command: Command, filled: Filled, drainage: PartnerProcess, tmp_path: Path
):
    outbox = tmp_path / "drainage/files/outbox"
    run(command, CONNECTIONS)
    drainage.arm("empty_file", where="connections")
    drainage.tick()
    drainage.tick()
    names = files(outbox)
    yesterday = f"{datetime.now(ZoneInfo('Asia/Shanghai')) - timedelta(days=1):%Y%m%d}"
    assert f"PS_{yesterday}_03.CSV" in names
    assert 0 in {(outbox / name).stat().st_size for name in names}
    run(command, CONNECTIONS)
    (one,) = filled.rows("select number, address from golden.utility_connection limit 1")
    key = str(one["number"]).removeprefix("PS")
    drainage.edit("connections", key, {"接入地址": "城南路1号（更正）"})
    assert files(outbox) == names
    assert run(command, CONNECTIONS)["changed"] == 1
    (after,) = filled.rows(
        f"select address from golden.utility_connection where number = '{one['number']}'"  # noqa: S608
    )
    assert after["address"] == "城南路1号（更正）"


def test_one_line_with_a_stray_quote_is_one_entry_in_quarantine(
    command: Command, filled: Filled, drainage: PartnerProcess, tmp_path: Path
):
    (path,) = (tmp_path / "drainage/files/outbox").iterdir()
    header, first, *lines = path.read_bytes().split(b"\r\n")
    cells = first.split(b",")
    cells[3] = b'"' + cells[3] + b'"\xb4\xef'
    path.write_bytes(b"\r\n".join([header, b",".join(cells), *lines]))
    offered = drainage.shared()["connections"]
    read = run(command, CONNECTIONS)
    assert (read["read"], read["quarantined"]) == (offered, 1)
    causes = filled.rows("select cause from hub.quarantine where cause like 'file.%'")
    assert [one["cause"] for one in causes] == ["file.line_broken"]

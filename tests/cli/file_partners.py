"""Partners that exchange files, and the projects that they speak of, as running processes."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.sandbox_processes import SECRET, USER, PartnerProcess, running_partner

PROJECTS = 80


@contextmanager
def exchanging(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PartnerProcess]:
    """A partner over SFTP, to which the hub is connected; its state lies in a folder of its name."""
    with running_partner(name, state=folder / name, projects=PROJECTS) as partner:
        health = partner.ask("host_key")
        assert isinstance(health, dict)
        place = f"{USER}:{SECRET}@127.0.0.1:{partner.sftp_port}"
        address = f"sftp://{place}/?host_key={health['host_key']}"
        monkeypatch.setenv(f"HUB_CONN_{name.upper()}", address)
        yield partner


@contextmanager
def invested(
    folder: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PartnerProcess]:
    """The investment platform, whose projects the hub has read."""
    with running_partner("investment", state=folder / "inv", projects=PROJECTS) as partner:
        place = f"{USER}:{SECRET}@127.0.0.1:{partner.port}"
        monkeypatch.setenv("HUB_CONN_INVESTMENT", f"http://{place}/api")
        run(command, "pull.investment.project")
        yield partner


def run(command: Command, flow: str) -> dict[str, int]:
    """Run a flow; what came of it, nothing left out of its balance."""
    status, out, err = command("run", flow, "--json")
    assert status == 0, err
    (told,) = json.loads(out)["runs"]
    assert told["balanced"] is True
    return {name: count for name, count in told["counts"].items() if count}

"""The hub says of itself whether it can do its work: what is wrong, in words, within a limit, by
every face alike.
"""

import os
import re
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from deploy import postgres
from deploy.postgres import Cluster
from hub import wiring
from hub.cli import main
from hub.db import fit
from hub.db.database import Database
from hub.db.vitals import Vitals
from hub.errors import FlowError
from hub.services import compatibility, health, machine_health
from hub.services.health import Health, Lookout
from hub.settings import HealthBounds, Timeouts
from hub.wiring import Hub
from tests.filled import HOME, Filled
from tests.postgres import throwaway_cluster

FEW = (
    "max_connections=5",
    "superuser_reserved_connections=1",
    "reserved_connections=0",
    "max_wal_senders=0",
)
NEWER = re.escape("database.newer")
NOW = datetime(2026, 11, 30, tzinfo=UTC)


def hub_on(url: str, **changes: str) -> Hub:
    environ = {"HUB_DATABASE_URL": url, "HUB_DISK_WARN_BYTES": "2", "HUB_DISK_LEAST_BYTES": "1"}
    return wiring.start(environ={**environ, "HUB_HEALTH_SECONDS": "1.5", **changes})


def codes(found: Health) -> dict[str, list[str]]:
    return {check.name: [said.code for said in check.told] for check in found.checks if check.told}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A server of our own, to be stopped and starved."""
    log: Path = tmp_path_factory.mktemp("health") / "postgres.log"
    with throwaway_cluster() as made:
        small = Cluster(
            data=made.data,
            port=made.port,
            password=made.password,
            settings=(*made.settings, *FEW),
            initdb=made.initdb,
        )
        process = small.start(log)
        small.ensure_role("hub", "hub")
        try:
            yield small
        finally:
            os.kill(process.pid, signal.SIGCONT)
            postgres.stop(process)


def role_url(server: Cluster) -> str:
    return f"postgresql://hub:hub@127.0.0.1:{server.port}/postgres"


def test_a_hub_that_is_well_is_ready_by_every_check(filled: Filled):
    filled.hub.seal()
    found = health.look(filled.hub)
    assert (found.status, found.failing) == ("ready", [])
    assert [check.name for check in found.checks] == list(health.ABOUT)
    assert all(check.ok for check in found.checks)


def test_a_database_that_hangs_is_told_within_the_limit_and_asked_by_one_at_a_time(server: Cluster):
    hub = hub_on(role_url(server))
    lookout = Lookout(hub)
    lookout.health()  # contracts are read
    with psycopg.connect(role_url(server)):
        pid = int((server.data / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGSTOP)
        try:
            began = time.monotonic()
            found = health.look(hub)
            assert time.monotonic() - began < 3
        finally:
            os.kill(pid, signal.SIGCONT)
    assert codes(found)["database"] == ["database.silent"]
    assert found.status == "not_ready"
    assert {check.name for check in found.checks if not check.seen} == {
        "schema",
        "connections",
        "clock",
        "sealing",
    }
    hub.close()


def test_used_up_connections_and_a_structure_that_is_missing_are_told_each_by_its_name(
    server: Cluster,
):
    hub = hub_on(role_url(server), HUB_CONNECTIONS_WARN="0.5")
    assert codes(health.look(hub))["schema"] == ["database.not_migrated"]
    held = [psycopg.connect(role_url(server))]  # and the hub has one to read by and one to write
    assert codes(health.look(hub))["connections"] == ["health.connections"]
    held.append(psycopg.connect(role_url(server)))
    assert codes(health.look(hub))["database"] == ["database.connections"]
    for one in held:
        one.close()
    hub.close()


def test_nobody_at_the_address_is_told_by_the_command_line_with_the_cure(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    for name, value in {
        "HUB_DATABASE_URL": "postgresql://hub:geheim@127.0.0.1:1/hub",
        "HUB_LANG": "zh",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["hub", "health"])
    with pytest.raises(SystemExit) as ended:
        main()
    said = "".join(capfd.readouterr())
    assert ended.value.code == 1
    assert "中枢数据库没有运行" in said
    assert "启动 PostgreSQL" in said
    assert "geheim" not in said


def test_a_disk_with_little_room_is_told_before_it_is_full_and_stops_the_hub_when_it_is_out():
    free = shutil.disk_usage(HOME).free
    low = HealthBounds(disk_paths=(HOME, HOME / "not-there"), disk_warn=free * 2, disk_least=1)
    (short,) = machine_health.disks(low)
    assert (short.fault.code, short.stops) == ("health.disk_low", False)
    (short,) = machine_health.disks(replace(low, disk_least=free * 2))
    assert (short.fault.code, short.stops) == ("health.disk_out", True)
    assert list(machine_health.disks(replace(low, disk_warn=1))) == []


@pytest.mark.parametrize(
    ("now", "last", "codes"),
    [
        (NOW, NOW - timedelta(hours=1), []),
        (NOW + timedelta(seconds=60), None, ["health.clock_apart"]),
        (NOW - timedelta(seconds=60), NOW - timedelta(minutes=5), ["health.clock_apart"]),
        (NOW, NOW + timedelta(days=31), ["health.clock_back"]),
    ],
)
def test_a_clock_apart_from_ours_or_behind_what_was_committed_is_told(
    now: datetime, last: datetime | None, codes: list[str]
):
    fits = fit.Fit("", "", (), may_write=True, by="")
    seen = Vitals(
        NOW, now, NOW, last, connections=1, most=100, read_only=False, unsealed=0.0, fit=fits
    )
    assert [short.fault.code for short in machine_health.clock(seen, HealthBounds())] == codes


def test_an_older_program_refuses_to_write_to_a_newer_structure_in_words_by_every_face(
    filled: Filled,
):
    filled.execute(
        "update public.migration set version_num = '9999'; update hub.writer set revision = '9999'"
    )
    older = hub_on(filled.url)
    for act in (
        older.seal,
        older.watch,
        older.release,
        older.migrate,
        lambda: older.pull("pull.investment.project"),
        lambda: older.push("push.fire.project"),
    ):
        with pytest.raises(FlowError, match=NEWER):
            act()
    with pytest.raises(FlowError, match=NEWER), older.database.read(reader="admin"):
        pass
    assert codes(health.look(older))["schema"] == ["database.newer"]
    told = compatibility.fits(older).told
    assert told is not None
    assert "9999" in told.zh
    older.close()


def test_a_worker_that_runs_while_the_structure_goes_on_is_refused_too(filled: Filled):
    running = Database(filled.url, waits=Timeouts(fit=1e-9))
    with running.write() as tx:
        tx.execute("select 1")
    filled.execute(
        "update public.migration set version_num = '9999'; update hub.writer set revision = '9999'"
    )
    with pytest.raises(FlowError, match=NEWER), running.write():
        pass
    running.close()


def test_a_newer_structure_that_lets_this_program_write_is_written_to(filled: Filled):
    filled.execute(
        "update public.migration set version_num = '9999'; insert into hub.writer values "
        "('9999', 'newer')"
    )
    beside = hub_on(filled.url)
    beside.seal()
    assert codes(health.look(beside)).get("schema") is None
    beside.close()


def test_migrate_check_says_whether_they_fit_and_changes_nothing(empty_database_url: str):
    hub = hub_on(empty_database_url)
    found = compatibility.fits(hub)
    assert (found.at, found.pending[0], found.pending[-1]) == ("", "0001", fit.head())
    assert found.told is not None
    assert found.told.code == "database.not_migrated"
    with psycopg.connect(empty_database_url) as db:
        assert db.execute("select to_regclass('public.migration')").fetchone() == (None,)
    hub.close()

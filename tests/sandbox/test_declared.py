"""Partners by declaration: what is wrong with one is told, and many are served by one process."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest
import requests

from sandbox import programs
from sandbox.declared.declaration import declared, folder, read, without_database
from sandbox.declared.diagnosis import DeclarationError
from tests.ports import reserve_port
from tests.sandbox.process import SECRET, USER, Running, running

RIGHT = (folder() / "power.yaml").read_text(encoding="utf-8")


def wrong(folder: Path, old: str, new: str) -> list[str]:
    """What is told of power's declaration after a change."""
    assert old in RIGHT
    path = folder / "power.yaml"
    path.write_text(RIGHT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DeclarationError) as error:
        read(path)
    return [str(one) for one in error.value.problems]


def line_of(text: str) -> int:
    return next(at for at, line in enumerate(RIGHT.splitlines(), start=1) if text in line)


@pytest.mark.parametrize("name", declared())
def test_every_declaration_of_the_sandbox_is_right(name: str):
    assert read(folder() / f"{name}.yaml").title.zh


def test_every_partner_of_tables_has_a_process_of_its_own():
    """Without a port it has no connection, and every run of its flows fails."""
    assert set(declared()) - set(without_database()) <= programs.PORTS.keys()


@pytest.mark.parametrize(
    ("old", "new", "chinese", "english"),
    [
        ("appNo: connection.number", "appNo: connection.numbr", "不存在", "known: utility, number"),
        ("write: iso}", "write: isoo}", "是否指 iso", "is it iso"),
        ("    of: connections", "    of: conections", "是否指 connections", "is it connections"),
        ("{given: needs.serialNo}", "{given: need.serialNo}", "是否指 needs", "is it needs"),
        ("  envelope: [", "  envelop: [", "是否指 envelope", "is it envelope"),
        ("base: /api", "base: api", "请改正", "correct the value"),
        ("kind: token", "kind: tokn", "可用", "known: 'token'"),
        ("expired_token]", "earthquake]", "不存在", "there is no `earthquake`"),
        ("title: {zh: 供电报装（营销系统）, ", "title: {", "缺少“zh”", "`zh` is missing"),
        ('{at: "%Y', '{from: project.code, at: "%Y', "只能有一个来源", "one origin is wanted"),
        (("key: "
         "connection.number\n"), ("key: "
                                     "connection.number\n    key: x\n"), "写了两次", "stands twice"),
        ("traps:\n  applications:", "traps:\n  application:", "是否指 applications", "is it appl"),
        ("data: {accessToken", "data: {accessToken: [", "不是合法的 YAML", "not YAML"),
        ("base: /api", "base: /api\n  style: ryoyi", "请改正", "correct the value"),
        ('receipts: "GET', 'receits: "GET', "是否指 receipts", "is it receipts"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_cure_in_both_languages(tmp_path, old, new, chinese, english):
    told = wrong(tmp_path, old, new)
    assert any(chinese in one and english in one for one in told), told
    assert all("sandbox" not in one.split(":")[0] for one in told)


def test_a_fault_is_told_at_its_line(tmp_path):
    [told] = wrong(tmp_path, "consNo: connection.account", "consNo: connection.acount")
    assert told.startswith(f"{tmp_path.name}/power.yaml:{line_of('consNo')}: ")


def test_every_fault_of_a_declaration_is_told_at_once(tmp_path):
    bad = RIGHT.replace("connection.account", "connection.acount").replace(
        "write: iso", "write: os"
    )
    (tmp_path / "power.yaml").write_text(bad, encoding="utf-8")
    with pytest.raises(DeclarationError) as error:
        read(tmp_path / "power.yaml")
    assert len(error.value.problems) == 3


def test_who_takes_something_must_word_each_refusal(tmp_path):
    path = tmp_path / "water.yaml"
    text = (folder() / "water.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace('    value: "{}不在字典范围内"\n', ""), encoding="utf-8")
    with pytest.raises(DeclarationError, match="does not word `value`"):
        read(path)


def test_a_partner_that_is_not_declared_is_not_served():
    command = [sys.executable, "-m", "sandbox", "serve", "declared", "--only", "water,nobody"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert "nobody: not one of" in told.stderr


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, int]]:
    port = reserve_port()
    state = str(tmp_path_factory.mktemp("declared"))
    options = ("--all", "--state", state, "--sftp-port", str(port))
    with running("declared", *options) as partners:
        yield partners, port


def test_all_that_is_declared_is_served_by_one_process(together):
    process, _ = together
    assert list(process.admin("health").json()["partners"]) == without_database()
    for name in without_database():
        health = requests.get(f"{process.base}/{name}/_sandbox/health", timeout=30).json()
        assert health == {"partner": name, "tick": 0}


def test_each_has_its_own_login_below_its_own_path(together):
    process, _ = together
    login = {"clientId": f"{USER}_power", "clientSecret": SECRET}
    answer = requests.post(f"{process.base}/power/api/token", json=login, timeout=30).json()
    assert answer["data"]["expiresIn"] == 120
    other = login | {"clientId": f"{USER}_gas"}
    assert (
        requests.post(f"{process.base}/power/api/token", json=other, timeout=30).status_code == 401
    )
    assert requests.post(f"{process.base}/api/token", json=login, timeout=30).status_code == 404


def test_a_fault_strikes_the_partner_for_which_it_was_armed(together):
    process, _ = together
    armed = {"fault": "http_500", "times": 1}
    requests.post(f"{process.base}/power/_sandbox/faults", json=armed, timeout=30)
    gas = requests.post(f"{process.base}/gas/com/common/getInstallList", json={}, timeout=30)
    power = requests.post(f"{process.base}/power/api/token", json={}, timeout=30)
    assert (gas.status_code, power.status_code) == (200, 500)


def test_a_tick_moves_one_and_not_the_others(together):
    process, _ = together
    requests.post(f"{process.base}/heat/_sandbox/tick", json={}, timeout=60)
    ticks = process.admin("health").json()["partners"]
    assert (ticks["heat"], ticks["water"]) == (1, 0)


def test_two_logins_of_one_port_see_their_own_folders(together):
    process, port = together

    async def names(partner: str) -> list[str]:
        async with (
            asyncssh.connect(
                "127.0.0.1",
                port,
                username=f"{USER}_{partner}",
                password=SECRET,
                known_hosts=None,
                client_keys=None,
                config=None,
            ) as connection,
            connection.start_sftp_client() as client,
        ):
            return [str(name) for name in await client.listdir("outbox")]

    for name in ("water", "heat"):
        told = asyncio.run(names(name))
        assert any(one.startswith(f"{name}_") for one in told)
        assert not any(one.startswith("heat_" if name == "water" else "water_") for one in told)
    keys = {
        requests.get(f"{process.base}/{name}/_sandbox/host_key", timeout=30).json()["host_key"]
        for name in ("water", "heat")
    }
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("  stamp: gxsj", "  stamp: G-1", "stamp"),
        ("    parcels:\n      table", "    parcel:\n      table", "is it parcels"),
        ("    filings:\n      table", "    filing:\n      table", "is it filings"),
        ("by: [land.number],", "by: [land.numbr],", "there is no `numbr`"),
        ("sum: [project.index,", "sum: [project.indx,", "there is no `indx`"),
        ("turns: [project.code, &lent", "turns: [project.kode, &lent", "there is no `kode`"),
        ("when: sale.transferred_on", "when: sale.transferd_on", "there is no `transferd_on`"),
        ("when: {registration.kind: land}", "when: {registration.kid: land}", "there is no `kid`"),
    ],
)
def test_a_fault_of_tables_is_told_with_its_cure(tmp_path, old, new, told):
    text = (folder() / "registry.yaml").read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "registry.yaml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DeclarationError, match=told):
        read(file)


def test_who_needs_a_database_is_left_out_of_all_and_named(together):
    process, _ = together
    assert "registry" not in process.admin("health").json()["partners"]
    alone = subprocess.run(
        [sys.executable, "-m", "sandbox", "serve", "registry"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SANDBOX_DATABASE_URL": ""},
    )
    assert (alone.returncode, "--database-url" in alone.stderr) == (1, True)

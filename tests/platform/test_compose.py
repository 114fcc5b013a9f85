"""The compose file keeps to the specification and gets every secret that it names."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from deploy import compose
from deploy.postgres import CHECKOUT
from deploy.site import PARTNERS

FILE = CHECKOUT / "docker-compose.yml"


def check(file: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(CHECKOUT / "tools/check_compose.py"), str(file)]
    return subprocess.run(command, check=False, capture_output=True, text=True)


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = yaml.safe_load(FILE.read_text())["services"]
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    made: Path = tmp_path_factory.mktemp("compose") / "secrets"
    compose.write_secrets(made)
    return made


def test_the_file_keeps_to_the_compose_specification():
    assert check(FILE).stdout == "ok\n"


def test_a_file_that_breaks_the_specification_is_refused_with_the_place(tmp_path):
    wrong = tmp_path / "compose.yml"
    wrong.write_text("services: {hub: {imagee: x}}")
    found = check(wrong)
    assert found.returncode == 1
    assert "$.services.hub" in found.stdout


def test_every_environment_file_is_made_and_readable_by_its_owner_alone(services, folder):
    wanted = {Path(str(service["env_file"])).name for service in services.values()}
    assert {file.name for file in folder.glob("*.env")} == wanted
    assert {file.stat().st_mode & 0o777 for file in folder.glob("*.env")} == {0o600}


def test_airflow_and_the_console_lead_to_each_other_by_the_addresses_that_people_use(services, tmp_path):
    (tmp_path / "own.env").write_text("HUB_PUBLIC_URL=https://console.hub.example\n")
    compose.write_secrets(tmp_path)
    given = dict(line.split("=", 1) for line in (tmp_path / "airflow.env").read_text().splitlines())
    assert given["HUB_PUBLIC_URL"] == "https://console.hub.example"
    assert services["airflow-api"]["ports"] == [f"{given['HUB_AIRFLOW_URL'].removeprefix('http://')}:8080"]
    assert given["AIRFLOW__API__BASE_URL"] == given["HUB_AIRFLOW_URL"]


def test_making_the_secrets_again_keeps_them(folder):
    before = {file.name: file.read_text() for file in folder.glob("*.env")}
    compose.write_secrets(folder)
    assert before == {file.name: file.read_text() for file in folder.glob("*.env")}


def test_the_profile_sandbox_has_every_partner(services):
    partners = {name for name, service in services.items() if service.get("profiles") == ["sandbox"]}
    assert partners == {f"sandbox-{partner}" for partner in PARTNERS}


def test_a_partner_gets_no_secret_but_its_own(folder):
    others = (folder / "hub.env").read_text()
    for partner in PARTNERS:
        own = (folder / f"sandbox-{partner}.env").read_text()
        assert "HUB_" not in own
        assert own.split("SANDBOX_SECRET=")[1].split("\n")[0] in others


def test_the_entry_point_writes_the_files_of_the_environment_and_becomes_the_command(tmp_path):
    packed = compose._packed({tmp_path / "deep/key": "secret\n"})
    command = [sys.executable, "-m", "deploy.compose", "exec", "sh", "-c", "echo $$ ${PRIVATE_FILES-gone}"]
    environment = os.environ | {compose.FILES: packed}
    process = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True)
    said, _ = process.communicate(timeout=60)
    assert said.split() == [str(process.pid), "gone"]
    assert (tmp_path / "deep/key").read_text() == "secret\n"
    assert (tmp_path / "deep/key").stat().st_mode & 0o777 == 0o600


def test_images_run_the_versions_that_the_project_is_tested_with():
    def pins(file: str) -> set[str]:
        return {line.split()[0] for line in (CHECKOUT / file).read_text().splitlines() if "==" in line}

    assert pins("requirements.lock") <= pins("requirements-compose.lock")

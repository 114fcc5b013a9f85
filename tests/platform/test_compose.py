"""The compose file keeps to the specification and gets every secret that it names."""

import json
import os
import re
import subprocess
import sys
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml

from deploy import compose, healthy
from deploy.postgres import CHECKOUT
from deploy.site import (
    CALLERS,
    DATABASE_PARTNERS,
    DECLARED,
    PARTNERS,
    SANDBOX_PROGRAMS,
    callers,
)

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


def told(folder: Path, service: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in (folder / f"{service}.env").read_text().splitlines())


def test_airflow_and_the_console_lead_to_each_other_by_the_addresses_that_people_use(
    services, tmp_path
):
    (tmp_path / "own.env").write_text("HUB_PUBLIC_URL=https://console.hub.example\n")
    compose.write_secrets(tmp_path)
    given = told(tmp_path, "airflow-api")
    assert given["HUB_PUBLIC_URL"] == "https://console.hub.example"
    assert services["airflow-api"]["ports"] == [
        f"{given['HUB_AIRFLOW_URL'].removeprefix('http://')}:8080"
    ]
    assert given["AIRFLOW__API__BASE_URL"] == given["HUB_AIRFLOW_URL"]


def test_own_env_has_the_last_word_over_airflow_too(tmp_path):
    (tmp_path / "own.env").write_text(
        "AIRFLOW__CORE__PARALLELISM=128\nAIRFLOW__CELERY__WORKER_CONCURRENCY=16\n"
    )
    compose.write_secrets(tmp_path)
    assert told(tmp_path, "airflow-scheduler")["AIRFLOW__CORE__PARALLELISM"] == "128"
    assert told(tmp_path, "airflow-worker")["AIRFLOW__CELERY__WORKER_CONCURRENCY"] == "16"


def program(partner: str) -> str:
    """Which program of the sandbox serves a partner."""
    return "declared" if partner in DECLARED else partner


def test_each_service_has_only_the_secrets_that_it_needs(folder):
    secrets = json.loads((folder / "secrets.json").read_text())
    seal = compose._packed({compose.HOME / "seal.pem": (folder / "seal.pem").read_text()})
    wanted = {
        "hub": {"api", "prepare", "airflow-scheduler", "airflow-dag-processor", "airflow-worker"},
        "hash-key": {"api", "prepare", "airflow-worker"},
        "digest-key": {"api", "prepare", "airflow-worker"},
        "fernet": {"airflow-api"},
        "airflow-session": {"airflow-api"},
        "airflow-jwt": {"airflow-api", "airflow-scheduler"},
        "redis": {"redis", "airflow-scheduler", "airflow-worker"},
        "postgres": {"postgres"},
        **{
            name: {"airflow-worker", f"sandbox-{program(name)}", *(["api"] * (name in callers()))}
            for name in PARTNERS
        },
    }
    files = {file.stem: file.read_text() for file in folder.glob("*.env")}
    assert {
        name: {service for service, text in files.items() if secrets[name] in text}
        for name in wanted
    } == wanted
    assert {service for service, text in files.items() if seal in text} == {"api", "airflow-worker"}
    reaching = {service for service, text in files.items() if "HUB_CONN_" in text}
    assert reaching == {"airflow-worker", "api"}
    # whoever calls the hub is proven by its API, which knows no other login
    known = {line.split("=")[0] for line in files["api"].splitlines() if "HUB_CONN_" in line}
    assert known == {f"HUB_CONN_{name.upper()}" for name in callers()}


def test_no_container_may_take_what_belongs_to_others(services):
    once = {"databases", "prepare"}
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}, name
        assert service["pids_limit"], name
        assert service["mem_limit"], name
        assert service["environment"]["TZ"] == "Asia/Shanghai", name
        assert "privileged" not in service, name
        assert name in once or "cpus" in service, name
        assert name in once or name.startswith("sandbox-") or "healthcheck" in service, name


def test_no_secret_stands_on_a_command_line(services):
    for name, service in services.items():
        words = " ".join(map(str, service.get("command", [])))
        assert not re.search(r"(?i)://|password|secret|\$\$", words), name


def test_a_partner_outlives_the_worker_and_is_reached_by_it_alone(services, folder):
    for partner in PARTNERS:
        service = services[f"sandbox-{program(partner)}"]
        assert "network_mode" not in service
        assert "partners" in service["networks"]
        uri = told(folder, "airflow-worker")[f"HUB_CONN_{partner.upper()}"]
        # Who only calls the hub is reached nowhere; who shares by a database is reached there.
        declared = DECLARED.get(partner)
        serves = declared is None or declared.http or declared.files
        assert f"@sandbox-{program(partner)}:" in uri or not serves or partner in DATABASE_PARTNERS
    reaching = {
        name for name, service in services.items() if "partners" in service.get("networks", [])
    }
    assert reaching == {"airflow-worker", *(f"sandbox-{one}" for one in SANDBOX_PROGRAMS)}
    # Those that call meet the API in a network in which there is nothing else.
    calling = {
        name for name, service in services.items() if "callers" in service.get("networks", [])
    }
    assert calling == {"api", "sandbox-declared"}
    assert told(folder, "sandbox-declared")["SANDBOX_HUB"] == "http://api:18704"
    assert CALLERS


def test_images_carry_the_version_of_the_project(services):
    version = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["version"]
    assert {str(service["image"]).split(":", 1)[1] for service in services.values()} == {
        f"${{ONECODE_VERSION:-{version}}}"
    }


@pytest.mark.parametrize(
    ("scheduler", "wrong"), [("healthy", ""), ("unhealthy", "airflow-scheduler: ")]
)
def test_the_health_of_a_container_is_what_its_body_says_and_not_that_a_page_answers(
    scheduler: str, wrong: str
):
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            body = {"metadatabase": {"status": "healthy"}, "scheduler": {"status": scheduler}}
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        environ = {"AIRFLOW_HEALTH_URL": f"http://127.0.0.1:{server.server_port}/"}
        assert healthy.main("airflow-scheduler", environ).startswith(wrong)
        assert bool(healthy.main("airflow-scheduler", environ)) is bool(wrong)
        assert healthy.main("airflow-api", environ) == ""
        server.shutdown()


def test_making_the_secrets_again_keeps_them(folder):
    before = {file.name: file.read_text() for file in folder.glob("*.env")}
    compose.write_secrets(folder)
    assert before == {file.name: file.read_text() for file in folder.glob("*.env")}


def test_the_profile_sandbox_has_every_partner(services):
    partners = {
        name for name, service in services.items() if service.get("profiles") == ["sandbox"]
    }
    assert partners == {f"sandbox-{one}" for one in SANDBOX_PROGRAMS}


def test_a_partner_gets_no_secret_but_its_own(folder):
    others = (folder / "airflow-worker.env").read_text()
    for one in SANDBOX_PROGRAMS:
        own = (folder / f"sandbox-{one}.env").read_text()
        assert "HUB_" not in own
        secrets = re.findall(r"SANDBOX_SECRET\w*=(.+)", own)
        assert len(secrets) == (len(DECLARED) if one == "declared" else 1)
        assert all(secret in others for secret in secrets)


def test_the_entry_point_writes_the_files_of_the_environment_and_becomes_the_command(tmp_path):
    packed = compose._packed({tmp_path / "deep/key": "secret\n"})
    command = [
        sys.executable,
        "-m",
        "deploy.compose",
        "exec",
        "sh",
        "-c",
        "echo $$ ${PRIVATE_FILES-gone}",
    ]
    environment = os.environ | {compose.FILES: packed}
    process = subprocess.Popen(
        command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True
    )
    said, _ = process.communicate(timeout=60)
    assert said.split() == [str(process.pid), "gone"]
    assert (tmp_path / "deep/key").read_text() == "secret\n"
    assert (tmp_path / "deep/key").stat().st_mode & 0o777 == 0o600


def test_images_run_the_versions_that_the_project_is_tested_with():
    def pins(file: str) -> set[str]:
        return {
            line.split()[0] for line in (CHECKOUT / file).read_text().splitlines() if "==" in line
        }

    assert pins("requirements.lock") <= pins("requirements-compose.lock")

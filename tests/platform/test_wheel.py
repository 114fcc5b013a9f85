"""The wheel in an empty environment is a hub: files of its own, structure, checks, pages, a pull
and a push.
"""

import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
import requests

from tests.docs.pages import HOME
from tests.ports import reserve_port
from tests.sandbox_processes import SECRET, USER, running_partner

MADE_OF = (
    *("pyproject.toml", "setup.py", "requirements.in", "README.md", "LICENSE"),
    *("hub", "connectors", "schemas", "mappings", "dags"),
)
BUILD = "import sys; from setuptools import build_meta; print(build_meta.build_wheel(sys.argv[1]))"
LIMIT = 240


def succeeds(*command: object, cwd: Path, environ: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        [str(one) for one in command],
        cwd=cwd,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = tmp_path_factory.mktemp("source")
    for name in MADE_OF:
        if (HOME / name).is_dir():
            shutil.copytree(
                HOME / name, source / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copyfile(HOME / name, source / name)
    succeeds(sys.executable, "-c", BUILD, source / "dist", cwd=source)
    (made,) = (source / "dist").glob("*.whl")
    return made


@pytest.fixture(scope="module")
def hub(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command `hub` of an environment that holds the wheel and what it needs, and nothing of
    this checkout.
    """
    place = tmp_path_factory.mktemp("environment") / "venv"
    uv = HOME / ".tools/uv/bin"
    succeeds(uv / "uv", "venv", "--quiet", "--python", sys.executable, place, cwd=HOME)
    install = (uv / "python", HOME / "tools/like_pip.py", uv / "uv", "pip", "install", "--quiet")
    # What is installed beside this checkout is near; versions are those of the lock.
    succeeds(
        *install,
        "--python",
        place / "bin/python",
        "-c",
        HOME / "requirements.lock",
        wheel,
        cwd=HOME,
    )
    return place / "bin/hub"


@pytest.fixture
def environ(empty_database_url: str) -> dict[str, str]:
    """Of the machine only what every program has."""
    kept = {
        name: os.environ[name]
        for name in ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH")
        if name in os.environ
    }
    return kept | {"HUB_DATABASE_URL": empty_database_url, "HUB_LANG": "en", "PYTHONSAFEPATH": "1"}


def test_it_holds_two_packages_with_their_files_and_the_licence(wheel: Path):
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"hub", "connectors"}
    for wanted in (
        "hub/db/schema.sql",
        "hub/console/look.css",
        "hub/console/login.html",
        "hub/fresh/dags/flows.json",
        "hub/locale/zh/LC_MESSAGES/hub.mo",
        "hub/locale/en/LC_MESSAGES/hub.mo",
    ):
        assert wanted in names
    tracked = succeeds("git", "ls-files", "hub", "connectors", cwd=HOME).split()
    assert sorted({*tracked} - {*names}) == []
    assert [name for name in names if name.endswith("licenses/LICENSE")]
    assert not [name for name in names if "__pycache__" in name]


def test_a_fresh_folder_is_a_hub_that_pulls_shows_and_pushes(
    hub: Path, environ: dict[str, str], tmp_path: Path
):
    folder = tmp_path / "deployment"
    assert "hub migrate" in succeeds(hub, "init", folder, cwd=tmp_path, environ=environ)
    refused = subprocess.run(
        [hub, "init", folder], env=environ, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 1
    assert "nothing was written" in refused.stderr
    succeeds(hub, "migrate", cwd=folder, environ=environ)
    assert "contract files are sound" in succeeds(hub, "check", cwd=folder, environ=environ)
    with (
        running_partner("investment", state=tmp_path / "investment") as investment,
        running_partner("fire", state=tmp_path / "fire") as fire,
    ):
        login = f"http://{USER}:{quote(SECRET)}@127.0.0.1"
        environ |= {
            f"HUB_CONN_{one.name.upper()}": f"{login}:{one.port}{PATHS[one.name]}"
            for one in (investment, fire)
        }
        succeeds(hub, "run", "pull.investment.project", cwd=folder, environ=environ)
        succeeds(hub, "run", "push.fire.project", cwd=folder, environ=environ)
        assert fire.received("projects")
    with psycopg.connect(environ["HUB_DATABASE_URL"]) as db:
        ((taken,),) = db.execute("select count(*) from golden.project")
    assert taken > 300
    with serving(hub, folder, environ) as address:
        assert requests.get(f"{address}/readyz", timeout=30).json()["failing"] == []
        assert "一码贯通" in requests.get(f"{address}/login", timeout=30).text


PATHS = {"investment": "/api", "fire": "/fire"}


class serving:  # noqa: N801 -- read as a verb
    """`hub web` of a deployment, until the block ends."""

    def __init__(self, hub: Path, folder: Path, environ: Mapping[str, str]) -> None:
        self.port = reserve_port()
        said = {**environ, "HUB_API_PORT": str(self.port)}
        self.process = subprocess.Popen([hub, "web"], cwd=folder, env=said)

    def __enter__(self) -> str:
        address, deadline = f"http://127.0.0.1:{self.port}", time.monotonic() + 60
        while True:
            try:
                requests.get(f"{address}/healthz", timeout=5)
            except requests.ConnectionError:
                assert self.process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.05)
            else:
                return address

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(20)

"""A checkout is made ready wherever it lies, by whoever may, with the settings that pip has."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from deploy.postgres import CHECKOUT

PLACE = "a b 中文"
APT = """#!/bin/sh
# Knows two packages, of which one is missing here, and keeps what it was asked.
for word in "$@"; do printf '[%s]' "$word"; done >>"$ASKED"; echo >>"$ASKED"
case "$*" in
*" -s install "*) echo "Inst odbc-mariadb (1.0 Debian)";;
*" download "*) touch "$PWD/odbc-mariadb.deb";;
esac
"""
DPKG = """#!/bin/sh
[ "$1" = -x ] && [ -f "$2" ] && mkdir -p "$3/usr/lib/odbc" || exit 1
touch "$3/usr/lib/libodbc.so.2" "$3/usr/lib/odbc/libmaodbc.so"
"""
INSTALLED = "[PostgreSQL ANSI]\nDriver=psqlodbca.so\nCommLog=1\n\n[OceanBase]\nDriver=libob.so\n"


@pytest.fixture(scope="module")
def like_pip() -> ModuleType:
    spec = importlib.util.spec_from_file_location("like_pip", CHECKOUT / "tools/like_pip.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A checkout whose path has blanks and Chinese characters."""
    made = tmp_path / PLACE
    shutil.copytree(
        CHECKOUT / "tools", made / "tools", ignore=shutil.ignore_patterns("__pycache__")
    )
    (made / ".tools").mkdir()
    return made


def shell(place: Path, script: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run what follows the functions of the bootstrap in this checkout."""
    functions = (
        (place / "tools/bootstrap.sh")
        .read_text(encoding="utf-8")
        .partition("\nmkdir -p .tools\n")[0]
    )
    (place / "tools/part.sh").write_text(f"{functions}\n{script}\n", encoding="utf-8")
    command = ["sh", str(place / "tools/part.sh")]
    return subprocess.run(
        command, env=os.environ | environ, check=False, capture_output=True, text=True, cwd="/"
    )


def test_packages_are_unpacked_below_a_path_with_blanks_and_chinese_characters(
    place: Path, tmp_path: Path
):
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, text in (("apt-get", APT), ("dpkg-deb", DPKG)):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    asked = tmp_path / "asked"
    path = f"{programs}:{os.environ['PATH']}"
    done = shell(place, "apt_unpacked || exit 3", PATH=path, ASKED=str(asked))
    assert (done.returncode, done.stderr) == (0, "")
    assert f"[Dir::Cache={place}/.tools/odbc]" in asked.read_text()
    drivers = place / ".tools/odbc/drivers.ini"
    # What was installed already is not unpacked, and must not be hidden by an entry that leads
    # nowhere.
    assert (
        drivers.read_text()
        == f"[MariaDB Unicode]\nDriver={place}/.tools/odbc/usr/lib/odbc/libmaodbc.so\n"
    )
    sourced = ["sh", "-c", '. "$1"; echo "$LD_LIBRARY_PATH"', "sh", str(place / ".tools/env")]
    assert subprocess.check_output(sourced, text=True).strip() == f"{place}/.tools/odbc/usr/lib"


def test_drivers_of_the_machine_stay_visible_beside_those_that_were_unpacked(
    place: Path, tmp_path: Path
):
    machine = tmp_path / "etc"
    machine.mkdir()
    (machine / "odbcinst.ini").write_text(INSTALLED)
    (machine / "odbc.ini").write_text("[a source]\nDriver=OceanBase\n")
    (place / ".tools/odbc").mkdir()
    (place / ".tools/odbc/drivers.ini").write_text(
        "[PostgreSQL ANSI]\nDriver=/unpacked/psqlodbca.so\n"
    )
    environ = {**os.environ, "ODBCSYSINI": str(machine)}
    for _ in range(2):  # a command that is run by another sees the same
        asked = [str(place / "tools/run"), str(place / "tools/run"), sys.executable, "-c", DRIVERS]
        said = subprocess.check_output(asked, env=environ, text=True).splitlines()
    assert said == [f"{place}/.tools/odbcinst", "['OceanBase', 'PostgreSQL ANSI']"]
    listed = (place / ".tools/odbcinst/odbcinst.ini").read_text()
    assert listed.index("/unpacked/psqlodbca.so") < listed.index("Driver=psqlodbca.so")
    assert (place / ".tools/odbcinst/odbc.ini").exists()


DRIVERS = "import os, pyodbc; print(os.environ['ODBCSYSINI']); print(sorted(set(pyodbc.drivers())))"


def test_a_driver_writes_no_log_for_each_process(place: Path, tmp_path: Path):
    (tmp_path / "odbcinst.ini").write_text(INSTALLED)
    environ = {**os.environ, "ODBCSYSINI": str(tmp_path)}
    subprocess.run([str(place / "tools/run"), "true"], env=environ, check=True)
    assert "CommLog=0\n" in (place / ".tools/odbcinst/odbcinst.ini").read_text()


def test_a_python_in_a_folder_with_blanks_is_found(place: Path):
    python = place / "py thon"
    python.symlink_to(sys.executable)
    asked = shell(place, "find_python", PYTHON=str(python))
    assert asked.stdout.strip() in {str(python), "python3"}
    wrong = shell(place, "find_python", PYTHON="/no such/python")
    assert wrong.stdout.startswith("python3"), wrong.stderr


@pytest.mark.parametrize(
    ("pip", "environ", "wanted"),
    [
        ({"cert": "/c.pem"}, {}, {"SSL_CERT_FILE": "/c.pem"}),
        ({}, {"REQUESTS_CA_BUNDLE": "/r.pem"}, {"SSL_CERT_FILE": "/r.pem"}),
        ({"cert": "/c.pem"}, {"SSL_CERT_FILE": "/own.pem"}, {}),
        ({"index-url": "https://a/simple"}, {}, {"UV_DEFAULT_INDEX": "https://a/simple"}),
        ({"index-url": "https://a/simple"}, {"UV_DEFAULT_INDEX": "https://b/"}, {}),
        ({"index-url": "https://a/simple"}, {"UV_INDEX_URL": "https://b/"}, {}),
        (
            {"extra-index-url": "\nhttps://a/ https://b/"},
            {},
            {"UV_INDEX": "https://a/ https://b/", "UV_INDEX_STRATEGY": "unsafe-best-match"},
        ),
        ({"extra-index-url": "file:///no/such/folder"}, {}, {}),
        ({"find-links": "/usr https://c/ /no/such"}, {}, {"UV_FIND_LINKS": "/usr,https://c/"}),
        ({"trusted-host": "a b"}, {}, {"UV_INSECURE_HOST": "a b"}),
        ({"timeout": "180"}, {}, {"UV_HTTP_TIMEOUT": "180"}),
        ({"proxy": "http://p:1"}, {"https_proxy": "http://q:1"}, {"HTTP_PROXY": "http://p:1"}),
    ],
)
def test_uv_is_given_what_pip_is_set_to_where_nothing_is_set_for_uv(
    like_pip: ModuleType, pip: dict[str, str], environ: dict[str, str], wanted: dict[str, str]
):
    assert like_pip.for_uv(pip, environ) == wanted


def test_the_settings_of_pip_are_read_from_its_files_and_its_environment(tmp_path: Path):
    given = tmp_path / "pip.conf"
    index = "https://of.the.file/"
    given.write_text(
        f"[global]\nindex-url = {index}\ncert = /file.pem\n[install]\nfind-links = /usr\n"
    )
    uv = tmp_path / "uv"
    uv.write_text('#!/bin/sh\necho "$*|$SSL_CERT_FILE|$UV_DEFAULT_INDEX|$UV_FIND_LINKS"\n')
    uv.chmod(0o755)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PIP_", "UV_", "SSL_"))
    }
    environ = kept | {
        "PIP_CONFIG_FILE": str(given),
        "PIP_CERT": "/environment.pem",
        "PIP_NO_INDEX": "1",
    }
    command = [
        str(CHECKOUT / ".tools/uv/bin/python"),
        str(CHECKOUT / "tools/like_pip.py"),
        str(uv),
        "pip",
        "install",
    ]
    said = subprocess.check_output(command, env=environ, text=True)
    assert said == f"pip install --no-index|/environment.pem|{index}|/usr\n"


def test_where_an_additional_place_of_pip_cannot_be_used_it_is_tried_without(tmp_path: Path):
    uv = tmp_path / "uv"
    uv.write_text(
        '#!/bin/sh\necho "tried with ${UV_FIND_LINKS:-nothing}"; [ -z "$UV_FIND_LINKS" ]\n'
    )
    uv.chmod(0o755)
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))
    }
    environ = kept | {"PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": str(tmp_path)}
    command = [str(CHECKOUT / ".tools/uv/bin/python"), str(CHECKOUT / "tools/like_pip.py"), str(uv)]
    done = subprocess.run(command, env=environ, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout.splitlines()) == (
        0,
        [f"tried with {tmp_path}", "tried with nothing"],
    )


def test_the_cure_of_a_failed_installation_names_what_helps():
    script = (CHECKOUT / "tools/bootstrap.sh").read_text(encoding="utf-8")
    for name in (
        "PIP_CERT",
        "SSL_CERT_FILE",
        "PIP_INDEX_URL",
        "UV_DEFAULT_INDEX",
        "PIP_FIND_LINKS",
        "UV_FIND_LINKS",
    ):
        assert script.count(name) >= 2, name  # in both languages

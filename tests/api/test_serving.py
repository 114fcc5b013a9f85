"""The API as the process that the supervisor starts."""

import os
import subprocess
import sys
import time

import requests

from tests.filled import Filled
from tests.ports import reserve_port


def test_it_serves_where_the_environment_says_and_stops_on_sigterm(filled: Filled):
    port = reserve_port()
    environ = {**os.environ, **filled.environ, "HUB_API_PORT": str(port)}
    process = subprocess.Popen(
        [sys.executable, "-m", "hub.web"], env=environ, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                answer = requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5)
                break
            except requests.ConnectionError:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
        assert answer.json() == {"status": "ok"}
        assert requests.get(f"http://127.0.0.1:{port}/v1/runs", timeout=5).status_code == 401
    finally:
        process.terminate()
        assert process.wait(15) is not None


def test_without_a_database_it_says_what_is_missing_and_does_not_start():
    environ = {**os.environ, "HUB_DATABASE_URL": ""}
    done = subprocess.run(
        [sys.executable, "-m", "hub.web"],
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "HUB_DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr

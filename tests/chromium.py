"""A real browser for all tests that want one."""

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PATIENCE = 30_000
"""Milliseconds until something that is to be seen is missed; a loaded machine takes its time."""
CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
)


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """A real Chromium without a window."""
    from playwright.sync_api import expect, sync_playwright  # noqa: PLC0415 -- most tests want none

    expect.set_options(timeout=PATIENCE)

    program = os.environ.get("HUB_CHROMIUM") or shutil.which("chromium")
    assert program, "no chromium: tools/bootstrap.sh requirements-dev.lock installs it"
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=program, args=list(CHROMIUM))
        yield made
        made.close()

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.site import CHROMIUM, Console, accounts, serving
from tests.filled import Filled, filled_template
from tests.postgres import DatabaseServer, free_port

__all__ = ["filled_template"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium without a window."""
    program = os.environ.get("HUB_CHROMIUM") or shutil.which("chromium")
    assert program, "no chromium: tools/bootstrap.sh requirements-dev.lock installs it"
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=program, args=list(CHROMIUM))
        yield made
        made.close()


@pytest.fixture(scope="module")
def console(database_server: DatabaseServer, filled_template: str, browser: Browser) -> Iterator[Console]:
    """A site on a filled hub of its own; the tests of a module share it. Scripts that complain fail the module."""
    with database_server.database(template=filled_template) as url:
        world = Filled(url)
        accounts(world)
        airflow_port = free_port()
        world.environ["HUB_AIRFLOW_URL"] = f"http://127.0.0.1:{airflow_port}"
        with serving(world) as address:
            made = Console(world, address, browser, airflow_port=airflow_port)
            yield made
            made.close()
        world.hub.close()
        assert made.troubles == []

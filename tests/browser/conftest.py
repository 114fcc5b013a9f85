from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.site import Console, accounts, serving
from tests.filled import Filled, filled_template
from tests.ports import reserve_port
from tests.postgres import DatabaseServer

__all__ = ["filled_template"]


@pytest.fixture(scope="module")
def console(
    database_server: DatabaseServer, filled_template: str, browser: Browser
) -> Iterator[Console]:
    """A site on a filled hub of its own; the tests of a module share it. Scripts that complain fail
    the module.
    """
    with database_server.database(template=filled_template) as url:
        world = Filled(url)
        accounts(world)
        airflow_port = reserve_port()
        world.environ["HUB_AIRFLOW_URL"] = f"http://127.0.0.1:{airflow_port}"
        with serving(world) as address:
            made = Console(world, address, browser, airflow_port=airflow_port)
            yield made
            made.close()
        world.hub.close()
        assert made.troubles == []

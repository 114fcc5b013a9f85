"""A partner's database for tests of connectors."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.connectors.databases import Partner, mariadb, postgresql, sqlite


@pytest.fixture
def partner(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], Partner]]:
    """Gives an empty database of the kind asked for; it goes afterwards."""
    with ExitStack() as held:

        def made(kind: str) -> Partner:
            if kind == "sqlite":
                return held.enter_context(sqlite(tmp_path))
            if kind == "mariadb":
                return held.enter_context(mariadb(request.getfixturevalue("mariadb")))
            return held.enter_context(postgresql(request.getfixturevalue("database_server")))

        yield made

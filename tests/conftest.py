import gc
import multiprocessing.util
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.chromium import browser
from tests.mariadb import mariadb
from tests.postgres import database_server, empty_database_url, throwaway_folder

if TYPE_CHECKING:
    from xdist.scheduler import LoadFileScheduling

__all__ = ["browser", "database_server", "empty_database_url", "mariadb"]

LONGEST = (
    "tests/acceptance/test_end_to_end.py",
    "tests/browser/test_everywhere.py",
    "tests/connectors/test_conformance.py",
    "tests/api/test_contracts.py",
    "tests/dags/test_pull_run.py",
    "tests/sandbox/test_approval.py",
    "tests/api/test_clocks.py",
)
"""Files that take minutes: begun first, so that no worker is left alone with one in the end."""


ROOM = ExitStack()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--every-column",
        action="store_true",
        help="change all rows in test_every_column.py, not a sample",
    )


def pytest_configure() -> None:
    """Let everything that tests start put its temporary files into one folder, which goes
    afterwards.

    A worker has that of its controller. What a run that was killed has left goes when the next
    begins.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        folder = ROOM.enter_context(throwaway_folder(Path(tempfile.gettempdir())))
        os.environ["TMPDIR"] = os.environ["PYTEST_DEBUG_TEMPROOT"] = str(folder)
        tempfile.tempdir = None


def pytest_unconfigure() -> None:
    """Take it away, once what lies in it has been left by what was forked."""
    multiprocessing.util._exit_function()
    ROOM.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ranks = {path: rank for rank, path in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.nodeid.partition("::")[0], len(ranks)))


def pytest_collection_finish() -> None:
    """What has been imported and collected by now stays: no collection of garbage need look at it
    again.
    """
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> "LoadFileScheduling | None":
    """All tests of a file go to one worker, in their order: they share what is costly to start."""
    from xdist.scheduler import LoadFileScheduling  # noqa: PLC0415 -- only where there are workers

    if config.option.dist != "load":  # somebody asks for another way
        return None
    config.option.loadscopereorder = False  # by number of tests says nothing here
    # its type has no name of its own
    return LoadFileScheduling(config, log)  # type: ignore[arg-type]

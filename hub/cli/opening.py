"""The hub that a command works with, and where its contract files are."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hub import wiring
from hub.settings import HOME
from hub.wiring import Hub


@contextmanager
def opened() -> Iterator[Hub]:
    """The hub as the settings of this process describe it."""
    hub = wiring.start()
    try:
        yield hub
    finally:
        hub.close()


def home() -> Path:
    """The folder that holds schemas/ and mappings/; reading them needs no database."""
    return Path(os.environ.get("HUB_HOME", HOME))

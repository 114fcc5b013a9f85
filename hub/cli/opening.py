"""The hub that a command works with, and where its contract files are."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getuser
from pathlib import Path

from hub import wiring
from hub.settings import HOME
from hub.store import accounts
from hub.store.accounts import Read
from hub.store.database import Transaction
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


def note_read(tx: Transaction, command: str, *, record_ids: list[int], project_code: str | None = None) -> None:
    """Who holds the database is in the access log like everybody else."""
    accounts.write_reads(tx, [Read(f"cli:{getuser()}", f"hub {command}", "", project_code, record_ids)])

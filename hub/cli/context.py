"""The hub that a command works with, and where its contract files are."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from getpass import getuser
from pathlib import Path

from hub import logs, wiring
from hub.auth import access_log
from hub.auth.access_log import AccessEntry
from hub.auth.context import RequestContext, operating
from hub.services import naming
from hub.settings import HOME
from hub.wiring import Hub

# nobody changes it
_NAMED: ContextVar[naming.Named] = ContextVar("_NAMED", default={})  # noqa: B039


@contextmanager
def opened() -> Iterator[Hub]:
    """The hub as the settings of this process describe it; what the command names must be known to
    it.
    """
    hub = wiring.start()
    if hub.settings.logs.format == "json":
        logs.configure(hub.settings.logs)
    elif (
        logging.lastResort
    ):  # what a command did is told on the screen; of the log only what nobody else tells
        logging.lastResort.setLevel(logging.ERROR)
    try:
        named = _NAMED.get()
        if naming.worth_checking(named):
            with hub.database.read() as tx:
                naming.check(tx, hub.contracts, named)
        yield hub
    finally:
        hub.close()


@contextmanager
def asking(command: str, by: str | None = None) -> Iterator[RequestContext]:
    """The context of a command, by this user unless somebody else is named; what it has read is
    noted at its end.

    Who holds the database is in the access log like everybody else. Results are shown once it has
    ended.
    """
    with opened() as hub:
        context = operating(hub, by or getuser())
        yield context
        note_reads(command, context)


def noting(command: Callable[..., None]) -> Callable[..., None]:
    """A command that notes what it was given, so that names are looked at as soon as the hub is
    opened.
    """

    @wraps(command)
    def noted(**named: object) -> None:
        before = _NAMED.set(named)
        try:
            command(**named)
        finally:
            _NAMED.reset(before)

    return noted


def contracts_folder() -> Path:
    """The folder that holds schemas/ and mappings/; reading them needs no database."""
    return Path(os.environ.get("HUB_HOME", HOME))


def note_reads(command: str, *contexts: RequestContext) -> None:
    """Note what a command has read in these contexts of one hub, by whoever has typed it."""
    reads = [
        AccessEntry(f"cli:{getuser()}", f"hub {command}", "", one.project_code, one.record_ids)
        for one in contexts
        if one.record_ids or one.project_code
    ]
    if reads:
        access_log.write(contexts[0].hub.database, reads)

"""The hub and request context of a command, and the folder of its contract files."""

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

# never mutated
_NAMED: ContextVar[naming.Named] = ContextVar("_NAMED", default={})  # noqa: B039


@contextmanager
def opened() -> Iterator[Hub]:
    """The hub by this process's settings; names given to the command are checked first."""
    hub = wiring.start()
    if hub.settings.logs.format == "json":
        logs.configure(hub.settings.logs)
    elif logging.lastResort:  # results are on the screen already: only errors of the log
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
    """The operator's context of a command, in the name of this user or of `by`.

    What it has read is in the access log when this ends, before any result is shown.
    """
    with opened() as hub:
        context = operating(hub, by or getuser())
        yield context
        note_reads(command, context)


def noting(command: Callable[..., None]) -> Callable[..., None]:
    """Decorator: keep the command's arguments, so that `opened` can check the names among them."""

    @wraps(command)
    def noted(**named: object) -> None:
        before = _NAMED.set(named)
        try:
            command(**named)
        finally:
            _NAMED.reset(before)

    return noted


def contracts_folder() -> Path:
    """The folder of schemas/ and mappings/ (HUB_HOME), found without a database."""
    return Path(os.environ.get("HUB_HOME", HOME))


def note_reads(command: str, *contexts: RequestContext) -> None:
    """Write what these contexts have read to the access log, in the name of the system's user."""
    reads = [
        AccessEntry(f"cli:{getuser()}", f"hub {command}", "", one.project_code, one.record_ids)
        for one in contexts
        if one.record_ids or one.project_code
    ]
    if reads:
        access_log.write(contexts[0].hub.database, reads)

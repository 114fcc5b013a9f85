"""Unexpected exceptions: what readers are shown, and logs without values."""

import logging
import traceback

from hub.errors import FlowError

log = logging.getLogger(__name__)
TRACED = {"traced": True}
"""Marks log records whose line breaks are a traceback's."""


def unforeseen(error: Exception) -> FlowError:
    """The error to show (hub.failed); logs the traceback without the message: it may quote data."""
    log.error(
        "a page failed: %s\n%s",
        type(error).__name__,
        "".join(traceback.format_tb(error.__traceback__)),
        extra=TRACED,
    )
    return FlowError("hub.failed", reason=type(error).__name__)


def without_values(record: logging.LogRecord) -> bool:
    """A logging filter that reduces an exception to class and traceback: texts may quote data."""
    if isinstance(record.exc_info, tuple) and record.exc_info[1] is not None:
        error = record.exc_info[1]
        where = "".join(traceback.format_tb(error.__traceback__))
        record.msg, record.args = f"%s: {type(error).__name__}\n%s", (record.getMessage(), where)
        record.exc_info = None
        record.traced = True
    return True

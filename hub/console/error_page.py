"""What people are told of a fault of our own."""

import logging
import traceback

from hub.errors import FlowError

log = logging.getLogger(__name__)
TRACED = {"traced": True}
"""Marks a line whose line ends are those of a traceback."""


def unforeseen(error: Exception) -> FlowError:
    """The error that people are shown; the log says where it happened, without values that its
    message may carry.
    """
    log.error(
        "a page failed: %s\n%s",
        type(error).__name__,
        "".join(traceback.format_tb(error.__traceback__)),
        extra=TRACED,
    )
    return FlowError("hub.failed", reason=type(error).__name__)


def without_values(record: logging.LogRecord) -> bool:
    """Leave of a logged error its class and where it came up: the server logs what no answer could
    be made of, and libraries quote values in what they raise.
    """
    if isinstance(record.exc_info, tuple) and record.exc_info[1] is not None:
        error = record.exc_info[1]
        where = "".join(traceback.format_tb(error.__traceback__))
        record.msg, record.args = f"%s: {type(error).__name__}\n%s", (record.getMessage(), where)
        record.exc_info = None
        record.traced = True
    return True

"""What people are told of a fault of our own."""

import logging
import traceback

from hub.errors import FlowError

log = logging.getLogger(__name__)


def unforeseen(error: Exception) -> FlowError:
    """The error that people are shown; the log says where it happened, without values that its message may carry."""
    log.error("a page failed: %s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
    return FlowError("hub.failed", reason=type(error).__name__)

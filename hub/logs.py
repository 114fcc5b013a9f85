"""Lines of the log for whoever operates the hub: what happened, of which run, flow and trace.

Where HUB_LOG_FORMAT is `json` each line is one JSON object: `at` (UTC), `level`, `logger`,
`message`, what the line is about (`run`, `flow`, `trace` ...), and for an exception its
`traceback`. Values of records are in none of them.
"""

import logging
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

import orjson

from hub.settings import LogSettings
from hub.texts.visible import VisibleFormatter, visible

# nobody changes it
_ABOUT: ContextVar[Mapping[str, object]] = ContextVar("_ABOUT", default={})  # noqa: B039
TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
"""How W3C Trace Context names a trace."""
TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "traced"}


def _run_context() -> Mapping[str, object]:
    return _ABOUT.get()


@contextmanager
def about(**facts: object) -> Iterator[None]:
    """Every line within tells these besides its own."""
    before = _ABOUT.set({**_run_context(), **facts})
    try:
        yield
    finally:
        _ABOUT.reset(before)


def trace_of(traceparent: str = "") -> str:
    """The trace that a caller names by the header `traceparent`; a new one where he names none."""
    named = TRACEPARENT.fullmatch(traceparent.strip())
    return named[1] if named else _run_context().get("trace", "") or secrets.token_hex(16)  # type: ignore[return-value]


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        said = {name: value for name, value in vars(record).items() if name not in _OWN}
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname,
            "logger": record.name,
            "message": visible(record.getMessage(), lines=True),
            **_run_context(),
            **said,
        }
        if record.exc_info:
            line["traceback"] = visible(self.formatException(record.exc_info), lines=True)
        return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def configure(settings: LogSettings) -> logging.Handler:
    """Write the process's log to standard error as the settings say; give the handler."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if settings.format == "json" else VisibleFormatter(TEXT))
    logging.basicConfig(level=settings.level, handlers=[handler])
    return handler

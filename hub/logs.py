"""Logging: lines about run, flow and trace, as text or JSON.

With HUB_LOG_FORMAT=json each line is one object: `at` (UTC), `level`, `logger`, `message`, the
facts (`run`, `flow`, `trace` ...), and `traceback` for an exception. Never values of records.
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
from hub.texts.visible import VisibleFormatter, visible, visible_json

# nobody changes it
_ABOUT: ContextVar[Mapping[str, object]] = ContextVar("_ABOUT", default={})  # noqa: B039
TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
"""The header of W3C Trace Context."""
TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "traced"}


def _run_context() -> Mapping[str, object]:
    return _ABOUT.get()


@contextmanager
def about(**facts: object) -> Iterator[None]:
    """Add these facts to every log line within the block (context variable)."""
    before = _ABOUT.set({**_run_context(), **facts})
    try:
        yield
    finally:
        _ABOUT.reset(before)


def trace_of(traceparent: str = "") -> str:
    """The trace id in a `traceparent` header; a new one without."""
    named = TRACEPARENT.fullmatch(traceparent.strip())
    return named[1] if named else _run_context().get("trace", "") or secrets.token_hex(16)  # type: ignore[return-value]


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON object."""

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
        made = orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
        return visible_json(made)  # JSON itself lets signs of direction and C1 stand


def configure(settings: LogSettings) -> logging.Handler:
    """Log to standard error as the settings say; gives the handler."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if settings.format == "json" else VisibleFormatter(TEXT))
    logging.basicConfig(level=settings.level, handlers=[handler])
    return handler

"""What a database's error code means (SQLSTATE: ISO 9075 classes, PostgreSQL's and ODBC's own)."""

import re

from hub.errors import FlowError, HubError, TransientError

# Some drivers tell these by a general state; only the words show what happened.
_BY_WORDS: tuple[tuple[str, type[FlowError] | type[TransientError], str], ...] = (
    (
        r"authentication failed|login failed|access denied|no password supplied|认证失败",
        FlowError,
        "system.credentials",
    ),
    (r"can't open lib", FlowError, "system.driver_missing"),
    (r"connection refused", TransientError, "system.refused_connection"),
    (r"too many connections", TransientError, "system.busy"),
    (r"closed the connection|terminating connection|connection .*lost|gone away", TransientError, "system.unavailable"),
)

_BY_PREFIX: tuple[tuple[str, type[FlowError] | type[TransientError], str], ...] = (
    ("28", FlowError, "system.credentials"),
    ("42501", FlowError, "system.credentials"),
    ("IM00", FlowError, "system.driver_missing"),
    ("57014", TransientError, "system.timeout"),
    ("HYT0", TransientError, "system.timeout"),
    ("40", TransientError, "system.busy"),
    ("55P03", TransientError, "system.busy"),
    ("53", TransientError, "system.busy"),
    ("08", TransientError, "system.unavailable"),
    ("57P", TransientError, "system.unavailable"),
    ("58", TransientError, "system.unavailable"),
    ("XX", TransientError, "system.unavailable"),
)


def translated(state: str, words: str, *, system: str) -> HubError:
    """Say what an error means. The words only help to tell; they may hold values and are not passed on."""
    for pattern, family, code in _BY_WORDS:
        if re.search(pattern, words, re.IGNORECASE):
            return family(code, system=system, status=state)
    for prefix, family, code in _BY_PREFIX:
        if state.startswith(prefix):
            return family(code, system=system, status=state)
    return FlowError("system.protocol", system=system, status=state)

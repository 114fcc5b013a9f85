"""Canonical JSON: equal records are equal bytes."""

import json
from collections.abc import Callable

import orjson

from hub import exact
from hub.model import Json, Number


def canonical(value: object, *, otherwise: Callable[[object], Json] | None = None) -> bytes:
    """JSON with sorted keys and no blanks, times in ISO form; `otherwise` converts other objects.

    A lone surrogate, which UTF-8 does not allow, is kept as invalid bytes: only that record is
    unreadable, not its page.
    """
    try:
        # Copied, since what orjson gives keeps a buffer of 8 KB, and pages hold thousands of
        # payloads.
        return b"%b" % exact.write(value, otherwise=otherwise, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # a lone surrogate

        def spell(part: object) -> Json:
            return (
                part.text
                if isinstance(part, Number)
                else otherwise(part)
                if otherwise
                else str(part)
            )

        text = json.dumps(
            value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=spell
        )
        return text.encode("utf-8", "surrogatepass")

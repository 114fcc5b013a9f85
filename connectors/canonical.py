"""JSON written in one way only, so that equal records are equal bytes."""

import json
from collections.abc import Callable

import orjson

from hub import exact
from hub.model import Json, Number


def canonical(value: object, *, otherwise: Callable[[object], Json] | None = None) -> bytes:
    """Write JSON with sorted keys and no blanks; times in ISO form, and what else is no JSON as
    `otherwise` gives it.

    A lone surrogate, which no encoding allows, stays as bytes that are no text: the record is
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

"""Recognises values that partners have masked themselves; `rights.masked` is what masks ours.

The masking characters are data: masks.yaml beside this file.
"""

import re
from collections.abc import Iterable
from itertools import groupby

from hub.domain.documents import own
from hub.model import Value

_SAID: dict[str, str] = {name: str(signs) for name, signs in own("masks.yaml").items()}
SIGNS = frozenset(_SAID["signs"])
"""Characters that replace hidden ones."""

LEAST_SHARE = 6
"""At least one character in so many is masked; two stars in a long text are text."""

NAME = 4
"""Signs of a person's name at most: `张*`, `王*明`, where a single star is a mask."""

_DIGITS, _PERSON = (re.escape(_SAID[name]) for name in ("digits", "person"))
# Hot path: called for nearly every value.
_maybe = re.compile(f"[{re.escape(''.join(_SAID.values()))}]").search
_number = re.compile(rf"\d+[{_DIGITS}]{{3,}}\d*|[{_DIGITS}]{{3,}}\d+", re.ASCII).fullmatch
_person = re.compile(rf"[\u4e00-\u9fff]{{1,2}}[{_PERSON}]{{1,2}}|[{_PERSON}]{{2,3}}").fullmatch


def is_mask(value: Value) -> bool:
    """Whether a value is only the mask of one: `***`, `张*`, `张某`, `138****1234`; a list, when all
    its items are.
    """
    if isinstance(value, list):
        return bool(value) and all(is_mask(one) for one in value)
    if not isinstance(value, str) or not _maybe(value):
        return False
    text = value.strip()
    return _hides(text) or (len(text) <= NAME and bool(_person(text))) or bool(_number(text))


def any_masked(values: Iterable[Value]) -> bool:
    """Whether one of them may be a mask, for certain only if not: one look at all together."""
    texts = (
        one if isinstance(one, str) else "\n".join(one)
        for one in values
        if one.__class__ is str or one.__class__ is list
    )
    return _maybe("\n".join(texts)) is not None


def _hides(text: str) -> bool:
    """Whether masking characters replace much of a text, or part of a short name."""
    hidden = sum(sign in SIGNS for sign in text)
    longest = max(
        (len(list(run)) for starred, run in groupby(text, SIGNS.__contains__) if starred), default=0
    )
    if longest != 1:
        return longest > 0 and hidden * LEAST_SHARE >= len(text)
    rest = [sign for sign in text if sign not in SIGNS]
    (sign, *_) = (sign for sign in text if sign in SIGNS)
    placed = sign in _SAID["alone"] or text[-1] == sign
    return placed and len(text) <= NAME and all("\u4e00" <= one <= "\u9fff" for one in rest)


def says(value: Value) -> bool:
    """Whether a value is neither missing nor masked."""
    return value is not None and not is_mask(value)


def unmasked(value: Value) -> Value:
    """The value to hand on: None for a mask, a list without its masks."""
    if isinstance(value, list):
        return [one for one in value if not is_mask(one)] or None
    return None if is_mask(value) else value

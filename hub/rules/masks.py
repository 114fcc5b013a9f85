"""Values that partners have masked themselves: they show that there is a value and do not say which."""

from itertools import groupby

from hub.model import Value

_STAR, _WIDE, _DOT = "*＊●"
SIGNS = frozenset((_STAR, _WIDE, _DOT))
"""What stands for a sign that is not shown."""

LEAST_SHARE = 6
"""At least one sign in so many is masked: two stars in a long text are its own."""

NAME = 4
"""Signs of a person's name at most: `张*`, `王*明`, where a single star is a mask."""


def is_mask(value: Value) -> bool:
    """Whether a value is only the mask of one: `***`, `张*`, `138****1234`; a list, when all its items are."""
    if isinstance(value, list):
        return bool(value) and all(is_mask(one) for one in value)
    # Nearly every value of every record comes here and goes: a search for a sign costs a fraction of a set's look.
    if not isinstance(value, str) or not (_STAR in value or _WIDE in value or _DOT in value):
        return False
    text = value.strip()
    hidden = sum(sign in SIGNS for sign in text)
    longest = max(len(list(run)) for starred, run in groupby(text, SIGNS.__contains__) if starred)
    if longest == 1:
        rest = [sign for sign in text if sign not in SIGNS]
        return len(text) <= NAME and all("\u4e00" <= sign <= "\u9fff" for sign in rest)
    return hidden * LEAST_SHARE >= len(text)


def says(value: Value) -> bool:
    """Whether a value says something: neither missing nor masked."""
    return value is not None and not is_mask(value)

"""Conservation: what was read (or due) is the sum of what became of it, and when that may be
said.
"""

from collections.abc import Mapping
from types import MappingProxyType

NONE: Mapping[str, int] = MappingProxyType({})


def adds_up(counts: Mapping[str, int]) -> bool:
    """Whether the whole, which comes first, is the sum of its parts."""
    whole, *parts = counts.values()
    return whole == sum(parts)


def balanced(state: str, counts: Mapping[str, int], parts: Mapping[str, int] = NONE) -> bool | None:
    """Whether a run balances; None for one that is under way, failed, was broken off or was held.

    What such a run committed adds up by constraint, but nobody knows what it would have read: that
    is no balance. parts: the sums of the parts of what was taken apart.
    """
    if state != "complete":
        return None
    return adds_up(counts) and (not parts or adds_up(parts))

"""Conservation: what was read (or due) must equal the sum of its outcomes."""

from collections.abc import Mapping
from types import MappingProxyType

NONE: Mapping[str, int] = MappingProxyType({})


def adds_up(counts: Mapping[str, int]) -> bool:
    """Whether the total, which comes first, is the sum of the others."""
    whole, *parts = counts.values()
    return whole == sum(parts)


def balanced(state: str, counts: Mapping[str, int], parts: Mapping[str, int] = NONE) -> bool | None:
    """Whether a run balances; None if it is in progress, failed, aborted or held.

    Committed batches of such a run balance by constraint, but nobody knows what it would still have
    read. parts: outcomes of parts of exploded records.
    """
    if state != "complete":
        return None
    return adds_up(counts) and (not parts or adds_up(parts))

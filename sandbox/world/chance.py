"""Seeded chance: the same seed, index and topic always give the same stream."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

T = TypeVar("T")
MASK = (1 << 64) - 1


def mixed(*numbers: int) -> int:
    """Give 64 well-mixed bits of a few integers (splitmix64)."""
    state = 0x9E3779B97F4A7C15
    for number in numbers:
        state = (state + number * 0xBF58476D1CE4E5B9 + 0x9E3779B97F4A7C15) & MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & MASK
        state ^= state >> 31
    return state


class Chance:
    """A stream of choices of its own for one topic, so that another topic's choices never move it.

    A linear congruential generator: a world of a million lives starts tens of millions of these
    streams, and `random.Random` takes most of its time to start.
    """

    __slots__ = ("_state",)

    def __init__(self, *numbers: int) -> None:
        self._state = mixed(*numbers)

    def _below(self, count: int) -> int:
        self._state = (self._state * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) & MASK
        return (self._state >> 32) * count >> 32

    def pick(self, options: Sequence[T]) -> T:
        return options[self._below(len(options))]

    def number(self, low: int, high: int) -> int:
        """Give an integer from low to high, both included."""
        return low + self._below(high - low + 1)

    def one_in(self, count: int) -> bool:
        return not self._below(count)

    def amount(self, low: int, high: int, *, places: int = 2) -> Decimal:
        """Give a decimal with that many places."""
        scale = 10**places
        return Decimal(self.number(low * scale, high * scale)).scaleb(-places)

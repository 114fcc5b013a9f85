"""Seeded chance: the same seed, index and topic always give the same stream."""

from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import TypeVar

T = TypeVar("T")
MASK = (1 << 64) - 1


def mixed(*numbers: int) -> int:
    """Give 64 well-mixed bits of a few integers (splitmix64), for choices too frequent for a `Random`."""
    state = 0x9E3779B97F4A7C15
    for number in numbers:
        state = (state + number * 0xBF58476D1CE4E5B9 + 0x9E3779B97F4A7C15) & MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & MASK
        state ^= state >> 31
    return state


class Chance:
    """A stream of choices of its own for one topic, so that another topic's choices never move it."""

    def __init__(self, *numbers: int) -> None:
        self._random = Random(mixed(*numbers))

    def pick(self, options: Sequence[T]) -> T:
        return options[int(self._random.random() * len(options))]

    def number(self, low: int, high: int) -> int:
        """Give an integer from low to high, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def one_in(self, count: int) -> bool:
        return self._random.random() * count < 1

    def amount(self, low: int, high: int, *, places: int = 2) -> Decimal:
        """Give a decimal with that many places."""
        scale = 10**places
        return Decimal(self.number(low * scale, high * scale)).scaleb(-places)

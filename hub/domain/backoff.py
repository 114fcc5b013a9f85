"""Retries with exponential backoff: longer each time up to a limit, never before the other side
asked for.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The limits, from the settings: first and longest wait (seconds), and how many attempts a
    delivery gets.
    """

    first: float
    longest: float
    attempts: int


def next_try(
    attempt: int, *, now: datetime, after: float | None, patience: RetryPolicy
) -> datetime | None:
    """The time of the next attempt after `attempt` failed ones, None when it is time to give up."""
    if attempt >= patience.attempts:
        return None
    doubled = patience.first * 2.0 ** min(attempt - 1, 32)
    return now + timedelta(seconds=max(min(doubled, patience.longest), after or 0.0))

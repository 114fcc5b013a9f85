"""Retries with exponential backoff, capped, never before the other side's Retry-After."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Limits from the settings: first and longest wait (seconds), attempts per delivery."""

    first: float
    longest: float
    attempts: int


def next_try(
    attempt: int, *, now: datetime, after: float | None, patience: RetryPolicy
) -> datetime | None:
    """Time of the next attempt after `attempt` failed ones; None: give up (dead letter)."""
    if attempt >= patience.attempts:
        return None
    doubled = patience.first * 2.0 ** min(attempt - 1, 32)
    return now + timedelta(seconds=max(min(doubled, patience.longest), after or 0.0))

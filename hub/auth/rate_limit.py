"""Rate limit of an account: so many requests in every minute of the clock, counted by each process
for itself.
"""

from collections import Counter

from hub.errors import FlowError

MINUTE = 60


class RateLimiter:
    """Counts requests; refuses those above the limit until the minute is over."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._minute = 0
        self._times: Counter[str] = Counter()

    def step(self, account: str, *, now: float) -> None:
        """Count one request; FlowError with the seconds to wait when there were too many."""
        minute = int(now // MINUTE)
        if minute != self._minute:
            self._minute, self._times = minute, Counter()
        self._times[account] += 1
        if self._times[account] > self._most:
            raise FlowError("access.too_many", seconds=MINUTE - int(now % MINUTE))


def wait_after(failures: int, *, free: int, first: float, most: float) -> float:
    """Seconds until the next attempt after so many failures: none within `free`, then doubling up
    to `most`.
    """
    beyond = failures - free
    return 0.0 if beyond <= 0 else min(most, first * 2.0 ** min(beyond - 1, 60))

"""Rate limit of an account: so many requests per clock minute, counted in each process apart."""

from collections import Counter

from hub.errors import FlowError

MINUTE = 60


class RateLimiter:
    """Counts requests by account in a fixed window of one minute."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._minute = 0
        self._times: Counter[str] = Counter()

    def step(self, account: str, *, now: float, most: int | None = None) -> None:
        """Count one request; FlowError (access.too_many) with the seconds left when over the limit.

        now: seconds since 1970. most: another limit, of this account.
        """
        minute = int(now // MINUTE)
        if minute != self._minute:
            self._minute, self._times = minute, Counter()
        self._times[account] += 1
        if self._times[account] > (self._most if most is None else most):
            raise FlowError("access.too_many", seconds=MINUTE - int(now % MINUTE))


def wait_after(failures: int, *, free: int, first: float, most: float) -> float:
    """Backoff in seconds: 0 up to `free` failures, then `first`, doubling up to `most`."""
    beyond = failures - free
    return 0.0 if beyond <= 0 else min(most, first * 2.0 ** min(beyond - 1, 60))

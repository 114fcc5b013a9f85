"""The fault switch: named faults, each armed for a number of times and, if wanted, for one
resource.
"""

from dataclasses import dataclass
from threading import Lock

FAULTS = (
    "http_429",
    "http_500",
    "timeout",
    "half_page",
    "repeated_page",
    "equal_cursor",
    "malformed_record",
    "duplicate_key",
    "rejected_push",
    "lost_answer",
)


@dataclass(slots=True)
class Armed:
    """A fault that will strike so many times more."""

    fault: str
    times: int
    where: str | None


class UnknownFaultError(ValueError):
    """This partner has no such fault."""

    def __init__(self, fault: str, known: frozenset[str]) -> None:
        super().__init__(f"{fault}: not one of {', '.join(sorted(known))}")


class FaultSwitch:
    """Which faults are to strike next; counted down as they do."""

    def __init__(self, known: frozenset[str]) -> None:
        self.known = known
        self._armed: list[Armed] = []
        self._lock = Lock()

    def arm(self, fault: str, *, times: int = 1, where: str | None = None) -> None:
        if fault not in self.known:
            raise UnknownFaultError(fault, self.known)
        with self._lock:
            self._armed.append(Armed(fault, times, where))

    def take(self, fault: str, *, where: str | None) -> bool:
        """Say whether the fault strikes here and now, and count it."""
        with self._lock:
            for armed in self._armed:
                if armed.fault == fault and armed.where in (None, where):
                    armed.times -= 1
                    if armed.times <= 0:
                        self._armed.remove(armed)
                    return True
        return False

    def armed(self) -> list[dict[str, object]]:
        with self._lock:
            return [
                {"fault": one.fault, "times": one.times, "where": one.where} for one in self._armed
            ]

    def clear(self) -> None:
        with self._lock:
            self._armed.clear()

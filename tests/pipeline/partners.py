"""Partners in this process that keep the connector contract: a list to read from, a desk to hand
things to.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

from hub.errors import TransientError
from hub.model import Json, Outcome, Outgoing, Page, Raw, Receipt


class Source:
    """Serves `rows` in pages of `size`; `resume` is the index to go on from. `before` is called
    before each page.
    """

    def __init__(self, rows: Sequence[dict[str, Json] | bytes], *, size: int = 100) -> None:
        self.rows = list(rows)
        self.size = size
        self.before: Callable[[int], None] = lambda _start: None

    def ping(self) -> str:
        return "here"

    def pages(
        self, read: Mapping[str, Json], *, since: str | int | None, resume: Json
    ) -> Iterator[Page]:
        start = resume if isinstance(resume, int) else 0
        while True:
            self.before(start)
            rows = self.rows[start : start + self.size]
            end = start + len(rows)
            records = tuple(
                Raw(
                    row if isinstance(row, bytes) else json.dumps(row, ensure_ascii=False).encode(),
                    f"row {start + n}",
                )
                for n, row in enumerate(rows)
            )
            last = end >= len(self.rows)
            yield Page(records, read=len(records), resume=end, high=None, last=last)
            if last:
                return
            start = end

    def close(self) -> None:
        """Nothing to give back."""


class Desk:
    """Holds what it is given by idempotency key; says no to names in `refuses`; may lose its
    answers.
    """

    def __init__(self, *, receipts: bool = False) -> None:
        self.with_receipts = receipts
        self.applied: dict[str, tuple[str, dict[str, Json]]] = {}
        self.times: dict[str, int] = {}
        self.verdicts: dict[str, Receipt] = {}
        self.refuses: set[str] = set()
        self.checkpoints: list[str] = []
        self.loses = 0
        self.away = 0
        self.sent = 0

    def ping(self) -> str:
        return "here"

    def send(self, write: Mapping[str, Json], items: Sequence[Outgoing]) -> list[Outcome]:
        if self.away:
            self.away -= 1
            raise TransientError("system.unavailable", system="desk")
        outcomes = []
        for item in items:
            self.sent += 1
            self.checkpoints.append(item.checkpoint)
            if item.body.get("mc") in self.refuses:
                outcomes.append(Outcome(item.key, "rejected", code="17", text="名称不对"))
                continue
            if item.key not in self.applied:
                self.times[item.key] = self.times.get(item.key, 0) + 1
                self.applied[item.key] = (item.action, item.body)
            outcomes.append(
                Outcome(item.key, "awaiting_receipt" if self.with_receipts else "confirmed")
            )
        if self.loses:
            self.loses -= 1
            return []
        return outcomes

    def receipts(self, write: Mapping[str, Json], keys: Sequence[str]) -> list[Receipt]:
        return [self.verdicts[key] for key in keys if key in self.verdicts]

    def close(self) -> None:
        """Nothing to give back."""

    def bodies(self) -> list[dict[str, Json]]:
        return [body for _, body in self.applied.values()]

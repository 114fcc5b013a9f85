"""Targets in this process: they hold what they are given by its own number, apply each key once,
and misbehave.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from hub.errors import Fault, FlowError, RecordError, TransientError
from hub.model import Held, Json, Outcome, Outgoing, Page, Receipt
from tests.hostile.cabinet import Cabinet
from tests.hostile.faults import Strikes

How = Literal["apply", "refuse", "nothing"]


@dataclass
class Target:
    """One run's view of a cabinet, with the faults of that run."""

    cabinet: Cabinet
    with_receipts: bool
    strikes: Strikes
    meanwhile: Callable[[], None]
    before: Callable[[], None] = lambda: None
    sent: int = 0
    asked: int = 0

    def ping(self) -> str:
        return "here"

    def pages(
        self, _read: Mapping[str, Json], *, since: str | int | None, resume: Json
    ) -> Iterator[Page]:
        raise NotImplementedError

    def send(self, _write: Mapping[str, Json], items: Sequence[Outgoing]) -> list[Outcome]:
        if not self.sent:
            self.before()
        self.sent += 1
        strikes, call = self.strikes, self.sent
        self._refuse(items)
        how: list[How] = ["apply"] * len(items)
        if strikes.hits("half_rejected", call):
            how[::2] = ["refuse"] * len(how[::2])
        if strikes.hits("nothing_done", call):
            how[1::2] = ["nothing"] * len(how[1::2])
        outcomes = [self._take(item, one) for item, one in zip(items, how, strict=True)]
        if strikes.hits("early_receipt", call) and self.with_receipts:
            self.meanwhile()
        if strikes.hits("lost_answer", call):
            return []
        return outcomes[: len(outcomes) // 2] if strikes.hits("half_answer", call) else outcomes

    def _refuse(self, items: Sequence[Outgoing]) -> None:
        """Fail before anything is applied."""
        strikes, call = self.strikes, self.sent
        if strikes.before("target_throttles", call):
            raise TransientError("system.busy", system="target", after=1)
        if strikes.hits("target_hangs", call):
            raise TransientError("system.timeout", system="target")
        if strikes.hits("target_forgets", call):
            raise FlowError("system.credentials", system="target")
        if strikes.hits("batch_refused", call) and len(items) > 1:
            raise RecordError(Fault("", "record.invalid", {}))
        if "poison" in strikes.at and any(self._poisonous(item) for item in items):
            raise FlowError(
                "system.protocol", system="target", detail="an answer that makes no sense"
            )

    def receipts(self, _write: Mapping[str, Json], keys: Sequence[str]) -> list[Receipt]:
        self.asked += 1
        if self.strikes.hits("receipts_hang", self.asked):
            raise TransientError("system.timeout", system="target")
        if self.strikes.before("late_receipt", self.asked):
            return []
        if "lost_receipt" in self.strikes.at:
            for key in keys[::2]:
                self.cabinet.verdicts.pop(key, None)
        return [self.cabinet.verdicts[key] for key in keys if key in self.cabinet.verdicts]

    def close(self) -> None:
        """Nothing to give back."""

    def _poisonous(self, item: Outgoing) -> bool:
        return str(item.body[self.cabinet.key]).endswith(str(self.strikes.at["poison"]))

    def held(
        self, _write: Mapping[str, Json], keys: Sequence[str], _fields: Sequence[str]
    ) -> list[Held]:
        """What stands here of these deliveries: of a withdrawal no more than that it is known."""
        found = []
        for item in (self.cabinet.done[key] for key in keys if key in self.cabinet.done):
            body = self.cabinet.held.get(str(item.body[self.cabinet.key]))
            if (body is None) == (item.action == "withdraw"):
                found.append(Held(item.key, body))
        return found

    def _take(self, item: Outgoing, how: How) -> Outcome:
        """Apply it, unless its key has been answered before; refused ones are refused at once or by
        their verdict.
        """
        known = self.cabinet.answers.get(item.key)
        if known is None:
            if how == "apply":
                self.cabinet.apply(item)
            known = Outcome(
                item.key,
                "rejected" if how == "refuse" else "confirmed",
                code="E17",
                text="名称不对",
            )
            self.cabinet.answers[item.key] = known
        if not self.with_receipts:
            return known
        state = "accepted" if known.state == "confirmed" else "rejected"
        self.cabinet.verdicts[item.key] = Receipt(item.key, state, code=known.code, text=known.text)
        return Outcome(item.key, "awaiting_receipt")


class Table(Target):
    """One that can be read: it shows every delivery that stands there under its key, in their
    order.
    """

    def listed(
        self, _write: Mapping[str, Json], begins: Sequence[str] | None, _fields: Sequence[str]
    ) -> Iterator[Held]:
        for key, item in sorted(self.cabinet.done.items()):
            if begins is None or key.startswith(tuple(begins)):
                yield Held(key, item.body, ended=item.action == "withdraw")

"""A partner's verdicts, record by record: where they stand in its answer and what its codes mean."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, cast

from pydantic import Field, JsonValue

from connectors.options import Options
from hub.model import Json, Number, Outcome, Outgoing

Code = str | int


class Verdicts(Options):
    """How a partner says what became of a record."""

    key: str = Field(description="Field that repeats the key of the delivery")
    code: str = Field(description="Field of the result code")
    text: str = Field(default="", description="Field of the reason in words")
    reference: str = Field(default="", description="Field of the partner's own number for what it took")
    ok: tuple[Code, ...] = Field(description="Codes that mean: taken")
    retry: tuple[Code, ...] = Field(
        default=(), description="Codes that mean: not decided, send again; every other code is a refusal"
    )

    def outcome(self, answer: Mapping[str, Json], *, key: str) -> Outcome:
        """Read one answer."""
        code = said(answer.get(self.code))
        state: Literal["confirmed", "rejected", "unknown"] = "rejected"
        if code in map(str, self.ok):
            state = "confirmed"
        elif code in map(str, self.retry):
            state = "unknown"
        reference = said(answer.get(self.reference)) if self.reference else ""
        return Outcome(key, state, code=code, text=said(answer.get(self.text)), reference=reference)

    def outcomes(self, answers: Iterable[Json], keys: Iterable[str]) -> Iterator[Outcome]:
        """Read the answers that concern these keys; a key that no answer names gets no outcome."""
        wanted = set(keys)
        for answer in answers:
            if isinstance(answer, dict) and (key := said(answer.get(self.key))) in wanted:
                wanted.discard(key)
                yield self.outcome(answer, key=key)


class Bodies(Options):
    """How a delivery is put into a record of the partner's."""

    batch: int = Field(default=100, ge=1, description="Records a call")
    receipts: bool = Field(default=False, description="Whether verdicts come later and are asked for")
    key: str = Field(description="Field that carries the key of the delivery, by which the partner knows a repeat")
    withdraw: dict[str, JsonValue] | None = Field(
        default=None, description="Fields that say that a record is withdrawn; without it a withdrawal is refused"
    )

    def shaped(self, item: Outgoing) -> dict[str, Json]:
        """Give the record as the partner wants it."""
        if item.action == "withdraw":
            return {
                **(item.body or item.previous or {}),
                **cast("dict[str, Json]", self.withdraw or {}),
                self.key: item.key,
            }
        return {**item.body, self.key: item.key}

    def impossible(self, items: Sequence[Outgoing]) -> tuple[list[Outcome], list[Outgoing]]:
        """Part the withdrawals that this partner cannot be told of from what can be sent."""
        if self.withdraw is not None:
            return [], list(items)
        refused = [
            Outcome(
                item.key, "rejected", code="withdraw", text="对方接口不支持撤回 / this partner takes no withdrawals"
            )
            for item in items
            if item.action == "withdraw"
        ]
        return refused, [item for item in items if item.action != "withdraw"]


def said(value: Json) -> str:
    """Give a value of an answer as text; nothing is empty text."""
    return "" if value is None else value.text if isinstance(value, Number) else str(value).strip()


def pick(document: Json, path: str) -> Json:
    """Follow a dotted path through an answer; None where it leads nowhere. The empty path is the whole."""
    found = document
    for step in path.split(".") if path else ():
        found = found.get(step) if isinstance(found, dict) else None
    return found

"""Verdicts of partners by record: where they are in an answer, and what codes mean."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal, cast

from pydantic import Field, JsonValue, model_validator

from connectors.options import ContradictionError, Options
from connectors.web import RefusedError
from hub.errors import Fault
from hub.model import Held, Json, Number, Outcome, Outgoing

Code = str | int


def seal_of(checkpoint: str) -> int:
    """The number of the seal in a checkpoint."""
    return int(json.loads(checkpoint)["seal"])


class Verdicts(Options):
    """How a partner says what became of a record."""

    key: str = Field(description="Field that repeats the key of the delivery")
    code: str = Field(description="Field of the result code")
    text: str = Field(default="", description="Field of the reason in words")
    reference: str = Field(
        default="", description="Field of the partner's own number for what it took"
    )
    ok: tuple[Code, ...] = Field(description="Codes that mean: taken")
    retry: tuple[Code, ...] = Field(
        default=(),
        description="Codes that mean: not decided, send again; every other code is a refusal",
    )

    def outcome(self, answer: dict[str, Json], *, key: str) -> Outcome:
        """The outcome in one answer; `unknown` without a readable code."""
        found = pick(answer, self.code)
        code, known = as_text(found), {*map(str, self.ok), *map(str, self.retry)}
        if isinstance(found, dict | list) or not (code or code in known):
            return unclear(key, code)
        state: Literal["confirmed", "rejected", "unknown"] = "rejected"
        if code in map(str, self.ok):
            state = "confirmed"
        elif code in map(str, self.retry):
            state = "unknown"
        reference = as_text(pick(answer, self.reference)) if self.reference else ""
        text = as_text(pick(answer, self.text)) if self.text else ""
        return Outcome(key, state, code=code, text=text, reference=reference)

    def outcomes(
        self, answers: Iterable[Json], keys: Iterable[str], *, newest_first: bool = False
    ) -> Iterator[Outcome]:
        """Outcomes of these keys; none for a key without an answer.

        newest_first: the first answer of a key counts; else contradicting answers are `unknown`.
        """
        wanted, found = set(keys), dict[str, Outcome]()
        for answer in answers:
            if not isinstance(answer, dict) or (key := as_text(answer.get(self.key))) not in wanted:
                continue
            one = self.outcome(answer, key=key)
            first = found.setdefault(key, one)
            if not newest_first and first.state != one.state:
                found[key] = unclear(key, f"{first.code}, {one.code}")
        yield from found.values()


def unclear(key: str, code: str) -> Outcome:
    """The outcome of an answer that cannot be interpreted."""
    return Outcome(
        key,
        "unknown",
        code=code,
        fault=Fault("", "delivery.verdict_unclear", {"code": code or "—"}),
    )


class CallVerdicts(Verdicts):
    """How a partner says what became of a record, a call or a batch."""

    of: Literal["record", "call", "batch"] = Field(
        default="record",
        description="What the answer is the verdict of. record: it names each by its key (an "
        "empty key: in the order "
        "sent). call: the answer as a whole is the verdict of the one record sent. batch: of all "
        "records sent, which "
        "the partner takes or refuses together",
    )
    key: str = Field(default="", description="Field that repeats the key of the delivery")
    code: str = Field(
        default="",
        description=(
            "Field of the result code; empty for a call or batch: the HTTP status alone says it"
        ),
    )
    ok: tuple[Code, ...] = Field(default=(), description="Codes that mean: taken")

    @model_validator(mode="after")
    def _complete(self) -> "CallVerdicts":
        if self.of == "record" and not {"key", "code", "ok"} <= self.model_fields_set:
            raise ContradictionError(
                zh="of: record 需要 key、code 和 ok", en="of: record needs key, code and ok"
            )
        return self

    @property
    def by_status(self) -> bool:
        """Whether the HTTP status is the verdict."""
        return self.of != "record" and not self.code

    def of_call(self, answer: Json, keys: Sequence[str]) -> Iterator[Outcome]:
        """Outcomes of these keys from an answer, or from a list of answers.

        Raises RefusedError where a batch is refused as a whole, so that its records are sent alone.
        """
        if self.of == "record":
            yield from self._of_records(answer if isinstance(answer, list) else [answer], keys)
        elif self.by_status:
            yield from (Outcome(key, "confirmed") for key in keys)
        elif isinstance(answer, dict) and pick(answer, self.code) is not None:
            together = self.outcome(answer, key="")
            if together.state == "rejected" and len(keys) > 1:
                raise RefusedError(said=together.code, text=together.text)
            yield from (replace(together, key=key) for key in keys)

    def _of_records(self, answers: Sequence[Json], keys: Sequence[str]) -> Iterator[Outcome]:
        """An answer without a key belongs to the only record sent, or to the one at its index."""
        unnamed = [
            one
            for one in answers
            if isinstance(one, dict) and pick(one, self.code) is not None and self.key not in one
        ]
        if len(unnamed) == len(answers) == len(keys) and (len(keys) == 1 or not self.key):
            yield from (self.outcome(one, key=key) for one, key in zip(unnamed, keys, strict=True))
        else:
            yield from self.outcomes(answers, keys)


class Bodies(Options):
    """How a delivery is put into a record of the partner's."""

    batch: int = Field(default=100, ge=1, description="Records a call")
    receipts: bool = Field(
        default=False, description="Whether verdicts come later and are asked for"
    )
    key: str = Field(
        description=(
            "Field that carries the key of the delivery, by which the partner knows a repeat"
        )
    )
    withdraw: dict[str, JsonValue] | None = Field(
        default=None,
        description=(
            "Fields that say that a record is withdrawn; without it a withdrawal is refused"
        ),
    )

    def shaped(self, item: Outgoing) -> dict[str, Json]:
        """The record as the partner wants it, with its idempotency key."""
        if item.action == "withdraw":
            return {
                **(item.body or item.previous or {}),
                **cast("dict[str, Json]", self.withdraw or {}),
                self.key: item.key,
            }
        return {**item.body, self.key: item.key}

    def ended(self, record: Mapping[str, Json]) -> bool:
        """Whether a partner's record is withdrawn: it has the fields of a withdrawal."""
        sent = cast("dict[str, Json]", self.withdraw or {})
        return bool(sent) and all(
            as_text(record.get(name)) == as_text(value) for name, value in sent.items()
        )

    def shown(
        self,
        records: Iterable[Json],
        begins: Sequence[str] | None,
        fields: Sequence[str],
        *,
        key: str = "",
    ) -> Iterator[Held]:
        """A partner's list of our records, by key; nothing is read where no prefix is asked for.

        key: path of the idempotency key, where it differs from the one sent.
        """
        wanted, found = None if begins is None else tuple(begins), dict[str, Held]()
        for record in () if wanted == () else records:
            name = as_text(pick(record, key or self.key))
            if isinstance(record, dict) and name and (wanted is None or name.startswith(wanted)):
                body = {field: record.get(field) for field in fields}
                found[name] = Held(name, body, ended=self.ended(record))
        return (found[name] for name in sorted(found))

    def impossible(self, items: Sequence[Outgoing]) -> tuple[list[Outcome], list[Outgoing]]:
        """(rejections of withdrawals that this partner does not support, items to send)."""
        if self.withdraw is not None:
            return [], list(items)
        refused = [
            Outcome(
                item.key,
                "rejected",
                code="withdraw",
                text="对方接口不支持撤回 / this partner takes no withdrawals",
            )
            for item in items
            if item.action == "withdraw"
        ]
        return refused, [item for item in items if item.action != "withdraw"]


def as_text(value: Json) -> str:
    """A value of an answer as text; "" for None."""
    return "" if value is None else value.text if isinstance(value, Number) else str(value).strip()


def pick(document: Json, path: str) -> Json:
    """The value at a dotted path of names and indexes; None where there is none.

    The empty path is the whole.
    """
    found = document
    for step in path.split(".") if path else ():
        if isinstance(found, list) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
        else:
            found = found.get(step) if isinstance(found, dict) else None
    return found

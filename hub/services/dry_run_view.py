"""What a dry run has found, counted as it goes."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from hub.model import Value
from hub.services.view import AnyJson

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class ChangeExample:
    """One value that would change. Values that the reader may not see are masked or None."""

    record_id: Annotated[int, Field(description="below 0: a record that is not known yet")]
    record: str
    was: Value | AnyJson
    would_be: Value | AnyJson


@dataclass(slots=True)
class Changes:
    """In how many records a field would change, and the first examples."""

    times: int = 0
    examples: list[ChangeExample] = field(default_factory=list)


@dataclass(slots=True)
class Rehearsed:
    """What would come of the changed contracts. read: how many payloads (of a push: records) of
    `total` were looked at.

    outcomes: what would become of the payloads; parts: of the parts of those that are taken apart.
    set_aside: payloads that are not set aside today and would be, by cause; accepted: those that
    are and would not be, by today's cause. fields: golden fields that would change. created,
    changed, withdrawn: golden records; projects: how many projects these belong to. deliveries: per
    push flow what would become of the marks (`upsert` and `withdraw` would be sent).
    """

    flow: str
    contract: Annotated[str, Field(description="hash of the contract that was rehearsed")]
    total: Annotated[int, Field(description="payloads (of a push: records) that there are")] = 0
    read: Annotated[int, Field(description="payloads that were looked at")] = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    parts: Counter[str] = field(default_factory=Counter)
    set_aside: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    fields: dict[str, Changes] = field(default_factory=dict)
    created: int = 0
    changed: int = 0
    withdrawn: int = 0
    projects: int = 0
    deliveries: dict[str, Counter[str]] = field(default_factory=dict)

    @property
    def record_ids(self) -> list[int]:
        """The records that examples were taken from."""
        return sorted(
            {one.record_id for changes in self.fields.values() for one in changes.examples}
        )

    def note(self, name: str, example: ChangeExample) -> None:
        """Count a field that would change; keep the first examples."""
        changes = self.fields.setdefault(name, Changes())
        changes.times += 1
        if len(changes.examples) < EXAMPLES:
            changes.examples.append(example)

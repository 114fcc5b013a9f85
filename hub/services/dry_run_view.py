"""The result of a dry run."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from hub.model import Value
from hub.services.view import AnyJson

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class ChangeExample:
    """One value that would change; None or masked where the reader may not see it."""

    record_id: Annotated[int, Field(description="below 0: a record that is not known yet")]
    record: str
    was: Value | AnyJson
    would_be: Value | AnyJson


@dataclass(slots=True)
class Changes:
    """In how many records a field would change, with the first examples."""

    times: int = 0
    examples: list[ChangeExample] = field(default_factory=list)


@dataclass(slots=True)
class Rehearsed:
    """The result of a dry run. read: payloads (of a push: records) looked at, of `total`.

    outcomes: of payloads; parts: of parts of records that are split. set_aside: payloads that would
    newly be set aside, by cause; accepted: those that no longer would be, by today's cause. fields:
    golden fields that would change. created, changed, withdrawn: golden records; projects: how many
    these belong to. deliveries: results per push flow (`upsert` and `withdraw` would be sent).
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
        """The records of the examples."""
        return sorted(
            {one.record_id for changes in self.fields.values() for one in changes.examples}
        )

    def note(self, name: str, example: ChangeExample) -> None:
        """Count a changed field; keep the first examples."""
        changes = self.fields.setdefault(name, Changes())
        changes.times += 1
        if len(changes.examples) < EXAMPLES:
            changes.examples.append(example)

"""The error tree: a class says what the caller does, its facts say what happened.

Texts for people (Chinese and English, with the cure) stand in the catalogue (`hub/locale/`), one
entry a code; nothing here builds sentences. `pointer` is a JSON pointer into the record as its
source sent it, or "" for the record as a whole.
"""

from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with one record: where, by which rule (a code of the catalogue), with
    which facts.

    `facts` fill the text's places; they are short and may quote the offending value.
    """

    pointer: str
    code: str
    facts: dict[str, str] = field(default_factory=dict)


class HubError(Exception):
    """The root. `code` names the text; `facts` fill its places and never hold a secret."""

    default: ClassVar[str] = "hub.failed"

    def __init__(self, code: str = "", **facts: str | float) -> None:
        self.code = code or self.default
        self.facts = {name: str(value) for name, value in facts.items()}
        super().__init__(self.code, self.facts)

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.code} ({shown})" if shown else self.code


class TransientError(HubError):
    """Try again: the other side was busy, slow or away. `after` is its own wish in seconds, None
    where it has none.
    """

    default = "system.unavailable"

    def __init__(self, code: str = "", *, after: float | None = None, **facts: str | float) -> None:
        super().__init__(code, **facts)
        self.after = after


class RecordError(HubError):
    """Set this one record aside, with all its faults; the rest goes on."""

    default = "record.invalid"

    def __init__(self, *faults: Fault) -> None:
        super().__init__(faults[0].code if faults else "", **(faults[0].facts if faults else {}))
        self.faults = faults


class FlowError(HubError):
    """Stop the flow and tell a person: credentials, a contract, the partner's protocol, drift.

    Trying again will not help.
    """

    default = "flow.stopped"


class HeldError(FlowError):
    """What was read is held: its source has changed its shape, and a person decides. Nothing of it
    was applied.
    """

    default = "flow.held"

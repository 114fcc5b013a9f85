"""The error tree: the class tells the caller what to do, `code` and `facts` what happened.

Texts for people (Chinese and English, with the cure) are in the catalogue (`hub/locale/`), one
entry per code. `pointer` is a JSON pointer into the record as received, "" for all of it.
"""

from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of one record: place (`pointer`), rule (`code`), `facts` for its text.

    Facts are short and may quote the offending value: never log them.
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
    """Retry: the other side is busy, slow or away. after: seconds it asked for, None without."""

    default = "system.unavailable"

    def __init__(self, code: str = "", *, after: float | None = None, **facts: str | float) -> None:
        super().__init__(code, **facts)
        self.after = after


class ClosedError(TransientError):
    """The other side keeps hours and says when it opens: no trouble, ask again then.

    opens: that instant, ISO; `after` are the seconds until then.
    """

    default = "system.closed"

    def __init__(self, *, opens: str, after: float, **facts: str | float) -> None:
        super().__init__(self.default, after=after, opens=opens, **facts)


class RecordError(HubError):
    """Quarantine this record, with all its faults; the others go on."""

    default = "record.invalid"

    def __init__(self, *faults: Fault) -> None:
        super().__init__(faults[0].code if faults else "", **(faults[0].facts if faults else {}))
        self.faults = faults


class AttachmentError(RecordError):
    """One file that a record names cannot be had or held; the record itself stays as it is."""

    def __init__(self, code: str, **facts: str | float) -> None:
        super().__init__(Fault("", code, {name: str(value) for name, value in facts.items()}))


class FlowError(HubError):
    """Stop the flow and alert a person; retrying does not help.

    Credentials, contracts, the partner's protocol, drift.
    """

    default = "flow.stopped"


class HeldError(FlowError):
    """What was read is held, nothing applied: its source's schema changed, a person decides."""

    default = "flow.held"

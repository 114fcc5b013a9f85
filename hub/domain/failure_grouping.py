"""Failure grouping: faults of quarantine entries -> their shared cause, repaired once for all."""

import re
from collections.abc import Sequence

from hub.errors import Fault

# Innermost quotes only; linear, since a search stops at the next opening quote.
_VALUES = re.compile(
    r"“[^“”]*”|「[^「」]*」|'[^']*'|\"[^\"]*\"|(?P<word>[0-9A-Za-z][0-9A-Za-z.:/_-]*+)"
)
_READ, _WORDS = 2_000, 80
"""So many signs of a refusal are looked at (as many as are kept), and so many name its cause."""


def cause_of(faults: Sequence[Fault]) -> str:
    """Rule and place of the first fault, without list indexes; "" without a fault."""
    if not faults:
        return ""
    place = "/".join("*" if step.isdigit() else step for step in faults[0].pointer.split("/"))
    return f"{faults[0].code} {place}".strip()


def refusal_cause(fault: Fault) -> str:
    """The code and words of a partner's refusal, without numbers and quoted values."""
    words = _VALUES.sub(_left_out, fault.facts.get("text", "")[:_READ])[:_WORDS]
    return " ".join(
        part for part in (fault.code, fault.pointer, fault.facts.get("code", ""), words) if part
    )


def _left_out(found: re.Match[str]) -> str:
    """Drops quoted values and words with a digit; keeps other words."""
    word = found["word"]
    if word is None or any("0" <= sign <= "9" for sign in word[1:]):
        return "…"
    return f"…{word[1:]}" if "0" <= word[0] <= "9" else word


def without_values(fault: Fault) -> Fault:
    """A fault without anything out of the record."""
    plain = {"field", "list", "rule", "fields", "paths", "code", "parts", "read", "most"}
    return Fault(
        fault.pointer,
        fault.code,
        {name: fact for name, fact in fault.facts.items() if name in plain},
    )

"""What quarantine entries are grouped by: one cause, one repair."""

import re
from collections.abc import Sequence

from hub.errors import Fault

_VALUES = re.compile(r"“[^”]*”|「[^」]*」|'[^']*'|\"[^\"]*\"|[0-9A-Za-z][0-9A-Za-z.:/_-]*[0-9][0-9A-Za-z.:/_-]*|[0-9]+")
_WORDS = 80


def cause_of(faults: Sequence[Fault]) -> str:
    """The first fault's rule and place, list positions left out; "" without a fault."""
    if not faults:
        return ""
    place = "/".join("*" if step.isdigit() else step for step in faults[0].pointer.split("/"))
    return f"{faults[0].code} {place}".strip()


def refusal_cause(fault: Fault) -> str:
    """A partner's refusal by its code and words, with numbers and quoted values taken out: they differ by record."""
    words = _VALUES.sub("…", fault.facts.get("text", ""))[:_WORDS]
    return " ".join(part for part in (fault.code, fault.pointer, fault.facts.get("code", ""), words) if part)

"""Text that a database takes: PostgreSQL keeps neither NUL nor half a character."""

import re
from collections.abc import Iterable, Mapping

from hub.errors import Fault

_STRANGE = re.compile("[\x00\ud800-\udfff]")


def storable(value: object, *, most: int = 2_000) -> str:
    """Somebody's words as a database keeps them: cut, what it has no room for written by its code
    point.

    For words about a record only; a value of a record is refused instead (`strange`).
    """
    text = value if isinstance(value, str) else str(value)
    if len(text) > most:
        text = f"{text[:most]}…"
    return (
        text if text.isprintable() else _STRANGE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    )


def strange(text: str) -> str:
    """The first character that no database keeps, as U+XXXX; "" where there is none."""
    if text.isprintable():
        return ""
    found = _STRANGE.search(text)
    return f"U+{ord(found[0]):04X}" if found else ""


def storable_facts(facts: Mapping[str, str]) -> dict[str, str]:
    """The facts of an error as they can be kept: they quote what may be the very trouble."""
    return {name: storable(said) for name, said in facts.items()}


def as_kept(faults: Iterable[Fault]) -> list[dict[str, object]]:
    """Faults as the entry of a quarantine keeps them: the pointer, the code and the facts of
    each.
    """
    return [
        {"pointer": fault.pointer, "code": fault.code, "facts": storable_facts(fault.facts)}
        for fault in faults
    ]

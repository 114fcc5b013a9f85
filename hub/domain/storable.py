"""Text that PostgreSQL can store: without NUL and lone surrogates."""

import re
from collections.abc import Iterable, Mapping

from hub.errors import Fault

_STRANGE = re.compile("[\x00\ud800-\udfff]")


def storable(value: object, *, most: int = 2_000) -> str:
    """Text cut to `most` characters, unstorable ones as U+XXXX.

    For messages about a record only; a record's own value is refused instead (`strange`).
    """
    text = value if isinstance(value, str) else str(value)
    if len(text) > most:
        text = f"{text[:most]}…"
    return (
        text if text.isprintable() else _STRANGE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    )


def strange(text: str) -> str:
    """The first unstorable character as U+XXXX; "" without any."""
    if text.isprintable():
        return ""
    found = _STRANGE.search(text)
    return f"U+{ord(found[0]):04X}" if found else ""


def storable_facts(facts: Mapping[str, str]) -> dict[str, str]:
    """Facts made storable: they may quote the very character in question."""
    return {name: storable(said) for name, said in facts.items()}


def as_kept(faults: Iterable[Fault]) -> list[dict[str, object]]:
    """Faults as stored in quarantine entries: pointer, code, facts."""
    return [
        {"pointer": fault.pointer, "code": fault.code, "facts": storable_facts(fault.facts)}
        for fault in faults
    ]

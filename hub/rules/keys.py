"""What identifies a record: its key in shared terms, and the text by which records of two systems find each other."""

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping

from hub.model import Value
from hub.rules.contracts import Entity

LONGEST = 400

_SHAPES = str.maketrans(
    dict.fromkeys("[{〔【〖《<（［", "(") | dict.fromkeys("]}〕】〗》>）］", ")") | dict.fromkeys("—–－―", "-")
)


def join_key(parts: Iterable[str]) -> str:
    """Parts joined by "|"; a part that holds the mark itself is escaped, so that two keys never read the same."""
    return "|".join(
        part.replace("\\", "\\\\").replace("|", "\\|") if "|" in part or "\\" in part else part for part in parts
    )


def record_key(entity: Entity, values: Mapping[str, Value]) -> str | None:
    """The record's key among those of its entity, None while a part of it is missing."""
    parts = [values.get(name) for name in entity.key]
    return None if None in parts else join_key(str(part) for part in parts)


def link_token(entity: str, field: str, value: Value) -> str:
    """The same text for every way of writing one number: width, case, blanks, kind of bracket or dash do not count."""
    plain = unicodedata.normalize("NFKC", str(value)).upper().translate(_SHAPES)
    text = "".join(plain.split())
    if len(text) > LONGEST:  # an index takes no more; two long texts that are the same still meet
        text = f"#{hashlib.sha256(text.encode()).hexdigest()}"
    return f"{entity}.{field}={text}"


def project_code(text: str) -> str:
    """A project code as a person types it: width, case and blanks do not count."""
    return "".join(unicodedata.normalize("NFKC", text).upper().split())

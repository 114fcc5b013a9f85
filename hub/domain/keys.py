"""What identifies a record: its key in shared terms, and the text by which records of two systems
find each other.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping

from hub.domain.contracts import Entity
from hub.domain.partner_masks import is_mask
from hub.model import Value

LONGEST = 400
DECIDED = "link"
PARCEL, ESTATE_UNIT, PARCEL_DIGITS = "parcel", "real_estate_unit", 19

_SHAPES = str.maketrans(
    dict.fromkeys("[{〔【〖《<（［", "(")
    | dict.fromkeys("]}〕】〗》>）］", ")")
    | dict.fromkeys("—–－―", "-")
)


def join_key(parts: Iterable[str]) -> str:
    """Parts joined by "|"; a part that holds the mark itself is escaped, so that two keys never
    read the same.
    """
    return "|".join(
        part.replace("\\", "\\\\").replace("|", "\\|") if "|" in part or "\\" in part else part
        for part in parts
    )


def record_key(entity: Entity, values: Mapping[str, Value]) -> str | None:
    """The record's key among those of its entity, None while a part of it is missing."""
    parts = [values.get(name) for name in entity.key]
    return None if None in parts else join_key(str(part) for part in parts)


def link_token(kind: str, value: Value) -> str:
    """The same text for every way of writing one number: width, case, blanks, kind of bracket or
    dash do not count.
    """
    plain = unicodedata.normalize("NFKC", str(value)).upper().translate(_SHAPES)
    text = "".join(plain.split())
    if len(text) > LONGEST:  # an index takes no more; two long texts that are the same still meet
        text = f"#{hashlib.sha256(text.encode()).hexdigest()}"
    return f"{kind}={text}"


def project_kind(entity: str) -> str:
    """The kind of number that the code of a parent is."""
    return f"{entity}.project_code"


def project_token(entity: str, code: Value) -> str:
    """By which records wait for their project, or for another parent."""
    return link_token(project_kind(entity), code)


def own_token(flow: str, key: str) -> str:
    """By which one source record is given its project: through it a decision reaches the record,
    and no other.
    """
    return link_token(f"{DECIDED}.{flow}", key)


def number_tokens(kinds: Mapping[str, str], values: Mapping[str, Value]) -> tuple[str, ...]:
    """The numbers by which a record can find its project, or teach it; `kinds`: field -> kind of
    number.

    A real-estate unit number begins with the number of its parcel.
    """
    numbers = [
        (kind, text)
        for name, kind in kinds.items()
        if isinstance(text := values.get(name), str)
        and not is_mask(text)  # one mask may be of many numbers
    ]
    numbers += [(PARCEL, text[:PARCEL_DIGITS]) for kind, text in numbers if kind == ESTATE_UNIT]
    return tuple(dict.fromkeys(link_token(kind, text) for kind, text in numbers))


def project_code(text: str) -> str:
    """A project code as a person types it: width, case and blanks do not count."""
    return "".join(unicodedata.normalize("NFKC", text).upper().split())

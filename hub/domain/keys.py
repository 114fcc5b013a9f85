"""Record keys, and tokens by which records of two systems find each other (crosswalk)."""

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
    """Parts joined by "|", escaped so that different parts never give the same key."""
    return "|".join(
        part.replace("\\", "\\\\").replace("|", "\\|") if "|" in part or "\\" in part else part
        for part in parts
    )


def record_key(entity: Entity, values: Mapping[str, Value]) -> str | None:
    """The key of a record within its entity; None while a part is missing."""
    parts = [values.get(name) for name in entity.key]
    return None if None in parts else join_key(str(part) for part in parts)


def link_token(kind: str, value: Value) -> str:
    """The token of a number; width, case, blanks, kinds of brackets and dashes do not matter."""
    plain = unicodedata.normalize("NFKC", str(value)).upper().translate(_SHAPES)
    text = "".join(plain.split())
    if len(text) > LONGEST:  # an index takes no more; two long texts that are the same still meet
        text = f"#{hashlib.sha256(text.encode()).hexdigest()}"
    return f"{kind}={text}"


def project_kind(entity: str) -> str:
    """The kind of number for a parent's code."""
    return f"{entity}.project_code"


def project_token(entity: str, code: Value) -> str:
    """The token on which records wait for their project, or another parent."""
    return link_token(project_kind(entity), code)


def own_token(flow: str, key: str) -> str:
    """The token of one source record: a manual decision reaches this record and no other."""
    return link_token(f"{DECIDED}.{flow}", key)


def number_tokens(kinds: Mapping[str, str], values: Mapping[str, Value]) -> tuple[str, ...]:
    """Tokens of a record's numbers, to find or to teach its project; kinds: field -> kind.

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
    """A project code as typed, normalised: width, case and blanks do not matter."""
    return "".join(unicodedata.normalize("NFKC", text).upper().split())

"""Secrecy: payload bytes -> whether the source's flag shows it open; anything else is withheld.

Fail closed: unreadable records, and flags missing, doubled or of unknown value, count as secret.
The flag is read without steps that a broken record can make fail (embedded JSON, NUL, length
limits). No value is disclosed.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from hub import exact
from hub.domain import paths
from hub.domain.documents import mapping
from hub.domain.payload import PayloadFormat, is_unread, open_embedded, whole, why_unread
from hub.errors import Fault, RecordError
from hub.model import Json

SECRET = "record.secret"  # noqa: S105 -- the code of a fault
"""Code: the source says that the record is secret, in a value that its contract knows."""

PERSONAL = "record.person"
"""Code: the source says that the record is about a natural person, whose data is not wanted."""

REFUSED = frozenset({SECRET, PERSONAL})
"""Codes by which the source itself says that a record is not to be kept."""

UNKNOWN, MISSING = "record.secrecy_unknown", "record.secrecy_missing"
AMBIGUOUS, UNREADABLE = "record.secrecy_ambiguous", "record.secrecy_unreadable"
CODES = frozenset({SECRET, PERSONAL, UNKNOWN, MISSING, AMBIGUOUS, UNREADABLE})
"""Codes for withheld records: no content is stored or shown."""

LONGEST_NAME = 256
"""No field of a record has a longer name; one that has might hide a flag."""

_BLANKS = " \t\r\n"
_JSON = ("{", "[", '"')


@dataclass(frozen=True, slots=True)
class Secrecy:
    """How a source flags secret records.

    none: who declares that it holds none; then none is checked. field: the flag's path from the
    whole record; in a list each element must have it. open: values for "not secret"; closed: known
    values for "secret". closed_as: the code of those: secret, or of a natural person, where another
    than the source's flag says that it holds no secrets.
    """

    field: str = ""
    open: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()
    none: str = ""
    closed_as: str = SECRET

    @property
    def asks(self) -> bool:
        """Whether its flag has a usable name."""
        return bool(self.field) and bool(_plain(str(paths.steps(self.field)[-1])))


def secrecy_of(said: Json) -> Secrecy:
    """The `secret` section of a pull mapping; an empty one lets nothing pass."""
    says = mapping(said)
    persons = mapping(says.get("persons"))
    if persons:
        return Secrecy(
            str(persons.get("field", "")),
            _texts(persons.get("open")),
            _texts(persons.get("closed")),
            closed_as=PERSONAL,
        )
    if says.get("none"):
        return Secrecy(none=str(says["none"]))
    return Secrecy(str(says.get("field", "")), _texts(says.get("open")), _texts(says.get("closed")))


def _texts(values: Json) -> frozenset[str]:
    listed = values if isinstance(values, list) else [values]
    return frozenset(text for value in listed if (text := _text(value)) is not None)


def withheld(payload: bytes, *, form: PayloadFormat, secrecy: Secrecy) -> Fault | None:
    """Why a record must not be stored; None where its flag shows that it is not secret.

    Never raises for the payload's content. Time and memory are linear in its length.
    """
    if secrecy.none:
        return None
    if is_unread(payload):
        code = why_unread(payload).code
        return _fault(code, secrecy) if code in CODES else unreadable(secrecy, code)
    try:
        record = whole(payload, form=form)
        within = (path for path in form.embedded_json if f"{secrecy.field}.".startswith(f"{path}."))
        for path in within:
            open_embedded(record, path)
        return _judged(record, secrecy)
    except MemoryError:
        raise
    except RecordError as error:
        return unreadable(secrecy, error.faults[0].code)
    # whatever one record's bytes do, it was not shown to be open
    except Exception as error:  # noqa: BLE001
        return unreadable(secrecy, type(error).__name__)


def unreadable(secrecy: Secrecy, why: str) -> Fault:
    """The fault of a record that cannot be read, so its flag is unknown; why: a code."""
    return _fault(UNREADABLE, secrecy, why=why)


def _fault(code: str, secrecy: Secrecy, **facts: str) -> Fault:
    return Fault(paths.pointer(secrecy.field), code, {"field": secrecy.field, **facts})


def _judged(record: Json, secrecy: Secrecy) -> Fault | None:
    steps = paths.steps(secrecy.field)
    said = list(_values(record, steps)) if steps else []
    code = MISSING if not said or None in said else None
    for value in [*said, *_alike(record, _plain(str(steps[-1])) if steps else "")]:
        text = _text(value)
        if value is None or text == "":
            continue
        if text in secrecy.closed:
            return _fault(secrecy.closed_as, secrecy)
        if text is None:
            code = AMBIGUOUS
        elif text not in secrecy.open:
            code = code or UNKNOWN
    return _fault(code, secrecy) if code else None


def _text(value: Json) -> str | None:
    """A scalar as it is compared: blanks around it pad a column; None for what is no scalar."""
    if isinstance(value, str):
        return value.strip(_BLANKS)
    return paths.plain(value)


def _values(value: Json, steps: tuple[str | int, ...]) -> Iterator[Json]:
    """Values at a path, in each element of lists on the way; None where nothing is."""
    if not steps:
        yield None if isinstance(value, str) and not value.strip(_BLANKS) else value
    elif isinstance(value, list) and isinstance(steps[0], str):
        for one in value:
            yield from _values(one, steps)
    else:
        yield from _values(paths.inside(value, steps[0]), steps[1:])


def _alike(record: Json, wanted: str) -> Iterator[Json]:
    """Whatever else in a record may be meant as the flag: under the same name in another spelling,
    at any depth.

    A text that names it, alone or in a document of its own, is given as a list, which is no value.
    """
    left = [record] if wanted else []
    named = re.compile(rf"{re.escape(wanted)}[\"'\s\\\]]*[:=>]")
    while left:
        value = left.pop()
        if isinstance(value, list):
            left += value
        elif isinstance(value, dict):
            for own, part in value.items():
                if _is_alike(own, wanted):
                    yield part
                if isinstance(part, dict | list | str):
                    left.append(part)
        elif isinstance(value, str) and len(value) >= len(wanted):
            if value.lstrip(_BLANKS).startswith(_JSON) and (inner := _embedded(value)) is not None:
                left.append(inner)
                continue
            text = (value if value.isascii() else unicodedata.normalize("NFKC", value)).casefold()
            if text.strip() == wanted or named.search(text):
                yield []


def _embedded(text: str) -> Json:
    """The JSON in a text, None if it is none; character escapes count, they may hide a name."""
    try:
        found = exact.read(text)
    except exact.UnreadableJsonError:
        if "\\u" in text:
            raise
        return None
    return found if isinstance(found, dict | list | str) else None


def _is_alike(name: str, wanted: str) -> bool:
    if len(name) > LONGEST_NAME:
        raise RecordError(
            Fault("", "record.too_long", {"field": wanted, "limit": str(LONGEST_NAME)})
        )
    return _plain(name) == wanted


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    """A name without its namespace, case, width and signs: SF-SM, @sfsm, ns:sfsm and ｓｆｓｍ are
    one.
    """
    own = re.split(r"[:}]", name.rstrip(":} "))[-1]
    return "".join(sign for sign in unicodedata.normalize("NFKC", own).casefold() if sign.isalnum())

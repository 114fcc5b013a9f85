"""The nouns that connectors, rules and flows share. Imports nothing of ours but the errors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import msgspec

from hub.errors import Fault


class Number(msgspec.Struct, frozen=True):
    """A number with a fraction or an exponent as it was written: 1.10 and 1.1 are two texts.

    A payload's numbers are never made floats, which would change some of them in silence.
    """

    text: str


Json: TypeAlias = bool | int | float | str | Number | list["Json"] | dict[str, "Json"] | None
"""What a payload decodes to, a cursor holds and an option may be."""

UNUSABLE = "onecode:unusable"
"""The only name of an object that stands where a source has a cell without a usable value: the
reason is its value.
"""

Value: TypeAlias = bool | int | str | list[str] | None
"""A field in shared terms: decimals, dates (YYYY-MM-DD), months (YYYY-MM), instants (ISO 8601 with
zone) and GeoJSON are text."""

Record: TypeAlias = dict[str, Value]
"""Field name -> value in shared terms; a missing field and None mean the same."""

STEWARD = "steward"
"""The source under which people's decisions are kept; it outranks every system in the fields that
it asserts.
"""

MONTH_OF_EVENTS = 10**12
"""Ids of event rows are month * this + a number of one sequence (decision 0001)."""


def event_order(event_id: int) -> int:
    """Where an event stands among all events: the part of its id that no clock has a hand in.

    The month before it says in which partition the row lies; a clock that was ahead has put it too
    high.
    """
    return event_id % MONTH_OF_EVENTS


@dataclass(frozen=True, slots=True)
class Connection:
    """Where a partner is and who we are there: from HUB_CONN_<SYSTEM> or the Airflow connection of
    that name.
    """

    system: str
    scheme: str
    host: str
    port: int | None
    user: str
    secret: str = field(repr=False)
    path: str
    options: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Raw:
    """One record as the partner sent it: its own bytes, and where it stood (file and line, page and
    index).

    unread: why the connector could not read this: a file that cannot be opened, a row that cannot
    be cut out, an entry that cannot be fetched. It is set aside alone, with this reason and its
    bytes as they came (b"" where there are none), counts as read, and what comes after it goes on.
    item: the name under which something unread is known ("d_9.csv"), so that its next version takes
    its place: unread again, or a page whose `part` is that name. Without one its bytes stand for
    it. withheld: set by the hub where nothing of a record may be kept, for it may be secret: the
    key that it has at its source, "" where none can be read. It is known for as long as a batch
    takes, and written nowhere.
    """

    payload: bytes
    position: str
    unread: Fault | None = None
    item: str = ""
    withheld: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class File:
    """One file of a source as it was read: its name, and which version of it.

    stamp: what the source's listing shows of the version (its size, its time), as text that says
    the same of the same; "" where it says too little. digest: of its content. state: its records
    were read; it held none; it could not be read and was set aside; its records are held. records:
    how many it gave, those included that were set aside.
    """

    name: str
    stamp: str
    digest: str
    state: Literal["read", "empty", "unreadable", "held"]
    records: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A list that its source states to be the whole, and has proved complete (by a count, a
    trailer, a marker).

    name: which of them, e.g. the file; no other has the same. ends: this page is its last.
    most: the share of what stands (0 to 1) that it may lack; a larger loss is held.
    """

    name: str
    ends: bool
    most: float


@dataclass(frozen=True, slots=True)
class Page:
    """What one read gave, and what it proves complete.

    read: how many records the partner's answer held, counted at the connector's edge. resume: where
    to go on after this page (opaque to the hub, JSON); None starts from the beginning. high: the
    greatest cursor value seen so far in this sweep (a number, or text that sorts), None if the
    source has no cursor. last: nothing comes after this page; the sweep is complete. header: the
    columns that the source shows, where it has any, also with no record under them. part: the file
    that the page is from; "" where the source is not made of files. snapshot: the whole that it
    belongs to; None where what is missing means nothing. ends: the file whose last page this is.
    notes: what was remarkable and no fault, by code and place.
    """

    records: tuple[Raw, ...]
    read: int
    resume: Json
    high: str | int | None
    last: bool
    header: tuple[str, ...] | None = None
    part: str = ""
    snapshot: Snapshot | None = None
    ends: File | None = None
    notes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bucketing:
    """How a source is parted into buckets for comparison.

    key: the columns that tell records apart: all rows of a record are in one bucket. ignore:
    columns that say nothing. count: how many buckets.
    """

    key: tuple[str, ...]
    ignore: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Listed:
    """One record of a bucket, with the checksum that the partner computed of it; None where it
    computes none.
    """

    raw: Raw
    bucket: int | None = None
    checksum: int | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What a target holds of one delivery, by its key; body None: it says that it holds it, not
    what it says.

    ended: it is a withdrawal that stands there. under: the key under which the target says that it
    stands there, where it was asked by something else.
    """

    key: str
    body: dict[str, Json] | None
    ended: bool = False
    under: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record to deliver. The same `key` is the same delivery, however often it is sent.

    previous / previous_key: what this partner last confirmed of this record, for protocols that
    withdraw before they change. repeat: an earlier attempt with this key may have arrived; look
    before you write where the protocol allows. checkpoint: the signed end of the hub's ledger,
    ASCII, which the partner may keep; protocols over HTTP carry it as a header, files and tables
    put it where the contract says (`checkpoints`). reference: the partner's own number for what it
    last took of this record, "" where it gave none.
    """

    key: str
    action: Literal["upsert", "withdraw"]
    body: dict[str, Json]
    previous: dict[str, Json] | None = None
    previous_key: str | None = None
    repeat: bool = False
    checkpoint: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one `Outgoing`: per record, in the partner's own code and words.

    confirmed: applied, definitely. awaiting_receipt: handed over, the verdict comes later.
    rejected: refused for what it says. unknown: nobody can tell (lost answer); the same key goes
    out again. fault: our own reason, where it is not the partner who says no: what cannot be
    written was never sent.
    """

    key: str
    state: Literal["confirmed", "awaiting_receipt", "rejected", "unknown"]
    code: str = ""
    text: str = ""
    reference: str = ""
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A partner's later verdict on a delivery, found by its key.

    unknown: it said something that nobody understands; it is told with the delivery, which is asked
    about again.
    """

    key: str
    state: Literal["accepted", "rejected", "unknown"]
    code: str = ""
    text: str = ""
    reference: str = ""

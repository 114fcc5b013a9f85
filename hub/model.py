"""Types that connectors, rules and flows share; imports hub.errors only."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

from hub.errors import Fault


class Number(msgspec.Struct, frozen=True):
    """A number with fraction or exponent, as written: 1.10 and 1.1 differ.

    Payload numbers never become floats, which would silently change some of them.
    """

    text: str


Json: TypeAlias = bool | int | float | str | Number | list["Json"] | dict[str, "Json"] | None
"""Decoded payloads, cursors and options."""

UNUSABLE = "onecode:unusable"
"""Only name of an object that stands for a cell without usable value; its value is the reason."""

Value: TypeAlias = bool | int | str | list[str] | None
"""A field in shared terms: decimals, dates (YYYY-MM-DD), months (YYYY-MM), instants (ISO 8601 with
zone) and GeoJSON are text."""

Record: TypeAlias = dict[str, Value]
"""Field name -> value in shared terms; a missing field and None mean the same."""

STEWARD = "steward"
"""The source of manual decisions; it outranks every system in the fields it asserts."""

MONTH_OF_EVENTS = 10**12
"""Ids of event rows are month * this + a number of one sequence (decision 0001)."""


def event_order(event_id: int) -> int:
    """The order of an event among all: the part of its id that is independent of clocks.

    The month in front of it only chooses the partition, and is too high after a clock that was
    ahead.
    """
    return event_id % MONTH_OF_EVENTS


@dataclass(frozen=True, slots=True)
class Connection:
    """Address and credentials of a partner, from HUB_CONN_<SYSTEM> or Airflow's connection."""

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
    """One record as received: payload bytes and position (file and line, page and index).

    unread: why the connector could not read it (a file that does not open, a row that cannot be cut
    out, an entry that cannot be fetched). It is quarantined alone with this reason and its bytes,
    b"" if none, counts as read, and what follows goes on. item: the name of something unread
    ("d_9.csv"), so that its next version replaces it: unread again, or a page whose `part` is that
    name; without one its bytes identify it. withheld: set by the hub where the record may be
    secret: its source key, "" if unreadable, held in memory for one batch and stored nowhere.
    """

    payload: bytes
    position: str
    unread: Fault | None = None
    item: str = ""
    withheld: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class File:
    """One file of a source as it was read.

    stamp: version by the source's listing (size, time), equal text for equal versions; "" where it
    shows too little. digest: of its content. state: its records were read; it was empty; it was
    unreadable and quarantined; its records are held. records: how many it had, quarantined ones
    included. receipt: the number under which it was handed in, 0 for a file that was fetched.
    """

    name: str
    stamp: str
    digest: str
    state: Literal["read", "empty", "unreadable", "held"]
    records: int = 0
    receipt: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A list that its source declares whole and proves complete (count, trailer, marker).

    name: unique, such as the file's. ends: this page is its last. most: the share (0 to 1) of
    current keys that it may lack; a larger loss is held.
    """

    name: str
    ends: bool
    most: float


@dataclass(frozen=True, slots=True)
class Page:
    """What one read gave, and what it proves complete.

    read: records in the partner's answer, counted at the connector's edge. resume: where to resume
    after this page (opaque JSON); None: from the beginning. high: the greatest cursor value so far
    in this sweep (a number, or sortable text), None without a cursor. last: the sweep is complete.
    header: column names of the source, if any, also without records. part: the file the page is
    from, "" if none. snapshot: the list it belongs to; None where absence means nothing. ends: the
    file whose last page this is. notes: findings that are no faults, by code and place. asked: keys
    that were asked for, whose records these are; set by the hub.
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
    asked: "tuple[KeyAnswer, ...]" = ()


@dataclass(frozen=True, slots=True)
class InboundBody:
    """A body that was handed in. name: made of its receipt, in order; version: of its content."""

    receipt: int
    name: str
    version: str
    content: bytes = field(repr=False)
    charset: str
    records: int


@dataclass(frozen=True, slots=True)
class PartnerCall:
    """A call of a partner. target: path and query as sent; headers: by lower-case name."""

    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Admitted:
    """A call whose caller is proven. nonce: a text that may be used once, "" where it has none;
    until: when the call's signature is fresh no more.
    """

    nonce: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class CallLimits:
    """What a partner's calls may take. per_minute: None: as the hub's setting says.

    repeats_seconds: for how long the same body is a repetition of the first.
    """

    bytes: int
    records: int
    per_minute: int | None
    repeats_seconds: int


@dataclass(frozen=True, slots=True)
class ReadyState:
    """How a delivery stands that a partner fetches. since: when it lay ready."""

    key: str
    state: Literal["ready", "handed", "accepted", "rejected"]
    since: datetime


@dataclass(frozen=True, slots=True)
class Bucketing:
    """How a source is split into buckets for comparison.

    key: columns that identify a record, whose rows share a bucket. ignore: columns left out of
    checksums. count: number of buckets.
    """

    key: tuple[str, ...]
    ignore: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Listed:
    """One record of a bucket, with the partner's checksum; None where it computes none."""

    raw: Raw
    bucket: int | None = None
    checksum: int | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What a target holds under a delivery key; body None: it holds the key, content unknown.

    ended: it is a withdrawal. under: the key that the target names, where it was asked by something
    else.
    """

    key: str
    body: dict[str, Json] | None
    ended: bool = False
    under: str = ""


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A file that goes with a delivery: the name and SHA-256 that its body says.

    content: gives its bytes, checked; RecordError (attachment.*) where they cannot be had.
    """

    name: str
    sha256: str
    content: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One delivery. The same `key` is the same delivery, however often it is sent.

    previous / previous_key: what this partner last confirmed of the record, for protocols that
    withdraw before they change. repeat: an earlier attempt with this key may have arrived; check
    before writing where the protocol allows. checkpoint: the newest signed checkpoint of the
    ledger, ASCII, for the partner to keep: a header over HTTP, else where the contract says
    (`checkpoints`). reference: the partner's own number for this record, "" if it gave none.
    files: what goes with it.
    """

    key: str
    action: Literal["upsert", "withdraw"]
    body: dict[str, Json]
    previous: dict[str, Json] | None = None
    previous_key: str | None = None
    repeat: bool = False
    checkpoint: str = ""
    reference: str = ""
    files: tuple["OutgoingFile", ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one `Outgoing`, in the partner's own code and words.

    confirmed: definitely applied. awaiting_receipt: taken, the verdict comes later. rejected:
    refused for its content. unknown: the answer was lost; the same key goes out again. fault: our
    own reason, where it could not be written and was never sent, or what is told while its verdict
    is awaited. patience: seconds until it is looked at again while that is so, without counting as
    an attempt; None: as the hub's setting says.
    """

    key: str
    state: Literal["confirmed", "awaiting_receipt", "rejected", "unknown"]
    code: str = ""
    text: str = ""
    reference: str = ""
    fault: Fault | None = None
    patience: int | None = None


@dataclass(frozen=True, slots=True)
class RowVerdict:
    """What is written back of one row. key: the values by which it is found; state: in the
    partner's own value; former: what was written before, None for nothing; at: local time.
    """

    key: Mapping[str, Json]
    state: str | int
    former: str | int | None
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RowWritten:
    """Whether a verdict stands in the partner's row, in the order in which they were given.

    overtaken: the row is gone, or the partner has changed its state since. text: the database's own
    words on a failure.
    """

    state: Literal["written", "overtaken", "failed"]
    text: str = ""


@dataclass(frozen=True, slots=True)
class KeyAnswer:
    """What a partner said when it was asked by one key.

    answered: it has records; absent: it says that there is no such thing; failed: its answer could
    not be read (fault).
    """

    key: str
    state: Literal["answered", "absent", "failed"]
    records: tuple[Raw, ...] = ()
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A partner's later verdict on a delivery, by its key.

    unknown: an unintelligible verdict; it is shown with the delivery, which is asked about again.
    """

    key: str
    state: Literal["accepted", "rejected", "unknown"]
    code: str = ""
    text: str = ""
    reference: str = ""

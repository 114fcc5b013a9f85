"""What a conformance test needs of a live partner: what it offers and takes, faults, habits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hub.contract import Connector
from hub.model import Json


def _nothing() -> None:
    """No trouble at all."""


@dataclass(frozen=True)
class Oddity:
    """Something unusual in what a partner offers, and no fault: it must cost only itself.

    begin, end: switch it on and off; `offered`: records offered while it is on. unread: how many
    things are set aside.
    """

    begin: Callable[[], None]
    end: Callable[[], None]
    unread: int = 0


@dataclass(frozen=True)
class Reading:
    """A partner to read from.

    stranger: the same with a wrong secret; None where there is none. key: a payload's record key.
    offered: number of records offered now. troubles: {name: makes the partner fail transiently}.
    habits: {name: switches a habit on; every record must still come}. ties, repeat: make many
    records share one cursor value; make a page come twice. calm: end all of this. inclusive:
    `since` gives records at that value again. digested: key columns by which it computes checksums,
    if it does. oddities: by name.
    """

    connector: Connector
    stranger: Connector | None
    secret: str
    read: Mapping[str, Json]
    key: Callable[[bytes], str]
    offered: Callable[[], int]
    troubles: Mapping[str, Callable[[], None]]
    ties: Callable[[], None]
    repeat: Callable[[], None]
    calm: Callable[[], None]
    inclusive: bool = True
    digested: tuple[str, ...] = ()
    habits: Mapping[str, Callable[[], None]] = field(default_factory=dict)
    oddities: Mapping[str, Oddity] = field(default_factory=dict)


@dataclass(frozen=True)
class Writing:
    """A partner to write to.

    stranger: as for reading. good(n): the n-th record that it accepts. bad: one that it rejects.
    applied(n): how often `good(n)` was applied. troubles: by name, failures before anything is
    applied. lose_answer: it applies and does not answer. holds: it can be asked what it holds.
    text: a free text field; received(n): the n-th record as received.
    """

    connector: Connector
    stranger: Connector | None
    secret: str
    write: Mapping[str, Json]
    good: Callable[[int], dict[str, Json]]
    bad: dict[str, Json]
    applied: Callable[[int], int]
    troubles: Mapping[str, Callable[[], None]]
    text: str
    received: Callable[[int], Mapping[str, Json]]
    lose_answer: Callable[[], None] = _nothing
    calm: Callable[[], None] = _nothing
    holds: bool = False


@dataclass(frozen=True)
class Habit:
    """A partner's way of pagination, and the options that declare it.

    size: most records of a page. holds(n): it offers n records from now on. twice: the next page
    but the first comes as the page before, once, by mistake. calls: calls since `holds`.
    """

    connector: Connector
    read: Mapping[str, Json]
    key: Callable[[bytes], str]
    size: int
    holds: Callable[[int], None]
    twice: Callable[[], None]
    calls: Callable[[], int]

"""A live partner as the kit asks it: what it offers, what it takes, and how its faults and habits
are switched on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hub.contract import Connector
from hub.model import Json


def _nothing() -> None:
    """No trouble at all."""


@dataclass(frozen=True)
class Oddity:
    """Something that people put into what they offer, a habit and no fault: it costs nothing but
    itself.

    begin, end: the partner does so from now on, and no longer; `offered` counts what it then
    offers. unread: so many things are set aside alone.
    """

    begin: Callable[[], None]
    end: Callable[[], None]
    unread: int = 0


@dataclass(frozen=True)
class Reading:
    """A partner to read from.

    stranger: the same with a wrong secret; None where the partner asks for none. key: what a
    payload is the record of. offered: how many records the partner offers now. troubles (faults):
    by name, what makes the partner fail in a way that time heals. habits: by name, what such
    partners do and is no fault, so that every record comes as ever. ties, repeat: make many records
    share one cursor value; make the partner give a page twice. calm: end all of this. inclusive:
    `since` gives records at that value again. digested: the key columns by which the partner
    computes checksums; none where it computes none. oddities: by name, what people put among the
    rest.
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

    stranger: as for reading. good(n): the n-th record that it takes. bad: one that it refuses.
    applied(n): how often it applied what `good(n)` says. troubles: by name, what makes it fail
    before it applies. lose_answer: it applies and does not say so. holds: it can be asked what it
    holds. text: a field of free text; received(n): what it got of the n-th record.
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
    """A partner that turns pages in its own way, which is no fault, and the options that declare
    it.

    size: records a page that it gives at most. holds(n): from now on it offers n records. twice: it
    gives the next page but the first as the page before, once and by mistake. calls: how often it
    was called since it holds so many.
    """

    connector: Connector
    read: Mapping[str, Json]
    key: Callable[[bytes], str]
    size: int
    holds: Callable[[int], None]
    twice: Callable[[], None]
    calls: Callable[[], int]

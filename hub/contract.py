"""The connector contract: protocols to implement, entry point `hub.connectors`, kit `hub/testing`.

A connector raises the errors of `hub/errors.py` only: TransientError for what heals with time (with
the partner's Retry-After), FlowError for credentials, addresses, protocol and unusable answers. It
never judges a record's content, never logs values or secrets, refreshes its own tokens, and keeps
no state between calls that a new process could not rebuild.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import ClassVar, Protocol, runtime_checkable

from hub.model import (
    Admitted,
    Bucketing,
    CallLimits,
    Connection,
    File,
    Held,
    InboundBody,
    Json,
    KeyAnswer,
    Listed,
    Outcome,
    Outgoing,
    Page,
    PartnerCall,
    ReadyState,
    Receipt,
    RowVerdict,
    RowWritten,
)


class Connector(Protocol):
    """Talks one protocol to one partner.

    SYSTEM, READ and WRITE are JSON Schemas (2020-12) of its options under `connect:` in
    system.yaml, `read:` in *.pull.yaml and `write:` in *.push.yaml. `hub check` validates every
    file against them.
    """

    SYSTEM: ClassVar[Mapping[str, Json]]
    READ: ClassVar[Mapping[str, Json]]
    WRITE: ClassVar[Mapping[str, Json]]

    def __init__(self, connection: Connection, connect: Mapping[str, Json]) -> None:
        """Remember the connection and the system's `connect:` options; touch no network yet."""

    def ping(self) -> str:
        """Reach the partner and prove the credentials; gives a few words on what answered."""

    def pages(
        self, read: Mapping[str, Json], *, since: str | int | None, resume: Json
    ) -> Iterator[Page]:
        """Yield pages in cursor order: from `resume` if given, else everything at or after `since`,
        else everything.

        Every sweep ends with exactly one page whose `last` is true (it may be empty). A page that
        breaks off raises; it is never given in part. A single item that cannot be opened, cut out
        or fetched is no such page: it is given as a `Raw` with `unread`, counted in `read`, and
        what comes after it goes on.
        """

    def send(self, write: Mapping[str, Json], items: Sequence[Outgoing]) -> Iterable[Outcome]:
        """Hand over a batch; one outcome an item, in any order. An item without an outcome counts
        as unknown.

        Raises TransientError when nothing of the batch can have been applied; gives `unknown`
        outcomes when it may have been.
        """

    def receipts(self, write: Mapping[str, Json], keys: Sequence[str]) -> Iterable[Receipt]:
        """Receipts that have come for these keys; none for keys without a verdict yet.

        Protocols that answer at once yield nothing.
        """

    def close(self) -> None:
        """Close connections and files; idempotent."""


Remembered = Callable[[Mapping[str, str]], Mapping[str, File]]
"""Names and stamps of listed files -> those of them that the hub has read, as it read them."""


@runtime_checkable
class Fetching(Protocol):
    """Optional: a partner that gives files. FETCH: schema of a source in `file_sources:`."""

    FETCH: ClassVar[Mapping[str, Json]]

    def fetch(self, source: Mapping[str, Json], value: str, *, most: int) -> bytes:
        """The content of the file that a record's value names.

        RecordError (attachment.*) where it is this file that cannot be had: not there, more than
        `most` bytes, a name that leads elsewhere, an answer that leads on. Other errors are the
        partner's.
        """


@runtime_checkable
class Filed(Protocol):
    """Optional: a source made of files, where the hub remembers which it has read."""

    def unread(
        self, read: Mapping[str, Json], *, known: Remembered, resume: Json
    ) -> Iterator[Page]:
        """Yield the pages of every file that is unknown, or known in another version.

        As `pages` otherwise. The page that ends a file says so (`ends`). An error of one file is
        that file's own: the others are read.
        """


@runtime_checkable
class Called(Protocol):
    """Optional: a partner that calls the hub, instead of being called."""

    def limits(self) -> CallLimits:
        """What its calls may take."""

    def admit(self, call: PartnerCall, *, now: datetime) -> Admitted:
        """Prove by its recipe who calls; FlowError (call.denied, call.stale) for anybody else."""

    def answered(self, code: str, text: str, **more: Json) -> dict[str, Json]:
        """An answer in the partner's own shape; code "": it worked."""


class InboundBodies(Protocol):
    """The bodies of a resource that wait to be taken, in the order in which they came."""

    def __call__(self, resource: str, known: Remembered | None) -> Iterator[InboundBody]:
        """known: tells which of them a flow has taken already; None: all that are still there."""


@runtime_checkable
class Receiving(Called, Protocol):
    """Optional: a source that hands its records in. The hub keeps the bodies and lends them."""

    def lend(self, bodies: InboundBodies) -> None:
        """Remember where bodies are read from."""

    def cut(self, read: Mapping[str, Json], content: bytes, *, content_type: str) -> list[bytes]:
        """The records of a body as it came; FlowError (call.*) where it cannot be taken."""


class HandoverShelf(Protocol):
    """The deliveries of one flow that a partner fetches."""

    def lay(self, keys: Sequence[str]) -> Sequence[ReadyState]:
        """Lay these ready, where they do not lie there yet; how they stand."""

    def verdicts(self, keys: Sequence[str]) -> Sequence[Receipt]:
        """The partner's verdicts that have come for these."""


@runtime_checkable
class Offering(Called, Protocol):
    """Optional: a target that fetches its deliveries. The hub keeps them on a shelf."""

    def lend(self, shelf: HandoverShelf) -> None:
        """Remember where deliveries are laid ready."""

    def shaped(self, write: Mapping[str, Json], item: Outgoing) -> dict[str, Json]:
        """A delivery as the partner gets it."""


@runtime_checkable
class AskedByKey(Protocol):
    """Optional: a source that gives no list and answers one key at a time.

    ASK is the JSON Schema of its options under `read:` beside `ask`.
    """

    ASK: ClassVar[Mapping[str, Json]]

    def answers(self, read: Mapping[str, Json], keys: Sequence[str]) -> Iterator[KeyAnswer]:
        """Ask for each key, one answer a key in their order.

        Raises FlowError (ask.spent) where the partner says that its quota of today is spent;
        answers before that were yielded.
        """


@runtime_checkable
class WritingBack(Protocol):
    """Optional: a source whose rows learn what became of them.

    BACK is the JSON Schema of its options under `back:` in *.pull.yaml, without `via`.
    """

    BACK: ClassVar[Mapping[str, Json]]

    def write_back(
        self, back: Mapping[str, Json], rows: Sequence[RowVerdict]
    ) -> Iterable[RowWritten]:
        """Write these verdicts, one answer a row in their order; repeated they change nothing."""

    def updatable(self) -> Sequence[str] | None:
        """All columns that this login may update (`schema.table.column`, `*` for all below).

        None where the partner cannot be asked, or there is nothing to update.
        """


@runtime_checkable
class Digesting(Protocol):
    """Optional: a source that computes checksums, so that not everything has to be read.

    Sources without it are compared by their ordinary pages.
    """

    def digests(
        self, read: Mapping[str, Json], by: Bucketing
    ) -> Mapping[int, tuple[int, int]] | None:
        """Bucket -> (rows, sum of checksums), computed at the partner; None if it does not.

        Any change of a row changes its checksum; all rows of a record are and stay in one bucket.
        """

    def contents(
        self, read: Mapping[str, Json], by: Bucketing, chosen: Sequence[int]
    ) -> Iterator[Listed]:
        """All rows of these buckets as `pages` gives them; rows of a record are consecutive."""


@runtime_checkable
class Holding(Protocol):
    """Optional: a target that can be asked by key. Without it, it cannot be reconciled."""

    def held(
        self, write: Mapping[str, Json], keys: Sequence[str], fields: Sequence[str]
    ) -> Iterable[Held] | None:
        """What it holds now under these keys, in these fields; what it lacks is left out.

        None where the options say that this partner does not tell.
        """


@runtime_checkable
class Listing(Protocol):
    """Optional: a target that can be listed, which also shows deliveries unknown to the hub."""

    def listed(
        self, write: Mapping[str, Json], begins: Sequence[str] | None, fields: Sequence[str]
    ) -> Iterator[Held] | None:
        """Every delivery held under keys with these prefixes (None: all), with these fields.

        Ordered by key. `ended`: it was withdrawn. None where the options say that it cannot be
        listed.
        """


@runtime_checkable
class Recognising(Protocol):
    """Optional: a target that is asked by a record's content, not by the delivery's key."""

    def recognised(
        self, write: Mapping[str, Json], items: Sequence[Outgoing]
    ) -> Iterator[Held] | None:
        """What it holds of these records, each under the key asked with; what it lacks is left out.

        None where the options say that this partner is not asked so.
        """

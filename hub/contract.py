"""What a connector must be. One class a protocol, found by entry point `hub.connectors`, proven by
`hub/testing`.

A connector translates whatever it meets into the tree of `hub/errors.py`: TransientError for what
time heals (with the partner's own Retry-After), FlowError for credentials, addresses, protocol and
unusable answers. It never decides about a record's content and never logs a value or a secret.
Refreshing a token is its own affair. It holds no state between calls that a new process could not
rebuild.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import ClassVar, Protocol, runtime_checkable

from hub.model import (
    Bucketing,
    Connection,
    File,
    Held,
    Json,
    Listed,
    Outcome,
    Outgoing,
    Page,
    Receipt,
)


class Connector(Protocol):
    """Talks one protocol to one partner.

    SYSTEM, READ and WRITE are JSON Schemas (2020-12) of the options that this protocol takes: under
    `connect:` in system.yaml, `read:` in *.pull.yaml and `write:` in *.push.yaml. `hub check`
    validates every file against them.
    """

    SYSTEM: ClassVar[Mapping[str, Json]]
    READ: ClassVar[Mapping[str, Json]]
    WRITE: ClassVar[Mapping[str, Json]]

    def __init__(self, connection: Connection, connect: Mapping[str, Json]) -> None:
        """Remember the connection and the system's `connect:` options; touch no network yet."""

    def ping(self) -> str:
        """Reach the partner and prove that the credentials work; say in a few words what
        answered.
        """

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
        """The verdicts that have come so far for these keys; none yet means no receipt.

        Protocols that answer at once yield nothing.
        """

    def close(self) -> None:
        """Give back connections and files; safe to call twice."""


Remembered = Callable[[Mapping[str, str]], Mapping[str, File]]
"""Names and stamps of the files that a source shows -> those of them that the hub has read, as it
read them.
"""


@runtime_checkable
class Filed(Protocol):
    """What a connector may offer besides: a source made of files, of which the hub remembers what
    it has read.
    """

    def unread(
        self, read: Mapping[str, Json], *, known: Remembered, resume: Json
    ) -> Iterator[Page]:
        """Yield the pages of every file that is not known, whatever its name, or known otherwise.

        Else as `pages`: the page that ends a file says so (`ends`); what one file causes is that
        file's own affair, and the others are read.
        """


@runtime_checkable
class Digesting(Protocol):
    """What a connector may offer besides: a source that computes checksums, so that not everything
    need be read.

    A source without it is compared by its ordinary pages.
    """

    def digests(
        self, read: Mapping[str, Json], by: Bucketing
    ) -> Mapping[int, tuple[int, int]] | None:
        """Bucket -> (number of rows, sum of their checksums), computed at the partner; None if this
        one does not.

        Any change of a row changes its checksum; all rows of a record are and stay in one bucket.
        """

    def contents(
        self, read: Mapping[str, Json], by: Bucketing, chosen: Sequence[int]
    ) -> Iterator[Listed]:
        """All rows of these buckets as `pages` would give them; the rows of a record come
        together.
        """


@runtime_checkable
class Holding(Protocol):
    """What a connector may offer besides: a target that says what it holds. One without it cannot
    be compared.
    """

    def held(
        self, write: Mapping[str, Json], keys: Sequence[str], fields: Sequence[str]
    ) -> Iterable[Held] | None:
        """What it now holds of the deliveries with these keys, in these fields; what it lacks is
        left out.

        None where the options say that this partner does not tell.
        """


@runtime_checkable
class Listing(Protocol):
    """What a connector may offer besides: a target that can be read, and shows what nobody
    remembers here.
    """

    def listed(
        self, write: Mapping[str, Json], begins: Sequence[str] | None, fields: Sequence[str]
    ) -> Iterator[Held] | None:
        """Every delivery that stands there under a key that begins so (None: every one), with these
        fields.

        In the order of keys. `ended`: it says that what stood before it is taken back. None where
        the options say that this partner cannot be read so.
        """


@runtime_checkable
class Recognising(Protocol):
    """What a connector may offer besides: a target that is asked by what a record says, not by the
    delivery's key.
    """

    def recognised(
        self, write: Mapping[str, Json], items: Sequence[Outgoing]
    ) -> Iterator[Held] | None:
        """What it now holds of these records, each under the key that it was asked with; what it
        lacks is left out.

        None where the options say that this partner is not asked so.
        """

"""Sweep of a folder: which files are read, in which order, as which pages."""

import hashlib
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import Field, model_validator

from connectors.files.listing import FailedFileError, ListedFile, UnreachableFileError, counted
from connectors.files.shape import ReadingOptions
from connectors.files.stores import NO_FILE, Store
from connectors.files.table import Row, TableContent
from connectors.files.tables import read_table
from connectors.files.wholes import numbers_of, prove, trailer_cut
from connectors.options import ContradictionError, SnapshotOptions
from hub.contract import Remembered
from hub.errors import Fault, HubError
from hub.model import File, Page, Raw, Snapshot
from hub.workbook.troubles import UnreadableFileError

_SAME_SECOND = 2
"""Seconds within which a file may change again at the same time stamp of whole seconds."""


class Complete(ReadingOptions):
    """Files of one kind in a folder, and how to know that they are whole."""

    folder: str = Field(description="Folder below the connection's path")
    pattern: str = Field(
        default="*",
        description="Names of the files, e.g. water_*.csv; they are read in the order of names",
    )
    marker: str = Field(
        default="",
        description="Suffix of the small file that says that a file is whole, e.g. .ok; bytes=N "
        "and sha256=HEX in it "
        "are checked. Empty: a file is whole when two looks find the same size",
    )
    settle_seconds: float = Field(default=2, ge=0, description="Time between the two looks")
    wait_seconds: float = Field(
        default=3600,
        ge=0,
        description="So long after its last change later files wait for one that is not whole; "
        "then they go on, "
        "which is told",
    )


class FilesRead(Complete, SnapshotOptions):
    """Files: a series of tables; each version of a file is taken once."""

    page_size: int = Field(default=5000, ge=1, description="Records a page")
    page_bytes: int = Field(
        default=50_000_000, ge=1, description="Bytes of the records of a page, each with its header"
    )
    complete: Literal["rows", "name", "marker"] | None = Field(
        default=None,
        description="What proves a snapshot complete: rows: a last line of the CSV that is no "
        "record states their "
        "number; name: that number ends the file's name, before the suffix; marker: its `marker` "
        "is there",
    )

    @model_validator(mode="after")
    def _refuse(self) -> "FilesRead":
        if self.snapshot and not self.complete:
            raise ContradictionError(
                zh="snapshot 须写 complete: rows、name 或 marker，否则无从证明清单完整",
                en=(
                    "snapshot wants complete: rows, name or marker, or nothing proves that the "
                    "list is the whole"
                ),
            )
        if self.complete == "rows" and self.format != "csv":
            raise ContradictionError(
                zh="complete: rows 只适用于 CSV；工作簿用 name 或 marker",
                en="complete: rows is for CSV; a workbook takes name or marker",
            )
        if self.complete == "marker" and not self.marker:
            raise ContradictionError(
                zh="complete: marker 须写 marker", en="complete: marker wants `marker`"
            )
        return self


@dataclass(frozen=True)
class SweepPosition:
    """Position of a sweep: the greatest name done; file, stamp, records: progress in the next."""

    done: str | None = None
    file: str | None = None
    records: int = 0
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """A file to read: its listing, the stamp of its version, and how it was read before."""

    entry: ListedFile
    stamp: str
    before: File | None


class FolderSweep:
    """One sweep of a folder. alone: a failing file does not stop the others."""

    def __init__(self, store: Store, options: FilesRead, system: str, *, alone: bool) -> None:
        self._store = store
        self._options = options
        self._system = system
        self._alone = alone
        self._newest: str | None = None  # of the files that were taken

    def pages(self, known: Remembered, place: SweepPosition) -> Iterator[Page]:
        """Pages of all files not known; `last` is set on the last page of all."""
        kept = Page((), 0, asdict(place), place.done, last=True)
        begun = False
        try:
            for page in self._every(known, place):
                if begun:
                    yield replace(kept, last=False)
                kept, begun = page, True
        except HubError:
            if begun:  # pages before the error are complete
                yield replace(kept, last=False)
            raise
        yield replace(kept, last=True)

    def _every(self, known: Remembered, place: SweepPosition) -> Iterator[Page]:
        failed: FailedFileError | None = None
        for due, whole in self._due(known, place):
            entry = due.entry
            if not whole:
                if time.time() - entry.changed < self._options.wait_seconds:
                    break  # a later file must not overtake it
                yield self._page(place, notes={f"file.unfinished {entry.name}": 1})
                continue
            try:
                for page in self._file(due, place):
                    yield page
                    # our own
                    place = SweepPosition(**page.resume) if isinstance(page.resume, dict) else place  # type: ignore[arg-type]
            except FailedFileError as error:
                if not self._alone:
                    raise
                failed = failed or error
        if failed is not None:
            raise failed

    def _due(self, known: Remembered, place: SweepPosition) -> list[tuple[Due, bool]]:
        """Files to read and whether each is complete: the one in progress first, then held ones."""
        every = self._store.entries(self._options.folder)
        listing = {entry.raw: entry for entry in every}
        listed = {entry.name: entry for entry in every if concerns(entry, self._options)}
        stamps = {name: self._stamp(entry, listing) for name, entry in listed.items()}
        read = known(stamps)
        taken = (name for name, file in read.items() if file.state != "unreadable")
        self._newest = max(taken, key=counted, default=None)
        due = [
            Due(entry, stamps[name], before)
            for name, entry in listed.items()
            if (before := read.get(name)) is None
            or before.state == "held"
            or before.stamp != stamps[name]
        ]
        due.sort(
            key=lambda one: (
                one.entry.name != place.file,
                one.before is None or one.before.state != "held",
            )
        )
        whole = whole_of([one.entry for one in due], listing, self._store, self._options)
        return [(one, one.entry.name in whole) for one in due]

    def _stamp(self, entry: ListedFile, listing: Mapping[bytes, ListedFile]) -> str:
        marker = (
            listing.get(entry.raw + self._options.marker.encode()) if self._options.marker else None
        )
        return ":".join(f"{one.size}@{one.changed:.6f}" for one in (entry, marker) if one)

    def _file(self, due: Due, place: SweepPosition) -> Iterator[Page]:
        """A file's pages, or one page that says why there are none."""
        entry, options = due.entry, self._options
        if entry.trouble:
            yield self._aside(due, place, UnreachableFileError(entry.trouble).fault(entry.name))
            return
        if entry.size > options.most_bytes:
            error = UnreadableFileError(
                "file.too_big", bytes=str(entry.size), most=str(options.most_bytes)
            )
            yield self._aside(
                due, place, error.fault(entry.name), ends=_version(due, due.stamp, "unreadable")
            )
            return
        try:
            content = self._store.read(options.folder, entry, most=options.most_bytes)
        except UnreadableFileError as error:
            yield self._aside(
                due, place, error.fault(entry.name), ends=_version(due, due.stamp, "unreadable")
            )
            return
        except UnreachableFileError as error:
            if not error.gone:
                yield self._aside(due, place, error.fault(entry.name))
            return
        digest = hashlib.sha256(content).hexdigest()
        if due.before is not None and due.before.digest == digest and due.before.state != "held":
            yield self._page(place, ends=_version(due, digest, due.before.state))
            return
        try:
            self._refuse_older(entry)
            self._check(entry, content, digest)
            table = self._table(entry, content)
        except UnreadableFileError as error:
            fault, ends = error.fault(entry.name), _version(due, digest, "unreadable")
            yield self._aside(due, place, fault, content=content, ends=ends)
            return
        yield from self._records(due, table, place, digest)

    def _refuse_older(self, entry: ListedFile) -> None:
        """Refuse a snapshot older than one read before: it would undo newer values."""
        if self._options.snapshot and self._newest and counted(entry.name) < counted(self._newest):
            raise UnreadableFileError("file.older_snapshot", newer=self._newest)

    def _table(self, entry: ListedFile, content: bytes) -> TableContent:
        """The table of a file; a snapshot is checked against what proves it complete."""
        options = self._options
        if options.snapshot is None or options.complete == "marker":
            return read_table(content, options)
        body, stated = (
            trailer_cut(content, options)
            if options.complete == "rows"
            else (content, numbers_of(entry.name))
        )
        table = read_table(body, options)
        prove(table, stated)
        return table

    def _records(
        self, due: Due, table: TableContent, place: SweepPosition, digest: str
    ) -> Iterator[Page]:
        name, size = due.entry.name, self._options.page_size
        goes_on = place.file == name and place.stamp == due.stamp
        start = place.records if goes_on else 0
        notes = {f"{code} {name}": times for code, times in table.notes.items()}
        if not table.rows:
            notes[f"file.empty {name}"] = 1
        while True:
            some = _fitting(table.rows[start : start + size], self._options.page_bytes)
            start += len(some)
            ended = start >= len(table.rows)
            yield self._page(
                replace(place, file=name, records=start, stamp=due.stamp),
                records=tuple(
                    Raw(row.payload, f"{name} row {row.number}", row.fault(name)) for row in some
                ),
                header=table.header,
                part=name,
                ends=_version(due, digest, "read" if table.rows else "empty", len(table.rows))
                if ended
                else None,
                notes=notes if ended else {},
                snapshot=self._options.whole(f"{name} {digest[:16]}", ends=ended),
            )
            if ended:
                self._newest = max(filter(None, (self._newest, name)), key=counted)
                return

    def _aside(
        self,
        due: Due,
        place: SweepPosition,
        fault: Fault,
        *,
        content: bytes = b"",
        ends: File | None = None,
    ) -> Page:
        """A page with an unreadable file as one record set aside."""
        name = due.entry.name
        kept = content if len(content) <= self._options.kept_bytes else b""
        return self._page(place, records=(Raw(kept, name, fault, item=name),), ends=ends)

    def _page(
        self,
        place: SweepPosition,
        *,
        records: tuple[Raw, ...] = (),
        header: tuple[str, ...] | None = None,
        part: str = "",
        ends: File | None = None,
        notes: Mapping[str, int] | None = None,
        snapshot: Snapshot | None = None,
    ) -> Page:
        """A page with the position after it; `ends`: the file that it completes."""
        if ends is not None:
            names = [name for name in (place.done, ends.name) if name is not None]
            place = SweepPosition(done=max(names, key=counted))
        return Page(
            records,
            len(records),
            asdict(place),
            place.done,
            last=False,
            header=header,
            part=part,
            ends=ends,
            notes=notes or {},
            snapshot=snapshot,
        )

    def _check(self, entry: ListedFile, content: bytes, digest: str) -> None:
        """Compare a file with the size and SHA-256 in its marker.

        Raises FailedFileError (read while being written) until `wait_seconds` are over, then
        UnreadableFileError.
        """
        if not self._options.marker:
            return
        marker = ListedFile(entry.name, 0, 0, entry.raw + self._options.marker.encode())
        try:
            most = self._options.kept_bytes
            told = self._store.read(self._options.folder, marker, most=most).decode("latin-1")
        except UnreachableFileError:
            told = ""
        found = {"bytes": str(len(content)), "sha256": digest}
        said = {
            name: value.lower()
            for name, value in re.findall(r"\b(\w++)=(\S+)", told)
            if name in found
        }
        wrong = [name for name, value in said.items() if value != found[name]]
        if not wrong:
            return
        if time.time() - entry.changed >= self._options.wait_seconds:
            facts = {"said": said[wrong[0]][:80], "found": found[wrong[0]]}
            raise UnreadableFileError("file.marker", what=wrong[0], **facts)
        raise FailedFileError("system.page_broken", system=self._system, detail=entry.name)


def _fitting(rows: Sequence[Row], most: int) -> Sequence[Row]:
    """The first rows within so many bytes, headers included; at least one."""
    done = 0
    for count, row in enumerate(rows):
        done += row.size
        if done > most:
            return rows[: max(count, 1)]
    return rows


def _version(
    due: Due, digest: str, state: Literal["read", "empty", "unreadable", "held"], records: int = 0
) -> File:
    """A file as read now; without a stamp where it may change again within the same second."""
    changed = due.entry.changed
    sure = not changed.is_integer() or time.time() - changed >= _SAME_SECOND
    return File(due.entry.name, due.stamp if sure else "", digest, state, records)


def concerns(entry: ListedFile, options: Complete) -> bool:
    """Whether an entry is one of the files meant: by pattern, no marker, not hidden.

    A folder counts where a pattern matches its name: it is reported as a file in trouble.
    """
    if entry.trouble == NO_FILE and options.pattern == "*":
        return False
    is_marker = bool(options.marker) and entry.name.endswith(options.marker)
    return (
        fnmatchcase(entry.name, options.pattern)
        and not is_marker
        and not entry.name.startswith(".")
    )


def whole_of(
    entries: list[ListedFile], listing: Mapping[bytes, ListedFile], store: Store, options: Complete
) -> frozenset[str]:
    """Names of the complete files: with a marker, or unchanged after `settle_seconds`."""
    if options.marker:
        return frozenset(
            entry.name for entry in entries if entry.raw + options.marker.encode() in listing
        )
    if not entries:
        return frozenset()
    time.sleep(options.settle_seconds)
    later = set(store.entries(options.folder))
    return frozenset(entry.name for entry in entries if entry in later)

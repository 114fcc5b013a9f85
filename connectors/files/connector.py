"""The connector over a store of files."""

import hashlib
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from itertools import takewhile
from operator import itemgetter
from typing import ClassVar, Literal

from pydantic import Field

from connectors.answers import Bodies, Verdicts
from connectors.canonical import canonical
from connectors.files.stores import Entry, store_of
from connectors.files.tables import (
    Content,
    Shape,
    UnreadableTableError,
    fields,
    read_table,
    table,
    unwritable,
)
from connectors.files.workbook import NoSuchSheetError
from connectors.options import Options, read_options, schema_of
from hub.errors import FlowError, TransientError
from hub.model import Connection, Json, Outcome, Outgoing, Page, Raw, Receipt

DAY_SECONDS = 86_400


class FilesSystem(Options):
    """Files: how the folders are reached (the connection's scheme says where they are: sftp or file)."""

    timeout: float = Field(default=120, gt=0, description="Seconds that one access may take")
    ping: str = Field(default="", description="Folder to list when the connection is tested")


class Complete(Shape):
    """Files of one kind in a folder, and how to know that they are whole."""

    folder: str = Field(description="Folder below the connection's path")
    pattern: str = Field(default="*", description="Names of the files, e.g. water_*.csv; their order is the cursor")
    marker: str = Field(
        default="",
        description="Suffix of the small file that says that a file is whole, e.g. .ok; bytes=N and sha256=HEX in it "
        "are checked. Empty: a file is whole when two looks find the same size",
    )
    settle_seconds: float = Field(default=2, ge=0, description="Time between the two looks")


class FilesRead(Complete):
    """Files: a series of tables; each is taken once, in the order of names."""

    page_size: int = Field(default=5000, ge=1, description="Records a page")


class AnswerFiles(Complete):
    """Files in which the partner answers."""

    within_days: int = Field(default=30, ge=1, description="Older answer files are not looked at")


class FilesWrite(Bodies, Shape):
    """Files: tables that are put down for the partner."""

    folder: str = Field(description="Folder below the connection's path")
    name: str = Field(pattern=r"^\w+$", description="How the files' names begin; a digest of the content follows")
    marker: str = Field(default=".ok", description="Suffix of the empty file that follows when a file is whole")
    answers: AnswerFiles | None = Field(default=None, description="Where verdicts come; without it a file is accepted")
    verdict: Verdicts | None = Field(default=None, description="How a verdict is said")


@dataclass(frozen=True)
class Place:
    """Where a sweep stands: which files are done, and how many records of the next."""

    done: str | None = None
    file: str | None = None
    records: int = 0


class FilesConnector:
    """Takes and puts down files of one partner."""

    SYSTEM: ClassVar[Mapping[str, Json]] = schema_of(FilesSystem)
    READ: ClassVar[Mapping[str, Json]] = schema_of(FilesRead)
    WRITE: ClassVar[Mapping[str, Json]] = schema_of(FilesWrite)

    def __init__(self, connection: Connection, connect: Mapping[str, Json]) -> None:
        self._name = connection.system
        self._options = read_options(FilesSystem, connect, system=self._name)
        self._store = store_of(connection, timeout=self._options.timeout)

    def ping(self) -> str:
        count = len(self._store.entries(self._options.ping))
        return f"{self._options.ping or '/'}: {count} files"

    def close(self) -> None:
        self._store.close()

    def pages(self, read: Mapping[str, Json], *, since: str | int | None, resume: Json) -> Iterator[Page]:
        """Yield pages; `since` names the last file that is done, since a whole file never changes."""
        options = read_options(FilesRead, read, system=self._name)
        known = None if since is None else str(since)
        place = Place(**resume) if isinstance(resume, dict) else Place(done=known)  # type: ignore[arg-type] # our own
        # No further than the first file that is not whole yet: a later one must not overtake it.
        whole = takewhile(itemgetter(1), self._whole(options))
        names = [entry.name for entry, _ in whole if place.done is None or entry.name > place.done]
        if not names:
            yield Page((), 0, asdict(place), place.done, last=True)
        for name in names:
            yield from self._file_pages(options, name, place, last=name == names[-1])
            place = Place(done=name)

    def _file_pages(self, options: FilesRead, name: str, place: Place, *, last: bool) -> Iterator[Page]:
        content = self._records(options, name)
        records = content.rows
        start = place.records if name == place.file else 0
        while True:
            some = records[start : start + options.page_size]
            start += len(some)
            ended = start >= len(records)
            following = Place(done=name) if ended else Place(place.done, name, start)
            yield Page(
                records=tuple(Raw(row.payload, f"{name} row {row.number}") for row in some),
                read=len(some),
                resume=asdict(following),
                high=following.done,
                last=last and ended,
                header=content.header,
                part=name,
            )
            if ended:
                return

    def _whole(self, options: Complete) -> list[tuple[Entry, bool]]:
        """Give the files of this kind, and whether each is whole."""
        entries = self._store.entries(options.folder)
        matching = [entry for entry in entries if self._concerns(entry, options)]
        if options.marker:
            names = {entry.name for entry in entries}
            return [(entry, f"{entry.name}{options.marker}" in names) for entry in matching]
        if not matching:
            return []
        time.sleep(options.settle_seconds)
        later = set(self._store.entries(options.folder))
        return [(entry, entry in later) for entry in matching]

    def _concerns(self, entry: Entry, options: Complete) -> bool:
        marker = options.marker and entry.name.endswith(options.marker)
        return fnmatchcase(entry.name, options.pattern) and not marker and not entry.name.startswith(".")

    def _records(self, options: Complete, name: str) -> Content:
        """Read one file; a file that is not what its marker says was read while something was wrong."""
        content = self._store.read(options.folder, name)
        said: dict[str, str] = {}
        if options.marker:
            marker = self._store.read(options.folder, f"{name}{options.marker}").decode("latin-1")
            said = dict(re.findall(r"(\w+)=(\S+)", marker))
        found = {"bytes": str(len(content)), "sha256": hashlib.sha256(content).hexdigest()}
        checked = said.keys() & found.keys()
        if any(said[what].lower() != found[what] for what in checked):
            raise TransientError("system.page_broken", system=self._name, detail=name)
        try:
            return read_table(content, options)
        except NoSuchSheetError as error:
            detail = f"{name}: {options.sheet}? ({', '.join(error.shown)})"
            raise FlowError("system.answer_unreadable", system=self._name, detail=detail) from None
        except UnreadableTableError:
            if checked:
                raise FlowError("system.answer_unreadable", system=self._name, detail=name) from None
            raise TransientError("system.page_broken", system=self._name, detail=name) from None

    def send(self, write: Mapping[str, Json], items: Sequence[Outgoing]) -> Iterator[Outcome]:
        """Put one file down. The same batch makes the same file, so that a repeat changes nothing."""
        options = read_options(FilesWrite, write, system=self._name)
        refused, possible = options.impossible(items)
        yield from refused
        records: dict[str, dict[str, Json]] = {}
        for item in possible:
            record = options.shaped(item)
            if strange := unwritable(record, options):
                yield Outcome(item.key, "rejected", code="encoding", text=f"{options.encoding}: {strange}")
            else:
                records[item.key] = record
        if records:
            name = _drop_name(options, [*records.values()])
            self._store.write(options.folder, name, table(list(records.values()), options))
            state = self._finished(options, name)
            yield from (Outcome(key, state, reference=name) for key in records)

    def _finished(self, options: FilesWrite, name: str) -> Literal["awaiting_receipt", "confirmed", "unknown"]:
        """Say that a file is whole; from then on the partner may take it."""
        try:
            if options.marker:
                self._store.write(options.folder, name + options.marker, b"")
        except TransientError:
            return "unknown"
        return "awaiting_receipt" if options.answers else "confirmed"

    def receipts(self, write: Mapping[str, Json], keys: Sequence[str]) -> Iterator[Receipt]:
        """Look through the answers, newest first, until every key has its verdict."""
        options = read_options(FilesWrite, write, system=self._name)
        if options.answers is None or options.verdict is None:
            return
        unanswered = set(keys)
        for name in self._answer_names(options.answers):
            if not unanswered:
                return
            answers = [fields(row, options.answers) for row in self._records(options.answers, name).rows]
            for outcome in options.verdict.outcomes(reversed(answers), unanswered):
                if outcome.state == "unknown":
                    continue
                unanswered.discard(outcome.key)
                state: Literal["accepted", "rejected"] = "accepted" if outcome.state == "confirmed" else "rejected"
                yield Receipt(outcome.key, state, code=outcome.code, text=outcome.text, reference=name)

    def _answer_names(self, options: AnswerFiles) -> list[str]:
        """Give the names of whole answer files that are not too old, newest first."""
        since = time.time() - options.within_days * DAY_SECONDS
        fresh = [entry for entry, whole in self._whole(options) if whole and entry.changed >= since]
        return [entry.name for entry in sorted(fresh, key=_newest)]


def _newest(entry: Entry) -> tuple[float, str]:
    return -entry.changed, entry.name


def _drop_name(options: FilesWrite, records: list[Json]) -> str:
    digest = hashlib.sha256(canonical(records)).hexdigest()[:16]
    return f"{options.name}_{digest}.{options.format}"

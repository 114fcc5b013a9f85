"""The files connector: reads partners' files, writes ours, reads answers."""

import hashlib
import logging
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from connectors import encodable
from connectors.canonical import canonical
from connectors.file_names import refuse_path
from connectors.files.listing import NAME_ENCODINGS, ListedFile, UnreachableFileError, counted
from connectors.files.shape import ReadingOptions, Shape
from connectors.files.stores import store_of
from connectors.files.sweep import (
    Complete,
    FilesRead,
    FolderSweep,
    SweepPosition,
    concerns,
    whole_of,
)
from connectors.files.table import Row
from connectors.files.tables import fields, read_table, table, written_as
from connectors.options import ContradictionError, Options, read_options, schema_of
from connectors.row_states import BackOptions
from connectors.verdicts import Bodies, Verdicts, seal_of
from hub.contract import Remembered
from hub.errors import AttachmentError, Fault, FlowError, RecordError, TransientError
from hub.model import (
    Connection,
    File,
    Held,
    Json,
    Outcome,
    Outgoing,
    Page,
    Receipt,
    RowVerdict,
    RowWritten,
)
from hub.workbook.troubles import UnreadableFileError

log = logging.getLogger(__name__)

DAY_SECONDS = 86_400
MOST_ROWS = 1_048_575
"""Records that fit a sheet below its header."""
DIGEST = re.compile(r"[0-9a-f]{16}")


class FilesSystem(Options):
    """Files: how the folders are reached (the connection's scheme says where they are: sftp or
    file).
    """

    timeout: float = Field(default=120, gt=0, description="Seconds that one access may take")
    most_entries: int = Field(
        default=200_000,
        ge=1,
        description="Entries of one folder at most; a longer listing is refused whole",
    )
    ping: str = Field(default="", description="Folder to list when the connection is tested")


class FolderFile(Options):
    """Files: where papers lie that records name."""

    folder: str = Field(
        default="",
        pattern=r"^([^/\\.][^/\\]*(/[^/\\.][^/\\]*)*)?$",
        description="Folder below the connection's path; the record's value is a path within it",
    )


class AnswerFiles(Complete):
    """Files in which the partner answers."""

    within_days: int = Field(default=30, ge=1, description="Older answer files are not looked at")


class FilesWrite(Bodies, Shape):
    """Files: tables that are put down for the partner."""

    folder: str = Field(description="Folder below the connection's path")
    name: str = Field(
        pattern=r"^\w+$", description="How the files' names begin; a digest of the content follows"
    )
    marker: str = Field(
        default=".ok", description="Suffix of the empty file that follows when a file is whole"
    )
    formulas: Literal["exact", "refuse"] = Field(
        default="exact",
        description="Texts that a spreadsheet would compute when somebody opens a CSV file in it "
        "(they begin with "
        "=, +, -, @): written exactly, for a program reads the file; or their record is not sent "
        "and told",
    )
    checkpoints: str = Field(
        default="",
        description="Folder below the connection's path in which each checkpoint of the hub's "
        "ledger is put down, "
        "before the file whose delivery brings it: NUMBER.jsonl, one line; left out: nowhere",
    )
    answers: AnswerFiles | None = Field(
        default=None, description="Where verdicts come; without it a file is accepted"
    )
    index: str = Field(
        default="",
        pattern=r"^[^/\\.\x00-\x1f]*$",
        description="Name of the table within a folder of its own, which a batch becomes together "
        "with the files that go with it; left out: the table alone, and no file goes with it",
    )
    stays: bool = Field(
        default=False,
        description="Files that were put down stay there for good, so that they say what was "
        "sent, whatever is "
        "remembered here; false where the partner takes them away or clears the folder",
    )
    verdict: Verdicts | None = Field(default=None, description="How a verdict is said")

    @model_validator(mode="after")
    def _shows_tables(self) -> "FilesWrite":
        if self.stays and self.index:
            raise ContradictionError(
                zh="index 与 stays 不能同时使用", en="index and stays exclude each other"
            )
        return self


class FilesBack(BackOptions, Shape):
    """Files of verdicts, put down for the partner: a row of its own for each of its records."""

    folder: str = Field(description="Folder below the connection's path")
    name: str = Field(
        pattern=r"^\w+$", description="How the files' names begin; a digest of the content follows"
    )
    marker: str = Field(
        default=".ok", description="Suffix of the empty file that follows when a file is whole"
    )


class FilesConnector:
    """Reads and writes files of one partner."""

    SYSTEM: ClassVar[Mapping[str, Json]] = schema_of(FilesSystem)
    READ: ClassVar[Mapping[str, Json]] = schema_of(FilesRead)
    WRITE: ClassVar[Mapping[str, Json]] = schema_of(FilesWrite)
    FETCH: ClassVar[Mapping[str, Json]] = schema_of(FolderFile)
    BACK: ClassVar[Mapping[str, Json]] = schema_of(FilesBack)
    FILES_BY: ClassVar[str] = "index"

    def __init__(self, connection: Connection, connect: Mapping[str, Json]) -> None:
        self._name = connection.system
        self._options = read_options(FilesSystem, connect, system=self._name)
        self._store = store_of(
            connection, timeout=self._options.timeout, most_entries=self._options.most_entries
        )

    def ping(self) -> str:
        count = len(self._store.entries(self._options.ping))
        return f"{self._options.ping or '/'}: {count} files"

    def close(self) -> None:
        self._store.close()

    def pages(
        self, read: Mapping[str, Json], *, since: str | int | None, resume: Json
    ) -> Iterator[Page]:
        """Pages of all files after `since`, the name of the last file done."""
        options = read_options(FilesRead, read, system=self._name)
        place = _sweep_position(resume) or SweepPosition(done=None if since is None else str(since))

        def known(listed: Mapping[str, str]) -> dict[str, File]:
            done = place.done
            before = (
                () if done is None else (name for name in listed if counted(name) <= counted(done))
            )
            return {name: File(name, listed[name], "", "read") for name in before}

        yield from FolderSweep(self._store, options, self._name, alone=False).pages(known, place)

    def unread(
        self, read: Mapping[str, Json], *, known: Remembered, resume: Json
    ) -> Iterator[Page]:
        """Pages of files that are new or have changed since the hub last read them."""
        options = read_options(FilesRead, read, system=self._name)
        yield from FolderSweep(self._store, options, self._name, alone=True).pages(
            known, _sweep_position(resume) or SweepPosition()
        )

    def send(self, write: Mapping[str, Json], items: Sequence[Outgoing]) -> Iterator[Outcome]:
        """Write one file. Its name is a digest of its content, so that a repeat changes nothing."""
        options = read_options(FilesWrite, write, system=self._name)
        refused, possible = options.impossible(items)
        yield from refused
        records: dict[str, dict[str, Json]] = {}
        for item in possible:
            record = options.shaped(item)
            if why := encodable.fault(
                record, written_as(options, computed=options.formulas == "exact")
            ):
                yield Outcome(item.key, "rejected", code=why.code, fault=why)
            else:
                records[item.key] = record
        if options.checkpoints:
            for text in dict.fromkeys(item.checkpoint for item in items if item.checkpoint):
                self._store.write(
                    options.checkpoints, f"{seal_of(text):010}.jsonl", f"{text}\n".encode()
                )
        keys = list(records)
        for start in range(0, len(keys), MOST_ROWS):
            some = {key: records[key] for key in keys[start : start + MOST_ROWS]}
            # Idempotent: a repeated batch rewrites the same file. The marker comes last, as the
            # partner may read from then on.
            name = _drop_name(options, [*some.values()])
            if options.index:
                name = name.removesuffix(f".{options.format}")
                unsent = self._put_files(options, name, [one for one in items if one.key in some])
                yield from unsent.values()
                some = {key: one for key, one in some.items() if key not in unsent}
            if some:
                state = self._put_down_table(options, name, [*some.values()])
                yield from (Outcome(key, state, reference=name) for key in some)

    def _put_files(
        self, options: FilesWrite, name: str, items: Sequence[Outgoing]
    ) -> dict[str, Outcome]:
        """Put the files of a batch into its folder; outcomes of those whose file is not to be had.

        One file at a time is in memory. What two deliveries name alike is put down once.
        """
        folder, done, unsent = f"{options.folder}/{name}", set[str](), dict[str, Outcome]()
        self._store.make(folder)
        for item in items:
            try:
                for one in item.files:
                    refuse_path(one.name)
                    if one.name not in done:
                        self._store.write(folder, one.name, one.content())
                        done.add(one.name)
            except RecordError as error:
                unsent[item.key] = Outcome(
                    item.key, "rejected", code=error.code, fault=Fault("", error.code, error.facts)
                )
        return unsent

    def _put_down_table(
        self, options: FilesWrite, name: str, records: list[dict[str, Json]]
    ) -> Literal["awaiting_receipt", "confirmed", "unknown"]:
        content = table(records, options)
        if options.index:
            folder = f"{options.folder}/{name}"
            self._store.write(folder, f"{options.index}.{options.format}", content)
        else:
            self._store.write(options.folder, name, content)
        return self._finished(options, name)

    def fetch(self, source: Mapping[str, Json], value: str, *, most: int) -> bytes:
        """A paper by the path that a record names, within the source's folder."""
        options = read_options(FolderFile, source, system=self._name)
        refuse_path(value)
        *folders, name = value.strip("/").split("/")
        folder = "/".join([options.folder.strip("/"), *folders]).strip("/")
        missing = AttachmentError("attachment.missing", status="-")
        for encoding in NAME_ENCODINGS:
            entry = ListedFile(name, 0, 0, name.encode(encoding))
            if not self._store.keeps_inside(folder, entry):
                raise AttachmentError("attachment.name")
            try:
                return self._store.read(folder, entry, most=most)
            except UnreachableFileError as error:
                missing = AttachmentError("attachment.missing", status=error.why)
            except UnreadableFileError as error:
                raise AttachmentError(
                    "attachment.too_large", bytes=f">{most}", most=most
                ) from error
        raise missing

    def write_back(
        self, back: Mapping[str, Json], rows: Sequence[RowVerdict]
    ) -> Iterator[RowWritten]:
        """Put down one file of verdicts, whole or not at all."""
        options = read_options(FilesBack, back, system=self._name)
        format_ = written_as(options)
        told: list[Json] = []
        done = []
        for row in rows:
            line: dict[str, Json] = {**row.key, options.state.column: row.state}
            line |= {options.reason: row.reason} if options.reason else {}
            line |= {options.at: row.at.isoformat(" ")} if options.at else {}
            why = encodable.fault(line, format_)
            done.append(RowWritten("failed", why.code) if why else RowWritten("written"))
            if not why:
                told.append(line)
        if told:
            name = _drop_name(options, told)
            lines = [line for line in told if isinstance(line, dict)]
            self._store.write(options.folder, name, table(lines, options))
            if options.marker:
                self._store.write(options.folder, name + options.marker, b"")
        yield from done

    def updatable(self) -> None:
        """Nothing: no file of the partner's is changed."""
        return

    def listed(
        self, write: Mapping[str, Json], begins: Sequence[str] | None, fields: Sequence[str]
    ) -> Iterator[Held] | None:
        """Records in our complete files; None where files do not stay."""
        options = read_options(FilesWrite, write, system=self._name)
        if not options.stays:
            return None
        return options.shown(self._put_down(options), begins, fields)

    def _put_down(self, options: FilesWrite) -> Iterator[Json]:
        """Records of our files; FlowError where one cannot be read: part would be no list."""
        shape = ReadingOptions(
            format=options.format, encoding=options.encoding, sheet=options.sheet, totals=()
        )
        every = self._store.entries(options.folder)
        names = {entry.name for entry in every}
        for entry in every:
            if not _is_ours(options, entry.name) or (
                options.marker and entry.name + options.marker not in names
            ):
                continue
            try:
                rows = read_table(
                    self._store.read(options.folder, entry, most=shape.most_bytes), shape
                ).rows
            except (UnreachableFileError, UnreadableFileError) as error:
                raise FlowError(
                    "system.answer_unreadable", system=self._name, detail=f"{entry.name}: {error}"
                ) from None
            yield from (fields(row, shape) for row in rows)

    def _finished(
        self, options: FilesWrite, name: str
    ) -> Literal["awaiting_receipt", "confirmed", "unknown"]:
        """Write the marker; from then on the partner may take the file."""
        try:
            if options.marker:
                self._store.write(options.folder, name + options.marker, b"")
        except TransientError:
            return "unknown"
        return "awaiting_receipt" if options.answers else "confirmed"

    def receipts(self, write: Mapping[str, Json], keys: Sequence[str]) -> Iterator[Receipt]:
        """Verdicts from answer files, newest first, until every key has one."""
        options = read_options(FilesWrite, write, system=self._name)
        if options.answers is None or options.verdict is None:
            return
        unanswered, unclear = set(keys), dict[str, str]()
        for entry in self._answer_files(options.answers):
            if not unanswered:
                return
            answers = [
                fields(row, options.answers)
                for row in reversed(self._answers(options.answers, entry))
            ]
            for outcome in options.verdict.outcomes(answers, unanswered, newest_first=True):
                if outcome.state == "unknown":
                    if outcome.fault:
                        unclear.setdefault(outcome.key, outcome.code)
                    continue
                unanswered.discard(outcome.key)
                state: Literal["accepted", "rejected"] = (
                    "accepted" if outcome.state == "confirmed" else "rejected"
                )
                yield Receipt(
                    outcome.key, state, code=outcome.code, text=outcome.text, reference=entry.name
                )
        yield from (
            Receipt(key, "unknown", code=code) for key, code in unclear.items() if key in unanswered
        )

    def _answer_files(self, options: AnswerFiles) -> list[ListedFile]:
        """Complete answer files that are not too old, newest first."""
        every = self._store.entries(options.folder)
        since = time.time() - options.within_days * DAY_SECONDS
        fresh = [entry for entry in every if concerns(entry, options) and entry.changed >= since]
        whole = whole_of(fresh, {entry.raw: entry for entry in every}, self._store, options)
        return sorted((entry for entry in fresh if entry.name in whole), key=_newest)

    def _answers(self, options: AnswerFiles, entry: ListedFile) -> Sequence[Row]:
        """Rows of an answer file; none if it cannot be read, so that other files still count."""
        try:
            content = self._store.read(options.folder, entry, most=options.most_bytes)
            return read_table(content, options).rows
        except (UnreachableFileError, UnreadableFileError) as error:
            log.warning(
                "answer file not read",
                extra={"system": self._name, "file": entry.name, "why": str(error)},
            )
            return ()


def _newest(entry: ListedFile) -> tuple[float, str]:
    return -entry.changed, entry.name


def _sweep_position(resume: Json) -> SweepPosition | None:
    """A stored position, also of an older release with fewer fields."""
    if not isinstance(resume, dict):
        return None
    return SweepPosition(
        # our own
        **{name: resume[name] for name in SweepPosition.__dataclass_fields__ if name in resume}  # type: ignore[arg-type]
    )


def _drop_name(options: FilesWrite | FilesBack, records: list[Json]) -> str:
    digest = hashlib.sha256(canonical(records)).hexdigest()[:16]
    return f"{options.name}_{digest}.{options.format}"


def _is_ours(options: FilesWrite, name: str) -> bool:
    """Whether a file name is one that `_drop_name` makes."""
    digest = name.removeprefix(f"{options.name}_").removesuffix(f".{options.format}")
    return (
        name == f"{options.name}_{digest}.{options.format}" and DIGEST.fullmatch(digest) is not None
    )

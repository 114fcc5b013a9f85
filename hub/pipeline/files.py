"""Files of a source -> the new and changed ones; those read are noted with their last batch."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from hub.contract import Connector
from hub.db import inbound, landing
from hub.db.database import Database, Transaction
from hub.db.landing import source_files
from hub.db.landing.source_files import FileReader
from hub.domain.contracts import PullFlow
from hub.domain.cursor import Cursor, since
from hub.model import File, Page
from hub.pipeline import connector_boundary
from hub.pipeline.batches import RawBatch
from hub.settings import Settings

LATE, CORRECTED = "file.late", "file.corrected"


def to_come(
    database: Database,
    flow: PullFlow,
    connector: Connector,
    settings: Settings,
    *,
    contract: int,
    cursor: Cursor,
) -> Iterator[Page]:
    """Pages not read yet: behind the cursor or, for sources made of files, of unknown files."""
    return connector_boundary.pages(
        connector,
        flow,
        settings,
        since=since(cursor),
        resume=cursor.get("resume"),
        known=partial(_known, database, flow.name, contract, since(cursor)),
    )


def _known(
    database: Database, flow: str, contract: int, done: str | int | None, listed: Mapping[str, str]
) -> Mapping[str, File]:
    """The listed files that were read; older ones, read before files were noted, by the cursor."""
    with database.write() as tx:
        if isinstance(done, str) and not source_files.is_noted(tx, flow):
            source_files.adopt(
                tx, flow, {name: stamp for name, stamp in listed.items() if name <= done}
            )
        return source_files.known(tx, flow, list(listed), contract=contract)


def took(tx: Transaction, reader: FileReader, files: Sequence[File]) -> dict[str, int]:
    """Note the files that a batch has ended; gives findings "code name" -> 1.

    late: a new file whose name sorts before known ones. corrected: a known file with other content.
    """
    if not files:
        return {}
    before = source_files.before(tx, reader.flow, [one.name for one in files])
    greatest = source_files.greatest(tx, reader.flow, but=reader.run)
    told = {}
    for one in files:
        digest, state = before.get(one.name, ("", ""))
        if not state and one.name < greatest:
            told[f"{LATE} {one.name}"] = 1
        elif state not in {"", "held"} and digest != one.digest:
            told[f"{CORRECTED} {one.name}"] = 1
    _put(tx, reader, files)
    return told


def held(tx: Transaction, reader: FileReader, files: Sequence[File]) -> None:
    """Note the files that a held batch has ended; they are read again until it is decided."""
    if files:
        _put(tx, reader, [replace(one, state="held") for one in files])


def _put(tx: Transaction, reader: FileReader, files: Sequence[File]) -> None:
    source_files.put(tx, reader, files)
    read = [one for one in files if one.receipt and one.state != "unreadable"]
    handed_in = {one.receipt: one.records for one in read}
    inbound.taken(tx, reader.flow, handed_in, run_id=reader.run, batch_id=reader.batch)


def overtake_lines(
    tx: Transaction,
    reader: FileReader,
    batch: RawBatch,
    hashes: Sequence[bytes],
    told: Iterable[str],
) -> None:
    """Withdraw keyless lines that a corrected file lacks now; only if it lies in this one batch."""
    for one in batch.files:
        if f"{CORRECTED} {one.name}" not in told:
            continue
        within = f"{one.name} row "
        there = [
            digest
            for raw, digest in zip(batch.records, hashes, strict=True)
            if raw.position.startswith(within)
        ]
        if len(there) < one.records:
            continue  # it began in an earlier batch, whose lines are not at hand
        gone = source_files.nameless(
            tx, reader.flow, within, but=[f"#{digest.hex()}" for digest in there]
        )
        landing.close(tx, reader.flow, gone, stage="intake", state="overtaken", run_id=reader.run)
        landing.forget_heads(tx, reader.flow, gone)

"""Prepares a batch without locks: raw records -> hashed, deduplicated, mapped.

Dedup is repeated under the entity's lock, when the batch is taken in.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from hub.db import landing
from hub.db.database import Database, Transaction
from hub.db.landing import LandingHead
from hub.db.runs import Run
from hub.domain.contracts import Contracts, Mapped, PullFlow
from hub.domain.payload import decode, is_unread, keyed_hash
from hub.domain.schema_drift import Look
from hub.errors import Fault, RecordError
from hub.model import Json, Raw
from hub.pipeline import apply, schema_drift, secret_records
from hub.pipeline.batches import RawBatch
from hub.settings import Settings

PIECE = 5_000
"""Records decoded and mapped together: enough for columns, few enough to lie in memory."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What one pull run works with. contract: the id of its kept text.

    whole: the sweep in progress began at the beginning of the source.
    """

    contracts: Contracts
    flow: PullFlow
    settings: Settings
    run: Run
    contract: int
    whole: bool = False


@dataclass(frozen=True, slots=True)
class PreparedBatch:
    """A batch with content hashes; mapped: by index, those that no head held when it was read.

    look: shape of a sample; sound: of its records without fault, from which is learnt; whole: the
    sample was all of them.
    """

    batch: RawBatch
    hashes: list[bytes]
    mapped: dict[int, Mapped]
    look: Look
    sound: Look
    whole: bool


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """One new raw record: its index in the batch, content hash, and mapped values."""

    index: int
    raw: Raw
    hash: bytes
    mapped: Mapped


def prepare(database: Database, work: Intake, batch: RawBatch) -> PreparedBatch:
    """Hash every record and map those that no head holds (volatile fields need decoding first).

    Nothing is locked, so heads may change: `reads_of` and `news_of` repeat the check under the
    lock.
    """
    flow, secret = work.flow, work.settings.hash_key
    decoded = [_decode(work, raw) if flow.ignore else None for raw in batch.records]
    hashes = [
        keyed_hash(
            flow.mapper.digest_view(fields) if isinstance(fields, dict) else raw.payload, secret
        )
        for raw, fields in zip(batch.records, decoded, strict=True)
    ]
    with database.read() as tx:
        known = landing.held(tx, flow.name, work.contract, hashes)
    news = [index for index, digest in enumerate(hashes) if digest not in known]
    step = max(1, -(-len(news) // work.settings.shape.sample))
    sample: list[dict[str, Json]] = []
    sound: list[dict[str, Json]] = []
    mapped: dict[int, Mapped] = {}
    for at in range(0, len(news), PIECE):
        some = news[at : at + PIECE]
        fields = [decoded[index] or _decode(work, batch.records[index]) for index in some]
        mapped |= _mapped(work, batch.records, hashes, some, fields)
        for index, one in islice(zip(some, fields, strict=True), -at % step, None, step):
            if isinstance(one, dict) and mapped[index].shows:
                sample.append(one)
                if not mapped[index].faults:
                    sound.append(one)
    look = schema_drift.sampled(sample, flow)
    learnt = look if len(sound) == len(sample) else schema_drift.sampled(sound, flow)
    return PreparedBatch(batch, hashes, mapped, look, learnt, whole=step == 1)


def reads_of(tx: Transaction, work: Intake, prepared: PreparedBatch) -> list[ReadRecord]:
    """The mapped records, and those whose head held them during `prepare` and no longer does."""
    raws, hashes, mapped = prepared.batch.records, prepared.hashes, prepared.mapped
    known = [digest for index, digest in enumerate(hashes) if index not in mapped]
    stand = landing.held(tx, work.flow.name, work.contract, known)
    if len(stand) < len(set(known)):
        lost = [
            index
            for index, digest in enumerate(hashes)
            if index not in mapped and digest not in stand
        ]
        fields = [_decode(work, raws[index]) for index in lost]
        mapped = mapped | _mapped(work, raws, hashes, lost, fields)
    return [
        ReadRecord(index, raws[index], hashes[index], mapped[index]) for index in sorted(mapped)
    ]


def news_of(
    tx: Transaction,
    work: Intake,
    prepared: PreparedBatch,
    *,
    reads: Sequence[ReadRecord],
    heads: Mapping[str, LandingHead],
) -> tuple[list[ReadRecord], dict[str, tuple[str, int]]]:
    """The records to land, and by key (version, index) of heads that the batch itself repeats.

    An older version that landed before is known although it is no head: overlaps read it again and
    again.
    """
    places = {digest: index for index, digest in enumerate(prepared.hashes)} if heads else {}
    back = {
        head.key: (head.version, places[head.hash])
        for head in heads.values()
        if head.contract_id == work.contract and head.hash in places
    }
    fresh = [
        read
        for read in reads
        if read.mapped.key not in back or heads[read.mapped.key].hash != read.hash
    ]
    older = [
        (read.mapped.key, read.hash)
        for read in fresh
        if (head := heads.get(read.mapped.key)) and read.mapped.version < head.version
    ]
    seen = landing.seen(tx, work.flow.name, older)
    return [read for read in fresh if (read.mapped.key, read.hash) not in seen], back


def by_key(reads: Sequence[ReadRecord], heads: Mapping[str, LandingHead]) -> list[ReadRecord]:
    """Records under their storage keys; open ones before a secret one of their key are withheld."""
    return _closed([_under(read, heads) for read in reads])


def _under(read: ReadRecord, heads: Mapping[str, LandingHead]) -> ReadRecord:
    """A withheld record under its storage key, with its head's version so that it follows that."""
    if not read.raw.withheld:
        return read
    key = secret_records.under(read.raw, read.mapped.key, heads)
    version = heads[key].version if key in heads else ""
    return replace(read, mapped=replace(read.mapped, key=key, version=version))


def _closed(reads: Sequence[ReadRecord]) -> list[ReadRecord]:
    """Withhold open records too whose key a later record of the batch classes as secret."""
    last = {read.raw.withheld: read for read in reads if read.raw.withheld}
    later = {
        at: one
        for at, read in enumerate(reads)
        if (one := last.get(read.mapped.key)) and read.index < one.index
    }
    return [
        replace(later[at], index=read.index) if at in later else read
        for at, read in enumerate(reads)
    ]


def _decode(work: Intake, raw: Raw) -> dict[str, Json] | RecordError:
    """The fields of one record, or why it cannot be read."""
    if len(raw.payload) > work.settings.payload_bytes and not is_unread(raw.payload):
        facts = {"bytes": str(len(raw.payload)), "most": str(work.settings.payload_bytes)}
        return RecordError(Fault("", "record.too_long", facts))
    try:
        return decode(raw.payload, form=work.flow.form)
    except RecordError as error:
        return error


def _mapped(
    work: Intake,
    raws: Sequence[Raw],
    hashes: Sequence[bytes],
    indexes: Sequence[int],
    fields: Sequence[dict[str, Json] | RecordError],
) -> dict[int, Mapped]:
    """By index, the records of these indexes, whose fields are given, as they are mapped."""
    mapper = work.flow.mapper
    readable = [one for one in fields if isinstance(one, dict)]
    by_columns = 0 < work.settings.columns <= len(readable)
    found = iter(mapper.map_all(readable)) if by_columns else map(mapper.map, readable)
    return {
        index: _named(work, raws[index], one, hashes[index], said=found)
        for index, one in zip(indexes, fields, strict=True)
    }


def _named(
    work: Intake,
    raw: Raw,
    fields: dict[str, Json] | RecordError,
    digest: bytes,
    *,
    said: Iterator[Mapped],
) -> Mapped:
    """The next mapped record under its key; an unreadable or unnamed one under a stand-in.

    One in `validator_audit` records, chosen by hash, is also checked by the reference validator;
    replays do not repeat that, since a person has looked at what it set aside.
    """
    stand_in = apply.stand_in(raw, digest)
    if isinstance(fields, RecordError):
        return Mapped.without_values(*fields.faults, key=stand_in)
    mapped, every = next(said), work.settings.validator_audit
    if every > 0 and mapped.shows and int.from_bytes(digest[:8]) % every == 0:
        mapped = work.flow.mapper.audited(fields, mapped)
    return apply.named(work.flow, mapped, stand_in)

"""raw records of a batch -> hashed, deduplicated and mapped, outside every lock; dedup is checked
again under it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

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


@dataclass(frozen=True, slots=True)
class Intake:
    """What one run works with; contract: the id under which its mapping is kept.

    whole: the sweep under way began at the beginning of the source.
    """

    contracts: Contracts
    flow: PullFlow
    settings: Settings
    run: Run
    contract: int
    whole: bool = False


@dataclass(frozen=True, slots=True)
class PreparedBatch:
    """A batch with its records' hashes, and, by index, what the mapping makes of those that no head
    held by then.

    look: what these look like, as far as a sample shows; sound: those of the sample without a
    fault, of which is learnt; whole: it was no sample but all of them.
    """

    batch: RawBatch
    hashes: list[bytes]
    mapped: dict[int, Mapped]
    look: Look
    sound: Look
    whole: bool


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """One raw record that is news: its place in the batch, its hash, what the mapping makes
    of it.
    """

    index: int
    raw: Raw
    hash: bytes
    mapped: Mapped


def prepare(database: Database, work: Intake, batch: RawBatch) -> PreparedBatch:
    """Hash every record and map those that no head holds; a flow with volatile fields must decode
    to hash.

    Nothing is locked yet, so what is found here is looked at again when the batch is taken in.
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
    for place, index in enumerate(news):
        fields = decoded[index] or _decode(work, batch.records[index])
        said = mapped[index] = _map(work, batch.records[index], fields, hashes[index])
        if place % step == 0 and isinstance(fields, dict) and said.shows:
            sample.append(fields)
            if not said.faults:
                sound.append(fields)
    look = schema_drift.sampled(sample, flow)
    learnt = look if len(sound) == len(sample) else schema_drift.sampled(sound, flow)
    return PreparedBatch(batch, hashes, mapped, look, learnt, whole=step == 1)


def reads_of(tx: Transaction, work: Intake, prepared: PreparedBatch) -> list[ReadRecord]:
    """What is mapped, and what has to be after all: its head held it before this transaction, and
    does not now.
    """
    raws, hashes, mapped = prepared.batch.records, prepared.hashes, prepared.mapped
    known = [digest for index, digest in enumerate(hashes) if index not in mapped]
    stand = landing.held(tx, work.flow.name, work.contract, known)
    if len(stand) < len(set(known)):
        lost = [
            index
            for index, digest in enumerate(hashes)
            if index not in mapped and digest not in stand
        ]
        mapped = mapped | {
            index: _map(work, raws[index], _decode(work, raws[index]), hashes[index])
            for index in lost
        }
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
    """The reads that are not known after all; by key, version and place in the batch of what stands
    already.

    An older version that has landed before is known, though it is no head: an overlap reads it
    again and again.
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
    """Each read under the key that it goes by; of a key that a batch withholds nothing is kept that
    came before.
    """
    return _closed([_under(read, heads) for read in reads])


def _under(read: ReadRecord, heads: Mapping[str, LandingHead]) -> ReadRecord:
    """A withheld record under the key that it goes by, right behind what stands there."""
    if not read.raw.withheld:
        return read
    key = secret_records.under(read.raw, read.mapped.key, heads)
    version = heads[key].version if key in heads else ""
    return replace(read, mapped=replace(read.mapped, key=key, version=version))


def _closed(reads: Sequence[ReadRecord]) -> list[ReadRecord]:
    """Of a record that a batch shows open and then secret nothing is kept: what came first is
    withheld as well.
    """
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
    """The fields of one record, or why they cannot be read; whether they may be was asked where it
    came in.
    """
    if len(raw.payload) > work.settings.payload_bytes and not is_unread(raw.payload):
        facts = {"bytes": str(len(raw.payload)), "most": str(work.settings.payload_bytes)}
        return RecordError(Fault("", "record.too_long", facts))
    try:
        return decode(raw.payload, form=work.flow.form)
    except RecordError as error:
        return error


def _map(work: Intake, raw: Raw, fields: dict[str, Json] | RecordError, digest: bytes) -> Mapped:
    """Map one record; what cannot be read or named is kept under a key that stands for it.

    One in so many, chosen by the digest, is judged by the reference besides. Replaying does not ask
    it again: whoever replays what it set aside has looked at it.
    """
    stand_in = apply.stand_in(raw, digest)
    if isinstance(fields, RecordError):
        return Mapped.without_values(*fields.faults, key=stand_in)
    mapper, every = work.flow.mapper, work.settings.validator_audit
    said = mapper.map(fields)
    if every > 0 and said.shows and int.from_bytes(digest[:8]) % every == 0:
        said = mapper.audited(fields, said)
    return apply.named(work.flow, said, stand_in)

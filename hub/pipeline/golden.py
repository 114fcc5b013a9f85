"""Golden records: merges all current claims on a record by survivorship, then marks deliveries.

The caller holds the entity's lock and the transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from hub.db import landing, records
from hub.db.database import Transaction
from hub.db.deliveries import outbox
from hub.db.records import Golden
from hub.db.records.disagreements import put_disagreements
from hub.domain.contracts import Contracts, Entity, PullFlow
from hub.domain.survivorship import Claim, Settled, settle_all
from hub.model import Record
from hub.pipeline import crosswalk


@dataclass(frozen=True, slots=True)
class ApplyContext:
    """Contracts, flow, run and batch of an application.

    closing: the state that older quarantine entries of an arriving key get.
    """

    contracts: Contracts
    flow: PullFlow
    contract_id: int
    run_id: int
    batch_id: int
    closing: str = "overtaken"


def merge(tx: Transaction, context: ApplyContext, record_ids: Sequence[int]) -> None:
    """Settle these records anew: golden version, disagreements, crosswalk numbers, dirty marks."""
    entity = context.flow.entity
    claims = records.claims(tx, entity, record_ids)
    old = records.golden(tx, entity, record_ids)
    settled = settle_all(entity, claims)
    standing = confirmed(tx, claims, settled, old)
    new = []
    for record in record_ids:
        was = old.get(record)
        golden = (
            _as_it_stands(was, settled[record])
            if was is not None and record in standing
            else _golden(record, settled.get(record), was, context.batch_id)
        )
        if golden is not None:
            new.append(golden)
    records.put_golden(tx, entity, new, old)
    put_disagreements(
        tx,
        record_ids,
        {record: found.disagreements for record, found in settled.items() if found.disagreements},
    )
    landings = {
        record: found.provenance.get("project_code", 0) for record, found in settled.items()
    }
    stands = old | {row.record_id: row for row in new}
    crosswalk.learn(tx, context.contracts, entity, list(stands.values()), landings)
    spoken = [row for row in new if _says_otherwise(row, old.get(row.record_id))]
    mark(
        tx,
        context.contracts,
        entity,
        [row.record_id for row in spoken],
        [row.values for row in spoken],
    )


def confirmed(
    tx: Transaction,
    claims: Mapping[int, Sequence[Claim]],
    settled: Mapping[int, Settled],
    old: Mapping[int, Golden],
) -> set[int]:
    """Ids of records whose version stays: same values, each from the same source key as before.

    Its provenance goes on naming the landings that made it; later ones of the same key confirm it.
    The same value taken over by another source makes a new version.
    """
    same = {
        record: was
        for record, found in settled.items()
        if (was := old.get(record)) is not None and not was.deleted and was.values == found.values
    }
    anew = {record for record, was in same.items() if was.provenance != settled[record].provenance}
    made = {landing_id for record in anew for landing_id in same[record].provenance.values()}
    sources = landing.sources(tx, made)
    for record in anew:
        before, said = same[record].provenance, settled[record].provenance
        keys = {(claim.landing_id, (claim.flow, claim.source_key)) for claim in claims[record]}
        if any(
            was != by
            and not any(
                (was, of, key) in sources for at, key in keys if at == by for of in (None, record)
            )
            for was, by in ((before.get(name, 0), by) for name, by in said.items())
        ):
            del same[record]
    return set(same)


def _as_it_stands(old: Golden, settled: Settled) -> Golden | None:
    """The version with today's list of missing required fields; None where that is unchanged."""
    return (
        None
        if old.incomplete == settled.incomplete
        else replace(old, incomplete=settled.incomplete)
    )


def _says_otherwise(new: Golden, old: Golden | None) -> bool:
    return old is None or (new.values, new.deleted) != (old.values, old.deleted)


def _golden(
    record: int, settled: Settled | None, old: Golden | None, batch_id: int
) -> Golden | None:
    """The version to write; None for a record that is neither there nor was."""
    if settled is None:
        if old is None or old.deleted:
            return None
        return replace(old, version=old.version + 1, batch_id=batch_id, deleted=True)
    new = Golden(
        record_id=record,
        version=1,
        batch_id=batch_id,
        deleted=False,
        incomplete=settled.incomplete,
        provenance=settled.provenance,
        values=settled.values,
    )
    return new if old is None else replace(new, version=old.version + 1)


def mark(
    tx: Transaction,
    contracts: Contracts,
    entity: Entity,
    record_ids: Sequence[int],
    said: Iterable[Record],
    *,
    new: bool = False,
) -> None:
    """Mark deliveries of these records dirty, and of records whose body quotes their project. new:
    their headers were made in this transaction.
    """
    flows = [flow.name for flow in contracts.pushes_of(entity.name)]
    (outbox.mark_new if new else outbox.mark)(tx, flows, record_ids)
    codes = [str(values["project_code"]) for values in said if values.get("project_code")]
    if entity.name != "project" or not codes:
        return
    quoting: dict[str, list[str]] = {}
    for flow in contracts.pushes.values():
        if flow.quotes:
            quoting.setdefault(flow.entity.name, []).append(flow.name)
    outbox.mark_of_projects(tx, quoting, codes)

"""Proof of one field for somebody who does not trust the hub: payload, Merkle path, chain, rule.

Hashes prove what they can; that this rule makes this value of this payload is a statement signed by
the hub. Format: docs/proof.md.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import orjson

from hub.auth.context import RequestContext
from hub.db.database import Transaction
from hub.db.ledger import seals
from hub.db.ledger.seals import Leaf, Rooted, Seal
from hub.db.records import lineage
from hub.domain import ledger, merkle
from hub.domain.contracts import Contracts
from hub.domain.documents import mapping, mapping_of
from hub.domain.merkle import ProofStep
from hub.domain.rights import Rights
from hub.errors import FlowError
from hub.model import Json, Value
from hub.services.lineage.field import FieldLineage, FieldOrigin, of_field
from hub.settings import Settings
from hub.signing import SigningKeys, keys_of

FORMAT = "onecode-proof/1"
STATEMENT = b"onecode-statement\n"
"""Prefix of a signed statement (domain separation), so that no other signature passes for one."""


def field_proof(
    context: RequestContext, name: str, field: str, *, checkpoint: int | None = None
) -> Mapping[str, Json]:
    """The proof of a field of a record (its id, or entity:key), for verifier/verify_proof.py."""
    hub = context.hub
    with hub.database.read() as tx:
        asked = tx, hub.contracts, hub.settings, name, field
        made = of(*asked, rights=context.rights, checkpoint=checkpoint, now=datetime.now(UTC))
    context.saw([record_id(made)])
    return made


def of(
    tx: Transaction,
    contracts: Contracts,
    settings: Settings,
    name: str,
    field: str,
    *,
    rights: Rights,
    checkpoint: int | None = None,
    now: datetime,
) -> dict[str, Json]:
    """The proof of a field; its chain reaches the first signed seal, or the checkpoint given.

    Raises FlowError: proof.no_key, .no_value, .persons, .erased, .closed, and others of its links.
    """
    if settings.seal_key is None:
        raise FlowError("proof.no_key")
    found = of_field(tx, contracts, name, field, rights=rights)
    entity, origin = found.head.entity, found.origin
    if origin is None or found.value is None or found.head.deleted:
        raise FlowError("proof.no_value", record=name, field=field)
    if not (rights.whole and rights.sees_personal(entity)):
        raise FlowError("proof.persons", entity=entity)
    (batch,) = seals.batches(tx, [origin.arrival.batch_id])
    leaves = seals.leaves(tx, batch.id)
    landed = next(leaf for leaf in leaves if leaf.id == origin.arrival.id)
    if landed.salt is None or landed.payload is None:
        raise FlowError("proof.erased", landing=landed.id)
    if batch.leaf_rule != ledger.OPEN:
        raise FlowError("proof.closed", landing=landed.id)
    links = _links(tx, batch, until=checkpoint, most=settings.proof_links)
    contract = lineage.contract_text(tx, origin.contract)
    statement = _statement(found, origin, payload=landed.payload, contract=contract, now=now)
    return {
        "format": FORMAT,
        "statement": statement,
        "signatures": _signed(keys_of(settings.seal_key, settings.seal_sm2_key), statement),
        "contract": contract,
        "payload": base64.b64encode(landed.payload).decode(),
        "salt": landed.salt.hex(),
        **_placed(batch, landed, leaves),
        "seal_path": _steps(_in_seal(tx, batch, links[0])),
        "chain": _chain(links),
        "checkpoint": _checkpoint(links[-1]),
    }


def record_id(made: Mapping[str, Json]) -> int:
    """The record that a proof is about."""
    return int(str(mapping(mapping(made["statement"])["record"])["id"]))


def _placed(batch: Rooted, landed: Leaf, leaves: Sequence[Leaf]) -> dict[str, Json]:
    """The leaf, its Merkle path to the batch's root, and the batch as its seal covers it."""
    made = [ledger.leaf(one.salt, one.hash, one.payload, rule=batch.leaf_rule) for one in leaves]
    index = next(at for at, one in enumerate(leaves) if one.id == landed.id)
    return {
        "leaf": made[index].hex(),
        "path": _steps(merkle.proof(made, index)),
        "batch": {
            "id": batch.id,
            "run": batch.run_id,
            "flow": batch.flow,
            "counts": list(batch.counts),
            "root": batch.merkle_root.hex(),
            "contract": batch.contract,
        },
    }


def _links(tx: Transaction, batch: Rooted, *, until: int | None, most: int) -> list[Seal]:
    """The seals from the batch's own to the first signed one, or to the checkpoint asked for."""
    first = seals.seal_of(tx, batch.id)
    if first is None:
        raise FlowError("proof.not_sealed", batch=batch.id)
    last = until or seals.next_signed(tx, first)
    if last is None or last < first:
        raise FlowError("proof.not_sealed", batch=batch.id)
    links = seals.seals(tx, after=first - 1, most=most + 1)
    reached = [seal for seal in links if seal.id <= last]
    if len(reached) > most:
        raise FlowError("proof.too_far", first=first, last=last, most=most)
    if reached[-1].signature is None:
        raise FlowError("proof.not_sealed", batch=batch.id)
    return reached


def _in_seal(tx: Transaction, batch: Rooted, seal: Seal) -> Sequence[ProofStep]:
    covered = seals.batches(tx, seal.batches)
    return merkle.proof(seal.leaves(covered), [one.id for one in covered].index(batch.id))


def _steps(steps: Sequence[ProofStep]) -> list[Json]:
    return [
        {"digest": step.digest.hex(), "side": "left" if step.left else "right"} for step in steps
    ]


def _chain(links: Sequence[Seal]) -> dict[str, Json]:
    """Roots and times in order; all other hashes of the chain follow from them."""
    return {
        "previous": links[0].previous.hex(),
        "links": [
            {
                "seal": seal.id,
                "root": seal.root.hex(),
                "sealed_at": seal.sealed_at.astimezone(UTC).isoformat(),
            }
            for seal in links
        ],
    }


def _checkpoint(seal: Seal) -> dict[str, Json]:
    return {
        "seal": seal.id,
        "chain": seal.chain.hex(),
        "signatures": [
            {"by": by, "signature": made.hex()}
            for by, made in ((seal.signed_by, seal.signature), (seal.sm2_by, seal.sm2_signature))
            if by is not None and made is not None
        ],
    }


def _statement(
    found: FieldLineage, origin: FieldOrigin, *, payload: bytes, contract: str, now: datetime
) -> dict[str, Json]:
    """The hub's statement; numbers as text, so that every implementation serialises it alike."""
    head, arrival, says = found.head, origin.arrival, mapping_of(contract)
    return {
        "issued_at": now.astimezone(UTC).isoformat(),
        "record": {
            "id": str(head.record_id),
            "entity": head.entity,
            "key": head.key,
            "version": str(head.version),
        },
        "field": found.field,
        "title": {"zh": found.title.zh, "en": found.title.en},
        "value": _text(found.value),
        "source": {path: _text(value) for path, value in origin.source.items()},
        "rule": orjson.dumps(origin.rule, option=orjson.OPT_SORT_KEYS).decode(),
        "system": arrival.system,
        "flow": arrival.flow,
        "source_key": arrival.key,
        "landing": str(arrival.id),
        "position": arrival.position,
        "pointer": arrival.pointer,
        "batch": str(arrival.batch_id),
        "contract": origin.contract,
        "payload_sha256": hashlib.sha256(payload).hexdigest(),
        "payload_format": str(says.get("format", "json")),
        "payload_encoding": str(says.get("encoding", "utf-8")),
    }


def _signed(keys: SigningKeys, statement: dict[str, Json]) -> list[Json]:
    made = keys.sign(STATEMENT + orjson.dumps(statement, option=orjson.OPT_SORT_KEYS))
    pairs = (keys.ed25519_name, made.ed25519), (keys.sm2_name, made.sm2)
    return [{"by": by, "signature": signature.hex()} for by, signature in pairs if by and signature]


def _text(value: Json | Value) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()

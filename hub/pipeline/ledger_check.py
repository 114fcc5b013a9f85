"""Checks the ledger: the hash chain of seals, portion by portion, and checkpoints kept outside."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Literal

import orjson

from hub.db import restorations
from hub.db.database import Transaction
from hub.db.ledger import evidence, seals
from hub.db.ledger.evidence import Act
from hub.db.ledger.seals import Seal
from hub.domain import evidence as rule
from hub.domain import ledger, merkle
from hub.errors import FlowError
from hub.model import Json
from hub.settings import Settings
from hub.signing import keys_of, signed

State = Literal["same", "differs", "unknown", "not_ours", "restored"]
LINKS = "onecode-links/1"
RULES = (1, 2)
"""Versions of the sealing rule that this program can check."""


@dataclass(frozen=True, slots=True)
class Link:
    """A seal with the codes of all that is wrong with it (`seal.…`)."""

    seal: Seal
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """A checkpoint that a partner kept, with its verdict against today's ledger."""

    seal: int
    state: State
    sealed_at: str


def check(tx: Transaction, settings: Settings, *, after: int, most: int = 100) -> list[Link]:
    """Seals after this one: order, hash chain, batches, acts and signatures; wrong ones named.

    Seals before the first signed one need no signature.
    """
    keys = keys_of(settings.seal_key, settings.seal_sm2_key)
    last, before = seals.chain_at(tx, after), after
    expected = seals.signed_until(tx, after)
    links = []
    for seal in seals.seals(tx, after=after, most=most):
        wrong = _signatures(seal, own=keys.ed25519_name, own_sm2=keys.sm2_name, expected=expected)
        if seal.rule not in RULES:
            wrong.append("seal.rule")
        if seal.previous != last:
            wrong.append("seal.not_following")
        if _gap(seal, before, last):
            wrong.append("seal.gap")
        if merkle.root(seal.leaves(seals.batches(tx, seal.batches))) != seal.root:
            wrong.append("seal.batches")
        if seal.rule > 1:
            wrong.extend(_acts(tx, settings, seal))
        if ledger.chain(seal.previous, seal.root, moment(seal)) != seal.chain:
            wrong.append("seal.own_hash")
        links.append(Link(seal, tuple(wrong)))
        last, expected = seal.chain, expected or seal.signature is not None
        before = seal.id
    return links


def _gap(seal: Seal, before: int, chain: bytes) -> bool:
    """Whether seal numbers are missing that no restoration declares.

    Seals of rule 1 took numbers from a sequence with gaps: there only the chain tells.
    """
    if seal.rule == 1:
        return False
    if seal.kind == "restored":
        return seal.says.get("after") != before or chain != seal.previous
    return seal.id != before + 1


def _acts(tx: Transaction, settings: Settings, seal: Seal) -> Iterator[str]:
    """Codes of what is wrong with the acts of a seal: their root, or their attestation."""
    acts = evidence.covered(tx, seal.acts)
    if merkle.root([act.leaf for act in acts]) != seal.acts_root:
        yield "seal.acts"
    if strange(acts, settings.hash_key):
        yield "seal.strange"


def strange(acts: Sequence[Act], key: bytes) -> list[Act]:
    """Acts without a valid attestation (HMAC by the hub's key, which the database never sees)."""
    groups: dict[tuple[str, int], list[Act]] = {}
    for act in acts:
        groups.setdefault((act.tx, act.at), []).append(act)
    wrong: list[Act] = []
    for (number, at), group in groups.items():
        made = [act for act in group if act.op != rule.ATTESTED]
        words = [act.digest for act in group if act.op == rule.ATTESTED]
        digests = hashlib.sha256(
            b"".join(act.id.to_bytes(8, "big") + act.digest for act in made)
        ).digest()
        if words != [rule.attest(key, tx=number, at=at, count=len(made), digests=digests)]:
            wrong.extend(made or group)
    return wrong


def _signatures(seal: Seal, *, own: str | None, own_sm2: str | None, expected: bool) -> list[str]:
    wrong = []
    if seal.signature is None and expected:
        wrong.append("seal.unsigned")
    for signature, by, ours in (
        (seal.signature, seal.signed_by, own),
        (seal.sm2_signature, seal.sm2_by, own_sm2),
    ):
        if signature is None and by is None:
            continue
        if signature is None or by is None or not signed(signature, seal.chain, by=by):
            wrong.append("seal.signature")
        elif ours is not None and by != ours:
            wrong.append("seal.other_key")
    return wrong


def moment(seal: Seal) -> str:
    """A seal's time in the form that was hashed into the chain."""
    return seal.sealed_at.astimezone(UTC).isoformat()


def checkpoint(seal: Seal) -> dict[str, Json]:
    """A signed end of the chain as it is handed to partners, who keep it."""
    made: dict[str, Json] = {
        "seal": seal.id,
        "chain": seal.chain.hex(),
        "sealed_at": moment(seal),
        "signature": seal.signature.hex() if seal.signature else None,
        "signed_by": seal.signed_by,
    }
    if seal.sm2_signature:
        made |= {"sm2_signature": seal.sm2_signature.hex(), "sm2_by": seal.sm2_by}
    return made


def newest_checkpoint(tx: Transaction) -> str:
    """The newest signed checkpoint as one line of JSON; "" without one."""
    seal = seals.newest(tx, signed=True)
    return orjson.dumps(checkpoint(seal)).decode() if seal else ""


def links(tx: Transaction, settings: Settings, *, since: int, until: int) -> dict[str, Json]:
    """The seals between two checkpoints, which `verify_proof.py compare` walks.

    Where the earlier one was lost in a restoration, they begin where the ledger goes on.
    """
    found = seals.seals(tx, after=since, most=settings.proof_links + 1)
    reached = [seal for seal in found if seal.id <= until]
    if len(reached) > settings.proof_links:
        raise FlowError("proof.too_far", first=since, last=until, most=settings.proof_links)
    return {
        "format": LINKS,
        "after": seals.number_at(tx, since),
        "previous": seals.chain_at(tx, since).hex(),
        "links": [_link(tx, seal) for seal in reached],
    }


def _link(tx: Transaction, seal: Seal) -> dict[str, Json]:
    made: dict[str, Json] = {"seal": seal.id, "root": seal.root.hex(), "sealed_at": moment(seal)}
    if seal.kind != "regular":
        leaves = seal.leaves(seals.batches(tx, seal.batches))
        path: list[Json] = [
            {"digest": step.digest.hex(), "side": "left" if step.left else "right"}
            for step in merkle.proof(leaves, len(leaves) - 1)
        ]
        made["head"] = {
            "kind": seal.kind,
            "acts": seal.acts_text,
            "acts_root": seal.acts_root.hex(),
            "says": dict(seal.says),
            "path": path,
        }
    return made


def newest_kept(text: str) -> tuple[int, str]:
    """(seal number, chain hash) of the newest of these checkpoints; FlowError without any."""
    kept = [_checkpoint(line) for line in text.splitlines() if line.strip()]
    if not kept:
        raise FlowError("ledger.no_checkpoint")
    return max((int(str(one["seal"])), str(one["chain"])) for one in kept)


def compare(tx: Transaction, settings: Settings, text: str) -> list[Compared]:
    """Compare checkpoints (JSON, one a line) with the chain; FlowError for any other text.

    not_ours: not signed by our key, proves nothing. differs: signed by us, the ledger now has
    another hash (a rewritten ledger looks like this). unknown: signed by us, no such seal any more.
    restored: made after the backup and before its restoration was declared.
    """
    own = keys_of(settings.seal_key, settings.seal_sm2_key).ed25519_name
    return [_compared(tx, own, _checkpoint(line)) for line in text.splitlines() if line.strip()]


def _checkpoint(line: str) -> Mapping[str, Json]:
    try:
        kept = orjson.loads(line)
    except orjson.JSONDecodeError:
        kept = None
    if (
        not isinstance(kept, dict)
        or type(kept.get("seal")) is not int  # true is no number
        or not all(
            isinstance(kept.get(name), str)
            for name in ("chain", "sealed_at", "signature", "signed_by")
        )
    ):
        raise FlowError("ledger.no_checkpoint")
    return kept


def is_ours(settings: Settings, line: str) -> bool:
    """Whether a line is a checkpoint, signed by our key where we have one."""
    own = keys_of(settings.seal_key, settings.seal_sm2_key).ed25519_name
    try:
        kept = _checkpoint(line)
        chain, signature = _hashes(kept)
    except FlowError:
        return False
    by = str(kept["signed_by"])
    return signed(signature, chain, by=by) and own in {None, by}


def _hashes(kept: Mapping[str, Json]) -> tuple[bytes, bytes]:
    """Chain and signature of a checkpoint; FlowError where they are none."""
    try:
        return bytes.fromhex(str(kept["chain"])), bytes.fromhex(str(kept["signature"]))
    except ValueError:
        raise FlowError("ledger.no_checkpoint") from None


def _compared(tx: Transaction, own: str | None, kept: Mapping[str, Json]) -> Compared:
    number, by = int(str(kept["seal"])), str(kept["signed_by"])
    chain, signature = _hashes(kept)
    state: State = "same"
    found: Sequence[Seal] = seals.seals(tx, after=number - 1, most=1)
    known = found[0] if found and found[0].id == number else None
    if not signed(signature, chain, by=by) or (own is not None and by != own):
        state = "not_ours"
    elif known is None:
        state = "unknown"
    elif known.chain != chain:
        state = "differs"
    sealed_at = str(kept["sealed_at"])
    if state in {"unknown", "differs"} and restorations.covers(tx, number, sealed_at):
        state = "restored"
    return Compared(number, state, sealed_at)

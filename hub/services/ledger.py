"""The ledger: seals and their verification, checkpoints, comparison with partners' copies."""

from dataclasses import dataclass
from datetime import datetime

from hub.auth.context import RequestContext
from hub.db.ledger import seals
from hub.db.ledger.seals import Seal
from hub.model import Json
from hub.pipeline import ledger_check as chain
from hub.pipeline.ledger_check import Compared
from hub.texts import word

__all__ = ["Compared"]


@dataclass(frozen=True, slots=True)
class SealView:
    """One link of the chain. batches: how many it covers; root, chain: hexadecimal; signed_by,
    sm2_by: public keys.

    wrong: what is wrong with it, in English; codes: the same as codes of texts.
    """

    id: int
    sealed_at: datetime
    batches: int
    root: str
    chain: str
    signed_by: str | None
    sm2_by: str | None
    wrong: list[str]
    codes: list[str]


@dataclass(frozen=True, slots=True)
class CheckedSlice:
    """How many seals were checked, and the wrong ones. next: `after` of the next slice, or None."""

    checked: int
    wrong: list[SealView]
    next: int | None


def listed(context: RequestContext, *, before: int | None = None, most: int = 50) -> list[SealView]:
    """Seals, newest first. before: with a smaller number only."""
    with context.hub.database.read() as tx:
        return [_view(seal) for seal in seals.newer(tx, before=before, most=most)]


def newest(context: RequestContext, *, signed: bool) -> SealView | None:
    """The last seal, or the last that is signed."""
    with context.hub.database.read() as tx:
        found = seals.newest(tx, signed=signed)
    return _view(found) if found else None


def check(context: RequestContext, *, after: int = 0, most: int = 100) -> CheckedSlice:
    """Check up to `most` seals after this number: order, batches, acts and signatures."""
    with context.hub.database.read() as tx:
        links = chain.check(tx, context.hub.settings, after=after, most=most)
        last = seals.newest(tx, signed=False)
    wrong = [_view(link.seal, link.wrong) for link in links if link.wrong]
    more = links and last and links[-1].seal.id < last.id
    return CheckedSlice(len(links), wrong, links[-1].seal.id if more else None)


def checkpoint(context: RequestContext) -> str:
    """The last signed checkpoint, JSON on one line; "" where there is none."""
    with context.hub.database.read() as tx:
        return chain.newest_checkpoint(tx)


def links(context: RequestContext, *, since: int, until: int) -> dict[str, Json]:
    """The seals between two checkpoints, as `verify_proof.py` reads them."""
    with context.hub.database.read() as tx:
        return chain.links(tx, context.hub.settings, since=since, until=until)


def compare(context: RequestContext, kept: str) -> list[Compared]:
    """Compare checkpoints kept by a partner (one JSON object a line) with the ledger of now."""
    with context.hub.database.read() as tx:
        return chain.compare(tx, context.hub.settings, kept)


def _view(seal: Seal, wrong: tuple[str, ...] = ()) -> SealView:
    return SealView(
        seal.id,
        seal.sealed_at,
        len(seal.batches),
        seal.root.hex(),
        seal.chain.hex(),
        seal.signed_by,
        seal.sm2_by,
        wrong=[word(one, "en") for one in wrong],
        codes=list(wrong),
    )

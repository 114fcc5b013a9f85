"""The ledger: its seals, checked in slices; the end of the chain as partners keep it, and their
copies beside ours.
"""

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

    wrong: what is wrong with it, in English; codes: the same as names of texts, for other
    languages.
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
    """How many seals of a slice were checked and which are wrong. next: where to go on, None at the
    chain's end.
    """

    checked: int
    wrong: list[SealView]
    next: int | None


def listed(context: RequestContext, *, before: int | None = None, most: int = 50) -> list[SealView]:
    """Seals, newest first. before: those that came earlier than this one."""
    with context.hub.database.read() as tx:
        return [_view(seal) for seal in seals.newer(tx, before=before, most=most)]


def newest(context: RequestContext, *, signed: bool) -> SealView | None:
    """The last seal, or the last that is signed."""
    with context.hub.database.read() as tx:
        found = seals.newest(tx, signed=signed)
    return _view(found) if found else None


def check(context: RequestContext, *, after: int = 0, most: int = 100) -> CheckedSlice:
    """Check so many seals after this one: order, batches, acts and signatures."""
    with context.hub.database.read() as tx:
        links = chain.check(tx, context.hub.settings, after=after, most=most)
    wrong = [_view(link.seal, link.wrong) for link in links if link.wrong]
    return CheckedSlice(len(links), wrong, links[-1].seal.id if len(links) == most else None)


def checkpoint(context: RequestContext) -> str:
    """The last signed end of the chain as partners keep it, JSON on one line; "" where there is
    none.
    """
    with context.hub.database.read() as tx:
        return chain.newest_checkpoint(tx)


def links(context: RequestContext, *, since: int, until: int) -> dict[str, Json]:
    """The seals between two checkpoints that one has kept, as `verify_proof.py` walks them."""
    with context.hub.database.read() as tx:
        return chain.links(tx, context.hub.settings, since=since, until=until)


def compare(context: RequestContext, kept: str) -> list[Compared]:
    """Checkpoints that a partner has kept, one JSON object a line, beside the ledger as it is
    now.
    """
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

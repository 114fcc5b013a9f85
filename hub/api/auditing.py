"""The routes of auditors: the ledger, the access log, conservation."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response

from hub.api import asked, audited
from hub.api.access import Visiting
from hub.api.asked import After, Most, Number
from hub.api.lineage import document
from hub.api.problems import PROBLEMS
from hub.db import seals, watching
from hub.db.seals import Seal
from hub.db.watching import Wanted
from hub.domain import keys
from hub.domain.times import HUB_ZONE
from hub.pipeline import chain
from hub.services import failures
from hub.services.lineage import moment_of as at
from hub.texts.words import WORDS

routes = APIRouter(responses=PROBLEMS)

Since = Annotated[asked.Day | None, Query(description="起始日 · first day")]
DAYS = timedelta(days=14)


@routes.get("/v1/ledger")
def ledger(visit: Visiting, before: Number | None = None, limit: Most = 50) -> list[audited.Seal]:
    """封签，新的在前 · the seals of the chain, newest first."""
    with visit.hub.database.transaction() as tx:
        return [_seal(seal) for seal in seals.newer(tx, before=before, most=limit)]


@routes.get("/v1/ledger/check")
def ledger_checked(visit: Visiting, after: After = 0, limit: Most = 100) -> audited.Checked:
    """核验一段账本 · check a slice of the chain."""
    with visit.hub.database.transaction() as tx:
        links = chain.check(tx, visit.hub.settings, after=after, most=limit)
    wrong = [_seal(link.seal, [WORDS[one][1] for one in link.wrong]) for link in links if link.wrong]
    return audited.Checked(checked=len(links), wrong=wrong, next=links[-1].seal.id if len(links) == limit else None)


@routes.get("/v1/ledger/checkpoint", response_model=None)
def ledger_checkpoint(visit: Visiting) -> Response:
    """最新已签名的检查点 · the last signed end of the chain."""
    with visit.hub.database.transaction() as tx:
        return Response(chain.newest_checkpoint(tx) or "null", media_type="application/json")


@routes.get("/v1/ledger/links", response_model=None)
def ledger_links(visit: Visiting, since: After, until: Number) -> Response:
    """两个检查点之间的封签 · the seals between two checkpoints that one has kept; verify_proof.py walks them."""
    with visit.hub.database.transaction() as tx:
        made = chain.links(tx, visit.hub.settings, since=since, until=until)
    return document(made, f"links-{since}-{until}.json")


@routes.post("/v1/ledger/compared")
def ledger_compared(visit: Visiting, kept: audited.Kept) -> list[audited.Compared]:
    """与对方留存的检查点比对 · checkpoints that a partner has kept, beside the ledger."""
    with visit.hub.database.transaction() as tx:
        found = chain.compare(tx, visit.hub.settings, kept.checkpoints)
    return [audited.Compared.model_validate(one) for one in found]


@routes.get("/v1/access")
def accesses(visit: Visiting, wish: Annotated[audited.AccessAsked, Query()]) -> list[audited.Access]:
    """查阅记录，新的在前 · who read what, newest first; `before` goes on from a row."""
    wanted = Wanted(
        account=wish.account,
        project=keys.project_code(wish.project_code) if wish.project_code else None,
        record=wish.record_id,
        since=at(wish.since) if wish.since else None,
        until=at(wish.until) if wish.until else None,
        refused=wish.refused,
        before=wish.before,
    )
    with visit.hub.database.transaction() as tx:
        return [audited.Access.model_validate(row) for row in watching.accesses(tx, wanted, most=wish.limit)]


@routes.get("/v1/access/unusual")
def unusual(visit: Visiting, since: Since = None, account: str | None = None) -> list[audited.Unusual]:
    """不寻常的查阅及理由 · reading that stands out, and why."""
    first = since or (datetime.now(HUB_ZONE) - DAYS).date()
    with visit.hub.database.transaction() as tx:
        rows = watching.unusual(tx, since=first, account=account)
    return [
        audited.Unusual.model_validate(
            {name: getattr(row, name) for name in ("account", "role", "department", "day")}
            | {"why": failures.said(row.fault)}
        )
        for row in rows
    ]


def _seal(seal: Seal, wrong: list[str] | None = None) -> audited.Seal:
    return audited.Seal(
        id=seal.id,
        sealed_at=seal.sealed_at,
        batches=len(seal.batches),
        root=seal.root.hex(),
        chain=seal.chain.hex(),
        signed_by=seal.signed_by,
        sm2_by=seal.sm2_by,
        wrong=wrong or [],
    )

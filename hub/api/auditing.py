"""The routes of auditors: the ledger and the access log."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field

from hub.api import request_bodies
from hub.api.access import Visiting
from hub.api.lineage import document
from hub.api.problems import PROBLEMS
from hub.api.request_bodies import After, Most, Number, RequestBody
from hub.services import access_log, ledger
from hub.services.access_log import AccessQuery, AccessRow, UnusualView
from hub.services.ledger import CheckedSlice, Compared, SealView
from hub.services.lineage import moment_of as at

routes = APIRouter(responses=PROBLEMS)

Since = Annotated[request_bodies.Day | None, Query(description="起始日 · first day")]


class KeptCheckpoints(RequestBody):
    """Checkpoints that a partner has kept, one JSON object a line."""

    checkpoints: str = Field(max_length=1_000_000)


class AccessAsked(RequestBody):
    """Filters of the access log; moments without a zone are Beijing time."""

    account: str | None = None
    project_code: str | None = None
    record_id: Number | None = None
    since: request_bodies.Moment | None = None
    until: request_bodies.Moment | None = None
    refused: bool | None = None
    before: Number | None = Field(default=None, description="从此行往前 · rows before this one")
    limit: int = Field(default=50, ge=1, le=1000)


@routes.get("/v1/ledger")
def ledger_seals(visit: Visiting, before: Number | None = None, limit: Most = 50) -> list[SealView]:
    """存证，新的在前 · the seals of the chain, newest first."""
    return ledger.listed(visit, before=before, most=limit)


@routes.get("/v1/ledger/check")
def ledger_checked(visit: Visiting, after: After = 0, limit: Most = 100) -> CheckedSlice:
    """核验一段账本 · check a slice of the chain."""
    return ledger.check(visit, after=after, most=limit)


@routes.get("/v1/ledger/checkpoint", response_model=None)
def ledger_checkpoint(visit: Visiting) -> Response:
    """最新已签名的检查点 · the last signed end of the chain."""
    return Response(ledger.checkpoint(visit) or "null", media_type="application/json")


@routes.get("/v1/ledger/links", response_model=None)
def ledger_links(visit: Visiting, since: After, until: Number) -> Response:
    """两个检查点之间的存证 · the seals between two checkpoints that one has kept; verify_proof.py walks
    them.
    """
    return document(ledger.links(visit, since=since, until=until), f"links-{since}-{until}.json")


@routes.post("/v1/ledger/compared")
def ledger_compared(visit: Visiting, kept: KeptCheckpoints) -> list[Compared]:
    """与对方留存的检查点比对 · checkpoints that a partner has kept, beside the ledger."""
    return ledger.compare(visit, kept.checkpoints)


@routes.get("/v1/access")
def accesses(visit: Visiting, wish: Annotated[AccessAsked, Query()]) -> list[AccessRow]:
    """查阅记录，新的在前 · who read what, newest first; `before` goes on from a row."""
    wanted = AccessQuery(
        account=wish.account,
        project=wish.project_code,
        record=wish.record_id,
        since=at(wish.since) if wish.since else None,
        until=at(wish.until) if wish.until else None,
        refused=wish.refused,
        before=wish.before,
    )
    return access_log.listed(visit, wanted, most=wish.limit)


@routes.get("/v1/access/unusual")
def unusual(visit: Visiting, since: Since = None, account: str | None = None) -> list[UnusualView]:
    """不寻常的查阅及理由 · reading that stands out, and why."""
    return access_log.unusual(visit, since=since, account=account)

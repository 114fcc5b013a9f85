"""The routes of auditors: as of a moment, proofs and the ledger, exports, the access log, conservation."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Query, Response

from hub.api import asked, audited
from hub.api.access import Visiting
from hub.api.asked import After, Number
from hub.api.routes import PROBLEMS, Most
from hub.db import seals, watching
from hub.db.seals import Seal
from hub.db.watching import Wanted
from hub.domain import keys
from hub.domain.times import HUB_ZONE
from hub.pipeline import chain
from hub.services import failures, lineage
from hub.services.conservation import conserved
from hub.services.lineage import moment, openlineage, prov
from hub.services.lineage import proof as proofs
from hub.services.verification import Proven, proven
from hub.texts.words import WORDS

routes = APIRouter(responses=PROBLEMS)

Moment = Annotated[asked.Moment | None, Query(description="无时区的按北京时间 · without a zone: Beijing time")]
Since = Annotated[asked.Day | None, Query(description="起始日 · first day")]
DAYS = timedelta(days=14)


@routes.get("/v1/records/{record_id}")
def record_at(visit: Visiting, record_id: Number, as_of: Moment = None) -> audited.Then:
    """某一时刻的记录 · a record as it stood at a moment, now unless given."""
    with visit.hub.database.transaction() as tx:
        found = moment.record_at(tx, visit.hub.contracts, str(record_id), at(as_of), rights=visit.reader.rights)
    visit.saw([record_id], project_code=found.project_code)
    return audited.Then.model_validate(found)


@routes.get("/v1/projects/{code}/as-of")
def project_at(
    visit: Visiting,
    code: Annotated[str, Path(max_length=100)],
    moment_asked: Annotated[asked.Moment | None, Query(alias="moment")] = None,
    account: Annotated[str | None, Query(max_length=100)] = None,
) -> audited.ProjectThen:
    """某一时刻的项目，及某账号当时能看到什么 · a project as it stood, and what an account could see of it then."""
    wanted, when = keys.project_code(code), at(moment_asked)
    with visit.hub.database.transaction() as tx:
        found, watcher = moment.project_at(
            tx, visit.hub.contracts, wanted, when, rights=visit.reader.rights, account=account
        )
    visit.saw([row.record_id for row in found], project_code=wanted)
    who = (
        audited.AccountThen(
            **{name: getattr(watcher.account, name) for name in ("name", "role", "department")},
            grants=[audited.GrantThen.model_validate(grant) for grant in watcher.grants],
        )
        if watcher
        else None
    )
    return audited.ProjectThen(
        project_code=wanted, moment=when, account=who, records=[audited.Then.model_validate(row) for row in found]
    )


@routes.get("/v1/records/{record_id}/prov", response_model=None)
def record_prov(visit: Visiting, record_id: Number) -> Response:
    """记录的来龙去脉，W3C PROV-JSON · the lineage of a record as PROV-JSON."""
    with visit.reading() as tx:
        found = lineage.of_record(tx, visit.hub.contracts, str(record_id), rights=visit.reader.rights)
    visit.saw([record_id], project_code=found.head.project_code)
    return _document(prov.of_record(found), f"record-{record_id}.prov.json")


@routes.get("/v1/records/{record_id}/fields/{field}/prov", response_model=None)
def field_prov(visit: Visiting, record_id: Number, field: str) -> Response:
    """字段的来龙去脉，W3C PROV-JSON · the lineage of a field as PROV-JSON."""
    with visit.reading() as tx:
        found = lineage.of_field(tx, visit.hub.contracts, str(record_id), field, rights=visit.reader.rights)
    visit.saw([record_id], project_code=found.head.project_code)
    return _document(prov.of_field(found), f"record-{record_id}-{field}.prov.json")


@routes.get("/v1/records/{record_id}/fields/{field}/proof", response_model=None)
def field_proof(visit: Visiting, record_id: Number, field: str, checkpoint: Number | None = None) -> Response:
    """字段的证明文件，可离线核验 · a proof of a field, which tools/verify_proof.py checks without the hub."""
    with visit.hub.database.transaction() as tx:
        made = proofs.of(
            *(tx, visit.hub.contracts, visit.hub.settings, str(record_id), field),
            rights=visit.reader.rights,
            checkpoint=checkpoint,
            now=datetime.now(UTC),
        )
    visit.saw([record_id])
    return _document(made, f"record-{record_id}-{field}.proof.json")


@routes.get("/v1/runs/{run_id}/openlineage", response_model=None)
def run_openlineage(visit: Visiting, run_id: Number) -> Response:
    """一次运行的 OpenLineage 事件 · a run as OpenLineage events, with column lineage."""
    with visit.hub.database.transaction() as tx:
        return _document(openlineage.of_run(tx, visit.hub.contracts, run_id), f"run-{run_id}.openlineage.json")


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
    return _document(made, f"links-{since}-{until}.json")


@routes.post("/v1/ledger/compared")
def ledger_compared(visit: Visiting, kept: audited.Kept) -> list[audited.Compared]:
    """与对方留存的检查点比对 · checkpoints that a partner has kept, beside the ledger."""
    with visit.hub.database.transaction() as tx:
        found = chain.compare(tx, visit.hub.settings, kept.checkpoints)
    return [audited.Compared.model_validate(one) for one in found]


@routes.get("/v1/verifications")
def verifications(visit: Visiting, limit: Most = 10) -> Proven:
    """核验什么、如何核验，及历次结果 · what is covered, table by table, and what the last verifications found."""
    with visit.hub.database.transaction() as tx:
        return proven(tx, visit.hub.contracts, most=limit)


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


@routes.get("/v1/conservation")
def conservation(visit: Visiting, since: Since = None, flow: str | None = None) -> audited.Conservation:
    """收支平衡，按日 · the balance by day, with its exceptions."""
    first = at(datetime.combine(since, datetime.min.time())) if since else datetime.now(UTC) - DAYS
    with visit.hub.database.transaction() as tx:
        told = conserved(tx, first, flow)
    sums = {
        name: [audited.DaySums.model_validate(day) for day in getattr(told, name)]
        for name in audited.Conservation.model_fields
        if name != "exceptions"
    }
    return audited.Conservation(
        **sums,
        exceptions=[
            audited.Exceptional.model_validate(asdict(row) | {"why": failures.said(row.fault) if row.fault else None})
            for row in told.exceptions
        ],
    )


def at(asked: datetime | None) -> datetime:
    """A moment; one without a zone is Beijing time, none is now."""
    if asked is None:
        return datetime.now(UTC)
    return asked if asked.tzinfo else asked.replace(tzinfo=HUB_ZONE)


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


def _document(made: object, name: str) -> Response:
    """A document to keep as a file."""
    return Response(
        orjson.dumps(made, option=orjson.OPT_INDENT_2),
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )

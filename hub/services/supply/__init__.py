"""Units without a system hand in their records: by workbook or by form, corrected or withdrawn.

Three faces ask these functions. Nothing of a workbook is taken unless all of it can be.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import TypeAlias

import orjson

from hub import exact
from hub.auth.context import RequestContext
from hub.db import inbound, supply
from hub.db.database import Transaction
from hub.db.inbound import NewBody
from hub.db.supply import OwnRecord, SupplyAct, SupplyKind
from hub.domain import paths
from hub.domain.contracts import PullFlow
from hub.domain.payload import keyed_hash
from hub.domain.templates import REASON, TemplateColumn, UploadTemplate
from hub.domain.times import HUB_ZONE
from hub.errors import FlowError
from hub.model import Json
from hub.pipeline.inbound import resource_of
from hub.services import inbound as inbound_bodies
from hub.services.inbound import BodyReceipt
from hub.services.prefill import search
from hub.services.prefill.search import Suggestion
from hub.services.supply import reading, workbook
from hub.services.supply.reading import ReadWorkbook, SuppliedRow
from hub.services.supply.rights import chosen, is_near, judge_regions, may_supply, regions_of
from hub.services.supply.views import (
    SupplyAnswer,
    SupplyColumn,
    SupplyOffer,
    SupplySheet,
    column_view,
    offer,
    own_supply,
    receipt_of,
    refused,
    taken,
)
from hub.texts import Language

__all__ = ["SupplyAct", "SupplyAnswer", "SupplyColumn", "SupplyOffer", "SupplySheet"]

Pull: TypeAlias = Callable[[str], object]
"""Runs a pull flow by its name."""

MOST_ACTS = 20
MOST_RECORDS = 50
MOST_SUGGESTIONS = 8
REPEATS_SECONDS = 60
"""For how long the same body is the same; each of these names its own moment."""
LONGEST_CELL = 4_000
LONGEST_NAME = 200


def listed(context: RequestContext) -> list[SupplyOffer]:
    """The flows by which the reader's unit may hand in records."""
    return [
        SupplyOffer(*offer(flow))
        for flow in context.hub.contracts.pulls.values()
        if flow.read.get("template") and may_supply(context, flow)
    ]


def one(context: RequestContext, name: str) -> SupplySheet:
    """One flow with its template; FlowError where the reader may not hand in records by it."""
    flow, template = chosen(context, name)
    with context.hub.database.read() as tx:
        acts = supply.listed(tx, flow.name, most=MOST_ACTS)
        records = _shown(context, flow, supply.own_records(tx, flow, most=MOST_RECORDS))
        landed = supply.cells(tx, [record.landing_id for record in records])
        receipts = [receipt_of(one.position) or 0 for one in landed.values()]
        whence = supply.of_receipts(tx, flow.name, receipts)
    context.saw([record.record_id for record in records])
    return SupplySheet(
        *offer(flow),
        sheet=template.sheet,
        columns=[column_view(column) for column in template.columns],
        may_withdraw=bool(template.withdrawal),
        regions=list(regions_of(context, flow) or ()),
        acts=acts,
        records=[own_supply(one, landed.get(one.landing_id), whence) for one in records],
    )


def blank(context: RequestContext, name: str, *, lang: Language) -> bytes:
    """The empty workbook of a flow."""
    flow, template = chosen(context, name)
    title = flow.entity.title_zh if lang == "zh" else flow.entity.title_en
    return workbook.made(template, title=title, lang=lang)


def cells_of(context: RequestContext, name: str, key: str) -> dict[str, str]:
    """The cells of a record as it was handed in last, to correct; those hidden from the reader
    are left out.
    """
    flow, template = chosen(context, name)
    with context.hub.database.read() as tx:
        found = _shown(context, flow, supply.own_records(tx, flow, key=key, most=1))
        if not found:
            raise FlowError("supply.key_unknown", key=key)
        landed = supply.cells(tx, [found[0].landing_id])
    context.saw([found[0].record_id])
    payload = next((one.payload for one in landed.values()), None)
    cells = exact.read(payload) if payload else {}
    return {
        column.header: paths.plain(cells.get(column.header)) or ""
        for column in template.columns
        if isinstance(cells, dict) and _shows(context, flow, column)
    }


def suggested(context: RequestContext, name: str, text: str) -> list[Suggestion]:
    """Projects that a text may mean, as far as the reader may see them and supply for them."""
    flow, _ = chosen(context, name)
    regions = regions_of(context, flow)
    found = search.found(context, text, most=MOST_SUGGESTIONS)
    if regions is None:
        return found
    return [row for row in found if str(row.values.get("region_code") or "").startswith(regions)]


def upload(
    context: RequestContext, name: str, file: str, content: bytes, *, pull: Pull | None = None
) -> SupplyAnswer:
    """Take a workbook whole as one batch, or nothing of it and every bad cell by its name.

    pull: takes in at once what has been kept; without it the next run of the flow does.

    Raises FlowError where the file is no workbook to be taken at all: supply.macros,
    supply.seen_before, supply.too_big, supply.too_long, supply.empty and those of files.
    """
    flow, template = chosen(context, name)
    file, digest = file.strip()[-LONGEST_NAME:], sha256(content).digest()
    with context.hub.database.read() as tx:
        _refuse_seen(tx, flow, file, digest)
    read = reading.read_workbook(content, template, name=file)
    reading.judged(flow, template, read)
    with context.hub.database.read() as tx:
        judge_regions(tx, context, flow, template, read)
    if read.faults:
        return refused(read)
    if not read.rows:
        raise FlowError("supply.empty", file=file)
    about = {"file": file, "digest": digest, "rows": len(read.rows)}
    receipt = _take(context, flow, "workbook", read.rows, about)
    return taken(receipt, _outcomes(context, flow, receipt, pull), examples=read.examples)


def enter(
    context: RequestContext, name: str, cells: Mapping[str, str], *, pull: Pull | None = None
) -> SupplyAnswer:
    """Take one record by the same columns; under a known key it is a new version."""
    flow, template = chosen(context, name)
    unknown = [header for header in cells if template.column(header) is None]
    if unknown:
        raise FlowError("supply.column_unknown", header=", ".join(unknown)[:LONGEST_NAME])
    if any(len(text) > LONGEST_CELL for text in cells.values()):
        raise FlowError("supply.cell_long", most=LONGEST_CELL)
    said: dict[str, Json] = {
        header: cells.get(header, "").strip() or None for header in template.headers
    }
    read = ReadWorkbook([SuppliedRow("", 0, said)])
    reading.judged(flow, template, read)
    with context.hub.database.read() as tx:
        judge_regions(tx, context, flow, template, read)
    if read.faults:
        return refused(read)
    receipt = _take(context, flow, "entry", read.rows, {})
    return taken(receipt, _outcomes(context, flow, receipt, pull))


def withdraw(
    context: RequestContext, name: str, key: str, *, reason: str, pull: Pull | None = None
) -> SupplyAnswer:
    """Withdraw a record that came by this flow; a reason is needed, and kept."""
    flow, template = chosen(context, name)
    reason = reason.strip()
    if not reason:
        raise FlowError("supply.no_reason")
    if not template.withdrawal:
        raise FlowError("supply.no_withdrawal", flow=flow.name)
    with context.hub.database.read() as tx:
        held = supply.project_codes(tx, flow, [key])
        if key not in held or not is_near(tx, context, flow, held[key]):
            raise FlowError("supply.key_unknown", key=key)
        (record,) = supply.own_records(tx, flow, key=key, most=1)
        landed = supply.cells(tx, [record.landing_id])
    payload = next((one.payload for one in landed.values()), None)
    before = exact.read(payload) if payload else {}
    cells = _withdrawing(template, before if isinstance(before, dict) else {})
    cells[REASON] = reason
    about = {"key": key, "reason": reason}
    receipt = _take(context, flow, "withdrawal", [SuppliedRow("", 0, cells)], about)
    return taken(receipt, _outcomes(context, flow, receipt, pull))


def _outcomes(
    context: RequestContext, flow: PullFlow, receipt: BodyReceipt, pull: Pull | None
) -> dict[str, int]:
    """What became of the records of a receipt, counted by outcome."""
    if pull is None:
        return {inbound_bodies.PENDING: receipt.records}
    verdicts = inbound_bodies.taken_in(context.hub, flow, receipt, pull)
    return dict(Counter(one.outcome for one in verdicts))


def _take(
    context: RequestContext,
    flow: PullFlow,
    kind: SupplyKind,
    some: Sequence[SuppliedRow],
    about: Mapping[str, object],
) -> BodyReceipt:
    """Store rows durably, and who handed them in; gives the receipt."""
    account, digest = context.reader.account, about.get("digest")
    origin: dict[str, Json] = {
        "kind": kind,
        "account": account.name,
        "file": str(about.get("file", "")),
        "sha256": digest.hex() if isinstance(digest, bytes) else "",
    }
    # The time keeps a value that comes back (A, B, A) from being the same body as the first.
    said = [{"at": row.at, "cells": row.cells} for row in some]
    content = exact.write(
        {"origin": origin, "at": datetime.now(UTC).isoformat(), "rows": said},
        option=orjson.OPT_SORT_KEYS,
    )
    inbound_bodies.refuse_secret([flow], [exact.write(row.cells) for row in some])
    key = context.hub.settings.hash_key
    body = NewBody(
        flow.system.name,
        resource_of(flow),
        keyed_hash(content, key),
        content=content,
        charset="utf-8",
        records=len(some),
        source=account.name,
        repeats_seconds=REPEATS_SECONDS,
        origin=origin,
    )
    with context.hub.database.write() as tx:
        (receipt,) = inbound.put(tx, [body])
        whose = {"account": account.name, "department": account.department}
        if supply.add(
            tx, flow.name, kind, **whose, inbound=receipt.receipt, about=about
        ) is None and isinstance(digest, bytes):
            _refuse_seen(tx, flow, str(about.get("file", "")), digest)
    return BodyReceipt(receipt.receipt, receipt.records, receipt.times > 1, receipt.received_at)


def _refuse_seen(tx: Transaction, flow: PullFlow, file: str, digest: bytes) -> None:
    """Refuse a file that was taken before, saying when and by whom."""
    if before := supply.seen(tx, flow.name, digest):
        at = before.at.astimezone(HUB_ZONE).strftime("%Y-%m-%d %H:%M:%S")
        raise FlowError("supply.seen_before", file=file, at=at, by=before.account)


def _withdrawing(template: UploadTemplate, before: Mapping[str, Json]) -> dict[str, Json]:
    """The cells that withdraw a record: its key, and the words of the mapping."""
    cells: dict[str, Json] = {header: before.get(header) for header in template.key}
    for path, said in template.withdrawal.items():
        cells[path] = said[0] if isinstance(said, list) else said
    return cells


def _shown(
    context: RequestContext, flow: PullFlow, records: Sequence[OwnRecord]
) -> list[OwnRecord]:
    """Those of these records that the reader may see."""
    with context.read() as tx:
        seen = supply.shown(tx, flow, [record.record_id for record in records])
    return [record for record in records if record.record_id in seen]


def _shows(context: RequestContext, flow: PullFlow, column: TemplateColumn) -> bool:
    """Whether the reader's grants show a column's field, of some project at least."""
    if context.operating or context.rights.sight(flow.entity.name, column.field) == "shown":
        return True
    return any(
        one.entity == flow.entity.name and column.field.classed in one.classes
        for one in context.rights.limited
    )

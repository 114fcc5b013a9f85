"""新到: what lies ready for a unit without a system, shown to its clerks, who acknowledge it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

import orjson
from openpyxl import Workbook
from openpyxl.styles import Font

from hub import auth, exact
from hub.auth.context import HANDING_IN, RequestContext
from hub.db.database import Transaction
from hub.db.deliveries import handover
from hub.db.deliveries.handover import OpenHandover
from hub.domain import paths
from hub.domain.contracts import Entity, PushFlow
from hub.domain.documents import mapping, texts
from hub.domain.rights import Rights
from hub.domain.times import HUB_ZONE
from hub.errors import FlowError
from hub.model import Json
from hub.services import handovers
from hub.services.handovers import AcknowledgeResult, DeliveryVerdict
from hub.services.view import AnyJson, Title
from hub.texts import Language, tell

__all__ = ["AcknowledgeResult", "DeliveryVerdict"]

OUTBOX = "outbox"
PROJECT = "project"
MOST = 500
ACTIONS = {"upsert": "新增或变更", "withdraw": "撤回|noun"}


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """One delivery that lies ready. key: to acknowledge by. fresh: shown to nobody before.

    action: upsert or withdraw. record: as the mapping shapes it, by the titles of its columns.
    """

    number: int
    key: str
    action: str
    ready_at: datetime
    fresh: bool
    record: dict[str, AnyJson]


@dataclass(frozen=True, slots=True)
class DeliveryTable:
    """The deliveries of one flow. more: whether there are others behind these.

    hidden: how many the reader may not see: of other regions, or with fields beyond his grants.
    """

    flow: str
    title: Title
    system: Title
    columns: list[str]
    deliveries: list[NewDelivery]
    hidden: int
    more: bool


def listed(context: RequestContext) -> list[DeliveryTable]:
    """What lies ready for the reader's unit; noted as handed over before it is shown."""
    return [_table(context, flow) for flow in _flows(context)]


def exported(context: RequestContext, name: str, *, lang: Language) -> bytes:
    """The deliveries of one flow as a workbook."""
    table = _table(context, _chosen(context, name))
    book = Workbook()
    sheet = book.active
    sheet.title = table.flow.rpartition(".")[2][:31]
    titles = [tell("到达时间", lang), tell("动作|delivery", lang), *table.columns]
    for column, title in enumerate(titles, 1):
        exact.put_text(sheet.cell(1, column), title)
        sheet.cell(1, column).font = Font(bold=True)
    for row, one in enumerate(table.deliveries, 2):
        at = one.ready_at.astimezone(HUB_ZONE).strftime("%Y-%m-%d %H:%M:%S")
        said = [at, tell(ACTIONS[one.action], lang), *cells(table, one)]
        for column, text in enumerate(said, 1):
            exact.put_text(sheet.cell(row, column), text)
    sheet.freeze_panes = "A2"
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def acknowledge(
    context: RequestContext, name: str, verdicts: Sequence[DeliveryVerdict]
) -> AcknowledgeResult:
    """已阅: the clerk's verdict on each of these; a refusal needs words.

    FlowError (call.never_handed) for what he was never shown.
    """
    flow = _chosen(context, name)
    if any(not one.accepted and not one.text.strip() for one in verdicts):
        raise FlowError("supply.no_words")
    with context.hub.database.read() as tx:
        open_ = handover.still_open(tx, flow.name, after=0, most=MOST)
        seen = {one.key for one in _visible(tx, context, flow, open_)}
    if beyond := [one.key for one in verdicts if one.key in {two.key for two in open_} - seen]:
        raise FlowError("call.never_handed", key=beyond[0])
    return handovers.acknowledged(context, flow, verdicts)


def cells(table: DeliveryTable, one: NewDelivery) -> list[str]:
    """A delivery's values as texts, in the order of the table's columns."""
    return [_text(one.record.get(column)) for column in table.columns]


def _text(value: Json) -> str:
    if isinstance(value, list):
        return "、".join(map(_text, value))
    if isinstance(value, dict):
        return exact.write(value).decode()
    return paths.plain(value) or ""


def _table(context: RequestContext, flow: PushFlow) -> DeliveryTable:
    with context.hub.database.write() as tx:
        found = handover.still_open(tx, flow.name, after=0, most=MOST + 1)
        given = found[:MOST]
        shown = _visible(tx, context, flow, given)
        handover.hand(tx, [one.number for one in shown], to=context.by)
    context.saw([one.record_id for one in shown])
    entity, system = flow.entity, flow.system
    rows = [
        NewDelivery(
            one.number,
            one.key,
            one.action,
            one.ready_at,
            one.handed_at is None,
            record=dict(one.body),
        )
        for one in shown
    ]
    return DeliveryTable(
        flow.name,
        Title(entity.title_zh, entity.title_en),
        Title(system.title_zh, system.title_en),
        [name for name in flow.shaper.fields if name not in _withdrawing(flow)],
        rows,
        len(given) - len(shown),
        len(found) > MOST,
    )


def _flows(context: RequestContext) -> Iterator[PushFlow]:
    for flow in context.hub.contracts.pushes.values():
        if _may_read(context, flow):
            yield flow


def _chosen(context: RequestContext, name: str) -> PushFlow:
    flow = context.hub.contracts.pushes.get(name)
    if flow is None or not _may_read(context, flow):
        raise FlowError("supply.not_yours", flow=name, account=context.by)
    return flow


def _may_read(context: RequestContext, flow: PushFlow) -> bool:
    """Whether a flow's deliveries are for the reader: of his unit, and with a grant on the entity.

    A body made of a form is not shown here: it holds what another account may see.
    """
    if flow.connector != OUTBOX or flow.form is not None:
        return False
    if context.operating:
        return True
    account, system = context.reader.account, flow.system
    of_unit = account.department in {system.department_zh, system.department_en} - {""}
    granted = context.rights.may_see(flow.entity.name)
    return account.role in HANDING_IN and of_unit and granted


def _visible(
    tx: Transaction, context: RequestContext, flow: PushFlow, some: Sequence[OpenHandover]
) -> list[OpenHandover]:
    """Those of which the reader's grants show every field that their body is made of."""
    if context.operating:
        return list(some)
    needed = _needed(flow, context.hub.contracts.entities)
    codes = handover.project_codes(tx, flow.entity, [one.record_id for one in some])
    rights: dict[str, Rights] = {}
    shown = []
    for one in some:
        code = codes.get(one.record_id) or ""
        if code not in rights:
            rights[code] = auth.rights_on(tx, context.reader, code)
        sights = (rights[code].sight(entity.name, entity.fields[name]) for entity, name in needed)
        if all(sight == "shown" for sight in sights):
            shown.append(one)
    return shown


def _needed(flow: PushFlow, entities: Mapping[str, Entity]) -> list[tuple[Entity, str]]:
    """The fields of the record and of its project that a body is made of."""
    needed = [(flow.entity, name) for name in flow.pushed]
    rules = mapping(mapping(mapping(orjson.loads(flow.text))["mapping"])["fields"])
    for rule in rules.values():
        for path in texts(mapping(rule).get("from")):
            first, *rest = paths.steps(path)
            if first == PROJECT and rest and str(rest[0]) in entities[PROJECT].fields:
                needed.append((entities[PROJECT], str(rest[0])))
    return needed


def _withdrawing(flow: PushFlow) -> frozenset[str]:
    """The columns that only say whether a record is withdrawn: the page has its own."""
    return frozenset(mapping(flow.write.get("withdraw")))

"""Who may hand in records by which flow, and of which regions."""

from hub.auth.context import HANDING_IN, RequestContext
from hub.db import supply
from hub.db.access import accounts
from hub.db.database import Transaction
from hub.domain.contracts import PullFlow
from hub.domain.templates import UploadTemplate, template_of
from hub.errors import Fault, FlowError
from hub.services.supply.reading import FaultyCell, ReadWorkbook


def chosen(context: RequestContext, name: str) -> tuple[PullFlow, UploadTemplate]:
    """A flow with its template; FlowError where the reader's unit may not hand in by it.

    A flow of another unit and one that does not exist are told alike.
    """
    contracts = context.hub.contracts
    flow = contracts.pulls.get(name)
    template = template_of(flow) if flow else None
    if flow is None or template is None or not may_supply(context, flow):
        raise FlowError("supply.not_yours", flow=name, account=context.by)
    if name in contracts.disabled:
        raise FlowError("flow.disabled", flow=name, **contracts.disabled[name][0].explained)
    return flow, template


def may_supply(context: RequestContext, flow: PullFlow) -> bool:
    """Whether the reader is of the flow's unit and holds a grant on what it brings."""
    if context.operating:
        return True
    account, system = context.reader.account, flow.system
    of_unit = account.department in {system.department_zh, system.department_en} - {""}
    granted = context.rights.may_see(flow.entity.name)
    return account.role in HANDING_IN and of_unit and granted


def regions_of(context: RequestContext, flow: PullFlow) -> tuple[str, ...] | None:
    """Leading digits of the regions that the reader's grants on the entity reach; None for all."""
    if context.operating or context.rights.sees(flow.entity.name):
        return None
    limits = [one for one in context.rights.limited if one.entity == flow.entity.name]
    if any(not one.regions for one in limits):
        return None
    return tuple(sorted({region for one in limits for region in one.regions}))


def is_near(tx: Transaction, context: RequestContext, flow: PullFlow, code: str | None) -> bool:
    """Whether a project lies in the reader's regions; one that is not named lies in none."""
    regions = regions_of(context, flow)
    if regions is None:
        return True
    ground = accounts.ground(tx, code, department="") if code else None
    return ground is not None and ground.region.startswith(regions)


def judge_regions(
    tx: Transaction,
    context: RequestContext,
    flow: PullFlow,
    template: UploadTemplate,
    read: ReadWorkbook,
) -> None:
    """Name the rows of projects outside the reader's regions, as written and as they stand."""
    if regions_of(context, flow) is None:
        return
    header = next((one.header for one in template.columns if one.names_project), "")
    mapped = [(row, flow.mapper.map(row.cells)) for row in read.rows]
    before = supply.project_codes(tx, flow, [one.key for _, one in mapped if one.key])
    known: dict[str | None, bool] = {}
    for row, one in mapped:
        said = one.values.get("project_code")
        codes = [str(said) if said else None, *([before[one.key]] if one.key in before else [])]
        for code in codes:
            if code not in known:
                known[code] = is_near(tx, context, flow, code)
        far = [code for code in codes if not known[code]]
        if far:
            fault = Fault("", "supply.region", {"code": far[0] or "—"})
            read.faults.append(FaultyCell(read.place(header, row.number), header, fault))

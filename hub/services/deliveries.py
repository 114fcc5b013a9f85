"""Delivery states: how each record stands with each target, the reason, and what would change it.

The reason is what the push stored with its last decision; a record that has changed since is due
again. Field values are read from the record of now, as far as the reader may see them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.auth.context import RequestContext
from hub.db import records
from hub.db.database import Transaction
from hub.db.deliveries import standing
from hub.db.deliveries.standing import GroupRow, StandingRow
from hub.db.records import projects
from hub.db.records.projects import Known
from hub.db.rows import fault_of
from hub.db.runs import reading
from hub.db.runs.reading import LastRun
from hub.domain import push_reasons
from hub.domain.contracts import Contracts, Entity, PushFlow
from hub.domain.delivery_states import IN_FLIGHT
from hub.domain.push_reasons import PROJECT, Among, ShownValues, facts_of, parent_flow
from hub.domain.rights import Rights
from hub.domain.value_text import value_words
from hub.errors import Fault, FlowError
from hub.model import Record
from hub.services.view import in_words
from hub.texts import Words, both, say

STOPPABLE = frozenset({"due", "blocked"})
"""States that wait for a run, which does not start while the flow is disabled."""

UNCERTAIN, DECIDED = "delivery.uncertain", "delivery.decided"
"""Reasons after a restoration: a person is to decide; has decided, and the next push acts on it."""

VALUES_SHOWN = 5
"""How many different values are named in a group; the rest are counted together."""


@dataclass(frozen=True, slots=True)
class DeliveryReason:
    """A reason in words with its cure. field: the shared field that caused it, if one did."""

    code: str
    field: str | None
    zh: str
    en: str
    cure_zh: str
    cure_en: str


@dataclass(frozen=True, slots=True)
class DeliveryStanding:
    """The delivery of a record to one target; state "not_subscribed": no flow leads there."""

    flow: str
    system: str
    record_id: int
    state: str
    why: DeliveryReason
    action: str | None = None
    golden_version: int | None = None
    attempt: int = 0
    due: datetime | None = None
    confirmed_at: datetime | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Records of one flow in the same state for the same reason. example: id of the first."""

    state: str
    why: DeliveryReason
    values: tuple[Among, ...]
    records: int
    example: int


@dataclass(frozen=True, slots=True)
class FlowDeliveries:
    """All deliveries of a flow in groups, of which `records` is the sum."""

    flow: str
    records: int
    states: Mapping[str, int]
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class _Context:
    """What reasons are worded with: values of records and projects, and projects' deliveries."""

    contracts: Contracts
    rights: Rights
    values: Mapping[int, Record]
    projects: Mapping[str, Record]
    parents: Mapping[str, Mapping[str, str]]
    last: Mapping[str, LastRun]


def listed(context: RequestContext, flow: str | None = None) -> list[FlowDeliveries]:
    """Deliveries of a flow grouped by reason, with the commonest values of the field behind it.

    Without a flow: the same for every flow that delivers or has delivered.
    """
    contracts = context.hub.contracts
    with context.hub.database.read() as tx:
        if flow is not None:
            return [_of_flow(tx, contracts, flow, rights=context.rights)]
        gone = standing.flows(tx) | {
            name for name in contracts.disabled if name.startswith("push.")
        }
        names = [*contracts.pushes, *sorted(gone - contracts.pushes.keys())]
        return [_of_flow(tx, contracts, name, rights=context.rights) for name in names]


def record(context: RequestContext, named: str) -> list[DeliveryStanding]:
    """The deliveries of one record (its id, or entity:key) to every target, subscribed or not."""
    contracts, rights = context.hub.contracts, context.rights
    with context.hub.database.read() as tx:
        found = projects.find(tx, named)
        entity = contracts.entities.get(found[1]) if found else None
        known = projects.known(tx, entity, found[0]) if found and entity else None
        if known is None or entity is None or not rights.sees(entity.name):
            raise FlowError("ask.record_unknown", record=named)
        stand = of_records(tx, contracts, [known], rights=rights)
    context.saw([known.record_id], project_code=str(known.values.get("project_code") or "") or None)
    subscribed = {flow.system.name for flow in contracts.pushes_of(entity.name)}
    silent = [
        _not_subscribed(contracts, known, entity, system)
        for system in contracts.systems
        if system not in subscribed
    ]
    return [*stand, *silent]


def of_records(
    tx: Transaction, contracts: Contracts, known: Sequence[Known], *, rights: Rights
) -> list[DeliveryStanding]:
    """The deliveries of records, as their reader is shown them, to every subscribed target."""
    rows = standing.of_records(tx, [row.record_id for row in known])
    context = _context(tx, contracts, known, rows, rights=rights)
    told = [_standing(context, row) for row in rows]
    looked_at = {(row.flow, row.record_id) for row in rows}
    for row in known:
        for flow in () if row.deleted else contracts.pushes_of(row.entity):
            if (flow.name, row.record_id) not in looked_at:
                stopped = push_reasons.disabled(contracts, flow.name)
                why = _reason(stopped or Fault("", "delivery.not_marked", {"flow": flow.name}))
                state = "blocked" if stopped else "due"
                told.append(
                    DeliveryStanding(flow.name, flow.system.name, row.record_id, state, why)
                )
    return told


def _of_flow(tx: Transaction, contracts: Contracts, flow: str, *, rights: Rights) -> FlowDeliveries:
    rows = standing.groups(tx, flow)
    if not rows and flow not in contracts.pushes and flow not in contracts.disabled:
        raise FlowError("flow.unknown", flow=flow)
    last = reading.last_runs(tx, [flow])
    groups = tuple(_group(tx, contracts, flow, row, rights=rights, last=last) for row in rows)
    states: dict[str, int] = {}
    for group in groups:
        states[group.state] = states.get(group.state, 0) + group.records
    return FlowDeliveries(flow, sum(states.values()), states, groups)


def _context(
    tx: Transaction,
    contracts: Contracts,
    known: Sequence[Known],
    rows: Sequence[StandingRow],
    *,
    rights: Rights,
) -> _Context:
    codes = sorted(
        {str(row.values["project_code"]) for row in known if row.values.get("project_code")}
    )
    entity = contracts.entities.get(PROJECT)
    of_projects = records.golden_of_projects(tx, entity, codes).values() if entity and codes else ()
    blocked = [
        contracts.pushes[row.flow]
        for row in rows
        if row.state == "blocked" and row.flow in contracts.pushes
    ]
    return _Context(
        contracts,
        rights,
        values={row.record_id: row.values for row in known},
        projects={str(row.values["project_code"]): row.values for row in of_projects},
        parents={
            name: _parents(tx, name, codes) for name in {parent_flow(flow) for flow in blocked}
        },
        last=reading.last_runs(tx, {row.flow for row in rows if row.state == "due"}),
    )


def _parents(tx: Transaction, flow: str, codes: Sequence[str]) -> dict[str, str]:
    """Delivery states by project code in the flow that has to deliver the project first."""
    by_code = standing.parents(tx, flow, codes)
    states = {
        row.record_id: row.state
        for row in standing.of_records(tx, by_code.values())
        if row.flow == flow
    }
    return {code: states[record] for code, record in by_code.items() if record in states}


def _standing(context: _Context, row: StandingRow) -> DeliveryStanding:
    flow = context.contracts.pushes.get(row.flow)
    stopped = push_reasons.disabled(context.contracts, row.flow) if row.state in STOPPABLE else None
    return DeliveryStanding(
        row.flow,
        flow.system.name if flow else row.flow.split(".")[1],
        row.record_id,
        "blocked" if stopped else row.state,
        _reason(stopped or _why(context, flow, row)),
        action=row.action,
        golden_version=row.golden_version,
        attempt=row.attempt,
        due=row.held_until
        if row.state == "sending"
        else row.due
        if row.state in IN_FLIGHT
        else None,
        confirmed_at=row.confirmed_at,
        reference=row.reference,
    )


def _why(context: _Context, flow: PushFlow | None, row: StandingRow) -> Fault:
    """The reason for one record, with all its facts."""
    if flow is None:
        return Fault("", "delivery.flow_gone", {"flow": row.flow})
    values = context.values.get(row.record_id, {})
    code, note = str(values.get("project_code") or ""), fault_of(row.note) if row.note else None
    if row.state == "withheld" and note:
        seen = ShownValues(values, context.projects.get(code), context.rights)
        return push_reasons.withheld(context.contracts, flow, note, seen)
    if note and note.code in {UNCERTAIN, DECIDED}:
        return note
    if row.state == "blocked" and code:
        state = context.parents.get(parent_flow(flow), {}).get(code, "due")
        return push_reasons.blocked(
            context.contracts, flow, code=code, stands=both(f"{state}|word")
        )
    if note and (row.state in {"rejected", "dead"} or note.code == "delivery.verdict_unclear"):
        return note
    return _common(
        context.contracts, flow, _Alike(row.state, row.action, row.echoed, not code), context.last
    )


@dataclass(frozen=True, slots=True)
class _Alike:
    """What a group of records has in common."""

    state: str
    action: str | None
    echoed: bool
    codeless: bool


def _common(
    contracts: Contracts, flow: PushFlow, alike: _Alike, last: Mapping[str, LastRun]
) -> Fault:
    """A reason that names no record."""
    if alike.state == "blocked":
        return push_reasons.blocked_somewhere(contracts, flow, codeless=alike.codeless)
    if alike.state == "due":
        facts = {"flow": flow.name} | facts_of({"last": _last(last.get(flow.name))})
        return Fault("", "delivery.due", facts)
    if alike.echoed and alike.state == "unchanged":
        return push_reasons.echo(flow)
    state = "withdrawn" if (alike.state, alike.action) == ("confirmed", "withdraw") else alike.state
    return Fault("", f"delivery.{state}", {})


def _group(
    tx: Transaction,
    contracts: Contracts,
    flow: str,
    row: GroupRow,
    *,
    rights: Rights,
    last: Mapping[str, LastRun],
) -> Group:
    push = contracts.pushes.get(flow)
    values: tuple[Among, ...] = ()
    stopped = push_reasons.disabled(contracts, flow) if row.state in STOPPABLE else None
    if stopped is not None:
        return Group("blocked", _reason(stopped), values, row.records, row.example)
    if push is None:
        why = Fault("", "delivery.flow_gone", {"flow": flow})
    elif row.state == "withheld" and row.code:
        values = _values(tx, contracts, push, row, rights=rights)
        why = push_reasons.withheld_group(contracts, push, row.code, row.field or "", values)
    elif row.code in {UNCERTAIN, DECIDED}:
        why = Fault("", row.code, {})
    elif row.code and row.state in {"rejected", "dead"}:
        why = Fault("", "delivery.unsent", {})
    elif row.state == "rejected":
        why = Fault("", "delivery.rejected", {"text": row.said or "—"})
    else:
        why = _common(
            contracts, push, _Alike(row.state, row.action, row.echoed, row.codeless), last
        )
    return Group(row.state, _reason(why), values, row.records, row.example)


def _values(
    tx: Transaction, contracts: Contracts, flow: PushFlow, row: GroupRow, *, rights: Rights
) -> tuple[Among, ...]:
    """The commonest values that withhold a group's records; none if the reader may not see them."""
    at = push_reasons.path_target(contracts, flow, row.field or "")
    if at.entity is None or at.field is None or rights.sight(at.entity.name, at.field) != "shown":
        return ()
    path = (PROJECT, at.field.name) if at.of_project else (at.field.name,)
    found = standing.values(
        tx, flow.name, row, entity=flow.entity, path=path, most=VALUES_SHOWN + 1
    )
    told = [
        Among(*value_words(contracts, at.field, value), records=count)
        for value, count in found[:VALUES_SHOWN]
    ]
    others = row.records - sum(one.records for one in told)
    return (*told, *([Among(*both("其他|values"), others)] if others else ()))


def _last(run: LastRun | None) -> Words:
    """How the flow's last run ended, which is why deliveries are still due."""
    if run is None:
        return both("；该流程还没有运行过")
    if run.fault is None:
        return both("（运行 #{run} 正在进行）", run=run.id) if run.state == "running" else ("", "")
    zh, en = (say(run.fault.code, run.fault.facts, lang) for lang in ("zh", "en"))
    return both(
        "；运行 #{run} 未完成：{why_zh}",
        run=run.id,
        why_zh=zh.removesuffix("。"),
        why_en=en.removesuffix("."),
    )


def _reason(fault: Fault) -> DeliveryReason:
    return DeliveryReason(
        fault.code,
        fault.facts.get("field"),
        **in_words(fault.code, fault.facts),
    )


def _not_subscribed(
    contracts: Contracts, known: Known, entity: Entity, system: str
) -> DeliveryStanding:
    titled = contracts.systems[system]
    facts = facts_of(
        {"system": (titled.title_zh, titled.title_en), "entity": (entity.title_zh, entity.title_en)}
    ) | {"entity": entity.name}
    return DeliveryStanding(
        "",
        system,
        known.record_id,
        "not_subscribed",
        _reason(Fault("", "delivery.not_subscribed", facts)),
    )

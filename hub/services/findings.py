"""Findings: what is remarkable in accepted records but no error, exactly or by recent runs."""

from dataclasses import dataclass
from datetime import datetime

from hub.auth.context import RequestContext
from hub.db.records.findings import current_findings
from hub.db.runs import reading
from hub.domain.failure_grouping import without_values
from hub.errors import Fault
from hub.services import failures
from hub.services.failures import seen_fault
from hub.services.view import in_words

LIST_UNREAD = "record.list_unread"


@dataclass(frozen=True, slots=True)
class PayloadFinding:
    """One finding of current records: its place in the payload, how many, an example, in words."""

    flow: str
    code: str
    pointer: str
    times: int
    example: str
    zh: str
    en: str
    cure_zh: str
    cure_en: str


@dataclass(frozen=True, slots=True)
class Noted:
    """One finding of a flow's recent runs: in how many records, and in which run last."""

    flow: str
    code: str
    place: str
    times: int
    run_id: int
    last_at: datetime


def listed(context: RequestContext, *, flow: str | None = None) -> list[PayloadFinding]:
    """Findings in all current payloads of every flow, or of one. Reads every payload: slow."""
    contracts, whole = context.hub.contracts, context.sees_payloads
    sights = {name: failures.sight_in(contracts, name, context.masking) for name in contracts.pulls}
    with context.hub.database.read() as tx:
        return [
            _finding(
                name,
                seen_fault(fault, sights[name]) if whole else without_values(fault),
                times,
                example,
            )
            for entity in contracts.entities.values()
            for flows in [
                [one.name for one in contracts.fed_by(entity.name) if flow in {None, one.name}]
            ]
            if flows
            for name, fault, times, example in current_findings(tx, entity, flows)
        ]


def _finding(flow: str, fault: Fault, times: int, example: str) -> PayloadFinding:
    words = in_words(fault.code, fault.facts)
    return PayloadFinding(flow, fault.code, fault.pointer, times, example, **words)


def noted(context: RequestContext, *, flow: str | None = None) -> list[Noted]:
    """Findings of recent runs: lists that no mapping reads first, then the most frequent."""
    with context.hub.database.read() as tx:
        rows = [
            Noted(row.flow, *_parted(row.cause), row.times, row.run_id, row.last_at)
            for row in reading.notes(tx, days=context.hub.settings.notes_days, flow=flow)
        ]
    return sorted(rows, key=lambda one: (one.code != LIST_UNREAD, -one.times, one.flow))


def _parted(cause: str) -> tuple[str, str]:
    code, _, place = cause.partition(" ")
    return code, place

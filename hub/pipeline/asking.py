"""Asks a source key by key: new keys first, then the stalest, within the day's quota.

Every question tells the partner that a case here concerns that key: it is written to the access log
with its purpose, and counted, before it is put.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from hub.contract import AskedByKey, Connector
from hub.db import asked
from hub.db.access import accounts
from hub.db.access.accounts import AccessEntry
from hub.db.asked import DueKey
from hub.db.database import Database
from hub.domain.contracts import AskRules, Contracts, PullFlow
from hub.errors import FlowError, HubError
from hub.model import KeyAnswer, Page
from hub.pipeline import connector_boundary
from hub.settings import Settings

PORTION = 20
SPENT = "ask.spent"

log = logging.getLogger(__name__)


def pages(
    database: Database,
    contracts: Contracts,
    flow: PullFlow,
    rules: AskRules,
    *,
    connector: Connector,
    settings: Settings,
) -> Iterator[Page]:
    """A page for each portion of answers, then an empty last one.

    FlowError (ask.spent) after the pages of what was answered, where the quota is spent; two
    answers in a row that cannot be read are no fault of their keys and end the run too.
    """
    if not isinstance(connector, AskedByKey):
        raise FlowError("contract.ask_unable", connector=flow.connector)
    day = datetime.now(ZoneInfo(flow.system.timezone)).date()
    due = _due(database, contracts, flow, rules, day)
    for start in range(0, len(due), PORTION):
        some = due[start : start + PORTION]
        _disclose(database, flow, rules, some, day)
        found, stopped = _answers(flow, connector, settings, [one.key for one in some])
        if found:
            records = tuple(raw for one in found for raw in one.records)
            yield Page(
                records, len(records), resume=None, high=None, last=False, asked=tuple(found)
            )
        if stopped is not None:
            if stopped.code == SPENT:
                with database.write() as tx:
                    asked.spend(tx, flow.name, day)
            raise stopped
    yield Page((), 0, resume=None, high=None, last=True)


def _due(
    database: Database, contracts: Contracts, flow: PullFlow, rules: AskRules, day: date
) -> Sequence[DueKey]:
    """The keys of this run; none once today's quota is spent."""
    with database.read() as tx:
        so_far = asked.today(tx, flow.name, day)
        left = rules.per_run
        if rules.per_day is not None:
            left = min(left, max(0, rules.per_day - so_far.asked))
        if so_far.spent or not left:
            log.info("quota of the day is spent", extra={"flow": flow.name, "asked": so_far.asked})
            return ()
        return asked.due(tx, flow.name, rules, contracts.entities[rules.entity], most=left)


def _disclose(
    database: Database, flow: PullFlow, rules: AskRules, some: Sequence[DueKey], day: date
) -> None:
    """Note these questions before they are put, each with the records that it tells of."""
    purpose = " ".join(filter(None, (rules.purpose, rules.basis)))
    route = f"ASK {flow.system.name}"
    with database.write() as tx:
        asked.count(tx, flow.name, day, len(some))
        accounts.write_reads(
            tx,
            [AccessEntry(flow.name, route, purpose, record_ids=one.record_ids) for one in some],
        )


def _answers(
    flow: PullFlow, connector: AskedByKey, settings: Settings, keys: Sequence[str]
) -> tuple[list[KeyAnswer], HubError | None]:
    """What was answered, and what ended the asking before its time."""
    found: list[KeyAnswer] = []
    try:
        for one in connector_boundary.answers(connector, flow, settings, keys):
            again = bool(found) and found[-1].state == "failed"
            found.append(one)
            if again and one.fault is not None:
                return found, FlowError(one.fault.code, **one.fault.facts)
    except HubError as error:
        return found, error
    return found, None

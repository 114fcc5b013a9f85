"""Alerts: runs, quarantine, freshness, sealing ... -> one alert a cause -> HUB_ALERT_URLS.

An alert is repeated no sooner than after HUB_ALERT_AGAIN_SECONDS.
"""

import logging
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Literal

from hub.auth.context import ADMINISTERING, RequestContext
from hub.db import alerts, disputes, recalls, restorations, vitals
from hub.db import facts as computed
from hub.db.access import applications
from hub.db.alerts import Alert, AlertFinding
from hub.db.database import Database, Transaction
from hub.db.landing import shapes
from hub.db.ledger import verifications
from hub.db.reconciliation import differences
from hub.db.runs import held, reading
from hub.db.runs.held import HeldFlow
from hub.domain.contracts import Contracts
from hub.domain.payload import keyed_hash
from hub.domain.times import HUB_ZONE
from hub.errors import ClosedError, Fault, FlowError, HubError
from hub.pipeline.facts import kept_from
from hub.services import failures, machine_health, notify, witness_alerts
from hub.services.failures import FaultText
from hub.services.obstacles import standing
from hub.settings import Settings
from hub.texts import bilingual, cure, say

log = logging.getLogger(__name__)

CLOCKS_LATE = timedelta(hours=1)
"""Every run and every upkeep computes the clocks of what has changed: what waits longer fails."""
LANGUAGES: tuple[Literal["zh"], Literal["en"]] = ("zh", "en")


@dataclass(frozen=True, slots=True)
class AlertRound:
    """Counts of one round: open causes, alerts sent, alerts that no address took."""

    open: int
    told: int
    failed: int


@dataclass(frozen=True, slots=True)
class AlertView:
    """One cause of an alert; told_at: None until it has been sent."""

    cause: str
    told: FaultText
    times: int
    first_at: datetime
    last_at: datetime
    told_at: datetime | None
    closed_at: datetime | None


def listed(context: RequestContext, *, closed: bool = False) -> list[AlertView]:
    """Open alerts, the oldest first; closed ones after them if wanted."""
    with context.hub.database.read() as tx:
        rows = alerts.alerts(tx, closed=closed)
    return [
        AlertView(
            row.cause,
            failures.fault_text(Fault("", row.code, row.facts)),
            row.times,
            row.first_at,
            row.last_at,
            row.told_at,
            row.closed_at,
        )
        for row in rows
    ]


def watch(database: Database, contracts: Contracts, settings: Settings) -> AlertRound:
    """Find all causes, keep one alert for each, and send those that are due."""
    with database.write() as tx:
        count = alerts.meet(tx, list(findings(tx, contracts, settings)))
        due = (
            alerts.hold_due(tx, again_seconds=settings.alert_again_seconds)
            if settings.alert_urls
            else []
        )
    done, hung = 0, set[int]()
    for alert in due:
        # No transaction is open while messages are sent. A crash in between lets the hold (lease)
        # expire, and the alert is sent then: at least once.
        if send_alert(settings, Fault("", alert.code, alert.facts), footing(alert), hung=hung):
            done += 1
            with database.write() as tx:
                alerts.told(tx, alert.cause)
    return AlertRound(count, done, len(due) - done)


def findings(tx: Transaction, contracts: Contracts, settings: Settings) -> Iterator[AlertFinding]:
    """Everything that should raise an alert now."""
    now = datetime.now(UTC)
    yield from _machine(tx, settings, now)
    for one in standing(tx, contracts):
        yield AlertFinding(one.cause, one.fault, one.times, now)
    failing = alerts.failing(tx)
    closed = {run.flow for run in failing if _is_closed(run.fault, now)}
    for run in failing:
        if run.fault.code == "flow.disabled" or run.flow in closed:
            continue  # the contract file has an alert of its own; whoever keeps hours opens again
        facts = {**run.fault.facts, "flow": run.flow, "kind": run.kind}
        cause = f"run {run.flow} {run.kind} {run.fault.code}"
        yield AlertFinding(cause, Fault("", run.fault.code, facts), run.times, run.last_at)
    yield from _shapes(tx, settings)
    for group in reading.causes(tx):
        zh, en = failures.meaning(group.cause)
        facts = {
            "flow": group.flow,
            "entries": str(group.entries),
            "cause": group.cause,
            "owner": group.owner,
        }
        facts |= {"cause_zh": zh, "cause_en": en}
        fault = Fault("", "alert.quarantine", facts)
        # The name of an alert is sealed for good, and a partner's words may have to be erased.
        words = keyed_hash(group.cause.encode(), settings.hash_key).hex()[:16]
        named = group.cause if group.stage == "intake" else f"{group.cause.split()[0]} {words}"
        # Deliveries are named by a keyed hash of their cause.
        yield AlertFinding(f"quarantine {group.flow} {named}", fault, group.entries, group.last_at)
    for flow, seconds in alerts.silence(tx, list(contracts.pulls)).items():
        target = contracts.pulls[flow].freshness_seconds
        if seconds > target and flow not in closed:
            facts = {"flow": flow, "minutes": str(int(seconds // 60)), "target": str(target // 60)}
            yield AlertFinding(f"stale {flow}", Fault("", "alert.stale", facts), 1, now)
    yield from _restored(tx, contracts, now)
    yield from witness_alerts.findings(tx, settings, now)
    for flow, kind, count, last_at in differences.staying(tx):
        facts = {"flow": flow, "class": kind, "count": str(count)}
        yield AlertFinding(
            f"difference {flow} {kind}", Fault("", "alert.difference", facts), count, last_at
        )
    yield from _overdue(tx, settings, now)
    yield from _verified(tx, settings, now)
    yield from _clocks(tx, contracts, now)
    yield from _unanswered(tx, now)
    for late in reading.late(tx, hours=settings.waiting_hours):
        hours = f"{settings.waiting_hours:g}"
        facts = {
            "flow": late.flow,
            "entries": str(late.entries),
            "hours": hours,
            "asked": str(late.asked),
        }
        yield AlertFinding(
            f"waiting {late.flow}", Fault("", "alert.waiting", facts), late.entries, now
        )
    yield from _lapsing(tx, settings)


def _is_closed(fault: Fault, now: datetime) -> bool:
    """Whether a flow's system said that it keeps hours and has not opened yet."""
    opens = fault.facts.get("opens") if fault.code == ClosedError.default else None
    return opens is not None and now < datetime.fromisoformat(opens)


def _machine(tx: Transaction, settings: Settings, now: datetime) -> Iterator[AlertFinding]:
    """Shortages of this machine and the database, and a sealer that lags behind."""
    says = vitals.of(tx)
    shorts = [
        *machine_health.disks(settings.health),
        *machine_health.connections(says, settings.health),
        *machine_health.clock(says, settings.health),
        *machine_health.sealing(says, settings),
    ]
    for short in shorts:
        yield AlertFinding(f"{short.about} {short.place}".rstrip(), short.fault, 1, now)


def without_database(settings: Settings, error: HubError) -> bool:
    """Send an alert that the database is unreachable; whether one was sent now.

    The database cannot keep this alert: a file in the temporary folder keeps when it was last sent,
    so that it is repeated after HUB_ALERT_AGAIN_SECONDS.
    """
    if not settings.alert_urls or not error.code.startswith("database."):
        return False
    note = Path(tempfile.gettempdir(), f"onecode-told-{os.getuid()}-{error.code}")
    with suppress(OSError):
        known = note.lstat()
        if (
            known.st_uid == os.getuid()
            and time.time() - known.st_mtime < settings.alert_again_seconds
        ):
            return False
    if not send_alert(settings, Fault("", error.code, error.facts), ""):
        return False
    # At least once: an alert that is sent twice is better than none.
    with suppress(OSError):
        os.close(os.open(note, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600))
        os.utime(note, follow_symlinks=False)
    return True


def _restored(tx: Transaction, contracts: Contracts, now: datetime) -> Iterator[AlertFinding]:
    """Targets still being compared since a restoration, and deliveries left to a person."""
    recovering = [flow for flow in contracts.pushes if restorations.recovers(tx, flow)]
    for one in restorations.listed(tx, most=1) if recovering else ():
        facts = {"by": one.by, "reason": one.reason, "flows": str(len(recovering))}
        yield AlertFinding(f"restored {one.id}", Fault("", "alert.restored", facts), 1, one.at)
    for flow, count, _ in restorations.told(tx):
        yield AlertFinding(
            f"uncertain {flow}",
            Fault("", "alert.uncertain", {"flow": flow, "count": str(count)}),
            count,
            now,
        )


def _verified(tx: Transaction, settings: Settings, now: datetime) -> Iterator[AlertFinding]:
    """Rows that the last full verification found wrong, and a verification that is overdue."""
    last = verifications.last_whole(tx)
    if last is None:
        return
    if last.wrong:
        tables = ", ".join(f"{name} {count}" for name, count in sorted(last.by_table.items()))
        facts = {"verification": str(last.id), "wrong": str(last.wrong), "tables": tables}
        yield AlertFinding(
            "verification", Fault("", "alert.verification", facts), last.wrong, last.started_at
        )
    days = (now - last.started_at).days
    if days > settings.verify_days:
        facts = {"days": str(days), "target": str(settings.verify_days)}
        yield AlertFinding("verification late", Fault("", "alert.verification_old", facts), 1, now)


def _clocks(tx: Transaction, contracts: Contracts, now: datetime) -> Iterator[AlertFinding]:
    """Projects that changed long ago and have had no clocks computed since; and what keeps clocks
    from going by the files as they are.
    """
    if (why := kept_from(tx, contracts)) is not None:
        yield AlertFinding("clocks kept", why, 1, now)
    count, since = computed.waiting(tx, before=now - CLOCKS_LATE)
    if since is not None:
        facts = {"count": str(count), "since": f"{since.astimezone(HUB_ZONE):%Y-%m-%d %H:%M}"}
        yield AlertFinding("clocks", Fault("", "alert.clocks", facts), count, since)


def _shapes(tx: Transaction, settings: Settings) -> Iterator[AlertFinding]:
    """Held batches, and changes of a source's shape that held nothing."""
    for flow in held.flows(tx):
        yield AlertFinding(f"held {flow.flow}", held_alert(flow), flow.records, flow.last_at)
    for one in shapes.told(tx, seconds=settings.shape.told_seconds):
        facts = {**one.fault.facts, "place": ", ".join(one.places)}
        why = {f"why_{lang}": say(one.fault.code, facts, lang) for lang in LANGUAGES}
        fault = Fault("", "alert.shape", {"flow": one.flow, **why})
        yield AlertFinding(f"shape {one.flow} {one.kind}", fault, one.times, one.last_at)


def held_alert(flow: HeldFlow) -> Fault:
    """The alert's text for a flow with held batches: how many, and why the first is held."""
    why = flow.fault
    facts = {
        "flow": flow.flow,
        "batches": str(flow.batches),
        "entries": str(flow.records),
        "batch": str(flow.first),
    }
    said = {f"why_{lang}": say(why.code, why.facts, lang) for lang in LANGUAGES}
    return Fault("", "alert.held", facts | said)


def _overdue(tx: Transaction, settings: Settings, now: datetime) -> Iterator[AlertFinding]:
    """Recalls open for too long, and disputes whose next step is overdue."""
    for case in recalls.cases(tx):
        age = (now - case.opened_at).total_seconds()
        if case.owed and age > settings.recall_seconds:
            facts = {
                "recall": str(case.id),
                "record": f"{case.entity}:{case.key}",
                "field": case.field,
            }
            fault = Fault(
                "",
                "alert.recall_open",
                facts | {"days": str(int(age // 86_400)), "owed": str(case.owed)},
            )
            yield AlertFinding(f"recall {case.id}", fault, case.owed, now)
    for dispute in disputes.disputes(tx):
        if dispute.next_due is not None and dispute.next_due < now:
            facts = {
                "dispute": str(dispute.id),
                "record": f"{dispute.entity}:{dispute.key}",
                "field": dispute.field,
            }
            about = {"system": dispute.system, "due": dispute.next_due.strftime("%Y-%m-%d %H:%M")}
            yield AlertFinding(
                f"dispute {dispute.id}",
                Fault("", f"alert.dispute_{dispute.state}", facts | about),
                1,
                now,
            )


def _unanswered(tx: Transaction, now: datetime) -> Iterator[AlertFinding]:
    """Applications and supplies of granted data whose legal term is over."""
    for one in applications.listed(tx, unsettled=True):
        if one.next_due is not None and one.next_due < now:
            facts = {"application": str(one.id), "department": one.department or one.account}
            fault = Fault(
                "",
                f"alert.application_{one.state}",
                facts | {"due": one.next_due.strftime("%Y-%m-%d %H:%M")},
            )
            yield AlertFinding(f"application {one.id} {one.state}", fault, 1, now)


def _lapsing(tx: Transaction, settings: Settings) -> Iterator[AlertFinding]:
    days = settings.grant_warning_days
    for ending in applications.ending(tx, days=days):
        facts = {
            "account": ending.account,
            "entities": ", ".join(ending.entities),
            "until": str(ending.valid_until),
        }
        # Told once: a day that comes nearer is no new cause.
        since = datetime.combine(ending.valid_until, clock_time.min, HUB_ZONE) - timedelta(
            days=days
        )
        fault = Fault("", "alert.grant_expiring", facts)
        yield AlertFinding(
            f"grants {ending.account} {ending.ids[0]}", fault, len(ending.ids), since
        )


def test(context: RequestContext) -> int:
    """Send a test alert; give the number of addresses configured.

    Raises FlowError: alert.nowhere (no address), alert.not_delivered (none took it).
    """
    context.require(ADMINISTERING)
    settings = context.hub.settings
    if not settings.alert_urls:
        raise FlowError("alert.nowhere")
    if not send_alert(settings, Fault("", "alert.test"), ""):
        raise FlowError("alert.not_delivered")
    return len(settings.alert_urls)


def footing(alert: Alert) -> str:
    """The alert's last line, in both languages: how often and since when."""
    since = alert.first_at.strftime("%Y-%m-%d %H:%M:%S %z")
    return bilingual("{times} 次，自 {since}", " · ", times=alert.times, since=since)


def send_alert(
    settings: Settings, fault: Fault, foot: str, *, hung: set[int] | None = None
) -> bool:
    """Send one message to every address; whether at least one took it.

    hung: numbers of addresses that timed out, which are skipped and added to.
    """
    zh, en = say(fault.code, fault.facts, "zh"), say(fault.code, fault.facts, "en")
    body = "\n".join(
        line
        for line in (
            zh,
            cure(fault.code, fault.facts, "zh"),
            en,
            cure(fault.code, fault.facts, "en"),
            foot,
        )
        if line
    )
    taken, hung = 0, set() if hung is None else hung
    for number, url in enumerate(settings.alert_urls, start=1):
        if number in hung:
            continue
        found = notify.send_notification(
            url,
            f"{bilingual('一码贯通', ' ')}: {zh}"[:120],
            body,
            seconds=settings.alert_seconds,
            most_bytes=settings.alert_bytes,
        )
        if found == notify.NO_ADDRESS:
            raise FlowError("settings.invalid", name="HUB_ALERT_URLS", value=f"#{number}")
        if found == notify.LATE:
            hung.add(number)
        if found == notify.TAKEN:
            taken += 1
        else:
            late = found == notify.LATE
            scheme = url.partition(":")[0]
            log.warning(
                "an alert was not taken", extra={"address": number, "scheme": scheme, "late": late}
            )
    return taken > 0

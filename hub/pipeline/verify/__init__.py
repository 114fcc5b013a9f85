"""Verification: rebuilds all derived rows from landings and contracts; names each that differs.

Reads only. Rows under another contract than today's are counted as `older`: their mapping is kept
but not compiled here.
"""

from collections.abc import Sequence
from dataclasses import asdict

from hub.db.database import Database
from hub.db.ledger import verifications
from hub.domain.contracts import Contracts
from hub.domain.sealed_tables import SEALED
from hub.errors import FlowError, TransientError
from hub.pipeline.verify import deliveries, learnt, runs, sealed, settled, taken_in
from hub.pipeline.verify.found import (
    Progress,
    Verified,
    VerifyCheck,
    VerifyContext,
    VerifyFinding,
    guarded,
)
from hub.settings import Settings

__all__ = ["CHECKS", "Progress", "Verified", "VerifyCheck", "VerifyFinding", "noted", "verify"]

CHECKS: tuple[VerifyCheck, ...] = (
    VerifyCheck(
        "seals",
        "sealed",
        sealed.check_chain,
        {"hub.seal": sealed.SEALS, "hub.batch": sealed.BATCHES, "hub.evidence": sealed.ACTS},
    ),
    VerifyCheck("landings", "sealed", sealed.check_landings, {"hub.landing": sealed.LANDINGS}),
    VerifyCheck("beside payloads", "sealed", sealed.check_beside, {"hub.landing": sealed.BESIDE}),
    VerifyCheck(
        "acts",
        "sealed",
        sealed.check_acts,
        {
            f"hub.{name}": " ".join(column.name for column in one.columns)
            for name, one in SEALED.items()
        }
        | {"hub.evidence": sealed.EVIDENCE},
    ),
    VerifyCheck(
        "links",
        "derived",
        runs.check_links,
        {
            "hub.landing": "flow batch_id salt",
            "hub.batch": "read parts seal_id run_id",
            "hub.seal": "batches",
            "hub.head": "flow landing_id",
            "hub.crosswalk": "token record_id project_code depth",
            "hub.contract_version": "hash body",
            "hub.applied_anew": "landing_id batch_id",
            "hub.quarantine": "landing_id",
            "hub.part": "landing_id record_id batch_id",
        },
    ),
    VerifyCheck(
        "outcomes",
        "derived",
        taken_in.check_landed,
        {"hub.landing": taken_in.LANDED, "hub.part": "key pointer", "hub.head": "hash"},
    ),
    VerifyCheck(
        "held batches",
        "derived",
        taken_in.check_held,
        {"hub.held_batch": "state decided_by reason decision"},
    ),
    VerifyCheck(
        "heads",
        "derived",
        taken_in.check_heads,
        {
            "hub.head": taken_in.HEAD,
            "hub.quarantine": "flow key stage landing_id state",
            "hub.waiting": "flow key landing_id",
        },
    ),
    VerifyCheck(
        "entries",
        "derived",
        taken_in.check_entries,
        {"hub.quarantine": "cause faults", "hub.waiting": "wants"},
    ),
    VerifyCheck(
        "sources",
        "derived",
        taken_in.check_sources,
        {
            "source.*": taken_in.SOURCE,
            "hub.part": "key pointer",
            "hub.head": "flow key landing_id contract_id state hash",
            "hub.record": "id entity",
            "golden.*": "record_id",
        },
    ),
    VerifyCheck(
        "parts",
        "derived",
        taken_in.check_parts,
        {"hub.part": taken_in.PART, "hub.head": "whole pointer findings"},
    ),
    VerifyCheck("decisions", "derived", taken_in.check_decisions, {"source.*": "*"}),
    VerifyCheck(
        "golden",
        "derived",
        settled.check_golden,
        {
            "golden.*": settled.GOLDEN,
            "hub.record": "id entity key",
            "hub.disagreement": settled.DISAGREEMENT,
            "hub.crosswalk": settled.CROSSWALK,
            "hub.link_subject": settled.SUBJECT,
            "hub.entity_field": "entity name ordinal",
        },
    ),
    VerifyCheck(
        "versions",
        "derived",
        settled.check_versions,
        {"hub.history": settled.HISTORY, "golden.*": "version batch_id deleted_at provenance"},
    ),
    VerifyCheck(
        "origins",
        "derived",
        settled.check_origins,
        {"hub.history": "provenance", "golden.*": "provenance"},
    ),
    VerifyCheck(
        "deliveries",
        "derived",
        deliveries.check_deliveries,
        {
            "hub.delivery": deliveries.DELIVERY,
            "hub.delivery_event": deliveries.EVENT,
            "hub.delivery_batch": deliveries.BATCH,
            "hub.receipt": "flow key state code text reference",
            "hub.quarantine": "record_id state",
        },
    ),
    VerifyCheck(
        "events",
        "derived",
        deliveries.check_events,
        {"hub.delivery_event": "flow record_id key action body"},
    ),
    VerifyCheck(
        "runs",
        "derived",
        runs.check_runs,
        {
            "hub.run": runs.RUN,
            "hub.report": runs.REPORT,
            "hub.comparison": runs.COMPARISON,
            "hub.flow": "name cursor",
        },
    ),
    VerifyCheck(
        "facts",
        "derived",
        learnt.check_facts,
        {
            "fact.clock": learnt.CLOCK,
            "fact.step": learnt.STEP,
            "fact.scenario": learnt.SCENARIO,
        },
    ),
    VerifyCheck(
        "calendars",
        "derived",
        learnt.check_axes,
        {
            "fact.state": learnt.STATE,
            "hub.calendar": learnt.CALENDAR,
            "hub.workday": learnt.WORKDAY,
        },
    ),
    VerifyCheck("structure", "derived", learnt.check_structure, {"hub.structure": "objects drift"}),
    VerifyCheck("files", "derived", learnt.check_files, {"hub.contract_file": "path body"}),
)
"""Every check, in its order; the coverage page is made from these."""


def verify(
    database: Database,
    contracts: Contracts,
    settings: Settings,
    *,
    progress: Progress = lambda _kind, _count: None,
    only: Sequence[str] = (),
) -> Verified:
    """Run every check, or only those named; progress is called with (kind, rows).

    A check that exceeds the statement limit is `unfinished`, the others go on; FlowError for an
    unknown name.
    """
    if strange := sorted(set(only) - {check.name for check in CHECKS}):
        known = ", ".join(check.name for check in CHECKS)
        raise FlowError("ask.check_unknown", check=", ".join(strange), known=known)
    found = Verified(most=settings.verify_findings)
    work = VerifyContext(database, contracts, settings, found, progress)
    for check in CHECKS:
        if only and check.name not in only:
            found.skipped.append(check.name)
            continue
        try:
            with guarded(work, check.name, next(iter(check.covers))):
                check.run(work)
        except TransientError as error:
            if error.code != "database.time_limit":
                raise
            found.unfinished.append(check.name)
        else:
            found.made.append(check.name)
    return found


def noted(
    database: Database,
    contracts: Contracts,
    settings: Settings,
    *,
    by: str,
    progress: Progress = lambda _kind, _count: None,
    only: Sequence[str] = (),
) -> Verified:
    """`verify`, with its outcome stored; one that breaks off is stored as failed."""
    with database.write() as tx:
        number = verifications.begin(tx, by)
    found = Verified()
    try:
        found = verify(database, contracts, settings, progress=progress, only=only)
    finally:
        with database.write() as tx:
            outcome = verifications.VerificationOutcome(
                "complete" if found.made else "failed",
                found.made,
                found.skipped,
                found.unfinished,
                dict(found.checked),
                dict(found.by_table),
                findings=[asdict(one) for one in found.findings],
            )
            verifications.end(tx, number, outcome)
    found.number = number
    return found

"""Record linkage: waiting records without a project code -> similar projects; sure ones are linked.

Less sure ones are proposed to a person. Verdicts are kept in `hub.link`; a link takes effect, and
ends, through the crosswalk and the ordinary release.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.db import crosswalk as numbers
from hub.db import landing, records
from hub.db.crosswalk import links
from hub.db.crosswalk.links import LinkScore, LinkWord, WaitingRecord
from hub.db.database import Database, Transaction
from hub.domain import record_linkage
from hub.domain.contracts import Contracts, Entity, PullFlow
from hub.domain.keys import number_tokens, own_token
from hub.domain.record_linkage import Match, Said
from hub.errors import FlowError
from hub.model import Json, Record
from hub.pipeline import crosswalk, replay
from hub.pipeline.replay import MappedPayloads
from hub.settings import Settings

PORTION, PORTIONS, RENEWED = 100, 5, 2_000
OFFERED, LEAST_OFFERED = 5, 0.02
SCORER = "hub"


@dataclass(frozen=True, slots=True)
class Offer:
    """A candidate project, as proposed to a person."""

    word: LinkWord
    record_id: int | None
    values: Record


@dataclass(frozen=True, slots=True)
class Looked:
    """Counts of one linkage pass: records examined, linked, proposed to a person."""

    looked_at: int = 0
    linked: int = 0
    asked: int = 0


@dataclass(frozen=True, slots=True)
class UnlinkedRecord:
    """A waiting record beside its candidate projects, with values and score of each."""

    flow: str
    key: str
    since: datetime
    entity: Entity
    values: Record
    offered: tuple[Offer, ...]
    words: tuple[LinkWord, ...]


def questions(
    database: Database,
    contracts: Contracts,
    *,
    flow: str | None = None,
    key: str | None = None,
    most: int = 20,
) -> list[UnlinkedRecord]:
    """Records with proposals that a person has to decide, the longest waiting first."""
    with database.read() as tx:
        rows = links.questions(tx, flow=flow, key=key, most=most)
        return [
            _question(tx, contracts, one, row, values)
            for one, some in _by_flow(contracts, rows)
            for values in [_values(tx, one, some)]
            for row in some
        ]


def release(
    database: Database, contracts: Contracts, settings: Settings, *, airflow: Json = None
) -> int:
    """Apply waiting records whose project or link has come, then run a linkage pass; how many."""
    count = replay.release(database, contracts, airflow=airflow)
    if link(database, contracts, settings).linked:
        count += replay.release(database, contracts, airflow=airflow)
    return count


def link(database: Database, contracts: Contracts, settings: Settings) -> Looked:
    """Run a linkage pass over waiting records not examined since a project last changed."""
    renew_subjects(database, contracts, settings)
    done = Looked()
    for _ in range(PORTIONS):
        with database.write() as tx:
            if not links.alone(tx):
                break
            waiting = links.to_look_at(tx, most=PORTION)
            verdicts = [
                verdict
                for flow, rows in _by_flow(contracts, waiting)
                for verdict in judge(tx, flow, rows, settings)
            ]
            for verdict in verdicts:
                _write(tx, verdict)
            links.looked_at(tx, waiting)
        done = Looked(
            done.looked_at + len(waiting),
            done.linked + sum(verdict.linked for verdict in verdicts),
            done.asked + sum(not verdict.linked for verdict in verdicts),
        )
        if len(waiting) < PORTION:
            break
    return done


def renew_subjects(database: Database, contracts: Contracts, settings: Settings) -> None:
    """Refresh the scorer's copy of changed projects, a portion per transaction (short locks)."""
    entity = contracts.entities["project"]
    while True:
        with database.write() as tx:
            # Under the entity's lock, so that no batch with a smaller id commits later unseen.
            records.lock_entity(tx, entity.name)
            changed = links.changed_projects(tx, most=RENEWED)
            if not changed:
                return
            golden = records.golden(tx, entity, [record_id for _, record_id in changed]).values()
            links.drop_subjects(tx, [row.record_id for row in golden if row.deleted])
            links.put_subjects(
                tx,
                (
                    (
                        row.record_id,
                        str(row.values["project_code"]),
                        record_linkage.trait_texts(
                            entity.traits, row.values, most=settings.link_signs
                        ),
                    )
                    for row in golden
                    if not row.deleted and row.values.get("project_code")
                ),
            )
            links.seen(tx, changed[-1])


def judge(
    tx: Transaction, flow: PullFlow, rows: Sequence[WaitingRecord], settings: Settings
) -> list[LinkScore]:
    """Scores to store for these waiting records; none for a record without similar projects."""
    values = _values(tx, flow, rows)
    rows = [row for row in rows if row.key in values]
    refused = links.refused(tx, flow.name, [row.key for row in rows])
    verdicts = []
    ranked = _ranked(tx, flow, [values[row.key] for row in rows], settings)
    for row, matches in zip(rows, ranked, strict=True):
        left = [
            match
            for match in matches
            if match.project_code not in refused.get(row.key, frozenset())
        ]
        if (best := record_linkage.sure(left, settings.link_sure)) is not None:
            verdicts.append(LinkScore(flow.name, row.key, (best,), linked=True))
        elif sum(match.likelihood for match in left) >= settings.link_maybe:
            offered = [match for match in left if match.likelihood >= LEAST_OFFERED][:OFFERED]
            verdicts.append(LinkScore(flow.name, row.key, tuple(offered), linked=False))
    return verdicts


def decide(
    database: Database,
    contracts: Contracts,
    key: str,
    *,
    flow: str | None,
    to: str,
    by: str,
    reason: str,
) -> None:
    """Link a record by hand; FlowError for an unknown record or project."""
    with database.write() as tx:
        found = _named(tx, contracts, key, flow, by=by, reason=reason)
        if to not in links.projects(tx, [to]):
            raise FlowError("ask.project_unknown", project_code=to)
        links.end(tx, found.name, key, by=by, reason=reason, of=("linked", "proposed"))
        links.end(tx, found.name, key, by=by, reason=reason, of=("refused",), project_code=to)
        links.say(tx, found.name, key, project_code=to, verdict="linked", by=by, reason=reason)
        links.name(tx, own_token(found.name, key), to, depth=0)
        _look_again(tx, contracts, found, key)


def undo(
    database: Database, contracts: Contracts, key: str, *, flow: str | None, by: str, reason: str
) -> str:
    """Unlink a record by hand, however it was linked; gives the project it had. FlowError: none."""
    with database.write() as tx:
        found = _named(tx, contracts, key, flow, by=by, reason=reason)
        project = links.borrowed(tx, found.entity, found.name, key)
        if project is None:
            raise FlowError("link.none", key=key)
        links.end(tx, found.name, key, by=by, reason=reason, of=("linked", "proposed"))
        links.say(
            tx, found.name, key, project_code=project, verdict="refused", by=by, reason=reason
        )
        links.name(tx, own_token(found.name, key), None, depth=0)
        _look_again(tx, contracts, found, key)
    return project


def refuse(
    database: Database, contracts: Contracts, key: str, *, flow: str | None, by: str, reason: str
) -> list[str]:
    """Reject all proposals for a record by hand; gives their projects. FlowError: no proposals."""
    with database.write() as tx:
        found = _named(tx, contracts, key, flow, by=by, reason=reason)
        offered = links.end(tx, found.name, key, by=by, reason=reason, of=("proposed",))
        if not offered:
            raise FlowError("link.none", key=key)
        for project in offered:
            links.say(
                tx, found.name, key, project_code=project, verdict="refused", by=by, reason=reason
            )
    return offered


def _question(
    tx: Transaction,
    contracts: Contracts,
    flow: PullFlow,
    row: WaitingRecord,
    values: Mapping[str, Record],
) -> UnlinkedRecord:
    words = links.said_of(tx, flow.name, row.key)
    offered = [word for word in words if word.verdict == "proposed" and word.ended_at is None]
    codes = [word.project_code for word in offered]
    golden = records.golden_of_projects(tx, contracts.entities["project"], codes).values()
    projects = {one.values["project_code"]: one for one in golden}
    return UnlinkedRecord(
        flow.name,
        row.key,
        row.since,
        flow.entity,
        values.get(row.key, {}),
        tuple(
            Offer(word, known.record_id if known else None, known.values if known else {})
            for word in sorted(offered, key=lambda word: -(word.score or 0))
            for known in [projects.get(word.project_code)]
        ),
        tuple(words),
    )


def _by_flow(
    contracts: Contracts, rows: Sequence[WaitingRecord]
) -> list[tuple[PullFlow, list[WaitingRecord]]]:
    flows = {row.flow: contracts.pulls[row.flow] for row in rows if row.flow in contracts.pulls}
    return [(flow, [row for row in rows if row.flow == name]) for name, flow in flows.items()]


def _values(tx: Transaction, flow: PullFlow, rows: Sequence[WaitingRecord]) -> dict[str, Record]:
    """Values of waiting records under today's contract, by source key.

    Unreadable ones are left out: the release will quarantine them.
    """
    landed = landing.landed(tx, flow.name, [(row.key, row.landing_id) for row in rows])
    read = MappedPayloads(flow)
    said = {
        row.key: read.said(row.id, row.payload, row.pointer, version=row.version) for row in landed
    }
    return {key: one.values for key, one in said.items() if one.values or not one.faults}


def _ranked(
    tx: Transaction, flow: PullFlow, values: Sequence[Record], settings: Settings
) -> list[list[Match]]:
    """For each record the projects similar to it or sharing a number, the likeliest first."""
    wanted: list[Said] = [
        record_linkage.trait_texts(flow.entity.traits, one, most=settings.link_signs)
        for one in values
    ]
    tokens = [number_tokens(flow.links, one) for one in values]
    known = numbers.named(tx, {token for some in tokens for token in some})
    shared: list[dict[str, list[str]]] = [{} for _ in values]
    for codes, some in zip(shared, tokens, strict=True):
        for token in some:
            for code in known[token].projects if token in known else ():
                codes.setdefault(code, []).append(token)
    seen = links.subjects(tx, {code for codes in shared for code in codes})
    ranked = []
    for said, codes, found in zip(wanted, shared, links.candidates(tx, wanted), strict=True):
        projects = {one.project_code: one.said for one in found} | {
            code: seen[code] for code in codes if code in seen
        }
        ranked.append(
            record_linkage.ranked(
                said, ((code, one, codes.get(code, ())) for code, one in projects.items())
            )
        )
    return ranked


def _write(tx: Transaction, verdict: LinkScore) -> None:
    offered = [match.project_code for match in verdict.matches]
    links.end(
        tx,
        verdict.flow,
        verdict.key,
        by=SCORER,
        reason="newer",
        of=("proposed",),
        but=() if verdict.linked else offered,
    )
    said = "linked" if verdict.linked else "proposed"
    for match in verdict.matches:
        code = match.project_code
        links.say(
            tx,
            verdict.flow,
            verdict.key,
            project_code=code,
            verdict=said,
            by=SCORER,
            reason="score",
            found=match,
        )
    if verdict.linked:
        links.name(tx, own_token(verdict.flow, verdict.key), offered[0], depth=numbers.DEEPEST)


def _named(
    tx: Transaction, contracts: Contracts, key: str, flow: str | None, *, by: str, reason: str
) -> PullFlow:
    """The flow with this source key; FlowError if none or several have it, or without a reason."""
    if not by.strip() or not reason.strip():
        raise FlowError("link.unfounded")
    codeless = [
        name for name, one in contracts.pulls.items() if one.codeless and flow in {None, name}
    ]
    found = links.flows_of(tx, codeless, key)
    if len(found) != 1:
        raise FlowError(
            "link.key_ambiguous" if found else "link.key_unknown", key=key, flows=", ".join(found)
        )
    return contracts.pulls[found[0]]


def _look_again(tx: Transaction, contracts: Contracts, flow: PullFlow, key: str) -> None:
    """Send the record, and those linked through it, to the next release."""
    crosswalk.call_back(
        tx, contracts, numbers.forget(tx, links.recall(tx, flow.entity, flow.name, key))
    )

"""landing + contracts -> what the rest must be: rebuilds records, checks the ledger, names what differs.

Reads only. Rows whose contract is not today's are counted as `older`: their mapping is kept but not compiled here.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from hub.flow import apply, chain, decide, facts, hold
from hub.flow.replay import Reading
from hub.model import STEWARD
from hub.rules import ledger, merkle
from hub.rules.contracts import Contracts, Entity, PullFlow
from hub.rules.payload import keyed_hash
from hub.rules.survivorship import settle
from hub.settings import Settings
from hub.store import crosswalk, decisions, held, rebuilding, records, seals
from hub.store import facts as computed
from hub.store.database import Database, Transaction
from hub.store.held import HeldBatch
from hub.store.seals import Leaf
from hub.texts.words import WORDS

PORTION = 5_000
NAMED = 100

Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """One row that is not what it must be."""

    kind: str
    where: str
    detail: str


@dataclass(slots=True)
class Verified:
    """What was checked, by kind, and the first rows that are wrong (all are counted in `wrong`)."""

    checked: Counter[str] = field(default_factory=Counter)
    wrong: int = 0
    findings: list[Finding] = field(default_factory=list)

    def note(self, kind: str, where: str, detail: str) -> None:
        """Count a wrong row; keep the first ones."""
        self.wrong += 1
        if len(self.findings) < NAMED:
            self.findings.append(Finding(kind, where, detail))


def verify(
    database: Database, contracts: Contracts, settings: Settings, *, progress: Progress = lambda _kind, _count: None
) -> Verified:
    """Check ledger, landings, links, source records and golden records; the caller shows the progress."""
    found = Verified()
    _check_chain(database, settings, found, progress)
    _check_landings(database, settings, found, progress)
    with database.transaction() as tx:
        for kind, where in rebuilding.broken_links(tx):
            found.note("link", where, kind)
    _check_held(database, found)
    for flow in contracts.pulls.values():
        with database.transaction(snapshot=True) as tx:
            for kind, key in rebuilding.broken_heads(tx, flow):
                found.note("head", f"{flow.name} {key}", kind)
        _check_sources(database, flow, found, progress)
        _check_wholes(database, flow, found)
    for entity in contracts.entities.values():
        _check_decisions(database, entity, found)
        _check_golden(database, entity, found, progress)
        _check_origins(database, entity, found)
    _check_facts(database, found, progress)
    return found


def _check_chain(database: Database, settings: Settings, found: Verified, progress: Progress) -> None:
    """Every seal follows the one before, stands for its batches as they are, and is signed by this hub."""
    after = 0
    while True:
        with database.transaction() as tx:
            links = chain.check(tx, settings, after=after)
        for link in links:
            for wrong in link.wrong:
                found.note("seal", f"seal {link.seal.id}", WORDS[wrong][1])
        found.checked["seals"] += len(links)
        progress("seals", found.checked["seals"])
        if not links:
            return
        after = links[-1].seal.id


def _check_landings(database: Database, settings: Settings, found: Verified, progress: Progress) -> None:
    """Every payload hashes to what was written down, and the batch's root covers it."""
    after = 0
    while True:
        with database.transaction() as tx:
            ids = rebuilding.batch_ids(tx, after=after, most=50)
            for one in seals.batches(tx, ids):
                rows = seals.leaves(tx, one.id)
                for row in rows:
                    _check_payload(row, settings, found)
                if one.leaves and merkle.root([_leaf(row, one.leaf_rule) for row in rows]) != one.merkle_root:
                    found.note("batch", f"batch {one.id} of {one.flow}", "its landings are not what was sealed")
                found.checked["landings"] += len(rows)
                found.checked["batches"] += 1
                progress("landings", found.checked["landings"])
        if not ids:
            return
        after = ids[-1]


def _leaf(row: Leaf, rule: int) -> bytes:
    return ledger.leaf(row.salt, row.hash, row.payload, rule=rule)


def _check_payload(row: Leaf, settings: Settings, found: Verified) -> None:
    if row.salt is None:
        found.checked["erased"] += 1
        return
    if row.payload is not None and keyed_hash(row.payload, settings.hash_key) != row.hash:
        found.note("landing", f"landing {row.id}", "its payload is not what arrived")


def _check_sources(database: Database, flow: PullFlow, found: Verified, progress: Progress) -> None:
    """Map every current payload anew and let the database compare it with the source record."""
    kind = f"source {flow.name}"
    for tx, rows in _portions(database, lambda tx, after: rebuilding.current(tx, flow, after=after, most=PORTION)):
        mapped, read = [], Reading(flow)
        lent = crosswalk.project_codes(tx, {row.lent_by for row in rows if row.lent_by is not None})
        for row in sorted(rows, key=lambda row: row.landing_id):
            if row.contract != flow.contract:
                found.checked["older"] += 1
                continue
            values = read.said(row.landing_id, row.payload, row.pointer, version="").values
            if row.lent_by is not None and row.project_code in lent.get(row.lent_by, ()):
                values = values | {"project_code": row.project_code}
            mapped.append((row.source_key, row.landing_id, values))
        for source_key in rebuilding.differing_sources(tx, flow, mapped):
            found.note("source", f"{flow.name} {source_key}", "is not what its payload says")
        found.checked[kind] += len(rows)
        progress(kind, found.checked[kind])


def _check_wholes(database: Database, flow: PullFlow, found: Verified) -> None:
    """Take every record apart anew: each part that it lists stands here, under its key and at its place."""
    after, read = "", Reading(flow)
    while flow.each is not None:
        with database.transaction(snapshot=True) as tx:
            rows = rebuilding.wholes(tx, flow, after=after, most=PORTION)
        if not rows:
            return
        for row in rows:
            said = read.whole(row.landing_id, row.payload, version=row.version)
            if {part.mapped.key: part.pointer for part in said.parts or ()} != row.parts:
                found.note("part", f"{flow.name} {row.key}", "its parts are not what its payload lists")
            found.checked["parts"] += len(row.parts)
        after = rows[-1].key


def _check_held(database: Database, found: Verified) -> None:
    """Every decision about a held batch is what was landed, and what was accepted has been counted again."""
    with database.transaction() as tx:
        for landing_id in held.unheld(tx):
            found.note("held", f"landing {landing_id}", "is held by no batch")
    after = 0
    while True:
        with database.transaction() as tx:
            rows = held.after(tx, after, most=PORTION)
            for row in rows:
                if row.state in {"accepted", "dropped"}:
                    for wrong in _wrong_decision(tx, row):
                        found.note("held", f"batch {row.batch_id} of {row.flow}", wrong)
                found.checked["held batches"] += 1
        if not rows:
            return
        after = rows[-1].batch_id


def _wrong_decision(tx: Transaction, row: HeldBatch) -> Iterator[str]:
    kept = held.decision(tx, row)
    if kept is None:
        yield "its decision was never landed"
        return
    if kept.payload is not None:
        said = hold.said(kept.payload)
        mine = {"batch": row.batch_id, "decision": row.state, "by": row.decided_by, "reason": row.reason}
        if {name: said.get(name) for name in mine} != mine:
            yield "its decision is not what was landed"
    if row.state == "accepted" and kept.again < kept.payloads:
        yield "it was accepted, and not all of it was applied"


def _check_decisions(database: Database, entity: Entity, found: Verified) -> None:
    """Every decision of a person is what was landed."""
    with database.transaction() as tx:
        for record, key, payload in decisions.standing(tx, entity, decide.flow_name(entity)):
            if payload is None:  # erased
                continue
            said = records.claims(tx, entity, [record], system=STEWARD)[record][0].values
            if {name: value for name, value in said.items() if value is not None} != decide.decided(payload):
                found.note("source", f"{decide.flow_name(entity)} {key}", "is not what its payload says")
            found.checked["decisions"] += 1


def _check_golden(database: Database, entity: Entity, found: Verified, progress: Progress) -> None:
    """Settle every record anew from its claims."""
    kind = f"golden {entity.name}"
    after = 0
    while True:
        with database.transaction(snapshot=True) as tx:
            ids = records.record_ids(tx, entity, after=after, most=PORTION)
            claims, golden = records.claims(tx, entity, ids), records.golden(tx, entity, ids)
            settled = {record: settle(entity, said) for record, said in claims.items()}
            standing = apply.confirmed(tx, claims, settled, golden)
        for record in ids:
            stands, must = golden.get(record), settled.get(record)
            if stands is None:
                if must is not None:
                    found.note("golden", f"{entity.name} {record}", "is missing")
            elif must is None:
                if not stands.deleted:
                    found.note("golden", f"{entity.name} {record}", "nobody asserts it any more")
            elif record not in standing:
                found.note("golden", f"{entity.name} {record}", "is not what its source records say")
        found.checked[kind] += len(ids)
        progress(kind, found.checked[kind])
        if not ids:
            return
        after = ids[-1]


def _check_origins(database: Database, entity: Entity, found: Verified) -> None:
    """No version, standing or replaced, names what landed later: as of its moment nothing of that was known."""
    with database.transaction(snapshot=True) as tx:
        for record, version in rebuilding.later_origins(tx, entity):
            found.note("origin", f"{entity.name} {record} version {version}", "names what landed after it was made")


def _check_facts(database: Database, found: Verified, progress: Progress) -> None:
    """Compute every clock anew, for the moment up to which they stand; projects touched meanwhile are left out."""
    after = ""
    while True:
        with database.transaction() as tx:
            computed.lock(tx, seconds=facts.PATIENCE)
            stands = computed.state(tx)
            codes = computed.codes(tx, after=after, most=PORTION) if stands.rules is not None else []
            count, wrong, steps = facts.check(tx, codes, stands) if codes else (0, [], [])
        for one in wrong:
            why = "is missing" if not one.stands else "is not what golden records say" if one.must else "is of nothing"
            found.note("fact", f"clock of {one.scope} {one.record_id} of {one.project_code}", why)
        for record in steps:
            found.note("fact", f"step {record}", "does not lie where it must on the worked axis")
        found.checked["facts"] += count
        progress("facts", found.checked["facts"])
        if not codes:
            return
        after = codes[-1]


def _portions(
    database: Database, read: Callable[[Transaction, str], list[rebuilding.Current]]
) -> Iterator[tuple[Transaction, list[rebuilding.Current]]]:
    after = ""
    while True:
        with database.transaction() as tx:
            rows = read(tx, after)
            if not rows:
                return
            yield tx, rows
        after = rows[-1].source_key

"""Verifies intake: maps payloads anew and compares source records, heads, parts, quarantine."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict
from functools import partial

import orjson

from hub.db import crosswalk, records
from hub.db.crosschecks import HEADS, SOURCES
from hub.db.database import Transaction
from hub.db.ledger import rebuilding, seals
from hub.db.ledger.rebuilding import Current, QuarantineEntry, RebuiltLanding, Whole
from hub.db.records import decisions
from hub.db.runs import held
from hub.db.runs.held import HeldBatch
from hub.domain.contracts import Entity, Mapped, PullFlow
from hub.domain.failure_grouping import cause_of
from hub.domain.keys import record_key
from hub.domain.payload import decode, is_absence, keyed_hash
from hub.domain.storable import storable_facts
from hub.model import Record
from hub.pipeline import apply, held_decisions
from hub.pipeline import crosswalk as crosswalk_of
from hub.pipeline import decisions as decide
from hub.pipeline.replay import MappedPayloads as Mapping_
from hub.pipeline.verify.found import RowsReading, VerifyContext, ask, guarded, walk

LANDED = "flow key version disposition source_time"
SOURCE = "flow source_key system record_id landing_id version contract_id lent_by findings *"
HEAD = "flow key landing_id version contract_id state whole pointer hash findings"
PART = "landing_id record_id key pointer batch_id"
OVERTAKEN = {"superseded", "stale", "held"}
"""Outcomes that do not depend on the payload: a newer one came, or its batch was held."""


def check_landed(work: VerifyContext) -> None:
    """Map every payload without a source record anew; compare key, version, time and outcome."""
    for flow in work.contracts.pulls.values():

        def check(tx: Transaction, ids: Sequence[int], flow: PullFlow = flow) -> None:
            for one in seals.batches(tx, ids):
                if one.contract == flow.contract:
                    _landed(work, flow, rebuilding.landed(tx, flow, one.id))

        keys = partial(_batches, flow)
        walk(
            work, RowsReading("landing", "hub.landing", keys, check, lambda key: f"batch {key}"), 0
        )


def _landed(work: VerifyContext, flow: PullFlow, rows: Sequence[RebuiltLanding]) -> None:
    read = Mapping_(flow)
    for row in rows:
        if not row.read_here:
            said = _absent(row) or read.whole(row.id, row.payload, version=row.version)
            for column, found, expected in _columns(row, apply.named(flow, said, row.key)):
                work.note(
                    "landing",
                    "hub.landing",
                    f"landing {row.id}",
                    f"landing.{column}",
                    found,
                    expected,
                )
            clear = not flow.ignore or not (said.faults or is_absence(row.payload))
            if clear and row.head_hash is not None and row.head_hash != _hash(work, flow, row):
                work.note("head", "hub.head", f"{flow.name} {row.key}", "head.hash")
            listed = {part.mapped.key: part.pointer for part in said.parts or ()}
            for key, pointer in row.noted or ():
                if listed.get(key) != pointer:
                    work.note("part", "hub.part", f"{flow.name} {row.key} {key}", "part.noted")
        work.count("outcomes")


def _absent(row: RebuiltLanding) -> Mapped | None:
    if not is_absence(row.payload):
        return None
    key = str(orjson.loads(row.payload).get("onecode:absent"))
    return Mapped(
        key,
        row.version,
        deleted=True,
        skipped=None,
        values={},
        faults=(),
        warnings=(),
        time=row.source_time,
    )


def _columns(row: RebuiltLanding, said: Mapped) -> Iterator[tuple[str, str, str]]:
    """(column, found, expected) where a landing differs from its payload."""
    if not said.faults and said.key != row.key:
        yield "key", row.key, said.key
    if not said.faults and said.version != row.version:
        yield "version", row.version, said.version
    if not said.faults and said.time != row.source_time:
        yield "time", str(row.source_time), str(said.time)
    may = _outcomes(said)
    if row.disposition not in may | OVERTAKEN:
        yield "disposition", row.disposition, ", ".join(sorted(may))


def _outcomes(said: Mapped) -> set[str]:
    """Outcomes that are possible for a payload with these values."""
    if said.faults:
        return {"quarantined"}
    if said.parts is not None:
        return {"exploded", "quarantined"} if said.parts else {"empty", "quarantined"}
    if said.deleted or said.skipped:
        return {"deleted", "ignored", "quarantined"}
    return {"applied", "waiting", "quarantined"}


def check_sources(work: VerifyContext) -> None:
    """Map every current payload anew; the database compares the result with the source record."""
    for flow in work.contracts.pulls.values():
        name = f"source.{flow.entity.name}"
        check = partial(_sources, work, flow)
        keys = partial(_keys, flow)
        walk(
            work, RowsReading("source", name, keys, check, partial(_named, flow), scratch=True), ""
        )
    for entity in work.contracts.entities.values():
        for question in SOURCES:
            flows = [flow.name for flow in work.contracts.fed_by(entity.name)]
            ask(work, question, entity, bound={"flows": flows})


def _keys(flow: PullFlow, tx: Transaction, after: str, most: int) -> list[str]:
    return rebuilding.source_keys(tx, flow, after, most)


def _batches(flow: PullFlow, tx: Transaction, after: int, most: int) -> list[int]:
    return rebuilding.batches_of(tx, flow.name, after, most)


def _wholes(flow: PullFlow, tx: Transaction, after: str, most: int) -> list[str]:
    return rebuilding.whole_keys(tx, flow.name, after, most)


def _entries(flow: PullFlow, tx: Transaction, after: int, most: int) -> list[int]:
    return rebuilding.entry_ids(tx, flow.name, after, most)


def _waiting(flow: PullFlow, tx: Transaction, after: str, most: int) -> list[str]:
    return rebuilding.waiting_keys(tx, flow.name, after, most)


def _named(flow: PullFlow, key: str) -> str:
    return f"{flow.name} {key}"


def _sources(work: VerifyContext, flow: PullFlow, tx: Transaction, keys: Sequence[str]) -> None:
    name, read = f"source.{flow.entity.name}", Mapping_(flow)
    rows = rebuilding.current(tx, flow, keys)
    lent = crosswalk.project_codes(tx, {row.lent_by for row in rows if row.lent_by is not None})
    mapped = []
    for row in sorted(rows, key=lambda row: row.landing_id):
        for what, found, expected in _without_payload(flow, row):
            work.note("source", name, f"{flow.name} {row.source_key}", what, found, expected)
        if row.payload is None:
            continue
        if row.contract != flow.contract:
            work.count("older")
            continue
        if row.head_hash is not None and row.head_hash != _hash(work, flow, row):
            work.note("head", "hub.head", f"{flow.name} {row.source_key}", "head.hash")
        said = read.said(row.landing_id, row.payload, row.pointer, version="")
        values: Record = said.values
        if row.lent_by is not None:
            if _lends(flow, row, values, lent):
                values = values | {"project_code": row.project_code}
            else:
                kind = row.lent_by.partition("=")[0] if "=" in row.lent_by else ""
                work.note("source", name, f"{flow.name} {row.source_key}", "source.lent", kind)
        mapped.append((row.source_key, row.landing_id, values))
        for what, found, expected in _compared_values(flow, row, said, values):
            work.note("source", name, f"{flow.name} {row.source_key}", what, found, expected)
    for source_key, columns in rebuilding.differing_sources(tx, flow, mapped):
        work.note("source", name, f"{flow.name} {source_key}", "source.fields", columns)
    work.count(f"source {flow.name}", len(rows))


def _lends(
    flow: PullFlow, row: Current, said: Record, lent: Mapping[str, AbstractSet[str]]
) -> bool:
    """Whether one of a record's numbers gives the project code that it was linked with."""
    if row.lent_by is None or not crosswalk_of.may_borrow(flow, row.source_key, said, row.lent_by):
        return False
    return row.looked_at_again or row.project_code in lent.get(row.lent_by, ())


def _hash(work: VerifyContext, flow: PullFlow, row: Current | RebuiltLanding) -> bytes | None:
    """The content hash of a head (volatile fields left out)."""
    if not flow.ignore or row.payload is None:
        return row.hash if row.payload is not None else row.head_hash
    return keyed_hash(
        flow.mapper.digest_view(decode(row.payload, form=flow.form)), work.settings.hash_key
    )


def _without_payload(flow: PullFlow, row: Current) -> Iterator[tuple[str, str, str]]:
    """Findings that need no payload: landing, contract, system."""
    if row.payload is None and not row.erased:
        yield "source.landing", str(row.landing_id), ""
    if row.system != flow.system.name:
        yield "source.system", row.system, flow.system.name
    if row.made_under is not None and row.contract_id != row.made_under:
        yield "source.contract", str(row.contract_id), str(row.made_under)


def _compared_values(
    flow: PullFlow, row: Current, said: Mapped, values: Record
) -> Iterator[tuple[str, str, str]]:
    if said.version != row.version:
        yield "source.version", row.version, said.version
    if (key := record_key(flow.entity, values)) != row.record_key:
        yield "source.record", str(row.record_key), str(key)
    if (row.findings or []) != _remarks(said):
        yield "source.findings", str(len(row.findings or [])), str(len(said.warnings))


def _remarks(said: Mapped) -> list[object]:
    """Findings in the form in which they are stored."""
    return [orjson.loads(orjson.dumps(asdict(finding))) for finding in said.warnings]


def check_parts(work: VerifyContext) -> None:
    """Explode every record anew; each listed part has its row, key and pointer."""
    for flow in work.contracts.pulls.values():
        if flow.each is None:
            continue
        read = Mapping_(flow)

        def check(
            tx: Transaction, keys: Sequence[str], flow: PullFlow = flow, read: Mapping_ = read
        ) -> None:
            for row in rebuilding.wholes(tx, flow, keys):
                _parts(
                    work, flow, row, read.whole(row.landing_id, row.payload, version=row.version)
                )

        keys = partial(_wholes, flow)
        walk(work, RowsReading("part", "hub.head", keys, check, partial(_named, flow)), "")


def _parts(work: VerifyContext, flow: PullFlow, row: Whole, said: Mapped) -> None:
    listed = {part.mapped.key: part.pointer for part in said.parts or ()}
    if listed != row.parts:
        work.note(
            "part", "hub.head", f"{flow.name} {row.key}", "part.listed", len(row.parts), len(listed)
        )
    if any(listed.get(key) != pointer for key, pointer in row.noted):
        work.note("part", "hub.part", f"{flow.name} {row.key}", "part.noted")
    if (row.findings or []) != _remarks(said):
        work.note("part", "hub.head", f"{flow.name} {row.key}", "source.findings")
    work.count("parts", len(row.parts))


def check_entries(work: VerifyContext) -> None:
    """Map quarantined and waiting payloads anew; compare faults and wanted tokens."""
    for flow in work.contracts.pulls.values():

        def entries(tx: Transaction, ids: Sequence[int], flow: PullFlow = flow) -> None:
            for row in rebuilding.entries(tx, flow, ids):
                _entry(work, flow, row)

        def waiting(tx: Transaction, keys: Sequence[str], flow: PullFlow = flow) -> None:
            for row in rebuilding.waiting(tx, flow, keys):
                said = Mapping_(flow).said(
                    row.landing_id, row.payload, row.pointer, version=row.version
                )
                may = crosswalk_of.may_wait_for(flow, row.key, said.values)
                if not {want.removeprefix("?") for want in row.wants} <= may:
                    work.note("waiting", "hub.waiting", f"{flow.name} {row.key}", "waiting.wants")
                work.count("waiting")

        keys = partial(_entries, flow)
        walk(
            work,
            RowsReading("entry", "hub.quarantine", keys, entries, lambda key: f"entry {key}"),
            0,
        )
        keys_waiting = partial(_waiting, flow)
        walk(
            work,
            RowsReading("waiting", "hub.waiting", keys_waiting, waiting, partial(_named, flow)),
            "",
        )


def _entry(work: VerifyContext, flow: PullFlow, row: QuarantineEntry) -> None:
    said = Mapping_(flow).whole(row.landing_id, row.payload, version=row.version)
    faults = [
        {"pointer": one.pointer, "code": one.code, "facts": storable_facts(one.facts)}
        for one in said.faults
    ]
    if faults and said.parts is None and row.faults != faults:
        work.note(
            "entry",
            "hub.quarantine",
            f"entry {row.id}",
            "entry.faults",
            len(row.faults),
            len(faults),
        )
    if faults and said.parts is None and row.cause != cause_of(said.faults):
        work.note("entry", "hub.quarantine", f"entry {row.id}", "entry.cause")
    work.count("entries")


def check_heads(work: VerifyContext) -> None:
    """Every head has what its state requires, and is the newest of its key."""
    for question in HEADS:
        ask(work, question, bound={"flows": list(work.contracts.pulls)})


def check_held(work: VerifyContext) -> None:
    """Every decision on a held batch was landed, and accepted records were counted again."""

    def check(tx: Transaction, ids: Sequence[int]) -> None:
        for row in held.after(tx, ids[0] - 1, most=len(ids)):
            if row.state in {"accepted", "dropped"}:
                for what in _wrong_decision(tx, row):
                    work.note("held", "hub.held_batch", f"batch {row.batch_id} of {row.flow}", what)
            work.count("held batches")

    with guarded(work, "held", "hub.landing"), work.database.read(snapshot=True) as tx:
        for landing_id in held.unheld(tx):
            work.note("held", "hub.landing", f"landing {landing_id}", "held.by_none")
    walk(
        work, RowsReading("held", "hub.held_batch", held.ids, check, lambda key: f"batch {key}"), 0
    )


def _wrong_decision(tx: Transaction, row: HeldBatch) -> Iterator[str]:
    kept = held.decision(tx, row)
    if kept is None:
        yield "held.not_landed"
        return
    if kept.payload is not None:
        said = held_decisions.decision_payload(kept.payload)
        mine = {
            "batch": row.batch_id,
            "decision": row.state,
            "by": row.decided_by,
            "reason": row.reason,
        }
        if {name: said.get(name) for name in mine} != mine:
            yield "held.decision"
    if row.state == "accepted" and kept.again < kept.payloads:
        yield "held.not_applied"


def check_decisions(work: VerifyContext) -> None:
    """Every manual decision equals the landed one."""
    for entity in work.contracts.entities.values():
        with guarded(work, "source", f"source.{entity.name}"):
            _decisions(work, entity)


def _decisions(work: VerifyContext, entity: Entity) -> None:
    flow = decide.flow_name(entity)
    with work.database.read(snapshot=True) as tx:
        for record, key, payload in decisions.standing(tx, entity, flow):
            where = f"{flow} {key}"
            with guarded(work, "source", f"source.{entity.name}"):
                if payload is not None:  # not erased
                    said = records.claims(tx, entity, [record], system="steward")[record][0].values
                    stands = {name: value for name, value in said.items() if value is not None}
                    must = decide.decided(payload)
                    names = sorted(
                        name for name in stands | must if stands.get(name) != must.get(name)
                    )
                    if names:
                        work.note(
                            "source",
                            f"source.{entity.name}",
                            where,
                            "source.fields",
                            ", ".join(names),
                        )
            work.count("decisions")

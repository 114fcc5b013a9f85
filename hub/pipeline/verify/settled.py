"""Verifies survivorship: golden records, former versions, disagreements, crosswalk numbers."""

from collections.abc import Mapping, Sequence
from functools import partial

from hub.db import crosswalk as numbers
from hub.db import records, structure
from hub.db.crosschecks import VERSIONS
from hub.db.crosswalk import links
from hub.db.database import Transaction
from hub.db.landing import remapping
from hub.db.ledger import rebuilding
from hub.db.records import Golden, versions
from hub.db.records.disagreements import open_disagreements
from hub.db.records.versions import Former, MadeOf
from hub.domain import record_linkage
from hub.domain.contracts import Entity
from hub.domain.keys import record_key
from hub.domain.survivorship import Settled, rules_of, settle
from hub.model import Record, event_order
from hub.pipeline import crosswalk, decisions
from hub.pipeline.golden import confirmed
from hub.pipeline.replay import MappedPayloads as Mapping_
from hub.pipeline.verify.found import RowsReading, VerifyContext, ask, walk

GOLDEN = "record_id version batch_id deleted_at incomplete provenance *"
HISTORY = "record_id version body provenance batch_id until_batch"
DISAGREEMENT = "record_id field claims"
CROSSWALK = "token record_id project_code depth"
SUBJECT = "record_id project_code words place owner uscc region said sought"


def check_golden(work: VerifyContext) -> None:
    """Settle every record anew from its claims; compare disagreements and crosswalk numbers too."""
    for entity in work.contracts.entities.values():
        keys = partial(_ids, entity)
        check = partial(_golden, work, entity)
        walk(
            work,
            RowsReading(
                "golden", f"golden.{entity.name}", keys, check, lambda key: f"record {key}"
            ),
            0,
        )


def _ids(entity: Entity, tx: Transaction, after: int, most: int) -> list[int]:
    return records.record_ids(tx, entity, after=after, most=most)


def _golden(work: VerifyContext, entity: Entity, tx: Transaction, ids: Sequence[int]) -> None:
    claims, golden = records.claims(tx, entity, ids), records.golden(tx, entity, ids)
    settled = {record: settle(entity, said) for record, said in claims.items()}
    standing = confirmed(tx, claims, settled, golden)
    kept = records.headers(tx, ids)
    as_today = remapping.adopted(tx, f"settled.{entity.name}") in {None, rules_of(entity)}
    for record in ids:
        stands, must = golden.get(record), settled.get(record)
        for what, found, expected in _version(
            entity, stands, must, confirmed=record in standing, as_today=as_today
        ):
            work.note("golden", f"golden.{entity.name}", f"record {record}", what, found, expected)
        key = record_key(entity, stands.values) if stands else None
        if key is not None and key != kept[record]:
            work.note("golden", "hub.record", f"record {record}", "record.key")
    _deleted(work, tx, entity, golden)
    _disagreements(work, tx, ids, settled)
    _numbers(work, tx, entity, golden, settled)
    if entity.name == "project" and entity.traits:
        _subjects(work, tx, entity, golden)
    work.count(f"golden {entity.name}", len(ids))


def _version(
    entity: Entity, stands: Golden | None, must: Settled | None, *, confirmed: bool, as_today: bool
) -> Sequence[tuple[str, str, str]]:
    """Findings of a golden record besides its values."""
    if stands is None:
        return [("golden.missing", "", "")] if must is not None else []
    if must is None:
        return [] if stands.deleted else [("golden.nobody", "", "")]
    if stands.deleted:
        return [("golden.deleted", "", "")]
    if confirmed:
        lacking = as_today and set(stands.incomplete) != set(must.incomplete)
        return (
            [("golden.incomplete", ", ".join(stands.incomplete), ", ".join(must.incomplete))]
            if lacking
            else []
        )
    names = [name for name in entity.fields if stands.values.get(name) != must.values.get(name)]
    return [("golden.fields", ", ".join(names), "")] if names else [("golden.provenance", "", "")]


def _deleted(
    work: VerifyContext, tx: Transaction, entity: Entity, golden: Mapping[int, Golden]
) -> None:
    """A deleted record keeps its last values."""
    gone = {row.record_id: row.version - 1 for row in golden.values() if row.deleted}
    order = records.order(tx, entity)
    for record, (body, provenance) in versions.last_of(tx, gone).items() if gone else ():
        row = golden[record]
        names = [name for name in entity.fields if row.values.get(name) != body.get(name)]
        named = {
            name: provenance[at - 1]
            for name, at in order.items()
            if at <= len(provenance) and provenance[at - 1]
        }
        if names or named != row.provenance:
            work.note(
                "golden",
                f"golden.{entity.name}",
                f"record {record}",
                "golden.kept",
                ", ".join(names),
            )


def _disagreements(
    work: VerifyContext, tx: Transaction, ids: Sequence[int], settled: Mapping[int, Settled]
) -> None:
    stand = open_disagreements(tx, ids)
    must = {
        (record, field): [{"system": system, "value": value} for system, value in said]
        for record, found in settled.items()
        for field, said in found.disagreements.items()
    }
    for at in sorted(stand.keys() | must.keys()):
        if stand.get(at) != must.get(at):
            missing, surplus = at not in stand, at not in must
            what = "missing" if missing else "surplus" if surplus else "claims"
            work.note(
                "disagreement",
                "hub.disagreement",
                f"record {at[0]} {at[1]}",
                f"disagreement.{what}",
            )
    work.count("disagreements", len(must))


def _numbers(
    work: VerifyContext,
    tx: Transaction,
    entity: Entity,
    golden: Mapping[int, Golden],
    settled: Mapping[int, Settled],
) -> None:
    """Crosswalk numbers equal those of golden records; records to be re-checked are left out."""
    fields = crosswalk.lenders(work.contracts, entity)
    said = ",".join(f"{name}:{kind}" for name, kind in sorted(fields.items()))
    if remapping.adopted(tx, f"crosswalk.{entity.name}") not in {None, said}:
        work.count("older", len(golden))
        return
    landings = {
        record: found.provenance.get("project_code", 0) for record, found in settled.items()
    }
    must = set(
        crosswalk.crosswalk_entries(tx, work.contracts, entity, list(golden.values()), landings)
    )
    stand, again = numbers.held(tx, list(golden)), numbers.looked_at_again(tx, entity, list(golden))
    for token, record, project, depth in sorted(must ^ stand):
        if record not in again:
            what = (
                "crosswalk.missing"
                if (token, record, project, depth) in must
                else "crosswalk.surplus"
            )
            work.note(
                "number", "hub.crosswalk", f"{token.partition('=')[0]} of record {record}", what
            )
    work.count("numbers", len(must))


def _subjects(
    work: VerifyContext, tx: Transaction, entity: Entity, golden: Mapping[int, Golden]
) -> None:
    """Search terms of projects equal their values; those changed since the last pass are left."""
    seen, most = links.looked_until(tx), work.settings.link_signs
    must = {
        row.record_id: links.subject(
            str(row.values["project_code"]),
            record_linkage.trait_texts(entity.traits, row.values, most=most),
        )
        for row in golden.values()
        if not row.deleted
        and row.values.get("project_code")
        and (row.batch_id, row.record_id) <= seen
    }
    stand = links.subjects_of(tx, list(golden))
    for record in sorted(
        must.keys() | {one for one in stand if golden[one].deleted and _seen(golden[one], seen)}
    ):
        if must.get(record) != stand.get(record):
            work.note("search", "hub.link_subject", f"record {record}", "subject.fields")
    work.count("searched", len(must))


def _seen(row: Golden, until: tuple[int, int]) -> bool:
    return (row.batch_id, row.record_id) <= until


def check_versions(work: VerifyContext) -> None:
    """Former versions are complete, in order, and match the payloads that they name."""
    for entity in work.contracts.entities.values():
        for question in VERSIONS:
            ask(work, question, entity)
        reading = Rebuilding(work, entity)
        name = "version {}".format
        walk(
            work,
            RowsReading("history", "hub.history", reading.keys, reading.check, name, scratch=True),
            0,
        )


class Rebuilding:
    """Rebuilds former versions of an entity, each field from the payload it names."""

    def __init__(self, work: VerifyContext, entity: Entity) -> None:
        self._work, self._entity = work, entity
        with work.database.read(snapshot=True) as tx:
            self._baseline = structure.baseline(tx)
        self._read = {flow.name: Mapping_(flow) for flow in work.contracts.fed_by(entity.name)}

    def keys(self, tx: Transaction, after: int, most: int) -> list[int]:
        """Ids of the next versions."""
        return versions.keys(tx, self._entity.name, after, most)

    def check(self, tx: Transaction, ids: Sequence[int]) -> None:
        """Rebuild these versions and compare them."""
        rows = {row.id: row for row in versions.former(tx, ids)}
        order = {number: name for name, number in records.order(tx, self._entity).items()}
        named = {
            row.id: {
                order[at]: one for at, one in enumerate(row.provenance, 1) if one and at in order
            }
            for row in rows.values()
        }
        payloads = versions.made_of(
            tx, list({one for names in named.values() for one in names.values()})
        )
        places = versions.pointers(tx, list(payloads), [row.record_id for row in rows.values()])
        pairs = {row.id: self._pair(row, named[row.id], payloads, places) for row in rows.values()}
        for n, columns in versions.differing(
            tx, self._entity, {n: pair for n, pair in pairs.items() if pair}
        ):
            self._note(rows[n], "history.body", columns)
        self._work.count("versions", len(rows))

    def _note(self, row: Former, what: str, found: str = "") -> None:
        self._work.note(
            "history", "hub.history", f"record {row.record_id} version {row.version}", what, found
        )

    def _pair(
        self,
        row: Former,
        named: Mapping[str, int],
        payloads: Mapping[int, MadeOf],
        places: Mapping[tuple[int, int], list[str]],
    ) -> tuple[Record, Record] | None:
        """(stored, rebuilt) values of the fields that can be rebuilt."""
        if row.erased and not row.body:
            self._work.count("versions erased")
            return None
        body = {name: value for name, value in row.body.items() if name != "_deleted"}
        if strange := sorted(body.keys() - self._entity.fields.keys()):
            self._note(row, "history.strange", ", ".join(strange))
        stands, must = {}, {}
        for name in self._entity.fields:
            known = self._said(row, name, named.get(name), payloads, places)
            if known is not None:
                stands[name], must[name] = body.get(name), known[0]
        # what is no value of a field is told by COPY
        return stands, must  # type: ignore[return-value]

    def _said(
        self,
        row: Former,
        name: str,
        landing: int | None,
        payloads: Mapping[int, MadeOf],
        places: Mapping[tuple[int, int], list[str]],
    ) -> tuple[object] | None:
        """A field's value in a payload, as 1-tuple; None: erased, older contract, or linked."""
        if landing is None:
            if row.body.get(name) is not None and event_order(row.id) <= self._baseline:
                self._work.count("versions of unknown origin")  # an earlier release did not keep it
                return None
            return (None,)
        made = payloads.get(landing)
        if made is None:
            self._note(row, "history.landing", str(landing))
            return None
        if made.payload is None:
            self._work.count("versions erased")
            return None
        said = self._read_then(row, made, places.get((landing, row.record_id), [None]))
        if not said or (name == "project_code" and all(one.get(name) is None for one in said)):
            return None  # mapped by an older contract, or from the crosswalk
        body = row.body.get(name)
        return next(
            ((one.get(name),) for one in said if one.get(name) == body), (said[0].get(name),)
        )

    def _read_then(
        self, row: Former, made: MadeOf, where: Sequence[str | None]
    ) -> list[Mapping[str, object]]:
        """The mapped values at each of these places, if today's contract read the payload then."""
        if made.payload is None:
            return []
        if made.flow == decisions.flow_name(self._entity):
            return [decisions.decided(made.payload)]
        flow = self._work.contracts.pulls.get(made.flow)
        if (
            flow is None
            or made.flow not in self._read
            or made.contract(row.batch_id) != flow.contract
        ):
            self._work.count("versions older")
            return []
        return [
            self._read[made.flow].said(made.id, made.payload, at, version="").values for at in where
        ]


def check_origins(work: VerifyContext) -> None:
    """No version names a payload that landed after it was made."""
    for entity in work.contracts.entities.values():
        with work.database.read(snapshot=True) as tx:
            for record, version in rebuilding.later_origins(tx, entity):
                work.note(
                    "origin",
                    f"golden.{entity.name}",
                    f"{entity.name} {record} version {version}",
                    "origin.later",
                )

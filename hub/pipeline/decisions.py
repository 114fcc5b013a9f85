"""Manual override: a person's decision on a field -> a landed record of the source `steward`.

It outranks every system until it is taken back. A record that no system asserts any more is not
kept alive by it.
"""

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import orjson

from hub import exact
from hub.db import landing, records, runs
from hub.db.database import Database, Transaction
from hub.db.records import SourceOrigin, SourceRow, decisions, projects
from hub.db.runs import Counts, Run
from hub.domain import ledger, merkle
from hub.domain.contracts import Contracts, Entity, Field
from hub.domain.documents import mapping
from hub.domain.ledger import Covered
from hub.domain.payload import keyed_hash
from hub.domain.pull_values import settled
from hub.domain.rights import Rights
from hub.domain.validation import Validator
from hub.domain.verbs import WrongValueError
from hub.errors import FlowError
from hub.model import STEWARD, Json, Number, Value
from hub.pipeline.golden import ApplyContext, merge
from hub.pipeline.run_lifecycle import running
from hub.settings import Settings

Fields = dict[str, dict[str, Json]]


@dataclass(frozen=True, slots=True)
class FieldStatement:
    """A person's decision on a field: value (text as typed, or typed), who decides, and why."""

    value: Value
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class FieldDecision:
    """A decision in force. systems: what each asserts today; still: whether any of them differs."""

    record_id: int
    entity: str
    key: str
    field: str
    value: Value
    by: str
    reason: str
    at: str
    systems: dict[str, Value]
    still: bool


def decide(
    database: Database,
    contracts: Contracts,
    settings: Settings,
    record: str,
    field: str,
    *,
    word: FieldStatement,
    now: datetime,
    rights: Rights | None = None,
) -> int:
    """Override a field of a record; gives the run's id. rights: None for the operator.

    Raises FlowError for an unknown record or field, a value that the schema refuses, and a field
    that the reader may not see.
    """
    if not (word.by.strip() and word.reason.strip()):
        raise FlowError("decide.unfounded")
    record_id, entity, key = _named(database, contracts, record, field)
    refuse_masked(entity, field, rights)
    value = _read(entity.fields[field], word.value)
    _refuse_invalid(contracts, entity, field, value, year=now.year)
    said: dict[str, Json] = {
        "value": _json(value),
        "by": word.by,
        "reason": word.reason,
        "at": now.isoformat(),
    }
    with running(database, flow_name(entity), "decide") as (run, fenced), fenced.write() as tx:
        records.lock_entity(tx, entity.name)
        fields = _standing(tx, entity, record_id) | {field: said}
        _write(tx, contracts, settings, entity, run, record=(record_id, key), fields=fields)
    return run.id


def refuse_masked(entity: Entity, field: str, rights: Rights | None) -> None:
    """FlowError for a field that the reader may not see.

    Otherwise agreement with the sources, shown afterwards, would reveal its value.
    """
    if rights is not None and rights.sight(entity.name, entity.fields[field]) != "shown":
        raise FlowError("decide.masked", field=field)


def undo(
    database: Database,
    contracts: Contracts,
    settings: Settings,
    record: str,
    field: str,
    *,
    by: str,
    reason: str,
) -> int:
    """Take a decision back, so that survivorship decides the field again; gives the run's id."""
    if not (by.strip() and reason.strip()):
        raise FlowError("decide.unfounded")
    record_id, entity, key = _named(database, contracts, record, field)
    with database.read() as tx:
        if field not in _standing(tx, entity, record_id):
            raise FlowError("decide.none", record=f"{entity.name}:{key}", field=field)
    with running(database, flow_name(entity), "decide") as (run, fenced), fenced.write() as tx:
        records.lock_entity(tx, entity.name)
        fields = _standing(tx, entity, record_id)
        fields.pop(field, None)
        undone: dict[str, Json] = {"field": field, "by": by, "reason": reason}
        _write(
            tx,
            contracts,
            settings,
            entity,
            run,
            record=(record_id, key),
            fields=fields,
            undone=undone,
        )
    return run.id


def standing(tx: Transaction, contracts: Contracts) -> list[FieldDecision]:
    """Every decision in force, with the systems' values of today."""
    found = []
    for entity in contracts.entities.values():
        for record_id, key, payload in decisions.standing(tx, entity, flow_name(entity)):
            claims = records.claims(tx, entity, [record_id]).get(record_id, [])
            for name, said in _payload_values(tx, entity, record_id, payload).items():
                systems = {
                    claim.system: claim.values[name]
                    for claim in sorted(claims, key=lambda claim: claim.version)
                    if claim.system != STEWARD and claim.values.get(name) is not None
                }
                value = cast("Value", said["value"])
                by, reason, at = (str(said.get(part, "")) for part in ("by", "reason", "at"))
                still = any(other != value for other in systems.values())
                found.append(
                    FieldDecision(
                        record_id, entity.name, key, name, value, by, reason, at, systems, still
                    )
                )
    return found


def decided(payload: bytes) -> dict[str, Json]:
    """Field -> {value, by, reason ...} in the payload of a landed decision."""
    return {name: said["value"] for name, said in _fields(payload).items()}


def flow_name(entity: Entity) -> str:
    """The flow under which decisions about an entity land: `pull.steward.<entity>`."""
    return f"pull.{STEWARD}.{entity.name}"


def _named(
    database: Database, contracts: Contracts, record: str, field: str
) -> tuple[int, Entity, str]:
    with database.read() as tx:
        found = projects.find(tx, record)
        entity = contracts.entities.get(found[1]) if found else None
        known = projects.known(tx, entity, found[0]) if found and entity else None
    if entity is None or known is None or known.deleted:
        raise FlowError("ask.record_unknown", record=record)
    if field not in entity.fields:
        raise FlowError("ask.field_unknown", entity=entity.name, field=field)
    if field in {*entity.key, "project_code"}:
        raise FlowError("decide.identity", entity=entity.name, field=field)
    return known.record_id, entity, known.key


def _read(field: Field, said: Value) -> Value:
    """Typed text as a value of the field; unparsable text is returned as it is (refused later)."""
    if not isinstance(said, str) or field.kind not in {"integer", "boolean", "strings"}:
        return said
    try:
        read = exact.read(said)
    except exact.UnreadableJsonError:
        return said
    return said if isinstance(read, Number | dict) else cast("Value", read)


def _refuse_invalid(
    contracts: Contracts, entity: Entity, field: str, value: Value, *, year: int
) -> None:
    codes = {name: tuple(codes.values) for name, codes in contracts.code_lists.items()}
    validator = Validator(entity, codes=codes, year=year, given={})
    faults = [
        fault.code for name, fault in validator.faults({field: _json(value)}) if name == field
    ]
    faults += _places(entity.fields[field], value)
    faults += [
        fault.code
        for name, fault, note in validator.findings({field: value})
        if name == field and not note
    ]
    if value is None or faults:
        raise FlowError(
            "decide.invalid", entity=entity.name, field=field, why=", ".join(faults) or "null"
        )


def _places(field: Field, value: Value) -> list[str]:
    """A decimal with more places than its field keeps: it would be rounded where it is stored."""
    try:
        settled(field, _json(value))
    except WrongValueError as wrong:
        return [wrong.code]
    return []


def _standing(tx: Transaction, entity: Entity, record_id: int) -> Fields:
    """The decisions in force on a record: field -> value, who and why."""
    rows = decisions.standing(tx, entity, flow_name(entity), record_id)
    return _payload_values(tx, entity, record_id, rows[0][2]) if rows else {}


def _payload_values(
    tx: Transaction, entity: Entity, record_id: int, payload: bytes | None
) -> Fields:
    """Decisions in a payload; once erased, those stored, without author."""
    if payload is not None:
        return _fields(payload)
    own = records.claims(tx, entity, [record_id], system=STEWARD).get(record_id, [])
    return {
        name: {"value": _json(value), "by": "", "reason": "", "at": ""}
        for claim in own
        for name, value in claim.values.items()
        if value is not None
    }


def _fields(payload: bytes) -> Fields:
    return {
        name: mapping(said)
        for name, said in mapping(mapping(orjson.loads(payload))["fields"]).items()
    }


def _write(
    tx: Transaction,
    contracts: Contracts,
    settings: Settings,
    entity: Entity,
    run: Run,
    *,
    record: tuple[int, str],
    fields: Fields,
    undone: dict[str, Json] | None = None,
) -> None:
    """Land all decisions on a record, then settle it; the caller holds the entity's lock."""
    (record_id, key), flow = record, flow_name(entity)
    contract, batch_id = _contract(tx, entity), runs.next_batch(tx)
    (landing_id,), salt = landing.next_ids(tx, 1), os.urandom(16)
    payload = orjson.dumps(
        {"record": key, "fields": fields, **({"undone": undone} if undone else {})}
    )
    digest, version = keyed_hash(payload, settings.hash_key), f"{landing_id:020}"
    disposition = "applied" if fields else "deleted"
    said_at = max((str(said["at"]) for said in fields.values() if said.get("at")), default="")
    at = datetime.fromisoformat(said_at) if said_at else None
    said = landing.land(
        tx, [[landing_id, flow, key, batch_id, "", version, digest, salt, payload, disposition, at]]
    )
    created = changed = 0
    if fields:
        values = {name: said["value"] for name, said in fields.items()}
        # checked when decided
        row = SourceRow(key, record_id, landing_id, version, values)  # type: ignore[arg-type]
        written = records.put_sources(
            tx, entity, [row], origin=SourceOrigin(flow, STEWARD, contract)
        )
        created, changed = written.created, written.changed
    else:
        records.drop_sources(tx, entity, flow, [key])
    feeding = contracts.fed_by(entity.name)[0]
    merge(tx, ApplyContext(contracts, feeding, contract, run.id, batch_id), [record_id])
    counts = Counts(read=1, created=created, changed=changed, deleted=0 if fields else 1)
    landed = Covered([merkle.leaf(salt, ledger.content(payload, digest))], said)
    runs.add_batch(
        tx, batch_id, run_id=run.id, flow=flow, contract=contract, counts=counts, landed=landed
    )


def _contract(tx: Transaction, entity: Entity) -> int:
    """The rule by which decisions are read, kept like every other."""
    rules: Json = {name: {"from": f"fields.{name}.value"} for name in entity.fields}
    text = orjson.dumps(
        {"mapping": {"entity": entity.name, "fields": rules}}, option=orjson.OPT_SORT_KEYS
    )
    return runs.contract_id(tx, flow_name(entity), hashlib.sha256(text).hexdigest(), text.decode())


def _json(value: Value) -> Json:
    return list(value) if isinstance(value, list) else value

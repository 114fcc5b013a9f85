"""Lineage of one field: its value, why it was chosen, by which payload and rule, who has it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Literal, TypeAlias, cast

from pydantic import Field as Described

from hub import exact
from hub.auth.context import RequestContext
from hub.db import landing, records
from hub.db.database import Transaction
from hub.db.records import lineage, projects
from hub.db.records.lineage import Confirmation, DeliveryEventRow, ReaderRow
from hub.db.records.projects import Known, LandedRecord
from hub.domain import paths
from hub.domain.contracts import Contracts, Entity, Field
from hub.domain.documents import mapping, mapping_of, texts
from hub.domain.payload import PayloadFormat, decode, received
from hub.domain.pull_values import FieldRule, sources
from hub.domain.push_mapping import names_of
from hub.domain.rights import Rights, masked
from hub.errors import FlowError, RecordError
from hub.model import STEWARD, Json, Value
from hub.services.lineage.record import RecordHead, find, head, seen_disagreements
from hub.services.view import AnyJson, SourceValue, Title

ChosenBy: TypeAlias = Literal["steward", "rank", "only", ""]


@dataclass(frozen=True, slots=True)
class Claimed:
    """What one source record says of the field today. rank: 0 is the best system, -1 a person's
    decision, None a system without authority over the field.

    won: the value comes from its source key; landing_id: the last payload of that key, pointer: the
    part of it about this record, "" for all of it; batch_id: the batch that took it in.
    """

    system: str
    flow: str
    source_key: str
    version: str
    value: Value
    landing_id: int
    batch_id: int
    contract: str
    rank: int | None
    won: bool
    pointer: str
    arrival: LandedRecord


@dataclass(frozen=True, slots=True)
class FieldOrigin:
    """The landed payload that the value was read from when its version was made.

    rule: the field's mapping as of then. source: the payload's fields that the rule reads. payload:
    the whole, for those who may see personal fields. confirmed: repeats by its source key since.
    """

    arrival: LandedRecord
    contract: str
    contract_since: datetime
    rule: Annotated[
        AnyJson, Described(examples=[{"from": "ztze", "use": ["decimal", {"scale": 10000}]}])
    ]
    source: Annotated[Mapping[str, AnyJson], Described(examples=[{"ztze": "3405.86"}])]
    payload: str | None
    confirmed: Confirmation | None


@dataclass(frozen=True, slots=True)
class FormerValue:
    """The field's value in a former version."""

    version: int
    value: Value
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class FieldDelivery:
    """One attempt to deliver, and what it sent for this field under the target's names."""

    handed: DeliveryEventRow
    sent: Mapping[str, AnyJson]


@dataclass(frozen=True, slots=True)
class FieldLineage:
    """All that leads to a value and away from it.

    chosen_by: steward (a decision), rank (the best of several systems that have a value), only (no
    other system with authority has one), "" (there is no value).
    """

    head: RecordHead
    field: str
    title: Title
    classed: Annotated[str, Described(examples=["public"])]
    standard: Annotated[tuple[str, ...], Described(examples=[["SPGL_XMJBXXB.XMMC"]])]
    value: Value
    authority: tuple[str, ...]
    chosen_by: ChosenBy
    claims: tuple[Claimed, ...]
    origin: FieldOrigin | None
    disagreement: tuple[SourceValue, ...]
    history: tuple[FormerValue, ...]
    told: tuple[FieldDelivery, ...]
    readers: tuple[ReaderRow, ...]


def field_lineage(context: RequestContext, name: str, field: str) -> FieldLineage:
    """Lineage of a field of a record (its id, or entity:key) as far as the reader may see it."""
    with context.read() as tx:
        found = of_field(tx, context.hub.contracts, name, field, rights=context.rights)
    context.saw([found.head.record_id], project_code=found.head.project_code)
    return found


def of_field(
    tx: Transaction, contracts: Contracts, name: str, field_name: str, *, rights: Rights
) -> FieldLineage:
    """Lineage of a field of a record; FlowError where the reader may not see it."""
    known = find(tx, contracts, name, rights=rights)
    entity = contracts.entities[known.entity]
    field = entity.fields.get(field_name)
    if field is None or rights.sight(entity.name, field) == "hidden":
        raise FlowError("ask.field_unknown", entity=entity.name, field=field_name)
    hide = rights.sight(entity.name, field) == "masked"
    landed = projects.arrivals(tx, [known.provenance.get(field_name, 0)], of=known.record_id)
    made = next(iter(landed.values()), None)
    whole = rights.whole and rights.sees_personal(entity.name)
    claims = _claims(tx, entity, field, record_id=known.record_id, made=made)
    return FieldLineage(
        head(tx, known),
        field.name,
        Title(field.title_zh, field.title_en),
        field.classed,
        field.standard,
        value=_show(known.values.get(field_name), hide=hide),
        authority=field.authority,
        chosen_by=_chosen_by(claims),
        claims=tuple(replace(claim, value=_show(claim.value, hide=hide)) for claim in claims),
        origin=None if made is None else _origin(tx, field, made, known, hide=hide, whole=whole),
        disagreement=seen_disagreements(rights, entity, known).get(field_name, ()),
        history=tuple(
            FormerValue(
                row.version, _show(row.body.get(field_name), hide=hide), row.since, row.until
            )
            for row in lineage.versions(tx, known.record_id)
        ),
        told=_field_deliveries(
            contracts, lineage.handed(tx, known.record_id), field=field, hide=hide
        ),
        readers=tuple(lineage.readers(tx, known.record_id)),
    )


def _claims(
    tx: Transaction, entity: Entity, field: Field, *, record_id: int, made: LandedRecord | None
) -> list[Claimed]:
    """What every system says of the field, the winner first, then by rank."""
    ids = lineage.contract_ids(tx, entity, record_id)
    kept = lineage.contracts(tx, ids.values())
    found = []
    claims = records.claims(tx, entity, [record_id]).get(record_id, [])
    arrived = projects.arrivals(tx, [claim.landing_id for claim in claims], of=record_id)
    sources = {
        key
        for _, of, key in landing.sources(tx, [made.id] if made else [])
        if of in {None, record_id}
    }
    for claim in claims:
        key = claim.flow, claim.source_key
        found.append(
            Claimed(
                claim.system,
                claim.flow,
                claim.source_key,
                claim.version,
                claim.values.get(field.name),
                landing_id=claim.landing_id,
                batch_id=arrived[claim.landing_id].batch_id,
                contract=kept[ids[key]].hash,
                rank=_rank(field, claim.system),
                won=made is not None and (claim.landing_id == made.id or key in sources),
                pointer=arrived[claim.landing_id].pointer,
                arrival=arrived[claim.landing_id],
            )
        )
    found.sort(key=lambda one: (not one.won, one.rank is None, one.rank or 0, one.source_key))
    return found


def _rank(field: Field, system: str) -> int | None:
    if system == STEWARD:
        return -1
    return field.authority.index(system) if system in field.authority else None


def _chosen_by(claims: list[Claimed]) -> ChosenBy:
    winner = next((claim for claim in claims if claim.won), None)
    if winner is None:
        return ""
    if winner.system == STEWARD:
        return "steward"
    others = {
        claim.system for claim in claims if claim.rank is not None and claim.value is not None
    }
    return "rank" if len(others) > 1 else "only"


def _origin(
    tx: Transaction, field: Field, made: LandedRecord, known: Known, *, hide: bool, whole: bool
) -> FieldOrigin | None:
    """The payload of the current version's value and the rule that read it, as of then."""
    contract = lineage.contract_at(tx, known.record_id, made.id, batch_id=known.batch_id)
    if contract is None:
        return None
    payload = lineage.payloads(tx, [made.id]).get(made.id)
    says = mapping_of(contract.body)
    form = PayloadFormat(
        cast("Literal['json', 'xml', 'csv']", says.get("format", "json")),
        str(says.get("encoding", "utf-8")),
        texts(says.get("embedded_json")),
    )
    rule, as_ = (
        mapping(says["fields"]).get(field.name),
        str(mapping(says.get("each")).get("as", "")),
    )
    return FieldOrigin(
        made,
        contract.hash,
        contract.first_used,
        rule=rule,
        source=_source(payload, form=form, rule=mapping(rule), part=(as_, made.pointer), hide=hide),
        payload=received(payload).decode(form.encoding, "replace")
        if payload is not None and whole
        else None,
        confirmed=lineage.confirmations(tx, known.record_id, [made.id], after=known.batch_id).get(
            made.id
        ),
    )


def _source(
    payload: bytes | None,
    *,
    form: PayloadFormat,
    rule: Mapping[str, Json],
    part: tuple[str, str],
    hide: bool,
) -> dict[str, Json]:
    """The payload's fields that a rule reads; part: its name for an element, and the pointer."""
    use = rule.get("use")
    read = sources(
        FieldRule("", texts(rule.get("from")), tuple(use) if isinstance(use, list) else ())
    )
    try:
        decoded = decode(payload, form=form) if payload is not None else {}
    except RecordError:
        return {}
    name, pointers = part
    for pointer in pointers.split()[:1]:
        decoded = {**decoded, name: paths.at(decoded, pointer)}
    found = {path: paths.reader(path)(decoded) for path in read}
    return {
        path: "***" if hide and value is not None else exact.plain(value)
        for path, value in found.items()
    }


def _field_deliveries(
    contracts: Contracts,
    handed: Sequence[tuple[DeliveryEventRow, Mapping[str, Json]]],
    *,
    field: Field,
    hide: bool,
) -> tuple[FieldDelivery, ...]:
    """Deliveries that carry this field, under the target's names for it."""
    told = []
    for row, body in handed:
        push = contracts.pushes.get(row.flow)
        names = names_of(push, field.name) if push else ()
        if names:
            sent = {name: "***" if hide else body[name] for name in names if name in body}
            told.append(FieldDelivery(row, sent))
    return tuple(told)


def _show(value: Value, *, hide: bool) -> Value:
    return masked(value) if hide else value

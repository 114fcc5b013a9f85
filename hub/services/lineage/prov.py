"""Lineage of a record as W3C PROV (PROV-JSON).

A version is derived only from what had landed by then; deliveries and reads use the version of
their time. Payloads that landed later with the same content are named beside the version.

Names have the prefix `hub:` (urn:onecode:). `hub:value` holds values that the reader may see.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from hub.auth.context import RequestContext
from hub.db.records.lineage import DeliveryEventRow, ReaderRow
from hub.db.records.projects import LandedRecord
from hub.model import Json, Value
from hub.services.lineage.field import Claimed, FieldLineage, FieldOrigin, field_lineage
from hub.services.lineage.record import RecordHead, RecordLineage, record_lineage
from hub.texts import both

PREFIX = {"hub": "urn:onecode:"}

REVISION: Json = {"$": "prov:Revision", "type": "prov:QUALIFIED_NAME"}


class ProvDocument:
    """A PROV document under construction."""

    def __init__(self) -> None:
        self._parts: dict[str, dict[str, Json]] = defaultdict(dict)

    def say(self, kind: str, name: str, **about: Json) -> str:
        """Add a statement under a name; give the name."""
        self._parts[kind][name] = {key: value for key, value in about.items() if value is not None}
        return name

    def relate(self, kind: str, **ends: Json) -> None:
        """Add a relation, which has a generated name."""
        named: Json = {f"prov:{key}": value for key, value in ends.items() if value is not None}
        if named not in self._parts[kind].values():
            self._parts[kind][f"_:{kind}{len(self._parts[kind]) + 1}"] = named

    def entity(self, name: str, label: str, kind: str, **more: Json) -> str:
        """Add a prov:Entity."""
        own = {f"hub:{key}": value for key, value in more.items()}
        return self.say("entity", name, **{"prov:label": label, "prov:type": _typed(kind)}, **own)

    def agent(self, name: str, label: str, kind: str) -> str:
        """Add a prov:Agent."""
        return self.say("agent", name, **{"prov:label": label, "prov:type": _typed(kind)})

    def activity(self, name: str, label: str, *, at: datetime | None) -> str:
        """Add a prov:Activity."""
        moment = at.isoformat() if at else None
        return self.say(
            "activity",
            name,
            **{"prov:label": label, "prov:startTime": moment, "prov:endTime": moment},
        )

    def whole(self) -> dict[str, Json]:
        """The document as JSON."""
        return {
            "prefix": dict[str, Json](PREFIX),
            **{kind: dict(said) for kind, said in self._parts.items()},
        }


@dataclass(frozen=True, slots=True)
class Versions:
    """Versions of a record with their beginnings, oldest first; part: a field, "" for all."""

    record_id: int
    since: tuple[tuple[int, datetime | None], ...]
    part: str = ""

    def name(self, version: int) -> str:
        """The name of a version in the document; the newest's where that is no longer known."""
        known = version if version in dict(self.since) else self.since[-1][0]
        return f"hub:record/{self.record_id}/v{known}{self.part}"

    def at(self, moment: datetime) -> str:
        """The name of the version at a moment; of the first one where there was none."""
        stood = [version for version, since in self.since if since is not None and since <= moment]
        return self.name(stood[-1] if stood else self.since[0][0])


def _versions(found: RecordLineage | FieldLineage, part: str = "") -> Versions:
    formers = tuple((former.version, former.since) for former in found.history)
    return Versions(found.head.record_id, (*formers, (found.head.version, found.head.since)), part)


def record_prov(context: RequestContext, name: str) -> Mapping[str, Json]:
    """Lineage of a record (its id, or entity:key) as PROV-JSON."""
    return of_record(record_lineage(context, name))


def field_prov(context: RequestContext, name: str, field: str) -> Mapping[str, Json]:
    """Lineage of a field of a record as PROV-JSON."""
    return of_field(field_lineage(context, name, field))


def of_record(found: RecordLineage) -> dict[str, Json]:
    """A record's versions, the payloads of its fields, deliveries and readers."""
    doc, versions = ProvDocument(), _versions(found)
    golden = _golden(doc, found.head)
    for former in found.history:
        name = versions.name(former.version)
        doc.entity(name, f"{found.head.entity} {found.head.key} v{former.version}", "GoldenVersion")
        doc.relate("wasDerivedFrom", generatedEntity=golden, usedEntity=name, type=REVISION)
    for arrival in found.arrivals:
        payload = _part(doc, arrival)
        fields: list[str] = [
            field for field, said in found.fields.items() if said.landing_id == arrival.id
        ]
        doc.relate("wasDerivedFrom", generatedEntity=golden, usedEntity=payload)
        for field in fields:
            part = _field(doc, found.head, field, found.fields[field].value)
            doc.relate("hadMember", collection=golden, entity=part)
            doc.relate("wasDerivedFrom", generatedEntity=part, usedEntity=payload)
    _given(doc, versions, found.handed)
    _read(doc, versions, found.readers)
    return doc.whole()


def of_field(found: FieldLineage) -> dict[str, Json]:
    """A field's claims, the rule that chose, the payload and mapping that made the value."""
    doc = ProvDocument()
    head, versions = found.head, _versions(found, f"/{found.field}")
    golden = _golden(doc, head)
    value = _field(doc, head, found.field, found.value)
    doc.relate("hadMember", collection=golden, entity=value)
    zh, en = both("取值|activity")
    settle = doc.activity(
        f"hub:settle/{head.record_id}/v{head.version}", f"{en} · {zh}", at=head.since
    )
    doc.relate("wasGeneratedBy", entity=value, activity=settle)
    doc.relate(
        "wasAssociatedWith",
        activity=settle,
        agent=doc.agent("hub:hub", "OneCode Hub", "SoftwareAgent"),
    )
    for claim in found.claims:
        name = _claim(doc, found, claim, claim.landing_id)
        if claim.batch_id <= head.batch_id:
            doc.relate("used", activity=settle, entity=name)
        elif claim.won:
            doc.relate("alternateOf", alternate1=name, alternate2=value)
    if found.origin is not None:
        name = _made(doc, found, found.origin)
        doc.relate("used", activity=settle, entity=name)
        doc.relate("wasDerivedFrom", generatedEntity=value, usedEntity=name)
    for former in found.history:
        past = doc.entity(
            versions.name(former.version),
            f"{found.field} v{former.version}",
            "FieldValue",
            value=_text(former.value),
        )
        doc.relate("wasDerivedFrom", generatedEntity=value, usedEntity=past, type=REVISION)
    _given(doc, versions, [told.handed for told in found.told])
    _read(doc, versions, found.readers)
    return doc.whole()


def _claim(doc: ProvDocument, found: FieldLineage, claim: Claimed, landing_id: int) -> str:
    """A source key's claim on the field, by one of its payloads."""
    name = doc.entity(
        f"hub:claim/{landing_id}/{found.field}",
        f"{claim.system}: {found.field}",
        "Claim",
        value=_text(claim.value),
        rank=claim.rank,
        won=claim.won,
    )
    doc.relate("wasAttributedTo", entity=name, agent=_system(doc, claim.system))
    return name


def _made(doc: ProvDocument, found: FieldLineage, origin: FieldOrigin) -> str:
    """The claim that made the value, with its payload and rule."""
    arrival = origin.arrival
    name = f"hub:claim/{arrival.id}/{found.field}"
    claim = next((one for one in found.claims if one.won), None)
    if claim is not None:
        _claim(doc, found, replace(claim, value=found.value), arrival.id)
    else:  # the record has been withdrawn since
        doc.entity(name, f"{arrival.system}: {found.field}", "Claim", value=_text(found.value))
        doc.relate("wasAttributedTo", entity=name, agent=_system(doc, arrival.system))
    payload = _part(doc, arrival)
    zh, en = both("映射|activity")
    mapping = doc.activity(
        f"hub:map/{arrival.id}", f"{en} · {zh} {arrival.flow}", at=arrival.committed_at
    )
    plan = doc.entity(f"hub:contract/{origin.contract}", f"{arrival.flow} contract", "Contract")
    doc.relate("wasGeneratedBy", entity=name, activity=mapping)
    doc.relate("used", activity=mapping, entity=payload)
    doc.relate("used", activity=mapping, entity=plan)
    doc.relate("wasDerivedFrom", generatedEntity=name, usedEntity=payload)
    return name


def _golden(doc: ProvDocument, head: RecordHead) -> str:
    name = doc.entity(
        f"hub:record/{head.record_id}/v{head.version}",
        f"{head.entity} {head.key} v{head.version}",
        "GoldenVersion",
    )
    doc.relate(
        "wasAttributedTo", entity=name, agent=doc.agent("hub:hub", "OneCode Hub", "SoftwareAgent")
    )
    return name


def _field(doc: ProvDocument, head: RecordHead, field: str, value: Value) -> str:
    return doc.entity(
        f"hub:record/{head.record_id}/v{head.version}/{field}",
        field,
        "FieldValue",
        value=_text(value),
    )


def _payload(doc: ProvDocument, arrival: LandedRecord) -> str:
    """A landed payload, the run that took it in, and the system that sent it."""
    name = doc.entity(
        f"hub:landing/{arrival.id}",
        f"{arrival.flow} {arrival.key}",
        "Payload",
        position=arrival.position,
        version=arrival.version,
    )
    run = doc.activity(
        f"hub:run/{arrival.run_id}",
        f"run {arrival.run_id} · {arrival.flow}",
        at=arrival.committed_at,
    )
    doc.relate("wasGeneratedBy", entity=name, activity=run, time=arrival.committed_at.isoformat())
    doc.relate("wasAttributedTo", entity=name, agent=_system(doc, arrival.system))
    return name


def _part(doc: ProvDocument, arrival: LandedRecord) -> str:
    """The part of a payload about the record; the payload itself where that is all of it."""
    whole = _payload(doc, arrival)
    if not arrival.pointer:
        return whole
    name = doc.entity(
        f"{whole}{arrival.pointer.split()[0]}",
        f"{arrival.flow} {arrival.key} {arrival.pointer}",
        "PayloadPart",
        pointer=arrival.pointer,
    )
    doc.relate("hadMember", collection=whole, entity=name)
    return name


def _system(doc: ProvDocument, system: str) -> str:
    return doc.agent(f"hub:system/{system}", system, "Organization")


def _given(doc: ProvDocument, versions: Versions, handed: Sequence[DeliveryEventRow]) -> None:
    for row in handed:
        act = doc.activity(
            f"hub:delivery/{row.key}/{row.run_id}/{row.state}",
            f"{row.flow}: {row.state}",
            at=row.at,
        )
        doc.relate("used", activity=act, entity=versions.name(row.golden_version))
        doc.relate("wasAssociatedWith", activity=act, agent=_system(doc, row.flow.split(".")[1]))


def _read(doc: ProvDocument, versions: Versions, readers: Sequence[ReaderRow]) -> None:
    for number, row in enumerate(readers, 1):
        if not row.refused:
            act = doc.activity(
                f"hub:read/{number}", f"{row.route} · {row.purpose}".strip(" ·"), at=row.at
            )
            doc.relate("used", activity=act, entity=versions.at(row.at))
            who = doc.agent(f"hub:account/{row.account}", row.account, "Person")
            doc.relate("wasAssociatedWith", activity=act, agent=who)


def _typed(kind: str) -> Json:
    known = {"SoftwareAgent", "Organization", "Person"}
    return {"$": f"prov:{kind}" if kind in known else f"hub:{kind}", "type": "prov:QUALIFIED_NAME"}


def _text(value: Value) -> str | None:
    if value is None:
        return None
    return ", ".join(value) if isinstance(value, list) else str(value)

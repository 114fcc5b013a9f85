"""A record's lineage as W3C PROV, in its JSON form (PROV-JSON): entities, what made them, who answers for it.

Names are qualified by `hub:` (urn:onecode:). Values stand in `hub:value` only as far as the reader may see them.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from hub.lineage.field import FieldLineage
from hub.lineage.record import Head, RecordLineage
from hub.model import Json, Value
from hub.store.lineage import HandedRow, ReaderRow
from hub.store.projects import Arrival

PREFIX = {"hub": "urn:onecode:"}

REVISION: Json = {"$": "prov:Revision", "type": "prov:QUALIFIED_NAME"}


class Document:
    """A PROV document that grows; each kind of statement has names of its own."""

    def __init__(self) -> None:
        self._parts: dict[str, dict[str, Json]] = defaultdict(dict)

    def say(self, kind: str, name: str, **about: Json) -> str:
        """State something under a name; give the name."""
        self._parts[kind][name] = {key: value for key, value in about.items() if value is not None}
        return name

    def relate(self, kind: str, **ends: Json) -> None:
        """State a relation, which needs no name of its own."""
        named: Json = {f"prov:{key}": value for key, value in ends.items() if value is not None}
        if named not in self._parts[kind].values():
            self._parts[kind][f"_:{kind}{len(self._parts[kind]) + 1}"] = named

    def entity(self, name: str, label: str, kind: str, **more: Json) -> str:
        """A thing."""
        own = {f"hub:{key}": value for key, value in more.items()}
        return self.say("entity", name, **{"prov:label": label, "prov:type": _typed(kind)}, **own)

    def agent(self, name: str, label: str, kind: str) -> str:
        """Somebody or something that answers for an act."""
        return self.say("agent", name, **{"prov:label": label, "prov:type": _typed(kind)})

    def activity(self, name: str, label: str, *, at: datetime | None) -> str:
        """Something that was done."""
        moment = at.isoformat() if at else None
        return self.say("activity", name, **{"prov:label": label, "prov:startTime": moment, "prov:endTime": moment})

    def whole(self) -> dict[str, Json]:
        """The document."""
        return {"prefix": dict[str, Json](PREFIX), **{kind: dict(said) for kind, said in self._parts.items()}}


def of_record(found: RecordLineage) -> dict[str, Json]:
    """A record: its versions, the payloads that its fields came from, who was given it, who read it."""
    doc = Document()
    golden = _golden(doc, found.head)
    for former in found.history:
        name = f"hub:record/{found.head.record_id}/v{former.version}"
        doc.entity(name, f"{found.head.entity} {found.head.key} v{former.version}", "GoldenVersion")
        doc.relate("wasDerivedFrom", generatedEntity=golden, usedEntity=name, type=REVISION)
    for arrival in found.arrivals:
        payload = _payload(doc, arrival)
        fields: list[str] = [field for field, said in found.fields.items() if said.landing_id == arrival.id]
        doc.relate("wasDerivedFrom", generatedEntity=golden, usedEntity=payload)
        for field in fields:
            part = _field(doc, found.head, field, found.fields[field].value)
            doc.relate("hadMember", collection=golden, entity=part)
            doc.relate("wasDerivedFrom", generatedEntity=part, usedEntity=payload)
    _given(doc, golden, found.handed)
    _read(doc, golden, found.readers)
    return doc.whole()


def of_field(found: FieldLineage) -> dict[str, Json]:
    """A field: the claims that were considered, the rule that chose, the payload and the mapping that made it."""
    doc = Document()
    head = found.head
    golden = _golden(doc, head)
    value = _field(doc, head, found.field.name, found.value)
    doc.relate("hadMember", collection=golden, entity=value)
    settle = doc.activity(f"hub:settle/{head.record_id}/v{head.version}", "settle · 择优", at=head.since)
    doc.relate("wasGeneratedBy", entity=value, activity=settle)
    doc.relate("wasAssociatedWith", activity=settle, agent=doc.agent("hub:hub", "OneCode Hub", "SoftwareAgent"))
    for claim in found.claims:
        name = doc.entity(
            f"hub:claim/{claim.landing_id}/{found.field.name}",
            f"{claim.system}: {found.field.name}",
            "Claim",
            value=_text(claim.value),
            rank=claim.rank,
            won=claim.won,
        )
        doc.relate("used", activity=settle, entity=name)
        doc.relate("wasAttributedTo", entity=name, agent=_system(doc, claim.system))
        if claim.won:
            doc.relate("wasDerivedFrom", generatedEntity=value, usedEntity=name)
            if found.origin:
                payload = _payload(doc, found.origin.arrival)
                mapping = doc.activity(
                    f"hub:map/{claim.landing_id}", f"map · 映射 {claim.flow}", at=found.origin.arrival.committed_at
                )
                plan = doc.entity(f"hub:contract/{found.origin.contract}", f"{claim.flow} contract", "Contract")
                doc.relate("wasGeneratedBy", entity=name, activity=mapping)
                doc.relate("used", activity=mapping, entity=payload)
                doc.relate("used", activity=mapping, entity=plan)
                doc.relate("wasDerivedFrom", generatedEntity=name, usedEntity=payload)
    for former in found.history:
        past = doc.entity(
            f"hub:record/{head.record_id}/v{former.version}/{found.field.name}",
            f"{found.field.name} v{former.version}",
            "FieldValue",
            value=_text(former.value),
        )
        doc.relate("specializationOf", specificEntity=past, generalEntity=value)
    _given(doc, value, [told.handed for told in found.told])
    _read(doc, value, found.readers)
    return doc.whole()


def _golden(doc: Document, head: Head) -> str:
    name = doc.entity(
        f"hub:record/{head.record_id}/v{head.version}", f"{head.entity} {head.key} v{head.version}", "GoldenVersion"
    )
    doc.relate("wasAttributedTo", entity=name, agent=doc.agent("hub:hub", "OneCode Hub", "SoftwareAgent"))
    return name


def _field(doc: Document, head: Head, field: str, value: Value) -> str:
    return doc.entity(f"hub:record/{head.record_id}/v{head.version}/{field}", field, "FieldValue", value=_text(value))


def _payload(doc: Document, arrival: Arrival) -> str:
    """A landed payload, the run that took it in, and the system that sent it."""
    name = doc.entity(
        f"hub:landing/{arrival.id}",
        f"{arrival.flow} {arrival.key}",
        "Payload",
        position=arrival.position,
        version=arrival.version,
    )
    run = doc.activity(f"hub:run/{arrival.run_id}", f"run {arrival.run_id} · {arrival.flow}", at=arrival.committed_at)
    doc.relate("wasGeneratedBy", entity=name, activity=run, time=arrival.committed_at.isoformat())
    doc.relate("wasAttributedTo", entity=name, agent=_system(doc, arrival.system))
    return name


def _system(doc: Document, system: str) -> str:
    return doc.agent(f"hub:system/{system}", system, "Organization")


def _given(doc: Document, what: str, handed: Sequence[HandedRow]) -> None:
    for row in handed:
        act = doc.activity(f"hub:delivery/{row.key}/{row.run_id}/{row.state}", f"{row.flow}: {row.state}", at=row.at)
        doc.relate("used", activity=act, entity=what)
        doc.relate("wasAssociatedWith", activity=act, agent=_system(doc, row.flow.split(".")[1]))


def _read(doc: Document, what: str, readers: Sequence[ReaderRow]) -> None:
    for number, row in enumerate(readers, 1):
        if not row.refused:
            act = doc.activity(f"hub:read/{number}", f"{row.route} · {row.purpose}".strip(" ·"), at=row.at)
            doc.relate("used", activity=act, entity=what)
            who = doc.agent(f"hub:account/{row.account}", row.account, "Person")
            doc.relate("wasAssociatedWith", activity=act, agent=who)


def _typed(kind: str) -> Json:
    known = {"SoftwareAgent", "Organization", "Person"}
    return {"$": f"prov:{kind}" if kind in known else f"hub:{kind}", "type": "prov:QUALIFIED_NAME"}


def _text(value: Value) -> str | None:
    if value is None:
        return None
    return ", ".join(value) if isinstance(value, list) else str(value)

"""Golden records of a project -> the fields of a form. Pure, whatever the order of records."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import Field as Described

from hub.db.records.projects import Known, LandedRecord
from hub.domain.contracts import (
    Contracts,
    Entity,
    Field,
    PrefillField,
    PrefillForm,
    PrefillMaterial,
    PullFlow,
)
from hub.domain.documents import mapping, mapping_of
from hub.domain.identifiers import credit_code
from hub.domain.partner_masks import is_mask, says
from hub.domain.rights import Rights
from hub.domain.value_text import unit_words
from hub.errors import Fault
from hub.model import STEWARD, Record, Value
from hub.services.prefill.suiting import fits, suits
from hub.services.view import ARRIVED, SOURCE_TIME
from hub.texts import Words

Verification = Literal["authority", "other_source", "steward", "disputed"]
Arrived = Mapping[int, LandedRecord]
NONE_CAME = {
    "prefill.not_collected",
    "prefill.not_yet_received",
    "prefill.no_grant",
    "prefill.masked",
}
OWNER = PrefillField("holder", "持有人", "Holder", "project", "owner_uscc", {}, "only")
"""Where a form does not say whose paper it wants: the project owner's."""


@dataclass(frozen=True, slots=True)
class FilledValue:
    """One value with its source, times and verification.

    source_time: time stated by the source, None where it states none; as_of: when it arrived here.

    verification: authority (first system of the field's ranking), other_source (another with
    authority), steward (a person's decision), disputed (sources differ; only in lists).
    """

    value: Value
    zh: Annotated[str | None, Described(description="what a code means")]
    en: str | None
    system: str
    system_zh: str
    system_en: str
    as_of: Annotated[datetime | None, Described(description=ARRIVED)]
    verification: Verification
    record_id: int
    source_time: Annotated[datetime | None, Described(description=SOURCE_TIME)] = None


@dataclass(frozen=True, slots=True)
class FilledField:
    """One field of a form: items (several where the form takes a list), or the reason for none.

    candidates: what sources, or several records, say instead of one value. unit_words: the unit in
    words.
    """

    question: PrefillField
    unit: str | None
    items: tuple[FilledValue, ...]
    reason: Fault | None = None
    candidates: tuple[FilledValue, ...] = ()
    unit_words: Words = ("", "")

    @property
    def value(self) -> Value:
        """The value for the form, None where it stays empty."""
        if self.question.pick == "list":
            return [str(item.zh or item.value) for item in self.items] if self.items else None
        return self.items[0].value if self.items else None


@dataclass(frozen=True, slots=True)
class Material:
    """A paper of the project; `WantedMaterial` says whether it suits. Times as of FilledValue."""

    record_id: int
    values: Record
    system: str
    as_of: Annotated[datetime | None, Described(description=ARRIVED)]
    source_time: Annotated[datetime | None, Described(description=SOURCE_TIME)]


@dataclass(frozen=True, slots=True)
class WantedMaterial:
    """A paper that the form wants. held: its number or name in the hub; reason: why it must be
    handed in.

    holder: credit code of the holder found, None where the paper names none.
    """

    asked: PrefillMaterial
    held: FilledValue | None
    reason: Fault | None = None
    holder: str | None = None


def deciding(form: PrefillForm, entity: Entity) -> set[str]:
    """Fields by which a form picks among an entity's records: conditions, dates, paper names."""
    asked = [
        *form.fields,
        *(paper.held_as for paper in form.materials if paper.held_as is not None),
        *(check.asked for check in form.checks),
    ]
    names = {name for one in asked if one.entity == entity.name for name in one.where}
    names |= {field.name for field in entity.fields.values() if field.kind in {"date", "datetime"}}
    names |= set(entity.papers.names) if entity.papers else set()
    return names & entity.fields.keys()


def is_masked(contracts: Contracts, question: PrefillField, rights: Rights) -> bool:
    """Whether these rights show only that there is an answer."""
    entity = contracts.entities.get(question.entity)
    return (
        entity is not None and rights.sight(entity.name, entity.fields[question.field]) == "masked"
    )


def handed_over(contracts: Contracts, answers: Sequence[FilledField], *, rights: Rights) -> Record:
    """Answers for a program: values by name, without masked and empty ones."""
    return {
        answer.question.name: answer.value
        for answer in answers
        if answer.value is not None and not is_masked(contracts, answer.question, rights)
    }


def fill(
    contracts: Contracts,
    form: PrefillForm,
    known: Sequence[Known],
    *,
    arrived: Arrived,
    rights: Rights,
) -> Iterator[FilledField]:
    """Every field of a form, in its order."""
    ordered = {
        name: _newest_first(contracts.entities[name], [row for row in known if row.entity == name])
        for name in {row.entity for row in known}
    }
    for question in form.fields:
        if not question.entity:
            yield FilledField(question, None, (), Fault("", "prefill.not_collected", {}))
            continue
        entity = contracts.entities[question.entity]
        field = entity.fields[question.field]
        sight = rights.sight(entity.name, field)
        if sight == "hidden":
            yield FilledField(question, field.unit, (), _no_grant(entity))
            continue
        records = [row for row in ordered.get(entity.name, ()) if suits(row, question)]
        answer = _answer(contracts, question, entity, records=records, arrived=arrived)
        seen = _unseen(answer) if sight == "masked" else answer
        yield replace(seen, unit_words=unit_words(contracts, field.unit))


def materials(
    contracts: Contracts, known: Sequence[Known], *, arrived: Arrived, rights: Rights
) -> Iterator[Material]:
    """The project's papers, as far as these rights go."""
    for row in known:
        entity = contracts.entities[row.entity]
        if entity.papers is None:
            continue
        shown = {
            name: value
            for name, value in row.values.items()
            if rights.sight(entity.name, entity.fields[name]) == "shown"
        }
        origin = arrived.get(row.provenance.get(entity.papers.names[0], 0))
        yield Material(
            row.record_id,
            shown,
            system=origin.system if origin else "",
            as_of=origin.committed_at if origin else None,
            source_time=origin.source_time if origin else None,
        )


def wanted(
    contracts: Contracts,
    form: PrefillForm,
    known: Sequence[Known],
    *,
    arrived: Arrived,
    rights: Rights,
    on: date,
) -> Iterator[WantedMaterial]:
    """Every paper that the form wants, held or not on that day."""
    for asked in form.materials:
        sources = [*([asked.held_as] if asked.held_as else []), *_as_handed_in(contracts, asked)]
        tries = [
            _held(contracts, asked, source, known, arrived=arrived, rights=rights, on=on)
            for source in sources
        ]
        held = next((one for one in tries if one.held), None)
        # That one is held and will not do tells more than that none has come; then the record that
        # it is kept as.
        telling = (one for one in tries if one.reason and one.reason.code not in NONE_CAME)
        nothing = next(
            iter(tries), WantedMaterial(asked, None, Fault("", "prefill.not_collected", {}))
        )
        yield held or next(telling, nothing)


def _as_handed_in(contracts: Contracts, asked: PrefillMaterial) -> Iterator[PrefillField]:
    """Where a copy handed in with some item would be, by its own or its certificate's name."""
    for entity in contracts.papers:
        for name in entity.papers.names if entity.papers else ():
            where = {name: asked.named}
            yield PrefillField(
                asked.name, asked.title_zh, asked.title_en, entity.name, name, where, "list"
            )


def _held(
    contracts: Contracts,
    asked: PrefillMaterial,
    source: PrefillField,
    known: Sequence[Known],
    *,
    arrived: Arrived,
    rights: Rights,
    on: date,
) -> WantedMaterial:
    """The newest such paper that is in force."""
    entity = contracts.entities[source.entity]
    field = entity.fields[source.field]
    sight = rights.sight(entity.name, field)
    if sight != "shown":
        return WantedMaterial(
            asked, None, _no_grant(entity) if sight == "hidden" else Fault("", "prefill.masked", {})
        )
    records = _newest_first(entity, [row for row in known if row.entity == entity.name])
    having = [
        row
        for row in records
        if fits(row.values, source.where) and says(row.values.get(field.name))
    ]
    if entity.papers is not None and having:
        owned = _of_holder(contracts, asked, entity, having, known=known, rights=rights)
        if isinstance(owned, Fault):
            return WantedMaterial(asked, None, owned)
        having = owned
    in_force = [row for row in having if str(row.values.get("valid_until") or on) >= str(on)]
    if not in_force:
        lapsed = str(having[0].values["valid_until"]) if having else ""
        reason = (
            Fault("", "prefill.expired", {"on": lapsed})
            if having
            else _nothing(contracts, entity, field, source.where)
        )
        return WantedMaterial(asked, None, reason)
    return WantedMaterial(
        asked,
        _item(contracts, field, in_force[0], arrived=arrived),
        holder=_holder_of(entity, in_force[0], rights),
    )


def _of_holder(
    contracts: Contracts,
    asked: PrefillMaterial,
    entity: Entity,
    having: Sequence[Known],
    *,
    known: Sequence[Known],
    rights: Rights,
) -> list[Known] | Fault:
    """Those of these papers that belong to the wanted holder, or the reason why none is known to.

    A paper that names a holder belongs to him; one that names none is the project's, and suits only
    where the form wants a paper of the project. A name without a credit code proves nothing.
    """
    of_whom = {row.record_id: _holder_of(entity, row, rights) for row in having}
    nobodys = [row for row in having if of_whom[row.record_id] is None]
    if asked.holder is None and nobodys:
        return nobodys
    wanted_by = _holders_wanted(contracts, asked.holder or OWNER, known, rights=rights)
    owned = [row for row in having if of_whom[row.record_id] in wanted_by]
    if owned:
        return owned
    if nobodys or not wanted_by:
        return Fault("", "prefill.holder_unknown", {})
    facts = {"holder": str(of_whom[having[0].record_id]), "wanted": ", ".join(sorted(wanted_by))}
    return Fault("", "prefill.other_holder", facts)


def _holder_of(entity: Entity, row: Known, rights: Rights) -> str | None:
    """The paper's holder by credit code, or by its own number where that is one (a licence's)."""
    for name in entity.papers.holder if entity.papers else ():
        field = entity.fields.get(name)
        if field is not None and rights.sight(entity.name, field) == "shown":
            code = credit_code(row.values.get(name))
            if code is not None:
                return code
    return None


def _holders_wanted(
    contracts: Contracts, source: PrefillField, known: Sequence[Known], *, rights: Rights
) -> frozenset[str]:
    """Credit codes of suitable holders; none if the reader may not see them or sources differ."""
    entity = contracts.entities.get(source.entity)
    field = entity.fields.get(source.field) if entity else None
    if entity is None or field is None or rights.sight(entity.name, field) != "shown":
        return frozenset()
    codes = (
        credit_code(row.values.get(field.name))
        for row in known
        if row.entity == entity.name
        and fits(row.values, source.where)
        and field.name not in row.disagreements
    )
    return frozenset(code for code in codes if code is not None)


def _masked_by_source(contracts: Contracts, field: Field, row: Known, arrived: Arrived) -> Fault:
    origin = arrived.get(row.provenance.get(field.name, 0))
    zh, en = _titles(contracts, origin.system if origin else "")
    value = (
        ", ".join(map(str, value))
        if isinstance(value := row.values[field.name], list)
        else str(value)
    )
    return Fault(
        "", "prefill.masked_by_source", {"systems_zh": zh, "systems_en": en, "value": value}
    )


def _no_grant(entity: Entity) -> Fault:
    return Fault(
        "", "prefill.no_grant", {"entity_zh": entity.title_zh, "entity_en": entity.title_en}
    )


def _answer(
    contracts: Contracts,
    question: PrefillField,
    entity: Entity,
    *,
    records: Sequence[Known],
    arrived: Arrived,
) -> FilledField:
    field = entity.fields[question.field]
    if question.pick == "latest":
        records = records[:1]
    known = [row for row in records if row.values.get(field.name) is not None]
    having = [row for row in known if says(row.values[field.name])]
    items = [_item(contracts, field, row, arrived=arrived) for row in having]
    if known and not items:
        return FilledField(
            question, field.unit, (), _masked_by_source(contracts, field, known[0], arrived)
        )
    if not items:
        return FilledField(
            question, field.unit, (), _nothing(contracts, entity, field, question.where)
        )
    if question.pick == "list":
        return FilledField(question, field.unit, tuple(items))
    disputed = next((row for row in having if field.name in row.disagreements), None)
    if disputed is not None:
        said = tuple(
            one for one in _disputed_values(contracts, field, disputed) if not is_mask(one.value)
        )
        return FilledField(
            question, field.unit, (), Fault("", "prefill.sources_disagree", {}), said
        )
    if any(item.value != items[0].value for item in items):
        return FilledField(
            question, field.unit, (), Fault("", "prefill.sources_disagree", {}), tuple(items)
        )
    return FilledField(question, field.unit, (items[0],))


def _item(contracts: Contracts, field: Field, row: Known, *, arrived: Arrived) -> FilledValue:
    """The golden value with its source and times."""
    origin = arrived.get(row.provenance.get(field.name, 0))
    system = origin.system if origin else ""
    disputed = field.name in row.disagreements
    return FilledValue(
        row.values[field.name],
        *_words(contracts, field, row.values[field.name]),
        system,
        *_titles(contracts, system),
        as_of=origin.committed_at if origin else None,
        verification="disputed" if disputed else _verification(field, system),
        record_id=row.record_id,
        source_time=origin.source_time if origin else None,
    )


def _disputed_values(contracts: Contracts, field: Field, row: Known) -> Iterator[FilledValue]:
    """Each system's value of a disputed field, the one with most authority first."""
    for system, value in row.disagreements[field.name]:
        words, titles = _words(contracts, field, value), _titles(contracts, system)
        yield FilledValue(
            value,
            *words,
            system,
            *titles,
            as_of=None,
            verification="disputed",
            record_id=row.record_id,
        )


def _verification(field: Field, system: str) -> Verification:
    if system == STEWARD:
        return "steward"
    return "authority" if field.authority[:1] == (system,) else "other_source"


def _words(contracts: Contracts, field: Field, value: Value) -> tuple[str | None, str | None]:
    """A code's meaning in both languages."""
    codes = contracts.code_lists.get(field.code or "")
    return codes.values.get(str(value), (None, None)) if codes else (None, None)


def _titles(contracts: Contracts, system: str) -> tuple[str, str]:
    if system == STEWARD:
        return "人工裁定", "Decided by a person"
    known = contracts.systems.get(system)
    return (known.title_zh, known.title_en) if known else (system, system)


def _nothing(
    contracts: Contracts, entity: Entity, field: Field, where: Mapping[str, Sequence[str]]
) -> Fault:
    """Why there is no value: no source shares the field for such records, or none has sent it."""
    sharing = {
        flow.system.name: flow.system
        for flow in contracts.fed_by(entity.name)
        if field.name in flow.mapper.traces and _brings(flow, where)
    }
    if not sharing:
        return Fault("", "prefill.not_collected", {})
    facts = {
        "systems_zh": "、".join(system.title_zh for system in sharing.values()),
        "systems_en": ", ".join(system.title_en for system in sharing.values()),
    }
    return Fault("", "prefill.not_yet_received", facts)


def _brings(flow: PullFlow, where: Mapping[str, Sequence[str]]) -> bool:
    """Whether a flow can bring such records: its mapping may fix a field, as a water company's."""
    fixed = _fixed(flow.text)
    return all(name not in fixed or fixed[name] in wanted for name, wanted in where.items())


@lru_cache
def _fixed(contract: str) -> Mapping[str, str]:
    """The fields to which a mapping gives a constant."""
    rules = mapping(mapping_of(contract)["fields"])
    return {
        name: str(mapping(rule)["const"])
        for name, rule in rules.items()
        if "const" in mapping(rule)
    }


def _newest_first(entity: Entity, records: Sequence[Known]) -> list[Known]:
    """Sorted by the first date field that the record has, then by record id; newest first."""
    dates = [field.name for field in entity.fields.values() if field.kind in {"date", "datetime"}]

    def age(row: Known) -> tuple[str, int]:
        return next(
            (str(row.values[name]) for name in dates if row.values.get(name)), ""
        ), row.record_id

    return sorted(records, key=age, reverse=True)


def _unseen(answer: FilledField) -> FilledField:
    """A masked answer: that there is one, and nothing of it."""
    by_source = answer.reason is not None and answer.reason.code == "prefill.masked_by_source"
    if not (answer.items or answer.candidates or by_source):
        return answer
    return FilledField(answer.question, answer.unit, (), Fault("", "prefill.masked", {}))

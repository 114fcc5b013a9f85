"""What a source that answers one key at a time is asked for: the rules of `read: {ask: ...}`."""

from collections.abc import Mapping, Sequence

from hub.domain.contracts import AskRules, CodeList, Entity
from hub.domain.documents import mapping, texts
from hub.domain.entities import seconds
from hub.domain.files import AskSection, grammar_of
from hub.domain.library import ContractFile, Library
from hub.model import Json

ASK = "ask"


GRAMMAR = grammar_of(AskSection)


def read_of(says: Mapping[str, Json]) -> dict[str, Json]:
    """The connector's own options of a pull's `read:`."""
    return {name: value for name, value in mapping(says["read"]).items() if name != ASK}


def ask_of(says: Mapping[str, Json]) -> AskRules | None:
    """The rules of a pull's `read: {ask: ...}`; None without them."""
    said = mapping(mapping(says["read"]).get(ASK))
    if not said:
        return None
    entity, _, field = str(said["of"]).partition(".")
    per_run, per_day = said.get("per_run", 500), said.get("per_day")
    return AskRules(
        entity,
        field,
        where={name: texts(values) for name, values in mapping(said.get("where")).items()},
        again_seconds=seconds(str(said["again"])),
        per_run=per_run if isinstance(per_run, int) else 500,
        per_day=per_day if isinstance(per_day, int) else None,
        purpose=str(said["purpose"]),
        basis=str(said.get("basis", "")),
    )


def check(
    library: Library,
    filed: ContractFile,
    entities: Mapping[str, Entity],
    lists: Mapping[str, CodeList],
) -> None:
    """Note what is wrong with `read: {ask: ...}`, if a pull has one."""
    read = mapping(filed.says["read"])
    if ASK not in read:
        return
    place = ("read", ASK)
    if not library.check(filed.document, GRAMMAR, where=place, value=read[ASK]):
        return
    said = mapping(read[ASK])
    name, _, field = str(said["of"]).partition(".")
    library.known(filed.document, (*place, "of"), kind="schema", name=name)
    entity = entities.get(name)
    if entity is None:
        return
    wanted = mapping(said.get("where"))
    for one in (field, *wanted):
        if one not in entity.fields:
            where = (*place, "of") if one == field else (*place, "where", one)
            facts = {"name": one, "entity": name}
            library.miss(filed.document, where, "contract.field_unknown", entity.fields, **facts)
    asked = entity.fields.get(field)
    if asked is None:
        return
    if asked.kind != "string":
        library.note(filed.document, (*place, "of"), "contract.ask_no_text", field=field)
    if asked.classed not in {"public", "internal"} and not said.get("basis"):
        library.note(filed.document, place, "contract.ask_basis", field=f"{name}.{field}")
    _check_values(library, filed, entity, lists, wanted)


def _check_values(
    library: Library,
    filed: ContractFile,
    entity: Entity,
    lists: Mapping[str, CodeList],
    wanted: Mapping[str, Json],
) -> None:
    for name, values in wanted.items():
        code = entity.fields[name].code if name in entity.fields else None
        known: Sequence[str] = list(lists[code].values) if code and code in lists else ()
        for value in texts(values) if code and known else ():
            if value not in known:
                place = ("read", ASK, "where", name)
                facts = {"value": value, "list": str(code)}
                library.miss(filed.document, place, "contract.ask_value", known, **facts)

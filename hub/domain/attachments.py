"""Files that records name (`files:` of a mapping): where they come from, and what may be held."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from hub.domain import paths
from hub.domain.contracts import Entity, FileRule, FileSource, SentFile
from hub.domain.documents import Step, mapping, texts
from hub.domain.file_types import KNOWN, size_of
from hub.domain.files import SystemFile
from hub.domain.library import ContractFile, Library
from hub.model import Json

RECORD = "record"
"""The way of a file that stands in its record, as base64."""
DIGEST = "sha256"

FileState: TypeAlias = Literal["pending", "held", "passed_on", "failed"]
"""pending: not fetched yet; held: in the store; passed_on: not stored, handed through and found
whole; failed: refused, or not there.
"""


def rules(
    library: Library, filed: ContractFile, connect: Mapping[str, Mapping[str, Json]]
) -> dict[str, FileRule]:
    """Field -> rule, from a checked mapping and its system's sources. connect: by connector."""
    sources = _sources(library, filed.system)
    return {
        name: FileRule(
            name,
            source=_source(str(said["source"]), sources, connect),
            path=str(said.get("from", "")),
            hash_field=str(mapping(said["hash"])["field"]) if "hash" in said else None,
            types=texts(said["types"]),
            most=size_of(str(said["max"])),
            keep=said.get("keep") is not False,
        )
        for name, said in _said(filed).items()
    }


def _source(
    name: str,
    sources: Mapping[str, Mapping[str, Json]],
    connect: Mapping[str, Mapping[str, Json]],
) -> FileSource:
    said = sources[name]
    via = str(said["via"])
    options = {option: value for option, value in said.items() if option != "via"}
    return FileSource(name, via, connect.get(via, {}), options)


def _said(filed: ContractFile) -> dict[str, dict[str, Json]]:
    return {name: mapping(said) for name, said in mapping(filed.says.get("files")).items()}


def _sources(library: Library, system: str) -> dict[str, dict[str, Json]]:
    """The file sources that a system's file names; {} where it is unsound."""
    filed = next((one for one in library.filed["system"] if one.name == system), None)
    return dict(filed.read(SystemFile).file_sources) if filed else {}


def vias(library: Library, system: str) -> set[str]:
    """The connectors by which a system's files are fetched."""
    said = (str(one.get("via", RECORD)) for one in _sources(library, system).values())
    return set(said) - {RECORD}


def check_sources(library: Library, filed: ContractFile) -> None:
    """Each source of a system names a way that there is, with options that it takes."""
    said = filed.read(SystemFile)
    for name, source in said.file_sources.items():
        where: tuple[Step, ...] = ("file_sources", name)
        via = str(source.get("via", ""))
        known = library.connectors.get(via)
        options = {option: value for option, value in source.items() if option != "via"}
        if via == RECORD:
            if options:
                first = next(iter(options))
                library.note(
                    filed.document, (*where, first), "contract.file_option", name=first, via=via
                )
        elif known is None or known.fetch is None:
            ways = [one for one, made in library.connectors.items() if made.fetch is not None]
            library.miss(
                filed.document, (*where, "via"), "contract.file_way", [*ways, RECORD], name=via
            )
        else:
            library.check(filed.document, known.fetch, where=where, value=options)


def check(library: Library, filed: ContractFile, entity: Entity) -> None:
    """Note what is wrong with the files of a mapping."""
    sources, mapped = _sources(library, filed.system), mapping(filed.says["fields"])
    for name, said in _said(filed).items():
        where: tuple[Step, ...] = ("files", name)
        if name not in mapped or name not in entity.fields:
            library.miss(
                filed.document,
                where,
                "contract.field_unknown",
                mapped,
                name=name,
                entity=entity.name,
            )
            continue
        _check_field(library, filed, entity, name)
        source = sources.get(str(said["source"]))
        if source is None:
            library.miss(
                filed.document,
                (*where, "source"),
                "contract.file_source_unknown",
                sources,
                name=str(said["source"]),
            )
        else:
            _check_way(library, filed, name, said, inside=source.get("via") == RECORD)
        hashed = str(mapping(said.get("hash")).get("field", ""))
        if hashed and (hashed not in mapped or hashed not in entity.fields):
            library.miss(
                filed.document,
                (*where, "hash", "field"),
                "contract.field_unknown",
                mapped,
                name=hashed,
                entity=entity.name,
            )
        if said.get("keep") is False and not hashed:
            library.note(filed.document, (*where, "keep"), "contract.file_unproven", name=name)


def _check_field(library: Library, filed: ContractFile, entity: Entity, name: str) -> None:
    """The field says where a file is: a text or a list of them, and nothing secret."""
    field = entity.fields[name]
    if field.kind not in {"string", "strings"} or field.classed == "secret":
        library.note(filed.document, ("files", name), "contract.file_field", name=name)


def _check_way(
    library: Library, filed: ContractFile, name: str, said: Mapping[str, Json], *, inside: bool
) -> None:
    """`from` says where in the record the content stands, and only there; no list is opened."""
    where: tuple[Step, ...] = ("files", name)
    if inside != ("from" in said):
        library.note(filed.document, where, "contract.file_from", name=name)
    if inside and ("each" in filed.says or said.get("keep") is False):
        library.note(filed.document, where, "contract.file_inside", name=name)


def sent(filed: ContractFile) -> tuple[SentFile, ...]:
    """The fields whose files go with a push, from a checked mapping."""
    return tuple(
        SentFile(name, str(said["name"]), str(said["hash"])) for name, said in _said(filed).items()
    )


def check_sent(library: Library, filed: ContractFile, entity: Entity, connector: str) -> None:
    """Note what is wrong with the files that go with a push."""
    known = library.connectors.get(connector)
    written, mapped = mapping(filed.says["write"]), mapping(filed.says["fields"])
    if sent(filed) and known is not None:
        if not known.carries:
            ways = ", ".join(name for name, one in library.connectors.items() if one.carries)
            facts = {"connector": connector, "ways": ways}
            library.note(filed.document, ("files",), "contract.files_unable", **facts)
        elif not written.get(known.carries):
            library.note(filed.document, ("write",), "contract.files_option", option=known.carries)
    for one in sent(filed):
        where: tuple[Step, ...] = ("files", one.field)
        if one.field not in entity.fields:
            facts = {"name": one.field, "entity": entity.name}
            library.miss(filed.document, where, "contract.field_unknown", entity.fields, **facts)
            continue
        if entity.fields[one.field].kind != "string" or not _fetched(library, entity, one.field):
            library.note(
                filed.document, where, "contract.file_unfetched", name=one.field, entity=entity.name
            )
        taken = {*mapped, str(written.get("key", ""))}
        for word, name in (("name", one.name), ("hash", one.digest)):
            if name in taken or one.name == one.digest:
                library.note(filed.document, (*where, word), "contract.file_mapped", name=name)


def _fetched(library: Library, entity: Entity, field: str) -> bool:
    """Whether any pull of an entity fetches the files that this field names."""
    return any(
        field in _said(one)
        for one in library.filed["pull"]
        if str(one.says.get("entity")) == entity.name
    )


def content_of(record: Mapping[str, Json], rule: FileRule) -> Json:
    """What stands at the place in a record where its file is."""
    return paths.reader(rule.path)(record)


__all__ = [
    "KNOWN",
    "RECORD",
    "check",
    "check_sent",
    "check_sources",
    "content_of",
    "rules",
    "sent",
    "vias",
]

"""Checks of `each:` (exploding lists of a record), and the paths read of a resource."""

from collections.abc import Iterator
from typing import Literal, cast

from hub.domain import lists, paths
from hub.domain.contracts import Each
from hub.domain.documents import Step, mapping, texts
from hub.domain.library import ContractFile, Library
from hub.domain.pull_values import FieldRule, sources
from hub.model import Json

LEVELS = 2
"""So many lists one inside the other; only XML has an element around each of them."""

_RESOURCE = ("resource", "operation", "table", "query", "folder", "pattern")


def each_of(filed: ContractFile) -> Each | None:
    """How a pull takes its records apart, None where it does not."""
    said = mapping(filed.says.get("each"))
    if not said:
        return None
    most = said.get("most")
    return Each(
        str(said["at"]),
        str(said["as"]),
        empty=cast("Literal['none', 'fault']", said.get("empty", "none")),
        lone=_form(filed) == "xml",
        **({"most": most} if isinstance(most, int) else {}),
    )


def key_of(filed: ContractFile) -> tuple[tuple[str, ...], ...]:
    """The key of a pull: per part, alternative paths of which the first non-empty counts."""
    return tuple(texts(one) for one in cast("list[Json]", filed.says["key"]))


def check(library: Library, filed: ContractFile) -> None:
    """Note errors of `each:`; warn of paths that pick an element of a list by its index."""
    for where, path in _read(filed):
        if any(isinstance(step, int) for step in paths.steps(path)):
            library.warn(filed.document, where, "contract.one_of_list", path=path)
    each = each_of(filed)
    _check_key(library, filed, each)
    if each is None:
        return
    if _form(filed) != "xml" and len(paths.steps(each.at)) > LEVELS:
        library.note(filed.document, ("each", "at"), "contract.each_levels", path=each.at)
    for where, path in _of_whole(filed):
        if paths.steps(path)[0] == each.name:
            library.note(filed.document, where, "contract.each_whole", path=path)


def _check_key(library: Library, filed: ContractFile, each: Each | None) -> None:
    """A key names the whole by one path a place, and each part in it."""
    of_part = [
        {each is not None and paths.steps(path)[0] == each.name for path in one}
        for one in key_of(filed)
    ]
    for at, (choice, part) in enumerate(zip(key_of(filed), of_part, strict=True)):
        if len(choice) > 1 and part != {True}:
            library.note(
                filed.document, ("key", at), "contract.key_choice", paths=", ".join(choice)
            )
    if each is not None and {True} not in of_part:
        library.note(filed.document, ("key",), "contract.each_key", name=each.name)
    if each is not None and {False} not in of_part:
        library.note(filed.document, ("key",), "contract.each_whole_key", name=each.name)


def read_beside(library: Library, filed: ContractFile) -> lists.Tree:
    """The places of a record that any mapping of the same resource reads, or ignores on purpose."""
    made: lists.Tree = {}
    for one in _same_resource(library, filed):
        each = each_of(one)
        read = [path for _, path in _read(one)]
        apart = {each.name: each.at} if each else {}
        _merge(made, lists.tree(read, apart))
    secret = mapping(filed.says.get("secret"))
    flag = secret.get("field", mapping(secret.get("persons")).get("field"))
    _merge(made, lists.tree([*texts(filed.says.get("ignore")), *texts(flag)], {}))
    return made


def taken_apart_beside(library: Library, filed: ContractFile) -> list[str]:
    """The lists that other mappings of the same resource take apart."""
    others = (each_of(one) for one in _same_resource(library, filed) if one is not filed)
    return sorted({each.at for each in others if each})


def _same_resource(library: Library, filed: ContractFile) -> Iterator[ContractFile]:
    own = _resource(filed)
    return (one for one in library.filed["pull"] if one is filed or (own and _resource(one) == own))


def _resource(filed: ContractFile) -> tuple[str, ...]:
    """What a pull reads, in its system's terms; () where it does not say."""
    read = mapping(filed.says["read"])
    named = [str(read[word]) for word in _RESOURCE if word in read]
    return (filed.system, str(filed.says.get("via", "")), *named) if named else ()


def _read(filed: ContractFile) -> Iterator[tuple[tuple[Step, ...], str]]:
    """Every path of a mapping, with its place in the file."""
    for name, rule in mapping(filed.says["fields"]).items():
        said = mapping(rule)
        use = said.get("use")
        read = FieldRule(name, texts(said.get("from")), tuple(use) if isinstance(use, list) else ())
        yield from ((("fields", name), path) for path in sources(read))
    yield from ((("key", at), path) for at, choice in enumerate(key_of(filed)) for path in choice)
    yield from _of_whole(filed)


def _of_whole(filed: ContractFile) -> Iterator[tuple[tuple[Step, ...], str]]:
    """The paths that speak of a whole record: its version and its filters."""
    says = filed.says
    yield from ((("version",), path) for path in texts(says.get("version")))
    yield from ((("deleted_when", path), path) for path in mapping(says.get("deleted_when")))
    for name, wanted in mapping(says.get("skip_when")).items():
        yield from ((("skip_when", name, path), path) for path in mapping(wanted))


def _form(filed: ContractFile) -> Json:
    return filed.says.get("format", "json")


def _merge(into: lists.Tree, other: lists.Tree) -> None:
    for step, node in other.items():
        _merge(into.setdefault(step, {}), node)

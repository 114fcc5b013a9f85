"""Partner errors -> places in our own contract files that may be the real cause."""

from collections.abc import Iterator, Mapping

from hub.domain.contracts import PullFlow, PushFlow
from hub.domain.documents import Step, UnreadableError, read
from hub.errors import HubError
from hub.model import Json
from hub.texts import both

OURS = "system.contract"
EITHER = frozenset({"system.protocol", "system.answer_unreadable", "system.http_status"})
"""Codes that may mean a change at the partner or an error in our files."""

_ADDRESSES = frozenset({"resource", "operation", "wsdl", "path", "folder", "table"})
_NAMED = 3
_SHORTEST = 2


def hint(error: HubError, flow: PullFlow | PushFlow, files: Mapping[str, str]) -> dict[str, str]:
    """Facts to add to an error, zh and en: file, line, option behind the request; connection.

    files: text of the contract files, by path.
    """
    if error.code not in EITHER | {OURS}:
        return {}
    way, system, name = flow.name.split(".", 2)
    own, part = (
        f"mappings/{system}/{name}.{way}.yaml",
        "read" if isinstance(flow, PullFlow) else "write",
    )
    options = flow.read if isinstance(flow, PullFlow) else flow.write
    shared = f"mappings/{system}/system.yaml"
    said = " ".join(str(fact) for fact in error.facts.values())
    found = [(own, (part, *where)) for where in _meant(options, error.code, said)]
    found += [(shared, ("connect", *where)) for where in _meant(flow.connect, error.code, said)]
    places = [
        _file_line(file, where, files)
        for file, where in found[:_NAMED] or [(own, (part,)), (shared, ("connect",))]
    ]
    if (
        not found or error.code == "system.http_status"
    ):  # an address's beginning, a database's name stand there
        places.append(f"HUB_CONN_{system.upper()}")
    listed = ", ".join(places)
    zh, en = both(
        "见 {places}。"
        if error.code == OURS
        else "可能是对方的接口变了，也可能是我方写法与对方不符：{places}。",
        places=listed,
    )
    return {"hint_zh": zh, "hint_en": en}


def _meant(options: Mapping[str, Json], code: str, said: str) -> Iterator[tuple[Step, ...]]:
    """Options quoted by the error; for a refused address those that it is made of."""
    for where, text in _texts(options):
        quoted = len(text) >= _SHORTEST and text in said
        if quoted or (code == "system.http_status" and where[-1] in _ADDRESSES):
            yield where


def _texts(
    value: Json | Mapping[str, Json], where: tuple[Step, ...] = ()
) -> Iterator[tuple[tuple[Step, ...], str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts(inner, (*where, name))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _texts(inner, (*where, at))
    elif isinstance(value, str) and where:
        yield where, value


def _file_line(file: str, where: tuple[Step, ...], files: Mapping[str, str]) -> str:
    """file:line (option)."""
    option = ".".join(map(str, where))
    try:
        line = read(file, files[file]).problem(where, "").line
    except (KeyError, UnreadableError):
        return f"{file} ({option})"
    return f"{file}:{line} ({option})"

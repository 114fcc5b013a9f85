"""One use case, asked of the API, of the command line and of the service that both show.

`Case`: what is asked; `cases_*.py` hold them by subject. The console has no JSON: its pages are
read for the function that they call.
"""

import ast
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from pydantic_core import to_jsonable_python

from hub.auth.context import RequestContext

Use = Callable[..., object]


@dataclass(frozen=True, slots=True)
class Case:
    """A use case.

    use: the function of `hub.services` that does it. ask: calls it on the world's project for a
    reader; None for an act, of which only is looked that all faces call `use`. api: what is got, or
    posted ("POST /v1/..."), for the same; command: arguments of `hub`; flags: those by which it
    gives JSON. api_of, command_of: what part of the view a face shows, where not all of it, with
    the reason at the case. pages: modules of `hub.console` that show it.
    """

    use: Use
    ask: Callable[[RequestContext], object] | None = None
    api: str = ""
    command: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    api_of: Callable[[object], object] | None = None
    command_of: Callable[[object], object] | None = None
    flags: tuple[str, ...] = ("--json",)

    @property
    def name(self) -> str:
        """Of the use case, as a test shows it."""
        return f"{self.use.__module__.removeprefix('hub.services.')}.{self.use.__name__}"


def plain(view: object) -> object:
    """A view, or the JSON of one, so that both compare: moments are moments, whatever writes
    them.
    """
    return _same(to_jsonable_python(view, serialize_unknown=True))


def _same(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _same(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_same(one) for one in value]
    if isinstance(value, str) and len(value) > len("2026-01-01T") and value[10:11] == "T":
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return value
        return moment.astimezone(UTC) if moment.tzinfo else moment
    return value


def said(text: str) -> object:
    """What a face has answered."""
    return _same(json.loads(text))


@cache
def _tree(module: str) -> ast.Module:
    spec = find_spec(module)
    assert spec is not None, module
    assert spec.origin is not None, module
    return ast.parse(Path(spec.origin).read_text(encoding="utf-8"))


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Local name -> what it stands for, of everything that a module imports from somewhere."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for one in node.names:
                yield one.asname or one.name, f"{node.module}.{one.name}"


def _is(name: str, use: Use) -> bool:
    """Whether a dotted name stands for this function, by whichever module hands it out."""
    module, _, called = name.rpartition(".")
    return called == use.__name__ and getattr(import_module(module), called, None) is use


def calls(module: str, use: Use) -> bool:
    """Whether a module of a face names this function of a service: by itself, or by its module."""
    tree = _tree(module)
    known = dict(_imported(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in known and _is(known[node.id], use):
            return True
        by_module = (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.attr == use.__name__
        )
        if by_module and node.value.id in known and _is(f"{known[node.value.id]}.{node.attr}", use):
            return True
    return False

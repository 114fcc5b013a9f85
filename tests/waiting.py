"""What makes a test hang on the moment: an assertion of what a page shows right now, a pause, a
port that is not held.

A page goes on changing after the call that changes it has returned, so whoever reads it at once
fails on a busy machine; `expect` and `settles` look until it holds. A pause is too short there and
too long everywhere else; a loop that ends once something holds is neither. Ports: tests/ports.py.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping

Function = ast.FunctionDef | ast.AsyncFunctionDef
Loop = ast.For | ast.AsyncFor | ast.While

PAGE_MODULES = ("playwright", "axe_playwright_python")
PAGE_FOLDERS = ("tests/browser/", "tests/acceptance/")
AT_ONCE = {
    *(
        "all",
        "all_inner_texts",
        "all_text_contents",
        "aria_snapshot",
        "bounding_box",
        "content",
        "count",
    ),
    *(
        "eval_on_selector",
        "eval_on_selector_all",
        "evaluate",
        "evaluate_all",
        "evaluate_handle",
        "get_attribute",
    ),
    *(
        "inner_html",
        "inner_text",
        "input_value",
        "is_checked",
        "is_closed",
        "is_disabled",
        "is_editable",
    ),
    *(
        "is_enabled",
        "is_hidden",
        "is_visible",
        "query_selector",
        "query_selector_all",
        "text_content",
        "title",
    ),
}
"""Methods of pages and locators that tell how it is now; asked again, they may tell something
else.
"""
AT_ONCE_VALUES = {"url", "frames", "pages"}
"""Likewise, without a call."""
AT_ONCE_TOOLS = {"Axe"}
"""What looks at a whole page when it is told to."""
WAITING = {"expect", "settles"}
"""What looks again until it holds. A function that calls it may return what it reads afterwards."""
PAUSES = {"sleep", "wait_for_timeout"}
PORTS = "tests/ports.py"
"""The one place that binds."""


def offences(sources: Mapping[str, str]) -> list[str]:
    """Give `path:line: what is wrong` for each offence in the Python sources, by path."""
    trees = {path: ast.parse(source) for path, source in sources.items()}
    pages = {
        path: tree
        for path, tree in trees.items()
        if path.startswith(PAGE_FOLDERS) or _imports_pages(tree)
    }
    readers = _readers(pages.values())
    found = []
    for path, tree in trees.items():
        wrong = [*_pauses(tree), *(_loose_ports(tree) if path != PORTS else ())]
        wrong += _reads_at_once(tree, readers) if path in pages else ()
        found += [f"{path}:{line}: {what}" for line, what in sorted(wrong)]
    return found


def _imports_pages(tree: ast.AST) -> bool:
    named = [
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    ]
    named += [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return any(name.split(".")[0] in PAGE_MODULES for name in named)


# what is read from a page at once


def _reads_at_once(tree: ast.AST, readers: set[str]) -> Iterator[tuple[int, str]]:
    for function in _functions(tree):
        kept = _kept(function, readers)
        for node in _own(function):
            refuses = isinstance(node, ast.If) and any(map(_fails, node.body))
            if (isinstance(node, ast.Assert) or refuses) and _reads(node.test, readers, kept):  # type: ignore[attr-defined]
                yield (
                    node.lineno,
                    "asserts what the page shows at once; let `expect` or `settles` wait for it",
                )


def _readers(trees: Iterable[ast.AST]) -> set[str]:
    """The functions that return what they read at once, by name; those that call them likewise."""
    functions = [function for tree in trees for function in _functions(tree)]
    readers: set[str] = set()
    while more := {
        one.name for one in functions if one.name not in readers and _returns_read(one, readers)
    }:
        readers |= more
    return readers


def _returns_read(function: Function, readers: set[str]) -> bool:
    if any(_called(node) in WAITING for node in _own(function)):
        return False
    kept = _kept(function, readers)
    returned = [
        node.value for node in _own(function) if isinstance(node, ast.Return) and node.value
    ]
    return any(_reads(value, readers, kept) for value in returned)


def _kept(function: Function, readers: set[str]) -> set[str]:
    """The names that stand for what was read at once."""
    kept: set[str] = set()
    for node in _own(function):  # in the order of the text
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr | ast.AugAssign):
            if not node.value or not _reads(node.value, readers, kept):
                continue
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            kept |= {
                one.id
                for target in targets
                for one in ast.walk(target)
                if isinstance(one, ast.Name)
            }
    return kept


def _reads(expression: ast.AST, readers: set[str], kept: set[str]) -> bool:
    nodes = [expression, *_own(expression)]
    called = {node.func for node in nodes if isinstance(node, ast.Call)}
    return any(
        (
            isinstance(node, ast.Call)
            and _called(node) in AT_ONCE
            and isinstance(node.func, ast.Attribute)
        )
        or (isinstance(node, ast.Call) and _called(node) in readers | AT_ONCE_TOOLS)
        or (isinstance(node, ast.Attribute) and node.attr in AT_ONCE_VALUES and node not in called)
        or (isinstance(node, ast.Name) and node.id in kept)
        for node in nodes
    )


# pauses and ports


def _pauses(tree: ast.AST, loop: Loop | None = None) -> Iterator[tuple[int, str]]:
    for node in ast.iter_child_nodes(tree):
        within = node if isinstance(node, Loop) else None if isinstance(node, Function) else loop
        if _called(node) in PAUSES and not (loop and _ends(loop)) and not _yields_only(node):
            yield node.lineno, "pauses; wait in a loop that ends once it holds"  # type: ignore[attr-defined]
        yield from _pauses(node, within)


def _ends(loop: Loop) -> bool:
    """Whether something ends it before its time."""
    asked = isinstance(loop, ast.While) and not isinstance(loop.test, ast.Constant)
    return asked or any(isinstance(node, ast.Break | ast.Return) for node in _own(loop))


def _yields_only(node: ast.AST) -> bool:
    """`sleep(0)` lets others go first and takes no time."""
    return isinstance(node, ast.Call) and [ast.unparse(one) for one in node.args] == ["0"]


def _loose_ports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if _called(node) == "bind":
            yield node.lineno, f"binds a port itself; take one of {PORTS}"  # type: ignore[attr-defined]


# reading Python


def _functions(tree: ast.AST) -> list[Function]:
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """Everything within, in the order of the text, but for what functions within do when they are
    called.
    """
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, Function | ast.Lambda):
            yield child
            yield from _own(child)


def _called(node: ast.AST) -> str:
    """The bare name of what is called."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _fails(node: ast.AST) -> bool:
    return isinstance(node, ast.Raise) or (
        isinstance(node, ast.Expr) and _called(node.value) == "fail"
    )

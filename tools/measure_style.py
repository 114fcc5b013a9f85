#!/usr/bin/env python3
"""Measure the style of a Python code base: sizes, docs, types, comments, tests, imports.

To look:

    measure_style.py . --src hub --src connectors --src dags --tests tests

As a gate, exit status 1 where a figure is past its limit:

    measure_style.py . --src hub --at-most "function p95=30" --at-least "annotated %=100"

Standard library only. Run it with a Python at least as new as the code that it measures.

What the figures mean:

- code lines: physical lines holding a token that is no comment and no docstring.
- function length: from `def` to the last line, its docstring left out. Nested functions
  count on their own and inside their parent. `@overload` stubs do not count.
- documented: functions with a docstring. Public means that neither the function nor the
  class or module around it starts with an underscore.
- annotated: every parameter but self/cls, and the return, has an annotation.
- comment ratio: comment lines per code line, tool pragmas (noqa, type: ignore) left out.
- eager imports: those that run when a module is imported, so not the ones in a function
  body or under `if TYPE_CHECKING`.
- junk drawer: a module named, or in a package named, util(s), helper(s) or misc.
- part: a package or module just below a root, as `hub.merge` is below `hub`.
- cycle: a strongly connected set of two or more modules, or parts.
- depth: modules on the longest chain of eager imports, a cycle counting as one.
"""

from __future__ import annotations

import argparse
import ast
import io
import json
import statistics
import subprocess
import sys
import tokenize
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

PRAGMAS = ("noqa", "type:", "pragma", "pylint", "pyright", "mypy", "ruff", "fmt:", "isort", "nosec")
LAYOUT_TOKENS = {
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
    tokenize.COMMENT,
}
LONG = 50  # lines of a function
JUNK_DRAWERS = {"util", "utils", "helper", "helpers", "misc", "general_utils"}
BRANCHES = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.IfExp, ast.match_case)
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
Reader = Callable[[], bytes]
Graph = dict[str, set[str]]
Figures = dict[str, Any]


@dataclass(frozen=True)
class CodeBase:
    """Where a code base lies and which of its folders are what."""

    at: Path
    src: tuple[str, ...]
    tests: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()


@dataclass(frozen=True)
class Function:
    where: str
    length: int
    branches: int
    parameters: int
    public: bool
    documented: bool
    annotated: bool
    is_test: bool


@dataclass
class Module:
    """What one source file shows on its own."""

    name: str
    is_package: bool
    code_lines: int = 0
    docstring_lines: int = 0
    comment_lines: int = 0
    pragmas: int = 0
    todos: int = 0
    documented: bool = False
    functions: list[Function] = field(default_factory=list)
    classes: int = 0
    exceptions: int = 0
    broad_excepts: int = 0
    anys: int = 0
    eager: set[str] = field(default_factory=set)
    lazy: set[str] = field(default_factory=set)


# --- reading -----------------------------------------------------------------------


def read_sources(base: CodeBase) -> Iterator[tuple[str, str]]:
    """Yield (path, text) of each Python file under the code base's folders."""
    wanted = (*base.src, *base.tests)
    for path, raw in _tree_files(base.at):
        if not path.endswith(".py") or _under(path, base.skip):
            continue
        if _under(path, wanted):
            yield path, raw().decode("utf-8", errors="replace")


def _tree_files(root: Path) -> Iterator[tuple[str, Reader]]:
    listed = subprocess.run(  # noqa: S603 -- git on a folder that the caller names
        ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        paths = sorted(root / name for name in listed.stdout.decode().split("\0") if name)
    else:
        paths = sorted(root.rglob("*.py"))
    for path in paths:
        if path.is_file():
            yield path.relative_to(root).as_posix(), path.read_bytes


def _under(path: str, folders: Iterable[str]) -> bool:
    return any(path == f or path.startswith(f.rstrip("/") + "/") or f == "." for f in folders)


def module_name(path: str, roots: Iterable[str]) -> tuple[str, bool]:
    """Return the dotted name that `path` is imported by, and whether it is a package."""
    for root in sorted(roots, key=len, reverse=True):
        if _under(path, [root]):
            above = PurePosixPath(root).parent if root != "." else PurePosixPath(".")
            parts = list(PurePosixPath(path).relative_to(above).with_suffix("").parts)
            if parts[-1] == "__init__":
                return ".".join(parts[:-1]), True
            return ".".join(parts), False
    raise ValueError(path)


# --- one module --------------------------------------------------------------------


def measure_module(path: str, text: str, roots: Iterable[str]) -> Module | None:
    """Measure one file, or return None where it does not parse."""
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(text)
    except SyntaxError:
        return None
    name, is_package = module_name(path, roots)
    module = Module(name, is_package, documented=ast.get_docstring(tree) is not None)
    _count_lines(module, text, _docstring_lines(tree))
    _visit_definitions(module, path, tree.body, prefix="", public=not _private(path), depth=0)
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and _is_broad(node):
            module.broad_excepts += 1
        elif "Any" in (getattr(node, "id", None), getattr(node, "attr", None)):
            module.anys += 1
    _collect_imports(module, tree.body, eager=True)
    return module


def _count_lines(module: Module, text: str, docstring_lines: set[int]) -> None:
    code: set[int] = set()
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                words = token.string.lstrip("#! ")
                if words.startswith(PRAGMAS):
                    module.pragmas += 1
                elif words:
                    module.comment_lines += 1
                module.todos += any(mark in words for mark in ("TODO", "FIXME", "XXX", "HACK"))
            elif token.type not in LAYOUT_TOKENS:
                code.update(range(token.start[0], token.end[0] + 1))
    except tokenize.TokenError:
        pass
    module.code_lines = len(code - docstring_lines)
    module.docstring_lines = len(docstring_lines)


def _docstring_lines(tree: ast.Module) -> set[int]:
    lines: set[int] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | FunctionNode):
            continue
        if (doc := _docstring_node(node)) is not None:
            lines.update(range(doc.lineno, doc.lineno + _height(doc)))
    return lines


def _docstring_node(node: ast.Module | ast.ClassDef | FunctionNode) -> ast.Expr | None:
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return first if isinstance(first.value.value, str) else None
    return None


def _height(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _visit_definitions(
    module: Module, path: str, body: Iterable[ast.stmt], *, prefix: str, public: bool, depth: int
) -> None:
    for node in body:
        if isinstance(node, ast.ClassDef):
            module.classes += 1
            bases = [ast.unparse(base).split("[")[0] for base in node.bases]
            module.exceptions += any(b.endswith(("Exception", "Error", "Warning")) for b in bases)
            inner = public and not node.name.startswith("_")
            _visit_definitions(
                module, path, node.body, prefix=f"{prefix}{node.name}.", public=inner, depth=depth
            )
        elif isinstance(node, FunctionNode):
            if not _is_overload(node):
                where = f"{path}:{node.lineno} {prefix}{node.name}"
                module.functions.append(
                    _measure_function(node, where, public=public and depth == 0)
                )
            _visit_definitions(
                module,
                path,
                node.body,
                prefix=f"{prefix}{node.name}.",
                public=False,
                depth=depth + 1,
            )
        else:
            for block in _nested_blocks(node):
                _visit_definitions(module, path, block, prefix=prefix, public=public, depth=depth)


def _nested_blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        if block := getattr(node, name, None):
            yield block
    for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield part.body


def _measure_function(node: FunctionNode, where: str, *, public: bool) -> Function:
    doc = _docstring_node(node)
    parameters = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    parameters += [p for p in (node.args.vararg, node.args.kwarg) if p]
    named = [p for p in parameters if p.arg not in ("self", "cls", "mcs")]
    return Function(
        where=where,
        length=_height(node) - (_height(doc) if doc else 0),
        branches=sum(isinstance(n, BRANCHES) for n in ast.walk(node)),
        parameters=len(named),
        public=public and not node.name.startswith("_"),
        documented=doc is not None,
        annotated=node.returns is not None and all(p.annotation for p in named),
        is_test=node.name.startswith("test"),
    )


def _is_overload(node: FunctionNode) -> bool:
    return any(ast.unparse(d).split(".")[-1] == "overload" for d in node.decorator_list)


def _is_broad(node: ast.ExceptHandler) -> bool:
    return node.type is None or ast.unparse(node.type) in ("Exception", "BaseException")


def _is_junk_drawer(module: str) -> bool:
    return any(part.strip("_") in JUNK_DRAWERS for part in module.split("."))


def _private(path: str) -> bool:
    parts = PurePosixPath(path).with_suffix("").parts
    return any(p.startswith("_") and not p.startswith("__") for p in parts)


# --- imports -----------------------------------------------------------------------


def _collect_imports(module: Module, body: Iterable[ast.stmt], *, eager: bool) -> None:
    for node in body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            (module.eager if eager else module.lazy).update(_imported(module, node))
        elif isinstance(node, FunctionNode):
            _collect_imports(module, node.body, eager=False)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            _collect_imports(module, node.body, eager=False)
            _collect_imports(module, node.orelse, eager=eager)
        elif isinstance(node, ast.ClassDef):
            _collect_imports(module, node.body, eager=eager)
        else:
            for block in _nested_blocks(node):
                _collect_imports(module, block, eager=eager)


def _imported(module: Module, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """Yield the dotted names an import may mean; the resolver keeps those that exist."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    source = node.module or ""
    if node.level:
        parts = module.name.split(".")
        parts = parts[: len(parts) - node.level + (1 if module.is_package else 0)]
        source = ".".join([*parts, source] if source else parts)
    yield from (f"{source}.{alias.name}" for alias in node.names)


def resolve(names: Iterable[str], modules: dict[str, Module], own: str) -> set[str]:
    """Map imported names to the modules of this code base that they load."""
    found: set[str] = set()
    for name in names:
        known = name
        while known and known not in modules:
            known = known.rpartition(".")[0]
        if known and known != own:
            found.add(known)
    return found


def components(graph: Graph) -> list[set[str]]:
    """Return the strongly connected components, each after those it depends on (Kosaraju)."""
    backwards: Graph = {node: set() for node in graph}
    for node, targets in graph.items():
        for target in targets:
            backwards[target].add(node)
    found: list[set[str]] = []
    placed: set[str] = set()
    for node in reversed(_finishing_order(backwards)):
        if node not in placed:
            component = _reachable(graph, node, barred=placed)
            placed |= component
            found.append(component)
    return found


def _finishing_order(graph: Graph) -> list[str]:
    """Return the nodes in the order in which a depth-first walk leaves them."""
    left: list[str] = []
    seen: set[str] = set()
    for root in sorted(graph):
        path = [] if root in seen else [(root, iter(sorted(graph[root])))]
        seen.add(root)
        while path:
            following = next((t for t in path[-1][1] if t not in seen), None)
            if following is None:
                left.append(path.pop()[0])
            else:
                seen.add(following)
                path.append((following, iter(sorted(graph[following]))))
    return left


def _reachable(graph: Graph, start: str, *, barred: set[str]) -> set[str]:
    reached = {start}
    waiting = [start]
    while waiting:
        fresh = graph[waiting.pop()] - barred - reached
        reached |= fresh
        waiting.extend(fresh)
    return reached


def cycles(graph: Graph) -> list[set[str]]:
    return sorted((c for c in components(graph) if len(c) > 1), key=len, reverse=True)


def depth(graph: Graph) -> int:
    """Return how many modules the longest import chain has."""
    deepest: dict[str, int] = {}
    for component in components(graph):
        below = [deepest[n] for member in component for n in graph[member] if n not in component]
        for member in component:
            deepest[member] = 1 + max(below, default=0)
    return max(deepest.values(), default=0)


def by_part(graph: Graph) -> Graph:
    """Collapse a module graph to the packages and modules just below each root."""
    parts: Graph = {}
    for module, targets in graph.items():
        own = _part(module)
        parts.setdefault(own, set()).update({_part(t) for t in targets} - {own})
    return parts


def _part(module: str) -> str:
    return ".".join(module.split(".")[:2])


# --- the whole ---------------------------------------------------------------------


def measure(base: CodeBase) -> Figures:
    """Measure a whole code base."""
    src: dict[str, Module] = {}
    tests: list[Module] = []
    unparsed: list[str] = []
    for path, text in read_sources(base):
        is_test = _under(path, base.tests)
        module = measure_module(path, text, base.tests if is_test else base.src)
        if module is None:
            unparsed.append(path)
        elif is_test:
            tests.append(module)
        else:
            src[module.name] = module
    eager = {name: resolve(m.eager, src, name) for name, m in src.items()}
    every = {name: eager[name] | resolve(m.lazy, src, name) for name, m in src.items()}
    functions = [f for m in src.values() for f in m.functions]
    public = [f for f in functions if f.public]
    test_functions = [f for m in tests for f in m.functions if f.is_test]
    code = sum(m.code_lines for m in src.values())
    test_code = sum(m.code_lines for m in tests)
    sizes = [m.code_lines for m in src.values() if m.code_lines]
    lengths = [f.length for f in functions]
    parts = by_part(eager)
    return {
        "modules": len(src),
        "code lines": code,
        "module median": _median(sizes),
        "module p95": _p95(sizes),
        "module max": max(sizes, default=0),
        "functions": len(functions),
        "function median": _median(lengths),
        "function p95": _p95(lengths),
        "function max": max(lengths, default=0),
        "functions > 50 lines %": _share(sum(n > LONG for n in lengths), len(lengths)),
        "branches p95": _p95([f.branches for f in functions]),
        "parameters p95": _p95([f.parameters for f in functions]),
        "documented % (all)": _share(sum(f.documented for f in functions), len(functions)),
        "documented % (public)": _share(sum(f.documented for f in public), len(public)),
        "modules documented %": _share(sum(m.documented for m in src.values()), len(src)),
        "annotated %": _share(sum(f.annotated for f in functions), len(functions)),
        "docstring lines / 100 code": _share(sum(m.docstring_lines for m in src.values()), code),
        "comments / 100 code": _share(sum(m.comment_lines for m in src.values()), code),
        "Any / 1000 code": _rate(sum(m.anys for m in src.values()), code),
        "pragmas / 1000 code": _rate(sum(m.pragmas for m in src.values()), code),
        "todos / 1000 code": _rate(sum(m.todos for m in src.values()), code),
        "broad excepts / 1000 code": _rate(sum(m.broad_excepts for m in src.values()), code),
        "exception classes": sum(m.exceptions for m in src.values()),
        "classes": sum(m.classes for m in src.values()),
        "tests / code": round(test_code / code, 2) if code else 0,
        "test functions": len(test_functions),
        "test median": _median([f.length for f in test_functions]),
        "test p95": _p95([f.length for f in test_functions]),
        "junk-drawer modules": sum(_is_junk_drawer(name) for name in src),
        "top-level parts": len(parts),
        "import depth": depth(eager),
        "modules in eager cycles": sum(map(len, cycles(eager))),
        "modules in any cycle": sum(map(len, cycles(every))),
        "parts in eager cycles": sum(map(len, cycles(parts))),
        "unparsed": len(unparsed),
        "_longest": sorted(functions, key=lambda f: -f.length),
        "_largest": sorted(((m.code_lines, n) for n, m in src.items()), reverse=True),
        "_cycles": [sorted(c) for c in cycles(eager)],
        "_part_cycles": [sorted(c) for c in cycles(parts)],
    }


def _median(values: list[int]) -> float:
    return round(statistics.median(values), 1) if values else 0


def _p95(values: list[int]) -> int:
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.95))] if values else 0


def _share(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0


def _rate(part: int, whole: int) -> float:
    return round(1000 * part / whole, 1) if whole else 0


# --- the command -------------------------------------------------------------------


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", type=Path, help="a work tree")
    parser.add_argument("--src", action="append", required=True, help="folder of shipped code")
    parser.add_argument("--tests", action="append", default=[], help="folder of test code")
    parser.add_argument("--skip", action="append", default=[], help="folder to leave out")
    parser.add_argument("--worst", type=int, default=0, help="also list the N longest of each")
    parser.add_argument("--at-most", action="append", default=[], metavar="NAME=N")
    parser.add_argument("--at-least", action="append", default=[], metavar="NAME=N")
    parser.add_argument("--json", action="store_true", help="print JSON, not a table")
    options = parser.parse_args(argv)

    base = CodeBase(options.root, tuple(options.src), tuple(options.tests), tuple(options.skip))
    figures = measure(base)
    shown = {key: value for key, value in figures.items() if not key.startswith("_")}
    table = "\n".join(f"{key:28} {value}" for key, value in shown.items())
    print(json.dumps(shown, indent=2) if options.json else table)
    if options.worst:
        print(worst(figures, options.worst))
    broken = list(past_limits(shown, options))
    print("\n".join(broken), end="\n" if broken else "")
    return 1 if broken else 0


def past_limits(figures: Figures, options: argparse.Namespace) -> Iterator[str]:
    """Yield a line for each figure past a limit named on the command line."""
    for sense, rules in (("at most", options.at_most), ("at least", options.at_least)):
        for rule in rules:
            name, _, limit = rule.rpartition("=")
            if name not in figures:
                sys.exit(f"no figure is named {name!r}; there are: {', '.join(figures)}")
            figure = float(str(figures[name]))
            within = figure <= float(limit) if sense == "at most" else figure >= float(limit)
            if not within:
                yield f"{name} is {figure:g}, {sense} {limit} is allowed"


def worst(figures: Figures, count: int) -> str:
    lines = ["longest functions:"]
    lines += [f"  {f.length:5} {f.where}" for f in figures["_longest"][:count]]
    lines += ["largest modules:"]
    lines += [f"  {size:5} {module}" for size, module in figures["_largest"][:count]]
    lines += [f"eager cycle: {', '.join(c[:count])}" for c in figures["_cycles"][:count]]
    lines += [f"part cycle: {', '.join(c[:count])}" for c in figures["_part_cycles"][:count]]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())

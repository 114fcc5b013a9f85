"""How the house stands: faces past the services, shapes and names that stand twice, long lines,
size.

`python tools/house.py [CHECKOUT] [--gate]`: prints the figures; with `--gate` it ends with 1 where
one that must be 0 is not, and names the places. Tokens are those of `hub/`: Python without comments
and docstrings, SQL without comments; they are printed and never gated.
"""

import argparse
import ast
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

FACES = ("api", "cli", "console")
PAST = "hub.db"
SHIPPED = ("hub", "connectors")
WRITTEN = (*SHIPPED, "sandbox", "deploy", "dags", "tools", "bench", "verifier")
"""Folders of code; among tests, data and names of tests may be longer."""
LONGEST = 100
PRAGMA = re.compile(r"  # (?:noqa|type: ignore)\b.*$")
"""What stands behind a line for tools alone; formatters leave it out too."""
LEAST = 3
"""Fields from which on two classes with the same ones count as one shape that stands twice."""
NO_TOKENS = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}
SQL_COMMENT = re.compile(r"--[^\n]*")
SQL_TOKEN = re.compile(r"\w+|'[^']*'|[^\w\s]")


def modules(hub: Path) -> dict[str, ast.Module]:
    """Every module below `hub/`, by its path."""
    return {
        path.relative_to(hub).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(hub.rglob("*.py"))
    }


def past_services(parsed: dict[str, ast.Module]) -> Iterator[str]:
    """Modules of a face that import the database's."""
    for name, tree in parsed.items():
        if name.split("/")[0] in FACES and any(PAST in one for one in _imported(tree)):
            yield name


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{one.name}" for one in node.names)
        elif isinstance(node, ast.Import):
            yield from (one.name for one in node.names)


def mirrored(parsed: dict[str, ast.Module]) -> Iterator[str]:
    """Classes of a face with the very fields of a dataclass that stands somewhere else in the
    hub.
    """
    below, faces = dict[frozenset[str], str](), list[tuple[str, frozenset[str]]]()
    for name, tree in parsed.items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and len(fields := _fields(node)) >= LEAST:
                if name.split("/")[0] in FACES:
                    faces.append((f"{name}: {node.name}", fields))
                else:
                    below[fields] = f"{name}: {node.name}"
    yield from (f"{place} = {below[fields]}" for place, fields in faces if fields in below)


def _fields(node: ast.ClassDef) -> frozenset[str]:
    return frozenset(
        one.target.id
        for one in node.body
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
    )


def same_names(checkout: Path) -> Iterator[str]:
    """Classes of what is shipped that have the name of a class in another module."""
    found = dict[str, list[str]]()
    for folder in SHIPPED:
        for name, tree in modules(checkout / folder).items():
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef):
                    found.setdefault(node.name, []).append(f"{folder}/{name}")
    for name, places in found.items():
        if len(set(places)) > 1:
            yield f"{name}: {', '.join(places)}"


def long_lines(checkout: Path) -> Iterator[str]:
    """Lines of Python with more than LONGEST characters, a Chinese one counted as one."""
    for folder in WRITTEN:
        for path in sorted((checkout / folder).rglob("*.py")):
            for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
                if len(PRAGMA.sub("", line)) > LONGEST:
                    yield f"{path.relative_to(checkout).as_posix()}:{number}: {len(line)}"


def non_blank(hub: Path) -> int:
    """Lines of `hub/` that are not blank: Python, SQL and the rest that people write."""
    made = {*hub.rglob("schema.sql")}
    files = [*hub.rglob("*.py"), *({*hub.rglob("*.sql")} - made)]
    return sum(
        1 for path in files for line in path.read_text(encoding="utf-8").split("\n") if line.strip()
    )


def tokens(hub: Path) -> int:
    """Tokens of code."""
    python = sum(map(_python_tokens, hub.rglob("*.py")))
    sql = sum(
        len(SQL_TOKEN.findall(SQL_COMMENT.sub("", path.read_text(encoding="utf-8"))))
        for path in hub.rglob("*.sql")
    )
    return python + sql - _generated(hub)


def _generated(hub: Path) -> int:
    """schema.sql is made of the migrations: nobody writes it."""
    made = [*hub.rglob("schema.sql")]
    return sum(
        len(SQL_TOKEN.findall(SQL_COMMENT.sub("", path.read_text(encoding="utf-8"))))
        for path in made
    )


def _python_tokens(path: Path) -> int:
    docs = {
        (first.lineno, first.col_offset)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(body := getattr(node, "body", None), list)
        for first in (_string(one) for one in body if isinstance(one, ast.Expr))
        if first is not None
    }
    with tokenize.open(path) as file:
        found = [
            one for one in tokenize.generate_tokens(file.readline) if one.type not in NO_TOKENS
        ]
    return sum(one.start not in docs for one in found)


def _string(expression: ast.Expr) -> ast.Constant | None:
    value = expression.value
    return value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def main() -> int:
    """Print all; 1 where a figure that is gated is not 0."""
    ask = argparse.ArgumentParser(prog="tools/house.py", description=__doc__)
    ask.add_argument("checkout", nargs="?", type=Path, default=Path())
    ask.add_argument(
        "--gate", action="store_true", help="end with 1 where one that must be 0 is not"
    )
    asked = ask.parse_args()
    hub = asked.checkout / "hub"
    parsed = modules(hub)
    figures = {
        "faces importing db": [*past_services(parsed)],
        "mirrored shapes": [*mirrored(parsed)],
        "class names in two modules": [*same_names(asked.checkout)],
        f"lines over {LONGEST}": [*long_lines(asked.checkout)],
    }
    for figure, places in figures.items():
        print(f"{figure}: {len(places)}")
        print(*(f"  {place}" for place in places), sep="\n", end="\n" if places else "")
    print(f"tokens of code in hub/: {tokens(hub)}")
    print(f"non-blank lines of hub/: {non_blank(hub)}")
    return 1 if asked.gate and any(figures.values()) else 0


if __name__ == "__main__":
    sys.exit(main())

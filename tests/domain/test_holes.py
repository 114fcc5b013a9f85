"""Whoever says a code says every fact that its text has a place for: no sentence has a hole."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from hub.texts import text
from hub.texts.page import codes

NOTED = {"delivery.blocked_by_parent"}
"""Kept with a delivery by its code; said by hub/domain/push_reasons.py with everything that it
wants.
"""

HOME = Path(__file__).parents[2]


def places(code: str) -> set[str]:
    whole = "".join(text(code, lang, sense) for lang in ("zh", "en") for sense in ("", "cure"))
    return {name for _, name, _, _ in Formatter().parse(whole) if name}


def constant(node: ast.AST) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def said(tree: ast.AST) -> Iterator[tuple[str, set[str], int]]:
    """Codes with the facts given to them, where all of those stand in the call."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        known = len(call.args) == 1 and all(one.arg is not None for one in call.keywords)
        if name == "FlowError" and known and (code := constant(call.args[0])):
            yield code, {str(one.arg) for one in call.keywords}, call.lineno
        if name == "Fault" and len(call.args) == 3 and (code := constant(call.args[1])):
            facts = call.args[2]
            if isinstance(facts, ast.Dict) and all(
                key is not None and constant(key) for key in facts.keys
            ):
                yield code, {str(constant(key)) for key in facts.keys if key}, call.lineno


def test_every_place_of_a_text_is_filled_by_whoever_says_it():
    known = {*codes()}
    holes = []
    for folder in ("hub", "connectors"):
        for path in sorted((HOME / folder).rglob("*.py")):
            for code, given, line in said(ast.parse(path.read_text(encoding="utf-8"))):
                if code in known and code not in NOTED and places(code) - given:
                    holes.append(f"{path.name}:{line} {code} {sorted(places(code) - given)}")
    assert "\n".join(holes) == ""

"""Tasks of a stranger (wayfinding.yaml) name places that exist; whether strangers find them, people
have to try.
"""

import ast
from pathlib import Path

import pytest
import yaml

HOME = Path(__file__).resolve().parents[2]
TASKS = yaml.safe_load((HOME / "tests/docs/wayfinding.yaml").read_text(encoding="utf-8"))


def names_of(path: Path) -> set[str]:
    """What a module defines at its top."""
    found = set[str]()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {one.id for one in node.targets if isinstance(one, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
    return found


def test_there_are_fifteen_tasks():
    assert len(TASKS) == 15
    assert all(one["places"] for one in TASKS)


@pytest.mark.parametrize("place", sorted({place for one in TASKS for place in one["places"]}))
def test_the_place_of_a_task_exists(place: str):
    file, _, name = place.partition(":")
    assert (HOME / file).exists()
    assert not name or name in names_of(HOME / file)

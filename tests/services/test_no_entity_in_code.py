"""The engine knows the project and no other entity by its name: what it does with others, schemas
declare.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.filled import HOME

IDS = {path.stem for path in (HOME / "schemas").glob("*.json")} - {"project"}
# What moves records is called a flow all over the hub; the entity of that name is found as a table.
EVERYWHERE = {"flow"}
IN_SQL = re.compile(r"\b(?:golden|source|shown|asserted)\.([a-z_]+)")
# Words that are the name of an entity too, and what they mean here. This list may only get shorter.
MEANT = {
    ("stage", "hub/cli/clocks.py"): "scope of a clock, in words",
    ("stage", "hub/console/pages/limits.py"): "scope of a limit, in words",
    ("stage", "hub/console/project_clocks.py"): "role of a clock",
    ("stage", "hub/db/facts/clocks.py"): "role of a clock",
    ("stage", "hub/db/facts/declared_records.py"): "role of a clock",
    ("stage", "hub/domain/clock.py"): "scope of a limit",
    ("stage", "hub/domain/declarations.py"): "role of a clock",
    ("stage", "hub/domain/declared.py"): "role of a clock",
    ("stage", "hub/domain/facts.py"): "scope of a limit",
    ("stage", "hub/domain/files.py"): "word of mappings/limits/stages.yaml",
    ("stage", "hub/domain/grammar.py"): "role of a clock",
    ("stage", "hub/domain/limits.py"): "scope of a limit",
    ("stage", "hub/domain/pull_mapping.py"): "where in mapping a record failed",
    ("stage", "hub/services/facts.py"): "scope of a clock",
    ("stage", "hub/services/project_timeline.py"): "role of a clock",
    ("clock", "hub/db/facts/__init__.py"): "the view of facts, which the hub computes itself",
    ("clock", "hub/domain/grammar.py"): "kind of contract file",
    ("clock", "hub/domain/isolation.py"): "fault of a machine",
    ("clock", "hub/domain/library.py"): "kind of contract file",
    ("clock", "hub/domain/limits.py"): "kind of contract file",
    ("clock", "hub/domain/declarations.py"): "kind of contract file",
    ("clock", "hub/services/facts.py"): "the facts that are granted, which the hub computes itself",
    ("clock", "hub/services/view.py"): "when something is due",
    ("clock", "hub/services/health.py"): "the machine's time",
    ("clock", "hub/services/machine_health.py"): "the machine's time",
    ("contract", "hub/db/crosschecks/links.py"): "a mapping's version",
    ("contract", "hub/db/landing/remapping.py"): "a mapping's version",
    ("contract", "hub/pipeline/verify/learnt.py"): "a mapping's version",
    ("contract", "hub/pipeline/verify/taken_in.py"): "a mapping's version",
    ("contract", "hub/services/lineage/proof.py"): "a mapping's version",
    ("contract", "hub/services/overview.py"): "contract files",
    ("parcel", "hub/domain/keys.py"): "kind of number (x-identifies)",
    ("acceptance", "hub/db/facts/subjects.py"): "what an indicator judges",
    ("acceptance", "hub/domain/fact_names.py"): "what an indicator judges",
    ("acceptance", "hub/domain/indicator_files.py"): "what an indicator judges",
    ("acceptance", "hub/services/indicator_words.py"): "what an indicator judges",
    ("clock", "hub/db/facts/lights.py"): "the view of facts, which the hub computes itself",
    ("commitment", "hub/db/facts/declared_records.py"): "a fact of items",
    ("commitment", "hub/domain/declarations.py"): "a fact of items",
    ("commitment", "hub/domain/fact_names.py"): "a fact of items",
    ("commitment", "hub/domain/grammar.py"): "a fact of items",
    ("consultation", "hub/db/facts/subjects.py"): "what an indicator judges",
    ("consultation", "hub/domain/fact_names.py"): "what an indicator judges",
    ("consultation", "hub/domain/indicator_files.py"): "what an indicator judges",
    ("consultation", "hub/services/indicator_words.py"): "what an indicator judges",
    ("stage", "hub/api/supervision.py"): "scope of a clock",
    ("stage", "hub/cli/supervising.py"): "scope of a clock",
    ("stage", "hub/console/pages/lights.py"): "scope of a clock",
    ("stage", "hub/db/facts/lights.py"): "scope of a clock",
    ("stage", "hub/db/facts/subjects.py"): "scope of a clock",
    ("stage", "hub/domain/fact_names.py"): "scope of a clock",
    ("stage", "hub/domain/indicator_files.py"): "scope of a clock",
    ("stage", "hub/services/indicator_words.py"): "scope of a clock",
    ("stage", "hub/services/lights.py"): "scope of a clock",
}


def texts(path: Path) -> Iterator[str]:
    """The texts of a module that are no documentation."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}
    for one in ast.walk(tree):
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and id(one) not in told:
            yield one.value


def named(text: str) -> set[str]:
    """The entities that a text names: by itself, or as a table."""
    return ({text} - EVERYWHERE | set(IN_SQL.findall(text))) & IDS


def test_the_walk_finds_a_name_and_a_table(tmp_path: Path):
    module = tmp_path / "module.py"
    module.write_text(
        '"""parcel"""\nA = ["parcel", f"from golden.material {1}"]\n', encoding="utf-8"
    )
    assert {name for text in texts(module) for name in named(text)} == {"parcel", "material"}


def test_no_entity_but_the_project_is_named_in_code():
    found = set()
    for path in sorted((HOME / "hub").rglob("*.py")):
        place = path.relative_to(HOME).as_posix()
        if "/migrations/" not in place:
            found |= {(name, place) for text in texts(path) for name in named(text)}
    assert found - MEANT.keys() == set()
    assert MEANT.keys() - found == set(), "take these out of the list"

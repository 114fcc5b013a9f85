import re
from pathlib import Path

from hub.config import connector_schemas, contract_files
from hub.domain.grammar import GRAMMARS
from hub.domain.load import load

HOME = Path(__file__).parents[2]
JSON_SCHEMA = {"$schema", "description", "properties"}
EXAMPLE = re.compile(r"```yaml\n# (mappings/\S+)\n(.*?)```", re.DOTALL)


def test_the_examples_of_the_manual_are_sound_contracts():
    examples = dict(EXAMPLE.findall((HOME / "docs" / "contracts.md").read_text(encoding="utf-8")))
    assert len(examples) == 12
    contracts = load({**contract_files(HOME), **examples}, connector_schemas(), year=2026)
    assert contracts.pulls["pull.investment.project"].mapper.trace("name") == ("xmmc", "gcmc")


def test_every_word_of_the_grammar_is_in_the_manual():
    manual = (HOME / "docs" / "contracts.md").read_text(encoding="utf-8")
    words = {word for grammar in GRAMMARS.values() for word in grammar["properties"]}
    assert (
        sorted(
            word
            for word in words - JSON_SCHEMA
            if f"`{word}" not in manual and f"\n{word}:" not in manual
        )
        == []
    )

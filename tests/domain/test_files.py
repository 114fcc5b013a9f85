"""What the grammar of a contract file takes, its model reads."""

import copy
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from hub.config import contract_files
from hub.domain.documents import read
from hub.domain.files import (
    ClockFile,
    CodesFile,
    ContractModel,
    FormFile,
    LimitsFile,
    ScenarioFile,
    StagesFile,
    SystemFile,
    TranslationFile,
    grammar_of,
)
from hub.domain.library import place_of
from hub.domain.schemas import compiled

HOME = Path(__file__).parents[2]
MODELS: dict[str, type[ContractModel]] = {
    "clock": ClockFile,
    "codes": CodesFile,
    "form": FormFile,
    "limits": LimitsFile,
    "scenario": ScenarioFile,
    "stages": StagesFile,
    "system": SystemFile,
    "translation": TranslationFile,
}
JUNK = (
    None,
    "",
    0,
    -1,
    1.25,
    True,
    [],
    {},
    "x y",
    "2025-02-30",
    [1],
    {"a": 1},
    "in_force",
    "answer",
    ["a", ""],
)
WORDS = ("nonsense", "from", "where", "pick", "classes", "of", "project", "stage", "turn")


def places(said: object, at: tuple = ()) -> Iterator[tuple]:
    inside = (
        said.items()
        if isinstance(said, dict)
        else enumerate(said)
        if isinstance(said, list)
        else ()
    )
    for step, value in inside:
        yield (*at, step)
        yield from places(value, (*at, step))


def changed(said: object, chance: random.Random) -> object:
    """A file with one place taken out, put wrong, or given a word more."""
    made = copy.deepcopy(said)
    *steps, last = chance.choice(list(places(made)))
    node = made
    for step in steps:
        node = node[step]
    match chance.randrange(3):
        case 0:
            del node[last]
        case 1:
            node[last] = copy.deepcopy(chance.choice(JUNK))
        case _ if isinstance(node, dict):
            node[chance.choice(WORDS)] = copy.deepcopy(chance.choice(JUNK))
    return made


@pytest.mark.parametrize("kind", sorted(MODELS))
def test_the_grammar_and_the_model_take_the_same_files(kind: str):
    # draws
    grammar, model, chance = compiled(grammar_of(MODELS[kind])), MODELS[kind], random.Random(5)  # noqa: S311
    seen = set()
    for path, text in contract_files(HOME).items():
        if place_of(path).kind != kind:
            continue
        for _ in range(40):
            said = changed(read(path, text).value, chance)
            sound = grammar.is_valid(said)
            seen.add(sound)
            if sound:
                try:
                    model.model_validate(said)
                except ValidationError as error:
                    pytest.fail(f"{path}: {error}")
    assert seen == {True, False}

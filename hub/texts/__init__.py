"""What every code says to people, Chinese first: the fact and the cure. `docs/errors.md` is made from these tables.

A text's places are filled from the error's facts; facts that no place names are added at the end, so that none is lost.
Facts that are words themselves come in both languages, as <name>_zh and <name>_en. The fact `hint`, which names are
known and which comes nearest, follows the sentence of any code.
"""

from collections.abc import Mapping
from string import Formatter
from typing import Literal, TypeAlias

from hub.texts.airflow import AIRFLOW
from hub.texts.asking import ASKING
from hub.texts.auditing import AUDITING
from hub.texts.contracts import CONTRACTS
from hub.texts.database import DATABASE
from hub.texts.deliveries import DELIVERIES
from hub.texts.disputing import DISPUTING
from hub.texts.door import DOOR
from hub.texts.files import FILES
from hub.texts.flows import FLOWS
from hub.texts.granting import GRANTING
from hub.texts.health import HEALTH
from hub.texts.records import RECORDS
from hub.texts.running import RUNNING
from hub.texts.systems import SYSTEMS
from hub.texts.text import Text
from hub.texts.visible import visible

TEXTS: Mapping[str, Text] = {
    **RECORDS,
    **SYSTEMS,
    **FILES,
    **FLOWS,
    **DELIVERIES,
    **RUNNING,
    **DATABASE,
    **HEALTH,
    **CONTRACTS,
    **ASKING,
    **DOOR,
    **AUDITING,
    **DISPUTING,
    **GRANTING,
    **AIRFLOW,
}


class _Places(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "…"


Language: TypeAlias = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def say(code: str, facts: Mapping[str, str], lang: Language = "zh") -> str:
    """The sentence for a code with its facts."""
    text, facts = TEXTS[code].zh if lang == "zh" else TEXTS[code].en, _visible(facts)
    places = {name for _, name, _, _ in Formatter().parse(text) if name}
    other = "_en" if lang == "zh" else "_zh"
    said_elsewhere = (
        {name for name in facts if name.endswith(other)} | places | _words_of_the_cure(code, lang)
    )
    hint = "" if f"hint_{lang}" in places else facts.get(f"hint_{lang}", "")
    said_elsewhere.add(f"hint_{lang}")
    rest = ", ".join(
        f"{name}={value}" for name, value in facts.items() if name not in said_elsewhere
    )
    said = text.format_map(_Places(facts)) + hint
    if not rest:
        return said
    return f"{said}（{rest}）" if lang == "zh" else f"{said} ({rest})"


def _words_of_the_cure(code: str, lang: Language) -> set[str]:
    """Facts that are words and that the cure says: they would only be repeated behind the sentence."""
    text = TEXTS[code].cure_zh if lang == "zh" else TEXTS[code].cure_en
    return {name for _, name, _, _ in Formatter().parse(text) if name and name.endswith(f"_{lang}")}


def cure(code: str, facts: Mapping[str, str], lang: Language = "zh") -> str:
    """What to do about it."""
    text = TEXTS[code].cure_zh if lang == "zh" else TEXTS[code].cure_en
    return text.format_map(_Places(_visible(facts)))


def _visible(facts: Mapping[str, str]) -> dict[str, str]:
    """Facts quote what others wrote: none of it may steer a terminal, or begin a line of its own."""
    return {name: visible(said) for name, said in facts.items()}

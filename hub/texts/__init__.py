"""Texts for people in their language (i18n): of the catalogue, with their places filled; makes
`docs/errors.md`.

A text's places are filled from the error's facts; facts that no place names are added at the end,
so that none is lost. Facts that are words themselves come in every language, as <name>_zh and
<name>_en. The fact `hint`, which names are known and which comes nearest, follows the sentence of
any code.
"""

import re
from collections.abc import Mapping
from string import Formatter
from typing import TypeAlias

from hub.texts.catalogue import LANGUAGES, known, text
from hub.texts.visible import visible

__all__ = [
    "LANGUAGES",
    "SIDE_BY_SIDE",
    "Language",
    "Words",
    "bilingual",
    "both",
    "cure",
    "in_one_language",
    "known",
    "reason",
    "say",
    "tell",
    "text",
    "word",
]

Language: TypeAlias = str
"""A folder of hub/locale."""

Words: TypeAlias = tuple[str, str]
"""One text in Chinese and English, as answers carry it."""

SIDE_BY_SIDE = " / "
"""What parts the Chinese from the English where one text has both."""


class _Places(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "…"


_HAN = re.compile(r"[\u3400-\u9fff]")
_REASONS = frozenset({"why", "detail", "option", "text"})
"""Facts that may be a text of ours in both languages, as what has one place keeps them."""


def in_one_language(said: str, lang: Language) -> str:
    """The half of a text in both languages (`Chinese / English`); any other text as it is.

    What stands before both halves (`HUB_CONN_EIA: `) stays before either.
    """
    zh, _, en = said.partition(SIDE_BY_SIDE)
    first = _HAN.search(zh)
    if first is None or not (en[:1].isascii() and en[:1].isalpha()) or _HAN.search(en):
        return said
    before = zh[: first.start()]
    before = before if before.endswith(": ") else ""
    return {"zh": zh, "en": before + en}.get(lang, said)


def say(code: str, facts: Mapping[str, str], lang: Language = "zh") -> str:
    """The sentence for a code with its facts."""
    said, facts = text(code, lang), _visible(facts, lang)
    places = _places(said)
    elsewhere = tuple(f"_{one}" for one in LANGUAGES if one != lang)
    said_elsewhere = (
        {name for name in facts if name.endswith(elsewhere)}
        | places
        | _words_of_the_cure(code, lang)
    )
    hint = "" if f"hint_{lang}" in places else facts.get(f"hint_{lang}", "")
    said_elsewhere.add(f"hint_{lang}")
    rest = ", ".join(
        f"{name}={value}" for name, value in facts.items() if name not in said_elsewhere
    )
    said = said.format_map(_Places(facts)) + hint
    if not rest:
        return said
    return f"{said}（{rest}）" if lang == "zh" else f"{said} ({rest})"


def cure(code: str, facts: Mapping[str, str], lang: Language = "zh") -> str:
    """What to do about it."""
    return text(code, lang, "cure").format_map(_Places(_visible(facts, lang)))


def tell(name: str, lang: Language, /, **facts: object) -> str:
    """A text by its Chinese, which may name its sense behind a bar (`自|since`), with its places
    filled.
    """
    plain, _, sense = name.partition("|")
    return text(plain, lang, sense).format_map(facts)


def both(name: str, /, **facts: object) -> Words:
    """A text in Chinese and English."""
    return tell(name, "zh", **facts), tell(name, "en", **facts)


def bilingual(name: str, joint: str = SIDE_BY_SIDE, /, **facts: object) -> str:
    """A text in Chinese and, behind it, in English, for what has one place for both."""
    return joint.join(both(name, **facts))


def reason(name: str, /, **facts: object) -> dict[str, str]:
    """A text that says why something is wrong, as the facts `why_zh` and `why_en` of an error."""
    zh, en = both(name, **facts)
    return {"why_zh": zh, "why_en": en}


def word(name: str, lang: Language) -> str:
    """An outcome, state or kind in words; itself where nobody has said any."""
    return text(name, lang, "word")


def outcome(name: str, counts: Mapping[str, int], lang: Language) -> str:
    """An outcome of these counts in words: of files, `held` means that they are in the store."""
    of_files = "wanted" in counts and name != "wanted"
    return word(f"file_{name}" if of_files else name, lang)


def _places(said: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(said) if name}


def _words_of_the_cure(code: str, lang: Language) -> set[str]:
    """Facts that are words and that the cure says: they would only be repeated behind the
    sentence.
    """
    return {name for name in _places(text(code, lang, "cure")) if name.endswith(f"_{lang}")}


def _visible(facts: Mapping[str, str], lang: Language) -> dict[str, str]:
    """Facts quote what others wrote: none of it may steer a terminal, or begin a line of its
    own.
    """
    return {
        name: visible(in_one_language(said, lang) if name in _REASONS else said)
        for name, said in facts.items()
    }

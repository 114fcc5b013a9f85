"""One text for people, in both languages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """What is the matter, and what to do about it. Places are filled from the error's facts."""

    zh: str
    en: str
    cure_zh: str
    cure_en: str
